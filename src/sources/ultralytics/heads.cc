#include "sources/ultralytics/heads.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/model_ranges.h"
#include "contract/limits.h"
#include "models/anchor_head.h"
#include "models/head_levels.h"
#include "sources/layer_list/blocks.h"

namespace yoloport::sources::ultralytics {
namespace {

using checkpoint::Module;
using checkpoint::SavedValue;
using graph::Value;
using layer_list::Block;
using layer_list::Head;

std::int64_t WholeNumberIn(const SavedValue& value, std::int64_t low, std::int64_t high) {
  const std::int64_t number = value.Int();
  if (number < low || number > high) {
    value.Fail(fmt::format("is {}: expected {} to {}", number, low, high));
  }
  return number;
}

// Convs and at last a Conv2d, in Sequentials.
Value BranchLayer(const Block& block, Value x) {
  const std::string_view name = block.module.class_name();
  if (name == "torch.nn.modules.container.Sequential") {
    return layer_list::Chain(block, x, BranchLayer);
  }
  if (name == "torch.nn.modules.conv.Conv2d") return layer_list::Conv2d(block, x);
  return layer_list::Conv(block, x);
}

Value Branch(const Block& block, Value x, std::int64_t channels) {
  const Value y = BranchLayer(block, x);
  const bool keeps_size = y.dim(2) == x.dim(2) && y.dim(3) == x.dim(3);
  if (y.dim(1) == channels && keeps_size) return y;
  block.module.Fail(
      fmt::format("gives {} channels: expected {} for each cell of its input", y.dim(1), channels));
}

// The numbers that a distribution is over, which training does not change.
void CheckDfl(const Block& head, std::int64_t bins) {
  if (bins == 1) return;
  const tensor::Tensor weight =
      head.w["dfl"].Take("conv.weight", {1, bins, 1, 1}).To(tensor::DType::kFloat32);
  const auto values = weight.values<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == static_cast<float>(i)) continue;
    head["dfl"].module.Fail(fmt::format("has weights other than 0, 1 .. {}", bins - 1));
  }
}

void RequireLevels(const Block& head, std::size_t strides, std::size_t inputs) {
  if (strides == inputs) return;
  head.module.Fail(fmt::format("has {} strides for {} feature maps", strides, inputs));
}

}  // namespace

int ClassesOf(const Module& head) {
  return static_cast<int>(WholeNumberIn(head.Get("nc"), 1, contract::kMaxClasses));
}

std::vector<double> StridesOf(const Module& head) {
  const SavedValue value = head.Get("stride");
  constexpr std::size_t kMostLevels = 16;
  std::vector<double> strides = value.Numbers();
  if (strides.empty() || strides.size() > kMostLevels) {
    value.Fail(fmt::format("has {} entries: expected 1 to {}", strides.size(), kMostLevels));
  }
  for (const double stride : strides) {
    const bool is_whole = base::kStrideRange.Holds(stride) && stride == std::floor(stride);
    if (!is_whole) value.Fail(fmt::format("holds {:g}: expected whole numbers of pixels", stride));
  }
  return strides;
}

bool IsOneToOne(const Module& head) { return head.Has("one2one_cv2") && head.Has("one2one_cv3"); }

graph::HeadOutput BuildPointHead(const Head& head, graph::HeadMode mode) {
  const Block& block = head.block;
  layer_list::RequireType(block.module, {"Detect", "v10Detect"});
  const std::vector<double> strides = StridesOf(block.module);
  RequireLevels(block, strides.size(), head.inputs.size());
  const std::int64_t bins =
      WholeNumberIn(block.module.Get("reg_max"), 1, std::int64_t{1 + (1 << 10)});
  graph::HeadOutput output;
  output.type = "yolov8";
  output.head.spec.num_classes = ClassesOf(block.module);
  output.head.spec.bins = static_cast<int>(bins);
  const bool one_to_one = IsOneToOne(block.module);
  output.head.spec.one_to_one = one_to_one;
  const Block boxes = block[one_to_one ? "one2one_cv2" : "cv2"];
  const Block classes = block[one_to_one ? "one2one_cv3" : "cv3"];
  if (one_to_one) {
    block.w.Ignore("cv2");
    block.w.Ignore("cv3");
  }
  CheckDfl(block, bins);
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const Value x = head.inputs[i];
    const Value scores = Branch(classes[i], x, output.head.spec.num_classes);
    models::AddPointLevel(output, mode, scores, Branch(boxes[i], x, 4 * bins), {},
                          {strides[i], strides[i]});
  }
  return output;
}

graph::HeadOutput BuildAnchorHead(const Head& head, graph::HeadMode mode) {
  const Block& block = head.block;
  layer_list::RequireType(block.module, {"Detect"});
  const std::vector<double> strides = StridesOf(block.module);
  RequireLevels(block, strides.size(), head.inputs.size());
  constexpr std::int64_t kMostAnchors = 64;
  models::AnchorHead spec;
  spec.num_classes = ClassesOf(block.module);
  spec.num_anchors = WholeNumberIn(block.module.Get("na"), 1, kMostAnchors);
  block.w.Ignore("anchor_grid");  // the same in pixels; of old versions
  const auto levels = static_cast<std::int64_t>(strides.size());
  const tensor::Tensor sizes =
      block.w.Take("anchors", {levels, spec.num_anchors, 2}).To(tensor::DType::kFloat32);
  std::size_t at = 0;
  for (const double stride : strides) {
    spec.strides.push_back({stride, stride});
    auto& anchors = spec.anchors.emplace_back();
    for (std::int64_t i = 0; i < spec.num_anchors; ++i) {
      const double width = sizes.values<float>()[at++] * stride;  // stored in strides
      const double height = sizes.values<float>()[at++] * stride;
      if (!base::kAnchorRange.Holds(width) || !base::kAnchorRange.Holds(height)) {
        block.module.Fail(fmt::format("has an anchor of {:g} x {:g} pixels", width, height));
      }
      anchors.push_back({width, height});
    }
  }
  graph::HeadOutput output = models::StartAnchorOutput(spec, "yolov5");
  const Block convs = block["m"];
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const layer_list::Conv2dSpec conv = layer_list::ReadConv2d(convs[i].module, head.inputs[i]);
    const tensor::Shape expected = {spec.OutputChannels(), head.inputs[i].dim(1), 1, 1};
    if (conv.shape != expected || conv.geometry.stride != 1 || conv.geometry.padding != 0) {
      convs[i].module.Fail(
          fmt::format("is not a 1 x 1 convolution to {} channels", spec.OutputChannels()));
    }
    models::AddAnchorLevel(output, mode, spec, head.inputs[i],
                           layer_list::TakeConv2d(convs[i], conv), convs[i].w.prefix());
  }
  return output;
}

}  // namespace yoloport::sources::ultralytics
