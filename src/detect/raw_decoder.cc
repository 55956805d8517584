#include "detect/raw_decoder.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "base/text.h"
#include "contract/model_types.h"
#include "tasks/detect/host/nms.h"
#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

using Stride = std::array<int, 2>;
using MapExtent = std::array<int, 2>;  // width, height in cells
using base::Quote;
using runtime::ValueInfo;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

// Of easydeploy's types: 8, 16, 32 ...
Stride UsualStride(std::size_t level) {
  const int stride = 8 << std::min<std::size_t>(level, 16);
  return {stride, stride};
}

int DivideUp(int a, int b) { return (a + b - 1) / b; }

bool IsFloat(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16 ||
         dtype == DType::kFloat64;
}

// The stride that turns `input` pixels into `cells`, or nothing.
std::optional<int> StrideFor(int input, int cells) {
  if (cells < 1) return std::nullopt;
  const int stride = static_cast<int>(std::lround(static_cast<double>(input) / cells));
  if (stride < 1 || DivideUp(input, stride) != cells) return std::nullopt;
  return stride;
}

}  // namespace

RawHeadInfo RawHeadOfType(const std::string& name, int num_classes) {
  const contract::ModelType& type = *contract::FindModelType(name);
  return {
      name, num_classes, type.bins, type.prior_offset, false, {}, contract::DefaultAnchors(type)};
}

RawHeadInfo RawHeadOf(const contract::ModelCard& info) {
  return {info.type,        static_cast<int>(info.classes.size()),
          info.reg_max + 1, info.prior_offset,
          info.clips_boxes, info.strides,
          info.anchors};
}

bool AreRawHeads(std::span<const ValueInfo> outputs) {
  return !outputs.empty() &&
         std::all_of(outputs.begin(), outputs.end(), [](const ValueInfo& output) {
           return output.shape.size() == 4 && IsFloat(output.dtype);
         });
}

// How outputs and head fit together.
struct RawDecoder::Fit {
  contract::HeadSpec head;
  std::vector<std::size_t> outputs;  // which output each level is
  std::vector<MapExtent> extents;    // of each level
  bool channels_last = false;
};

// For each stride the map of that many cells.
std::optional<std::vector<std::size_t>> RawDecoder::OrderLevels(
    std::span<const MapExtent> extents, std::span<const Stride> strides) const {
  std::vector<std::size_t> order(extents.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (strides.size() != extents.size()) return std::nullopt;
  for (std::size_t level = 0; level < strides.size(); ++level) {
    const MapExtent wanted = {DivideUp(width_, strides[level][0]),
                              DivideUp(height_, strides[level][1])};
    const auto found = std::find_if(order.begin() + static_cast<std::ptrdiff_t>(level), order.end(),
                                    [&](std::size_t i) { return extents[i] == wanted; });
    if (found == order.end()) return std::nullopt;
    std::iter_swap(order.begin() + static_cast<std::ptrdiff_t>(level), found);
  }
  return order;
}

// Where nobody says: 8, 16, 32 .. where that fits the maps, else what it takes to get the maps.
std::optional<std::vector<Stride>> RawDecoder::StridesOf(std::vector<MapExtent> extents) const {
  std::vector<Stride> usual;
  for (std::size_t i = 0; i < extents.size(); ++i) usual.push_back(UsualStride(i));
  if (OrderLevels(extents, usual)) return usual;
  std::stable_sort(extents.begin(), extents.end(), [](const MapExtent& a, const MapExtent& b) {
    return std::int64_t{a[0]} * a[1] > std::int64_t{b[0]} * b[1];
  });
  std::vector<Stride> strides;
  for (const MapExtent& extent : extents) {
    const auto x = StrideFor(width_, extent[0]);
    const auto y = StrideFor(height_, extent[1]);
    if (!x || !y) return std::nullopt;
    strides.push_back({*x, *y});
  }
  return strides;
}

std::optional<RawDecoder::Fit> RawDecoder::FitLayout(std::span<const Shape> shapes,
                                                     bool channels_last) const {
  const contract::ModelType& type = *contract::FindModelType(info_.type);
  Fit fit;
  fit.channels_last = channels_last;
  fit.head = {.coding = type.coding,
              .objectness = type.objectness,
              .num_classes = info_.num_classes,
              .bins = info_.bins,
              .prior_offset = info_.prior_offset,
              .clips_boxes = info_.clips_boxes,
              .levels = {}};
  std::vector<MapExtent> extents;
  for (const Shape& shape : shapes) {
    const std::size_t first = channels_last ? 1 : 2;
    extents.push_back({static_cast<int>(shape[first + 1]), static_cast<int>(shape[first])});
  }
  const auto found = info_.strides.empty() ? StridesOf(extents) : info_.strides;
  if (!found) return std::nullopt;
  const std::vector<Stride>& strides = *found;
  const auto order = OrderLevels(extents, strides);
  const bool anchored = type.coding == contract::BoxCoding::kAnchor;
  if (!order || (anchored && info_.anchors.size() != shapes.size())) return std::nullopt;
  fit.outputs = *order;
  for (std::size_t level = 0; level < order->size(); ++level) {
    contract::LevelSpec spec;
    spec.stride = {static_cast<double>(strides[level][0]), static_cast<double>(strides[level][1])};
    if (anchored) spec.anchors = info_.anchors[level];
    const auto anchors = static_cast<std::int64_t>(anchored ? spec.anchors.size() : 1);
    const std::size_t output = (*order)[level];
    const std::int64_t channels = shapes[output][channels_last ? 3 : 1];
    if (channels != anchors * fit.head.ChannelsPerAnchor()) return std::nullopt;
    fit.head.levels.push_back(std::move(spec));
    fit.extents.push_back(extents[output]);
  }
  return fit;
}

// "3 x (4 + 1 + 80) = 255 channels at strides 8, 16, 32: Nx255x80x80, ..."
std::string RawDecoder::NeededText(std::size_t levels) const {
  const contract::ModelType& type = *contract::FindModelType(info_.type);
  const bool anchored = type.coding == contract::BoxCoding::kAnchor;
  if (anchored) levels = info_.anchors.size();
  if (!info_.strides.empty()) levels = info_.strides.size();
  std::vector<std::string> shapes;
  std::string formula = std::to_string(info_.num_classes) + " classes + 4";
  if (info_.bins > 1) formula += " x " + std::to_string(info_.bins) + " bins";
  if (type.objectness) formula += " + 1";
  for (std::size_t i = 0; i < levels; ++i) {
    const Stride stride = i < info_.strides.size() ? info_.strides[i] : UsualStride(i);
    const std::size_t anchors =
        anchored && i < info_.anchors.size() ? info_.anchors[i].size() : std::size_t{1};
    const int per_anchor = info_.num_classes + 4 * info_.bins + (type.objectness ? 1 : 0);
    shapes.push_back("Nx" + std::to_string(anchors * static_cast<std::size_t>(per_anchor)) + "x" +
                     std::to_string(DivideUp(height_, stride[1])) + "x" +
                     std::to_string(DivideUp(width_, stride[0])));
  }
  if (anchored) formula = "anchors x (" + formula + ")";
  return base::JoinText(shapes) + " (" + formula + ")";
}

RawDecoder::Fit RawDecoder::FitShapes(std::span<const Shape> shapes,
                                      std::span<const std::string> names) const {
  for (const bool channels_last : {false, true}) {
    if (auto fit = FitLayout(shapes, channels_last)) return *std::move(fit);
  }
  std::vector<std::string> given;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    given.push_back((i < names.size() ? Quote(names[i]) + " " : "") + base::ShapeText(shapes[i]));
  }
  throw ModelError(Quote(model_) + ": its outputs are not those of " + info_.type + " with " +
                       std::to_string(info_.num_classes) + " classes: needed are " +
                       NeededText(shapes.size()) + "; the file has " + base::JoinText(given),
                   "which type, classes, anchors and strides it has is said by --type, "
                   "--num-classes or --class-names, --anchors and --strides");
}

void RawDecoder::Check(std::span<const ValueInfo> outputs) const {
  std::vector<Shape> shapes;
  std::vector<std::string> names;
  for (const ValueInfo& output : outputs) {
    shapes.push_back(output.shape);
    names.push_back(output.name);
    const Shape extents(output.shape.begin() + 1, output.shape.end());
    if (std::any_of(extents.begin(), extents.end(), [](auto extent) { return extent < 0; })) return;
  }
  FitShapes(shapes, names);
}

std::vector<std::vector<Detection>> RawDecoder::Read(
    std::span<const Tensor> outputs, const contract::NmsPolicy& policy,
    std::span<const tasks::detect::host::MinBox> min_boxes, WrongAnswers& wrong) const {
  const auto images = static_cast<int>(min_boxes.size());
  std::vector<Shape> shapes;
  std::vector<Tensor> tensors;
  for (const Tensor& output : outputs) {
    if (output.rank() != 4 || output.shape()[0] < images) {
      throw ModelError(Quote(model_) + ": gave an output of " + base::ShapeText(output.shape()) +
                       "; expected " + std::to_string(images) + " maps of channels");
    }
    shapes.push_back(output.shape());
    tensors.push_back(output.To(DType::kFloat32).Dense());
  }
  const Fit fit = FitShapes(shapes, {});
  std::vector<std::vector<Detection>> results;
  for (int image = 0; image < images; ++image) {
    std::vector<tasks::detect::host::RawMap> maps;
    for (std::size_t level = 0; level < fit.outputs.size(); ++level) {
      const Tensor& tensor = tensors[fit.outputs[level]];
      const std::int64_t floats = tensor.shape()[0] > 0 ? tensor.size() / tensor.shape()[0] : 0;
      maps.push_back({tensor.values<float>().data() + floats * image, fit.extents[level][1],
                      fit.extents[level][0], fit.channels_last});
    }
    const tasks::detect::host::MinBox& min_box = min_boxes[static_cast<std::size_t>(image)];
    const tasks::detect::host::RawCandidates candidates =
        tasks::detect::host::FindCandidates(fit.head, maps, policy, min_box);
    auto detections = tasks::detect::host::SuppressNonMaxima(candidates, policy);
    const auto far = std::erase_if(
        detections, [](const Detection& detection) { return !WrongAnswers::IsBox(detection.box); });
    wrong.Add(WrongAnswers::kScore, candidates.wrong_scores);
    wrong.Add(WrongAnswers::kBox, candidates.wrong_boxes + static_cast<std::int64_t>(far));
    results.push_back(std::move(detections));
  }
  return results;
}

}  // namespace yoloport::detect
