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
#include <span>
#include <string>
#include <vector>

#include "yoloport/types.h"

namespace yoloport {

struct DetectorOptions {
  double score_threshold = 0;           // keep what scores at least this; the file has its own, too
  std::string runtime = "onnxruntime";  // one of Runtimes()
  int threads = 0;                      // of one run; 0: its share of the cores there are to use
  int streams = 1;                      // runs of the network at once; further ones wait
  int batch = 1;                        // images a run where the file takes any number
};

// Where the time of a call went, in milliseconds.
struct DetectTimes {
  double prepare = 0;
  double infer = 0;
  double decode = 0;
};

// A detector loaded from an ONNX file: one that yoloport wrote, or one of easydeploy's end-to-end
// files. Detect() may be called from several threads at once: DetectorOptions::streams of them
// are in the network at a time. To be quick with many images see stream.h.
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

  // Runs the network alone, on a blank input of batch() images, and says how many milliseconds it
  // took: for benchmarks, and to have what a runtime does on its first run out of the way.
  double RunNetwork() const;

  // Names by label. Empty for a file without metadata; ClassName() of image.h then says "class_N".
  const std::vector<std::string>& classes() const;

  // A colour for each class, or nothing.
  const std::vector<Rgb>& palette() const;

  // How images are prepared.
  const ImageRecipe& recipe() const;

  // Images that go through the network at once.
  int batch() const;

  // Runs of the network that go at once.
  int streams() const;

  // What runs the network, and how it computes: "ONNX Runtime 1.32.0, float32".
  const std::string& runtime() const;

  // What the caller should tell the user about the file; usually nothing.
  const std::vector<std::string>& warnings() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The runtimes that DetectorOptions may name, the default first; not all need be built in.
std::vector<std::string> Runtimes();

// Cores that this process may use: those of its affinity mask and its container's share.
int UsableCores();

}  // namespace yoloport
