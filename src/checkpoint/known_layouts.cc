#include "checkpoint/known_layouts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace yoloport::checkpoint {
namespace {

// A size that MMYOLO trains: how wide the first convolution of its backbone is, and how many
// convolutions that has, the 1 x 1 branches of RepVGG blocks not counted.
struct Size {
  std::string_view name;
  std::int64_t width;
  std::int64_t convolutions;
};

constexpr std::array<Size, 10> kYolov5 = {{{"n", 16, 33},
                                           {"s", 32, 33},
                                           {"m", 48, 47},
                                           {"l", 64, 61},
                                           {"x", 80, 75},
                                           {"n-p6", 16, 39},
                                           {"s-p6", 32, 39},
                                           {"m-p6", 48, 55},
                                           {"l-p6", 64, 71},
                                           {"x-p6", 80, 87}}};
constexpr std::array<Size, 5> kYolov6 = {
    {{"n", 16, 21}, {"t", 24, 21}, {"s", 32, 21}, {"m", 48, 43}, {"l", 64, 61}}};
constexpr std::array<Size, 5> kYolov6V3 = {
    {{"n", 16, 26}, {"t", 24, 26}, {"s", 32, 26}, {"m", 48, 43}, {"l", 64, 61}}};
constexpr std::array<Size, 3> kYolov7 = {{{"tiny", 32, 22}, {"l", 32, 41}, {"x", 40, 49}}};
constexpr std::array<Size, 4> kYolov7P6 = {
    {{"w-p6", 64, 41}, {"e-p6", 80, 61}, {"d-p6", 96, 71}, {"e2e-p6", 80, 106}}};
constexpr std::array<Size, 5> kYolov8 = {
    {{"n", 16, 27}, {"s", 32, 27}, {"m", 48, 39}, {"l", 64, 51}, {"x", 80, 51}}};
constexpr std::array<Size, 7> kYolox = {{{"nano", 16, 39},
                                         {"nano", 16, 47},  // MMDetection's
                                         {"tiny", 24, 35},
                                         {"s", 32, 35},
                                         {"m", 48, 51},
                                         {"l", 64, 67},
                                         {"x", 80, 83}}};
constexpr std::array<Size, 4> kPpyoloe = {
    {{"s", 16, 35}, {"m", 24, 47}, {"l", 32, 59}, {"x", 40, 71}}};
constexpr std::array<Size, 6> kRtmdet = {{{"nano", 8, 53},
                                          {"tiny", 12, 37},
                                          {"s", 16, 43},
                                          {"m", 24, 61},
                                          {"l", 32, 79},
                                          {"x", 40, 97}}};

// How a head's outputs count its classes: OUTPUTS / priors - others.
struct ClassCount {
  std::int64_t priors = 1;
  std::int64_t others = 0;
};
constexpr ClassCount kAnchors = {3, 5};  // three priors, each with a box and an objectness

struct Layout {
  std::string_view name;
  std::string_view class_key;   // a weight that no other layout has; its outputs tell the classes
  std::string_view second_key;  // likewise, where class_key is not enough; or empty
  ClassCount count;
  std::span<const Size> sizes;  // none: of a framework whose own files are read
  std::string_view more = {};   // what to say beside the name
};

// The first that fits counts. A key that begins with "*." has any number there: the place of a
// layer in a list.
constexpr std::array<Layout, 19> kLayouts = {{
    {"YOLOv5-Ins",
     "bbox_head.head_module.convs_pred.0.weight",
     "bbox_head.head_module.proto_pred.conv3.conv.weight",
     {3, 5 + 32},  // and the coefficients of a mask
     kYolov5},
    {"YOLOv5", "bbox_head.head_module.convs_pred.0.weight", "", kAnchors, kYolov5},
    {"YOLOv7", "bbox_head.head_module.convs_pred.0.1.weight", "", kAnchors, kYolov7},
    {"YOLOv7", "bbox_head.head_module.main_convs_pred.0.2.weight", "", kAnchors, kYolov7P6},
    {"YOLOv5u",
     "bbox_head.head_module.cls_preds.0.2.weight",
     "backbone.stage1.1.short_conv.conv.weight",
     {},
     kYolov5},
    {"YOLOv8", "bbox_head.head_module.cls_preds.0.2.weight", "", {}, kYolov8},
    {"PPYOLOE+",
     "bbox_head.head_module.cls_preds.0.weight",
     "backbone.stage1.0.blocks.0.conv2.alpha",
     {},
     kPpyoloe},
    {"PPYOLOE",
     "bbox_head.head_module.cls_preds.0.weight",
     "bbox_head.head_module.cls_stems.0.fc.weight",
     {},
     kPpyoloe},
    {"YOLOv6-v3",
     "bbox_head.head_module.cls_preds.0.weight",
     "neck.upsample_layers.0.conv1.conv.weight",
     {},
     kYolov6V3},
    {"YOLOv6", "bbox_head.head_module.cls_preds.0.weight", "", {}, kYolov6},
    {"YOLOX", "bbox_head.head_module.multi_level_conv_cls.0.weight", "", {}, kYolox},
    {"RTMDet-Ins",
     "bbox_head.head_module.rtm_cls.0.weight",
     "bbox_head.head_module.mask_head.projection.weight",
     {},
     kRtmdet},
    {"RTMDet", "bbox_head.head_module.rtm_cls.0.weight", "", {}, kRtmdet},
    {"YOLOX", "bbox_head.multi_level_conv_cls.0.weight", "", {}, kYolox, " as MMDetection has it"},
    {"RTMDet", "bbox_head.rtm_cls.0.weight", "", {}, kRtmdet, " as MMDetection has it"},
    {"the YOLOv7 repository", "*.m.0.weight", "*.im.0.implicit", kAnchors, {}},
    {"the YOLOv5 repository", "*.m.0.weight", "*.anchors", kAnchors, {}},
    {"a detector of Ultralytics", "*.cv3.0.2.weight", "*.cv2.0.2.weight", {}, {}},
    {"the YOLOv6 repository", "detect.cls_preds.0.weight", "", {}, {}},
}};

using Index = std::map<std::string, const NamedTensor*, std::less<>>;

// "*.m.0.weight" of "24.m.0.weight".
std::string Pattern(std::string_view key) {
  const std::size_t dot = key.find_first_not_of("0123456789");
  if (dot == 0 || dot == key.npos || key[dot] != '.') return std::string(key);
  return "*" + std::string(key.substr(dot));
}

std::optional<std::int64_t> ClassesOf(const Layout& layout, const Index& index) {
  const auto found = index.find(layout.class_key);
  if (found == index.end() || found->second->tensor.shape().empty()) return std::nullopt;
  if (!layout.second_key.empty() && !index.contains(layout.second_key)) return std::nullopt;
  const std::int64_t outputs = found->second->tensor.shape()[0];
  const std::int64_t classes = outputs / layout.count.priors - layout.count.others;
  if (outputs % layout.count.priors != 0 || classes < 1) return std::nullopt;
  return classes;
}

// Of the backbone in the checkpoint.
Size Measure(std::span<const NamedTensor> tensors) {
  Size size = {"", 0, 0};
  for (const NamedTensor& each : tensors) {
    const bool is_convolution = each.key.starts_with("backbone.") && each.tensor.rank() == 4;
    if (!is_convolution || each.key.find(".rbr_1x1.") != std::string::npos) continue;
    if (size.convolutions++ == 0) size.width = each.tensor.shape()[0];
  }
  return size;
}

double Distance(const Size& a, const Size& b) {
  const auto between = [](std::int64_t one, std::int64_t other) {
    return std::abs(std::log(static_cast<double>(one) / static_cast<double>(other)));
  };
  return between(a.width, b.width) + between(a.convolutions, b.convolutions);
}

std::string WithClasses(std::string text, std::int64_t classes) {
  return std::move(text) + " with " + std::to_string(classes) +
         (classes == 1 ? " class" : " classes");
}

std::string Describe(const Layout& layout, std::int64_t classes, const Size& measured) {
  const std::string name(layout.name);
  if (layout.sizes.empty()) {
    return WithClasses("the checkpoint's own keys are those of " + name, classes) +
           ": give the file that its training saved (.pt), which holds the whole network, without "
           "a config";
  }
  const std::string subject = "the checkpoint's own keys and shapes are ";
  if (measured.convolutions == 0 || measured.width == 0) {
    return WithClasses(subject + "those of " + name + "'s head", classes);
  }
  const auto nearest = std::min_element(
      layout.sizes.begin(), layout.sizes.end(),
      [&](const Size& a, const Size& b) { return Distance(measured, a) < Distance(measured, b); });
  const bool is_exact =
      nearest->width == measured.width && nearest->convolutions == measured.convolutions;
  return WithClasses(subject + (is_exact ? "those of " : "nearest to ") + name + "-" +
                         std::string(nearest->name),
                     classes) +
         std::string(layout.more);
}

// The first layout that fits, and its number of classes; null and 0 where none does.
std::pair<const Layout*, std::int64_t> FindLayout(std::span<const NamedTensor> tensors) {
  Index index;
  for (const NamedTensor& each : tensors) index.emplace(Pattern(each.key), &each);
  for (const Layout& layout : kLayouts) {
    if (const auto classes = ClassesOf(layout, index)) return {&layout, *classes};
  }
  return {nullptr, 0};
}

}  // namespace

std::string DescribeLayout(std::span<const NamedTensor> tensors) {
  const auto [layout, classes] = FindLayout(tensors);
  return layout == nullptr ? "" : Describe(*layout, classes, Measure(tensors));
}

std::string DescribeWholeNetworks(std::span<const NamedTensor> tensors) {
  const auto [layout, classes] = FindLayout(tensors);
  const bool is_theirs = layout != nullptr && layout->sizes.empty();
  return is_theirs ? Describe(*layout, classes, {}) : "";
}

}  // namespace yoloport::checkpoint
