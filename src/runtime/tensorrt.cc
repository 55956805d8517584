// Sessions on TensorRT engines, as a library of its own (libyoloport_tensorrt.so):
// tensorrt_loader.cc loads it when somebody asks for this runtime. Written against what TensorRT
// 8.6, 10 and 11 have in common; tensorrt_version.h has the differences.
#include <NvInferRuntime.h>

#include <algorithm>

#include "base/mapped_file.h"
#include "base/text.h"
#include "runtime/tensorrt_context.h"
#include "runtime/tensorrt_cuda.h"
#include "runtime/tensorrt_library.h"
#include "runtime/tensorrt_log.h"
#include "yoloport/error.h"

namespace yoloport::runtime {

using base::Quote;
using base::ShapeText;
using tensor::Shape;
using tensor::Tensor;
namespace tensorrt {
namespace {

tensor::DType FromTensorRt(nvinfer1::DataType type, const std::string& name) {
  for (const TypePair& pair : kTypes) {
    if (pair.theirs == type) return pair.ours;
  }
  throw RuntimeError(Quote(name) +
                     " has an element type that is not supported (TensorRT's number " +
                     std::to_string(static_cast<int>(type)) + ")");
}

// A context for as long as a run takes.
class Lease {
 public:
  explicit Lease(ContextPool& pool) : pool_(pool), context_(pool.Take()) {}
  ~Lease() { pool_.Return(std::move(context_)); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Context& operator*() { return *context_; }

 private:
  ContextPool& pool_;
  std::unique_ptr<Context> context_;
};

// Run() in several threads at once takes a context each, with its own stream and memory.
class TensorRtSession final : public Session {
 public:
  TensorRtSession(const std::filesystem::path& engine, const SessionOptions& options)
      : model_(engine.native()), device_(ParseDevice(options.device)) {
    CheckLibraryVersion();
    const auto file = base::MappedFile::Open(engine);
    const auto info = ReadEngineInfo(engine);
    SelectDevice(device_);
    if (info) CheckEngine(engine, *info, file->bytes(), DescribeMachine(device_));
    Deserialise(*file);
    for (int i = 0; i < engine_->getNbIOTensors(); ++i) Describe(engine_->getIOTensorName(i));
    pool_ = std::make_unique<ContextPool>(*engine_);
    pool_->Return(pool_->Take());  // what cannot run is to be said now
  }

  std::vector<Tensor> Run(std::span<const Tensor> inputs,
                          std::span<const Tensor> optional) override {
    CheckInputs(inputs, optional, model_);
    for (std::size_t i = 0; i < inputs.size(); ++i) CheckProfile(inputs_[i].name, inputs[i]);
    try {
      CheckCuda(::cudaSetDevice(device_.index), "select the GPU");
      Lease context(*pool_);
      return (*context).Run(inputs_, inputs, outputs_);
    } catch (const RuntimeError& error) {
      throw RuntimeError(Quote(model_) + ": " + error.message(), error.hint());
    }
  }

 private:
  void Deserialise(const base::MappedFile& file) {
    RegisterPlugins();
    SharedLog().TakeErrors();
    runtime_.reset(nvinfer1::createInferRuntime(SharedLog()));
    if (runtime_ == nullptr) {
      throw RuntimeError("TensorRT does not start" + SharedLog().TakeErrors());
    }
    engine_.reset(runtime_->deserializeCudaEngine(file.bytes().data(), file.bytes().size()));
    if (engine_ == nullptr) {
      throw RuntimeError(
          Quote(model_) + ": TensorRT does not take this engine" + SharedLog().TakeErrors(),
          "an engine fits one version of TensorRT and one kind of GPU; build it on "
          "this machine with yoloport build-engine");
    }
  }

  void Describe(const char* name) {
    const bool is_linear = engine_->getTensorFormat(name) == nvinfer1::TensorFormat::kLINEAR;
    const bool is_on_gpu = engine_->getTensorLocation(name) == nvinfer1::TensorLocation::kDEVICE;
    if (!is_linear || !is_on_gpu) {
      throw RuntimeError(Quote(model_) + ": " + Quote(name) +
                         (is_linear ? " is a tensor of shapes" : " is not of linear format") +
                         ", which is not supported");
    }
    const ValueInfo info = {name, FromTensorRt(engine_->getTensorDataType(name), name),
                            ToShape(engine_->getTensorShape(name))};
    const bool is_input = engine_->getTensorIOMode(name) == nvinfer1::TensorIOMode::kINPUT;
    (is_input ? inputs_ : outputs_).push_back(info);
  }

  Shape ProfileShape(const std::string& name, nvinfer1::OptProfileSelector which) const {
    return ToShape(engine_->getProfileShape(name.c_str(), 0, which));
  }

  void CheckProfile(const std::string& name, const Tensor& input) const {
    const Shape& shape = input.shape();
    const Shape low = ProfileShape(name, nvinfer1::OptProfileSelector::kMIN);
    const Shape high = ProfileShape(name, nvinfer1::OptProfileSelector::kMAX);
    // Of a fixed input there is none.
    if (low.size() != shape.size() || high.size() != shape.size()) return;
    bool fits = true;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      fits = fits && shape[i] >= low[i] && shape[i] <= high[i];
    }
    if (fits) return;
    throw RuntimeError(Quote(model_) + ": input " + Quote(name) + " is " + ShapeText(shape) +
                           "; the engine was built for " + ShapeText(low) + " to " +
                           ShapeText(high),
                       "build it again with other --min-shape and --max-shape");
  }

  std::string model_;
  Device device_;
  // In the order in which they need one another.
  std::unique_ptr<nvinfer1::IRuntime> runtime_;
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
  std::unique_ptr<ContextPool> pool_;
};

}  // namespace
}  // namespace tensorrt

Session* YoloportTensorRtOpen(const std::filesystem::path& engine, const SessionOptions& options) {
  return new tensorrt::TensorRtSession(engine, options);
}

}  // namespace yoloport::runtime
