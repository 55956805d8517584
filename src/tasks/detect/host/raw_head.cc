#include "tasks/detect/host/raw_head.h"

namespace yoloport::tasks::detect::host {
namespace {

std::array<float, 2> ToFloats(const std::array<double, 2>& pair) {
  return {static_cast<float>(pair[0]), static_cast<float>(pair[1])};
}

RawNumbers NumbersOf(const contract::RawPart& part, std::size_t anchor, const RawMap& map,
                     int cells, bool channels_last) {
  RawNumbers numbers;
  numbers.channel_step = channels_last ? 1 : cells;
  numbers.cell_step = channels_last ? static_cast<std::ptrdiff_t>(map.channels) : 1;
  const auto channel = static_cast<std::ptrdiff_t>(part.first_channel) +
                       static_cast<std::ptrdiff_t>(anchor) * part.anchor_step;
  numbers.first = map.data + channel * numbers.channel_step;
  return numbers;
}

}  // namespace

std::vector<RawBlock> SplitIntoBlocks(const contract::RawHeadFit& fit,
                                      std::span<const RawMap> maps) {
  std::vector<RawBlock> blocks;
  const bool anchored = fit.head.coding == contract::BoxCoding::kAnchor;
  for (std::size_t i = 0; i < fit.levels.size(); ++i) {
    const contract::LevelSpec& spec = fit.head.levels[i];
    const contract::RawLevel& level = fit.levels[i];
    const std::size_t anchors = anchored ? spec.anchors.size() : 1;
    for (std::size_t anchor = 0; anchor < anchors; ++anchor) {
      RawBlock block;
      block.height = level.height;
      block.width = level.width;
      block.stride = ToFloats(spec.stride);
      if (anchored) block.anchor = ToFloats(spec.anchors[anchor]);
      const auto numbers = [&](const contract::RawPart& part) {
        return NumbersOf(part, anchor, maps[part.output], block.cells(), fit.channels_last);
      };
      block.classes = numbers(level.classes);
      block.box = numbers(level.boxes);
      if (level.objectness) block.objectness = numbers(*level.objectness);
      blocks.push_back(block);
    }
  }
  return blocks;
}

}  // namespace yoloport::tasks::detect::host
