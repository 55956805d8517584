// What open_session.cc knows of the back ends: one function each. CMake chooses between NAME.cc
// and, where that is not built, NAME_stub.cc, which throws RuntimeError that says so.
#pragma once

#include <filesystem>
#include <memory>

#include "runtime/session.h"

namespace yoloport::runtime {

// `options` are checked, their threads and streams positive and their device stated.
std::unique_ptr<Session> OpenOnnxRuntime(const std::filesystem::path& model,
                                         const SessionOptions& options);
std::unique_ptr<Session> OpenOpenVino(const std::filesystem::path& model,
                                      const SessionOptions& options);
// Of an engine. An ONNX file in the runtime tensorrt is ONNX Runtime's affair.
std::unique_ptr<Session> OpenTensorRt(const std::filesystem::path& engine,
                                      const SessionOptions& options);

}  // namespace yoloport::runtime
