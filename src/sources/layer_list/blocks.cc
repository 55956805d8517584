#include "sources/layer_list/blocks.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "graph/ops.h"
#include "nn/focus.h"
#include "nn/spp.h"
#include "nn/style.h"

namespace yoloport::sources::layer_list {
namespace {

using base::Quote;
using checkpoint::Module;
using graph::Value;

constexpr auto kPrograms = std::to_array<std::string_view>(
    {"ultralytics.nn.modules.", "models.common.", "models.yolo.", "models.experimental.",
     "yolov5.models.common.", "yolov5.models.yolo."});

// What follows the convolution of a Conv.
Value Act(const Block& block, Value x) {
  return nn::Activate(x, ReadActivation(block.module["act"]));
}

}  // namespace

std::int64_t SamePoolSize(const Module& pool) {
  constexpr std::int64_t kLargest = 99;
  if (pool.class_name() != "torch.nn.modules.pooling.MaxPool2d") {
    pool.Fail("is of the class " + Quote(pool.class_name()) + ": expected a MaxPool2d");
  }
  const std::int64_t kernel = ReadSquare(pool.Get("kernel_size"), 1, kLargest);
  const bool is_same = kernel % 2 == 1 && ReadSquare(pool.Get("stride"), 1, kLargest) == 1 &&
                       ReadSquare(pool.Get("padding"), 0, kLargest) == kernel / 2;
  if (!is_same) pool.Fail("does not keep the size of its input: expected stride 1 and padding");
  return kernel;
}

bool IsOfKnownProgram(std::string_view class_name) {
  return std::any_of(kPrograms.begin(), kPrograms.end(),
                     [&](std::string_view program) { return class_name.starts_with(program); });
}

void RequireType(const Module& module, std::initializer_list<std::string_view> types) {
  const bool is_known = std::find(types.begin(), types.end(), module.type()) != types.end();
  if (is_known && IsOfKnownProgram(module.class_name())) return;
  std::vector<std::string> names;
  for (const std::string_view type : types) names.emplace_back(type);
  module.Fail("is of the class " + Quote(module.class_name()) + ", which is not known here",
              "known here are " + base::JoinText(names));
}

nn::FoldedConv TakeConv(const Block& block, const Conv2dSpec& spec) {
  nn::FoldedConv conv = TakeConv2d(block["conv"], spec);
  if (!block.module.Has("bn")) return conv;
  return nn::Then(std::move(conv), TakeBatchNorm2d(block["bn"], spec.shape[0]));
}

Value Conv(const Block& block, Value x) {
  RequireType(block.module, {"Conv", "DWConv"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const Conv2dSpec spec = ReadConv2d(block.module["conv"], x);
  x = nn::Emit(x, TakeConv(block, spec), spec.geometry, block.w["conv"].prefix());
  return Act(block, x);
}

Value Chain(const Block& blocks, Value x, BlockFunction build) {
  for (const Block& block : blocks.Children()) x = build(block, x);
  return x;
}

Value Bottleneck(const Block& block, Value x) {
  RequireType(block.module, {"Bottleneck"});
  const Value y = Conv(block["cv2"], Conv(block["cv1"], x));
  const graph::NameScope scope(x.graph(), block.w.prefix());
  return block.module.Get("add").Flag() ? x + y : y;
}

Value C3(const Block& block, Value x) {
  RequireType(block.module, {"C3", "C3k"});
  return C3Of(block, x, Bottleneck);
}

Value C3Of(const Block& block, Value x, BlockFunction build) {
  const Value main = Chain(block["m"], Conv(block["cv1"], x), build);
  const graph::NameScope scope(x.graph(), block.w.prefix());
  return Conv(block["cv3"], graph::Concat({main, Conv(block["cv2"], x)}, 1));
}

Value Sppf(const Block& block, Value x) {
  RequireType(block.module, {"SPPF"});
  constexpr std::int64_t kMost = 16;
  const std::int64_t size = SamePoolSize(block.module["m"]);
  const checkpoint::SavedValue repeats = block.module.Get("n");
  const std::int64_t count = repeats.Int(3);
  if (count < 1 || count > kMost)
    repeats.Fail("is " + std::to_string(count) + ": expected 1 to 16");
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const Value y = Conv(block["cv2"],
                       graph::Concat(nn::PoolingPyramid(Conv(block["cv1"], x), {size}, count), 1));
  return block.module.Get("add").Flag(false) ? y + x : y;
}

Value Spp(const Block& block, Value x) {
  RequireType(block.module, {"SPP"});
  std::vector<std::int64_t> sizes;
  for (const Module& pool : block.module["m"].Children()) sizes.push_back(SamePoolSize(pool));
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const bool is_one = sizes.size() == 1;
  return Conv(block["cv2"],
              graph::Concat(nn::PoolingPyramid(Conv(block["cv1"], x), sizes, is_one ? 1 : 3), 1));
}

Value Focus(const Block& block, Value x) {
  RequireType(block.module, {"Focus"});
  const Block conv = block["conv"];
  RequireType(conv.module, {"Conv"});
  const graph::NameScope scope(x.graph(), conv.w.prefix());
  const std::int64_t channels = x.dim(1);
  Conv2dSpec spec = ReadConv2d(conv.module["conv"], 4 * channels);
  const bool is_plain = spec.geometry.stride == 1 && spec.geometry.dilation == 1 &&
                        spec.geometry.groups == 1 && spec.shape[2] % 2 == 1 &&
                        spec.geometry.padding == spec.shape[2] / 2;
  if (!is_plain) conv.module.Fail("is not a plain convolution of stride 1, as Focus has it");
  nn::FoldedConv folded = TakeConv(conv, spec);
  folded.shape = {spec.shape[0], channels, 2 * spec.shape[2], 2 * spec.shape[3]};
  folded.weight = [weight = std::move(folded.weight)] { return nn::FocusKernel(weight()); };
  const graph::ConvSpec geometry = {.stride = 2, .padding = spec.shape[2] - 1};
  return Act(conv, nn::Emit(x, std::move(folded), geometry, conv.w["conv"].prefix()));
}

}  // namespace yoloport::sources::layer_list
