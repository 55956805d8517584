#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>

#include <array>
#include <cstdlib>

#include "base/mapped_file.h"
#include "base/text.h"
#include "runtime/backends.h"
#include "runtime/onnxruntime_devices.h"
#include "runtime/onnxruntime_library.h"
#include "runtime/onnxruntime_ops.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

using base::Quote;
using tensor::DType;
using tensor::Tensor;

struct TypePair {
  DType ours;
  ONNXTensorElementDataType theirs;
};
constexpr std::array<TypePair, 13> kTypes = {{
    {DType::kFloat32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
    {DType::kFloat64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE},
    {DType::kFloat16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16},
    {DType::kBFloat16, ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16},
    {DType::kInt8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
    {DType::kInt16, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16},
    {DType::kInt32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
    {DType::kInt64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},
    {DType::kUInt8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
    {DType::kUInt16, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16},
    {DType::kUInt32, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32},
    {DType::kUInt64, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64},
    {DType::kBool, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL},
}};

ONNXTensorElementDataType ToOrt(DType dtype) {
  for (const TypePair& pair : kTypes) {
    if (pair.ours == dtype) return pair.theirs;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

DType FromOrt(ONNXTensorElementDataType type, const std::string& name) {
  for (const TypePair& pair : kTypes) {
    if (pair.theirs == type) return pair.ours;
  }
  throw RuntimeError(Quote(name) + " has an element type that is not supported (ONNX's number " +
                     std::to_string(type) + ")");
}

// ONNX Runtime logs to stderr by default. What matters of it comes back as an error, too.
void DropLog(void* /*context*/, OrtLoggingLevel, const char*, const char*, const char*,
             const char*) {}

// Since 1.29, ONNX Runtime's own builds send to Microsoft what they run, and keep a number of the
// device in the user's cache. The function that turns this off needs an environment, whose making
// has begun it already; this variable is read before.
void DisableTelemetry() { ::setenv("ORT_DISABLE_TELEMETRY", "1", 1); }

// One for the process: it owns what all sessions share. Never destroyed, since sessions in statics
// of a caller may outlive anything of ours.
Ort::Env& Environment() {
  static Ort::Env* const environment = [] {
    DisableTelemetry();
    auto* made = new Ort::Env(ORT_LOGGING_LEVEL_FATAL, "yoloport", DropLog, nullptr);
    made->DisableTelemetryEvents();  // in an environment that the caller had made before, too
    return made;
  }();
  return *environment;
}

Ort::SessionOptions MakeOptions(const SessionOptions& wanted) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(wanted.threads);
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  // Idle threads would spin while an image is read or drawn and take the cores away from that.
  options.AddConfigEntry(kOrtSessionOptionsConfigForceSpinningStop, "1");
  UseDevice(options, wanted);
  AddTensorRtOps(options);
  return options;
}

// A dense tensor that keeps the runtime's memory alive.
Tensor Adopt(Ort::Value&& value, const std::string& name) {
  if (!value.IsTensor()) throw RuntimeError(Quote(name) + " is not a tensor");
  const auto owner = std::make_shared<Ort::Value>(std::move(value));
  const auto info = owner->GetTensorTypeAndShapeInfo();
  const auto* data = static_cast<const std::byte*>(owner->GetTensorRawData());
  return Tensor(FromOrt(info.GetElementType(), name), info.GetShape(), owner, data);
}

class OnnxRuntimeSession final : public Session {
 public:
  OnnxRuntimeSession(const std::filesystem::path& model, const SessionOptions& options)
      : model_(model.native()), session_(Environment(), model.c_str(), MakeOptions(options)) {
    const Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < session_.GetInputCount(); ++i) {
      const auto name = session_.GetInputNameAllocated(i, allocator);
      inputs_.push_back(Describe(name.get(), session_.GetInputTypeInfo(i)));
    }
    for (std::size_t i = 0; i < session_.GetOverridableInitializerCount(); ++i) {
      const auto name = session_.GetOverridableInitializerNameAllocated(i, allocator);
      optional_inputs_.push_back(
          Describe(name.get(), session_.GetOverridableInitializerTypeInfo(i)));
    }
    for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
      const auto name = session_.GetOutputNameAllocated(i, allocator);
      outputs_.push_back(Describe(name.get(), session_.GetOutputTypeInfo(i)));
    }
    // On a CPU it computes half-precision networks in single precision, too.
    description_ = "ONNX Runtime " + Ort::GetVersionString() + ", float32";
    for (const ValueInfo& info : outputs_) output_names_.push_back(info.name.c_str());
  }

  std::vector<Tensor> Run(std::span<const Tensor> inputs,
                          std::span<const Tensor> optional) override {
    CheckInputs(inputs, optional, model_);
    try {
      return RunChecked(inputs, optional);
    } catch (const Ort::Exception& error) {
      throw RuntimeError(Quote(model_) + ": ONNX Runtime failed: " + Quote(error.what(), 600));
    }
  }

 private:
  ValueInfo Describe(const char* name, const Ort::TypeInfo& type) const {
    if (type.GetONNXType() != ONNX_TYPE_TENSOR) {
      throw RuntimeError(Quote(model_) + ": " + Quote(name) + " is not a tensor");
    }
    const auto info = type.GetTensorTypeAndShapeInfo();
    return {name, FromOrt(info.GetElementType(), name), info.GetShape()};
  }

  std::vector<Tensor> RunChecked(std::span<const Tensor> inputs, std::span<const Tensor> optional) {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    std::vector<const char*> names;
    std::vector<Ort::Value> values;
    const auto add = [&](const Tensor& input, const ValueInfo& info) {
      if (input.is_null()) return;
      names.push_back(info.name.c_str());
      // ONNX Runtime has no tensor of const; it only reads its inputs.
      values.push_back(Ort::Value::CreateTensor(
          memory, const_cast<std::byte*>(input.bytes().data()), input.byte_size(),
          input.shape().data(), input.shape().size(), ToOrt(input.dtype())));
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) add(inputs[i], inputs_[i]);
    for (std::size_t i = 0; i < optional.size(); ++i) add(optional[i], optional_inputs_[i]);
    auto results = session_.Run(Ort::RunOptions{nullptr}, names.data(), values.data(),
                                values.size(), output_names_.data(), output_names_.size());
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < results.size(); ++i) {
      outputs.push_back(Adopt(std::move(results[i]), outputs_[i].name));
    }
    return outputs;
  }

  std::string model_;
  Ort::Session session_;
  std::vector<const char*> output_names_;
};

}  // namespace

std::unique_ptr<Session> OpenOnnxRuntime(const std::filesystem::path& model,
                                         const SessionOptions& options) {
  base::MappedFile::Open(model);  // says what is wrong with a file better than ONNX Runtime does
  InitOnnxRuntime();
  try {
    return std::make_unique<OnnxRuntimeSession>(model, options);
  } catch (const Ort::Exception& error) {
    throw RuntimeError(Quote(model.native()) +
                       ": ONNX Runtime does not take this file: " + Quote(error.what(), 600));
  }
}

}  // namespace yoloport::runtime
