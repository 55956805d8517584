#include <algorithm>
#include <array>

#include "base/text.h"
#include "runtime/backends.h"
#include "runtime/cores.h"
#include "runtime/session.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

struct Backend {
  const char* name;
  std::unique_ptr<Session> (*open)(const std::filesystem::path&, const SessionOptions&);
  std::vector<std::string> precisions;
};

const std::array<Backend, 2>& Backends() {
  static const std::array<Backend, 2> backends = {{
      {"onnxruntime", OpenOnnxRuntime, {"f32", "auto"}},
      {"openvino", OpenOpenVino, {"f32", "bf16", "auto"}},
  }};
  return backends;
}

}  // namespace

std::unique_ptr<Session> OpenSession(const std::filesystem::path& model,
                                     const SessionOptions& options) {
  SessionOptions checked = options;
  if (checked.threads <= 0) checked.threads = AvailableCores();
  for (const Backend& backend : Backends()) {
    if (options.runtime != backend.name) continue;
    const auto& known = backend.precisions;
    if (std::find(known.begin(), known.end(), options.precision) == known.end()) {
      throw UsageError("the runtime " + options.runtime + " has no precision " +
                       Quote(options.precision) + "; it has " + JoinText(known));
    }
    return backend.open(model, checked);
  }
  throw UsageError("there is no runtime " + Quote(options.runtime) + "; the runtimes are " +
                   JoinText(RuntimeNames()));
}

std::vector<std::string> RuntimeNames() {
  std::vector<std::string> names;
  for (const Backend& backend : Backends()) names.emplace_back(backend.name);
  return names;
}

}  // namespace yoloport
