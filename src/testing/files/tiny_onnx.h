// Small ONNX files for tests, written field by field: tests must not need libonnx, and a file that
// stands in the test as text can be read there.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport::test_support::tiny_onnx {

inline constexpr int kFloat = 1, kInt32 = 6, kInt64 = 7;  // TensorProto's element types

inline std::string Varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  return out + static_cast<char>(value);
}
inline std::string Number(int field, std::int64_t value) {
  return Varint(static_cast<std::uint64_t>(field) << 3) + Varint(static_cast<std::uint64_t>(value));
}
inline std::string Bytes(int field, std::string_view bytes) {
  return Varint(static_cast<std::uint64_t>(field) << 3 | 2) + Varint(bytes.size()) +
         std::string(bytes);
}

class Model {
 public:
  // A dimension of -1 is dynamic.
  Model& Input(std::string_view name, int type, const std::vector<std::int64_t>& shape) {
    graph_ += Bytes(11, Value(name, type, shape));
    return *this;
  }
  Model& Output(std::string_view name, int type, const std::vector<std::int64_t>& shape) {
    graph_ += Bytes(12, Value(name, type, shape));
    return *this;
  }
  template <typename T>
  Model& Constant(std::string_view name, int type, const std::vector<std::int64_t>& shape,
                  const std::vector<T>& values) {
    std::string tensor;
    for (const std::int64_t extent : shape) tensor += Number(1, extent);
    tensor += Number(2, type) + Bytes(8, name);
    std::string raw(values.size() * sizeof(T), '\0');
    std::memcpy(raw.data(), values.data(), raw.size());
    graph_ += Bytes(5, tensor + Bytes(9, raw));
    return *this;
  }
  // A constant whose elements are all of the file `location` in the model's folder.
  Model& ExternalConstant(std::string_view name, int type, const std::vector<std::int64_t>& shape,
                          std::string_view location) {
    std::string tensor;
    for (const std::int64_t extent : shape) tensor += Number(1, extent);
    tensor += Number(2, type) + Bytes(8, name);
    tensor += Bytes(13, Bytes(1, "location") + Bytes(2, location)) + Number(14, 1);
    graph_ += Bytes(5, tensor);
    return *this;
  }
  // `attributes` are of Int(), Ints() and Float().
  Model& Node(std::string_view type, const std::vector<std::string>& inputs,
              const std::string& output, const std::string& attributes = {}) {
    std::string node;
    for (const std::string& input : inputs) node += Bytes(1, input);
    graph_ += Bytes(1, node + Bytes(2, output) + Bytes(4, type) + attributes);
    return *this;
  }
  // A node of an operator set other than ONNX's.
  Model& Node(const std::string& domain, std::string_view type,
              const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
              const std::string& attributes) {
    std::string node;
    for (const std::string& input : inputs) node += Bytes(1, input);
    for (const std::string& output : outputs) node += Bytes(2, output);
    graph_ += Bytes(1, node + Bytes(4, type) + attributes + Bytes(7, domain));
    imports_ += Bytes(8, Bytes(1, domain) + Number(2, 1));
    return *this;
  }
  Model& Metadata(std::string_view key, std::string_view value) {
    metadata_ += Bytes(14, Bytes(1, key) + Bytes(2, value));
    return *this;
  }

  // The version of ONNX's operators, 11 unless said.
  Model& Opset(int opset) {
    opset_ = opset;
    return *this;
  }

  static std::string Int(std::string_view name, std::int64_t value) {
    return Bytes(5, Bytes(1, name) + Number(3, value) + Number(20, 2));
  }
  static std::string Float(std::string_view name, float value) {
    std::string raw(sizeof value, '\0');
    std::memcpy(raw.data(), &value, raw.size());
    return Bytes(5, Bytes(1, name) + Varint(2 << 3 | 5) + raw + Number(20, 1));
  }
  static std::string Ints(std::string_view name, const std::vector<std::int64_t>& values) {
    std::string attribute = Bytes(1, name);
    for (const std::int64_t value : values) attribute += Number(8, value);
    return Bytes(5, attribute + Number(20, 7));
  }

  std::string Serialised() const {
    const int ir_version = opset_ < 15 ? 7 : opset_ < 21 ? 8 : 10;
    return Number(1, ir_version) + Bytes(8, Number(2, opset_)) + imports_ +
           Bytes(7, graph_ + Bytes(2, "g")) + metadata_;
  }

 private:
  static std::string Value(std::string_view name, int type,
                           const std::vector<std::int64_t>& shape) {
    std::string dimensions;
    for (const std::int64_t extent : shape) {
      dimensions += Bytes(1, extent < 0 ? Bytes(2, "n") : Number(1, extent));
    }
    const std::string tensor = Number(1, type) + Bytes(2, dimensions);
    return Bytes(1, name) + Bytes(2, Bytes(1, tensor));
  }

  int opset_ = 11;
  std::string graph_;
  std::string metadata_;
  std::string imports_;
};

}  // namespace yoloport::test_support::tiny_onnx
