// Executions of an engine: contexts with a stream and the memory of inputs and outputs each, and
// the pool that threads take them from.
#pragma once

#include <NvInferRuntime.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "runtime/session.h"
#include "runtime/tensorrt_cuda.h"
#include "runtime/tensorrt_version.h"

namespace yoloport::runtime::tensorrt {

// An output's memory on the GPU.
class OutputBuffer final : public OutputAllocator {
 public:
  DeviceBuffer memory;
  nvinfer1::Dims shape = {};  // of the run, where it depends on the data

  void* Reserve(std::size_t size) noexcept override;
  void notifyShape(char const* name, nvinfer1::Dims const& dims) noexcept override;
};

// Runs one batch at a time. Used with the engine's device selected in the calling thread.
class Context {
 public:
  // Null when TensorRT gives no further context of `engine`, which outlives this: not enough
  // memory, or (engines of 8.6 with unknown extents) one profile for each context.
  static std::unique_ptr<Context> Make(nvinfer1::ICudaEngine& engine);

  // `inputs` fit `input_infos` and the engine's profile. Gives tensors that own their memory.
  // Throws RuntimeError.
  std::vector<tensor::Tensor> Run(std::span<const ValueInfo> input_infos,
                                  std::span<const tensor::Tensor> inputs,
                                  std::span<const ValueInfo> output_infos);

 private:
  Context(std::unique_ptr<nvinfer1::IExecutionContext> context, Stream stream)
      : context_(std::move(context)), stream_(std::move(stream)) {}

  void SetInput(const std::string& name, const tensor::Tensor& tensor);
  void SetOutput(const ValueInfo& info);
  tensor::Tensor Fetch(const ValueInfo& info);

  std::unique_ptr<nvinfer1::IExecutionContext> context_;
  Stream stream_;
  std::map<std::string, DeviceBuffer> inputs_;
  std::map<std::string, OutputBuffer> outputs_;
};

// Contexts of one engine, made when they are needed; where no more can be made, threads wait for
// one.
class ContextPool {
 public:
  explicit ContextPool(nvinfer1::ICudaEngine& engine) : engine_(engine) {}

  // Throws RuntimeError when there cannot be a single one.
  std::unique_ptr<Context> Take();
  void Return(std::unique_ptr<Context> context);

 private:
  nvinfer1::ICudaEngine& engine_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Context>> idle_;
  std::size_t made_ = 0;
  bool may_grow_ = true;
};

// The extents, -1 where unknown.
tensor::Shape ToShape(const nvinfer1::Dims& dims);
nvinfer1::Dims ToDims(const tensor::Shape& shape);

}  // namespace yoloport::runtime::tensorrt
