// Box channels of chosen anchors to corners.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "tasks/detect/host/raw_head.h"

namespace yoloport::tasks::detect::host {

using Corners = std::array<float, 4>;  // x1, y1, x2, y2 in pixels of the network's input

struct RawAnchor {
  const RawBlock* block = nullptr;
  int cell = 0;
};

// One box for each anchor, as contract::BoxCoding says; what is no number in gives what is no
// number out.
std::vector<Corners> DecodeBoxes(const contract::HeadSpec& head,
                                 std::span<const RawAnchor> anchors);

}  // namespace yoloport::tasks::detect::host
