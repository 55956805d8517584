// Running a detector.
//
//   yoloport::Detector detector("model.onnx");
//   yoloport::Image image = yoloport::ReadImage("photo.jpg");
//   for (const yoloport::Detection& d : detector.Detect(image.view())) {
//     std::cout << detector.classes()[d.label] << " " << d.score << "\n";
//   }
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "yoloport/model_description.h"
#include "yoloport/types.h"

namespace yoloport {

struct DetectorOptions {
  // From 0 to 1. An end-to-end file has a threshold of its own, too: what is kept passes that and
  // scores at least this; one exported with runtime thresholds gets this one instead of its own.
  // Raw heads: what scores more than this; without it the metadata's threshold, or 0.3.
  std::optional<double> score_threshold = {};
  std::string runtime = "onnxruntime";  // one of Runtimes()
  int threads = 0;                      // of one run; 0: its share of the cores there are to use
  int streams = 1;                      // runs of the network at once; further ones wait
  // What the network computes in: "f32", "auto" (what the runtime finds quickest), and with the
  // runtime openvino "bf16": quicker on processors that have it, at the cost of digits.
  std::string precision = "f32";
  // "cpu", "cuda" or "cuda:N"; empty: cpu, with the runtime tensorrt cuda:0.
  std::string device = {};
  int batch = 1;  // images a run where the file takes any number
  // Inputs only as large as the images need, in multiples of the largest stride, in place of the
  // preprocessing's size: quicker for all that is not square, with other padding than MMYOLO's. For
  // files that take any height and width, and letterbox.
  bool rect = false;

  // docs/nms.md says what these mean. An end-to-end file that was exported with runtime thresholds
  // takes the first two; others refuse them.
  std::optional<double> iou_threshold = {};
  std::optional<bool> class_agnostic = {};

  // Raw heads, and rows of other programs, only. What is left out, of the two above, too, is taken
  // from the metadata or is that program's default (docs/foreign_files.md), and for raw heads
  // without metadata is as in easydeploy's demo: IoU 0.7, each anchor as its best class, no limits.
  std::optional<std::int64_t> pre_topk = {};
  std::optional<std::int64_t> keep_topk = {};
  std::optional<bool> multi_label = {};

  ModelDescription model = {};  // what the file does not say about itself
};

// Thresholds of one call, as in DetectorOptions; what is left out is as these said.
struct Thresholds {
  std::optional<double> score_threshold = {};
  std::optional<double> iou_threshold = {};
  std::optional<bool> class_agnostic = {};
};

// Where the time of a call went, in milliseconds.
struct DetectTimes {
  double prepare = 0;
  double infer = 0;
  double decode = 0;
};

// A detector loaded from an ONNX file that yoloport or easydeploy wrote: end-to-end, or ending with
// the raw heads (`--model-only`), which are decoded here; from one of Ultralytics, YOLOv5's or
// YOLOX's repository or mmdeploy (docs/foreign_files.md); from an OpenVINO model of any of these
// (a file named .xml); or from an engine that was built of one (.engine or .plan), which runs in
// TensorRT. Detect() may be called from several
// threads at once: DetectorOptions::streams of them are in the network at a time. To be quick with
// many images see stream.h.
class Detector {
 public:
  // Throws FileError, ModelError (no detector, or one whose outputs are not understood or not those
  // of its type), RuntimeError or UsageError (an option, or one that is missing).
  explicit Detector(const std::filesystem::path& model, const DetectorOptions& options = {});
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;
  ~Detector();

  // What is in the image, best first, boxes in its pixels. Throws ImageError when the view is none.
  std::vector<Detection> Detect(const ImageView& image, DetectTimes* times = nullptr) const;

  // The same for several images, one result for each. As many as fit go through the network at
  // once; a fixed batch that is not full is filled up with zeros.
  std::vector<std::vector<Detection>> Detect(std::span<const ImageView> images,
                                             DetectTimes* times = nullptr) const;

  // The same with other thresholds. Throws what CheckThresholds() does.
  std::vector<std::vector<Detection>> Detect(std::span<const ImageView> images,
                                             const Thresholds& thresholds,
                                             DetectTimes* times = nullptr) const;

  // Throws UsageError for thresholds outside their range, and for those that this file does not
  // take: see DetectorOptions. Scores at or below lowest_score() are not found all the same.
  void CheckThresholds(const Thresholds& thresholds) const;

  // Another detector of the same file and options that gets through many images soonest: see
  // ForThroughput() of stream.h. What left_out() says counts for both. Throws what the constructor
  // does.
  Detector ForThroughput() const;

  // Runs the network alone, on a blank input of batch() images, and says how many milliseconds it
  // took: for benchmarks, and to have what a runtime does on its first run out of the way.
  double RunNetwork() const;

  // Names by label. Empty for a file without metadata; ClassName() of image.h then says "class_N".
  const std::vector<std::string>& classes() const;

  // A colour for each class, or nothing.
  const std::vector<Rgb>& palette() const;

  // How images are prepared.
  const Preprocess& preprocess() const;

  // Images that go through the network at once.
  int batch() const;

  // Runs of the network that go at once.
  int streams() const;

  // The threshold that is fixed in an end-to-end file: what scores at or below it is not found,
  // whatever DetectorOptions say. 0 where there is none, or none is known.
  double lowest_score() const;

  // What runs the network, and how it computes: "ONNX Runtime 1.32.0, float32".
  const std::string& runtime() const;

  // What a file that another program made was taken for, and what it does not say; nothing for
  // yoloport's own.
  const std::vector<std::string>& notes() const;

  // What the caller should tell the user about the file; usually nothing.
  const std::vector<std::string>& warnings() const;

  // What Detect() has left out so far because it can be no detection, for the user: scores that are
  // not from 0 to 1, labels of no class, boxes that are NaN, infinite or far outside the image. How
  // many of each; empty: none. Worth telling when all images are done.
  std::string left_out() const;

 private:
  class Impl;
  explicit Detector(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// The runtimes that DetectorOptions may name, the default first; not all need be built in.
std::vector<std::string> Runtimes();

// Cores that this process may use: those of its affinity mask and its container's share.
int UsableCores();

}  // namespace yoloport
