#include "runtime/backends.h"
#include "yoloport/error.h"

namespace yoloport::runtime {

std::unique_ptr<Session> OpenOpenVino(const std::filesystem::path& /*model*/,
                                      const SessionOptions& /*options*/) {
  throw RuntimeError("the runtime openvino is not built into this yoloport",
                     "use the runtime onnxruntime");
}

}  // namespace yoloport::runtime
