#include "pipeline/detector_stages.h"

#include <algorithm>
#include <cmath>

#include "base/mapped_file.h"
#include "base/text.h"
#include "graph/nms_names.h"
#include "onnx/metadata.h"
#include "runtime/engine_info.h"
#include "vision/prepare.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

constexpr int kMaxBatch = 1024;
constexpr std::int64_t kMaxInputSide = 1 << 15;  // pixels

void CheckOptions(const DetectorOptions& options) {
  if (!(options.score_threshold >= 0 && options.score_threshold <= 1)) {
    throw UsageError("the score threshold must be from 0 to 1");
  }
  if (options.iou_threshold && !(*options.iou_threshold >= 0 && *options.iou_threshold <= 1)) {
    throw UsageError("the IoU threshold must be from 0 to 1");
  }
  if (options.threads < 0) throw UsageError("the number of threads must not be negative");
  if (options.batch < 1 || options.batch > kMaxBatch) {
    throw UsageError("the batch must be from 1 to " + std::to_string(kMaxBatch));
  }
}

// As a float32 tensor holds it, compared with "greater than" where the option says "at least".
float JustBelow(double threshold) { return std::nextafter(static_cast<float>(threshold), 0.0F); }

// An engine has nothing to say; what its ONNX file said stands beside it.
std::map<std::string, std::string> FileMetadata(const std::filesystem::path& model) {
  if (!IsEngineFile(model)) return ReadOnnxMetadata(model);
  MappedFile::Open(model);  // what is not there is to be said first
  auto info = ReadEngineInfo(model);
  return info ? std::move(info->metadata) : std::map<std::string, std::string>();
}

std::string ExtentText(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace

DetectorStages::DetectorStages(const std::filesystem::path& model, const DetectorOptions& options)
    : model_(model.native()), score_threshold_(options.score_threshold) {
  CheckOptions(options);
  ReadMetadata(model);
  session_ =
      OpenSession(model, {options.runtime, options.threads, options.precision, options.device});
  FitInput(options.batch);
  FindOutputs();
  SetThresholds(options);
}

void DetectorStages::ReadMetadata(const std::filesystem::path& model) {
  const auto metadata = FileMetadata(model);
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
  const bool nhwc = recipe_.type == InputType::kUint8 && recipe_.layout == InputLayout::kNhwc;
  const std::size_t channels = nhwc ? 3 : 1;
  const auto has_type = [&](DType dtype) {
    return recipe_.type == InputType::kUint8 ? dtype == DType::kUInt8
                                             : dtype == DType::kFloat32 || dtype == DType::kFloat16;
  };
  const bool is_image = inputs.size() == 1 && inputs[0].shape.size() == 4 &&
                        (inputs[0].shape[channels] == 3 || inputs[0].shape[channels] < 0) &&
                        has_type(inputs[0].dtype);
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
  const std::size_t rows = nhwc ? 1 : 2;
  const std::int64_t height = shape[rows] >= 0 ? shape[rows] : recipe_.height;
  const std::int64_t width = shape[rows + 1] >= 0 ? shape[rows + 1] : recipe_.width;
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

void DetectorStages::SetThresholds(const DetectorOptions& options) {
  const auto& inputs = session_->optional_inputs();
  thresholds_.resize(inputs.size());
  const auto set = [&](const char* name, const Tensor& value) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const bool fits = inputs[i].dtype == value.dtype() && inputs[i].shape == value.shape();
      if (inputs[i].name == name && fits) thresholds_[i] = value;
      if (inputs[i].name == name && fits) return true;
    }
    return false;
  };
  const auto require = [&](bool is_set, const char* what) {
    if (is_set) return;
    throw UsageError(Quote(model_) + ": the " + what + " is fixed in this file",
                     "export with --runtime-thresholds, or change it with yoloport set");
  };
  if (score_threshold_ > 0) {
    set(kScoreInput, Tensor::Of<float>({1}, {JustBelow(score_threshold_)}));
  }
  if (options.iou_threshold) {
    const auto iou = static_cast<float>(*options.iou_threshold);
    require(set(kIouInput, Tensor::Of<float>({1}, {iou})), "IoU threshold");
  }
  if (options.class_agnostic) {
    const Tensor flag = Tensor::Of<std::uint8_t>({1}, {*options.class_agnostic});
    require(set(kClassAgnosticInput, flag.To(DType::kBool)), "suppression across classes");
  }
}

namespace {

// Room for `size` images, of which `prepare(index, room)` fills each of the first `count`; what is
// left is zero.
template <typename T, typename Prepare>
Tensor PrepareAll(DType dtype, const Shape& shape, std::size_t count, const Prepare& prepare) {
  const auto total = static_cast<std::size_t>(ElementCount(shape));
  const std::size_t each = total / static_cast<std::size_t>(shape[0]);
  // Not a vector: nothing is to be zeroed that is written right after.
  const std::shared_ptr<T[]> data(new T[total]);
  for (std::size_t i = 0; i < count; ++i) prepare(i, std::span<T>(data.get() + each * i, each));
  std::fill(data.get() + each * count, data.get() + total, T{0});
  return Tensor(dtype, shape, data, reinterpret_cast<const std::byte*>(data.get()));
}

}  // namespace

PreparedBatch DetectorStages::Prepare(std::span<const ImageView> images) const {
  PreparedBatch batch;
  const std::int64_t size = batch_is_fixed_ ? batch_ : static_cast<std::int64_t>(images.size());
  const auto prepare = [&](std::size_t i, auto room) {
    batch.letterboxes.push_back(PrepareImage(images[i], recipe_, room));
  };
  const Shape planes = {size, 3, recipe_.height, recipe_.width};
  if (recipe_.type == InputType::kFloat) {
    batch.input = PrepareAll<float>(DType::kFloat32, planes, images.size(), prepare)
                      .To(session_->inputs()[0].dtype);
  } else {
    const bool nhwc = recipe_.layout == InputLayout::kNhwc;
    const Shape shape = nhwc ? Shape{size, recipe_.height, recipe_.width, 3} : planes;
    batch.input = PrepareAll<std::uint8_t>(DType::kUInt8, shape, images.size(), prepare);
  }
  return batch;
}

std::vector<Tensor> DetectorStages::Infer(const PreparedBatch& batch) const {
  return session_->Run({&batch.input, 1}, thresholds_);
}

std::vector<std::vector<Detection>> DetectorStages::Decode(const PreparedBatch& batch,
                                                           std::span<const Tensor> outputs) const {
  auto results = ReadEndToEnd(outputs_, outputs, static_cast<int>(batch.letterboxes.size()),
                              score_threshold_, model_);
  for (std::size_t i = 0; i < results.size(); ++i) MapBoxesBack(batch.letterboxes[i], results[i]);
  return results;
}

}  // namespace yoloport
