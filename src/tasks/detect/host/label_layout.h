// Where labels go.
#pragma once

#include <utility>
#include <vector>

namespace yoloport::tasks::detect::host {

struct Box {
  int x = 0;  // left, pixels
  int y = 0;  // top
  int width = 0;
  int height = 0;
  bool operator==(const Box&) const = default;
};

// Finds places for labels one after another, each at its object's box, inside the picture and,
// where there is room, neither over those added before nor over small objects.
class LabelLayout {
 public:
  LabelLayout(int picture_width, int picture_height, std::vector<Box> objects)
      : picture_{0, 0, picture_width, picture_height}, objects_(std::move(objects)) {}

  // Where a label of this extent is best. One larger than the picture is at its left and top.
  Box Find(const Box& object, int width, int height) const;

  // The largest part, 0 to 1, of one object or placed label that a label there hides.
  double Hidden(const Box& label) const;

  // Later labels keep off it.
  void Add(const Box& label) { placed_.push_back(label); }

 private:
  double Cost(const Box& label, const Box& wanted) const;

  Box picture_;
  std::vector<Box> objects_;
  std::vector<Box> placed_;
};

}  // namespace yoloport::tasks::detect::host
