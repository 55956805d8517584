// From rows of numbers that another program's file gives to the boxes that can still matter.
#pragma once

#include <cstdint>
#include <span>

#include "contract/nms_policy.h"
#include "contract/row_format.h"
#include "tasks/detect/host/raw_decode.h"

namespace yoloport::tasks::detect::host {

// What a file gave for one image; floats that the caller owns: count x format.Numbers(), or the
// other way round where the format has channels first.
struct Rows {
  const float* data = nullptr;
  std::int64_t count = 0;
};

// How many rows a grid of these strides has for an input of height x width.
std::int64_t GridRows(std::span<const int> strides, int height, int width);

// The candidates of one image, in pixels of the network's input, which is height x width: as
// FindCandidates() of raw_decode.h. A score is a class's number, times the objectness where there
// is one. Where the format is a grid, there are GridRows() rows. Numbers of a score that are not
// from 0 to 1 although the format says so are counted as wrong, and left out. Thread-safe.
RawCandidates FindRowCandidates(const contract::RowFormat& format, const Rows& rows, int height,
                                int width, const contract::NmsPolicy& policy,
                                const MinBox& min_box = kAnyBox);

}  // namespace yoloport::tasks::detect::host
