#include "tasks/detect/host/raw_head.h"

#include <algorithm>
#include <cstddef>

namespace yoloport::tasks::detect::host {
namespace {

std::array<float, 2> ToFloats(const std::array<double, 2>& pair) {
  return {static_cast<float>(pair[0]), static_cast<float>(pair[1])};
}

}  // namespace

std::vector<RawBlock> SplitIntoBlocks(const contract::HeadSpec& head,
                                      std::span<const RawMap> maps) {
  std::vector<RawBlock> blocks;
  const bool anchored = head.coding == contract::BoxCoding::kAnchor;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const contract::LevelSpec& level = head.levels[i];
    const std::size_t anchors = anchored ? level.anchors.size() : 1;
    const int channels = head.ChannelsPerAnchor();
    for (std::size_t anchor = 0; anchor < anchors; ++anchor) {
      RawBlock block;
      block.height = maps[i].height;
      block.width = maps[i].width;
      const bool last = maps[i].channels_last;
      block.channel_step = last ? 1 : block.cells();
      block.cell_step = last ? static_cast<std::ptrdiff_t>(anchors) * channels : 1;
      block.stride = ToFloats(level.stride);
      const auto channel = [&](int number) {
        const auto at = static_cast<std::ptrdiff_t>(anchor) * channels + number;
        return maps[i].data + at * block.channel_step;
      };
      if (anchored) {
        block.anchor = ToFloats(level.anchors[anchor]);
        block.box = channel(0);
        block.objectness = channel(4);
        block.classes = channel(5);
      } else {
        block.classes = channel(0);
        block.box = channel(head.num_classes);
        if (head.objectness) block.objectness = channel(head.num_classes + 4 * head.bins);
      }
      blocks.push_back(block);
    }
  }
  return blocks;
}

}  // namespace yoloport::tasks::detect::host
