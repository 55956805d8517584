#include "detect/row_decoder.h"

#include "base/text.h"
#include "detect/suppress.h"
#include "tasks/detect/host/row_decode.h"
#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

using tensor::Shape;

void CheckShape(const contract::RowFormat& format, const Shape& shape, image::Extent input,
                std::size_t images, const std::string& model) {
  const std::size_t numbers = format.channels_first ? 1 : 2;
  const bool fits = shape.size() == 3 && shape[0] >= static_cast<std::int64_t>(images) &&
                    shape[numbers] == format.Numbers();
  if (!fits) {
    const std::string count = std::to_string(format.Numbers());
    throw ModelError(base::Quote(model) + ": gave an output of " + base::ShapeText(shape) +
                     "; expected " + std::to_string(images) + " x " +
                     (format.channels_first ? count + " x rows" : "rows x " + count));
  }
  if (format.grid_strides.empty()) return;
  const std::int64_t rows = shape[3 - numbers];
  const std::int64_t cells =
      tasks::detect::host::GridRows(format.grid_strides, input.height, input.width);
  if (rows == cells) return;
  throw ModelError(base::Quote(model) + ": gave " + std::to_string(rows) + " rows; an input of " +
                       std::to_string(input.width) + "x" + std::to_string(input.height) + " has " +
                       std::to_string(cells) + " cells",
                   "give the strides of its levels by --strides");
}

}  // namespace

std::vector<std::vector<Detection>> ReadRows(const contract::RowFormat& format,
                                             const tensor::Tensor& output, image::Extent input,
                                             const contract::NmsPolicy& policy,
                                             std::span<const tasks::detect::host::MinBox> min_boxes,
                                             const std::string& model, WrongAnswers& wrong) {
  CheckShape(format, output.shape(), input, min_boxes.size(), model);
  const tensor::Tensor dense = output.To(tensor::DType::kFloat32).Dense();
  const std::int64_t count = dense.shape()[format.channels_first ? 2 : 1];
  const float* data = dense.values<float>().data();
  std::vector<std::vector<Detection>> results;
  for (const tasks::detect::host::MinBox& min_box : min_boxes) {
    const auto candidates = tasks::detect::host::FindRowCandidates(
        format, {data, count}, input.height, input.width, policy, min_box);
    data += count * format.Numbers();
    results.push_back(Suppress(candidates, policy, wrong));
  }
  return results;
}

}  // namespace yoloport::detect
