#include "checkpoint/tensor_reader.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "checkpoint/limits.h"
#include "formats/pickle/pickle_globals.h"
#include "tensor/limits.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using base::ShapeText;
using base::SizeText;
using formats::pickle::Describe;
using formats::pickle::GlobalKind;
using formats::pickle::KnownGlobal;
using formats::pickle::Value;
using formats::pickle::ValueKind;
using tensor::DType;
using tensor::ElementSize;
using tensor::Shape;

constexpr const char* kDamagedHint = "the file is damaged: download or save it again";

[[noreturn]] void Fail(const std::string& what) { throw CheckpointError(what, kDamagedHint); }

const KnownGlobal* Callable(const Value& value) {
  const Value* global = formats::pickle::ObjectGlobal(value);
  return global == nullptr ? nullptr : global->known;
}

std::vector<std::int64_t> ReadExtents(const Value& value, const char* what) {
  if (!value.is_sequence()) Fail(std::string("its ") + what + " is " + Describe(value));
  if (value.items.size() > tensor::kMaxRank) {
    Fail("it has " + std::to_string(value.items.size()) + " dimensions; at most " +
         std::to_string(tensor::kMaxRank) + " are supported");
  }
  std::vector<std::int64_t> extents;
  for (const Value* item : value.items) {
    if (!item->is_int()) Fail(std::string("its ") + what + " holds " + Describe(*item));
    if (item->integer < 0) {
      Fail(std::string("its ") + what + " holds " + std::to_string(item->integer));
    }
    extents.push_back(item->integer);
  }
  return extents;
}

// The number of elements; refuses shapes whose bytes cannot be counted in 63 bits. An extent of 0
// does not excuse the others: whoever multiplies them in another order must not overflow either.
std::int64_t CountElements(const Shape& shape, DType dtype) {
  auto bytes = static_cast<std::int64_t>(ElementSize(dtype));
  bool empty = false;
  for (const std::int64_t extent : shape) {
    empty = empty || extent == 0;
    if (__builtin_mul_overflow(bytes, std::max<std::int64_t>(extent, 1), &bytes)) {
      Fail("its shape " + ShapeText(shape) + " is too large");
    }
  }
  return empty ? 0 : bytes / static_cast<std::int64_t>(ElementSize(dtype));
}

// One past the last element that a non-empty view reaches; nullopt when that overflows.
std::optional<std::int64_t> EndOfView(std::int64_t offset, const Shape& shape,
                                      const std::vector<std::int64_t>& strides) {
  std::int64_t last = offset;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    std::int64_t span = 0;
    if (__builtin_mul_overflow(shape[i] - 1, strides[i], &span) ||
        __builtin_add_overflow(last, span, &last)) {
      return std::nullopt;
    }
  }
  if (last == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return last + 1;
}

bool HasTrueFlag(const Value& metadata) {
  const auto items = formats::pickle::DictItems(metadata);
  // Many tensors may share one dict.
  if (items.size() / 2 > kMaxTensorFlags) {
    Fail("it has " + std::to_string(items.size() / 2) + " flags; at most " +
         std::to_string(kMaxTensorFlags) + " are supported");
  }
  for (std::size_t i = 1; i < items.size(); i += 2) {
    if (items[i]->kind == ValueKind::kBool && items[i]->integer != 0) return true;
  }
  return false;
}

TensorOrProblem Problem(std::string what) { return {tensor::Tensor(), nullptr, std::move(what)}; }

}  // namespace

bool IsTensor(const Value& value) {
  const KnownGlobal* callable = Callable(value);
  if (callable == nullptr) return false;
  switch (callable->kind) {
    case GlobalKind::kRebuildTensor:
    case GlobalKind::kRebuildTensorV3:
    case GlobalKind::kRebuildParameter:
    case GlobalKind::kRebuildFromType:
    case GlobalKind::kUnsupportedTensor:
      return true;
    default:
      return false;
  }
}

// ('storage', class, key, location, elements) and, in the legacy format, view metadata.
std::optional<StorageId> ReadStorageId(const Value& value, std::string& problem) {
  if (value.kind != ValueKind::kPersistent) Fail("its storage is " + Describe(value));
  const Value& id = *value.items[0];
  const bool well_formed = id.kind == ValueKind::kTuple &&
                           (id.items.size() == 5 || id.items.size() == 6) &&
                           id.items[0]->is_text() && id.items[0]->text == "storage" &&
                           id.items[1]->kind == ValueKind::kGlobal && id.items[2]->is_text() &&
                           id.items[2]->text.size() <= kMaxStorageKeyLength &&
                           id.items[4]->is_int() && id.items[4]->integer >= 0;
  if (!well_formed) Fail("its storage has no well-formed id");
  if (id.items.size() == 6 && id.items[5]->kind != ValueKind::kNone) {
    Fail("its storage is a view of another one, which torch has not written since version 0.4");
  }
  const KnownGlobal* storage_class = id.items[1]->known;
  if (storage_class == nullptr || storage_class->kind != GlobalKind::kStorage) {
    problem = "a tensor of the unknown storage class " + Quote(id.items[1]->text);
    return std::nullopt;
  }
  if (!storage_class->dtype) {
    problem = storage_class->what;
    return std::nullopt;
  }
  return StorageId{id.items[2]->text, *storage_class->dtype, id.items[4]->integer};
}

TensorOrProblem TensorReader::Read(const Value& value) {
  // A parameter wraps a tensor, a tensor of a Python class wraps a function and its arguments.
  const Value* at = &value;
  constexpr int kMaxWrappers = 4;
  for (int i = 0; i < kMaxWrappers; ++i) {
    const KnownGlobal* callable = Callable(*at);
    if (callable == nullptr) return Problem(Describe(*at) + ", not a tensor");
    const std::vector<Value*>& arguments = at->items[1]->items;
    switch (callable->kind) {
      case GlobalKind::kRebuildTensor:
        return ReadRebuilt(*at->items[1], std::nullopt);
      case GlobalKind::kRebuildTensorV3: {
        const bool has_dtype = arguments.size() >= 7 && arguments[6]->kind == ValueKind::kGlobal;
        if (!has_dtype) Fail("its description has no element type");
        const KnownGlobal* dtype = arguments[6]->known;
        if (dtype == nullptr || dtype->kind != GlobalKind::kDType) {
          return Problem("a tensor of element type " + Quote(arguments[6]->text));
        }
        return ReadRebuilt(*at->items[1], dtype->dtype);
      }
      case GlobalKind::kRebuildParameter:
        if (arguments.empty()) Fail("a parameter without a tensor");
        at = arguments[0];
        break;
      case GlobalKind::kRebuildFromType: {
        const bool well_formed = arguments.size() >= 3 &&
                                 arguments[0]->kind == ValueKind::kGlobal &&
                                 arguments[2]->kind == ValueKind::kTuple;
        if (!well_formed) Fail("its description is malformed");
        const KnownGlobal* function = arguments[0]->known;
        if (function == nullptr || function->kind != GlobalKind::kRebuildTensor) {
          return Problem("a tensor made by " + Quote(arguments[0]->text));
        }
        return ReadRebuilt(*arguments[2], std::nullopt);
      }
      case GlobalKind::kUnsupportedTensor:
        return Problem(std::string(callable->what));
      default:
        return Problem(Describe(*at) + ", not a tensor");
    }
  }
  Fail("parameters inside parameters");
}

// (storage, offset, size, stride, requires_grad, hooks, [dtype,] [metadata])
TensorOrProblem TensorReader::ReadRebuilt(const Value& arguments, std::optional<DType> dtype) {
  const std::vector<Value*>& items = arguments.items;
  if (items.size() < 4) Fail("its description has " + std::to_string(items.size()) + " arguments");
  std::string problem;
  const auto id = ReadStorageId(*items[0], problem);
  if (!id) return Problem(problem);
  const std::size_t metadata_at = dtype ? 7 : 6;
  if (items.size() > metadata_at && HasTrueFlag(*items[metadata_at])) {
    return Problem("a tensor saved as the negative or conjugate of another");
  }
  if (!items[1]->is_int() || items[1]->integer < 0) Fail("its offset is no number from 0 on");
  const std::int64_t offset = items[1]->integer;
  const Shape shape = ReadExtents(*items[2], "shape");
  const std::vector<std::int64_t> strides = ReadExtents(*items[3], "stride");
  if (shape.size() != strides.size()) {
    Fail("its shape has " + std::to_string(shape.size()) + " dimensions, its stride " +
         std::to_string(strides.size()));
  }
  const DType element = dtype.value_or(id->dtype);
  const std::int64_t count = CountElements(shape, element);
  const std::shared_ptr<Storage> storage = Load(*id);
  const auto capacity = static_cast<std::int64_t>(storage->bytes().size() / ElementSize(element));
  if (count > 0) {
    const auto end = EndOfView(offset, shape, strides);
    if (!end || *end > capacity) {
      Fail("shape " + ShapeText(shape) + ", stride " + ShapeText(strides) + " and offset " +
           std::to_string(offset) + " reach outside " + storage->name() + " of " +
           std::to_string(capacity) + " elements");
    }
    const auto bytes = static_cast<std::uint64_t>(count) * ElementSize(element);
    if (count > capacity && bytes > kMaxExpandedBytes) {
      Fail("shape " + ShapeText(shape) + " repeats the " + std::to_string(capacity) +
           " elements of " + storage->name() + " to " + SizeText(bytes));
    }
    viewed_bytes_ +=
        bytes;  // cannot overflow: a tensor has at most kMaxExpandedBytes or the file's
  }
  const std::byte* data = storage->bytes().data();
  if (count > 0) data += static_cast<std::size_t>(offset) * ElementSize(element);
  return {tensor::Tensor(element, shape, strides, storage->owner(), data), storage, {}};
}

void TensorReader::CheckSharing() const {
  if (viewed_bytes_ <= kMaxSharing * stored_bytes_ + kMaxExpandedBytes) return;
  throw CheckpointError(
      "the tensors have " + SizeText(viewed_bytes_) + " in all, but the file holds only " +
          SizeText(stored_bytes_) + " of data for them",
      "no checkpoint repeats its weights as often: the file is not what it seems to be");
}

std::shared_ptr<Storage> TensorReader::Load(const StorageId& id) {
  auto& storage = storages_[id.key];
  if (storage == nullptr) {
    storage = loader_(id);
    stored_bytes_ += storage->bytes().size();
  }
  if (storage->dtype() != id.dtype) {
    Fail(storage->name() + " is said to hold both " +
         std::string(tensor::DTypeName(storage->dtype())) + " and " +
         std::string(tensor::DTypeName(id.dtype)));
  }
  const auto elements = static_cast<std::int64_t>(storage->bytes().size() / ElementSize(id.dtype));
  if (elements != id.elements) {
    Fail(storage->name() + " is said to hold both " + std::to_string(elements) + " and " +
         std::to_string(id.elements) + " elements");
  }
  return storage;
}

}  // namespace yoloport::checkpoint
