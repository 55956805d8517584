// The options of `yoloport detect` that describe a model file which does not describe itself.
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

// Sets what was given in `detector`, reading the files that are named. Throws UsageError or
// FileError.
void ApplyModelOptions(const ModelOptions& options, DetectorOptions& detector);

}  // namespace yoloport::tool
