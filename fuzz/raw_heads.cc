// A network's raw outputs as detections. Type, classes, thresholds and the outputs' extents come
// from the input's first bytes, the values - any bit pattern - from the rest, over and over.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "contract/model_types.h"
#include "detect/raw_decoder.h"
#include "yoloport/error.h"

namespace {

constexpr std::size_t kHeader = 10;
constexpr std::size_t kOutputHeader = 4;

yoloport::contract::RawHeadInfo HeadInfo(const std::uint8_t* header) {
  const auto types = yoloport::contract::ModelTypeNames();
  auto info = yoloport::contract::RawHeadOfType(types[header[0] % types.size()], header[1]);
  if (header[2] % 4 == 1) info.strides = {{header[3], header[4]}, {16, 16}, {header[3], 32}};
  if (header[2] % 4 == 2 && !info.anchors.empty()) info.anchors.resize(header[3] % 4);
  if (header[2] % 4 == 3) info.bins = 1 + header[3] % 32;
  for (auto& stride : info.strides) stride = {std::max(stride[0], 1), std::max(stride[1], 1)};
  return info;
}

yoloport::contract::NmsPolicy Policy(const std::uint8_t* header) {
  yoloport::contract::NmsPolicy policy;
  policy.score_threshold = header[5] / 255.0;
  policy.iou_threshold = header[6] / 255.0;
  policy.pre_topk = 1 + header[7];
  policy.keep_topk = 1 + header[8] % 128;
  policy.class_agnostic = (header[9] & 1) != 0;
  policy.multi_label = (header[9] & 2) != 0;
  return policy;
}

// Up to four outputs, all of one image or two; nothing when they would be large.
std::vector<yoloport::tensor::Tensor> Outputs(const std::uint8_t* data, std::size_t size,
                                              int images) {
  constexpr std::int64_t kMost = 1 << 18;
  std::vector<yoloport::tensor::Tensor> outputs;
  const std::size_t count = std::min<std::size_t>(data[0] % 5, (size - 1) / kOutputHeader);
  const std::uint8_t* extents = data + 1;
  const std::uint8_t* values = extents + count * kOutputHeader;
  const std::size_t bytes = size - 1 - count * kOutputHeader;
  for (std::size_t i = 0; i < count; ++i, extents += kOutputHeader) {
    const yoloport::tensor::Shape shape = {images, extents[0] + 256 * (extents[3] % 2), extents[1],
                                           extents[2] + 256 * (extents[3] / 2 % 2)};
    if (yoloport::tensor::ElementCount(shape) > kMost) return {};
    std::vector<float> elements(static_cast<std::size_t>(yoloport::tensor::ElementCount(shape)));
    auto* out = reinterpret_cast<std::uint8_t*>(elements.data());
    for (std::size_t at = 0; bytes > 0 && at < elements.size() * sizeof(float); ++at) {
      out[at] = values[at % bytes];
    }
    outputs.push_back(yoloport::tensor::Tensor::Of<float>(shape, std::move(elements)));
  }
  return outputs;
}

void Check(bool holds) {
  if (!holds) std::abort();
}

// What docs/nms.md promises of any output.
void CheckDetections(const std::vector<yoloport::Detection>& found,
                     const yoloport::contract::RawHeadInfo& info,
                     const yoloport::contract::NmsPolicy& policy) {
  Check(found.size() <= static_cast<std::size_t>(policy.keep_topk));
  float last = 1;
  for (const yoloport::Detection& detection : found) {
    Check(detection.score <= last && detection.score > static_cast<float>(policy.score_threshold));
    Check(detection.label >= 0 && detection.label < info.num_classes);
    for (const float side : detection.box) Check(std::isfinite(side));
    last = detection.score;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kSide = 64;  // pixels of the network's input
  if (size <= kHeader) return 0;
  const yoloport::contract::RawHeadInfo info = HeadInfo(data);
  const yoloport::contract::NmsPolicy policy = Policy(data);
  const int images = (data[9] & 4) != 0 ? 2 : 1;
  const std::vector min_boxes(static_cast<std::size_t>(images),
                              yoloport::tasks::detect::host::kAnyBox);
  const auto outputs = Outputs(data + kHeader, size - kHeader, images);
  try {
    const yoloport::detect::RawDecoder reader(info, kSide, kSide, "model.onnx");
    yoloport::detect::WrongAnswers wrong(info.num_classes);
    for (const auto& found : reader.Read(outputs, policy, min_boxes, wrong)) {
      CheckDetections(found, info, policy);
    }
  } catch (const yoloport::ModelError&) {
    // Expected of malformed input.
  }
  return 0;
}
