// The outputs of a file that ends with its heads (`--model-only`, of yoloport or easydeploy): which
// level each is, and what is in it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contract/model_card.h"
#include "detect/wrong_answers.h"
#include "runtime/session.h"
#include "tasks/detect/host/raw_decode.h"
#include "tensor/tensor.h"
#include "yoloport/model_description.h"
#include "yoloport/types.h"

namespace yoloport::detect {

// What is known of a head before its outputs are seen.
struct RawHeadInfo {
  std::string type;  // one of contract::ModelTypeNames(); empty: not known
  int num_classes = 0;
  int bins = 0;
  double prior_offset = 0;
  bool clips_boxes = false;                 // as contract::HeadSpec
  std::vector<std::array<int, 2>> strides;  // x, y per level; empty: what the outputs' sizes say
  Anchors anchors;
};

// From the type alone, as easydeploy's demo takes it. `type` is one of contract::ModelTypeNames().
RawHeadInfo RawHeadOfType(const std::string& type, int num_classes);
RawHeadInfo RawHeadOf(const contract::ModelCard& info);

// Whether all outputs are maps: batch x some channels x height x width floats, or channels last.
bool AreRawHeads(std::span<const runtime::ValueInfo> outputs);

// Reads the raw outputs of a network whose input is height x width.
class RawDecoder {
 public:
  RawDecoder(RawHeadInfo info, int height, int width, std::string model)
      : info_(std::move(info)), height_(height), width_(width), model_(std::move(model)) {}

  // Throws ModelError that shows what the type needs and what the outputs are where those do not
  // fit together. Extents that are not known yet (-1) fit.
  void Check(std::span<const runtime::ValueInfo> outputs) const;

  // The detections of the first images of a batch, one list and one of `min_boxes` each, in the
  // network's pixels, best first. What can be no detection is left out and added to `wrong`. Any
  // float element types do. Throws ModelError as Check() does. Thread-safe.
  std::vector<std::vector<Detection>> Read(std::span<const tensor::Tensor> outputs,
                                           const contract::NmsPolicy& policy,
                                           std::span<const tasks::detect::host::MinBox> min_boxes,
                                           WrongAnswers& wrong) const;

 private:
  struct Fit;
  std::optional<Fit> FitLayout(std::span<const tensor::Shape> shapes, bool channels_last) const;
  Fit FitShapes(std::span<const tensor::Shape> shapes, std::span<const std::string> names) const;
  std::optional<std::vector<std::array<int, 2>>> StridesOf(
      std::vector<std::array<int, 2>> extents) const;
  std::optional<std::vector<std::size_t>> OrderLevels(
      std::span<const std::array<int, 2>> extents,
      std::span<const std::array<int, 2>> strides) const;
  std::string NeededText(std::size_t levels) const;

  RawHeadInfo info_;
  int height_;
  int width_;
  std::string model_;
};

}  // namespace yoloport::detect
