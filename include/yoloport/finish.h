// Finishing: decoding, NMS and metadata onto an ONNX file that ends with raw heads, whoever wrote
// it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "yoloport/export.h"
#include "yoloport/model_description.h"

namespace yoloport {

struct FinishOptions {
  // The file: an image as floats, N x 3 x H x W, to maps N x channels x h x w (or channels last).
  // A level of the head is one map, as easydeploy's --model-only and yoloport's give it, or one for
  // each of classes, boxes and objectness, as MMYOLO's head modules do.
  std::filesystem::path model;

  // Names of the values that are these maps; empty: all outputs of the file.
  std::vector<std::string> outputs = {};

  // What the config - of which the head, test_cfg, preprocessing and classes are read - does not
  // say, or says otherwise. Without a config, and without metadata of yoloport's in the file, its
  // type is needed. Its height and width do not matter.
  ModelDescription description = {};

  // What is to be written, and the config (empty: none). checkpoint, batch, dynamic axes, half,
  // opset and model_only do not matter: they are the file's. Height and width are what a file is
  // usually given that takes images of any size; of another they can only be its own.
  ExportOptions file = {};
};

// Writes `options.file.output` as Export() does; `options.model` is not changed. Throws UsageError,
// ConfigError, FileError, and ModelError where `model` does not end with the heads that are said.
ExportReport Finish(const FinishOptions& options);

}  // namespace yoloport
