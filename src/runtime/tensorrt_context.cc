#include "runtime/tensorrt_context.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "runtime/tensorrt_log.h"
#include "yoloport/error.h"

namespace yoloport::runtime::tensorrt {
namespace {

using base::Quote;
using tensor::Shape;
using tensor::Tensor;

void Require(bool done, const std::string& action) {
  if (done) return;
  throw RuntimeError("TensorRT cannot " + action + SharedLog().TakeErrors());
}

std::size_t ByteSize(const Shape& shape, tensor::DType dtype) {
  return static_cast<std::size_t>(tensor::ElementCount(shape)) * tensor::ElementSize(dtype);
}

// Nothing may be freed that the GPU is still working on.
class Drain {
 public:
  explicit Drain(cudaStream_t stream) : stream_(stream) {}
  ~Drain() { ::cudaStreamSynchronize(stream_); }
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

 private:
  cudaStream_t stream_;
};

}  // namespace

Shape ToShape(const nvinfer1::Dims& dims) { return {dims.d, dims.d + std::max(dims.nbDims, 0)}; }

nvinfer1::Dims ToDims(const Shape& shape) {
  nvinfer1::Dims dims{};
  if (shape.size() > static_cast<std::size_t>(nvinfer1::Dims::MAX_DIMS)) {
    throw RuntimeError("TensorRT has no tensors of " + std::to_string(shape.size()) +
                       " dimensions");
  }
  using Extent = std::decay_t<decltype(dims.d[0])>;
  dims.nbDims = static_cast<std::int32_t>(shape.size());
  std::transform(shape.begin(), shape.end(), dims.d,
                 [](std::int64_t extent) { return static_cast<Extent>(extent); });
  return dims;
}

void* OutputBuffer::Reserve(std::size_t size) noexcept {
  try {
    return memory.Reserve(size);
  } catch (const RuntimeError&) {
    return nullptr;  // TensorRT reports that the output got no memory
  }
}

void OutputBuffer::notifyShape(char const* /*name*/, nvinfer1::Dims const& dims) noexcept {
  shape = dims;
}

std::unique_ptr<Context> Context::Make(nvinfer1::ICudaEngine& engine) {
  std::unique_ptr<nvinfer1::IExecutionContext> context(engine.createExecutionContext());
  if (context == nullptr) return nullptr;
  Stream stream = MakeStream();
  // The first context has profile 0 already, further ones of 8.6 have none.
  const bool has_profile = context->getOptimizationProfile() == 0 ||
                           context->setOptimizationProfileAsync(0, stream.get());
  if (!has_profile) return nullptr;
  CheckCuda(::cudaStreamSynchronize(stream.get()), "select a profile");
  return std::unique_ptr<Context>(new Context(std::move(context), std::move(stream)));
}

std::vector<Tensor> Context::Run(std::span<const ValueInfo> input_infos,
                                 std::span<const Tensor> inputs,
                                 std::span<const ValueInfo> output_infos) {
  SharedLog().TakeErrors();  // of before
  const Drain drain(stream_.get());
  for (std::size_t i = 0; i < inputs.size(); ++i) SetInput(input_infos[i].name, inputs[i]);
  for (const ValueInfo& info : output_infos) SetOutput(info);
  Require(context_->enqueueV3(stream_.get()), "run the engine");
  std::vector<Tensor> outputs;
  for (const ValueInfo& info : output_infos) outputs.push_back(Fetch(info));
  CheckCuda(::cudaStreamSynchronize(stream_.get()), "run the engine");
  return outputs;
}

void Context::SetInput(const std::string& name, const Tensor& tensor) {
  void* const memory = inputs_[name].Reserve(tensor.byte_size());
  CheckCuda(::cudaMemcpyAsync(memory, tensor.bytes().data(), tensor.byte_size(),
                              cudaMemcpyHostToDevice, stream_.get()),
            "copy an input to the GPU");
  Require(context_->setInputShape(name.c_str(), ToDims(tensor.shape())) &&
              context_->setTensorAddress(name.c_str(), memory),
          "set the input " + Quote(name));
}

// After all inputs: the outputs' extents follow from theirs, or else from the data.
void Context::SetOutput(const ValueInfo& info) {
  const char* const name = info.name.c_str();
  OutputBuffer& output = outputs_[info.name];
  output.shape = context_->getTensorShape(name);
  const Shape shape = ToShape(output.shape);
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent < 0; })) {
    Require(context_->setOutputAllocator(name, &output), "set the output " + Quote(name));
    return;
  }
  void* const memory = output.memory.Reserve(ByteSize(shape, info.dtype));
  Require(context_->setTensorAddress(name, memory), "set the output " + Quote(name));
}

Tensor Context::Fetch(const ValueInfo& info) {
  const OutputBuffer& output = outputs_[info.name];
  const Shape shape = ToShape(output.shape);
  const std::size_t size = ByteSize(shape, info.dtype);
  // Not a vector: nothing is to be zeroed that is written right after.
  const std::shared_ptr<std::byte[]> data(new std::byte[size]);
  CheckCuda(::cudaMemcpyAsync(data.get(), output.memory.get(), size, cudaMemcpyDeviceToHost,
                              stream_.get()),
            "copy an output from the GPU");
  return Tensor(info.dtype, shape, data, data.get());
}

std::unique_ptr<Context> ContextPool::Take() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (!idle_.empty()) {
      std::unique_ptr<Context> context = std::move(idle_.back());
      idle_.pop_back();
      return context;
    }
    if (may_grow_) {
      std::unique_ptr<Context> context = Context::Make(engine_);
      if (context != nullptr) ++made_;
      if (context != nullptr) return context;
      Require(made_ > 0, "make an execution context");
      may_grow_ = false;
    }
    returned_.wait(lock);
  }
}

void ContextPool::Return(std::unique_ptr<Context> context) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
  }
  returned_.notify_one();
}

}  // namespace yoloport::runtime::tensorrt
