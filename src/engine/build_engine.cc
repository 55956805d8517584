#include <algorithm>
#include <cctype>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "contract/model_card.h"
#include "engine/engine_shapes.h"
#include "onnx/outline/structure.h"
#include "onnx/outline/summary.h"
#include "runtime/engine_build.h"
#include "runtime/engine_info.h"
#include "yoloport/engine.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using base::AtomicFile;
using base::Quote;
using base::ShapeText;
using onnx::outline::OnnxSummary;
using onnx::outline::OnnxValue;
using runtime::EngineInfoPath;

constexpr std::int64_t kMostMib = std::int64_t{1} << 20;  // a terabyte
constexpr const char* kMetadataKey = "yoloport";

bool IsSameFile(const fs::path& a, const fs::path& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code missing;
  return base::PlaceOf(a) == base::PlaceOf(b) || fs::equivalent(a, b, missing);  // a hard link, too
}

void CheckOptions(const EngineOptions& options) {
  if (options.workspace_mib < 0 || options.workspace_mib > kMostMib) {
    throw UsageError("--workspace is " + std::to_string(options.workspace_mib) +
                     ", which is not between 0 and " + std::to_string(kMostMib) + " MiB");
  }
  if (!runtime::IsEngineFile(options.output)) {
    throw UsageError(
        "the output " + Quote(options.output.native()) + " is not named .engine or .plan",
        "detect knows engines by these names");
  }
  const fs::path info = EngineInfoPath(options.output);
  for (const fs::path& file : onnx::outline::DataFilesOf(options.model)) {
    for (const fs::path& output : {options.output, info, options.timing_cache}) {
      if (!IsSameFile(file, output)) continue;
      throw UsageError("the output " + Quote(output.native()) +
                       " would overwrite the model's weights");
    }
  }
  const bool overlaps =
      IsSameFile(options.output, options.model) || IsSameFile(info, options.model) ||
      IsSameFile(options.timing_cache, options.model) ||
      IsSameFile(options.timing_cache, options.output) || IsSameFile(options.timing_cache, info);
  if (overlaps) {
    throw UsageError(
        "the model, the engine, the JSON file beside it and the timing cache must be "
        "different files");
  }
  if (!runtime::ParseDevice(options.device).is_cuda) {
    throw UsageError("an engine is for a GPU; --device is " + Quote(options.device));
  }
}

// Inputs that have elements in the file become constants of the engine.
const OnnxValue& OneInput(const OnnxSummary& summary, const fs::path& model) {
  const OnnxValue* found = nullptr;
  std::vector<std::string> names;
  for (const OnnxValue& input : summary.inputs) {
    if (input.optional) continue;
    found = &input;
    names.push_back(Quote(input.name));
  }
  if (names.size() == 1) return *found;
  throw ModelError(Quote(model.native()) + ": is no detector: it takes " +
                   (names.empty() ? "nothing" : base::JoinText(names)) + ", not one image");
}

// A broken document is as good as none; detect says what follows from that.
std::optional<contract::ModelCard> ReadInfo(const OnnxSummary& summary) {
  const auto found = summary.metadata.find(kMetadataKey);
  if (found == summary.metadata.end()) return std::nullopt;
  try {
    return contract::ModelCardFromJson(found->second);
  } catch (const ModelError&) {
    return std::nullopt;
  }
}

// Where the file leaves the size open, images are prepared in the size that the engine is best for.
void SetSize(std::map<std::string, std::string>& metadata, contract::ModelCard info,
             const runtime::ShapeProfile& profile) {
  const bool nhwc =
      info.preprocess.type == InputType::kUint8 && info.preprocess.layout == InputLayout::kNhwc;
  if (profile.opt.size() != 4) return;
  info.preprocess.height = static_cast<int>(profile.opt[nhwc ? 1 : 2]);
  info.preprocess.width = static_cast<int>(profile.opt[nhwc ? 2 : 3]);
  metadata[kMetadataKey] = contract::ToJson(info);
}

// A word of a shell's command line.
std::string ShellWord(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '/';
  });
  if (plain) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

// That builds the same again in the folder of the files.
std::string Command(const EngineOptions& options,
                    const std::optional<runtime::ShapeProfile>& profile) {
  std::string command = "yoloport build-engine " + ShellWord(options.model.filename().native());
  if (options.fp16) command += " --fp16";
  if (profile) {
    command += " --min-shape " + ShapeText(profile->min) + " --opt-shape " +
               ShapeText(profile->opt) + " --max-shape " + ShapeText(profile->max);
  }
  if (options.workspace_mib > 0) command += " --workspace " + std::to_string(options.workspace_mib);
  return command + " --output " + ShellWord(options.output.filename().native());
}

std::vector<std::byte> ReadCache(const fs::path& path) {
  std::error_code error;
  if (path.empty() || !fs::exists(path, error)) return {};
  const auto file = base::MappedFile::Open(path);
  return {file->bytes().begin(), file->bytes().end()};
}

// Before minutes are spent on what cannot be written in the end.
void CheckWritable(const fs::path& path) {
  if (!path.empty()) const AtomicFile probe(path, AtomicFile::Opened::kByName);
}

void WriteAll(const EngineOptions& options, const runtime::BuiltEngine& built,
              const runtime::EngineInfo& info) {
  AtomicFile engine(options.output);
  AtomicFile beside(EngineInfoPath(options.output));
  engine.Write(built.engine);
  beside.Write(runtime::ToJson(info));
  if (!options.timing_cache.empty() && !built.timing_cache.empty()) {
    AtomicFile cache(options.timing_cache);
    cache.Write(built.timing_cache);
    cache.Commit();
  }
  // Should the second fail, the digest in the old one says that the two do not belong together.
  engine.Commit();
  beside.Commit();
}

}  // namespace

EngineReport BuildEngine(const EngineOptions& asked) {
  EngineOptions options = asked;
  if (options.output.empty()) options.output = fs::path(asked.model).replace_extension(".engine");
  CheckOptions(options);
  const OnnxSummary summary = onnx::outline::ReadOnnxSummary(options.model);
  const OnnxValue& input = OneInput(summary, options.model);
  const std::optional<contract::ModelCard> info = ReadInfo(summary);
  runtime::EngineRequest request;
  request.model = options.model;
  request.input = input.name;
  request.profile = engine::PlanShapes(options, input, info);
  request.fp16 = options.fp16;
  request.half_file = summary.weights.contains("float16");
  request.has_efficient_nms = summary.operators.contains("EfficientNMS_TRT");
  request.workspace = static_cast<std::size_t>(options.workspace_mib) << 20;
  request.timing_cache = ReadCache(options.timing_cache);
  request.device = runtime::ParseDevice(options.device);
  for (const fs::path& path :
       {options.output, EngineInfoPath(options.output), options.timing_cache}) {
    CheckWritable(path);
  }
  const runtime::BuiltEngine built = runtime::BuildTensorRtEngine(request);
  runtime::EngineInfo beside{built.machine,
                             base::Sha256Hex(built.engine),
                             options.model.filename().native(),
                             base::Sha256Hex(base::MappedFile::Open(options.model)->bytes()),
                             Command(options, request.profile),
                             summary.metadata};
  if (info && request.profile) SetSize(beside.metadata, *info, *request.profile);
  WriteAll(options, built, beside);
  return {options.output,      EngineInfoPath(options.output),
          built.engine.size(), built.machine.tensorrt,
          built.machine.gpu,   built.machine.compute_capability,
          built.notes};
}

}  // namespace yoloport
