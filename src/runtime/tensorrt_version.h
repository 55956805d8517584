// Where TensorRT 8.6, 10 and 11 differ: the only place that looks at its version when compiled.
#pragma once

#include <NvInfer.h>

#include <array>

#include "runtime/engine_build.h"
#include "tensor/tensor.h"

namespace yoloport::runtime::tensorrt {

// The version of the headers.
inline constexpr TensorRtVersion kCompiled = {NV_TENSORRT_MAJOR, NV_TENSORRT_MINOR,
                                              NV_TENSORRT_PATCH};

struct TypePair {
  tensor::DType ours;
  nvinfer1::DataType theirs;
};

// Half engines: see docs/tensorrt.md. `fp16` lets TensorRT choose between float32 and float16; else
// it computes in the types that the file states, which 8.6 knows for float32 only.
struct PrecisionFlags {
  nvinfer1::NetworkDefinitionCreationFlags network = 0;
  bool builder_fp16 = false;
};

#if NV_TENSORRT_MAJOR < 10

inline constexpr std::array<TypePair, 6> kTypes = {{
    {tensor::DType::kFloat32, nvinfer1::DataType::kFLOAT},
    {tensor::DType::kFloat16, nvinfer1::DataType::kHALF},
    {tensor::DType::kInt8, nvinfer1::DataType::kINT8},
    {tensor::DType::kInt32, nvinfer1::DataType::kINT32},
    {tensor::DType::kBool, nvinfer1::DataType::kBOOL},
    {tensor::DType::kUInt8, nvinfer1::DataType::kUINT8},
}};

inline PrecisionFlags FlagsFor(const EngineRequest& request) {
  using Flag = nvinfer1::NetworkDefinitionCreationFlag;
  return {1U << static_cast<unsigned>(Flag::kEXPLICIT_BATCH), request.fp16 || request.half_file};
}

// Several contexts of an engine may use its one profile: later versions do it unasked.
inline void ShareProfiles(nvinfer1::IBuilderConfig& config) {
  config.setPreviewFeature(nvinfer1::PreviewFeature::kPROFILE_SHARING_0806, true);
}

#else

inline constexpr std::array<TypePair, 8> kTypes = {{
    {tensor::DType::kFloat32, nvinfer1::DataType::kFLOAT},
    {tensor::DType::kFloat16, nvinfer1::DataType::kHALF},
    {tensor::DType::kBFloat16, nvinfer1::DataType::kBF16},
    {tensor::DType::kInt8, nvinfer1::DataType::kINT8},
    {tensor::DType::kInt32, nvinfer1::DataType::kINT32},
    {tensor::DType::kInt64, nvinfer1::DataType::kINT64},
    {tensor::DType::kBool, nvinfer1::DataType::kBOOL},
    {tensor::DType::kUInt8, nvinfer1::DataType::kUINT8},
}};

inline void ShareProfiles(nvinfer1::IBuilderConfig& /*config*/) {}

#endif

#if NV_TENSORRT_MAJOR == 10

inline PrecisionFlags FlagsFor(const EngineRequest& request) {
  using Flag = nvinfer1::NetworkDefinitionCreationFlag;
  const bool may_choose = request.fp16 && !request.half_file;
  return {may_choose ? 0U : 1U << static_cast<unsigned>(Flag::kSTRONGLY_TYPED), may_choose};
}

#elif NV_TENSORRT_MAJOR >= 11

// Networks are always strongly typed.
inline PrecisionFlags FlagsFor(const EngineRequest& /*request*/) { return {}; }

#endif

#if NV_TENSORRT_MAJOR < 11

// Deprecated from 10.12 on, and the only way to a half engine of a float32 file.
inline void SetFp16(nvinfer1::IBuilderConfig& config) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  config.setFlag(nvinfer1::BuilderFlag::kFP16);
#pragma GCC diagnostic pop
}

#else

// CheckPrecision() has refused it.
inline void SetFp16(nvinfer1::IBuilderConfig& /*config*/) {}

#endif

// Memory for an output whose extents depend on the data.
class OutputAllocator : public nvinfer1::IOutputAllocator {
 public:
  // Room for `size` bytes, or null.
  virtual void* Reserve(std::size_t size) noexcept = 0;

#if NV_TENSORRT_MAJOR < 10
  void* reallocateOutput(char const* /*name*/, void* /*current*/, std::uint64_t size,
                         std::uint64_t /*alignment*/) noexcept override {
    return Reserve(size);
  }
#else
  void* reallocateOutputAsync(char const* /*name*/, void* /*current*/, std::uint64_t size,
                              std::uint64_t /*alignment*/, cudaStream_t /*stream*/) override {
    return Reserve(size);
  }
#endif
};

}  // namespace yoloport::runtime::tensorrt
