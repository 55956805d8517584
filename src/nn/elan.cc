#include "nn/elan.h"

#include <algorithm>
#include <vector>

#include "graph/ops.h"
#include "nn/conv_module.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using graph::Value;

std::int64_t Part(Value x, double ratio) {
  return static_cast<std::int64_t>(static_cast<double>(x.dim(1)) * ratio);
}

// What was computed last comes first.
Value JoinReversed(std::vector<Value> values) {
  std::reverse(values.begin(), values.end());
  return graph::Concat(values, 1);
}

}  // namespace

Value ElanBlock(const Weights& w, Value x, const ElanSpec& spec, const Style& style) {
  const ConvModuleSpec middle = {.out_channels = Part(x, spec.middle_ratio)};
  const ConvModuleSpec conv = {.out_channels = Part(x, spec.block_ratio), .kernel = 3};
  std::vector<Value> results = {ConvModule(w["short_conv"], x, middle, style),
                                ConvModule(w["main_conv"], x, middle, style)};
  for (std::int64_t i = 0; i < spec.num_blocks; ++i) {
    const Weights block = w["blocks"][static_cast<std::size_t>(i)];
    Value y = results.back();
    if (spec.num_convs_in_block == 1) {
      y = ConvModule(block, y, conv, style);
    } else {
      for (std::int64_t j = 0; j < spec.num_convs_in_block; ++j) {
        y = ConvModule(block[static_cast<std::size_t>(j)], y, conv, style);
      }
    }
    results.push_back(y);
  }
  const graph::NameScope scope(x.graph(), w.prefix());
  return ConvModule(w["final_conv"], JoinReversed(std::move(results)),
                    {.out_channels = spec.out_channels}, style);
}

Value EelanBlock(const Weights& w, Value x, std::int64_t num_elan_blocks, const ElanSpec& spec,
                 const Style& style) {
  const graph::NameScope scope(x.graph(), w.prefix());
  Value sum = ElanBlock(w["e_elan_blocks"][std::size_t{0}], x, spec, style);
  for (std::int64_t i = 1; i < num_elan_blocks; ++i) {
    sum = sum + ElanBlock(w["e_elan_blocks"][static_cast<std::size_t>(i)], x, spec, style);
  }
  return sum;
}

Value MaxPoolAndStrideConvBlock(const Weights& w, Value x, const PoolAndConvSpec& spec,
                                const Style& style) {
  const std::int64_t half = spec.out_channels / 2;
  const std::int64_t middle = spec.use_in_channels_of_middle ? x.dim(1) : half;
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value pooled =
      ConvModule(w["maxpool_branches"][1],
                 graph::MaxPool(x, spec.maxpool_kernel_size, spec.maxpool_kernel_size, 0),
                 {.out_channels = half}, style);
  const Weights branch = w["stride_conv_branches"];
  Value strided = ConvModule(branch[std::size_t{0}], x, {.out_channels = middle}, style);
  strided = ConvModule(branch[1], strided, {.out_channels = half, .kernel = 3, .stride = 2}, style);
  return graph::Concat({strided, pooled}, 1);
}

Value TinyDownSampleBlock(const Weights& w, Value x, const TinyDownSampleSpec& spec,
                          const Style& style) {
  const std::int64_t middle = Part(x, spec.middle_ratio);
  std::vector<Value> results = {ConvModule(w["short_conv"], x, {.out_channels = middle}, style)};
  Value y = x;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t kernel = i == 0 ? 1 : spec.kernel_size;
    y = ConvModule(w["main_convs"][i], y,
                   {.out_channels = middle, .kernel = kernel, .padding = (kernel - 1) / 2}, style);
    results.push_back(y);
  }
  const graph::NameScope scope(x.graph(), w.prefix());
  return ConvModule(w["final_conv"], JoinReversed(std::move(results)),
                    {.out_channels = spec.out_channels}, style);
}

}  // namespace yoloport::nn
