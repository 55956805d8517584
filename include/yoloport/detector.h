// Running a detector.
//
//   yoloport::Detector detector("model.onnx");
//   yoloport::Image image = yoloport::ReadImage("photo.jpg");
//   for (const yoloport::Detection& d : detector.Detect(image.view())) {
//     std::cout << detector.classes()[d.label] << " " << d.score << "\n";
//   }
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "yoloport/types.h"

namespace yoloport {

struct DetectorOptions {
  double score_threshold = 0;  // keep what scores at least this; the file has its own, too
  // For files that were exported with runtime thresholds; others refuse them. Such a file also gets
  // score_threshold, where that is not 0, instead of its own.
  std::optional<double> iou_threshold = {};
  std::optional<bool> class_agnostic = {};
  std::string runtime = "onnxruntime";  // one of Runtimes()
  int threads = 0;                      // of one run; 0: as many as there are cores to use
  // What the network computes in: "f32", "auto" (what the runtime finds quickest), and with the
  // runtime openvino "bf16": quicker on processors that have it, at the cost of digits.
  std::string precision = "f32";
  // "cpu", "cuda" or "cuda:N"; empty: cpu, with the runtime tensorrt cuda:0.
  std::string device = {};
  int batch = 1;  // images a run where the file takes any number
};

// Where the time of a call went, in milliseconds.
struct DetectTimes {
  double prepare = 0;
  double infer = 0;
  double decode = 0;
};

// A detector loaded from an ONNX file: one that yoloport wrote, or one of easydeploy's end-to-end
// files; or from an engine that was built of one (a file named .engine or .plan), which runs in
// TensorRT unless another runtime than the default is named. Detect() may be called from several
// threads at once; they share the runtime's threads.
class Detector {
 public:
  // Throws FileError, ModelError (no detector, or one whose outputs are not understood),
  // RuntimeError or UsageError (an option).
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

  // Names by label. Empty for a file without metadata; ClassName() of image.h then says "class_N".
  const std::vector<std::string>& classes() const;

  // A colour for each class, or nothing.
  const std::vector<Rgb>& palette() const;

  // How images are prepared.
  const ImageRecipe& recipe() const;

  // Images that go through the network at once.
  int batch() const;

  // What the caller should tell the user about the file; usually nothing.
  const std::vector<std::string>& warnings() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The runtimes that DetectorOptions may name, the default first; not all need be built in.
std::vector<std::string> Runtimes();

}  // namespace yoloport
