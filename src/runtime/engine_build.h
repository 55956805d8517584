// Building a TensorRT engine.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/device.h"
#include "runtime/engine_info.h"
#include "tensor/tensor.h"

namespace yoloport::runtime {

// What an input of unknown extents is built for: any shape from `min` to `max`, best for `opt`.
struct ShapeProfile {
  tensor::Shape min;
  tensor::Shape opt;
  tensor::Shape max;
};

struct EngineRequest {
  std::filesystem::path model;          // an ONNX file
  std::string input;                    // its one input
  std::optional<ShapeProfile> profile;  // where that has unknown extents
  bool fp16 = false;
  bool half_file = false;  // the file itself computes in float16
  bool has_efficient_nms = false;
  std::size_t workspace = 0;            // bytes; 0: what TensorRT finds right
  std::vector<std::byte> timing_cache;  // of an earlier build, or nothing
  Device device = {true, 0};
};

struct BuiltEngine {
  std::vector<std::byte> engine;
  std::vector<std::byte> timing_cache;
  EngineMachine machine;
  std::vector<std::string> notes;  // what the user should know
};

struct TensorRtVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  std::string text() const;  // "10.13.3"
  bool operator<(const TensorRtVersion& other) const {
    return std::tie(major, minor, patch) < std::tie(other.major, other.minor, other.patch);
  }
};

// The version that a library of TensorRT says it has: 8601 is 8.6.1, 101303 is 10.13.3.
TensorRtVersion DecodeTensorRtVersion(int number);

// Throws RuntimeError when that version cannot build what is asked for: FP16 where there is no such
// switch (11 on, unless the file is half itself), FP16 with EfficientNMS before 8.4.
void CheckPrecision(const EngineRequest& request, const TensorRtVersion& version);

// Takes minutes. Throws RuntimeError: TensorRT is not built in, no GPU, or what TensorRT said.
BuiltEngine BuildTensorRtEngine(const EngineRequest& request);

}  // namespace yoloport::runtime
