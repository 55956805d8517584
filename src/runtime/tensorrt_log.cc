#include "runtime/tensorrt_log.h"

#include <NvInferPlugin.h>

#include <new>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::runtime::tensorrt {

void Log::log(Severity severity, const char* message) noexcept {
  constexpr std::size_t kMost = 2000;  // bytes: the first errors say what is wrong
  if (severity > Severity::kERROR) return;
  try {
    const std::lock_guard lock(mutex_);
    if (errors_.size() >= kMost) return;
    if (!errors_.empty()) errors_ += "; ";
    errors_ += message;
  } catch (const std::bad_alloc&) {
    // The failure is reported without its reason.
  }
}

std::string Log::TakeErrors() {
  const std::lock_guard lock(mutex_);
  std::string errors = errors_.empty() ? "" : ": " + base::Quote(errors_, 600);
  errors_.clear();
  return errors;
}

Log& SharedLog() {
  static Log* const log = new Log;
  return *log;
}

void RegisterPlugins() {
  static const bool registered = ::initLibNvInferPlugins(&SharedLog(), "");
  if (!registered) {
    throw RuntimeError("TensorRT's plugins cannot be registered" + SharedLog().TakeErrors());
  }
}

}  // namespace yoloport::runtime::tensorrt
