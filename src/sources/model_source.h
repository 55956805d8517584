// A trained detector as an export sees it, wherever it comes from: docs/adding_a_source.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "graph/head.h"
#include "yoloport/export.h"
#include "yoloport/types.h"

namespace yoloport::sources {

struct InputSize {
  std::int64_t height = 640;  // pixels
  std::int64_t width = 640;

  bool operator==(const InputSize&) const = default;
};

// The input that is exported.
struct ExportedInput {
  int height = 640;  // pixels
  int width = 640;
  bool is_dynamic = false;  // it takes other heights and widths, too
  int stride = 32;          // what these must be multiples of
};

// How boxes become detections, as far as that is a matter of the detector and of no threshold.
struct Selection {
  bool multi_label = true;  // a box stands for every class above the threshold, else for its best
  // Of several boxes of one object the best is to be found; else the network gives one box.
  bool suppresses = true;
};

struct PreprocessReport {
  Preprocess preprocess;
  std::vector<std::string> notes;  // what does not apply to the file, or not exactly
};

// What a folder of src/sources makes of its files. Everything is read when it is asked for, so each
// function throws what is wrong with its part: ConfigError, CheckpointError or ModelError.
class ModelSource {
 public:
  virtual ~ModelSource() = default;

  // The components, for people: "CSPNeXt, CSPNeXtPAFPN, RTMDetHead".
  virtual std::string Detector() const = 0;

  // The largest stride: heights and widths of images must be multiples.
  virtual int LargestStride() const = 0;

  // The files that it was read from, beside the checkpoint: no output may be one of them.
  virtual std::vector<std::filesystem::path> Files() const { return {}; }

  // The input that the detector is tested with, where that is stated: what holds images as they are
  // resized for the test, rounded up to multiples of the largest stride. With `is_dynamic` an input
  // may turn with the image; else it holds both orientations.
  virtual std::optional<InputSize> TestSize(bool is_dynamic) const = 0;

  // What holds whatever the thresholds are.
  virtual Selection DefaultSelection() const { return {}; }

  // Sets the thresholds of `options` to the detector's own, and `multi_label` where these say so.
  // Gives a line for each that changed, and for what NMS does not do as they ask.
  virtual std::vector<std::string> TakeThresholds(ExportOptions& options,
                                                  bool& multi_label) const = 0;

  // How images are prepared for `input`.
  virtual PreprocessReport PreprocessFor(const ExportedInput& input) const = 0;

  // The network on `image` (N x 3 x H x W, normalized), in its graph. Takes weights from `weights`,
  // which are all of the checkpoint's.
  virtual graph::HeadOutput Build(const checkpoint::Weights& weights, graph::Value image,
                                  graph::HeadMode mode) const = 0;

  // Names of the classes: `count` where a list of so many is stated, else as many as are; none
  // where nothing states them.
  virtual std::vector<std::string> ClassNames(std::size_t count) const = 0;

  // A color (red, green, blue; 0 to 255) for each of `classes` classes, or none; with a line in
  // `notes` where colors are stated that cannot be used.
  virtual std::vector<std::array<int, 3>> Palette(std::size_t classes,
                                                  std::vector<std::string>& notes) const {
    static_cast<void>(classes);
    static_cast<void>(notes);
    return {};
  }
};

}  // namespace yoloport::sources
