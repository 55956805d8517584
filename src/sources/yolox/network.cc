#include "sources/yolox/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "contract/limits.h"
#include "models/backbone_stages.h"
#include "models/head_levels.h"
#include "models/pafpn.h"
#include "models/style_reading.h"
#include "models/yolox.h"
#include "nn/focus.h"
#include "yoloport/error.h"

namespace yoloport::sources::yolox {
namespace {

using base::Quote;
using checkpoint::Checkpoint;
using checkpoint::NamedTensor;
using checkpoint::Weights;
using graph::Value;
using models::kYoloStyle;  // BN with eps 0.001, which the repository's Exp sets, and SiLU

constexpr const char* kStem = "backbone.backbone.stem.conv.conv.weight";
constexpr const char* kClasses = "head.cls_preds.0.weight";
constexpr const char* kObjectness = "head.obj_preds.0.weight";
constexpr std::array kStages = {"dark2", "dark3", "dark4", "dark5"};
constexpr std::array kNeckLayers = {"C3_p4", "C3_p3", "C3_n3", "C3_n4"};
constexpr std::size_t kLevels = 3;
constexpr std::int64_t kMostChannels = 1 << 16;

struct Size {
  std::string_view name;
  std::int64_t stem_channels;
  std::int64_t blocks;
  bool depthwise;
  std::int64_t test_side;
};
constexpr std::array<Size, 6> kSizes = {{{"nano", 16, 1, true, 416},
                                         {"tiny", 24, 1, false, 416},
                                         {"s", 32, 1, false, 640},
                                         {"m", 48, 2, false, 640},
                                         {"l", 64, 3, false, 640},
                                         {"x", 80, 4, false, 640}}};

const NamedTensor* Find(const Checkpoint& checkpoint, std::string_view key) {
  const auto& tensors = checkpoint.tensors();
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const NamedTensor& each) { return each.key == key; });
  return found == tensors.end() ? nullptr : &*found;
}

[[noreturn]] void Fail(const Checkpoint& checkpoint, const std::string& what,
                       const std::string& hint) {
  throw CheckpointError(Quote(checkpoint.path().native()) + ": " + what, hint);
}

// The shape of a convolution's weight that tells something of the network.
tensor::Shape ShapeOf(const Checkpoint& checkpoint, std::string_view key) {
  const NamedTensor* named = Find(checkpoint, key);
  const std::string quoted = Quote(key);
  constexpr const char* kHint =
      "a checkpoint as the training of YOLOX's repository writes it is needed";
  if (named == nullptr) Fail(checkpoint, "a YOLOX without " + quoted, kHint);
  if (!named->usable()) Fail(checkpoint, quoted + " is " + named->problem, kHint);
  const tensor::Shape& shape = named->tensor.shape();
  const auto is_sane = [](std::int64_t extent) { return extent >= 1 && extent <= kMostChannels; };
  if (shape.size() == 4 && std::all_of(shape.begin(), shape.end(), is_sane)) return shape;
  Fail(checkpoint,
       quoted + " has the shape " + base::ShapeText(shape) + ", which no convolution of YOLOX has",
       kHint);
}

std::string LayerOf(std::size_t stage) {
  return fmt::format("backbone.backbone.{}.{}", kStages[stage],
                     stage + 1 == kStages.size() ? 2 : 1);
}

// How many blocks a CSP layer has, without a gap from 0 on; what stands behind a gap is told when
// the network is built. A layer of the neck may have none, where the depth is below 1/6.
std::int64_t CountBlocks(const Weights& w, const std::string& csp_layer, bool may_be_empty) {
  const Weights blocks = w[csp_layer]["m"];
  std::int64_t count = 0;
  while (blocks.HasBelow(std::to_string(count))) ++count;
  return may_be_empty && !w[csp_layer].HasBelow("m") ? count : std::max<std::int64_t>(count, 1);
}

// --- where the repository's modules have what those of src/models ask for ---

using Paths = std::map<std::string, std::string>;

void AddCspLayer(const std::string& layer, Paths& paths) {
  paths[layer + ".main_conv"] = layer + ".conv1";
  paths[layer + ".short_conv"] = layer + ".conv2";
  paths[layer + ".final_conv"] = layer + ".conv3";
  paths[layer + ".blocks"] = layer + ".m";
}

// DWConv.
void AddDepthwise(const std::string& layer, Paths& paths) {
  paths[layer + ".depthwise_conv"] = layer + ".dconv";
  paths[layer + ".pointwise_conv"] = layer + ".pconv";
}

void AddDepthwiseBlocks(const std::string& layer, std::int64_t blocks, Paths& paths) {
  for (std::int64_t i = 0; i < blocks; ++i) {
    AddDepthwise(fmt::format("{}.m.{}.conv2", layer, i), paths);
  }
}

Paths BackbonePaths(const Network& network) {
  Paths paths;
  for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
    AddCspLayer(LayerOf(stage), paths);
    if (!network.depthwise) continue;
    AddDepthwise(fmt::format("backbone.backbone.{}.0", kStages[stage]), paths);
    AddDepthwiseBlocks(LayerOf(stage), network.stage_blocks[stage], paths);
  }
  return paths;
}

Paths NeckPaths(const Network& network) {
  Paths paths = {{"backbone.reduce_layers.2", "backbone.lateral_conv0"},
                 {"backbone.top_down_layers.0.0", "backbone.C3_p4"},
                 {"backbone.top_down_layers.0.1", "backbone.reduce_conv1"},
                 {"backbone.top_down_layers.1", "backbone.C3_p3"},
                 {"backbone.downsample_layers.0", "backbone.bu_conv2"},
                 {"backbone.bottom_up_layers.0", "backbone.C3_n3"},
                 {"backbone.downsample_layers.1", "backbone.bu_conv1"},
                 {"backbone.bottom_up_layers.1", "backbone.C3_n4"},
                 {"backbone.out_layers", "head.stems"}};
  for (const char* const name : kNeckLayers) {
    const std::string layer = std::string("backbone.") + name;
    AddCspLayer(layer, paths);
    if (network.depthwise) AddDepthwiseBlocks(layer, network.neck_blocks, paths);
  }
  if (network.depthwise) {
    for (const char* const name : {"bu_conv1", "bu_conv2"}) {
      AddDepthwise(std::string("backbone.") + name, paths);
    }
  }
  return paths;
}

Paths HeadPaths(const Network& network) {
  Paths paths = {{"head.multi_level_cls_convs", "head.cls_convs"},
                 {"head.multi_level_reg_convs", "head.reg_convs"},
                 {"head.multi_level_conv_cls", "head.cls_preds"},
                 {"head.multi_level_conv_reg", "head.reg_preds"},
                 {"head.multi_level_conv_obj", "head.obj_preds"}};
  if (!network.depthwise) return paths;
  for (const char* const branch : {"cls_convs", "reg_convs"}) {
    for (std::size_t level = 0; level < kLevels; ++level) {
      for (const int conv : {0, 1}) {
        AddDepthwise(fmt::format("head.{}.{}.{}", branch, level, conv), paths);
      }
    }
  }
  return paths;
}

// --- the network ---

std::vector<Value> BuildBackbone(const Network& network, const Weights& all, Value image) {
  const Weights w = all.Renamed(BackbonePaths(network))["backbone"]["backbone"];
  const models::CspStageSpec spec = {.depthwise_downsample = network.depthwise,
                                     .depthwise_blocks = network.depthwise,
                                     .spp_kernels = {5, 9, 13}};
  Value x =
      nn::Focus(w["stem"], image, {.out_channels = network.stem_channels, .kernel = 3}, kYoloStyle);
  std::vector<Value> features;
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    const bool is_last = i + 1 == kStages.size();
    const models::CspStage stage = {static_cast<double>(x.dim(1)),
                                    static_cast<double>(2 * x.dim(1)), network.stage_blocks[i],
                                    !is_last, is_last};
    x = models::BuildCspStage(w[kStages[i]], x, stage, spec, kYoloStyle).output;
    if (i > 0) features.push_back(x);
  }
  return features;
}

std::vector<Value> BuildNeck(const Network& network, const Weights& all,
                             const std::vector<Value>& features) {
  models::CspPafpnSpec spec;
  for (const Value feature : features) spec.channels.push_back(feature.dim(1));
  spec.out_channels = network.feat_channels;
  spec.num_blocks = network.neck_blocks;
  spec.depthwise_blocks = spec.depthwise_downsample = network.depthwise;
  return models::CspPafpn(all.Renamed(NeckPaths(network))["backbone"], features, spec, kYoloStyle);
}

}  // namespace

bool HasYoloxKeys(const Checkpoint& checkpoint) {
  return Find(checkpoint, kClasses) != nullptr && Find(checkpoint, kObjectness) != nullptr;
}

Network ReadNetwork(const Checkpoint& checkpoint) {
  if (Find(checkpoint, "backbone.backbone.stem.0.conv.weight") != nullptr) {
    Fail(checkpoint, "a YOLOX with the backbone of YOLOv3 (Darknet53), which is not supported",
         "those with a CSPDarknet are: nano, tiny, s, m, l and x");
  }
  Network network;
  network.stem_channels = ShapeOf(checkpoint, kStem)[0];
  const tensor::Shape classes = ShapeOf(checkpoint, kClasses);
  network.num_classes = static_cast<int>(std::min<std::int64_t>(classes[0], contract::kMaxClasses));
  network.feat_channels = classes[1];
  const Weights w(checkpoint);
  network.depthwise = w.HasBelow("backbone.backbone.dark2.0.dconv");
  for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
    network.stage_blocks[stage] = CountBlocks(w, LayerOf(stage), false);
  }
  network.neck_blocks = CountBlocks(w, std::string("backbone.") + kNeckLayers[0], true);
  return network;
}

const Size* FindSize(const Network& network) {
  const auto found = std::find_if(kSizes.begin(), kSizes.end(), [&](const Size& size) {
    return size.stem_channels == network.stem_channels && size.blocks == network.neck_blocks &&
           size.depthwise == network.depthwise;
  });
  return found == kSizes.end() ? nullptr : &*found;
}

std::string SizeName(const Network& network) {
  if (const Size* size = FindSize(network)) return "YOLOX-" + std::string(size->name);
  return fmt::format("YOLOX of width {:g}", static_cast<double>(network.stem_channels) / 64);
}

std::int64_t TestSide(const Network& network) {
  const Size* size = FindSize(network);
  return size == nullptr ? 640 : size->test_side;
}

graph::HeadOutput BuildNetwork(const Network& network, const Weights& w, Value image,
                               graph::HeadMode mode) {
  w.ExpectAll();
  const std::vector<Value> features = BuildNeck(network, w, BuildBackbone(network, w, image));
  graph::HeadOutput output;
  output.type = "yolox";
  output.head.spec.coding = contract::BoxCoding::kCenterSize;
  output.head.spec.num_classes = network.num_classes;
  output.head.spec.prior_offset = 0;
  models::YoloxLevels(w.Renamed(HeadPaths(network))["head"], features,
                      {.num_classes = network.num_classes,
                       .feat_channels = network.feat_channels,
                       .use_depthwise = network.depthwise},
                      kYoloStyle, [&](const models::PointLevel& level) {
                        const double stride =
                            kLargestStride >> (kLevels - 1 - output.head.levels.size());
                        models::AddPointLevel(output, mode, level.classes, level.boxes,
                                              level.objectness, {stride, stride});
                      });
  return output;
}

}  // namespace yoloport::sources::yolox
