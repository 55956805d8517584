#include "detect/raw_decoder.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "detect/suppress.h"
#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

using base::Quote;
using contract::RawOutput;
using runtime::ValueInfo;
using tensor::DType;
using tensor::Tensor;

}  // namespace

bool AreRawHeads(std::span<const ValueInfo> outputs) {
  return !outputs.empty() &&
         std::all_of(outputs.begin(), outputs.end(), [](const ValueInfo& output) {
           return output.shape.size() == 4 && tensor::IsFloat(output.dtype);
         });
}

bool RawDecoder::Check(std::span<const ValueInfo> outputs) const {
  std::vector<RawOutput> maps;
  for (const ValueInfo& output : outputs) {
    maps.push_back({output.name, output.shape});
    const std::span extents = std::span(output.shape).subspan(1);
    if (std::any_of(extents.begin(), extents.end(), [](auto extent) { return extent < 0; })) {
      return false;
    }
  }
  return contract::FitRawHead(info_, height_, width_, maps, model_).parts_by_order;
}

std::vector<std::vector<Detection>> RawDecoder::Read(
    std::span<const Tensor> outputs, const contract::NmsPolicy& policy,
    std::span<const tasks::detect::host::MinBox> min_boxes, WrongAnswers& wrong) const {
  const auto images = static_cast<int>(min_boxes.size());
  std::vector<RawOutput> shapes;
  std::vector<Tensor> tensors;
  for (const Tensor& output : outputs) {
    if (output.rank() != 4 || output.shape()[0] < images) {
      throw ModelError(Quote(model_) + ": gave an output of " + base::ShapeText(output.shape()) +
                       "; expected " + std::to_string(images) + " maps of channels");
    }
    shapes.push_back({"", output.shape()});
    tensors.push_back(output.To(DType::kFloat32).Dense());
  }
  const contract::RawHeadFit fit = contract::FitRawHead(info_, height_, width_, shapes, model_);
  std::vector<std::vector<Detection>> results;
  for (int image = 0; image < images; ++image) {
    std::vector<tasks::detect::host::RawMap> maps;
    for (const Tensor& tensor : tensors) {
      const std::int64_t floats = tensor.shape()[0] > 0 ? tensor.size() / tensor.shape()[0] : 0;
      maps.push_back({tensor.values<float>().data() + floats * image,
                      tensor.shape()[fit.channels_last ? 3 : 1]});
    }
    const tasks::detect::host::MinBox& min_box = min_boxes[static_cast<std::size_t>(image)];
    const tasks::detect::host::RawCandidates candidates =
        tasks::detect::host::FindCandidates(fit, maps, policy, min_box);
    results.push_back(Suppress(candidates, policy, wrong));
  }
  return results;
}

}  // namespace yoloport::detect
