// The raw outputs of a detection head, as the host reads them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "contract/head_spec.h"

namespace yoloport::tasks::detect::host {

// What a level gave for one image; floats that the caller owns. Channels are in easydeploy's order.
// kAnchor: for each anchor 4 of the box, objectness, classes. Else: classes, box (channel =
// side * bins + bin), objectness where there is one.
struct RawMap {
  const float* data = nullptr;
  int height = 0;  // cells
  int width = 0;
  bool channels_last = false;  // height x width x channels; else channels x height x width
};

// One anchor of a level: `cells()` anchors of the same kind, row by row. The value of a channel at
// a cell is at `first_of_the_channel_group[channel * channel_step + cell * cell_step]`.
struct RawBlock {
  const float* classes = nullptr;
  const float* box = nullptr;
  const float* objectness = nullptr;  // null: the head has none
  int height = 0;
  int width = 0;
  std::ptrdiff_t channel_step = 0;
  std::ptrdiff_t cell_step = 0;
  std::array<float, 2> stride = {};
  std::array<float, 2> anchor = {};  // width, height in pixels of the input

  int cells() const { return height * width; }
};

// The blocks of all levels, in the order in which anchors are ranked when they score the same:
// level, anchor, row, column. `maps` has an entry a level of `head`, in its order.
std::vector<RawBlock> SplitIntoBlocks(const contract::HeadSpec& head, std::span<const RawMap> maps);

}  // namespace yoloport::tasks::detect::host
