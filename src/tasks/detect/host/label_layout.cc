#include "tasks/detect/host/label_layout.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace yoloport::tasks::detect::host {
namespace {

double Overlap(const Box& a, const Box& b) {
  const int width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const int height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return width <= 0 || height <= 0 ? 0 : static_cast<double>(width) * height;
}

double Area(const Box& box) { return std::max(1.0, static_cast<double>(box.width) * box.height); }

Box MovedInto(Box box, const Box& picture) {
  box.x = std::max(0, std::min(box.x, picture.width - box.width));
  box.y = std::max(0, std::min(box.y, picture.height - box.height));
  return box;
}

}  // namespace

Box LabelLayout::Find(const Box& object, int width, int height) const {
  const int right = object.x + object.width - width;
  const int bottom = object.y + object.height;
  // From the best place to the worst: around the box's corners, beside it, and a label's height
  // away.
  const std::array<Box, 12> candidates = {{
      {object.x, object.y - height, width, height},
      {object.x, object.y, width, height},
      {right, object.y - height, width, height},
      {object.x, bottom, width, height},
      {right, object.y, width, height},
      {right, bottom, width, height},
      {object.x, bottom - height, width, height},
      {right, bottom - height, width, height},
      {object.x + object.width, object.y, width, height},
      {object.x - width, object.y, width, height},
      {object.x, object.y - 2 * height, width, height},
      {object.x, bottom + height, width, height},
  }};
  Box best;
  double best_cost = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Box label = MovedInto(candidates[i], picture_);
    const double cost = Cost(label, candidates[i]) + 0.05 * static_cast<double>(i);
    if (i > 0 && cost >= best_cost) continue;
    best = label;
    best_cost = cost;
  }
  return best;
}

double LabelLayout::Hidden(const Box& label) const {
  double hidden = 0;
  for (const auto* boxes : {&placed_, &objects_}) {
    for (const Box& box : *boxes) hidden = std::max(hidden, Overlap(label, box) / Area(box));
  }
  return hidden;
}

// In units of a label: how much of other labels it covers, how much of the objects, and how far it
// was moved up or down (sideways does no harm).
double LabelLayout::Cost(const Box& label, const Box& wanted) const {
  double cost = static_cast<double>(std::abs(label.y - wanted.y)) / std::max(1, label.height);
  for (const Box& other : placed_) cost += 4 * Overlap(label, other) / Area(label);
  for (const Box& object : objects_) cost += 0.7 * Overlap(label, object) / Area(object);
  return cost;
}

}  // namespace yoloport::tasks::detect::host
