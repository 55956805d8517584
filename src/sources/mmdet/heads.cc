#include "sources/mmdet/heads.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/model_ranges.h"
#include "models/config_reading.h"
#include "models/head_levels.h"
#include "models/rtmdet.h"
#include "models/style_reading.h"
#include "models/yolox.h"

namespace yoloport::sources::mmdet {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::HeadMode;
using graph::HeadOutput;
using graph::Value;
using models::kYoloStyle;

// RTMDetHead's is the ATSSHead's that it derives from.
constexpr nn::Style kRtmdetHeadStyle = {
    {.kind = nn::NormKind::kGroup, .eps = 1e-5, .name = "gn", .num_groups = 32},
    {nn::ActivationKind::kRelu}};

// Numbers, or pairs of equal ones: MMDetection's heads multiply both axes by the first.
std::vector<double> ReadStrides(const ConfigNode& list) {
  std::vector<double> strides;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const ConfigNode entry = list[i];
    const auto [x, y] = models::ReadStridePair(entry);
    if (x != y) entry.Fail("strides that differ in x and y are not supported");
    strides.push_back(x);
  }
  if (strides.empty()) list.Fail("needs one level at least");
  return strides;
}

std::vector<double> RtmdetStrides(const ConfigNode& head) {
  const ConfigNode generator = head["anchor_generator"];
  models::RequireType(generator, {"MlvlPointGenerator"});
  return ReadStrides(generator["strides"]);
}

std::vector<double> YoloxStrides(const ConfigNode& head) {
  const auto strides = head.Find("strides");
  return strides ? ReadStrides(*strides) : std::vector<double>{8, 16, 32};
}

// An output without levels of a head that is checked to get a feature map a level.
HeadOutput StartOutput(const ConfigNode& head, const char* type, std::size_t levels,
                       const std::vector<Value>& features) {
  models::IgnoreTrainingKeys(head);
  head.Ignore({"loss_l1", "loss_centerness", "reg_decoded_bbox"});
  models::RequireLevels(head, levels, features.size());
  models::RequireChannels(
      head, std::vector<std::int64_t>(features.size(), head["in_channels"].AsInt()), features);
  HeadOutput output;
  output.type = type;
  output.head.spec.num_classes = models::ReadNumClasses(head);
  output.head.spec.prior_offset = 0;
  return output;
}

// Takes the levels of a head as they are built.
auto LevelsOf(HeadOutput& output, const std::vector<double>& strides, HeadMode mode) {
  return [&output, &strides, mode](const models::PointLevel& level) {
    const double stride = strides[output.head.levels.size()];
    models::AddPointLevel(output, mode, level.classes, level.boxes, level.objectness,
                          {stride, stride});
  };
}

// Without sigmoids there is one class more, for the background.
void RequireSigmoids(const ConfigNode& head) {
  const auto loss = head.Find("loss_cls");
  if (!loss || loss->Get("use_sigmoid", false)) return;
  loss->Fail(
      "without use_sigmoid=True the head scores a background class, too, which is not "
      "supported");
}

HeadOutput BuildRtmdet(const ConfigNode& head, const Weights& w, const std::vector<Value>& features,
                       HeadMode mode, models::RtmdetLevelsSpec spec, const nn::Style& style) {
  RequireSigmoids(head);
  const std::vector<double> strides = RtmdetStrides(head);
  HeadOutput output = StartOutput(head, "rtmdet", strides.size(), features);
  output.head.spec.prior_offset =
      models::NumberIn(head["anchor_generator"], "offset", 0.5, base::kPriorOffsetRange);
  output.head.spec.clips_boxes = head["bbox_coder"].Get("clip_border", true);
  models::RequireCoder(head, "DistancePointBBoxCoder");
  models::RequireNoConvCfg(head);
  spec.num_classes = output.head.spec.num_classes;
  spec.feat_channels = head.Get("feat_channels", std::int64_t{256});
  spec.stacked_convs = head.Get("stacked_convs", std::int64_t{4});
  spec.with_objectness = head.Get("with_objectness", true);
  models::RtmdetLevels(w, features, spec, models::ReadStyle(head, style),
                       LevelsOf(output, strides, mode));
  return output;
}

HeadOutput RtmdetHead(const ConfigNode& head, const Weights& w, const std::vector<Value>& features,
                      HeadMode mode) {
  return BuildRtmdet(head, w, features, mode,
                     {.pred_kernel_size = head.Get("pred_kernel_size", std::int64_t{3}),
                      .is_shared = true,
                      .exp_on_reg = true,
                      .has_scales = true},
                     kRtmdetHeadStyle);
}

HeadOutput RtmdetSepBnHead(const ConfigNode& head, const Weights& w,
                           const std::vector<Value>& features, HeadMode mode) {
  // With share_conv the checkpoint holds the shared convolutions once for every level all the same.
  head.Ignore({"share_conv"});
  return BuildRtmdet(head, w, features, mode,
                     {.pred_kernel_size = head.Get("pred_kernel_size", std::int64_t{1}),
                      .use_depthwise = head.Get("use_depthwise", false),
                      .exp_on_reg = head.Get("exp_on_reg", false)},
                     kYoloStyle);
}

HeadOutput YoloxHead(const ConfigNode& head, const Weights& w, const std::vector<Value>& features,
                     HeadMode mode) {
  const std::vector<double> strides = YoloxStrides(head);
  HeadOutput output = StartOutput(head, "yolox", strides.size(), features);
  output.head.spec.coding = contract::BoxCoding::kCenterSize;
  models::YoloxLevels(w, features, models::ReadYoloxLevels(head, 1),
                      models::ReadStyle(head, kYoloStyle), LevelsOf(output, strides, mode));
  return output;
}

constexpr std::array<Head, 3> kHeads = {{{"RTMDetHead", RtmdetHead, RtmdetStrides},
                                         {"RTMDetSepBNHead", RtmdetSepBnHead, RtmdetStrides},
                                         {"YOLOXHead", YoloxHead, YoloxStrides}}};

}  // namespace

std::span<const Head> Heads() { return kHeads; }

}  // namespace yoloport::sources::mmdet
