#include "sources/yolov7/layers.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "graph/ops.h"
#include "nn/focus.h"
#include "nn/folded_conv.h"
#include "nn/rep_vgg.h"
#include "nn/spp.h"
#include "sources/layer_list/blocks.h"
#include "sources/layer_list/torch_layers.h"

namespace yoloport::sources::yolov7 {
namespace {

using graph::Value;
using layer_list::Block;
using layer_list::Conv;
using layer_list::Conv2dSpec;
using layer_list::KnownLayer;

// MP, SP: a MaxPool2d (`m`).
Value Pool(const Block& block, Value x) {
  layer_list::RequireType(block.module, {"MP", "SP"});
  return layer_list::MaxPool2d(block.module["m"], x);
}

// Even and odd rows and columns as channels. One convolution, whose kernel picks pixels, is one
// node where slices would be nine.
Value ReOrg(const Block& block, Value x) {
  const std::int64_t channels = x.dim(1);
  nn::FoldedConv pick = nn::IdentityConv(4 * channels, 1, 1);
  pick.shape = {4 * channels, channels, 2, 2};
  pick.weight = [weight = std::move(pick.weight)] { return nn::FocusKernel(weight()); };
  return nn::Emit(x, std::move(pick), {.stride = 2}, block.w.prefix());
}

// Half of the channels by a convolution of stride `k`, half by pooling.
Value DownC(const Block& block, Value x) {
  const Value strided = Conv(block["cv2"], Conv(block["cv1"], x));
  const Value pooled = Conv(block["cv3"], layer_list::MaxPool2d(block.module["mp"], x));
  return graph::Concat({strided, pooled}, 1);
}

Value SppCspc(const Block& block, Value x) {
  std::vector<std::int64_t> sizes;
  for (const checkpoint::Module& pool : block.module["m"].Children()) {
    sizes.push_back(layer_list::SamePoolSize(pool));
  }
  const std::int64_t repeats = sizes.size() == 1 ? 1 : 3;
  const Value inner = Conv(block["cv4"], Conv(block["cv3"], Conv(block["cv1"], x)));
  const Value pooled = graph::Concat(nn::PoolingPyramid(inner, sizes, repeats), 1);
  const Value main = Conv(block["cv6"], Conv(block["cv5"], pooled));
  return Conv(block["cv7"], graph::Concat({main, Conv(block["cv2"], x)}, 1));
}

// A Sequential of a convolution and its norm.
nn::FoldedConv TakeBranch(const Block& branch, const Conv2dSpec& spec) {
  return nn::Then(layer_list::TakeConv2d(branch[0], spec),
                  layer_list::TakeBatchNorm2d(branch[1], spec.shape[0]));
}

// 3 x 3 and 1 x 1 side by side, and the input's norm where shapes allow it, merged before
// (`rbr_reparam`) or here.
Value RepConv(const Block& block, Value x) {
  const auto activate = [&](Value y) {
    return nn::Activate(y, layer_list::ReadActivation(block.module["act"]));
  };
  if (block.module.Has("rbr_reparam")) {
    return activate(layer_list::Conv2d(block["rbr_reparam"], x));
  }
  const Block dense = block["rbr_dense"];
  const Block one = block["rbr_1x1"];
  const Conv2dSpec spec = layer_list::ReadConv2d(dense[0].module, x);
  const Conv2dSpec small = layer_list::ReadConv2d(one[0].module, x);
  const std::int64_t channels = spec.shape[0];
  const bool fits = small.shape == tensor::Shape{channels, spec.shape[1], 1, 1} &&
                    small.geometry.stride == spec.geometry.stride &&
                    small.geometry.groups == spec.geometry.groups && spec.shape[2] == 3 &&
                    spec.geometry.padding == 1 && spec.geometry.dilation == 1 &&
                    small.geometry.padding == 0;
  if (!fits) block.module.Fail("has branches that do not add up: expected 3 x 3 and 1 x 1");
  std::optional<nn::ScaleShift> identity;
  if (block.module.Has("rbr_identity")) {
    if (x.dim(1) != channels || spec.geometry.stride != 1) {
      block.module.Fail("adds its input, which has another size");
    }
    identity = layer_list::TakeBatchNorm2d(block["rbr_identity"], channels);
  }
  nn::FoldedConv merged = nn::MergeRepVgg(TakeBranch(dense, spec), TakeBranch(one, small), 1,
                                          std::move(identity), spec.geometry.groups);
  return activate(nn::Emit(x, std::move(merged), spec.geometry, block.w.prefix() + ".conv"));
}

Value Shortcut(const Block& block, const std::vector<Value>& inputs) {
  const bool fits = inputs.size() == 2 && inputs[0].shape() == inputs[1].shape();
  if (!fits) block.module.Fail("needs two inputs of one size");
  return inputs[0] + inputs[1];
}

// Of its baselines (YOLOR): bottlenecks on one of two branches, which part before the first
// convolution or behind it.
Value BottleneckCspA(const Block& block, Value x) {
  return layer_list::C3Of(block, x, layer_list::Bottleneck);
}

Value BottleneckCspB(const Block& block, Value x) {
  const Value inner = Conv(block["cv1"], x);
  const Value main = layer_list::Chain(block["m"], inner, layer_list::Bottleneck);
  return Conv(block["cv3"], graph::Concat({main, Conv(block["cv2"], inner)}, 1));
}

Value BottleneckCspC(const Block& block, Value x) {
  const Value main = layer_list::Chain(block["m"], Conv(block["cv1"], x), layer_list::Bottleneck);
  return Conv(block["cv4"], graph::Concat({Conv(block["cv3"], main), Conv(block["cv2"], x)}, 1));
}

constexpr auto kLayers = std::to_array<KnownLayer>({{"Conv", Conv},
                                                    {"MP", Pool},
                                                    {"SP", Pool},
                                                    {"ReOrg", ReOrg},
                                                    {"DownC", DownC},
                                                    {"SPPCSPC", SppCspc},
                                                    {"RepConv", RepConv},
                                                    {"Shortcut", nullptr, Shortcut},
                                                    {"SPP", layer_list::Spp},
                                                    {"Bottleneck", layer_list::Bottleneck},
                                                    {"BottleneckCSPA", BottleneckCspA},
                                                    {"BottleneckCSPB", BottleneckCspB},
                                                    {"BottleneckCSPC", BottleneckCspC}});

}  // namespace

std::span<const KnownLayer> KnownLayers() { return kLayers; }

}  // namespace yoloport::sources::yolov7
