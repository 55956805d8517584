// The options that describe a model file which does not describe itself: of `yoloport detect`, and
// of `yoloport finish`.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "yoloport/detector.h"

namespace yoloport::tool {

// As on the command line.
struct ModelOptions {
  std::optional<double> iou_threshold;
  std::string type;
  std::vector<int> img_size;  // height, width; one number for both
  std::optional<int> num_classes;
  std::string class_names;  // file
  std::string anchors;      // file
  std::vector<int> strides;
  std::optional<int> bins;
  std::vector<float> mean;
  std::vector<float> std;
  bool rgb = false;
  bool bgr = false;
  std::string resize;
  std::string boxes;  // pixels, offsets
};

void DeclareModelOptions(CLI::App& app, ModelOptions& options);

// Those of them that ModelDescription holds, but for the input's size; `resize` is what images are
// made to fit by without --resize.
void DeclareDescription(CLI::App& app, ModelOptions& options, const char* group,
                        const std::string& resize);

// Sets what was given of these in `model`, reading the files that are named. Throws UsageError or
// FileError.
void ApplyDescription(const ModelOptions& options, ModelDescription& model);

// Sets what was given in `detector`, reading the files that are named. Throws UsageError or
// FileError.
void ApplyModelOptions(const ModelOptions& options, DetectorOptions& detector);

}  // namespace yoloport::tool
