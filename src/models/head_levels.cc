#include "models/head_levels.h"

#include <cmath>

#include "base/model_ranges.h"
#include "graph/ops.h"
#include "models/config_reading.h"

namespace yoloport::models {
namespace {

using config::ConfigNode;

double ReadStride(const ConfigNode& node) {
  const double stride = NumberIn(node, base::kStrideRange);
  if (stride != std::floor(stride)) node.Fail("a stride is a whole number of pixels");
  return stride;
}

}  // namespace

std::array<double, 2> ReadStridePair(const ConfigNode& node) {
  if (node.IsList()) return {ReadStride(node[0]), ReadStride(node[1])};
  return {ReadStride(node), ReadStride(node)};
}

void IgnoreTrainingKeys(const ConfigNode& head) {
  head.Ignore({"loss_cls", "loss_bbox", "loss_obj", "loss_dfl", "loss_bbox_aux", "train_cfg",
               "test_cfg", "init_cfg", "prior_match_thr", "near_neighbor_thr", "ignore_iof_thr",
               "obj_level_weights"});
}

void RequireCoder(const ConfigNode& head, std::string_view type) {
  const auto coder = head.Find("bbox_coder");
  if (!coder) return;
  RequireType(*coder, {type});
  // How boxes are wrapped, and what needs the image's shape, which MMYOLO's heads do not pass.
  coder->Ignore({"use_box_type", "clip_border"});
}

std::vector<std::array<double, 2>> ReadStrides(const ConfigNode& head,
                                               const std::vector<double>& defaults) {
  const auto read = [](const ConfigNode& list) {
    std::vector<std::array<double, 2>> strides;
    for (std::size_t i = 0; i < list.size(); ++i) strides.push_back(ReadStridePair(list[i]));
    return strides;
  };
  std::vector<std::array<double, 2>> strides;
  for (const double stride : defaults) strides.push_back({stride, stride});
  if (const auto list = head["head_module"].Find("featmap_strides")) strides = read(*list);
  const auto generator = head.Find("prior_generator");
  if (!generator) return strides;
  if (const auto list = generator->Find("strides"); list && read(*list) != strides) {
    list->Fail("strides of the priors differ from the head module's featmap_strides");
  }
  return strides;
}

void RequireOnePrior(const ConfigNode& head_module) {
  if (head_module.Get("num_base_priors", std::int64_t{1}) == 1) return;
  head_module["num_base_priors"].Fail("only one prior per cell is supported");
}

double ReadPriorOffset(const ConfigNode& head, double default_offset) {
  const auto generator = head.Find("prior_generator");
  if (!generator) return default_offset;
  RequireType(*generator, {"MlvlPointGenerator"});
  return NumberIn(*generator, "offset", 0.5, base::kPriorOffsetRange);
}

int ReadYolov6Bins(const ConfigNode& head_module) {
  const std::int64_t reg_max = WholeNumberIn(head_module, "reg_max", 0, base::kRegMaxRange);
  // MMYOLO reads a distribution only where reg_max is above 1; with 1 it fails itself.
  if (reg_max == 1) head_module["reg_max"].Fail("is neither 0 nor above 1");
  return static_cast<int>(reg_max) + 1;
}

int ReadYolov8Bins(const ConfigNode& head_module) {
  constexpr base::Range kBins = {1, base::kRegMaxRange.high + 1};
  return static_cast<int>(WholeNumberIn(head_module, "reg_max", 16, kBins));
}

// A side's distribution is over 0, 1 .. reg_max; reg_max 0 is the distance itself.
int ReadPpyoloeBins(const ConfigNode& head_module) {
  const std::int64_t reg_max = WholeNumberIn(head_module, "reg_max", 16, base::kRegMaxRange);
  // MMYOLO reads the 8 channels of reg_max 1 as two boxes: no such network can have been trained.
  if (reg_max == 1) head_module["reg_max"].Fail("must be 0, or 2 or more");
  return static_cast<int>(reg_max) + 1;
}

void AddPointLevel(graph::HeadOutput& output, graph::HeadMode mode, graph::Value classes,
                   graph::Value boxes, graph::Value objectness, std::array<double, 2> stride) {
  graph::HeadLevel level;
  std::vector<graph::Value> maps = {classes, boxes};
  if (objectness) maps.push_back(objectness);
  if (mode == graph::kRawHead) {
    // Boxes that a network of halves computes in float32 stay that precise.
    for (graph::Value& map : maps) map = graph::Cast(map, boxes.dtype());
    output.raw.push_back(graph::Concat(maps, 1));
  } else {
    const auto flat = [&](graph::Value map) {
      return map ? graph::PositionsOf(map, map.dim(1), *mode) : map;
    };
    level.classes = flat(classes);
    level.boxes = flat(boxes);
    level.objectness = flat(objectness);
    level.feature = classes;
    output.head.layout = *mode;
  }
  output.head.spec.objectness = static_cast<bool>(objectness);
  output.head.spec.levels.push_back({stride, {}});
  output.head.levels.push_back(level);
}

}  // namespace yoloport::models
