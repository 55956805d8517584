// What a TensorRT engine does not say about itself in a way that can be read without TensorRT:
// which machine it is for, what it was made of and how its images are prepared. It stands in a JSON
// file beside the engine, MODEL.engine.json, of which this is the only reader and writer;
// docs/tensorrt.md describes it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace yoloport::runtime {

// An engine runs where all of this is as it was when the engine was built; the GPU's name is for
// people.
struct EngineMachine {
  std::string tensorrt;            // "10.13.3"
  std::string compute_capability;  // "8.9"
  std::string gpu;                 // "NVIDIA L4"
};

struct EngineInfo {
  EngineMachine machine;
  std::string engine_sha256;  // of the engine that this belongs to
  std::string model;          // the ONNX file: its name without folders
  std::string model_sha256;
  std::string command;                          // that builds the engine again
  std::map<std::string, std::string> metadata;  // the ONNX file's, see onnx/outline/read_metadata.h
};

// Whether the name is that of an engine: .engine or .plan.
bool IsEngineFile(const std::filesystem::path& path);

// Where the info of an engine stands.
std::filesystem::path EngineInfoPath(const std::filesystem::path& engine);

// The document; the same info always gives the same text.
std::string ToJson(const EngineInfo& info);

// Throws ModelError that names the key when `json` is not such a document.
EngineInfo EngineInfoFromJson(std::string_view json);

// Of the file beside `engine`, or nothing where there is none: engines of other tools have none.
// Throws FileError, or ModelError that names the file.
std::optional<EngineInfo> ReadEngineInfo(const std::filesystem::path& engine);

// Throws RuntimeError, with the command that builds the engine again, unless `bytes` are the engine
// that `info` is about and `here` is a machine that it runs on.
void CheckEngine(const std::filesystem::path& engine, const EngineInfo& info,
                 std::span<const std::byte> bytes, const EngineMachine& here);

}  // namespace yoloport::runtime
