// What a detection head hands to whoever decodes it: per level the logits, and what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/head_spec.h"
#include "graph/graph.h"

namespace yoloport::graph {

// How the numbers of a level's positions lie. A position is one anchor of one cell; there are P of
// them in a level, A in a cell.
enum class HeadLayout {
  // N x columns x P, position = (anchor * H + y) * W + x: as a map of channels lies in memory.
  kPositionsLast,
  // N x P x columns, position = (y * W + x) * A + anchor: for runtimes that compute with channels
  // last, and give that away for nothing.
  kPositionsFirst,
};

// The axis of the positions; that of the columns is the other one of 1 and 2.
constexpr std::int64_t PositionAxis(HeadLayout layout) {
  return layout == HeadLayout::kPositionsFirst ? 1 : 2;
}

// One feature level: of each position the numbers of one row or column.
struct HeadLevel {
  Value classes;     // C logits
  Value boxes;       // 4 * bins; number = side * bins + bin
  Value objectness;  // 1 logit; no value for heads without objectness
  Value feature;     // N x any x H x W of this level: it tells H and W
};

struct DetectionHead {
  contract::HeadSpec spec;
  HeadLayout layout = HeadLayout::kPositionsLast;
  std::vector<HeadLevel> levels;  // as many as those of `spec`, all with as many anchors
};

// What a detection head gives. `head` always tells how its output is to be decoded; its levels hold
// values only where the graph goes on with decoding, `raw` only where it ends with the head.
struct HeadOutput {
  // easydeploy's names: yolov5 yolox yolov6 ppyoloe ppyoloep yolov7 rtmdet yolov8
  std::string type;
  DetectionHead head;
  // Per level N x (classes, boxes, objectness) x H x W: easydeploy's layout.
  std::vector<Value> raw;
};

// What is asked of a head: levels to decode in a layout, or its raw outputs.
using HeadMode = std::optional<HeadLayout>;
inline constexpr HeadMode kRawHead = std::nullopt;

// A map of A * columns channels, N x channels x H x W, as the positions of a level. The channel is
// anchor * columns + column for positions first, column * A + anchor for positions last.
Value PositionsOf(Value map, std::int64_t columns, HeadLayout layout);

// What the head gives, in the element type of decoding and NMS.
void CastToFloat(HeadOutput& network);

}  // namespace yoloport::graph
