#include "sources/yolov6/blocks.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/spp.h"
#include "sources/layer_list/blocks.h"
#include "sources/layer_list/torch_layers.h"
#include "sources/yolov6/rep_blocks.h"

namespace yoloport::sources::yolov6 {
namespace {

using base::Quote;
using checkpoint::Module;
using graph::Value;
using layer_list::Block;
using layer_list::Conv2dSpec;

// ConvModule; Conv, SimConv and Conv_C3 of releases before 4.0: a `conv`, a `bn` unless that was
// merged into it, and an `act` if there is one.
Value ConvModule(const Block& block, Value x) {
  const Conv2dSpec spec = layer_list::ReadConv2d(block["conv"].module, x);
  x = nn::Emit(x, TakeConvBn(block, spec), spec.geometry, block.w["conv"].prefix());
  if (!block.module.Has("act")) return x;
  return nn::Activate(x, layer_list::ReadActivation(block.module["act"]));
}

// ConvBNReLU and the like.
Value Wrapper(const Block& block, Value x) { return Build(block["block"], x); }

// SPPF and SimSPPF; from 4.0 on the layers are those of `sppf`.
Value Sppf(const Block& outer, Value x) {
  const Block block = outer.module.Has("sppf") ? outer["sppf"] : outer;
  const std::int64_t size = layer_list::SamePoolSize(block.module["m"]);
  const Value inner = Build(block["cv1"], x);
  return Build(block["cv2"], graph::Concat(nn::PoolingPyramid(inner, {size}), 1));
}

// CSPSPPF and SimCSPSPPF; the same.
Value CspSppf(const Block& outer, Value x) {
  const Block block = outer.module.Has("cspsppf") ? outer["cspsppf"] : outer;
  const std::int64_t size = layer_list::SamePoolSize(block.module["m"]);
  const Value inner = Build(block["cv4"], Build(block["cv3"], Build(block["cv1"], x)));
  const Value pooled = graph::Concat(nn::PoolingPyramid(inner, {size}), 1);
  const Value main = Build(block["cv6"], Build(block["cv5"], pooled));
  return Build(block["cv7"], graph::Concat({Build(block["cv2"], x), main}, 1));
}

Value Transpose(const Block& outer, Value x) {
  const Block block = outer["upsample_transpose"];
  constexpr std::int64_t kMost = 1 << 16;
  const Module& conv = block.module;
  const std::int64_t channels = conv.Get("out_channels").Int();
  const bool fits =
      conv.class_name() == "torch.nn.modules.conv.ConvTranspose2d" && channels >= 1 &&
      channels <= kMost && layer_list::ReadSquare(conv.Get("kernel_size"), 1, 99) == 2 &&
      layer_list::ReadSquare(conv.Get("stride"), 1, 99) == 2 &&
      layer_list::ReadSquare(conv.Get("padding"), 0, 99) == 0 && conv.Get("groups").Int(1) == 1;
  if (!fits) conv.Fail("is not a transposed convolution that doubles height and width");
  return nn::ConvTranspose2d(block.w, x, channels, 2, 2);
}

// RealVGGBlock.
Value RealVggBlock(const Block& block, Value x) {
  const Conv2dSpec spec = layer_list::ReadConv2d(block["conv"].module, x);
  x = nn::Emit(x, TakeConvBn(block, spec), spec.geometry, block.w["conv"].prefix());
  return nn::Activate(x, layer_list::ReadActivation(block.module["relu"]));
}

Value RepBlock(const Block& block, Value x) {
  x = Build(block["conv1"], x);
  return block.module.Has("block") ? Build(block["block"], x) : x;
}

// BottleRep and BottleRep3: convolutions, and the input added, weighed by a number that may be
// trained.
Value BottleRep(const Block& block, Value x) {
  Value y = Build(block["conv2"], Build(block["conv1"], x));
  if (block.module.Has("conv3")) y = Build(block["conv3"], y);
  const bool is_trained = block.w.Has("alpha");
  const double alpha =
      is_trained ? block.w.Take("alpha", {1}).To(tensor::DType::kFloat32).values<float>()[0]
                 : block.module.Get("alpha").Number(1);
  if (!block.module.Get("shortcut").Flag()) return y;
  if (y.shape() != x.shape()) block.module.Fail("adds its input, which has another size");
  return y + x * alpha;
}

Value BepC3(const Block& block, Value x) {
  const Value main = Build(block["m"], Build(block["cv1"], x));
  if (!block.module.Get("concat").Flag(true)) {
    block.w.Ignore("cv2");
    return Build(block["cv3"], main);
  }
  return Build(block["cv3"], graph::Concat({main, Build(block["cv2"], x)}, 1));
}

// Multi-branch layer aggregation: branches of equal width, one passed on, the others with a row of
// blocks each, whose results are all joined.
Value MblaBlock(const Block& block, Value x) {
  const Value inner = Build(block["cv1"], x);
  const std::vector<Block> rows = block["m"].Children();
  const auto branches = static_cast<std::int64_t>(rows.size()) + 1;
  if (inner.dim(1) % branches != 0) {
    block["cv1"].module.Fail("gives channels that its branches do not divide");
  }
  const std::vector<std::int64_t> widths(rows.size() + 1, inner.dim(1) / branches);
  const std::vector<Value> parts = graph::Split(inner, 1, widths);
  std::vector<Value> all = {parts[0]};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all.push_back(parts[i + 1]);
    for (const Block& each : rows[i].Children()) all.push_back(Build(each, all.back()));
  }
  return Build(block["cv2"], graph::Concat(all, 1));
}

struct KnownBlock {
  std::string_view type;
  Value (*build)(const Block& block, Value x);
};
constexpr auto kBlocks = std::to_array<KnownBlock>({
    {"ConvModule", ConvModule},
    {"Conv", ConvModule},
    {"SimConv", ConvModule},
    {"Conv_C3", ConvModule},
    {"ConvBNReLU", Wrapper},
    {"ConvBNSiLU", Wrapper},
    {"ConvBN", Wrapper},
    {"ConvBNHS", Wrapper},
    {"ConvWrapper", Wrapper},
    {"SimConvWrapper", Wrapper},
    {"SimSPPF", Sppf},
    {"SPPF", Sppf},
    {"SimCSPSPPF", CspSppf},
    {"CSPSPPF", CspSppf},
    {"Transpose", Transpose},
    {"RepVGGBlock", RepVggBlock},
    {"QARepVGGBlock", QaRepVggBlock},
    {"QARepVGGBlockV2", QaRepVggBlock},
    {"RealVGGBlock", RealVggBlock},
    {"RepBlock", RepBlock},
    {"BottleRep", BottleRep},
    {"BottleRep3", BottleRep},
    {"BepC3", BepC3},
    {"MBLABlock", MblaBlock},
});

Value BuildOwn(const Block& block, Value x) {
  RequireOwn(block.module);
  const auto* const found =
      std::find_if(kBlocks.begin(), kBlocks.end(),
                   [&](const KnownBlock& each) { return each.type == block.module.type(); });
  if (found != kBlocks.end()) return found->build(block, x);
  std::vector<std::string> names;
  for (const KnownBlock& each : kBlocks) names.emplace_back(each.type);
  block.module.Fail("is not supported", "known are " + base::JoinText(names, names.size()));
}

}  // namespace

void RequireOwn(const Module& module) {
  if (module.class_name().starts_with("yolov6.")) return;
  module.Fail("is not of YOLOv6's repository: its full name is " + Quote(module.class_name()),
              "networks with modules of their own are not supported");
}

Value Build(const Block& block, Value x) {
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const std::string_view name = block.module.class_name();
  if (name == "torch.nn.modules.container.Sequential") {
    return layer_list::Chain(block, x, Build);
  }
  if (name == "torch.nn.modules.conv.Conv2d") return layer_list::Conv2d(block, x);
  return BuildOwn(block, x);
}

Value BiFusion(const Block& block, Value high, Value current, Value low) {
  RequireOwn(block.module);
  const graph::NameScope scope(high.graph(), block.w.prefix());
  const Value from_high = Build(block["upsample"], high);
  const Value from_current = Build(block["cv1"], current);
  const Value from_low = Build(block["downsample"], Build(block["cv2"], low));
  return Build(block["cv3"], graph::Concat({from_high, from_current, from_low}, 1));
}

}  // namespace yoloport::sources::yolov6
