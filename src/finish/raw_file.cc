#include "finish/raw_file.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "contract/raw_head.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire.h"
#include "onnx/write/infer.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::finish {
namespace {

using base::Quote;
using graph::Graph;
using tensor::DType;

// Between them the operators that are added have not changed.
constexpr int kLowestOpset = 11;
constexpr int kHighestOpset = 23;

constexpr std::array<std::string_view, 6> kSuppressing = {
    "NonMaxSuppression",     "EfficientNMS_TRT", "BatchedNMS_TRT",
    "BatchedNMSDynamic_TRT", "TRTBatchedNMS",    "EfficientNMSX_TRT"};

// "'cls' float32 1x80x8x8"
std::string ValueText(const Graph::ValueData& value) {
  std::string text = Quote(value.name);
  text += value.has_dtype ? " " + std::string(tensor::DTypeName(value.dtype)) : " of unknown type";
  return text + (value.has_shape ? " " + base::ShapeText(value.shape) : " of unknown shape");
}

std::string ValuesText(const Graph& graph, const std::vector<int>& ids) {
  std::vector<std::string> texts;
  for (const int id : ids) texts.push_back(ValueText(graph.value(id)));
  return texts.empty() ? "none" : base::JoinText(texts);
}

class Inspection {
 public:
  Inspection(RawFile& file, const std::vector<std::string>& names)
      : file_(file), graph_(file.net()), names_(names) {}

  void Run() {
    RequireOpset();
    ReadCard();
    RequireOrder();
    FindImage();
    onnx::write::InferTypes(graph_);
    FindOutputs();
  }

 private:
  [[noreturn]] void Fail(const std::string& what, const std::string& hint = {}) const {
    throw ModelError(file_.name + ": " + what, hint);
  }

  void RequireOpset() const {
    const int opset = graph_.opset();
    if (opset >= kLowestOpset && opset <= kHighestOpset) return;
    Fail("is of ONNX's operator set " + std::to_string(opset) + "; supported are " +
             std::to_string(kLowestOpset) + " to " + std::to_string(kHighestOpset),
         "export it again with one of these");
  }

  void ReadCard() const {
    const auto found = file_.onnx.metadata.find("yoloport");
    if (found == file_.onnx.metadata.end()) return;
    file_.card = contract::ModelCardFromJson(found->second, file_.name);
    if (!file_.card->end_to_end) return;
    Fail("ends with detections already, by its metadata",
         "`yoloport set` changes their thresholds");
  }

  // ONNX asks for it; what comes needs it.
  void RequireOrder() const {
    std::vector<bool> is_made(graph_.value_count(), true);
    for (const graph::Node& node : graph_.nodes()) {
      for (const int id : node.outputs) {
        if (id >= 0) is_made[static_cast<std::size_t>(id)] = false;
      }
    }
    const auto require = [&](int id, const graph::Node& node) {
      if (id < 0 || is_made[static_cast<std::size_t>(id)]) return;
      Fail("the node " + Quote(node.name) + " (" + Quote(node.op) + ") reads " +
           Quote(graph_.value(id).name) + ", which a node behind it gives");
    };
    for (const graph::Node& node : graph_.nodes()) {
      for (const int id : node.inputs) require(id, node);
      for (const int id : node.captured) require(id, node);
      for (const int id : node.outputs) {
        if (id >= 0) is_made[static_cast<std::size_t>(id)] = true;
      }
    }
  }

  // Names of weights that the graph has no type for.
  std::set<std::string_view> KeptWeights() const {
    std::set<std::string_view> names;
    onnx::wire::ForEachField(file_.onnx.header.graph_rest, [&](const onnx::wire::Field& field) {
      onnx::wire::OnnxTensor header;
      if (field.IsMessage(onnx::wire::graph_proto::kInitializer) &&
          onnx::wire::ReadTensorHeader(field.bytes, header)) {
        names.insert(header.name);
      }
    });
    return names;
  }

  // Files of the first versions of the format list their weights among the inputs.
  void FindImage() const {
    const std::set<std::string_view> kept = KeptWeights();
    std::vector<int> images;
    for (const int id : graph_.inputs()) {
      const Graph::ValueData& value = graph_.value(id);
      if (value.default_value) {
        graph_.SetConstant(id, {value.dtype, value.shape,
                                [tensor = *value.default_value] { return tensor; }, true});
        graph_.AddConstant(id);
      } else if (!kept.contains(value.name)) {
        images.push_back(id);
      }
    }
    if (images.size() != 1) {
      Fail("expected one input, an image; it has " + ValuesText(graph_, images));
    }
    graph_.mutable_inputs() = images;
    file_.image = images.front();
    const Graph::ValueData& image = graph_.value(file_.image);
    const bool is_pixels = file_.card && image.has_dtype && image.dtype == DType::kUInt8;
    const bool is_floats =
        image.has_dtype && (image.dtype == DType::kFloat32 || image.dtype == DType::kFloat16) &&
        image.has_shape && image.shape.size() == 4 && (image.shape[1] == 3 || image.shape[1] == 1);
    if (is_floats || (is_pixels && image.has_shape && image.shape.size() == 4)) return;
    Fail("expected an image as input, float32 or float16 of N x 3 x height x width; it has " +
         ValuesText(graph_, images));
  }

  void FindOutputs() const {
    file_.outputs = names_.empty() ? graph_.outputs() : NamedOutputs();
    if (file_.outputs.size() > contract::kMostRawOutputs) {
      Fail("has " + std::to_string(file_.outputs.size()) +
           " outputs; the heads of a detector are " + std::to_string(contract::kMostRawOutputs) +
           " at most");
    }
    const bool are_maps = std::all_of(file_.outputs.begin(), file_.outputs.end(), [&](int id) {
      const Graph::ValueData& value = graph_.value(id);
      return value.has_dtype && tensor::IsFloat(value.dtype) && value.has_shape &&
             value.shape.size() == 4;
    });
    if (are_maps && !file_.outputs.empty()) return;
    Fail(
        "does not end with raw heads: expected outputs of floats, N x channels x height x width; "
        "it has " +
            ValuesText(graph_, file_.outputs) + Reason(),
        "--outputs names the values within the file that are the heads");
  }

  // What the file seems to be instead.
  std::string Reason() const {
    for (const graph::Node& node : graph_.nodes()) {
      if (std::find(kSuppressing.begin(), kSuppressing.end(), node.op) != kSuppressing.end()) {
        return ". It ends with detections already: it has the operator " + Quote(node.op);
      }
    }
    for (const int id : file_.outputs) {
      const Graph::ValueData& value = graph_.value(id);
      if (value.has_dtype && (value.dtype == DType::kUInt8 || value.dtype == DType::kInt8)) {
        return ". Quantized heads are not supported";
      }
    }
    return "";
  }

  // The nearest name in the file, or its outputs.
  std::string HintAt(const std::string& name) const {
    std::vector<std::string> outputs;
    for (const int id : graph_.outputs()) outputs.push_back(graph_.value(id).name);
    std::vector<std::string> known = outputs;
    for (const auto& node : graph_.nodes()) {
      for (const int id : node.outputs) known.push_back(graph_.value(id).name);
    }
    const std::string near = NearestName(name, known);
    if (!near.empty()) return "did you mean " + Quote(near) + "?";
    for (std::string& each : outputs) each = Quote(each);
    return "its outputs are " + base::JoinText(outputs, 10);
  }

  std::vector<int> NamedOutputs() const {
    std::map<std::string_view, int> ids;  // ordered: names are others'
    for (int id = 0; id < static_cast<int>(graph_.value_count()); ++id) {
      ids.emplace(graph_.value(id).name, id);
    }
    std::vector<int> outputs;
    for (const std::string& name : names_) {
      const auto found = ids.find(name);
      if (found == ids.end()) {
        throw UsageError(file_.name + ": --outputs " + Quote(name) + " is not a value of this file",
                         HintAt(name));
      }
      if (std::find(outputs.begin(), outputs.end(), found->second) != outputs.end()) {
        throw UsageError("--outputs names " + Quote(name) + " twice");
      }
      outputs.push_back(found->second);
    }
    return outputs;
  }

  RawFile& file_;
  Graph& graph_;
  const std::vector<std::string>& names_;
};

}  // namespace

RawFile ReadRawFile(const std::filesystem::path& path, const std::vector<std::string>& outputs) {
  RawFile file;
  file.onnx = onnx::read::ReadOnnx(path);
  file.name = Quote(path.native());
  Inspection(file, outputs).Run();
  return file;
}

}  // namespace yoloport::finish
