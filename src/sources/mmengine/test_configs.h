// Configs for tests of preprocess.h.
#pragma once

#include <string>

#include "config/config.h"
#include "sources/mmengine/preprocess.h"
#include "yoloport/error.h"

namespace yoloport::sources::mmengine {

inline constexpr ExportedInput kSquare = {640, 640};
inline constexpr ExportedInput kWide = {384, 640};
inline constexpr ExportedInput kAnySize = {384, 640, true};

// The preprocessing of a config whose test pipeline is `pipeline` (Python).
inline PreprocessReport PreprocessOf(const std::string& pipeline,
                                     const ExportedInput& input = kSquare) {
  const config::Config config =
      config::Config::FromText("model = dict()\ntest_pipeline = " + pipeline, "c.py");
  return ReadPreprocess("MMYOLO", config.root(), config.root()["model"], input);
}

// The preprocessing of a config whose model has that data_preprocessor, and that resizes without
// padding.
inline PreprocessReport PreprocessedBy(const std::string& preprocessor) {
  const config::Config config = config::Config::FromText(
      "model = dict(data_preprocessor=" + preprocessor +
          ")\ntest_pipeline = [dict(type='mmdet.Resize', scale=(640, 640), keep_ratio=True)]",
      "c.py");
  return ReadPreprocess("MMYOLO", config.root(), config.root()["model"], kSquare);
}

// The whole text of the error that `read` ends with.
template <typename Read>
inline std::string ErrorOf(const Read& read) {
  try {
    read();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

inline std::string PipelineError(const std::string& pipeline) {
  return ErrorOf([&] { PreprocessOf(pipeline); });
}

inline std::string LetterResize(const std::string& arguments) {
  return "[dict(type='LetterResize', scale=(640, 640)" + arguments + ")]";
}

inline std::string Resize(const std::string& arguments) {
  return "[dict(type='mmdet.Resize', keep_ratio=True, " + arguments + ")]";
}

inline std::string Load(const std::string& arguments) {
  return "[dict(type='LoadImageFromFile', " + arguments +
         "), dict(type='LetterResize', scale=(640, 640))]";
}

}  // namespace yoloport::sources::mmengine
