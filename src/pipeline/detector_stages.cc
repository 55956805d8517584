#include "pipeline/detector_stages.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "onnx/metadata.h"
#include "vision/prepare.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

constexpr int kMaxBatch = 1024;
constexpr std::int64_t kMaxInputSide = 1 << 15;  // pixels

void RequireShare(const char* what, const std::optional<double>& value) {
  if (value && !(*value >= 0 && *value <= 1)) {
    throw UsageError(std::string("the ") + what + " threshold must be from 0 to 1");
  }
}

void CheckOptions(const DetectorOptions& options) {
  RequireShare("score", options.score_threshold);
  RequireShare("IoU", options.iou_threshold);
  if (options.pre_topk.value_or(1) < 1 || options.keep_topk.value_or(1) < 1) {
    throw UsageError("pre_topk and keep_topk must be at least 1");
  }
  if (options.threads < 0) throw UsageError("the number of threads must not be negative");
  if (options.batch < 1 || options.batch > kMaxBatch) {
    throw UsageError("the batch must be from 1 to " + std::to_string(kMaxBatch));
  }
}

std::string ExtentText(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace

DetectorStages::DetectorStages(const std::filesystem::path& model, const DetectorOptions& options)
    : model_(model.native()), score_threshold_(options.score_threshold.value_or(0)) {
  CheckOptions(options);
  const FileMetadata metadata = ReadFileMetadata(model);
  session_ = OpenSession(model, {options.runtime, options.threads});
  end_to_end_ = FindEndToEnd(session_->outputs());
  facts_ = SettleFacts(metadata, options.model, end_to_end_.has_value(), model_);
  FitInput(options);
  if (!end_to_end_) FindRawOutputs(options);
}

// What the file takes decides; metadata fill in what it leaves open.
void DetectorStages::FitInput(const DetectorOptions& options) {
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
  batch_ = batch_is_fixed_ ? static_cast<int>(shape[0]) : options.batch;
  ImageRecipe& recipe = facts_.recipe;
  const std::int64_t height = shape[2] >= 0 ? shape[2] : recipe.height;
  const std::int64_t width = shape[3] >= 0 ? shape[3] : recipe.width;
  if (height < 1 || width < 1 || height > kMaxInputSide || width > kMaxInputSide) {
    throw ModelError(Quote(model_) + ": takes images of " + ExtentText(width, height));
  }
  const bool differs = height != recipe.height || width != recipe.width;
  if (differs && options.model.height > 0) {
    throw UsageError(Quote(model_) + ": takes images of " + ExtentText(width, height) +
                         " only, not of " + ExtentText(recipe.width, recipe.height),
                     "leave --img-size out");
  }
  if (differs && facts_.has_size && facts_.warnings.empty()) {
    facts_.warnings.push_back(Quote(model_) + ": takes images of " + ExtentText(width, height) +
                              ", not of " + ExtentText(recipe.width, recipe.height) +
                              " as its metadata say");
  }
  recipe.height = static_cast<int>(height);
  recipe.width = static_cast<int>(width);
}

void DetectorStages::FindRawOutputs(const DetectorOptions& options) {
  std::vector<std::string> list;
  for (const ValueInfo& output : session_->outputs()) {
    list.push_back(Quote(output.name) + " " + ShapeText(output.shape));
  }
  if (!AreRawHeads(session_->outputs())) {
    throw ModelError(Quote(model_) +
                     ": has neither the outputs num_dets, boxes, scores and labels "
                     "nor maps of raw heads; it has " +
                     JoinText(list));
  }
  if (facts_.head.type.empty()) {
    throw UsageError(Quote(model_) +
                         ": ends with raw heads and does not say of which type; its "
                         "outputs are " +
                         JoinText(list),
                     "give --type, one of " + JoinText(ModelTypes()));
  }
  raw_.emplace(facts_.head, facts_.recipe.height, facts_.recipe.width, model_);
  raw_->Check(session_->outputs());
  NmsSettings& nms = facts_.nms;
  nms.score_threshold = options.score_threshold.value_or(nms.score_threshold);
  nms.iou_threshold = options.iou_threshold.value_or(nms.iou_threshold);
  nms.pre_topk = options.pre_topk.value_or(nms.pre_topk);
  nms.keep_topk = options.keep_topk.value_or(nms.keep_topk);
  nms.class_agnostic = options.class_agnostic.value_or(nms.class_agnostic);
  nms.multi_label = options.multi_label.value_or(nms.multi_label);
}

PreparedBatch DetectorStages::Prepare(std::span<const ImageView> images) const {
  const int count = static_cast<int>(images.size());
  const int size = batch_is_fixed_ ? batch_ : count;
  const std::size_t image_size = std::size_t{3} * facts_.recipe.height * facts_.recipe.width;
  // Not a vector: nothing is to be zeroed that is written right after.
  const std::shared_ptr<float[]> data(new float[image_size * size]);
  PreparedBatch batch;
  for (int i = 0; i < count; ++i) {
    const std::span<float> planes(data.get() + image_size * i, image_size);
    batch.letterboxes.push_back(PrepareImage(images[i], facts_.recipe, planes));
  }
  std::fill(data.get() + image_size * count, data.get() + image_size * size, 0.0F);
  batch.input = Tensor(DType::kFloat32, {size, 3, facts_.recipe.height, facts_.recipe.width}, data,
                       reinterpret_cast<const std::byte*>(data.get()))
                    .To(session_->inputs()[0].dtype);
  return batch;
}

std::vector<Tensor> DetectorStages::Infer(const PreparedBatch& batch) const {
  return session_->Run({&batch.input, 1});
}

std::vector<std::vector<Detection>> DetectorStages::Decode(const PreparedBatch& batch,
                                                           std::span<const Tensor> outputs) const {
  const int images = static_cast<int>(batch.letterboxes.size());
  auto results = raw_ ? raw_->Read(outputs, images, facts_.nms)
                      : ReadEndToEnd(*end_to_end_, outputs, images, score_threshold_, model_);
  for (std::size_t i = 0; i < results.size(); ++i) MapBoxesBack(batch.letterboxes[i], results[i]);
  return results;
}

}  // namespace yoloport
