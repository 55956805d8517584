#include "pipeline/recipe.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "models/common.h"
#include "pipeline/test_dataset.h"

namespace yoloport {
namespace {

// Transforms that load, annotate or pack, and so leave the image as it is.
constexpr std::array<std::string_view, 6> kNoChange = {"LoadImageFromFile", "LoadImageFromNDArray",
                                                       "LoadAnnotations",   "PackDetInputs",
                                                       "RemoveDataElement", "Compose"};

std::optional<ConfigNode> FindPipeline(const ConfigNode& root) {
  if (auto pipeline = FindInTestDataset(root, "pipeline")) return pipeline;
  return root.Find("test_pipeline");
}

Interpolation ReadInterpolation(const ConfigNode& transform, std::string_view default_name) {
  const std::string name = transform.Get("interpolation", std::string(default_name));
  if (name == "nearest") return Interpolation::kNearest;
  if (name == "bilinear") return Interpolation::kBilinear;
  if (name == "bicubic") return Interpolation::kBicubic;
  if (name == "area") return Interpolation::kArea;
  if (name == "lanczos") return Interpolation::kLanczos;
  transform["interpolation"].Fail("unknown interpolation " + Quote(name),
                                  "known are nearest, bilinear, bicubic, area and lanczos");
}

// A list of three numbers, or of one that stands for three.
std::array<float, 3> Triple(const ConfigNode& list, const Range& range) {
  std::array<float, 3> numbers{};
  for (std::size_t i = 0; i < 3; ++i) {
    numbers[i] = static_cast<float>(NumberIn(list[list.size() == 1 ? 0 : i], range));
  }
  return numbers;
}

// `pad_val`: a number, or a dict whose `img` is a number or one a channel. MMYOLO spreads an int
// over the channels; a float reaches OpenCV as a scalar, which pads the first channel only.
std::array<float, 3> ReadPadValue(const ConfigNode& transform, double default_value) {
  const auto fallback = static_cast<float>(default_value);
  auto value = transform.Find("pad_val");
  if (value && value->IsDict()) value = value->Find("img");
  if (!value || value->IsNone()) return {fallback, fallback, fallback};
  if (!value->IsList()) {
    const auto number = static_cast<float>(NumberIn(*value, kPadValueRange));
    if (value->IsDouble()) return {number, 0, 0};
    return {number, number, number};
  }
  if (value->AsDoubles().size() != 3) value->Fail("needs one number or three");
  return Triple(*value, kPadValueRange);
}

// Width and height that a transform resizes to, where it says.
std::optional<std::array<std::int64_t, 2>> ReadScale(const ConfigNode& transform) {
  if (const auto scale = transform.Find("scale"); scale && scale->IsList() && scale->size() == 2) {
    const std::vector<std::int64_t> size = scale->AsInts();
    return {{size[0], size[1]}};
  }
  if (transform.Has("width") && transform.Has("height")) {
    return {{transform["width"].AsInt(), transform["height"].AsInt()}};
  }
  return std::nullopt;
}

// Says so where the config tests its network at another size than is exported.
void NoteScale(const ConfigNode& transform, RecipeReport& report) {
  const auto scale = ReadScale(transform);
  const ImageRecipe& recipe = report.recipe;
  if (!scale || ((*scale)[0] == recipe.width && (*scale)[1] == recipe.height)) return;
  const auto size = [](std::int64_t height, std::int64_t width) {
    return std::to_string(height) + " " + std::to_string(width);
  };
  report.notes.push_back("the config tests its network at --img-size " +
                         size((*scale)[1], (*scale)[0]) + ", not " +
                         size(recipe.height, recipe.width));
}

void ReadTransform(const ConfigNode& transform, RecipeReport& report, bool& resized) {
  ImageRecipe& recipe = report.recipe;
  const std::string type = WithoutScope(transform["type"].AsString());
  if (std::find(kNoChange.begin(), kNoChange.end(), type) != kNoChange.end()) return;
  if (!resized) NoteScale(transform, report);
  if (type == "YOLOv5KeepRatioResize") {
    recipe.rounding = Rounding::kTruncate;
    recipe.shrink = Interpolation::kArea;
    recipe.enlarge = Interpolation::kBilinear;
    resized = true;
  } else if (type == "LetterResize") {
    if (!resized) {
      recipe.rounding = Rounding::kHalfEven;
      recipe.shrink = recipe.enlarge = ReadInterpolation(transform, "bilinear");
    }
    recipe.allow_scale_up = transform.Get("allow_scale_up", true);
    if (transform.Get("stretch_only", false)) recipe.resize = ResizeKind::kStretch;
    recipe.pad_side = PadSide::kCenter;
    recipe.pad_value = ReadPadValue(transform, 0);
    if (transform.Get("use_mini_pad", false)) {
      report.notes.emplace_back("use_mini_pad does not apply: the file's input size is fixed");
    }
    resized = true;
  } else if (type == "Resize" || type == "FixShapeResize") {
    recipe.resize =
        transform.Get("keep_ratio", false) ? ResizeKind::kLetterbox : ResizeKind::kStretch;
    recipe.rounding = Rounding::kHalfUp;
    recipe.shrink = recipe.enlarge = ReadInterpolation(transform, "bilinear");
    recipe.pad_side = PadSide::kRightBottom;
    resized = true;
  } else if (type == "Pad") {
    recipe.pad_side = PadSide::kRightBottom;
    recipe.pad_value = ReadPadValue(transform, 0);
  } else {
    transform["type"].Fail(
        "the test pipeline's transform " + Quote(type) + " is not known",
        "known are YOLOv5KeepRatioResize, LetterResize, Resize, FixShapeResize and Pad");
  }
}

// Test-time augmentation: a list of lists of alternatives; the plain branch takes the first of
// each.
void ReadPipeline(const ConfigNode& pipeline, RecipeReport& report, bool& resized) {
  for (std::size_t i = 0; i < pipeline.size(); ++i) {
    const ConfigNode step = pipeline[i];
    if (step.IsList()) {
      if (step.size() > 0) ReadTransform(step[0], report, resized);
    } else if (WithoutScope(step["type"].AsString()) == "TestTimeAug") {
      report.notes.emplace_back("test-time augmentation is reduced to its first, plain branch");
      ReadPipeline(step["transforms"], report, resized);
    } else if (const auto inner = step.Find("transforms"); inner) {
      ReadPipeline(*inner, report, resized);  // Compose
    } else {
      ReadTransform(step, report, resized);
    }
  }
}

std::array<float, 3> ReadChannels3(const ConfigNode& preprocessor, std::string_view key,
                                   float fallback, const Range& range) {
  const auto list = preprocessor.Find(key);
  if (!list || list->IsNone()) return {fallback, fallback, fallback};
  const std::size_t count = list->AsDoubles().size();
  if (count != 1 && count != 3) list->Fail("needs three numbers, one a channel");
  return Triple(*list, range);
}

void ReadPreprocessor(const ConfigNode& model, ImageRecipe& recipe) {
  recipe.rgb = false;
  recipe.mean = {0, 0, 0};
  recipe.std = {1, 1, 1};
  const auto preprocessor = model.Find("data_preprocessor");
  if (!preprocessor || preprocessor->IsNone()) return;
  // Images are read blue first; "rgb_to_bgr" swaps the same way.
  recipe.rgb = preprocessor->Get("bgr_to_rgb", false) || preprocessor->Get("rgb_to_bgr", false);
  recipe.mean = ReadChannels3(*preprocessor, "mean", 0, kMeanRange);
  recipe.std = ReadChannels3(*preprocessor, "std", 1, kStdRange);
}

}  // namespace

RecipeReport ReadRecipe(const ConfigNode& root, const ConfigNode& model, int height, int width) {
  RecipeReport report;
  report.recipe.height = height;
  report.recipe.width = width;
  ReadPreprocessor(model, report.recipe);
  const auto pipeline = FindPipeline(root);
  bool resized = false;
  if (pipeline) {
    report.recipe.pad_value = {0, 0, 0};
    ReadPipeline(*pipeline, report, resized);
  }
  if (!resized) {
    report.notes.emplace_back(
        "the config has no test pipeline that resizes: images are letterboxed as YOLOv5 does");
  }
  return report;
}

}  // namespace yoloport
