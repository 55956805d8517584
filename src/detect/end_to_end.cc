#include "detect/end_to_end.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

constexpr float kAlmostOne = 1.00001F;

using base::ShapeText;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

// Outputs converted to the types that are computed with. What should be whole numbers may be
// anything; float64 holds them all, or at least how far out they are.
struct Rows {
  Tensor num_dets;  // float64 N or Nx1
  Tensor boxes;     // float32 NxKx4
  Tensor scores;    // float32 NxK
  Tensor labels;    // float64 NxK
  bool zero_is_padding = false;
};

// Of the layouts whose boxes and scores (and labels) are columns of one output, which has no count.
Rows SplitColumns(const EndToEndOutputs& where, std::span<const Tensor> outputs,
                  const std::string& model) {
  const bool has_labels = where.labels != where.boxes;
  const Tensor all = outputs[where.boxes].To(DType::kFloat32);
  const std::int64_t columns = has_labels ? 5 : 6;
  if (all.shape().size() != 3 || all.shape()[2] != columns) {
    throw ModelError(base::Quote(model) + ": gave detections " + ShapeText(all.shape()) +
                     "; expected NxKx" + std::to_string(columns));
  }
  const Shape shape = {all.shape()[0], all.shape()[1]};
  const auto from = all.values<float>();
  const auto part = [&](std::size_t first, std::size_t count) {
    std::vector<float> values;
    for (std::size_t row = 0; row < from.size(); row += static_cast<std::size_t>(columns)) {
      values.insert(values.end(), from.begin() + static_cast<std::ptrdiff_t>(row + first),
                    from.begin() + static_cast<std::ptrdiff_t>(row + first + count));
    }
    return values;
  };
  Rows rows;
  rows.num_dets = Tensor::Of<double>(
      {shape[0]},
      std::vector<double>(static_cast<std::size_t>(shape[0]), static_cast<double>(shape[1])));
  rows.boxes = Tensor::Of<float>({shape[0], shape[1], 4}, part(0, 4));
  rows.scores = Tensor::Of<float>(shape, part(4, 1));
  rows.labels = (has_labels ? outputs[where.labels] : Tensor::Of<float>(shape, part(5, 1)))
                    .To(DType::kFloat64);
  rows.zero_is_padding = true;
  return rows;
}

void CheckShapes(const Rows& rows, int images, const std::string& model) {
  const Shape& boxes = rows.boxes.shape();
  const bool fits = boxes.size() == 3 && boxes[2] == 4 && boxes[0] >= images &&
                    rows.scores.shape() == Shape{boxes[0], boxes[1]} &&
                    rows.labels.shape() == rows.scores.shape() && rows.num_dets.size() == boxes[0];
  if (fits) return;
  throw ModelError(base::Quote(model) + ": gave num_dets " + ShapeText(rows.num_dets.shape()) +
                   ", boxes " + ShapeText(boxes) + ", scores " + ShapeText(rows.scores.shape()) +
                   ", labels " + ShapeText(rows.labels.shape()) +
                   "; expected Nx1, NxKx4, NxK and NxK");
}

// How many rows of an image to look at.
std::int64_t CountOf(const Rows& rows, std::int64_t image, WrongAnswers& wrong) {
  const double count = rows.num_dets.values<double>()[image];
  const auto capacity = static_cast<double>(rows.boxes.shape()[1]);
  const bool is_right = count >= 0 && count <= capacity && count == std::floor(count);
  if (!is_right) wrong.Add(WrongAnswers::kCount);
  return count > 0 ? static_cast<std::int64_t>(std::min(count, capacity)) : 0;  // NaN: 0
}

std::vector<Detection> ReadImageRows(const Rows& rows, std::int64_t image, double threshold,
                                     WrongAnswers& wrong) {
  const std::int64_t first = image * rows.boxes.shape()[1];
  const std::int64_t end = first + CountOf(rows, image, wrong);
  std::vector<Detection> detections;
  for (std::int64_t i = first; i < end; ++i) {
    const double label = rows.labels.values<double>()[i];
    Detection detection;
    detection.score = rows.scores.values<float>()[i];
    std::copy_n(rows.boxes.values<float>().begin() + 4 * i, 4, detection.box.begin());
    if (detection.score == 0 && (label == -1 || rows.zero_is_padding)) continue;
    // A runtime's sigmoid may be a last bit above 1.
    if (detection.score > 1 && detection.score <= kAlmostOne) detection.score = 1;
    if (!(detection.score >= 0 && detection.score <= 1)) {
      wrong.Add(WrongAnswers::kScore);
      continue;
    }
    // Compared as floats: a threshold of 0.3 keeps what scores 0.3F.
    if (detection.score < static_cast<float>(threshold)) continue;
    const bool is_label = wrong.IsLabel(label);
    if (!is_label || !WrongAnswers::IsBox(detection.box)) {
      wrong.Add(is_label ? WrongAnswers::kBox : WrongAnswers::kLabel);
      continue;
    }
    detection.label = static_cast<int>(label);
    detections.push_back(detection);
  }
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  return detections;
}

}  // namespace

std::optional<EndToEndOutputs> FindEndToEnd(std::span<const runtime::ValueInfo> outputs) {
  // The places of all of a layout's outputs, or nothing.
  const auto find = [&](contract::OutputLayout layout) -> std::optional<std::vector<std::size_t>> {
    std::vector<std::size_t> places;
    for (const std::string_view name : contract::OutputNames(layout)) {
      const auto found =
          std::find_if(outputs.begin(), outputs.end(),
                       [&](const runtime::ValueInfo& output) { return output.name == name; });
      if (found == outputs.end()) return std::nullopt;
      places.push_back(static_cast<std::size_t>(found - outputs.begin()));
    }
    return places;
  };
  for (const contract::OutputLayout layout :
       {contract::OutputLayout::kMmyolo, contract::OutputLayout::kEfficientNms}) {
    if (const auto at = find(layout)) {
      return EndToEndOutputs{layout, (*at)[0], (*at)[1], (*at)[2], (*at)[3]};
    }
  }
  if (const auto at = find(contract::OutputLayout::kMmdeploy)) {
    return EndToEndOutputs{contract::OutputLayout::kMmdeploy, 0, (*at)[0], (*at)[0], (*at)[1]};
  }
  // Raw heads have names like this one, too, but are N x C x H x W.
  if (outputs.size() == 1 && find(contract::OutputLayout::kUltralytics) &&
      outputs[0].shape.size() == 3 && outputs[0].shape[2] == 6) {
    return EndToEndOutputs{contract::OutputLayout::kUltralytics, 0, 0, 0, 0};
  }
  return std::nullopt;
}

std::vector<std::vector<Detection>> ReadEndToEnd(const EndToEndOutputs& where,
                                                 std::span<const Tensor> outputs, int images,
                                                 double threshold, const std::string& model,
                                                 WrongAnswers& wrong) {
  const bool has_columns = where.layout == contract::OutputLayout::kUltralytics ||
                           where.layout == contract::OutputLayout::kMmdeploy;
  const Rows rows = has_columns ? SplitColumns(where, outputs, model)
                                : Rows{outputs[where.num_dets].To(DType::kFloat64),
                                       outputs[where.boxes].To(DType::kFloat32),
                                       outputs[where.scores].To(DType::kFloat32),
                                       outputs[where.labels].To(DType::kFloat64), false};
  CheckShapes(rows, images, model);
  std::vector<std::vector<Detection>> results;
  for (int image = 0; image < images; ++image) {
    results.push_back(ReadImageRows(rows, image, threshold, wrong));
  }
  return results;
}

}  // namespace yoloport::detect
