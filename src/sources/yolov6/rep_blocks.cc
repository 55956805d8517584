#include "sources/yolov6/rep_blocks.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "nn/rep_vgg.h"

namespace yoloport::sources::yolov6 {
namespace {

using graph::Value;
using layer_list::Block;
using layer_list::Conv2dSpec;

// What both branches must be to be one convolution.
void RequireBranches(const Block& block, const Conv2dSpec& dense, const Conv2dSpec& one) {
  const bool fits = dense.shape[2] == 3 && dense.geometry.padding == 1 &&
                    dense.geometry.dilation == 1 &&
                    one.shape == tensor::Shape{dense.shape[0], dense.shape[1], 1, 1} &&
                    one.geometry.stride == dense.geometry.stride && one.geometry.padding == 0 &&
                    one.geometry.groups == dense.geometry.groups;
  if (!fits) block.module.Fail("has branches that do not add up: expected 3 x 3 and 1 x 1");
}

// Whether the block has the branch, which adds the input or something of its size.
bool HasInputBranch(const Block& block, const char* name, Value x, const Conv2dSpec& spec) {
  if (!block.module.Has(name)) return false;
  if (x.dim(1) != spec.shape[0] || spec.geometry.stride != 1) {
    block.module.Fail("adds its input, which has another size");
  }
  return true;
}

Value Finish(const Block& block, Value x, nn::FoldedConv conv, const graph::ConvSpec& geometry) {
  x = nn::Emit(x, std::move(conv), geometry, block.w.prefix() + ".conv");
  return nn::Activate(x, layer_list::ReadActivation(block.module["nonlinearity"]));
}

// The mean of 3 x 3 pixels, zeros beyond the edges among them.
nn::FoldedConv MeanConv(std::int64_t channels, std::int64_t groups) {
  nn::FoldedConv conv = nn::IdentityConv(channels, groups, 3);
  conv.weight = [weight = nn::IdentityConv(channels, groups, 1).weight] {
    const tensor::Tensor ones = weight();
    std::vector<float> values;
    for (const float one : ones.values<float>()) values.insert(values.end(), 9, one / 9);
    return tensor::Tensor::Of<float>({ones.shape()[0], ones.shape()[1], 3, 3}, std::move(values));
  };
  return conv;
}

void RequireMeanOf3x3(const checkpoint::Module& pool) {
  const bool fits = pool.class_name() == "torch.nn.modules.pooling.AvgPool2d" &&
                    layer_list::ReadSquare(pool.Get("kernel_size"), 1, 99) == 3 &&
                    layer_list::ReadSquare(pool.Get("stride"), 1, 99) == 1 &&
                    layer_list::ReadSquare(pool.Get("padding"), 0, 99) == 1 &&
                    pool.Get("count_include_pad").Flag(true);
  if (!fits) pool.Fail("is not the mean of 3 x 3 pixels, as the block has it");
}

nn::FoldedConv TakeQaBranches(const Block& block, Value x, const Conv2dSpec& spec) {
  const Conv2dSpec small = layer_list::ReadConv2d(block["rbr_1x1"].module, x);
  RequireBranches(block, spec, small);
  const std::int64_t channels = spec.shape[0];
  const std::int64_t groups = spec.geometry.groups;
  nn::FoldedConv sum = nn::Parallel(TakeConvBn(block["rbr_dense"], spec),
                                    layer_list::TakeConv2d(block["rbr_1x1"], small));
  if (HasInputBranch(block, "rbr_identity", x, spec)) {
    sum = nn::Parallel(std::move(sum), nn::IdentityConv(channels, groups, 3));
  }
  if (HasInputBranch(block, "rbr_avg", x, spec)) {
    RequireMeanOf3x3(block.module["rbr_avg"]);
    sum = nn::Parallel(std::move(sum), MeanConv(channels, groups));
  }
  return sum;
}

}  // namespace

nn::FoldedConv TakeConvBn(const Block& block, const Conv2dSpec& spec) {
  nn::FoldedConv conv = layer_list::TakeConv2d(block["conv"], spec);
  if (!block.module.Has("bn")) return conv;
  return nn::Then(std::move(conv), layer_list::TakeBatchNorm2d(block["bn"], spec.shape[0]));
}

Value RepVggBlock(const Block& block, Value x) {
  if (block.module.Has("rbr_reparam")) {
    const Block merged = block["rbr_reparam"];
    const Conv2dSpec spec = layer_list::ReadConv2d(merged.module, x);
    return Finish(block, x, layer_list::TakeConv2d(merged, spec), spec.geometry);
  }
  const Block dense = block["rbr_dense"];
  const Block one = block["rbr_1x1"];
  const Conv2dSpec spec = layer_list::ReadConv2d(dense["conv"].module, x);
  const Conv2dSpec small = layer_list::ReadConv2d(one["conv"].module, x);
  RequireBranches(block, spec, small);
  std::optional<nn::ScaleShift> identity;
  if (HasInputBranch(block, "rbr_identity", x, spec)) {
    identity = layer_list::TakeBatchNorm2d(block["rbr_identity"], spec.shape[0]);
  }
  nn::FoldedConv merged = nn::MergeRepVgg(TakeConvBn(dense, spec), TakeConvBn(one, small), 1,
                                          std::move(identity), spec.geometry.groups);
  return Finish(block, x, std::move(merged), spec.geometry);
}

Value QaRepVggBlock(const Block& block, Value x) {
  const bool is_merged = block.module.Has("rbr_reparam");
  const Block first = is_merged ? block["rbr_reparam"] : block["rbr_dense"]["conv"];
  const Conv2dSpec spec = layer_list::ReadConv2d(first.module, x);
  nn::FoldedConv sum =
      is_merged ? layer_list::TakeConv2d(first, spec) : TakeQaBranches(block, x, spec);
  sum = nn::Then(std::move(sum), layer_list::TakeBatchNorm2d(block["bn"], spec.shape[0]));
  return Finish(block, x, std::move(sum), spec.geometry);
}

}  // namespace yoloport::sources::yolov6
