#include "runtime/onnxruntime_devices.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "runtime/device.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

constexpr const char* kCuda = "CUDAExecutionProvider";
constexpr const char* kTensorRt = "TensorrtExecutionProvider";

void RequireProvider(const std::string& provider, const std::string& wish) {
  const std::vector<std::string> available = Ort::GetAvailableProviders();
  if (std::find(available.begin(), available.end(), provider) != available.end()) return;
  throw RuntimeError("ONNX Runtime " + Ort::GetVersionString() + " has no " + provider +
                         ", which " + wish + " needs; it has " + base::JoinText(available),
                     "build yoloport with an ONNX Runtime for GPUs, or use the runtime "
                     "onnxruntime on the device cpu");
}

// `options` made by `create`, with the GPU set by `update`, are given to `append` and released.
template <typename Options, typename Create, typename Update, typename Append>
void AppendProvider(const Create& create, const Update& update, void (*release)(Options*),
                    const Append& append, int gpu) {
  Options* made = nullptr;
  Ort::ThrowOnError(create(&made));
  const std::unique_ptr<Options, void (*)(Options*)> owner(made, release);
  const std::string index = std::to_string(gpu);
  const char* const key = "device_id";
  const char* const value = index.c_str();
  Ort::ThrowOnError(update(made, &key, &value, 1));
  append(*made);
}

void AppendCuda(Ort::SessionOptions& ort, int gpu) {
  const OrtApi& api = Ort::GetApi();
  AppendProvider<OrtCUDAProviderOptionsV2>(
      api.CreateCUDAProviderOptions, api.UpdateCUDAProviderOptions, api.ReleaseCUDAProviderOptions,
      [&](const OrtCUDAProviderOptionsV2& made) { ort.AppendExecutionProvider_CUDA_V2(made); },
      gpu);
}

void AppendTensorRt(Ort::SessionOptions& ort, int gpu) {
  const OrtApi& api = Ort::GetApi();
  AppendProvider<OrtTensorRTProviderOptionsV2>(
      api.CreateTensorRTProviderOptions, api.UpdateTensorRTProviderOptions,
      api.ReleaseTensorRTProviderOptions,
      [&](const OrtTensorRTProviderOptionsV2& made) {
        ort.AppendExecutionProvider_TensorRT_V2(made);
      },
      gpu);
}

}  // namespace

void UseDevice(Ort::SessionOptions& ort, const SessionOptions& options) {
  const Device device = ParseDevice(options.device);
  if (!device.is_cuda) return;
  const bool with_tensorrt = options.runtime == "tensorrt";
  if (with_tensorrt) RequireProvider(kTensorRt, "the runtime tensorrt with an ONNX file");
  RequireProvider(kCuda, "the device " + device.name());
  try {
    // What TensorRT does not take runs in CUDA, and the rest on the CPU.
    if (with_tensorrt) AppendTensorRt(ort, device.index);
    AppendCuda(ort, device.index);
  } catch (const Ort::Exception& error) {
    throw RuntimeError(
        "ONNX Runtime cannot use " + device.name() + ": " + base::Quote(error.what(), 600),
        "is the driver there, and are CUDA and cuDNN of the versions that this ONNX "
        "Runtime was built for?");
  }
}

}  // namespace yoloport::runtime
