#include "pipeline/end_to_end.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

// Outputs converted to the types that are computed with.
struct Rows {
  Tensor num_dets;  // int64 N or Nx1
  Tensor boxes;     // float32 NxKx4
  Tensor scores;    // float32 NxK
  Tensor labels;    // int64 NxK
};

void CheckShapes(const Rows& rows, int images, const std::string& model) {
  const Shape& boxes = rows.boxes.shape();
  const bool fits = boxes.size() == 3 && boxes[2] == 4 && boxes[0] >= images &&
                    rows.scores.shape() == Shape{boxes[0], boxes[1]} &&
                    rows.labels.shape() == rows.scores.shape() && rows.num_dets.size() == boxes[0];
  if (fits) return;
  throw ModelError(Quote(model) + ": gave num_dets " + ShapeText(rows.num_dets.shape()) +
                   ", boxes " + ShapeText(boxes) + ", scores " + ShapeText(rows.scores.shape()) +
                   ", labels " + ShapeText(rows.labels.shape()) +
                   "; expected Nx1, NxKx4, NxK and NxK");
}

std::vector<Detection> ReadImageRows(const Rows& rows, std::int64_t image, double threshold) {
  const std::int64_t capacity = rows.boxes.shape()[1];
  const std::int64_t count =
      std::clamp<std::int64_t>(rows.num_dets.values<std::int64_t>()[image], 0, capacity);
  std::vector<Detection> detections;
  for (std::int64_t i = image * capacity; i < image * capacity + count; ++i) {
    Detection detection;
    detection.label = static_cast<int>(rows.labels.values<std::int64_t>()[i]);
    detection.score = rows.scores.values<float>()[i];
    std::copy_n(rows.boxes.values<float>().begin() + 4 * i, 4, detection.box.begin());
    const bool is_box = std::all_of(detection.box.begin(), detection.box.end(),
                                    [](float x) { return std::isfinite(x); });
    // Compared as floats: a threshold of 0.3 keeps what scores 0.3F.
    if (detection.label < 0 || !is_box || !(detection.score >= static_cast<float>(threshold))) {
      continue;
    }
    detections.push_back(detection);
  }
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  return detections;
}

}  // namespace

std::optional<EndToEndOutputs> FindEndToEnd(std::span<const ValueInfo> outputs) {
  const auto find = [&](const char* name) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].name == name) return i;
    }
    return std::nullopt;
  };
  const auto num_dets = find("num_dets");
  const auto boxes = find("boxes");
  const auto scores = find("scores");
  const auto labels = find("labels");
  if (!num_dets || !boxes || !scores || !labels) return std::nullopt;
  return EndToEndOutputs{*num_dets, *boxes, *scores, *labels};
}

std::vector<std::vector<Detection>> ReadEndToEnd(const EndToEndOutputs& where,
                                                 std::span<const Tensor> outputs, int images,
                                                 double threshold, const std::string& model) {
  const Rows rows = {
      outputs[where.num_dets].To(DType::kInt64), outputs[where.boxes].To(DType::kFloat32),
      outputs[where.scores].To(DType::kFloat32), outputs[where.labels].To(DType::kInt64)};
  CheckShapes(rows, images, model);
  std::vector<std::vector<Detection>> results;
  for (int image = 0; image < images; ++image) {
    results.push_back(ReadImageRows(rows, image, threshold));
  }
  return results;
}

}  // namespace yoloport
