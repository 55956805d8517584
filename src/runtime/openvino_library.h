// What libyoloport_openvino.so gives to openvino_loader.cc.
#pragma once

#include <filesystem>

#include "runtime/session.h"

namespace yoloport::runtime {

inline constexpr const char* kOpenVinoLibrary = "libyoloport_openvino.so";
inline constexpr const char* kOpenVinoFunction = "YoloportOpenVinoOpen";

// A session that the caller owns. Throws FileError or RuntimeError.
extern "C" Session* YoloportOpenVinoOpen(const std::filesystem::path& model,
                                         const SessionOptions& options);

}  // namespace yoloport::runtime
