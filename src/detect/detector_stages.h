// A detector in its three stages, so that a pipeline can run them for different images at once.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <span>
#include <string>
#include <vector>

#include "contract/row_format.h"
#include "detect/end_to_end.h"
#include "detect/raw_decoder.h"
#include "detect/resolved_model.h"
#include "detect/run_settings.h"
#include "image/letterbox.h"
#include "runtime/session.h"
#include "yoloport/detector.h"

namespace yoloport::detect {

// Images prepared as one input of the network.
struct PreparedBatch {
  tensor::Tensor input;  // batch x 3 x height x width (uint8 files: or batch x height x width x 3)
  std::vector<image::Letterbox>
      letterboxes;  // one for each image; fewer than the batch where it is not full
};

// All stages may be called from several threads at once; Infer() lets so many in as there are
// streams.
class DetectorStages {
 public:
  DetectorStages(const std::filesystem::path& model, const DetectorOptions& options);

  // Takes one to batch() images.
  PreparedBatch Prepare(std::span<const ImageView> images) const;
  // A batch of black images, made when it is first asked for.
  const PreparedBatch& Blank() const;
  std::vector<tensor::Tensor> Infer(const PreparedBatch& batch, const RunSettings& settings) const;
  // One result for each image, in the images' pixels.
  std::vector<std::vector<Detection>> Decode(const PreparedBatch& batch,
                                             std::span<const tensor::Tensor> outputs,
                                             const RunSettings& settings) const;

  // The detector's own settings, and those of a call with other thresholds. Throws UsageError where
  // the file does not take them.
  const RunSettings& settings() const { return settings_; }
  RunSettings SettingsFor(const Thresholds& call) const;

  int batch() const { return batch_; }
  int streams() const { return streams_; }
  double lowest_score() const { return lowest_score_; }
  const std::string& runtime() const { return session_->description(); }
  const std::vector<std::string>& classes() const { return resolved_.classes; }
  const std::vector<Rgb>& palette() const { return resolved_.palette; }
  const Preprocess& preprocess() const { return resolved_.preprocess; }
  const std::vector<std::string>& warnings() const { return resolved_.warnings; }
  const std::vector<std::string>& notes() const { return notes_; }
  std::string left_out() const { return wrong_->Text(model_); }
  // From now on what is left out here is counted there.
  void CountWith(const DetectorStages& other) { wrong_ = other.wrong_; }

 private:
  bool IsNhwc() const;  // its input is 8-bit pixels, channels last
  FileMetadata Recognize(FileMetadata metadata, const DetectorOptions& options);
  void RequireOneImage() const;
  void FitBatch(const DetectorOptions& options, std::int64_t extent);  // below 0: any
  void FitInput(const DetectorOptions& options);
  void FitRect(bool takes_any_size);
  void FitEitherOrientation();
  std::vector<tensor::Tensor> OptionalInputs(const PreparedBatch& batch,
                                             const RunSettings& settings) const;
  std::vector<tasks::detect::host::MinBox> MinBoxes(const PreparedBatch& batch) const;
  tasks::detect::host::MinBox MinBoxOf(const image::Letterbox& letterbox) const;
  void FindRawOutputs();
  void SetPolicy(const DetectorOptions& options);
  void FindMinBoxInput();
  RawDecoder HeadsOf(image::Extent input) const;
  std::vector<image::Letterbox> Plan(std::span<const ImageView> images) const;

  std::string model_;
  Thresholds thresholds_;  // as the options said
  ResolvedModel resolved_;
  std::shared_ptr<WrongAnswers> wrong_;  // so far
  std::unique_ptr<runtime::Session> session_;
  double lowest_score_ = 0;
  int streams_;
  mutable std::counting_semaphore<> free_streams_;
  int batch_ = 1;
  bool batch_is_fixed_ = true;
  Preprocess
      fitting_;  // the preprocessing, with an input that images of either orientation fit into
  int rect_stride_ =
      0;  // what sides of tight inputs are multiples of; 0: inputs of fitting_'s size
  std::optional<EndToEndOutputs> end_to_end_;  // nothing where boxes are to be suppressed
  std::optional<contract::RowFormat> rows_;    // nothing of raw heads, and of end_to_end_
  std::vector<std::string> notes_;
  bool is_foreign_ = false;  // another program's, recognized as such
  RunSettings settings_;
  std::optional<std::size_t>
      min_box_input_;  // which optional input is the size that boxes must exceed
  mutable std::once_flag blank_made_;
  mutable PreparedBatch blank_;
};

}  // namespace yoloport::detect
