#include "sources/ultralytics/blocks.h"

#include <array>
#include <vector>

#include "graph/ops.h"
#include "nn/folded_conv.h"
#include "nn/style.h"
#include "sources/layer_list/blocks.h"
#include "sources/ultralytics/attention.h"

namespace yoloport::sources::ultralytics {
namespace {

using graph::Value;
using layer_list::Block;
using layer_list::Conv;
using layer_list::RequireType;

std::vector<Value> Halves(const Block& block, Value x) {
  const std::int64_t channels = x.dim(1);
  if (channels % 2 != 0) block.module.Fail("splits an odd number of channels into halves");
  return graph::Split(x, 1, {channels / 2, channels / 2});
}

// RepConv: 3 x 3 (`conv1`) and 1 x 1 (`conv2`) side by side, or what they were merged to (`conv`).
Value RepConv(const Block& block, Value x) {
  RequireType(block.module, {"RepConv"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const nn::Activation act = layer_list::ReadActivation(block.module["act"]);
  if (block.module.Has("conv")) return nn::Activate(layer_list::Conv2d(block["conv"], x), act);
  if (block.module.Has("bn")) block.module.Fail("has an identity branch, which is not supported");
  const auto take = [&](const char* name, layer_list::Conv2dSpec& spec) {
    RequireType(block[name].module, {"Conv"});
    spec = layer_list::ReadConv2d(block[name].module["conv"], x);
    return layer_list::TakeConv(block[name], spec);
  };
  layer_list::Conv2dSpec large;
  layer_list::Conv2dSpec small;
  nn::FoldedConv first = take("conv1", large);
  nn::FoldedConv second = take("conv2", small);
  const bool is_plain = large.shape[0] == small.shape[0] && large.shape[1] == small.shape[1] &&
                        large.shape[2] == 3 && small.shape[2] == 1 && large.geometry.padding == 1 &&
                        small.geometry.padding == 0 && large.geometry.dilation == 1 &&
                        large.geometry.stride == small.geometry.stride;
  if (!is_plain) block.module.Fail("is not a 3 x 3 and a 1 x 1 convolution side by side");
  x = nn::Emit(x, nn::Parallel(std::move(first), std::move(second)), large.geometry,
               block.w.prefix() + ".conv");
  return nn::Activate(x, act);
}

// RepVGGDW: 7 x 7 (`conv`) and 3 x 3 (`conv1`) depthwise, or what they were merged to.
Value RepVggDw(const Block& block, Value x) {
  RequireType(block.module, {"RepVGGDW"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const nn::Activation act = layer_list::ReadActivation(block.module["act"]);
  if (!block.module.Has("conv1")) return nn::Activate(layer_list::Conv2d(block["conv"], x), act);
  return nn::Activate(Conv(block["conv"], x) + Conv(block["conv1"], x), act);
}

Value RepBottleneck(const Block& block, Value x) {
  RequireType(block.module, {"RepBottleneck"});
  const Value y = Conv(block["cv2"], RepConv(block["cv1"], x));
  const graph::NameScope scope(x.graph(), block.w.prefix());
  return block.module.Get("add").Flag() ? x + y : y;
}

Value RepCsp(const Block& block, Value x) {
  RequireType(block.module, {"RepCSP"});
  return layer_list::C3Of(block, x, RepBottleneck);
}

Value CibLayer(const Block& block, Value x) {
  return block.module.type() == "RepVGGDW" ? RepVggDw(block, x) : Conv(block, x);
}

Value Cib(const Block& block, Value x) {
  RequireType(block.module, {"CIB"});
  const Value y = layer_list::Chain(block["cv1"], x, CibLayer);
  const graph::NameScope scope(x.graph(), block.w.prefix());
  return block.module.Get("add").Flag() ? x + y : y;
}

// What stands in the `m` of a block.
Value Inner(const Block& block, Value x) {
  const std::string_view type = block.module.type();
  if (type == "Sequential") return layer_list::Chain(block, x, Inner);
  if (type == "C3k") return layer_list::C3(block, x);
  if (type == "PSABlock") return PsaBlock(block, x);
  if (type == "ABlock") return AreaBlock(block, x);
  if (type == "CIB") return Cib(block, x);
  if (type == "RepCSP") return RepCsp(block, x);
  if (type == "Conv") return Conv(block, x);
  return layer_list::Bottleneck(block, x);
}

// `parts`, and what each of `blocks` makes of the last one.
std::vector<Value> AndEach(std::vector<Value> parts, const std::vector<Block>& blocks) {
  for (const Block& block : blocks) parts.push_back(Inner(block, parts.back()));
  return parts;
}

// C2f and what differs by the blocks in `m`: `cv2` of the halves of `cv1` and of each block.
Value C2f(const Block& block, Value x) {
  RequireType(block.module, {"C2f", "C3k2", "C2fCIB", "C2fPSA"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const std::vector<Value> halves = Halves(block, Conv(block["cv1"], x));
  return Conv(block["cv2"], graph::Concat(AndEach(halves, block["m"].Children()), 1));
}

// A2C2f: `cv2` of `cv1` and of each block, added to the input times `gamma` where there is one.
Value A2C2f(const Block& block, Value x) {
  RequireType(block.module, {"A2C2f"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const std::vector<Value> parts = AndEach({Conv(block["cv1"], x)}, block["m"].Children());
  const Value y = Conv(block["cv2"], graph::Concat(parts, 1));
  if (!block.w.Has("gamma")) return y;
  const std::int64_t channels = y.dim(1);
  const std::string name = block.w.prefix() + ".gamma";
  const tensor::Tensor gamma =
      nn::WeightAs(block.w.Take("gamma", {channels}), x.dtype(), name).Reshaped({channels, 1, 1});
  return x + y * x.graph().Constant(gamma, name);
}

// C2PSA: one half of `cv1` through `m`, both joined by `cv2`.
Value C2Psa(const Block& block, Value x) {
  RequireType(block.module, {"C2PSA"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const std::vector<Value> halves = Halves(block, Conv(block["cv1"], x));
  const Value y = layer_list::Chain(block["m"], halves[1], Inner);
  return Conv(block["cv2"], graph::Concat({halves[0], y}, 1));
}

// RepNCSPELAN4 and ELAN1: `cv4` of the halves of `cv1`, of `cv2` and of `cv3`.
Value Elan(const Block& block, Value x) {
  RequireType(block.module, {"RepNCSPELAN4", "ELAN1"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const std::vector<Value> halves = Halves(block, Conv(block["cv1"], x));
  return Conv(block["cv4"], graph::Concat(AndEach(halves, {block["cv2"], block["cv3"]}), 1));
}

Value SppElan(const Block& block, Value x) {
  RequireType(block.module, {"SPPELAN"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  std::vector<Value> parts = {Conv(block["cv1"], x)};
  for (const char* pool : {"cv2", "cv3", "cv4"}) {
    parts.push_back(layer_list::MaxPool2d(block.module[pool], parts.back()));
  }
  return Conv(block["cv5"], graph::Concat(parts, 1));
}

Value AConv(const Block& block, Value x) {
  RequireType(block.module, {"AConv"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  return Conv(block["cv1"], graph::AveragePool(x, 2, 1));
}

Value ADown(const Block& block, Value x) {
  RequireType(block.module, {"ADown"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const std::vector<Value> halves = Halves(block, graph::AveragePool(x, 2, 1));
  return graph::Concat(
      {Conv(block["cv1"], halves[0]), Conv(block["cv2"], graph::MaxPool(halves[1], 3, 2, 1))}, 1);
}

// SCDown: 1 x 1 (`cv1`), then depthwise of stride 2 (`cv2`).
Value ScDown(const Block& block, Value x) {
  RequireType(block.module, {"SCDown"});
  return Conv(block["cv2"], Conv(block["cv1"], x));
}

constexpr auto kLayers = std::to_array<layer_list::KnownLayer>({
    {"Conv", Conv},
    {"DWConv", Conv},
    {"Focus", layer_list::Focus},
    {"Bottleneck", layer_list::Bottleneck},
    {"C3", layer_list::C3},
    {"SPP", layer_list::Spp},
    {"SPPF", layer_list::Sppf},
    {"C2f", C2f},
    {"C3k2", C2f},
    {"C2fCIB", C2f},
    {"C2fPSA", C2f},
    {"C2PSA", C2Psa},
    {"PSA", Psa},
    {"A2C2f", A2C2f},
    {"SCDown", ScDown},
    {"AConv", AConv},
    {"ADown", ADown},
    {"ELAN1", Elan},
    {"RepNCSPELAN4", Elan},
    {"SPPELAN", SppElan},
});

}  // namespace

std::span<const layer_list::KnownLayer> KnownLayers() { return kLayers; }

}  // namespace yoloport::sources::ultralytics
