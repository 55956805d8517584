#include "graph/listing.h"

#include <array>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/number_text.h"
#include "base/sha256.h"
#include "graph/graph.h"

namespace yoloport::graph {
namespace {

using tensor::DType;
using tensor::DTypeName;
using tensor::Tensor;

constexpr std::int64_t kShownElements = 36;  // a table of 3 levels' 3 anchors has 9 x 4
constexpr std::size_t kShownDigits = 8;      // of a checksum

// An integer does not look the same as a float.
template <typename T>
std::string ElementText(T number) {
  std::string result = base::NumberText(number);
  if (std::is_floating_point_v<T> && result.find_first_not_of("-0123456789") == std::string::npos) {
    result += ".0";
  }
  return result;
}

std::string TypeText(const Graph::ValueData& value) {
  if (!value.has_dtype) return "?";
  if (!value.has_shape) return std::string(DTypeName(value.dtype)) + "[...]";
  std::string text;
  for (std::size_t i = 0; i < value.shape.size(); ++i) {
    if (i > 0) text += ',';
    const bool is_dynamic = value.shape[i] == kDynamic;
    const bool is_named = i < value.dim_names.size() && !value.dim_names[i].empty();
    if (!is_dynamic) {
      text += base::NumberText(value.shape[i]);
    } else {
      text += is_named ? value.dim_names[i] : "?";
    }
  }
  return std::string(DTypeName(value.dtype)) + '[' + text + ']';
}

template <typename T>
std::vector<std::string> NumberTexts(std::span<const T> numbers) {
  std::vector<std::string> texts;
  for (const T number : numbers) texts.push_back(ElementText(number));
  return texts;
}

std::vector<std::string> ElementTexts(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::kFloat64:
      return NumberTexts(tensor.values<double>());
    case DType::kFloat32:
    case DType::kFloat16:
    case DType::kBFloat16: {
      const Tensor floats = tensor.To(DType::kFloat32);
      return NumberTexts(floats.values<float>());
    }
    default: {
      const Tensor integers = tensor.To(DType::kInt64);
      return NumberTexts(integers.values<std::int64_t>());
    }
  }
}

// Removes the elements that it shows from the front of `elements`.
std::string NestedText(std::span<const std::string>& elements,
                       std::span<const std::int64_t> shape) {
  if (shape.empty()) {
    std::string text = elements.front();
    elements = elements.subspan(1);
    return text;
  }
  std::string text = "[";
  for (std::int64_t i = 0; i < shape.front(); ++i) {
    if (i > 0) text += ',';
    text += NestedText(elements, shape.subspan(1));
  }
  return text + ']';
}

std::string SmallTensorText(const Tensor& tensor) {
  const std::vector<std::string> elements = ElementTexts(tensor);
  std::span<const std::string> rest = elements;
  const std::string text = NestedText(rest, tensor.shape());
  const bool is_plain = tensor.dtype() == DType::kInt64 || tensor.dtype() == DType::kFloat32;
  return is_plain ? text : std::string(DTypeName(tensor.dtype())) + '(' + text + ')';
}

std::string ChecksumText(const Tensor& tensor) {
  return '#' + base::Sha256Hex(tensor.bytes()).substr(0, kShownDigits);
}

std::string AttributeText(const Attribute& attribute) {
  return std::visit(
      [](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return '"' + value + '"';
        } else if constexpr (std::is_arithmetic_v<T>) {
          return ElementText(value);
        } else if constexpr (std::is_same_v<T, Raw>) {
          return '<' + std::to_string(value.bytes.size()) + " bytes>";
        } else {
          const std::vector<std::string> elements = NumberTexts(std::span(value));
          std::span<const std::string> rest = elements;
          return NestedText(rest, std::array{static_cast<std::int64_t>(value.size())});
        }
      },
      attribute);
}

// Most weights are named after the node that reads them.
std::string WeightText(const Node& node, const Graph::ValueData& weight) {
  std::string_view name = weight.name;
  if (name.starts_with(node.name + '.')) name.remove_prefix(node.name.size());
  return std::string(name) + ':' + TypeText(weight);
}

bool IsWeight(const Node& node, std::size_t input) {
  return input > 0 && (node.op == "Conv" || node.op == "ConvTranspose");
}

std::string OperandText(const Graph& graph, const Node& node, std::size_t input) {
  const int id = node.inputs[input];
  if (id < 0) return "-";
  const Graph::ValueData& value = graph.value(id);
  if (std::holds_alternative<std::monostate>(value.constant)) return value.name;
  const auto* tensor = std::get_if<Tensor>(&value.constant);
  if (tensor == nullptr || IsWeight(node, input)) return WeightText(node, value);
  // Generated names are numbered and would change with every constant added before.
  const std::string name = value.has_given_name ? value.name + ':' : std::string();
  if (tensor->size() <= kShownElements) return name + SmallTensorText(*tensor);
  return name + TypeText(value) + ChecksumText(*tensor);
}

std::string TypedName(const Graph::ValueData& value) { return value.name + ": " + TypeText(value); }

std::string NodeText(const Graph& graph, const Node& node) {
  std::string text;
  for (const int id : node.outputs) {
    if (!text.empty()) text += ", ";
    text += TypedName(graph.value(id));
  }
  text += " = ";
  if (!node.domain.empty()) text += node.domain + "::";
  text += node.op + '(';
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (i > 0) text += ", ";
    text += OperandText(graph, node, i);
  }
  text += ')';
  for (const auto& [name, attribute] : node.attributes) {
    text += ' ' + name + '=' + AttributeText(attribute);
  }
  return text;
}

std::string InputText(const Graph::ValueData& value) {
  std::string text = "input " + TypedName(value);
  if (value.default_value) {
    const Tensor& tensor = *value.default_value;
    text += " = ";
    text += tensor.size() <= kShownElements ? SmallTensorText(tensor) : ChecksumText(tensor);
  }
  return text;
}

}  // namespace

std::string Listing(const Graph& graph) {
  std::string text = "opset " + std::to_string(graph.opset()) + '\n';
  for (const int id : graph.inputs()) text += InputText(graph.value(id)) + '\n';
  for (const Node& node : graph.nodes()) text += NodeText(graph, node) + '\n';
  for (const int id : graph.outputs()) text += "output " + TypedName(graph.value(id)) + '\n';
  return text;
}

}  // namespace yoloport::graph
