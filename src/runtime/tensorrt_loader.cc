#include "base/shared_library.h"
#include "runtime/backends.h"
#include "runtime/engine_build.h"
#include "runtime/tensorrt_library.h"

namespace yoloport::runtime {
namespace {

constexpr const char* kRuntime = "the runtime tensorrt";

}  // namespace

std::unique_ptr<Session> OpenTensorRt(const std::filesystem::path& engine,
                                      const SessionOptions& options) {
  static const auto open = base::LoadFunction<decltype(YoloportTensorRtOpen)>(
      kRuntime, kTensorRtLibrary, kTensorRtOpenFunction);
  return std::unique_ptr<Session>(open(engine, options));
}

BuiltEngine BuildTensorRtEngine(const EngineRequest& request) {
  static const auto build = base::LoadFunction<decltype(YoloportTensorRtBuild)>(
      kRuntime, kTensorRtLibrary, kTensorRtBuildFunction);
  BuiltEngine built;
  build(request, built);
  return built;
}

}  // namespace yoloport::runtime
