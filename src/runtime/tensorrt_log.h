// What TensorRT says, kept for error messages: it says why something failed in its log only.
#pragma once

#include <NvInferRuntime.h>

#include <mutex>
#include <string>

namespace yoloport::runtime::tensorrt {

class Log final : public nvinfer1::ILogger {
 public:
  // Keeps errors; everything else is dropped.
  void log(Severity severity, const char* message) noexcept override;

  // ": " and the errors since the last call, ready for the end of a message; "" where there are
  // none. Several threads share the log, so an error may end up in another's message.
  std::string TakeErrors();

 private:
  std::mutex mutex_;
  std::string errors_;
};

// One for the process, never destroyed: TensorRT keeps using the first logger it was given.
Log& SharedLog();

// Registers TensorRT's plugins (the NMS operators among them) once. Throws RuntimeError.
void RegisterPlugins();

}  // namespace yoloport::runtime::tensorrt
