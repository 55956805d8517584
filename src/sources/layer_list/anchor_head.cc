#include "sources/layer_list/anchor_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/model_ranges.h"
#include "contract/limits.h"
#include "sources/layer_list/torch_layers.h"

namespace yoloport::sources::layer_list {

using checkpoint::Module;
using checkpoint::SavedValue;

std::int64_t WholeNumberIn(const SavedValue& value, std::int64_t low, std::int64_t high) {
  const std::int64_t number = value.Int();
  if (number < low || number > high) {
    value.Fail(fmt::format("is {}: expected {} to {}", number, low, high));
  }
  return number;
}

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

int LargestStrideOf(const Module& head) {
  const std::vector<double> strides = StridesOf(head);
  return std::max(32, static_cast<int>(*std::max_element(strides.begin(), strides.end())));
}

std::vector<double> StridesOf(const Module& head, std::size_t inputs) {
  std::vector<double> strides = StridesOf(head);
  if (strides.size() == inputs) return strides;
  head.Fail(fmt::format("has {} strides for {} feature maps", strides.size(), inputs));
}

models::AnchorHead ReadAnchorHead(const Block& head, std::size_t inputs, AnchorBuffer buffer) {
  constexpr std::int64_t kMostAnchors = 64;
  const bool is_grid = buffer == AnchorBuffer::kAnchorGrid;
  const std::vector<double> strides = StridesOf(head.module, inputs);
  models::AnchorHead spec;
  spec.num_classes = ClassesOf(head.module);
  spec.num_anchors = WholeNumberIn(head.module.Get("na"), 1, kMostAnchors);
  const auto levels = static_cast<std::int64_t>(strides.size());
  const tensor::Tensor sizes =
      (is_grid ? head.w.Take("anchor_grid", {levels, 1, spec.num_anchors, 1, 1, 2})
               : head.w.Take("anchors", {levels, spec.num_anchors, 2}))
          .To(tensor::DType::kFloat32);
  head.w.Ignore(is_grid ? "anchors" : "anchor_grid");  // the same; not all versions have both
  std::size_t at = 0;
  for (const double stride : strides) {
    const double unit = is_grid ? 1 : stride;
    spec.strides.push_back({stride, stride});
    auto& anchors = spec.anchors.emplace_back();
    for (std::int64_t i = 0; i < spec.num_anchors; ++i) {
      const double width = sizes.values<float>()[at++] * unit;
      const double height = sizes.values<float>()[at++] * unit;
      if (!base::kAnchorRange.Holds(width) || !base::kAnchorRange.Holds(height)) {
        head.module.Fail(fmt::format("has an anchor of {:g} x {:g} pixels", width, height));
      }
      anchors.push_back({width, height});
    }
  }
  return spec;
}

nn::FoldedConv TakeAnchorConv(const Block& conv, const models::AnchorHead& head, graph::Value x) {
  const Conv2dSpec spec = ReadConv2d(conv.module, x);
  const tensor::Shape expected = {head.OutputChannels(), x.dim(1), 1, 1};
  if (spec.shape != expected || spec.geometry.stride != 1 || spec.geometry.padding != 0) {
    conv.module.Fail(
        fmt::format("is not a 1 x 1 convolution to {} channels", head.OutputChannels()));
  }
  return TakeConv2d(conv, spec);
}

}  // namespace yoloport::sources::layer_list
