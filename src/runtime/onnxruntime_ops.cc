#include "runtime/onnxruntime_ops.h"

#include <array>
#include <span>
#include <stdexcept>
#include <string>

#include "base/text.h"
#include "runtime/batched_nms.h"
#include "runtime/efficient_nms.h"

namespace yoloport::runtime {
namespace {

// An attribute, or `fallback` where the node leaves it out.
template <typename T>
T Attribute(const Ort::ConstKernelInfo& info, const char* name, T fallback) {
  try {
    return info.GetAttribute<T>(name);
  } catch (const Ort::Exception&) {
    return fallback;
  }
}

bool Flag(const Ort::ConstKernelInfo& info, const char* name, bool fallback) {
  return Attribute(info, name, std::int64_t{fallback}) != 0;
}

// The two inputs of a plugin: boxes N x B x 4 or N x B x L x 4, scores N x B x C or N x B x C x 1.
struct Inputs {
  std::int64_t images;
  std::int64_t boxes;
  std::int64_t classes;
  std::int64_t box_classes;
  const float* box_data;
  const float* score_data;

  NmsImage Image(std::int64_t index) const {
    const auto box_size = static_cast<std::size_t>(boxes * box_classes * 4);
    const auto score_size = static_cast<std::size_t>(boxes * classes);
    const auto at = static_cast<std::size_t>(index);
    return {{box_data + at * box_size, box_size},
            {score_data + at * score_size, score_size},
            classes,
            box_classes};
  }
};

Inputs ReadInputs(const Ort::KernelContext& context) {
  const Ort::ConstValue boxes = context.GetInput(0);
  const Ort::ConstValue scores = context.GetInput(1);
  const auto box_shape = boxes.GetTensorTypeAndShapeInfo().GetShape();
  auto score_shape = scores.GetTensorTypeAndShapeInfo().GetShape();
  if (score_shape.size() == 4 && score_shape[3] == 1) score_shape.pop_back();
  const bool ranks_fit = (box_shape.size() == 3 || box_shape.size() == 4) &&
                         box_shape.back() == 4 && score_shape.size() == 3;
  const std::int64_t box_classes = box_shape.size() == 4 ? box_shape[2] : 1;
  if (!ranks_fit || box_shape[0] != score_shape[0] || box_shape[1] != score_shape[1] ||
      (box_classes != 1 && box_classes != score_shape[2])) {
    throw std::invalid_argument("boxes " + base::ShapeText(box_shape) + " and scores " +
                                base::ShapeText(score_shape) +
                                " do not fit; expected NxBx4, or NxBxCx4, and NxBxC");
  }
  return {score_shape[0],
          score_shape[1],
          score_shape[2],
          box_classes,
          boxes.GetTensorData<float>(),
          scores.GetTensorData<float>()};
}

// The outputs of a plugin: N x 1, N x K x 4, N x K, N x K with T as the type of labels.
template <typename T>
class Outputs {
 public:
  Outputs(const Ort::KernelContext& context, std::int64_t images, std::int64_t rows)
      : rows_(static_cast<std::size_t>(rows)) {
    const std::array<std::int64_t, 3> box_shape = {images, rows, 4};
    const std::array<std::int64_t, 2> shape = {images, rows};
    const std::array<std::int64_t, 2> count_shape = {images, 1};
    counts_ = Data<std::int32_t>(context, 0, count_shape);
    boxes_ = Data<float>(context, 1, box_shape);
    scores_ = Data<float>(context, 2, shape);
    labels_ = Data<T>(context, 3, shape);
  }

  // `found` and then padding of zeros and `no_label`.
  void Write(std::int64_t image, const std::vector<NmsDetection>& found, T no_label) {
    const auto first = static_cast<std::size_t>(image) * rows_;
    counts_[image] = static_cast<std::int32_t>(found.size());
    for (std::size_t i = 0; i < rows_; ++i) {
      const bool is_found = i < found.size();
      const NmsDetection row = is_found ? found[i] : NmsDetection{};
      std::copy(row.box.begin(), row.box.end(), boxes_ + 4 * (first + i));
      scores_[first + i] = row.score;
      labels_[first + i] = is_found ? static_cast<T>(row.label) : no_label;
    }
  }

 private:
  template <typename E>
  static E* Data(const Ort::KernelContext& context, std::size_t index,
                 std::span<const std::int64_t> shape) {
    return context.GetOutput(index, shape.data(), shape.size()).GetTensorMutableData<E>();
  }

  std::size_t rows_;
  std::int32_t* counts_;
  float* boxes_;
  float* scores_;
  T* labels_;
};

class EfficientNmsKernel {
 public:
  static constexpr const char* kName = "EfficientNMS_TRT";
  static constexpr auto kLabelType = ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32;

  explicit EfficientNmsKernel(const Ort::ConstKernelInfo& info) {
    options_.score_threshold = Attribute(info, "score_threshold", options_.score_threshold);
    options_.iou_threshold = Attribute(info, "iou_threshold", options_.iou_threshold);
    options_.max_output_boxes = Attribute(info, "max_output_boxes", options_.max_output_boxes);
    options_.background_class = Attribute(info, "background_class", options_.background_class);
    options_.score_activation = Flag(info, "score_activation", false);
    options_.class_agnostic = Flag(info, "class_agnostic", false);
    const std::int64_t coding = Attribute(info, "box_coding", std::int64_t{0});
    if (coding != 0 && coding != 1) {
      throw std::invalid_argument("box_coding is " + std::to_string(coding) + ", not 0 or 1");
    }
    if (options_.max_output_boxes < 1) throw std::invalid_argument("max_output_boxes is below 1");
    options_.center_size = coding == 1;
  }

  void Run(const Ort::KernelContext& context) const {
    const Inputs inputs = ReadInputs(context);
    Outputs<std::int32_t> outputs(context, inputs.images, options_.max_output_boxes);
    for (std::int64_t image = 0; image < inputs.images; ++image) {
      outputs.Write(image, RunEfficientNms(inputs.Image(image), options_), 0);
    }
  }

 private:
  EfficientNmsOptions options_;
};

class BatchedNmsKernel {
 public:
  static constexpr const char* kName = "BatchedNMSDynamic_TRT";
  static constexpr auto kLabelType = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;

  explicit BatchedNmsKernel(const Ort::ConstKernelInfo& info) {
    options_.score_threshold = Attribute(info, "scoreThreshold", options_.score_threshold);
    options_.iou_threshold = Attribute(info, "iouThreshold", options_.iou_threshold);
    options_.top_k = Attribute(info, "topK", options_.top_k);
    options_.keep_top_k = Attribute(info, "keepTopK", options_.keep_top_k);
    options_.background_label = Attribute(info, "backgroundLabelId", options_.background_label);
    options_.is_normalized = Flag(info, "isNormalized", true);
    options_.clip_boxes = Flag(info, "clipBoxes", true);
    options_.caffe_semantics = Flag(info, "caffeSemantics", true);
    share_location_ = Flag(info, "shareLocation", true);
    classes_ = Attribute(info, "numClasses", std::int64_t{-1});
    if (options_.keep_top_k < 1 || options_.keep_top_k > options_.top_k ||
        options_.top_k > kBatchedNmsLargestTopK) {
      throw std::invalid_argument(
          "keepTopK is " + std::to_string(options_.keep_top_k) + " and topK " +
          std::to_string(options_.top_k) +
          "; expected 1 <= keepTopK <= topK <= " + std::to_string(kBatchedNmsLargestTopK));
    }
  }

  void Run(const Ort::KernelContext& context) const {
    const Inputs inputs = ReadInputs(context);
    if (inputs.classes != classes_ || inputs.box_classes != (share_location_ ? 1 : classes_)) {
      throw std::invalid_argument("numClasses is " + std::to_string(classes_) +
                                  " and shareLocation " + (share_location_ ? "1" : "0") +
                                  ", but boxes are of " + std::to_string(inputs.box_classes) +
                                  " classes and scores of " + std::to_string(inputs.classes));
    }
    Outputs<float> outputs(context, inputs.images, options_.keep_top_k);
    for (std::int64_t image = 0; image < inputs.images; ++image) {
      outputs.Write(image, RunBatchedNms(inputs.Image(image), options_), -1);
    }
  }

 private:
  BatchedNmsOptions options_;
  bool share_location_ = true;
  std::int64_t classes_ = 0;
};

// ONNX Runtime calls through C: errors go back as a status, not as exceptions.
template <typename Work>
OrtStatusPtr Guarded(const char* name, const Work& work) {
  try {
    work();
    return nullptr;
  } catch (const std::exception& error) {
    const std::string message = std::string(name) + ": " + error.what();
    return Ort::Status(message.c_str(), ORT_INVALID_ARGUMENT).release();
  }
}

template <typename Kernel>
struct StatusKernel : Kernel {
  using Kernel::Kernel;
  OrtStatusPtr ComputeV2(OrtKernelContext* context) const {
    return Guarded(Kernel::kName, [&] { Kernel::Run(Ort::KernelContext(context)); });
  }
};

// The names are those that Ort::CustomOpBase calls.
template <typename Kernel>
struct NmsOp : Ort::CustomOpBase<NmsOp<Kernel>, StatusKernel<Kernel>, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& /*api*/, const OrtKernelInfo* info,
                              void** kernel) const {
    return Guarded(Kernel::kName, [&] {
      *kernel = std::make_unique<StatusKernel<Kernel>>(Ort::ConstKernelInfo(info)).release();
    });
  }
  const char* GetName() const { return Kernel::kName; }
  std::size_t GetInputTypeCount() const { return 2; }
  ONNXTensorElementDataType GetInputType(std::size_t /*index*/) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
  std::size_t GetOutputTypeCount() const { return 4; }
  ONNXTensorElementDataType GetOutputType(std::size_t index) const {
    if (index == 0) return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32;
    return index == 3 ? Kernel::kLabelType : ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
};

}  // namespace

void AddTensorRtOps(Ort::SessionOptions& options) {
  // Never destroyed: sessions in statics of a caller may outlive anything of ours.
  static const auto* efficient = new NmsOp<EfficientNmsKernel>;
  static const auto* batched = new NmsOp<BatchedNmsKernel>;
  static const auto* domain = [] {
    auto* made = new Ort::CustomOpDomain("TRT");
    made->Add(efficient);
    made->Add(batched);
    return made;
  }();
  options.Add(*domain);
}

}  // namespace yoloport::runtime
