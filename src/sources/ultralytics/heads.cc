#include "sources/ultralytics/heads.h"

#include <fmt/format.h>

#include <utility>

#include "models/head_levels.h"
#include "sources/layer_list/anchor_head.h"
#include "sources/layer_list/blocks.h"

namespace yoloport::sources::ultralytics {
namespace {

using checkpoint::Module;
using graph::Value;
using layer_list::Block;
using layer_list::Head;

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

}  // namespace

bool IsOneToOne(const Module& head) { return head.Has("one2one_cv2") && head.Has("one2one_cv3"); }

graph::HeadOutput BuildPointHead(const Head& head, graph::HeadMode mode) {
  const Block& block = head.block;
  layer_list::RequireType(block.module, {"Detect", "v10Detect"});
  const std::vector<double> strides = layer_list::StridesOf(block.module, head.inputs.size());
  const std::int64_t bins =
      layer_list::WholeNumberIn(block.module.Get("reg_max"), 1, std::int64_t{1 + (1 << 10)});
  graph::HeadOutput output;
  output.type = "yolov8";
  output.head.spec.num_classes = layer_list::ClassesOf(block.module);
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
  const models::AnchorHead spec =
      layer_list::ReadAnchorHead(block, head.inputs.size(), layer_list::AnchorBuffer::kAnchors);
  graph::HeadOutput output = models::StartAnchorOutput(spec, "yolov5");
  const Block convs = block["m"];
  for (std::size_t i = 0; i < head.inputs.size(); ++i) {
    models::AddAnchorLevel(output, mode, spec, head.inputs[i],
                           layer_list::TakeAnchorConv(convs[i], spec, head.inputs[i]),
                           convs[i].w.prefix());
  }
  return output;
}

}  // namespace yoloport::sources::ultralytics
