// What libyoloport_tensorrt.so gives to tensorrt_loader.cc.
#pragma once

#include <filesystem>

#include "runtime/engine_build.h"
#include "runtime/session.h"

namespace yoloport::runtime {

inline constexpr const char* kTensorRtLibrary = "libyoloport_tensorrt.so";
inline constexpr const char* kTensorRtOpenFunction = "YoloportTensorRtOpen";
inline constexpr const char* kTensorRtBuildFunction = "YoloportTensorRtBuild";

extern "C" {

// A session on an engine, which the caller owns. Throws FileError, ModelError or RuntimeError.
Session* YoloportTensorRtOpen(const std::filesystem::path& engine, const SessionOptions& options);

// See BuildTensorRtEngine.
void YoloportTensorRtBuild(const EngineRequest& request, BuiltEngine& built);
}

}  // namespace yoloport::runtime
