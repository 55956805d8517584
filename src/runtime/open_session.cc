#include <algorithm>
#include <array>

#include "base/text.h"
#include "runtime/backends.h"
#include "runtime/cores.h"
#include "runtime/device.h"
#include "runtime/engine_info.h"
#include "runtime/ir_file.h"
#include "runtime/session.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

using base::Quote;

struct Backend {
  const char* name;
  std::unique_ptr<Session> (*open)(const std::filesystem::path&, const SessionOptions&);
  std::vector<std::string> precisions;
  bool has_cpu;
  bool has_cuda;
};

// Engines are TensorRT's own; ONNX files go through ONNX Runtime, which hands them to TensorRT.
std::unique_ptr<Session> OpenInTensorRt(const std::filesystem::path& model,
                                        const SessionOptions& options) {
  return IsEngineFile(model) ? OpenTensorRt(model, options) : OpenOnnxRuntime(model, options);
}

const std::array<Backend, 3>& Backends() {
  static const std::array<Backend, 3> backends = {{
      {"onnxruntime", OpenOnnxRuntime, {"f32", "auto"}, true, true},
      {"openvino", OpenOpenVino, {"f32", "bf16", "auto"}, true, false},
      {"tensorrt", OpenInTensorRt, {"f32", "auto"}, false, true},
  }};
  return backends;
}

const Backend& FindBackend(const std::string& name) {
  for (const Backend& backend : Backends()) {
    if (name == backend.name) return backend;
  }
  throw UsageError("there is no runtime " + Quote(name) + "; the runtimes are " +
                   base::JoinText(RuntimeNames()));
}

std::string RuntimeFor(const std::filesystem::path& model, const std::string& asked) {
  const bool is_engine = IsEngineFile(model);
  if (!is_engine && !IsIrFile(model)) return asked;
  const std::string only = is_engine ? "tensorrt" : "openvino";
  if (asked != RuntimeNames().front() && FindBackend(asked).name != only) {
    throw UsageError(Quote(model.native()) + ": an " + (is_engine ? "engine" : "OpenVINO model") +
                     " runs in the runtime " + only + ", not in " + asked);
  }
  return only;
}

void CheckPrecision(const Backend& backend, const std::string& precision) {
  const auto& known = backend.precisions;
  if (std::find(known.begin(), known.end(), precision) != known.end()) return;
  throw UsageError("the runtime " + std::string(backend.name) + " has no precision " +
                   Quote(precision) + "; it has " + base::JoinText(known));
}

// The name of the device, in full.
std::string DeviceFor(const Backend& backend, const std::string& asked) {
  if (asked.empty()) return backend.has_cpu ? "cpu" : "cuda:0";
  const Device device = ParseDevice(asked);
  if (device.is_cuda ? backend.has_cuda : backend.has_cpu) return device.name();
  throw UsageError("the runtime " + std::string(backend.name) + " does not run on " +
                   device.name() + "; it runs on " + (backend.has_cpu ? "cpu" : "cuda"));
}

}  // namespace

std::unique_ptr<Session> OpenSession(const std::filesystem::path& model,
                                     const SessionOptions& options) {
  SessionOptions checked = options;
  checked.streams = std::max(1, options.streams);
  if (options.threads <= 0) checked.threads = std::max(1, AvailableCores() / checked.streams);
  checked.runtime = RuntimeFor(model, options.runtime);
  const Backend& backend = FindBackend(checked.runtime);
  CheckPrecision(backend, options.precision);
  checked.device = DeviceFor(backend, options.device);
  return backend.open(model, checked);
}

std::vector<std::string> RuntimeNames() {
  std::vector<std::string> names;
  for (const Backend& backend : Backends()) names.emplace_back(backend.name);
  return names;
}

}  // namespace yoloport::runtime
