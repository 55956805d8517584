#include "sources/mmyolo/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "models/config_reading.h"
#include "sources/mmyolo/config_arguments.h"
#include "sources/mmyolo/evaluated_dataset.h"
#include "sources/mmyolo/image_transforms.h"

namespace yoloport::sources::mmyolo {
namespace {

using config::ConfigNode;

std::optional<ConfigNode> FindPipeline(const ConfigNode& root) {
  if (auto pipeline = FindInTestDataset(root, "pipeline")) return pipeline;
  return root.Find("test_pipeline");
}

// One number for all channels, or one a channel.
std::array<float, 3> ReadChannels3(const ConfigNode& preprocessor, std::string_view key,
                                   float fallback, const base::Range& range) {
  const auto list = preprocessor.Find(key);
  if (!list || list->IsNone()) return {fallback, fallback, fallback};
  const std::size_t count = list->AsDoubles().size();
  if (count != 1 && count != 3) list->Fail("needs three numbers, one a channel");
  return ReadTriple(*list, range);
}

// What a data preprocessor does to images: normalize, then pad a batch to one size.
struct Preprocessor {
  bool rgb = false;
  std::array<float, 3> mean = {0, 0, 0};
  std::array<float, 3> std = {1, 1, 1};
  float pad_value = 0;            // of what is normalized
  std::int64_t size_divisor = 1;  // of a batch's height and width
};

bool IsStated(const ConfigNode& dict, std::string_view key) {
  const auto node = dict.Find(key);
  return node && !node->IsNone();
}

// MMEngine's ImgDataPreprocessor asserts these.
void RequireWhatMmengineDoes(const ConfigNode& node) {
  if (node.Get("bgr_to_rgb", false) && node.Get("rgb_to_bgr", false)) {
    node["rgb_to_bgr"].Fail("cannot be True beside bgr_to_rgb, which swaps the same channels",
                            "images are read blue first: leave rgb_to_bgr out");
  }
  if (IsStated(node, "mean") == IsStated(node, "std")) return;
  const bool has_mean = IsStated(node, "mean");
  node[has_mean ? "mean" : "std"].Fail(
      fmt::format("is stated without {}, which MMEngine refuses", has_mean ? "std" : "mean"),
      has_mean ? "std=[1, 1, 1] divides by nothing" : "mean=[0, 0, 0] subtracts nothing");
}

// What MMEngine fails on where images have one channel.
void RequireGray(const ConfigNode& model) {
  const auto node = model.Find("data_preprocessor");
  if (!node || node->IsNone()) return;
  for (const char* key : {"bgr_to_rgb", "rgb_to_bgr"}) {
    if (node->Get(key, false)) (*node)[key].Fail("swaps channels, and images are read gray");
  }
  for (const char* key : {"mean", "std"}) {
    if (IsStated(*node, key) && (*node)[key].size() != 1) {
      (*node)[key].Fail("needs one number, since images are read gray");
    }
  }
}

Preprocessor ReadPreprocessor(const ConfigNode& model) {
  Preprocessor out;
  const auto node = model.Find("data_preprocessor");
  if (!node || node->IsNone()) return out;
  models::RequireType(
      *node, {"YOLOv5DetDataPreprocessor", "PPYOLOEDetDataPreprocessor", "DetDataPreprocessor"});
  RequireKnownKeys(*node, "data_preprocessor",
                   {"mean", "std", "bgr_to_rgb", "rgb_to_bgr", "pad_size_divisor", "pad_value",
                    // For training, or for masks:
                    "batch_augments", "boxtype2tensor", "non_blocking", "pad_mask",
                    "mask_pad_value", "pad_seg", "seg_pad_value"});
  // Images are read blue first; "rgb_to_bgr" swaps the same way.
  out.rgb = node->Get("bgr_to_rgb", false) || node->Get("rgb_to_bgr", false);
  out.mean = ReadChannels3(*node, "mean", 0, base::kMeanRange);
  out.std = ReadChannels3(*node, "std", 1, base::kStdRange);
  out.pad_value = static_cast<float>(models::NumberIn(*node, "pad_value", 0, base::kMeanRange));
  out.size_divisor = models::WholeNumberIn(*node, "pad_size_divisor", 1, base::kInputSideRange);
  RequireWhatMmengineDoes(*node);
  return out;
}

WidthHeight SizeOf(const ExportedInput& input) { return {input.width, input.height}; }

std::int64_t MultipleOf(std::int64_t divisor, std::int64_t at_least) {
  return (at_least + divisor - 1) / divisor * divisor;
}

// The next multiple of the network's stride, behind the preprocessor's padding.
std::int64_t RoundUp(std::int64_t edge, std::int64_t divisor, int stride) {
  return MultipleOf(stride, MultipleOf(divisor, edge));
}

// Whether the config pads every image to `side` at least, in both directions.
bool PadsToAll(std::int64_t side, const ImageTransforms& transforms, std::int64_t divisor) {
  const WidthHeight& edges = *transforms.edges;
  const std::int64_t least = transforms.pads_to_square ? std::min(edges[0], edges[1]) : 1;
  return MultipleOf(divisor, MultipleOf(transforms.size_divisor, least)) >= side;
}

// Whether an image of such edges fits into the input in one orientation at least, and the input is
// made for them: it is what the config pads to, or the next multiples of the stride.
bool IsMadeFor(const ExportedInput& input, const ImageTransforms& transforms,
               std::int64_t divisor) {
  const auto [short_edge, long_edge] = std::minmax((*transforms.edges)[0], (*transforms.edges)[1]);
  const auto [low, high] = std::minmax(input.width, input.height);
  const bool is_canvas = transforms.canvas == SizeOf(input);
  // LetterResize shrinks what YOLOv5KeepRatioResize left too large.
  if (is_canvas && transforms.preprocess.pad_side == PadSide::kCenter) return true;
  if (long_edge > high || short_edge > low) return false;
  if (is_canvas) return true;
  const bool is_square = low == high;
  const auto is_rounded = [&, short_edge = short_edge, long_edge = long_edge, low = low,
                           high = high](std::int64_t to) {
    return RoundUp(long_edge, to, input.stride) == high &&
           (is_square || RoundUp(short_edge, to, input.stride) == low);
  };
  return is_rounded(1) || is_rounded(divisor);
}

// Says so where the config tests its network at another size than is exported, and which size to
// export instead.
void NoteSize(const WidthHeight& tested, std::int64_t divisor, const ExportedInput& input,
              std::vector<std::string>& notes) {
  if (tested == SizeOf(input)) return;
  const WidthHeight nearest = {RoundUp(tested[0], divisor, input.stride),
                               RoundUp(tested[1], divisor, input.stride)};
  if (nearest == tested) {
    notes.push_back(fmt::format("the config tests its network at --img-size {} {}, not {} {}",
                                tested[1], tested[0], input.height, input.width));
    return;
  }
  std::string note = fmt::format(
      "the config resizes images to {} {} (height, width), which the network's stride of {} does "
      "not divide",
      tested[1], tested[0], input.stride);
  if (nearest == SizeOf(input)) {
    note += fmt::format(": they are made for {} {} here", input.height, input.width);
  } else {
    note += fmt::format(": --img-size {} {} is nearest, not {} {}", nearest[1], nearest[0],
                        input.height, input.width);
  }
  notes.push_back(std::move(note));
}

// mmdet.Resize takes a wide image as wide and an upright one as high as its longer edge; an input
// of fixed size holds one of them. Says so and gives true where it does not hold both.
bool NoteOrientation(const ImageTransforms& transforms, std::int64_t divisor,
                     const ExportedInput& input, std::vector<std::string>& notes) {
  const auto [short_edge, long_edge] = std::minmax((*transforms.edges)[0], (*transforms.edges)[1]);
  if (input.is_dynamic || std::min(input.width, input.height) >= long_edge) return false;
  const bool is_wide = input.width > input.height;
  const int side = std::max(input.width, input.height);
  const bool is_square = !transforms.canvas && PadsToAll(side, transforms, divisor);
  notes.push_back(fmt::format(
      "the config resizes {} images to {} x {} (width x height), which the input of {} x {} does "
      "not hold: they become smaller than in MMYOLO. --img-size {} {}{} gives MMYOLO's size",
      is_wide ? "upright" : "wide", is_wide ? short_edge : long_edge,
      is_wide ? long_edge : short_edge, input.width, input.height, is_square ? side : input.height,
      is_square ? side : input.width, is_square ? "" : " --dynamic height,width"));
  return true;
}

// An input of fixed size is padded to the whole of it, whatever the config asks; one of any size is
// tightened where it turns with the image, or where detect is told to.
void NoteWiderPadding(const ImageTransforms& transforms, std::int64_t divisor,
                      const ExportedInput& input, std::vector<std::string>& notes) {
  if (transforms.canvas || transforms.ignores_pad_size) return;
  if (PadsToAll(std::max(input.width, input.height), transforms, divisor)) return;
  const auto [short_edge, long_edge] = std::minmax((*transforms.edges)[0], (*transforms.edges)[1]);
  const bool turns = short_edge != long_edge;
  if (turns && input.is_dynamic) return;
  const std::string differ = fmt::format(
      "the config does not pad every image to the whole input of {} x {} as the file "
      "does, so that detections differ: ",
      input.width, input.height);
  const std::int64_t wanted = MultipleOf(divisor, transforms.size_divisor);
  if (input.stride % wanted != 0) {
    notes.push_back(
        fmt::format("{}no file pads to multiples of {} as MMYOLO does", differ, wanted));
    return;
  }
  if (input.is_dynamic) {
    notes.push_back(differ + "detect --rect gives MMYOLO's padding");
    return;
  }
  notes.push_back(fmt::format("{}--img-size {} {} --dynamic height,width {} MMYOLO's padding",
                              differ, RoundUp(short_edge, divisor, input.stride),
                              RoundUp(long_edge, divisor, input.stride),
                              turns ? "gives" : "and detect --rect give"));
}

// LetterResize's use_mini_pad pads to multiples of 32 only.
void NoteMiniPadding(const ImageTransforms& transforms, const ExportedInput& input,
                     std::vector<std::string>& notes) {
  if (!transforms.pads_mini) return;
  notes.push_back(fmt::format(
      "use_mini_pad: images are padded to the whole input{}, where MMYOLO pads to multiples of 32. "
      "{}detect --rect pads to multiples of {}{}",
      input.is_dynamic ? " by default" : ", whose size is fixed",
      input.is_dynamic ? "" : "In a file exported with --dynamic height,width, ", input.stride,
      input.stride == 32 ? " as MMYOLO does" : ", the network's largest stride"));
}

// How the sizes that the pipeline states and that of the input go together.
void FitSizes(const ImageTransforms& transforms, std::int64_t divisor, const ExportedInput& input,
              PreprocessReport& report) {
  Preprocess& preprocess = report.preprocess;
  preprocess.height = input.height;
  preprocess.width = input.width;
  const std::optional<WidthHeight>& edges = transforms.edges;
  const std::optional<WidthHeight>& canvas = transforms.canvas;
  const bool keeps_ratio = edges && preprocess.resize == ResizeKind::kLetterbox;
  const bool is_made_for = keeps_ratio && IsMadeFor(input, transforms, divisor);
  if (canvas) {
    NoteSize(*canvas, divisor, input, report.notes);
  } else if (keeps_ratio && !is_made_for) {
    NoteSize(*edges, divisor, input, report.notes);
  }
  if (!is_made_for) return;
  const auto [short_edge, long_edge] = std::minmax((*edges)[0], (*edges)[1]);
  const auto [low, high] = std::minmax(input.width, input.height);
  // LetterResize fits images into its scale, which does not turn.
  const bool turns = short_edge != long_edge && preprocess.pad_side == PadSide::kRightBottom;
  if (!turns || !NoteOrientation(transforms, divisor, input, report.notes)) {
    NoteWiderPadding(transforms, divisor, input, report.notes);
  }
  if (!turns && short_edge == low && long_edge == high) return;
  preprocess.long_edge = static_cast<int>(long_edge);
  preprocess.short_edge = static_cast<int>(short_edge);
  if (!turns || !input.is_dynamic) return;
  if (canvas && *canvas == SizeOf(input)) preprocess.pad_to = PadTo::kInput;
  if (transforms.pads_to_square) preprocess.pad_to = PadTo::kSquare;
}

// An input that turns with the image is of multiples of the stride.
void NoteDivisor(std::string_view key, std::int64_t divisor, const ExportedInput& input,
                 PreprocessReport& report) {
  if (!input.is_dynamic || !report.preprocess.turns() || input.stride % divisor == 0) return;
  report.notes.push_back(
      fmt::format("the config pads images to multiples of {} ({}); inputs that turn with the image "
                  "are padded to multiples of {}, the network's largest stride",
                  divisor, key, input.stride));
}

// Whether what a transform padded is of multiples of `divisor`, whatever the image.
bool PadsToMultiplesOf(std::int64_t divisor, const ImageTransforms& transforms) {
  const auto fits = [&](std::int64_t extent) { return extent % divisor == 0; };
  if (transforms.canvas) return fits((*transforms.canvas)[0]) && fits((*transforms.canvas)[1]);
  if (fits(transforms.size_divisor)) return true;
  const std::optional<WidthHeight>& edges = transforms.edges;
  return transforms.pads_to_square && edges && (*edges)[0] == (*edges)[1] && fits((*edges)[0]);
}

// What a transform leaves to be padded, the preprocessor pads behind normalization, with its own
// value; a file pads once.
void NoteSecondPadding(const ImageTransforms& transforms, const Preprocessor& preprocessor,
                       std::vector<std::string>& notes) {
  const std::int64_t divisor = preprocessor.size_divisor;
  if (!transforms.pads || transforms.preprocess.resize == ResizeKind::kStretch) return;
  if (PadsToMultiplesOf(divisor, transforms)) return;
  const std::array<float, 3>& pixel = transforms.preprocess.pad_value;  // blue first
  std::array<float, 3> same{};
  bool differs = false;
  for (std::size_t i = 0; i < 3; ++i) {
    const float value = pixel[preprocessor.rgb ? 2 - i : i];
    same[i] = (value - preprocessor.mean[i]) / preprocessor.std[i];
    differs = differs || std::abs(same[i] - preprocessor.pad_value) > 1e-3F;
  }
  if (!differs) return;
  notes.push_back(fmt::format(
      "MMYOLO pads twice: what the test pipeline leaves up to multiples of {} (data_preprocessor's "
      "pad_size_divisor) gets data_preprocessor's pad_value {:g}; here all padding is the "
      "pipeline's pad_val, which is {:g} {:g} {:g} behind normalization",
      divisor, preprocessor.pad_value, same[0], same[1], same[2]));
}

// Where no transform pads, the preprocessor does, behind normalization.
void FitPadding(const ImageTransforms& transforms, const Preprocessor& preprocessor,
                const ExportedInput& input, PreprocessReport& report) {
  Preprocess& preprocess = report.preprocess;
  if (transforms.resizes && !transforms.pads && preprocess.resize == ResizeKind::kLetterbox) {
    preprocess.pad_domain = PadDomain::kInput;
    preprocess.pad_value.fill(preprocessor.pad_value);
  }
  NoteSecondPadding(transforms, preprocessor, report.notes);
  NoteDivisor("Pad's size_divisor", transforms.size_divisor, input, report);
  NoteDivisor("data_preprocessor's pad_size_divisor", preprocessor.size_divisor, input, report);
  const std::int64_t divisor = preprocessor.size_divisor;
  if (input.height % divisor != 0 || input.width % divisor != 0) {
    report.notes.push_back(
        fmt::format("the config pads images to multiples of {} (data_preprocessor's "
                    "pad_size_divisor), and the input of {} x {} is none",
                    divisor, input.width, input.height));
  }
}

ImageTransforms TestTransforms(const ConfigNode& root) {
  const auto pipeline = FindPipeline(root);
  return pipeline ? ReadTransforms(*pipeline) : ImageTransforms();
}

}  // namespace

std::optional<InputSize> TestSize(const ConfigNode& root, const ConfigNode& model, int stride,
                                  bool is_dynamic) {
  const std::int64_t divisor = ReadPreprocessor(model).size_divisor;
  const ImageTransforms transforms = TestTransforms(root);
  const auto& stated = transforms.canvas ? transforms.canvas : transforms.edges;
  if (!stated) return std::nullopt;
  WidthHeight size = *stated;
  const bool turns = !transforms.canvas && size[0] != size[1];
  if (turns && !is_dynamic) size.fill(std::max(size[0], size[1]));
  return InputSize{RoundUp(size[1], divisor, stride), RoundUp(size[0], divisor, stride)};
}

PreprocessReport ReadPreprocess(const ConfigNode& root, const ConfigNode& model,
                                const ExportedInput& input) {
  const Preprocessor preprocessor = ReadPreprocessor(model);
  const ImageTransforms transforms = TestTransforms(root);
  PreprocessReport report{transforms.preprocess, transforms.notes};
  base::AppendNotes(report.notes, TestDatasetNotes(root));
  FitSizes(transforms, preprocessor.size_divisor, input, report);
  NoteMiniPadding(transforms, input, report.notes);
  FitPadding(transforms, preprocessor, input, report);
  if (report.preprocess.channels == 1) RequireGray(model);
  report.preprocess.rgb = preprocessor.rgb;
  report.preprocess.mean = preprocessor.mean;
  report.preprocess.std = preprocessor.std;
  if (!transforms.resizes) {
    report.notes.emplace_back(
        "the config has no test pipeline that resizes: images are letterboxed as YOLOv5 does");
  }
  return report;
}

}  // namespace yoloport::sources::mmyolo
