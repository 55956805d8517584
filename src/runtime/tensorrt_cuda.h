// The little of CUDA that running an engine takes, from its runtime library.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <type_traits>

#include "runtime/device.h"
#include "runtime/engine_info.h"

namespace yoloport::runtime::tensorrt {

// Throws RuntimeError "CUDA cannot `action`: ..." unless `status` is success.
void CheckCuda(cudaError_t status, const char* action);

// Makes `device` the calling thread's. Throws RuntimeError that says whether there is no GPU at
// all, none of that number, or no driver.
void SelectDevice(const Device& device);

// The machine that engines of the selected device are for: this TensorRT, that GPU.
EngineMachine DescribeMachine(const Device& device);

// Throws RuntimeError when the library found at run time is not of the headers' major version.
void CheckLibraryVersion();

struct StreamDeleter {
  void operator()(cudaStream_t stream) const { ::cudaStreamDestroy(stream); }
};
using Stream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, StreamDeleter>;

Stream MakeStream();

// Memory of the GPU that only grows.
class DeviceBuffer {
 public:
  // Room for at least `size` bytes; what was in it is lost when it grows. Throws RuntimeError.
  void* Reserve(std::size_t size);
  void* get() const { return memory_.get(); }

 private:
  struct Deleter {
    void operator()(void* memory) const { ::cudaFree(memory); }
  };
  std::unique_ptr<void, Deleter> memory_;
  std::size_t size_ = 0;
};

}  // namespace yoloport::runtime::tensorrt
