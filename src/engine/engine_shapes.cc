#include "engine/engine_shapes.h"

#include <algorithm>

#include "base/text.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::engine {
namespace {

using base::ShapeText;
using onnx::outline::OnnxValue;
using tensor::Shape;

// The extents of an input, -1 where the file leaves them open.
Shape FileShape(const OnnxValue& input) {
  Shape shape;
  for (const std::string& extent : input.extents) {
    shape.push_back(std::max<std::int64_t>(ParseNumber<std::int64_t>(extent).value_or(-1), -1));
  }
  return shape;
}

bool IsOpen(const Shape& shape) {
  return std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent < 0; });
}

// "Nx3x640x640": the file's names for what it leaves open.
std::string InputText(const OnnxValue& input) {
  std::string text;
  for (const std::string& extent : input.extents) text += (text.empty() ? "" : "x") + extent;
  return base::Quote(input.name) + " of the file, which is " + base::Quote(text);
}

void CheckFits(const char* option, const Shape& given, const Shape& file, const OnnxValue& input) {
  bool fits = given.size() == file.size();
  for (std::size_t i = 0; fits && i < file.size(); ++i) {
    fits = given[i] > 0 && (file[i] < 0 || given[i] == file[i]);
  }
  if (fits) return;
  throw UsageError(
      std::string(option) + " " + ShapeText(given) + " does not fit the input " + InputText(input),
      IsOpen(file) ? "" : "export with --dynamic to leave extents open");
}

void CheckOrder(const char* low_option, const Shape& low, const char* high_option,
                const Shape& high) {
  for (std::size_t i = 0; i < low.size(); ++i) {
    if (low[i] <= high[i]) continue;
    throw UsageError(std::string(low_option) + " " + ShapeText(low) + " is not within " +
                     high_option + " " + ShapeText(high));
  }
}

// One image of the usual size.
Shape UsualShape(const Shape& file, const OnnxValue& input,
                 const std::optional<contract::ModelCard>& info) {
  Shape shape = file;
  if (shape.size() == 4 && info) {
    const bool nhwc =
        info->preprocess.type == InputType::kUint8 && info->preprocess.layout == InputLayout::kNhwc;
    const Preprocess& preprocess = info->preprocess;
    const Shape usual = nhwc ? Shape{1, preprocess.height, preprocess.width, preprocess.channels}
                             : Shape{1, preprocess.channels, preprocess.height, preprocess.width};
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] < 0) shape[i] = usual[i];
    }
  } else if (!shape.empty() && shape[0] < 0) {
    shape[0] = 1;
  }
  if (!IsOpen(shape)) return shape;
  throw UsageError("--opt-shape is missing for the input " + InputText(input));
}

}  // namespace

std::optional<runtime::ShapeProfile> PlanShapes(const EngineOptions& options,
                                                const OnnxValue& input,
                                                const std::optional<contract::ModelCard>& info) {
  const Shape file = FileShape(input);
  if (!options.min_shape.empty()) CheckFits("--min-shape", options.min_shape, file, input);
  if (!options.opt_shape.empty()) CheckFits("--opt-shape", options.opt_shape, file, input);
  if (!options.max_shape.empty()) CheckFits("--max-shape", options.max_shape, file, input);
  if (!IsOpen(file)) return std::nullopt;
  runtime::ShapeProfile profile;
  profile.opt = options.opt_shape.empty() ? UsualShape(file, input, info) : options.opt_shape;
  profile.min = options.min_shape.empty() ? profile.opt : options.min_shape;
  profile.max = options.max_shape.empty() ? profile.opt : options.max_shape;
  CheckOrder("--min-shape", profile.min, "--opt-shape", profile.opt);
  CheckOrder("--opt-shape", profile.opt, "--max-shape", profile.max);
  return profile;
}

}  // namespace yoloport::engine
