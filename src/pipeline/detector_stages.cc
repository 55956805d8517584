#include "pipeline/detector_stages.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "onnx/metadata.h"
#include "vision/prepare.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

constexpr int kMaxBatch = 1024;
constexpr int kMaxStreams = 1024;
constexpr std::int64_t kMaxInputSide = 1 << 15;  // pixels

void CheckOptions(const DetectorOptions& options) {
  if (!(options.score_threshold >= 0 && options.score_threshold <= 1)) {
    throw UsageError("the score threshold must be from 0 to 1");
  }
  if (options.threads < 0) throw UsageError("the number of threads must not be negative");
  if (options.batch < 1 || options.batch > kMaxBatch) {
    throw UsageError("the batch must be from 1 to " + std::to_string(kMaxBatch));
  }
}

int CheckedStreams(int streams) {
  if (streams < 1 || streams > kMaxStreams) {
    throw UsageError("the streams must be from 1 to " + std::to_string(kMaxStreams));
  }
  return streams;
}

std::string ExtentText(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace

DetectorStages::DetectorStages(const std::filesystem::path& model, const DetectorOptions& options)
    : model_(model.native()),
      score_threshold_(options.score_threshold),
      streams_(CheckedStreams(options.streams)),
      free_streams_(streams_) {
  CheckOptions(options);
  ReadMetadata(model);
  session_ = OpenSession(model, {options.runtime, options.threads, options.streams});
  FitInput(options.batch);
  FindOutputs();
}

void DetectorStages::ReadMetadata(const std::filesystem::path& model) {
  const auto metadata = ReadOnnxMetadata(model);
  const auto found = metadata.find("yoloport");
  const std::string consequence =
      "; images are prepared as for YOLOv5, and classes have numbers for names";
  if (found == metadata.end()) {
    warnings_.push_back(Quote(model_) + ": does not say how it wants its images" + consequence);
    return;
  }
  try {
    const ModelInfo info = ModelInfoFromJson(found->second);
    classes_ = info.classes;
    for (const auto& [r, g, b] : info.palette) {
      palette_.push_back({static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g),
                          static_cast<std::uint8_t>(b)});
    }
    recipe_ = info.recipe;
  } catch (const ModelError& error) {
    warnings_.push_back(Quote(model_) + ": " + error.message() + consequence);
  }
}

// What the file takes decides; metadata fill in what it leaves open.
void DetectorStages::FitInput(int dynamic_batch) {
  const auto& inputs = session_->inputs();
  const bool is_image = inputs.size() == 1 && inputs[0].shape.size() == 4 &&
                        (inputs[0].shape[1] == 3 || inputs[0].shape[1] < 0) &&
                        (inputs[0].dtype == DType::kFloat32 || inputs[0].dtype == DType::kFloat16);
  if (!is_image) {
    std::vector<std::string> list;
    for (const ValueInfo& input : inputs) {
      list.push_back(Quote(input.name) + " " + std::string(DTypeName(input.dtype)) + " " +
                     ShapeText(input.shape));
    }
    throw ModelError(Quote(model_) + ": is no detector: it takes " + JoinText(list) +
                     ", not one float batch x 3 x height x width");
  }
  const Shape& shape = inputs[0].shape;
  batch_is_fixed_ = shape[0] >= 0;
  if (batch_is_fixed_ && (shape[0] < 1 || shape[0] > kMaxBatch)) {
    throw ModelError(Quote(model_) + ": takes batches of " + std::to_string(shape[0]));
  }
  batch_ = batch_is_fixed_ ? static_cast<int>(shape[0]) : dynamic_batch;
  const std::int64_t height = shape[2] >= 0 ? shape[2] : recipe_.height;
  const std::int64_t width = shape[3] >= 0 ? shape[3] : recipe_.width;
  if (height < 1 || width < 1 || height > kMaxInputSide || width > kMaxInputSide) {
    throw ModelError(Quote(model_) + ": takes images of " + ExtentText(width, height));
  }
  if ((height != recipe_.height || width != recipe_.width) && warnings_.empty()) {
    warnings_.push_back(Quote(model_) + ": takes images of " + ExtentText(width, height) +
                        ", not of " + ExtentText(recipe_.width, recipe_.height) +
                        " as its metadata say");
  }
  recipe_.height = static_cast<int>(height);
  recipe_.width = static_cast<int>(width);
}

void DetectorStages::FindOutputs() {
  const auto found = FindEndToEnd(session_->outputs());
  if (found) {
    outputs_ = *found;
    return;
  }
  std::vector<std::string> list;
  for (const ValueInfo& output : session_->outputs()) {
    list.push_back(Quote(output.name) + " " + ShapeText(output.shape));
  }
  throw ModelError(Quote(model_) + ": has no outputs num_dets, boxes, scores and labels; it has " +
                       JoinText(list),
                   "raw heads are not decoded yet; export without --model-only");
}

PreparedBatch DetectorStages::Prepare(std::span<const ImageView> images) const {
  const int count = static_cast<int>(images.size());
  const int size = batch_is_fixed_ ? batch_ : count;
  const std::size_t image_size = std::size_t{3} * recipe_.height * recipe_.width;
  // Not a vector: nothing is to be zeroed that is written right after.
  const std::shared_ptr<float[]> data(new float[image_size * size]);
  PreparedBatch batch;
  for (int i = 0; i < count; ++i) {
    const std::span<float> planes(data.get() + image_size * i, image_size);
    batch.letterboxes.push_back(PrepareImage(images[i], recipe_, planes));
  }
  std::fill(data.get() + image_size * count, data.get() + image_size * size, 0.0F);
  batch.input = Tensor(DType::kFloat32, {size, 3, recipe_.height, recipe_.width}, data,
                       reinterpret_cast<const std::byte*>(data.get()))
                    .To(session_->inputs()[0].dtype);
  return batch;
}

const PreparedBatch& DetectorStages::Blank() const {
  std::call_once(blank_made_, [&] {
    const Image black(recipe_.width, recipe_.height);
    const std::vector<ImageView> views(static_cast<std::size_t>(batch_), black.view());
    blank_ = Prepare(views);
  });
  return blank_;
}

std::vector<Tensor> DetectorStages::Infer(const PreparedBatch& batch) const {
  free_streams_.acquire();
  struct Release {
    std::counting_semaphore<>& semaphore;
    ~Release() { semaphore.release(); }
  } const release{free_streams_};
  return session_->Run({&batch.input, 1});
}

std::vector<std::vector<Detection>> DetectorStages::Decode(const PreparedBatch& batch,
                                                           std::span<const Tensor> outputs) const {
  auto results = ReadEndToEnd(outputs_, outputs, static_cast<int>(batch.letterboxes.size()),
                              score_threshold_, model_);
  for (std::size_t i = 0; i < results.size(); ++i) MapBoxesBack(batch.letterboxes[i], results[i]);
  return results;
}

}  // namespace yoloport
