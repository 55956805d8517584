#include "formats/safetensors/safetensors.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "base/byte_reader.h"
#include "base/text.h"
#include "formats/safetensors/limits.h"
#include "tensor/limits.h"
#include "yoloport/error.h"

namespace yoloport::formats::safetensors {
namespace {

using base::Quote;
using tensor::DType;

constexpr const char* kDamagedHint = "the file is damaged: download or save it again";
constexpr const char* kIncompleteHint = "the file is incomplete: download or copy it again";
constexpr std::string_view kMetadataKey = "__metadata__";

[[noreturn]] void Fail(const std::string& what, const char* hint = kDamagedHint) {
  throw CheckpointError("safetensors header: " + what, hint);
}

[[noreturn]] void FailTwice(std::string_view key) {
  Fail("the key " + Quote(key) + " stands twice");
}

struct DTypeRow {
  std::string_view name;
  DType dtype;
};

constexpr auto kDTypes = std::to_array<DTypeRow>({
    {"F32", DType::kFloat32},
    {"F64", DType::kFloat64},
    {"F16", DType::kFloat16},
    {"BF16", DType::kBFloat16},
    {"I8", DType::kInt8},
    {"I16", DType::kInt16},
    {"I32", DType::kInt32},
    {"I64", DType::kInt64},
    {"U8", DType::kUInt8},
    {"U16", DType::kUInt16},
    {"U32", DType::kUInt32},
    {"U64", DType::kUInt64},
    {"BOOL", DType::kBool},
});

// The tensor that the header is describing.
struct Entry {
  std::string key;
  std::string dtype;
  std::optional<tensor::Shape> shape;
  std::optional<std::vector<std::int64_t>> offsets;
};

// Where a tensor's bytes are, from the end of the header on.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::size_t tensor = 0;  // its index
};

// The bytes that a shape needs; refuses what cannot be counted.
std::int64_t ByteSize(const Entry& entry, DType dtype) {
  auto bytes = static_cast<std::int64_t>(tensor::ElementSize(dtype));
  bool empty = false;
  for (const std::int64_t extent : *entry.shape) {
    empty = empty || extent == 0;
    if (__builtin_mul_overflow(bytes, std::max<std::int64_t>(extent, 1), &bytes)) {
      Fail("tensor " + Quote(entry.key) + ": its shape " + base::ShapeText(*entry.shape) +
           " is too large");
    }
  }
  return empty ? 0 : bytes;
}

// Refuses what lacks a field or lies outside of `data_size` bytes.
Range RangeOf(const Entry& entry, std::size_t data_size, std::size_t tensor) {
  const std::string place = "tensor " + Quote(entry.key) + ": ";
  if (!entry.shape || !entry.offsets || entry.offsets->size() != 2 || entry.dtype.empty()) {
    Fail(place + "dtype, shape or data_offsets are missing");
  }
  const std::int64_t begin = (*entry.offsets)[0];
  const std::int64_t end = (*entry.offsets)[1];
  if (begin > end) Fail(place + "its data ends before it begins");
  if (static_cast<std::uint64_t>(end) > data_size) {
    Fail(
        place + "its data ends at byte " + std::to_string(end) + " of " + std::to_string(data_size),
        kIncompleteHint);
  }
  return {begin, end, tensor};
}

SafetensorsEntry MakeEntry(const Entry& entry, std::span<const std::byte> bytes) {
  const auto row = std::find_if(kDTypes.begin(), kDTypes.end(),
                                [&](const DTypeRow& each) { return each.name == entry.dtype; });
  if (row == kDTypes.end()) return {entry.key, entry.dtype, std::nullopt, *entry.shape, bytes};
  const std::int64_t needed = ByteSize(entry, row->dtype);
  if (static_cast<std::uint64_t>(needed) != bytes.size()) {
    Fail("tensor " + Quote(entry.key) + ": " + std::to_string(bytes.size()) +
         " bytes where shape " + base::ShapeText(*entry.shape) + " of " +
         std::string(tensor::DTypeName(row->dtype)) + " needs " + std::to_string(needed));
  }
  return {entry.key, entry.dtype, row->dtype, *entry.shape, bytes};
}

// Takes the header's events one by one, and makes each tensor when its description ends. A tree of
// JSON values would cost fifty times the bytes of a header that is all brackets; and it would not
// show keys that stand twice.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(std::span<const std::byte> data) : data_(data) {}

  SafetensorsFile result;
  std::vector<Range> ranges;  // of the tensors, in their order

  bool start_object(std::size_t) override {
    if (depth_ == 2 || in_array_) FailAt("an object");
    ++depth_;
    return true;
  }
  bool end_object() override {
    if (depth_ == 2 && !in_metadata()) {
      const Range range = RangeOf(entry_, data_.size(), ranges.size());
      const auto bytes = data_.subspan(static_cast<std::size_t>(range.begin),
                                       static_cast<std::size_t>(range.end - range.begin));
      ranges.push_back(range);
      result.tensors.push_back(MakeEntry(entry_, bytes));
    }
    --depth_;
    return true;
  }
  bool key(string_t& key) override {
    if (depth_ == 2) {
      field_ = key;
      return true;
    }
    entry_ = {};
    entry_.key = key;
    if (in_metadata() && std::exchange(has_metadata_, true)) FailTwice(key);
    return true;
  }
  bool start_array(std::size_t) override {
    numbers_.clear();
    if (depth_ != 2 || in_array_ || in_metadata()) FailAt("a list");
    in_array_ = true;
    return true;
  }
  bool end_array() override {
    in_array_ = false;
    auto& target = field_ == "shape" ? entry_.shape : entry_.offsets;
    if (field_ != "shape" && field_ != "data_offsets") FailAt("a list");
    if (target) FailAt("a second " + field_);
    target = numbers_;
    return true;
  }
  bool string(string_t& text) override {
    if (depth_ == 2 && in_metadata()) {
      TakeMetadata(text);
    } else if (depth_ == 2 && !in_array_ && field_ == "dtype" && entry_.dtype.empty()) {
      entry_.dtype = text;
    } else {
      FailAt("a string");
    }
    return true;
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (!in_array_ || number > static_cast<std::uint64_t>(INT64_MAX)) FailAt("a number");
    if (numbers_.size() >= tensor::kMaxRank) {
      Fail("tensor " + Quote(entry_.key) + " has more than " + std::to_string(tensor::kMaxRank) +
           " dimensions");
    }
    numbers_.push_back(static_cast<std::int64_t>(number));
    return true;
  }
  bool number_integer(number_integer_t number) override {
    FailAt("the number " + std::to_string(number));
  }
  bool number_float(number_float_t, const string_t&) override { FailAt("a number"); }
  bool null() override { FailAt("null"); }
  bool boolean(bool) override { FailAt("a bool"); }
  bool binary(binary_t&) override { FailAt("binary data"); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    constexpr std::size_t kHeaderAt = 8;
    Fail("no well-formed JSON at byte " + std::to_string(kHeaderAt + position));
  }

 private:
  bool in_metadata() const { return entry_.key == kMetadataKey; }

  // safetensors has no place for MMEngine's meta but a list of texts: these two names are ours to
  // choose, and the first of them counts. The other texts are not kept.
  void TakeMetadata(const std::string& text) {
    if (field_ != "cfg" && field_ != "config") return;
    bool& has_this = field_ == "cfg" ? has_cfg_ : has_config_;
    if (std::exchange(has_this, true)) FailAt("a second " + field_);
    if (field_ == "cfg" || !has_cfg_) result.config_text = text;
  }

  [[noreturn]] void FailAt(const std::string& what) const {
    Fail("did not expect " + what + " under " + Quote(entry_.key));
  }

  std::span<const std::byte> data_;
  int depth_ = 0;  // 1: in the header's object; 2: in a tensor's, or in __metadata__
  bool in_array_ = false;
  bool has_metadata_ = false;
  bool has_cfg_ = false;
  bool has_config_ = false;
  Entry entry_;  // of the key in the header's object
  std::string field_;
  std::vector<std::int64_t> numbers_;
};

// Sorted and compared, which takes less memory than a set of all keys.
void RefuseDuplicates(const std::vector<SafetensorsEntry>& tensors) {
  std::vector<const std::string*> keys;
  keys.reserve(tensors.size());
  for (const SafetensorsEntry& tensor : tensors) keys.push_back(&tensor.key);
  const auto less = [](const std::string* a, const std::string* b) { return *a < *b; };
  const auto equal = [](const std::string* a, const std::string* b) { return *a == *b; };
  std::sort(keys.begin(), keys.end(), less);
  const auto twice = std::adjacent_find(keys.begin(), keys.end(), equal);
  if (twice != keys.end()) FailTwice(**twice);
}

// Tensors lie one after another, without gaps, and fill the file.
void CheckLayout(std::vector<Range> ranges, const std::vector<SafetensorsEntry>& tensors,
                 std::size_t data_size) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::int64_t at = 0;
  for (const Range& range : ranges) {
    if (range.begin != at) {
      Fail("tensor " + Quote(tensors[range.tensor].key) + ": its data begins at byte " +
           std::to_string(range.begin) + " where the one before ends at " + std::to_string(at));
    }
    at = range.end;
  }
  if (static_cast<std::uint64_t>(at) != data_size) {
    Fail("it describes " + std::to_string(at) + " bytes of data, the file has " +
         std::to_string(data_size));
  }
}

}  // namespace

SafetensorsFile ReadSafetensors(std::span<const std::byte> file) {
  base::ByteReader reader(file);
  std::uint64_t length = 0;
  std::string_view text;
  if (!reader.Read(length)) Fail("the file ends inside it", kIncompleteHint);
  if (length > kMaxSafetensorsHeader) {
    Fail("it is said to have " + std::to_string(length) + " bytes; at most " +
         std::to_string(kMaxSafetensorsHeader) + " are supported");
  }
  if (!reader.ReadText(length, text)) {
    Fail("it is said to have " + std::to_string(length) + " bytes, but only " +
             std::to_string(reader.remaining()) + " follow",
         kIncompleteHint);
  }
  const auto data = file.subspan(reader.position());
  HeaderReader header(data);
  nlohmann::json::sax_parse(text.begin(), text.end(), &header);
  RefuseDuplicates(header.result.tensors);
  CheckLayout(std::move(header.ranges), header.result.tensors, data.size());
  return std::move(header.result);
}

}  // namespace yoloport::formats::safetensors
