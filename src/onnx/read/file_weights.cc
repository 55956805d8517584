#include "onnx/read/file_weights.h"

#include <filesystem>
#include <string>
#include <utility>

#include "base/text.h"
#include "onnx/read/elements.h"
#include "onnx/read/refusal.h"

namespace yoloport::onnx::read {
namespace {

namespace fs = std::filesystem;
using base::Quote;
using graph::Graph;
using tensor::DType;
using tensor::Tensor;
using wire::OnnxTensor;

std::string NameOf(const OnnxTensor& header) { return "the tensor " + Quote(header.name); }

std::string NameOf(const OnnxTensor& header, DType dtype) {
  return NameOf(header) + ", " + std::string(tensor::DTypeName(dtype)) + " of shape " +
         base::ShapeText(header.dims);
}

}  // namespace

std::optional<Tensor> FileWeights::View(const OnnxTensor& header, DType dtype,
                                        std::string_view message) {
  const auto bytes = BytesOf(dtype, header.dims);
  if (!bytes) {
    RefuseFile(*file(),
               NameOf(header) + " has the impossible shape " + base::ShapeText(header.dims));
  }
  wire::ExternalData external;
  RequireWhole(*file(), wire::ReadExternalData(message, external), "tensor");
  if (external.used) return ExternalView(header, dtype, external, *bytes);
  if (header.raw.empty() && *bytes > 0) {
    RequireTypedElements(header, dtype, message, *bytes);
    return std::nullopt;
  }
  if (header.raw.size() != *bytes) {
    RefuseFile(*file(), NameOf(header, dtype) + ", has " + std::to_string(header.raw.size()) +
                            " bytes of elements; expected " + std::to_string(*bytes));
  }
  return Tensor(dtype, header.dims, file(), reinterpret_cast<const std::byte*>(header.raw.data()));
}

void FileWeights::RequireTypedElements(const OnnxTensor& header, DType dtype,
                                       std::string_view message, std::uint64_t bytes) const {
  const auto count = CountTypedElements(message, dtype);
  RequireWhole(*file(), count.has_value(), "list of elements");
  const std::uint64_t expected = bytes / tensor::ElementSize(dtype);
  if (*count == expected) return;
  RefuseFile(*file(), NameOf(header, dtype) + ", has " + std::to_string(*count) +
                          " elements; expected " + std::to_string(expected));
}

// CheckOnnxStructure() has seen that the place is in the file's own folder.
Tensor FileWeights::ExternalView(const OnnxTensor& header, DType dtype,
                                 const wire::ExternalData& external, std::uint64_t bytes) {
  if (!external.given) RefuseFile(*file(), NameOf(header) + " lies in a file without a name");
  auto& data = data_files_[external.location];
  if (data == nullptr) {
    const fs::path folder = fs::absolute(file()->path()).parent_path();
    data = base::MappedFile::Open(folder / fs::path(external.location));
    sources_.push_back(data);
  }
  const auto range = wire::RangeOf(external, data->bytes().size());
  const std::uint64_t length = range ? range->length : 0;
  const bool fits = external.length.empty() ? length >= bytes : length == bytes;
  if (!range || !fits) {
    RefuseFile(*file(), NameOf(header) + " lies in " + Quote(external.location) + ", which has " +
                            std::to_string(length) + " bytes for it; expected " +
                            std::to_string(bytes));
  }
  return Tensor(dtype, header.dims, data, data->bytes().data() + range->offset);
}

Graph::ValueData FileWeights::Constant(const OnnxTensor& header, std::string_view message,
                                       bool is_inline) {
  Graph::ValueData value;
  if (!wire::FromOnnxType(header.type, value.dtype)) {
    References references;
    AddReferencesOfTensor(message, references);
    RefuseExternal(*file(), references,
                   "the weight " + Quote(header.name) + " of type " + std::to_string(header.type));
    value.has_dtype = value.has_shape = false;
    value.constant = graph::Raw{message};
    return value;
  }
  graph::LazyTensor lazy{value.dtype, header.dims, {}, is_inline};
  if (const auto view = View(header, value.dtype, message)) {
    lazy.make = [tensor = *view] { return tensor; };
  } else {
    lazy.make = [owner = file(), message, dtype = value.dtype, dims = header.dims] {
      return DecodeTypedElements(message, dtype, dims);
    };
  }
  const auto bytes = static_cast<std::uint64_t>(tensor::ElementCount(header.dims)) *
                     tensor::ElementSize(lazy.dtype);
  value.shape = header.dims;
  value.has_given_name = true;
  if (is_inline && bytes <= kMostHeldBytes) {
    value.constant = lazy.make().Dense();
  } else {
    value.constant = std::move(lazy);
  }
  return value;
}

}  // namespace yoloport::onnx::read
