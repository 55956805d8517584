// TensorRT engines of ONNX files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace yoloport {

struct EngineOptions {
  std::filesystem::path model;   // an ONNX file with one image input; of yoloport's, end to end
                                 // with --backend tensorrt8
  std::filesystem::path output;  // .engine or .plan; empty: the model's name with .engine

  // Let TensorRT choose between float32 and float16. TensorRT 11 has no such choice: there, and
  // best elsewhere, too, export with half.
  bool fp16 = false;

  // N, C, H, W that the engine is built for, where the file leaves some open. Left empty, `opt` is
  // one image of the size that the file states, and `min` and `max` are as `opt`.
  std::vector<std::int64_t> min_shape;
  std::vector<std::int64_t> opt_shape;
  std::vector<std::int64_t> max_shape;

  std::int64_t workspace_mib = 0;      // the most memory for intermediate results; 0: no limit
  std::filesystem::path timing_cache;  // read where it exists, and written; empty: none
  std::string device = "cuda:0";       // the GPU that the engine is for
};

struct EngineReport {
  std::filesystem::path output;
  std::filesystem::path info;  // the JSON file beside it
  std::uint64_t bytes = 0;
  std::string tensorrt;            // "10.13.3"
  std::string gpu;                 // "NVIDIA L4"
  std::string compute_capability;  // "8.9"
  std::vector<std::string> notes;
};

// Builds an engine and writes it with a JSON file beside it, from which `Detector` knows how images
// are prepared and which machine the engine is for. Takes minutes. When anything fails, files that
// were there stay as they were. Throws UsageError (an option), FileError, ModelError (the file) or
// RuntimeError (TensorRT is not built in, there is no GPU, or TensorRT refuses).
EngineReport BuildEngine(const EngineOptions& options);

}  // namespace yoloport
