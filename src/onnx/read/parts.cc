#include "onnx/read/parts.h"

#include <cstring>
#include <optional>
#include <vector>

#include "onnx/read/elements.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire_edit.h"

namespace yoloport::onnx::read {
namespace {

using wire::Field;

// The values of an AttributeProto that a graph has types for.
struct AttributeValues {
  std::int64_t type = 0;
  std::int64_t integer = 0;
  float number = 0;
  std::string_view text;
  std::vector<std::int64_t> integers;
  std::vector<float> numbers;
  std::uint32_t seen = 0;  // a bit for each of these fields, and kOther
};

constexpr std::uint32_t kOther = 1U << 31;

float FloatOf(std::string_view bytes) {
  float value = 0;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

// A list of numbers in one field.
bool ReadPacked(const Field& field, AttributeValues& values) {
  base::ByteReader reader(std::as_bytes(std::span(field.bytes)));
  while (reader.remaining() > 0) {
    std::uint64_t integer = 0;
    float number = 0;
    const bool is_integer = field.number == wire::attribute_proto::kInts;
    if (!(is_integer ? wire::ReadVarint(reader, integer) : reader.Read(number))) return false;
    if (is_integer) values.integers.push_back(static_cast<std::int64_t>(integer));
    if (!is_integer) values.numbers.push_back(number);
  }
  return true;
}

// False for a field that these values cannot hold.
bool AddField(const Field& field, AttributeValues& values) {
  const auto integer = static_cast<std::int64_t>(field.varint);
  const bool is_varint = field.type == wire::kVarint;
  const bool is_float = field.type == wire::kFixed32;
  const bool is_packed = field.type == wire::kLengthDelimited;
  switch (field.number) {
    case wire::attribute_proto::kType:
      values.type = integer;
      return is_varint;
    case wire::attribute_proto::kInt:
      values.integer = integer;
      return is_varint;
    case wire::attribute_proto::kFloat:
      if (is_float) values.number = FloatOf(field.bytes);
      return is_float;
    case wire::attribute_proto::kString:
      values.text = field.bytes;
      return is_packed;
    case wire::attribute_proto::kInts:
      if (is_varint) values.integers.push_back(integer);
      return is_varint || (is_packed && ReadPacked(field, values));
    case wire::attribute_proto::kFloats:
      if (is_float) values.numbers.push_back(FloatOf(field.bytes));
      return is_float || (is_packed && ReadPacked(field, values));
    default:
      return false;
  }
}

// The value, if the fields are those of its type and no others.
std::optional<graph::Attribute> ValueOf(AttributeValues& values) {
  const auto with = [](std::uint64_t field) {
    return 1U << wire::attribute_proto::kType | 1U << field;
  };
  const auto has = [&](std::uint64_t field) { return values.seen == with(field); };
  const bool is_empty = values.seen == 1U << wire::attribute_proto::kType;
  switch (values.type) {
    case wire::attribute_proto::kIsInt:
      if (has(wire::attribute_proto::kInt)) return values.integer;
      break;
    case wire::attribute_proto::kIsFloat:
      if (has(wire::attribute_proto::kFloat)) return values.number;
      break;
    case wire::attribute_proto::kIsString:
      if (has(wire::attribute_proto::kString)) return std::string(values.text);
      break;
    case wire::attribute_proto::kIsInts:
      if (has(wire::attribute_proto::kInts) || is_empty) return std::move(values.integers);
      break;
    case wire::attribute_proto::kIsFloats:
      if (has(wire::attribute_proto::kFloats) || is_empty) return std::move(values.numbers);
      break;
    default:
      break;
  }
  return std::nullopt;
}

// An extent, and its name where it is not known. False for what a graph has no form for.
bool ReadExtent(std::string_view message, std::int64_t& extent, std::string& name, bool& whole) {
  extent = graph::kDynamic;
  bool fits = true;
  whole &= wire::ForEachField(message, [&](const Field& field) {
    if (field.number == wire::dim_proto::kValue && field.type == wire::kVarint) {
      extent = static_cast<std::int64_t>(field.varint);
      fits &= extent >= 0;
    } else if (field.IsMessage(wire::dim_proto::kParam)) {
      name = field.bytes;
    } else {
      fits = false;
    }
  });
  return fits && (extent == graph::kDynamic || name.empty());
}

bool ReadShape(std::string_view message, graph::Graph::ValueData& value, bool& whole) {
  bool fits = true;
  tensor::Shape known;
  bool has_names = false;
  whole &= wire::ForEachField(message, [&](const Field& field) {
    if (!field.IsMessage(wire::shape_proto::kDim)) {
      fits = false;
      return;
    }
    std::int64_t extent = 0;
    std::string name;
    fits &= ReadExtent(field.bytes, extent, name, whole);
    has_names |= !name.empty();
    value.shape.push_back(extent);
    value.dim_names.push_back(std::move(name));
    if (extent >= 0) known.push_back(extent);
  });
  if (!has_names) value.dim_names.clear();
  return fits && BytesOf(value.dtype, known).has_value();
}

bool ReadTensorType(std::string_view message, graph::Graph::ValueData& value, bool& whole) {
  bool fits = true;
  std::optional<std::string_view> shape;
  whole &= wire::ForEachField(message, [&](const Field& field) {
    if (field.number == wire::tensor_type_proto::kElement && field.type == wire::kVarint) {
      value.has_dtype = wire::FromOnnxType(static_cast<std::int64_t>(field.varint), value.dtype);
    } else if (field.IsMessage(wire::tensor_type_proto::kShape) && !shape) {
      shape = field.bytes;
    } else {
      fits = false;
    }
  });
  value.has_shape = shape.has_value();
  if (shape) fits &= ReadShape(*shape, value, whole);
  return fits && value.has_dtype;
}

void ReadType(std::string_view message, graph::Graph::ValueData& value, bool& whole) {
  std::optional<std::string_view> tensor;
  bool fits = true;
  whole &= wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::type_proto::kTensor) && !tensor) {
      tensor = field.bytes;
    } else {
      fits = false;
    }
  });
  if (tensor && ReadTensorType(*tensor, value, whole) && fits) return;
  value.has_dtype = value.has_shape = false;
  value.shape.clear();
  value.dim_names.clear();
  value.raw_type = {message};
}

}  // namespace

bool ReadAttribute(std::string_view message, std::string_view& name, graph::Attribute& attribute) {
  AttributeValues values;
  const bool whole = wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::attribute_proto::kName)) {
      name = field.bytes;
    } else {
      values.seen |= AddField(field, values) ? 1U << field.number : kOther;
    }
  });
  if (auto value = ValueOf(values)) {
    attribute = std::move(*value);
  } else {
    attribute = graph::Raw{message};
  }
  return whole;
}

bool ReadValueInfo(std::string_view message, graph::Graph::ValueData& value) {
  value.has_dtype = value.has_shape = false;
  bool whole = true;
  std::optional<std::string_view> type;
  whole &= wire::ForEachRawField(message, [&](const Field& field, std::string_view raw) {
    if (field.IsMessage(wire::value_proto::kName)) {
      value.name = field.bytes;
    } else if (field.IsMessage(wire::value_proto::kType)) {
      whole &= !type;  // readers would join the two
      type = field.bytes;
    } else {
      value.rest += raw;
    }
  });
  if (type) ReadType(*type, value, whole);
  return whole;
}

bool ReadValueName(std::string_view message, std::string_view& name) {
  return wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::value_proto::kName)) name = field.bytes;
  });
}

}  // namespace yoloport::onnx::read
