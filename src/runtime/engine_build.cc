#include "runtime/engine_build.h"

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::runtime {

std::string TensorRtVersion::text() const {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

// Version 10 gave the minor number two more digits.
TensorRtVersion DecodeTensorRtVersion(int number) {
  const int step = number < 10000 ? 1000 : 10000;
  return {number / step, number % step / 100, number % 100};
}

void CheckPrecision(const EngineRequest& request, const TensorRtVersion& version) {
  const std::string name = base::Quote(request.model.native());
  const bool wants_half = request.fp16 || request.half_file;
  if (wants_half && request.has_efficient_nms && version < TensorRtVersion{8, 4, 0}) {
    throw RuntimeError(name + ": the plugin EfficientNMS of TensorRT " + version.text() +
                           " is wrong in FP16; it is right from 8.4 on",
                       "build without --fp16, or with a later TensorRT");
  }
  if (request.fp16 && !request.half_file && version.major >= 11) {
    throw RuntimeError(name + ": TensorRT " + version.text() +
                           " has no FP16 switch: it computes in the types that the file states",
                       "export with --half, and build from that file without --fp16");
  }
}

}  // namespace yoloport::runtime
