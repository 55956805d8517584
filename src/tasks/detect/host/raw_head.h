// The raw outputs of a detection head, as the host reads them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "contract/raw_head.h"

namespace yoloport::tasks::detect::host {

// What an output gave for one image; floats that the caller owns.
struct RawMap {
  const float* data = nullptr;
  std::int64_t channels = 0;
};

// The numbers of one part of an anchor: that of a channel at a cell is
// at `first[channel * channel_step + cell * cell_step]`.
struct RawNumbers {
  const float* first = nullptr;
  std::ptrdiff_t channel_step = 0;
  std::ptrdiff_t cell_step = 0;
};

// One anchor of a level: `cells()` anchors of the same kind, row by row.
struct RawBlock {
  RawNumbers classes;
  RawNumbers box;
  RawNumbers objectness;  // of null: the head has none
  int height = 0;
  int width = 0;
  std::array<float, 2> stride = {};
  std::array<float, 2> anchor = {};  // width, height in pixels of the input

  int cells() const { return height * width; }
};

// The blocks of all levels, in the order in which anchors are ranked when they score the same:
// level, anchor, row, column. `maps` has an entry for each output that `fit` is about.
std::vector<RawBlock> SplitIntoBlocks(const contract::RawHeadFit& fit,
                                      std::span<const RawMap> maps);

}  // namespace yoloport::tasks::detect::host
