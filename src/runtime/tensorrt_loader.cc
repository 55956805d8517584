#include "runtime/backends.h"
#include "runtime/engine_build.h"
#include "runtime/shared_library.h"
#include "runtime/tensorrt_library.h"

namespace yoloport {

std::unique_ptr<Session> OpenTensorRt(const std::filesystem::path& engine,
                                      const SessionOptions& options) {
  static const auto open = reinterpret_cast<decltype(&YoloportTensorRtOpen)>(
      LoadFunction("tensorrt", kTensorRtLibrary, kTensorRtOpenFunction));
  return std::unique_ptr<Session>(open(engine, options));
}

BuiltEngine BuildTensorRtEngine(const EngineRequest& request) {
  static const auto build = reinterpret_cast<decltype(&YoloportTensorRtBuild)>(
      LoadFunction("tensorrt", kTensorRtLibrary, kTensorRtBuildFunction));
  BuiltEngine built;
  build(request, built);
  return built;
}

}  // namespace yoloport
