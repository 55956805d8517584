#include "detect/run_settings.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/text.h"
#include "contract/input_names.h"
#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

using base::Quote;
using runtime::ValueInfo;
using tensor::DType;
using tensor::Tensor;

// As a float32 tensor holds it, compared with "greater than" where the option says "at least".
float JustBelow(double threshold) { return std::nextafter(static_cast<float>(threshold), 0.0F); }

// False where no input has that name and takes such a value.
bool Set(std::span<const ValueInfo> inputs, std::string_view name, const Tensor& value,
         std::vector<Tensor>& values) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool fits = inputs[i].name == name && inputs[i].dtype == value.dtype() &&
                      inputs[i].shape == value.shape();
    if (fits) values[i] = value;
    if (fits) return true;
  }
  return false;
}

}  // namespace

bool HasInput(std::span<const ValueInfo> inputs, std::string_view name) {
  return std::any_of(inputs.begin(), inputs.end(),
                     [&](const ValueInfo& input) { return input.name == name; });
}

RunSettings EndToEndSettings(const Thresholds& thresholds, std::span<const ValueInfo> inputs,
                             const std::string& model, bool is_foreign) {
  RunSettings settings;
  settings.score_threshold = thresholds.score_threshold.value_or(0);
  settings.inputs.resize(inputs.size());
  const auto require = [&](bool is_set, const char* what, const char* hint) {
    if (!is_set) throw UsageError(Quote(model) + ": the " + what + " is fixed in this file", hint);
  };
  if (settings.score_threshold > 0) {
    const Tensor score = Tensor::Of<float>({1}, {JustBelow(settings.score_threshold)});
    Set(inputs, contract::kScoreInput, score, settings.inputs);
  }
  if (thresholds.iou_threshold) {
    const Tensor iou = Tensor::Of<float>({1}, {static_cast<float>(*thresholds.iou_threshold)});
    require(Set(inputs, contract::kIouInput, iou, settings.inputs), "IoU threshold",
            is_foreign ? "export it with another, by the program that made it"
                       : "export with --runtime-thresholds, or change it with yoloport set");
  }
  if (thresholds.class_agnostic) {
    const Tensor flag =
        Tensor::Of<std::uint8_t>({1}, {*thresholds.class_agnostic}).To(DType::kBool);
    require(Set(inputs, contract::kClassAgnosticInput, flag, settings.inputs),
            "suppression across classes",
            is_foreign ? "export it so by the program that made it"
                       : "export with --class-agnostic, or with --runtime-thresholds");
  }
  return settings;
}

RunSettings SuppressionSettings(const Thresholds& thresholds, contract::NmsPolicy nms) {
  nms.score_threshold = thresholds.score_threshold.value_or(nms.score_threshold);
  nms.iou_threshold = thresholds.iou_threshold.value_or(nms.iou_threshold);
  nms.class_agnostic = thresholds.class_agnostic.value_or(nms.class_agnostic);
  return {0, {}, nms};
}

}  // namespace yoloport::detect
