#include "inspect/change_thresholds.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "base/text.h"
#include "contract/input_names.h"
#include "contract/model_card.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"

namespace yoloport::inspect {
namespace {

using graph::Graph;

constexpr std::int64_t kLargestPluginTopk = 4096;  // more candidates they refuse

// A constant of equal elements, made when it is written: those that follow keep-topk may be large.
template <typename T>
graph::LazyTensor Repeated(const tensor::Shape& shape, T value) {
  return {tensor::DTypeOf<T>::value, shape,
          [shape, value] {
            return tensor::Tensor::Make<T>(
                shape, [value](std::span<T> all) { std::fill(all.begin(), all.end(), value); });
          },
          true};
}

class Changer {
 public:
  Changer(Graph& graph, const SetOptions& changes, std::int64_t pre_topk)
      : graph_(graph), changes_(changes), pre_topk_(pre_topk) {}

  std::string Run() {
    for (const int id : graph_.constants()) ChangeConstant(id);
    for (const int id : graph_.inputs()) ChangeDefault(id);
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) ChangePlugin(i);
    for (const int id : graph_.outputs()) ChangeOutput(id);
    if (changes_.score_threshold && !has_score_) return "score threshold";
    if (changes_.iou_threshold && !has_iou_) return "IoU threshold";
    return changes_.keep_topk && !has_keep_ ? "keep-topk" : "";
  }

 private:
  void ChangeConstant(int id);
  void ChangeKeepConstant(int id);
  void ChangeDefault(int id);
  void ChangePlugin(std::size_t index);
  void ChangeOutput(int id);
  void SetRows(int id);

  Graph& graph_;
  const SetOptions& changes_;
  std::int64_t pre_topk_;
  bool has_score_ = false;
  bool has_iou_ = false;
  bool has_keep_ = false;
};

void Changer::ChangeConstant(int id) {
  const std::string& name = graph_.value(id).name;
  const auto threshold = [&](const std::optional<double>& value, bool& found) {
    found = true;
    if (value) graph_.SetConstant(id, Repeated<float>({1}, static_cast<float>(*value)));
  };
  if (name == contract::kScoreConstant) return threshold(changes_.score_threshold, has_score_);
  if (name == contract::kIouConstant) return threshold(changes_.iou_threshold, has_iou_);
  has_keep_ |= name == contract::kKeepConstant;
  if (changes_.keep_topk) ChangeKeepConstant(id);
}

void Changer::ChangeKeepConstant(int id) {
  const std::string& name = graph_.value(id).name;
  const std::int64_t keep = *changes_.keep_topk;
  if (name == contract::kKeepConstant) graph_.SetConstant(id, Repeated<std::int64_t>({1}, keep));
  if (name == contract::kNoBoxesConstant) graph_.SetConstant(id, Repeated<float>({keep, 4}, 0));
  if (name == contract::kNoLabelsConstant) {
    graph_.SetConstant(id, Repeated<std::int64_t>({keep}, -1));
  }
  const tensor::Shape shape = graph_.value(id).shape;
  if (name != contract::kNoScoresConstant || shape.size() != 2) return;
  if (shape[0] < 1 || shape[0] > kLargestBatch) {
    throw ModelError("the tensor " + base::Quote(name) + " is for a batch of " +
                         std::to_string(shape[0]) + "; at most " + std::to_string(kLargestBatch) +
                         " are supported",
                     "export it again");
  }
  graph_.SetConstant(id, Repeated<float>({shape[0], keep}, 0));
}

void Changer::ChangeDefault(int id) {
  const Graph::ValueData& input = graph_.value(id);
  if (!input.default_value) return;
  const auto threshold = [&](const std::optional<double>& value, bool& found) {
    found = true;
    if (value) graph_.SetDefault(id, tensor::Tensor::Of<float>({1}, {static_cast<float>(*value)}));
  };
  if (input.name == contract::kScoreInput) threshold(changes_.score_threshold, has_score_);
  if (input.name == contract::kIouInput) threshold(changes_.iou_threshold, has_iou_);
}

void Changer::ChangePlugin(std::size_t index) {
  const graph::Node& node = graph_.nodes()[index];
  const bool batched = node.op == "BatchedNMSDynamic_TRT";
  if (!batched && node.op != "EfficientNMS_TRT") return;
  const auto& keep = changes_.keep_topk;
  if (keep && *keep > kLargestPluginTopk) {
    throw UsageError("--keep-topk is " + std::to_string(*keep) +
                     "; TensorRT's plugins take at most " + std::to_string(kLargestPluginTopk));
  }
  const auto set = [&](const char* name, const std::optional<graph::Attribute>& value) {
    if (!node.attributes.contains(name)) return false;
    if (value) graph_.SetAttribute(index, name, *value);
    return true;
  };
  const auto number = [](const std::optional<double>& value) {
    return value ? std::optional<graph::Attribute>(static_cast<float>(*value)) : std::nullopt;
  };
  has_score_ |=
      set(batched ? "scoreThreshold" : "score_threshold", number(changes_.score_threshold));
  has_iou_ |= set(batched ? "iouThreshold" : "iou_threshold", number(changes_.iou_threshold));
  std::optional<graph::Attribute> most;
  if (keep) most = *keep;
  has_keep_ |= set(batched ? "keepTopK" : "max_output_boxes", most);
  if (!keep) return;
  // Below keepTopK the plugin would leave its outputs unwritten.
  if (batched) set("topK", std::min(std::max(pre_topk_, *keep), kLargestPluginTopk));
  // The first result is the count, which has no row for each detection.
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (node.outputs[i] >= 0 && graph_.value(node.outputs[i]).is_stated) SetRows(node.outputs[i]);
  }
}

// Whether the output has a row for each detection, in whatever layout it is one of.
bool HasRows(std::string_view output) {
  for (std::size_t layout = 0; layout < contract::kOutputLayoutNames.size(); ++layout) {
    auto names = contract::OutputNames(static_cast<contract::OutputLayout>(layout));
    if (names.size() == 4) names = names.subspan(1);  // the first counts
    if (std::find(names.begin(), names.end(), output) != names.end()) return true;
  }
  return false;
}

void Changer::ChangeOutput(int id) {
  if (changes_.keep_topk && HasRows(graph_.value(id).name)) SetRows(id);
}

void Changer::SetRows(int id) {
  const Graph::ValueData& value = graph_.value(id);
  if (value.has_shape && value.shape.size() > 1) graph_.SetExtent(id, 1, *changes_.keep_topk);
}

}  // namespace

std::string ChangeThresholds(Graph& graph, const SetOptions& changes, std::int64_t pre_topk) {
  return Changer(graph, changes, pre_topk).Run();
}

}  // namespace yoloport::inspect
