#include "detect/wrong_answers.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/text.h"

namespace yoloport::detect {
namespace {

constexpr std::int64_t kMostLabels = 100000;  // the largest data sets have 20000 classes
constexpr float kFarthest = 1 << 20;          // pixels; no image has a longer side

std::string Counted(std::int64_t count, const char* one, const char* several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

}  // namespace

WrongAnswers::WrongAnswers(std::int64_t labels) : labels_(labels > 0 ? labels : kMostLabels) {}

bool WrongAnswers::IsLabel(double label) const {
  return label >= 0 && label < static_cast<double>(labels_) && label == std::floor(label);
}

bool WrongAnswers::IsBox(const std::array<float, 4>& box) {
  return std::all_of(box.begin(), box.end(), [](float x) { return std::abs(x) <= kFarthest; });
}

std::string WrongAnswers::Text(const std::string& model) const {
  std::vector<std::string> parts;
  const auto add = [&](Kind kind, const char* one, const char* several, const std::string& what) {
    const std::int64_t count = counts_[kind];
    if (count > 0) parts.push_back(Counted(count, one, several) + what);
  };
  add(kScore, "score that is", "scores that are", " not from 0 to 1");
  add(kLabel, "label that is", "labels that are",
      " not a class from 0 to " + std::to_string(labels_ - 1));
  add(kBox, "box that is", "boxes that are", " NaN, infinite or far outside the image");
  std::string treatment;
  if (!parts.empty()) treatment = "; such detections were left out";
  add(kCount, "number of detections that is", "numbers of detections that are",
      " not from 0 to the rows there are");
  if (parts.empty()) return "";
  if (counts_[kCount] > 0) treatment += "; of such a number's rows those that are there were read";
  return base::Quote(model) + ": the network gave " + base::JoinText(parts) + treatment +
         "\nhint: weights that are NaN or very large do this, which yoloport export --strict looks "
         "for, and float16 where float32 is needed";
}

}  // namespace yoloport::detect
