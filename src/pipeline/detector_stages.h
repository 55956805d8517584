// A detector in its three stages, so that a pipeline can run them for different images at once.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/end_to_end.h"
#include "runtime/session.h"
#include "vision/letterbox.h"
#include "yoloport/detector.h"

namespace yoloport {

// Images prepared as one input of the network.
struct PreparedBatch {
  Tensor input;  // batch x 3 x height x width
  std::vector<Letterbox>
      letterboxes;  // one for each image; fewer than the batch where it is not full
};

// All stages may be called from several threads at once.
class DetectorStages {
 public:
  DetectorStages(const std::filesystem::path& model, const DetectorOptions& options);

  // Takes one to batch() images.
  PreparedBatch Prepare(std::span<const ImageView> images) const;
  std::vector<Tensor> Infer(const PreparedBatch& batch) const;
  // One result for each image, in the images' pixels.
  std::vector<std::vector<Detection>> Decode(const PreparedBatch& batch,
                                             std::span<const Tensor> outputs) const;

  int batch() const { return batch_; }
  const std::vector<std::string>& classes() const { return classes_; }
  const std::vector<Rgb>& palette() const { return palette_; }
  const ImageRecipe& recipe() const { return recipe_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void ReadMetadata(const std::filesystem::path& model);
  void FitInput(int dynamic_batch);
  void FindOutputs();
  void SetThresholds(const DetectorOptions& options);

  std::string model_;
  double score_threshold_;
  std::vector<std::string> warnings_;
  std::vector<std::string> classes_;
  std::vector<Rgb> palette_;
  ImageRecipe recipe_;
  std::unique_ptr<Session> session_;
  int batch_ = 1;
  bool batch_is_fixed_ = true;
  EndToEndOutputs outputs_;
  std::vector<Tensor> thresholds_;  // of the session's optional inputs; null: the file's own
};

}  // namespace yoloport
