// Candidate boxes as rows of numbers: what the files of other programs give before suppression.
#pragma once

#include <vector>

namespace yoloport::contract {

// What the four numbers of a row's box are, in pixels of the network's input.
enum class BoxNumbers {
  kCenterSize,  // center x, center y, width, height
  kCorners      // x1, y1, x2, y2
};

// An output N x P x M, or N x M x P where `channels_first`: P rows of M numbers, the box, then the
// objectness where there is one, then a score for each class. Rows that are suppressed already are
// not of this kind: OutputLayout::kUltralytics.
struct RowFormat {
  BoxNumbers box = BoxNumbers::kCenterSize;
  bool channels_first = false;
  bool objectness = false;  // a class's score is its own number times this one
  bool activated = true;    // scores are probabilities; else logits
  int num_classes = 0;
  // Not empty: the rows are the cells of levels with these strides, level by level and row by row,
  // one box a cell, and box numbers are BoxCoding::kCenterSize: nothing is decoded yet.
  std::vector<int> grid_strides = {};

  // Of a row.
  int Numbers() const { return 4 + (objectness ? 1 : 0) + num_classes; }
};

}  // namespace yoloport::contract
