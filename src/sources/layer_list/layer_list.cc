#include "sources/layer_list/layer_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "graph/ops.h"
#include "sources/layer_list/blocks.h"
#include "sources/layer_list/torch_layers.h"
#include "yoloport/error.h"

namespace yoloport::sources::layer_list {
namespace {

using base::Quote;
using checkpoint::Module;
using checkpoint::SavedValue;
using graph::Value;
using Known = std::span<const KnownLayer>;

constexpr std::string_view kSequential = "torch.nn.modules.container.Sequential";

// What index `value` of layer number `index` means: which output it reads, -1 for the image.
std::int64_t SourceOf(const SavedValue& value, std::size_t index) {
  const auto here = static_cast<std::int64_t>(index);
  const std::int64_t from = value.Int();
  const std::int64_t source = from < 0 ? here + from : from;
  if (source >= here || source < -1 || (source == -1 && from != -1)) {
    value.Fail(
        fmt::format("is {}: expected a layer before this one, which is number {}", from, index),
        "the file is damaged, or was changed after it was saved");
  }
  return source;
}

std::vector<std::int64_t> SourcesOf(const Module& layer, std::size_t index) {
  const SavedValue from = layer.Get("f");
  if (!from.is_list()) return {SourceOf(from, index)};
  std::vector<std::int64_t> sources;
  constexpr std::size_t kMost = 64;
  const std::vector<SavedValue> items = from.Items();
  if (items.empty() || items.size() > kMost) {
    from.Fail(fmt::format("has {} entries: expected 1 to {}", items.size(), kMost));
  }
  for (const SavedValue& item : items) sources.push_back(SourceOf(item, index));
  return sources;
}

Value OnlyInput(const Module& layer, const std::vector<Value>& inputs) {
  if (inputs.size() == 1) return inputs[0];
  layer.Fail(fmt::format("has {} inputs: expected one", inputs.size()));
}

Value Concat(const Module& layer, const std::vector<Value>& inputs) {
  if (layer.Get("d").Int(1) != 1) layer.Get("d").Fail("is not 1, the axis of channels");
  return graph::Concat(inputs, 1);
}

[[noreturn]] void FailUnknown(const Module& layer, Known known) {
  std::vector<std::string> names = {"Concat", "Upsample"};
  for (const KnownLayer& each : known) names.emplace_back(each.type);
  layer.Fail("is not supported: its full name is " + Quote(layer.class_name()),
             "known are " + base::JoinText(names, names.size()) +
                 "; a network with other layers is exported by its own program, see "
                 "docs/foreign_files.md and docs/finish.md");
}

// Some layers grow what they get, and there may be any number of them.
void CheckSize(const Module& layer, Value x) {
  constexpr std::int64_t kMostChannels = 1 << 20;
  constexpr std::int64_t kLargestSide = 1 << 16;
  const bool is_map = x.rank() == 4 && x.dim(1) <= kMostChannels && x.dim(2) <= kLargestSide &&
                      x.dim(3) <= kLargestSide;
  if (!is_map) layer.Fail("gives " + base::ShapeText(x.shape()) + ", which no network needs");
}

Value BuildLayer(const Block& layer, const std::vector<Value>& inputs, Known known) {
  const Module& module = layer.module;
  const std::string_view name = module.class_name();
  if (name.starts_with("torch.nn.modules.")) {
    const std::string_view type = module.type();
    if (type == "Upsample") return Upsample(module, OnlyInput(module, inputs));
    if (type == "MaxPool2d") return MaxPool2d(module, OnlyInput(module, inputs));
    if (type == "Identity") return OnlyInput(module, inputs);
    if (name != kSequential) FailUnknown(module, known);
    Value x = OnlyInput(module, inputs);
    for (const Block& block : layer.Children()) {
      x = BuildLayer(block, {x}, known);
      CheckSize(block.module, x);
    }
    return x;
  }
  if (!IsOfKnownProgram(name)) FailUnknown(module, known);
  if (module.type() == "Concat") return Concat(module, inputs);
  const auto found = std::find_if(known.begin(), known.end(), [&](const KnownLayer& each) {
    return each.type == module.type();
  });
  if (found == known.end()) FailUnknown(module, known);
  if (found->join != nullptr) return found->join(layer, inputs);
  return found->build(layer, OnlyInput(module, inputs));
}

// The graph's own checks know shapes, but not of which layer.
Value BuildNamed(const Block& layer, const std::vector<Value>& inputs, Known known) {
  const graph::NameScope scope(inputs.front().graph(), layer.w.prefix());
  try {
    const Value x = BuildLayer(layer, inputs, known);
    CheckSize(layer.module, x);
    return x;
  } catch (const ModelError& error) {
    layer.module.Fail("does not fit its inputs: " + error.message(), error.hint());
  }
}

}  // namespace

Module LastLayer(const Module& layers) {
  const std::vector<Module> all = layers.Children();
  if (all.empty()) layers.Fail("has no layers");
  return all.back();
}

Head RunLayers(const Block& layers, Value image, Known known) {
  const Module& list = layers.module;
  if (list.class_name() != kSequential || list.size() == 0) {
    list.Fail("is not a Sequential of layers");
  }
  std::vector<Value> outputs;
  std::vector<Value> inputs;
  const std::vector<Block> blocks = layers.Children();
  for (std::size_t index = 0; index < blocks.size(); ++index) {
    const Module& layer = blocks[index].module;
    const SavedValue number = layer.Get("i");
    if (number.Int(static_cast<std::int64_t>(index)) != static_cast<std::int64_t>(index)) {
      number.Fail(fmt::format("is {} where layer number {} is expected", number.Int(), index));
    }
    inputs.clear();
    for (const std::int64_t source : SourcesOf(layer, index)) {
      inputs.push_back(source < 0 ? image : outputs[static_cast<std::size_t>(source)]);
    }
    if (index + 1 < blocks.size()) outputs.push_back(BuildNamed(blocks[index], inputs, known));
  }
  return {blocks.back(), inputs};
}

}  // namespace yoloport::sources::layer_list
