#include "runtime/engine_info.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

using Json = nlohmann::json;
using base::Quote;

constexpr int kFormat = 1;  // of the document; a change that old readers misread raises it
constexpr int kMaxDepth = 4;

[[noreturn]] void Fail(const std::string& key, const std::string& problem) {
  throw ModelError("engine info: " + key + ": " + problem);
}

const Json& Member(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) Fail(key, "is missing");
  return *found;
}

std::string ToText(const Json& json, const char* key) {
  const Json& value = Member(json, key);
  if (!value.is_string()) Fail(key, "is not a text");
  return value.get<std::string>();
}

std::map<std::string, std::string> ToTexts(const Json& json, const char* key) {
  const Json& object = Member(json, key);
  if (!object.is_object()) Fail(key, "is not an object");
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_string()) Fail(std::string(key) + "." + name, "is not a text");
    texts.emplace(name, value.get<std::string>());
  }
  return texts;
}

void CheckFormat(const Json& json) {
  const Json& format = Member(json, "format");
  if (!format.is_number_integer()) Fail("format", "is not an integer");
  if (format != kFormat) {
    Fail("format", "is " + format.dump() + "; this yoloport reads " + std::to_string(kFormat));
  }
}

std::string RebuildHint(const EngineInfo& info) {
  return "an engine fits one version of TensorRT and one kind of GPU; build it here: " +
         info.command;
}

}  // namespace

bool IsEngineFile(const std::filesystem::path& path) {
  const std::filesystem::path extension = path.extension();
  return extension == ".engine" || extension == ".plan";
}

std::filesystem::path EngineInfoPath(const std::filesystem::path& engine) {
  return engine.native() + ".json";
}

std::string ToJson(const EngineInfo& info) {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["tensorrt"] = info.machine.tensorrt;
  json["compute_capability"] = info.machine.compute_capability;
  json["gpu"] = info.machine.gpu;
  json["engine_sha256"] = info.engine_sha256;
  json["model"] = info.model;
  json["model_sha256"] = info.model_sha256;
  json["command"] = info.command;
  json["metadata"] = info.metadata;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

EngineInfo EngineInfoFromJson(std::string_view text) {
  if (base::IsNestedDeeper(text, kMaxDepth)) {
    throw ModelError("engine info: is nested deeper than " + std::to_string(kMaxDepth));
  }
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw ModelError("engine info: is no JSON object");
  CheckFormat(json);
  EngineInfo info;
  info.machine.tensorrt = ToText(json, "tensorrt");
  info.machine.compute_capability = ToText(json, "compute_capability");
  info.machine.gpu = ToText(json, "gpu");
  info.engine_sha256 = ToText(json, "engine_sha256");
  info.model = ToText(json, "model");
  info.model_sha256 = ToText(json, "model_sha256");
  info.command = ToText(json, "command");
  info.metadata = ToTexts(json, "metadata");
  return info;
}

std::optional<EngineInfo> ReadEngineInfo(const std::filesystem::path& engine) {
  const std::filesystem::path path = EngineInfoPath(engine);
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::nullopt;
  const auto file = base::MappedFile::Open(path);
  try {
    return EngineInfoFromJson(file->text());
  } catch (const ModelError& problem) {
    throw ModelError(Quote(path.native()) + ": " + problem.message(),
                     "build the engine again with yoloport build-engine");
  }
}

void CheckEngine(const std::filesystem::path& engine, const EngineInfo& info,
                 std::span<const std::byte> bytes, const EngineMachine& here) {
  const std::string name = Quote(engine.native());
  if (info.machine.tensorrt != here.tensorrt) {
    throw RuntimeError(name + ": was built with TensorRT " + Quote(info.machine.tensorrt) +
                           "; this machine has TensorRT " + Quote(here.tensorrt),
                       RebuildHint(info));
  }
  if (info.machine.compute_capability != here.compute_capability) {
    throw RuntimeError(name + ": was built for a GPU of compute capability " +
                           Quote(info.machine.compute_capability) + " (" + Quote(info.machine.gpu) +
                           "); this one has " + Quote(here.compute_capability) + " (" +
                           Quote(here.gpu) + ")",
                       RebuildHint(info));
  }
  if (base::Sha256Hex(bytes) != info.engine_sha256) {
    throw RuntimeError(
        name + ": is not the engine that " + Quote(EngineInfoPath(engine).native()) +
            " was written for",
        "one of the two was replaced or is incomplete; build both again: " + info.command);
  }
}

}  // namespace yoloport::runtime
