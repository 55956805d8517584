#include "detect/detector_stages.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "contract/input_names.h"
#include "detect/check_options.h"
#include "detect/foreign_file.h"
#include "detect/row_decoder.h"
#include "image/prepare.h"
#include "onnx/outline/structure.h"
#include "runtime/engine_info.h"
#include "runtime/ir_file.h"
#include "yoloport/error.h"
#include "yoloport/image.h"
#include "yoloport/limits.h"

namespace yoloport::detect {
namespace {

using base::JoinText;
using base::Quote;
using image::Letterbox;
using runtime::ValueInfo;
using tasks::detect::host::MinBox;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

constexpr std::int64_t kMaxInputSide = 1 << 15;  // pixels

std::string ExtentText(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

void RequireRoom(const std::string& model, std::int64_t images, std::int64_t width,
                 std::int64_t height) {
  if (images <= kMaxInputElements / (3 * width * height)) return;
  throw ModelError(Quote(model) + ": takes " + std::to_string(images) + " x 3 x " +
                       std::to_string(height) + " x " + std::to_string(width) +
                       " numbers, which is " + "more than the " +
                       std::to_string(kMaxInputElements) + " that are prepared for a run",
                   "give a smaller --batch or --img-size where the model takes any, or export it "
                   "for a smaller one");
}

}  // namespace

DetectorStages::DetectorStages(const std::filesystem::path& model, const DetectorOptions& options)
    : model_(model.native()),
      thresholds_{options.score_threshold, options.iou_threshold, options.class_agnostic},
      streams_(CheckedStreams(options.streams)),
      free_streams_(streams_) {
  CheckOptions(options);
  const bool is_ir = runtime::IsIrFile(model);
  FileMetadata metadata = is_ir ? FileMetadata() : ReadFileMetadata(model);
  if (is_ir) runtime::CheckIrFiles(model);
  if (!is_ir && !runtime::IsEngineFile(model)) onnx::outline::CheckOnnxStructure(model);
  session_ = runtime::OpenSession(model, {options.runtime, options.threads, options.streams,
                                          options.precision, options.device});
  if (is_ir) metadata = FileMetadataOf(session_->metadata());
  end_to_end_ = FindEndToEnd(session_->outputs());
  metadata = Recognize(std::move(metadata), options);
  resolved_ = ResolveModel(metadata, options.model, end_to_end_.has_value(), model_);
  wrong_ = std::make_shared<WrongAnswers>(static_cast<std::int64_t>(resolved_.labels));
  FitInput(options);
  if (end_to_end_) {
    FindMinBoxInput();
    const bool takes_score = HasInput(session_->optional_inputs(), contract::kScoreInput);
    lowest_score_ = metadata.info && !takes_score ? metadata.info->nms.score_threshold : 0;
  } else {
    if (!rows_) FindRawOutputs();
    SetPolicy(options);
  }
  settings_ = SettingsFor({});
}

// A file that carries yoloport's document is yoloport's, whatever else it carries.
FileMetadata DetectorStages::Recognize(FileMetadata metadata, const DetectorOptions& options) {
  auto foreign = metadata.keys.contains("yoloport")
                     ? std::nullopt
                     : RecognizeForeign(model_, *session_, metadata.keys, options.model);
  if (foreign) {
    is_foreign_ = true;
    notes_ = std::move(foreign->notes);
    rows_ = std::move(foreign->description.rows);
    metadata.info = std::move(foreign->description.card);
    if (rows_) end_to_end_.reset();
    if (!rows_ && !end_to_end_) {
      end_to_end_ = EndToEndOutputs{contract::OutputLayout::kUltralytics, 0, 0, 0, 0};
    }
  }
  if (options.model.decoded && !(rows_ && metadata.info->type == "yolox")) {
    throw UsageError(Quote(model_) +
                         ": is not a file of YOLOX's own exporter, the only one that "
                         "--boxes is about",
                     "leave --boxes out");
  }
  return metadata;
}

bool DetectorStages::IsNhwc() const {
  return resolved_.preprocess.type == InputType::kUint8 &&
         resolved_.preprocess.layout == InputLayout::kNhwc;
}

void DetectorStages::RequireOneImage() const {
  const auto& inputs = session_->inputs();
  const std::size_t channels = IsNhwc() ? 3 : 1;
  const auto has_type = [&](DType dtype) {
    return resolved_.preprocess.type == InputType::kUint8
               ? dtype == DType::kUInt8
               : dtype == DType::kFloat32 || dtype == DType::kFloat16;
  };
  const bool is_image = inputs.size() == 1 && inputs[0].shape.size() == 4 &&
                        (inputs[0].shape[channels] == resolved_.preprocess.channels ||
                         inputs[0].shape[channels] < 0) &&
                        has_type(inputs[0].dtype);
  if (is_image) return;
  std::vector<std::string> list;
  for (const ValueInfo& input : inputs) {
    list.push_back(Quote(input.name) + " " + std::string(tensor::DTypeName(input.dtype)) + " " +
                   base::ShapeText(input.shape));
  }
  throw ModelError(Quote(model_) + ": is no detector: it takes " + JoinText(list) +
                   ", not one float batch x " + std::to_string(resolved_.preprocess.channels) +
                   " x height x width");
}

void DetectorStages::FitBatch(const DetectorOptions& options, std::int64_t extent) {
  batch_is_fixed_ = extent >= 0;
  if (batch_is_fixed_ && (extent < 1 || extent > kMaxBatch)) {
    throw ModelError(Quote(model_) + ": takes batches of " + std::to_string(extent));
  }
  batch_ = batch_is_fixed_ ? static_cast<int>(extent) : options.batch;
  if (options.batch > 1 && options.batch != batch_) {
    resolved_.warnings.push_back(Quote(model_) + ": takes batches of " + std::to_string(batch_) +
                                 " only; a batch of " + std::to_string(options.batch) +
                                 " changes nothing");
  }
}

// What the file takes decides; metadata fill in what it leaves open.
void DetectorStages::FitInput(const DetectorOptions& options) {
  RequireOneImage();
  const Shape& shape = session_->inputs()[0].shape;
  FitBatch(options, shape[0]);
  Preprocess& preprocess = resolved_.preprocess;
  const std::size_t rows = IsNhwc() ? 1 : 2;
  const std::int64_t height = shape[rows] >= 0 ? shape[rows] : preprocess.height;
  const std::int64_t width = shape[rows + 1] >= 0 ? shape[rows + 1] : preprocess.width;
  if (height < 1 || width < 1 || height > kMaxInputSide || width > kMaxInputSide) {
    throw ModelError(Quote(model_) + ": takes images of " + ExtentText(width, height));
  }
  RequireRoom(model_, batch_, width, height);
  const bool differs = height != preprocess.height || width != preprocess.width;
  if (differs && options.model.height > 0) {
    throw UsageError(Quote(model_) + ": takes images of " + ExtentText(width, height) +
                         " only, not of " + ExtentText(preprocess.width, preprocess.height),
                     "leave --img-size out");
  }
  if (options.model.height > 0) RequireWholeStrides(resolved_, height, width, model_);
  if (differs && resolved_.has_size && resolved_.warnings.empty()) {
    resolved_.warnings.push_back(Quote(model_) + ": takes images of " + ExtentText(width, height) +
                                 ", not of " + ExtentText(preprocess.width, preprocess.height) +
                                 " as its metadata say");
  }
  preprocess.height = static_cast<int>(height);
  preprocess.width = static_cast<int>(width);
  if (options.rect) preprocess.pad_to = PadTo::kStride;
  fitting_ = preprocess;
  const bool takes_any_size = shape[rows] < 0 && shape[rows + 1] < 0;
  if (options.rect) FitRect(takes_any_size);
  if (takes_any_size && preprocess.turns()) FitEitherOrientation();
}

// MMYOLO turns the scale of mmdet.Resize to fit the image, and its input follows: so does that of a
// file that takes any size.
void DetectorStages::FitEitherOrientation() {
  FitRect(true);
  const int side = std::max(resolved_.preprocess.width, resolved_.preprocess.height);
  fitting_.width = fitting_.height = std::max(side, resolved_.preprocess.long_edge);
}

void DetectorStages::FitRect(bool takes_any_size) {
  const Preprocess& preprocess = resolved_.preprocess;
  if (!takes_any_size) {
    throw UsageError(Quote(model_) + ": takes images of " +
                         ExtentText(preprocess.width, preprocess.height) + " only",
                     "rect needs a file that was exported with --dynamic height,width");
  }
  if (preprocess.resize != ResizeKind::kLetterbox) {
    throw UsageError(Quote(model_) + ": its images are stretched, so that rect saves nothing");
  }
  for (const auto& [x, y] : resolved_.head.strides) rect_stride_ = std::max({rect_stride_, x, y});
  if (rect_stride_ == 0) {
    throw UsageError(Quote(model_) + ": does not say its strides, which rect needs",
                     "give --strides");
  }
}

RawDecoder DetectorStages::HeadsOf(image::Extent input) const {
  return {resolved_.head, input.height, input.width, model_};
}

void DetectorStages::FindRawOutputs() {
  std::vector<std::string> list;
  for (const ValueInfo& output : session_->outputs()) {
    list.push_back(Quote(output.name) + " " + base::ShapeText(output.shape));
  }
  if (!AreRawHeads(session_->outputs())) {
    throw ModelError(Quote(model_) +
                     ": has neither the outputs num_dets, boxes, scores and labels "
                     "nor maps of raw heads; it has " +
                     JoinText(list));
  }
  if (resolved_.head.type.empty()) {
    throw UsageError(Quote(model_) +
                         ": ends with raw heads and does not say of which type; its "
                         "outputs are " +
                         JoinText(list),
                     "give --type, one of " + JoinText(ModelTypes()));
  }
  const RawDecoder heads = HeadsOf({resolved_.preprocess.width, resolved_.preprocess.height});
  if (heads.Check(session_->outputs())) {
    resolved_.warnings.push_back(Quote(model_) +
                                 ": outputs of a level have equally many channels: they are taken "
                                 "in MMYOLO's order, classes, boxes, objectness");
  }
}

void DetectorStages::SetPolicy(const DetectorOptions& options) {
  contract::NmsPolicy& nms = resolved_.nms;
  nms.pre_topk = options.pre_topk.value_or(nms.pre_topk);
  nms.keep_topk = options.keep_topk.value_or(nms.keep_topk);
  nms.multi_label = options.multi_label.value_or(nms.multi_label);
}

void DetectorStages::FindMinBoxInput() {
  if (resolved_.nms.min_box_size <= 0) return;
  const auto& inputs = session_->optional_inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].name == contract::kMinBoxInput) min_box_input_ = i;
  }
}

RunSettings DetectorStages::SettingsFor(const Thresholds& call) const {
  Thresholds all = thresholds_;
  if (call.score_threshold) all.score_threshold = call.score_threshold;
  if (call.iou_threshold) all.iou_threshold = call.iou_threshold;
  if (call.class_agnostic) all.class_agnostic = call.class_agnostic;
  return end_to_end_ ? EndToEndSettings(all, session_->optional_inputs(), model_, is_foreign_)
                     : SuppressionSettings(all, resolved_.nms);
}

namespace {

// Room for `size` images, of which `prepare(index, room)` fills each of the first `count`; what is
// left is zero.
template <typename T, typename Prepare>
Tensor PrepareAll(DType dtype, const Shape& shape, std::size_t count, const Prepare& prepare) {
  const auto total = static_cast<std::size_t>(tensor::ElementCount(shape));
  const std::size_t each = total / static_cast<std::size_t>(shape[0]);
  // Not a vector: nothing is to be zeroed that is written right after.
  const std::shared_ptr<T[]> data(new T[total]);
  for (std::size_t i = 0; i < count; ++i) prepare(i, std::span<T>(data.get() + each * i, each));
  std::fill(data.get() + each * count, data.get() + total, T{0});
  return Tensor(dtype, shape, data, reinterpret_cast<const std::byte*>(data.get()));
}

}  // namespace

std::vector<Letterbox> DetectorStages::Plan(std::span<const ImageView> images) const {
  std::vector<Letterbox> letterboxes;
  for (const ImageView& image : images) letterboxes.push_back(image::PlanImage(image, fitting_));
  if (rect_stride_ > 0) image::TightenInput(letterboxes, rect_stride_, resolved_.preprocess);
  return letterboxes;
}

PreparedBatch DetectorStages::Prepare(std::span<const ImageView> images) const {
  PreparedBatch batch{{}, Plan(images)};
  const std::int64_t size = batch_is_fixed_ ? batch_ : static_cast<std::int64_t>(images.size());
  const auto prepare = [&](std::size_t i, auto room) {
    image::PrepareImage(images[i], resolved_.preprocess, batch.letterboxes[i], room);
  };
  const auto& [width, height] = batch.letterboxes.front().input;
  RequireRoom(model_, size, width,
              height);  // it may be larger than the preprocessing's by its stride
  const std::int64_t channels = resolved_.preprocess.channels;
  const Shape planes = {size, channels, height, width};
  if (resolved_.preprocess.type == InputType::kFloat) {
    batch.input = PrepareAll<float>(DType::kFloat32, planes, images.size(), prepare)
                      .To(session_->inputs()[0].dtype);
  } else {
    const bool nhwc = resolved_.preprocess.layout == InputLayout::kNhwc;
    const Shape shape = nhwc ? Shape{size, height, width, channels} : planes;
    batch.input = PrepareAll<std::uint8_t>(DType::kUInt8, shape, images.size(), prepare);
  }
  return batch;
}

const PreparedBatch& DetectorStages::Blank() const {
  std::call_once(blank_made_, [&] {
    const Image black(resolved_.preprocess.width, resolved_.preprocess.height);
    const std::vector<ImageView> views(static_cast<std::size_t>(batch_), black.view());
    blank_ = Prepare(views);
  });
  return blank_;
}

// The config's size counts pixels of the image, that of the network pixels of its input.
MinBox DetectorStages::MinBoxOf(const Letterbox& letterbox) const {
  const double size = resolved_.nms.min_box_size;
  if (size < 0) return tasks::detect::host::kAnyBox;
  return {static_cast<float>(size * letterbox.scale_x),
          static_cast<float>(size * letterbox.scale_y)};
}

std::vector<Tensor> DetectorStages::OptionalInputs(const PreparedBatch& batch,
                                                   const RunSettings& settings) const {
  std::vector<Tensor> inputs = settings.inputs;
  if (!min_box_input_) return inputs;
  const std::int64_t rows = session_->optional_inputs()[*min_box_input_].shape[0];
  std::vector<float> sizes;
  for (const Letterbox& letterbox : batch.letterboxes) {
    for (const float size : MinBoxOf(letterbox)) sizes.push_back(size);
  }
  sizes.resize(static_cast<std::size_t>(2 * rows), 0);
  inputs[*min_box_input_] = Tensor::Of<float>({rows, 2}, std::move(sizes));
  return inputs;
}

std::vector<MinBox> DetectorStages::MinBoxes(const PreparedBatch& batch) const {
  std::vector<MinBox> boxes;
  for (const Letterbox& letterbox : batch.letterboxes) boxes.push_back(MinBoxOf(letterbox));
  return boxes;
}

std::vector<Tensor> DetectorStages::Infer(const PreparedBatch& batch,
                                          const RunSettings& settings) const {
  free_streams_.acquire();
  struct Release {
    std::counting_semaphore<>& semaphore;
    ~Release() { semaphore.release(); }
  } const release{free_streams_};
  return session_->Run({&batch.input, 1}, OptionalInputs(batch, settings));
}

std::vector<std::vector<Detection>> DetectorStages::Decode(const PreparedBatch& batch,
                                                           std::span<const Tensor> outputs,
                                                           const RunSettings& settings) const {
  const int images = static_cast<int>(batch.letterboxes.size());
  const image::Extent input = batch.letterboxes.front().input;
  auto results =
      end_to_end_
          ? ReadEndToEnd(*end_to_end_, outputs, images, settings.score_threshold, model_, *wrong_)
      : rows_ ? ReadRows(*rows_, outputs[0], input, settings.nms, MinBoxes(batch), model_, *wrong_)
              : HeadsOf(input).Read(outputs, settings.nms, MinBoxes(batch), *wrong_);
  for (std::size_t i = 0; i < results.size(); ++i)
    image::MapBoxesBack(batch.letterboxes[i], results[i]);
  return results;
}

}  // namespace yoloport::detect
