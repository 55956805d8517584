#include "runtime/backends.h"
#include "runtime/engine_build.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

[[noreturn]] void Fail(const char* advice) {
  throw RuntimeError("TensorRT is not built into this yoloport",
                     std::string("build yoloport with -DYOLOPORT_WITH_TENSORRT=ON on a machine "
                                 "that has TensorRT and CUDA (docs/tensorrt.md)") +
                         advice);
}

}  // namespace

std::unique_ptr<Session> OpenTensorRt(const std::filesystem::path& /*engine*/,
                                      const SessionOptions& /*options*/) {
  Fail(", or run the ONNX file that the engine was built from");
}

BuiltEngine BuildTensorRtEngine(const EngineRequest& /*request*/) { Fail(""); }

}  // namespace yoloport::runtime
