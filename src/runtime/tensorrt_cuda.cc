#include "runtime/tensorrt_cuda.h"

#include <string>

#include "base/text.h"
#include "runtime/tensorrt_version.h"
#include "yoloport/error.h"

namespace yoloport::runtime::tensorrt {

void CheckCuda(cudaError_t status, const char* action) {
  if (status == cudaSuccess) return;
  throw RuntimeError("CUDA cannot " + std::string(action) + ": " +
                     base::Quote(::cudaGetErrorString(status)));
}

void SelectDevice(const Device& device) {
  int count = 0;
  const cudaError_t status = ::cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    const cudaError_t reason = status == cudaSuccess ? cudaErrorNoDevice : status;
    throw RuntimeError("no GPU can be used: " + base::Quote(::cudaGetErrorString(reason)),
                       "TensorRT needs an NVIDIA GPU and its driver; does nvidia-smi show one?");
  }
  if (device.index >= count) {
    throw RuntimeError("there is no device " + device.name() + "; this machine has " +
                       std::to_string(count) + " GPUs, from cuda:0");
  }
  CheckCuda(::cudaSetDevice(device.index), "select the GPU");
}

EngineMachine DescribeMachine(const Device& device) {
  cudaDeviceProp properties{};
  CheckCuda(::cudaGetDeviceProperties(&properties, device.index), "describe the GPU");
  return {DecodeTensorRtVersion(::getInferLibVersion()).text(),
          std::to_string(properties.major) + "." + std::to_string(properties.minor),
          std::string(properties.name)};
}

void CheckLibraryVersion() {
  const TensorRtVersion loaded = DecodeTensorRtVersion(::getInferLibVersion());
  if (loaded.major == kCompiled.major) return;
  throw RuntimeError("this yoloport was built for TensorRT " + kCompiled.text() +
                         ", and found TensorRT " + loaded.text(),
                     "build yoloport again, or let the system find the other TensorRT first");
}

Stream MakeStream() {
  cudaStream_t stream = nullptr;
  CheckCuda(::cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "make a stream");
  return Stream(stream);
}

void* DeviceBuffer::Reserve(std::size_t size) {
  if (size <= size_ && memory_ != nullptr) return memory_.get();
  memory_.reset();
  size_ = 0;
  void* memory = nullptr;
  CheckCuda(::cudaMalloc(&memory, size > 0 ? size : 1), "allocate memory of the GPU");
  memory_.reset(memory);
  size_ = size;
  return memory;
}

}  // namespace yoloport::runtime::tensorrt
