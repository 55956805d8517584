#include "sources/yolov6/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/model_ranges.h"
#include "base/text.h"
#include "graph/ops.h"
#include "models/head_levels.h"
#include "models/pafpn.h"
#include "models/point_head.h"
#include "sources/layer_list/anchor_head.h"
#include "sources/yolov6/blocks.h"
#include "yoloport/error.h"

namespace yoloport::sources::yolov6 {
namespace {

using checkpoint::Module;
using checkpoint::Weights;
using graph::Value;
using layer_list::Block;

constexpr auto kBackbones = std::to_array<std::string_view>(
    {"EfficientRep", "EfficientRep6", "CSPBepBackbone", "CSPBepBackbone_P6"});
constexpr auto kNecks = std::to_array<std::string_view>(
    {"RepPANNeck", "RepBiFPANNeck", "RepPANNeck6", "RepBiFPANNeck6", "CSPRepPANNeck",
     "CSPRepBiFPANNeck", "CSPRepPANNeck_P6", "CSPRepBiFPANNeck_P6"});

constexpr auto kHeads = std::to_array<std::string_view>({"Detect"});
constexpr auto kHeadLayers = std::to_array<std::string_view>(
    {"stems", "cls_convs", "reg_convs", "cls_preds", "reg_preds", "proj_conv",
     // For training: distillation, and anchors.
     "reg_preds_dist", "cls_preds_ab", "reg_preds_ab"});

void RequireOneOf(const Module& part, std::span<const std::string_view> known) {
  RequireOwn(part);
  if (std::find(known.begin(), known.end(), part.type()) != known.end()) return;
  std::vector<std::string> names(known.begin(), known.end());
  part.Fail("is not supported", "known are " + base::JoinText(names, names.size()));
}

// The maps of the stages that the neck takes, the largest first.
std::vector<Value> BuildBackbone(const Block& backbone, Value image) {
  const Module& module = backbone.module;
  const bool gives_p2 = module.type() == "CSPBepBackbone_P6" || module.Get("fuse_P2").Flag(false);
  Value x = Build(backbone["stem"], image);
  std::vector<Value> features;
  constexpr int kLastStage = 6;
  for (int stage = 2; stage <= kLastStage; ++stage) {
    const std::string name = fmt::format("ERBlock_{}", stage);
    if (stage == kLastStage && !module.Has(name)) break;
    x = Build(backbone[name], x);
    if (stage > 2 || gives_p2) features.push_back(x);
  }
  return features;
}

// The layers of a neck by their names, which count from the top on the way down: `reduce_layer0`,
// `Rep_p4` (a level), `downsample2` (from level 3 up), `Rep_n3`.
class Neck {
 public:
  Neck(const Block& neck, const std::vector<Value>& features) : neck_(neck) {
    const bool fuses = neck.module.Has("Bifusion0");
    const std::size_t levels = neck.module.Has("reduce_layer2") ? 4 : 3;
    if (features.size() != levels + (fuses ? 1 : 0)) {
      neck.module.Fail(
          fmt::format("does not fit a backbone that gives {} feature maps: this one "
                      "takes {}",
                      features.size(), levels + (fuses ? 1 : 0)));
    }
    if (fuses) lowest_ = features.front();
    features_.assign(features.end() - static_cast<std::ptrdiff_t>(levels), features.end());
  }

  std::vector<Value> Build() const {
    models::PafpnLayers layers;
    const std::size_t top = features_.size() - 1;
    layers.reduce = [&, top](const Weights&, Value x, std::size_t level) {
      return level == top ? Layer("reduce_layer", 0, x) : x;
    };
    layers.fuse = [&, top](const Weights&, Value high, const std::vector<Value>& reduced,
                           std::size_t level) { return Fuse(top - level, high, reduced, level); };
    layers.top_down = [&, top](const Weights&, Value x, std::size_t level) {
      x = Layer("Rep_p", level + 2, x);
      return level > 1 ? Layer("reduce_layer", top - level + 1, x) : x;
    };
    layers.downsample = [&](const Weights&, Value x, std::size_t level) {
      return Layer("downsample", 2 - level, x);
    };
    layers.bottom_up = [&, top](const Weights&, Value x, std::size_t level) {
      return Layer("Rep_n", top + 1 + level, x);
    };
    return models::Pafpn(neck_.w, features_, layers);
  }

 private:
  Value Layer(const char* name, std::size_t number, Value x) const {
    return yolov6::Build(neck_[fmt::format("{}{}", name, number)], x);
  }

  // What the level below `level` and those around it become on the way down.
  Value Fuse(std::size_t number, Value high, const std::vector<Value>& reduced,
             std::size_t level) const {
    const Value current = reduced[level - 1];
    if (!lowest_) {
      const Value up = Layer("upsample", number, high);
      return graph::Concat({up, current}, 1);
    }
    const Value low = level > 1 ? reduced[level - 2] : lowest_;
    return BiFusion(neck_[fmt::format("Bifusion{}", number)], high, current, low);
  }

  const Block& neck_;
  std::vector<Value> features_;
  Value lowest_;  // of necks that fuse three maps
};

// Of a side's distribution, 1: the distance itself.
std::int64_t BinsOf(const Block& head) {
  // What distillation trains beside plain distances, which inference reads.
  if (head.module.Has("reg_preds_dist")) return 1;
  if (!head.module.Get("use_dfl").Flag(false)) return 1;
  const std::int64_t bins =
      1 + layer_list::WholeNumberIn(head.module.Get("reg_max"), 1,
                                    static_cast<std::int64_t>(base::kRegMaxRange.high));
  const tensor::Tensor weight =
      head.w.Take("proj_conv.weight", {1, bins, 1, 1}).To(tensor::DType::kFloat32);
  for (std::int64_t i = 0; i < bins; ++i) {
    if (weight.values<float>()[static_cast<std::size_t>(i)] == static_cast<float>(i)) continue;
    head["proj_conv"].module.Fail(fmt::format("has weights other than 0, 1 .. {}", bins - 1));
  }
  return bins;
}

// A prediction of so many channels for each cell.
Value Predict(const Block& head, const char* convs, const char* preds, std::size_t level, Value x,
              std::int64_t channels) {
  const Block last = head[preds][level];
  const Value y = Build(last, Build(head[convs][level], x));
  if (y.dim(1) == channels && y.dim(2) == x.dim(2) && y.dim(3) == x.dim(3)) return y;
  last.module.Fail(
      fmt::format("gives {} channels: expected {} for each cell of its input", y.dim(1), channels));
}

graph::HeadOutput BuildHead(const Block& head, const std::vector<Value>& features,
                            graph::HeadMode mode) {
  const std::vector<double> strides = layer_list::StridesOf(head.module, features.size());
  const std::int64_t bins = BinsOf(head);
  const checkpoint::SavedValue offset = head.module.Get("grid_cell_offset");
  // And the numbers of a distribution once more.
  for (const char* const name :
       {"reg_preds_dist", "cls_preds_ab", "reg_preds_ab", "proj", "proj_conv"}) {
    head.w.Ignore(name);
  }
  graph::HeadOutput output;
  output.type = "yolov6";
  output.head.spec.num_classes = layer_list::ClassesOf(head.module);
  output.head.spec.prior_offset = offset.Number(0.5);
  if (!base::kPriorOffsetRange.Holds(output.head.spec.prior_offset)) {
    offset.Fail("is not a part of a cell");
  }
  const bool reads_distances = mode == graph::kRawHead && bins > 1;
  output.head.spec.bins = reads_distances ? 1 : static_cast<int>(bins);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Value stem = Build(head["stems"][i], features[i]);
    const Value classes =
        Predict(head, "cls_convs", "cls_preds", i, stem, output.head.spec.num_classes);
    const Value boxes = Predict(head, "reg_convs", "reg_preds", i, stem, 4 * bins);
    const graph::NameScope scope(stem.graph(), head.w["reg_preds"][i].prefix());
    models::AddPointLevel(output, mode, classes,
                          reads_distances ? models::MeanDistances(boxes, bins) : boxes, {},
                          {strides[i], strides[i]});
  }
  return output;
}

}  // namespace

void RequireDetector(const Module& model) {
  RequireOneOf(model["backbone"], kBackbones);
  RequireOneOf(model["neck"], kNecks);
  const Module head = model["detect"];
  RequireOneOf(head, kHeads);
  for (const Module& child : head.Children()) {
    if (std::find(kHeadLayers.begin(), kHeadLayers.end(), child.name()) != kHeadLayers.end()) {
      continue;
    }
    head.Fail("has " + base::Quote(child.name()) +
                  ", which the head of a detector of release 2.0 or later has not",
              "masks, landmarks and release 1.0 are not supported");
  }
}

graph::HeadOutput BuildNetwork(const Module& model, const Weights& w, Value image,
                               graph::HeadMode mode) {
  RequireDetector(model);
  const Block root = {model, w};
  try {
    const std::vector<Value> features = BuildBackbone(root["backbone"], image);
    const Block neck = root["neck"];
    return BuildHead(root["detect"], Neck(neck, features).Build(), mode);
  } catch (const ModelError& error) {  // the graph knows shapes, but not whose
    model.Fail("has layers that do not fit together: " + error.message(), error.hint());
  }
}

}  // namespace yoloport::sources::yolov6
