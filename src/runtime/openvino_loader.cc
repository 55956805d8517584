#include "base/shared_library.h"
#include "runtime/backends.h"
#include "runtime/openvino_library.h"

namespace yoloport::runtime {

std::unique_ptr<Session> OpenOpenVino(const std::filesystem::path& model,
                                      const SessionOptions& options) {
  static const auto open = base::LoadFunction<decltype(YoloportOpenVinoOpen)>(
      "the runtime openvino", kOpenVinoLibrary, kOpenVinoFunction);
  return std::unique_ptr<Session>(open(model, options));
}

}  // namespace yoloport::runtime
