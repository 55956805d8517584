#include "contract/raw_head.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "contract/model_types.h"
#include "yoloport/error.h"

namespace yoloport::contract {
namespace {

using Stride = std::array<int, 2>;
using Extent = std::array<std::int64_t, 2>;  // width, height in cells; -1: not known
using base::Quote;

constexpr std::int64_t kUnknown = -1;

// Of easydeploy's types: 8, 16, 32 ...
Stride UsualStride(std::size_t level) {
  const int stride = 8 << std::min<std::size_t>(level, 16);
  return {stride, stride};
}

int DivideUp(int a, int b) { return (a + b - 1) / b; }

// The stride that turns `input` pixels into `cells`, or nothing.
std::optional<int> StrideFor(int input, std::int64_t cells) {
  if (cells < 1) return std::nullopt;
  const int stride =
      static_cast<int>(std::lround(static_cast<double>(input) / static_cast<double>(cells)));
  if (stride < 1 || DivideUp(input, stride) != cells) return std::nullopt;
  return stride;
}

std::int64_t AnchorCount(const HeadSpec& head, const LevelSpec& level) {
  return head.coding == BoxCoding::kAnchor ? static_cast<std::int64_t>(level.anchors.size()) : 1;
}

// easydeploy's order of a level's channels.
void PlaceJoined(const HeadSpec& head, std::size_t output, RawLevel& level) {
  const std::int64_t step = head.ChannelsPerAnchor();
  const std::int64_t box_channels = std::int64_t{4} * head.bins;
  if (head.coding == BoxCoding::kAnchor) {
    level.boxes = {output, 0, step};
    level.objectness = {output, box_channels, step};
    level.classes = {output, box_channels + 1, step};
  } else {
    level.classes = {output, 0, step};
    level.boxes = {output, head.num_classes, step};
    if (head.objectness) level.objectness = {output, head.num_classes + box_channels, step};
  }
}

// Tries the ways in which outputs may be laid out.
class Fitter {
 public:
  Fitter(const RawHeadInfo& info, int height, int width, std::span<const RawOutput> outputs)
      : info_(info),
        type_(*FindModelType(info.type)),
        height_(height),
        width_(width),
        outputs_(outputs) {}

  std::optional<RawHeadFit> Fit() const {
    const std::size_t apart = type_.objectness ? 3 : 2;
    for (const bool channels_last : {false, true}) {
      for (const std::size_t parts : {std::size_t{1}, apart}) {
        if (auto fit = FitLayout(channels_last, parts)) return fit;
      }
    }
    return std::nullopt;
  }

  // How many levels there seem to be, whether or not they fit.
  std::size_t CountLevels() const {
    if (!info_.strides.empty()) return info_.strides.size();
    if (IsAnchored()) return info_.anchors.size();
    std::vector<Extent> extents = Extents(false);
    std::sort(extents.begin(), extents.end());
    return static_cast<std::size_t>(std::unique(extents.begin(), extents.end()) - extents.begin());
  }

 private:
  bool IsAnchored() const { return type_.coding == BoxCoding::kAnchor; }

  std::vector<Extent> Extents(bool channels_last) const {
    std::vector<Extent> extents;
    const std::size_t first = channels_last ? 1 : 2;
    for (const RawOutput& output : outputs_) {
      extents.push_back({output.shape[first + 1], output.shape[first]});
    }
    return extents;
  }

  bool FitsStride(const Extent& extent, const Stride& stride) const {
    const Extent wanted = {DivideUp(width_, stride[0]), DivideUp(height_, stride[1])};
    return (extent[0] == kUnknown || extent[0] == wanted[0]) &&
           (extent[1] == kUnknown || extent[1] == wanted[1]);
  }

  std::optional<std::vector<Stride>> Strides(bool channels_last, std::size_t parts) const;
  std::optional<RawHeadFit> FitLayout(bool channels_last, std::size_t parts) const;

  const RawHeadInfo& info_;
  const ModelType& type_;
  int height_;
  int width_;
  std::span<const RawOutput> outputs_;
};

// Where nobody says: 8, 16, 32 .. where that fits the maps, else what it takes to get the maps.
std::optional<std::vector<Stride>> Fitter::Strides(bool channels_last, std::size_t parts) const {
  if (!info_.strides.empty()) return info_.strides;
  std::vector<Extent> extents = Extents(channels_last);
  const auto area = [](const Extent& extent) {
    return static_cast<double>(extent[0]) * static_cast<double>(extent[1]);
  };
  std::stable_sort(extents.begin(), extents.end(),
                   [&](const Extent& a, const Extent& b) { return area(a) > area(b); });
  bool is_usual = true;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    is_usual = is_usual && FitsStride(extents[i], UsualStride(i / parts));
  }
  std::vector<Stride> strides;
  for (std::size_t i = 0; i < extents.size(); i += parts) {
    const Stride usual = UsualStride(i / parts);
    const auto x = is_usual ? usual[0] : StrideFor(width_, extents[i][0]);
    const auto y = is_usual ? usual[1] : StrideFor(height_, extents[i][1]);
    if (!x || !y) return std::nullopt;
    strides.push_back({*x, *y});
  }
  return strides;
}

// Takes for each part of each level the first output that is left and fits.
std::optional<RawHeadFit> Fitter::FitLayout(bool channels_last, std::size_t parts) const {
  const auto strides = Strides(channels_last, parts);
  const bool is_whole = strides && !strides->empty() && strides->size() * parts == outputs_.size();
  if (!is_whole) return std::nullopt;
  if (IsAnchored() && info_.anchors.size() != strides->size()) return std::nullopt;
  RawHeadFit fit;
  fit.channels_last = channels_last;
  fit.head = {type_.coding, type_.objectness,   info_.num_classes,
              info_.bins,   info_.prior_offset, {}};
  std::vector<bool> is_taken(outputs_.size(), false);
  const auto take = [&](const Stride& stride, std::int64_t channels) -> std::optional<std::size_t> {
    const std::vector<Extent> extents = Extents(channels_last);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const bool fits =
          FitsStride(extents[i], stride) && outputs_[i].shape[channels_last ? 3 : 1] == channels;
      if (is_taken[i] || !fits) continue;
      is_taken[i] = true;
      fit.levels_by_order |= extents[i][0] == kUnknown || extents[i][1] == kUnknown;
      return i;
    }
    return std::nullopt;
  };
  const std::int64_t box = std::int64_t{4} * info_.bins;
  for (std::size_t i = 0; i < strides->size(); ++i) {
    const Stride& stride = (*strides)[i];
    LevelSpec spec;
    spec.stride = {static_cast<double>(stride[0]), static_cast<double>(stride[1])};
    if (IsAnchored()) spec.anchors = info_.anchors[i];
    const std::int64_t anchors = AnchorCount(fit.head, spec);
    RawLevel level{.height = DivideUp(height_, stride[1]), .width = DivideUp(width_, stride[0])};
    const auto first =
        take(stride, anchors * (parts == 1 ? fit.head.ChannelsPerAnchor() : info_.num_classes));
    if (!first) return std::nullopt;
    if (parts == 1) {
      PlaceJoined(fit.head, *first, level);
    } else {
      const auto boxes = take(stride, anchors * box);
      const auto objectness = parts == 3 ? take(stride, anchors) : std::nullopt;
      if (!boxes || (parts == 3 && !objectness)) return std::nullopt;
      level.classes = {*first, 0, info_.num_classes};
      level.boxes = {*boxes, 0, box};
      if (objectness) level.objectness = {*objectness, 0, 1};
    }
    fit.head.levels.push_back(std::move(spec));
    fit.levels.push_back(level);
  }
  fit.parts_by_order =
      parts > 1 && (info_.num_classes == box || (parts == 3 && info_.num_classes == 1));
  // With both, nothing tells a level's boxes from the next level's classes.
  if (fit.parts_by_order && fit.levels_by_order) return std::nullopt;
  return fit;
}

// "Nx255x80x80, ... (3 x (4 + 1 + 80))"
std::string NeededText(const RawHeadInfo& info, int height, int width, std::size_t levels) {
  const ModelType& type = *FindModelType(info.type);
  const bool anchored = type.coding == BoxCoding::kAnchor;
  std::vector<std::string> shapes;
  std::string formula = std::to_string(info.num_classes) + " classes + 4";
  if (info.bins > 1) formula += " x " + std::to_string(info.bins) + " bins";
  if (type.objectness) formula += " + 1";
  for (std::size_t i = 0; i < levels; ++i) {
    const Stride stride = i < info.strides.size() ? info.strides[i] : UsualStride(i);
    const std::size_t anchors =
        anchored && i < info.anchors.size() ? info.anchors[i].size() : std::size_t{1};
    const int per_anchor = info.num_classes + 4 * info.bins + (type.objectness ? 1 : 0);
    shapes.push_back("Nx" + std::to_string(anchors * static_cast<std::size_t>(per_anchor)) + "x" +
                     std::to_string(DivideUp(height, stride[1])) + "x" +
                     std::to_string(DivideUp(width, stride[0])));
  }
  if (anchored) formula = "anchors x (" + formula + ")";
  return base::JoinText(shapes) + " (" + formula + ")";
}

}  // namespace

RawHeadInfo RawHeadOfType(const std::string& name, int num_classes) {
  const ModelType& type = *FindModelType(name);
  return {name, num_classes, type.bins, type.prior_offset, {}, DefaultAnchors(type)};
}

RawHeadInfo RawHeadOf(const ModelCard& card) {
  return {card.type,        static_cast<int>(card.classes.size()),
          card.reg_max + 1, card.prior_offset,
          card.strides,     card.anchors};
}

RawHeadFit FitRawHead(const RawHeadInfo& head, int height, int width,
                      std::span<const RawOutput> outputs, const std::string& model) {
  if (outputs.size() > kMostRawOutputs) {
    throw ModelError(Quote(model) + ": has " + std::to_string(outputs.size()) +
                     " outputs; the heads of a detector are " + std::to_string(kMostRawOutputs) +
                     " at most");
  }
  const Fitter fitter(head, height, width, outputs);
  if (auto fit = fitter.Fit()) return *std::move(fit);
  std::vector<std::string> given;
  for (const RawOutput& output : outputs) {
    given.push_back((output.name.empty() ? "" : Quote(output.name) + " ") +
                    base::ShapeText(output.shape));
  }
  throw ModelError(Quote(model) + ": its outputs are not those of " + head.type + " with " +
                       std::to_string(head.num_classes) + " classes: needed are " +
                       NeededText(head, height, width, fitter.CountLevels()) + "; the file has " +
                       base::JoinText(given),
                   "which type, classes, anchors and strides it has is said by --type, "
                   "--num-classes or --class-names, --anchors and --strides");
}

RawHeadFit JoinedRawHead(const HeadSpec& head, std::span<const std::array<int, 2>> extents,
                         bool channels_last) {
  RawHeadFit fit{.head = head, .channels_last = channels_last};
  for (std::size_t i = 0; i < extents.size(); ++i) {
    RawLevel level{.height = extents[i][0], .width = extents[i][1]};
    PlaceJoined(head, i, level);
    fit.levels.push_back(level);
  }
  return fit;
}

}  // namespace yoloport::contract
