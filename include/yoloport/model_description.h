// What a model file does not say about itself: for files that yoloport did not write.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "yoloport/types.h"

namespace yoloport {

// Anchor sizes (width, height) in pixels of the network's input, by level.
using Anchors = std::vector<std::vector<std::array<double, 2>>>;

// Whatever is left out is taken from the file's metadata, and where it has none, from easydeploy's
// demo for the type: docs/detect.md, "Raw-head files".
struct ModelDescription {
  // yolov5, yolox, yolov6, ppyoloe, ppyoloep, yolov7, rtmdet or yolov8; needed for raw heads
  // without metadata.
  std::string type = {};
  int height = 0;  // of the input in pixels, where the file takes any; 0: not said
  int width = 0;
  int num_classes = 0;                        // 0: as many as there are names, else COCO's 80
  std::vector<std::string> class_names = {};  // by label
  std::vector<int> strides = {};  // of the levels, in pixels; empty: what the outputs' sizes say
  Anchors anchors = {};           // for the types yolov5 and yolov7
  int bins = 0;                   // of a box side's distribution; 0: the type's
  std::optional<std::array<float, 3>> mean = {};  // in the order of the network's channels
  std::optional<std::array<float, 3>> std = {};
  std::optional<bool> rgb =
      {};  // the network's channels are red, green, blue; else blue, green, red
  std::optional<ResizeKind> resize = {};
  // Of YOLOX's own files, where the graph does not show it: whether boxes are in pixels of the
  // input (--decode_in_inference), or offsets of the cells.
  std::optional<bool> decoded = {};
};

// What a model consists of: `model` itself, the files beside it in which an ONNX file keeps
// weights, and what build-engine wrote beside an engine. A model that is missing or damaged is one
// file. No output of a program may be one of them.
std::vector<std::filesystem::path> ModelFiles(const std::filesystem::path& model);

// easydeploy's names for the types, in its order.
std::vector<std::string> ModelTypes();

// Class names from a text file: one a line, in the order of the labels; blank lines at the end do
// not count. Or a JSON list of texts. Throws FileError, or UsageError that names the line.
std::vector<std::string> ReadClassNames(const std::filesystem::path& path);

// Anchors from a text file: a line for each level, finest first, with width and height of each
// anchor ("10,13 16,30 33,23"); lines that begin with # do not count. Or nested lists, as JSON or
// as Python writes them ("[[(10, 13), (16, 30)], [(30, 61)]]", with or without "NAME =" before it).
// Throws FileError, or UsageError that names the line.
Anchors ReadAnchors(const std::filesystem::path& path);

}  // namespace yoloport
