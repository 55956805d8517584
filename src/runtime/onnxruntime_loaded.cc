#include <onnxruntime_cxx_api.h>

#include <cstdlib>
#include <string>

#include "base/shared_library.h"
#include "runtime/onnxruntime_library.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

const OrtApiBase* LoadBase() {
  // The Python package has put the library into its process, where it is found by this name, and
  // tells the programs that it starts where it is.
  const char* path = std::getenv("YOLOPORT_ONNXRUNTIME");
  const auto get_base = base::LoadFunction<decltype(OrtGetApiBase)>(
      "the runtime onnxruntime", path != nullptr ? path : "libonnxruntime.so.1", "OrtGetApiBase");
  return get_base();
}

const OrtApiBase* loaded_base = nullptr;

}  // namespace

void InitOnnxRuntime() {
  static const OrtApi* const api = [] {
    loaded_base = LoadBase();
    const OrtApi* found = loaded_base->GetApi(ORT_API_VERSION);
    if (found != nullptr) return found;
    throw RuntimeError(std::string("ONNX Runtime ") + loaded_base->GetVersionString() +
                           " is too old; 1." + std::to_string(ORT_API_VERSION) +
                           " or a later one is needed",
                       "pip install --upgrade onnxruntime");
  }();
  Ort::InitApi(api);
}

}  // namespace yoloport::runtime

// What ONNX Runtime's own header asks for its version.
extern "C" const OrtApiBase* ORT_API_CALL OrtGetApiBase() NO_EXCEPTION {
  return yoloport::runtime::loaded_base;
}
