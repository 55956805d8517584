// `yoloport build-engine`: a TensorRT engine of an ONNX file.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "cli.h"
#include "detect.h"
#include "yoloport/engine.h"
#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

struct Arguments {
  EngineOptions options;
  std::string min_shape;
  std::string opt_shape;
  std::string max_shape;
  bool quiet = false;
};

// "1x3x640x640".
std::vector<std::int64_t> ParseShape(const char* option, const std::string& text) {
  constexpr std::size_t kDimensions = 4;
  constexpr std::int64_t kMost = 1 << 20;
  std::vector<std::int64_t> shape;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (shape.size() < kDimensions) {
    std::int64_t extent = 0;
    const auto [stop, error] = std::from_chars(at, end, extent);
    if (error != std::errc() || extent < 1 || extent > kMost) break;
    shape.push_back(extent);
    at = stop;
    if (shape.size() == kDimensions || at == end || *at != 'x') break;
    ++at;
  }
  if (shape.size() == kDimensions && at == end) return shape;
  throw UsageError(std::string(option) + " is '" + Printable(text) +
                   "', not of the form NxCxHxW, such as 1x3x640x640");
}

void SetShape(const char* option, const std::string& text, std::vector<std::int64_t>& shape) {
  if (!text.empty()) shape = ParseShape(option, text);
}

void Declare(CLI::App& app, Arguments& arguments) {
  EngineOptions& options = arguments.options;
  app.allow_extras();
  app.add_option("model", options.model, "The ONNX file, best exported with --backend tensorrt8")
      ->type_name("MODEL")
      ->required();
  app.add_flag("--fp16", options.fp16,
               "Let TensorRT compute in float16 where it finds that quicker; not for TensorRT 11, "
               "which takes files exported with --half instead");
  app.add_option("--min-shape", arguments.min_shape,
                 "The least input that is to fit, where the file leaves extents open; default: as "
                 "--opt-shape")
      ->type_name("NxCxHxW");
  app.add_option("--opt-shape", arguments.opt_shape,
                 "The input to be quickest for; default: one image of the file's usual size")
      ->type_name("NxCxHxW");
  app.add_option("--max-shape", arguments.max_shape,
                 "The largest input that is to fit; default: as --opt-shape")
      ->type_name("NxCxHxW");
  app.add_option("--workspace", options.workspace_mib,
                 "The most memory for intermediate results; 0: no limit")
      ->type_name("MiB")
      ->capture_default_str();
  app.add_option("--timing-cache", options.timing_cache,
                 "Measurements of earlier builds: read where it exists, and written")
      ->type_name("FILE");
  app.add_option("--output", options.output,
                 "The engine, .engine or .plan; FILE.json is written beside it; default: the "
                 "model's name with .engine")
      ->type_name("FILE");
  app.add_option("--device", options.device, "The GPU that the engine is for")
      ->type_name("cuda:N")
      ->capture_default_str();
  app.add_flag("--quiet,-q", arguments.quiet, "Print errors only");
}

void PrintReport(const EngineReport& report, double seconds) {
  for (const std::string& note : report.notes) Print("note: " + Printable(note) + "\n");
  char numbers[64];
  std::snprintf(numbers, sizeof(numbers), "  size      %.1f MB\n  time      %.1f s\n",
                static_cast<double>(report.bytes) / 1e6, seconds);
  Print(report.output.native() + "\n  info      " + report.info.native() +
        "\n  for       TensorRT " + report.tensorrt + ", " + Printable(report.gpu) +
        " (compute capability " + report.compute_capability + ")\n" + numbers);
}

int Build(Arguments& arguments) {
  EngineOptions& options = arguments.options;
  SetShape("--min-shape", arguments.min_shape, options.min_shape);
  SetShape("--opt-shape", arguments.opt_shape, options.opt_shape);
  SetShape("--max-shape", arguments.max_shape, options.max_shape);
  const auto start = std::chrono::steady_clock::now();
  const EngineReport report = BuildEngine(options);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (!arguments.quiet) PrintReport(report, elapsed.count());
  return kDone;
}

}  // namespace

std::function<int()> AddBuildEngine(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  Declare(app, *arguments);
  return [arguments] { return Build(*arguments); };
}

}  // namespace yoloport::tool
