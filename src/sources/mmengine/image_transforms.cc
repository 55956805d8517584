#include "sources/mmengine/image_transforms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/model_ranges.h"
#include "base/text.h"
#include "models/config_reading.h"
#include "sources/mmengine/config_arguments.h"
#include "sources/mmengine/packed_keys.h"

namespace yoloport::sources::mmengine {
namespace {

using base::kInputSideRange;
using base::Quote;
using config::ConfigNode;
using models::WithoutScope;

// Reads a transform's arguments; those that do not matter for images are left alone.
using ReadFunction = void (*)(const ConfigNode& transform, ImageTransforms& out);

struct Transform {
  std::string_view type;
  ReadFunction read;
  // Its arguments. Empty: it does not touch pixels, whatever its arguments are.
  std::vector<std::string> arguments = {};
};

Interpolation ReadInterpolation(const ConfigNode& transform) {
  const std::string name = transform.Get("interpolation", "bilinear");
  if (name == "nearest") return Interpolation::kNearest;
  if (name == "bilinear") return Interpolation::kBilinear;
  if (name == "bicubic") return Interpolation::kBicubic;
  if (name == "area") return Interpolation::kArea;
  if (name == "lanczos") return Interpolation::kLanczos;
  transform["interpolation"].Fail("unknown interpolation " + Quote(name),
                                  "known are nearest, bilinear, bicubic, area and lanczos");
}

// Pillow resizes by other formulas.
void RequireOpenCv(const ConfigNode& transform) {
  const std::string backend = transform.Get("backend", "cv2");
  if (backend == "cv2") return;
  transform["backend"].Fail("only images resized by 'cv2' are supported, not by " + Quote(backend),
                            "set it to 'cv2' with --cfg-options; resized pixels then differ");
}

// `pad_val`: a number, or a dict whose `img` is a number or one a channel. MMYOLO spreads an int
// over the channels; a float reaches OpenCV as a scalar, which pads the first channel only.
std::array<float, 3> ReadPadValue(const ConfigNode& transform) {
  auto value = transform.Find("pad_val");
  if (value && value->IsDict()) {
    RequireKnownKeys(*value, "pad_val", {"img", "mask", "masks", "seg"});
    value = value->Find("img");
  }
  if (!value || value->IsNone()) return {0, 0, 0};
  if (!value->IsList()) {
    const auto number = static_cast<float>(models::NumberIn(*value, base::kPadValueRange));
    if (value->IsDouble()) return {number, 0, 0};
    return {number, number, number};
  }
  if (value->AsDoubles().size() != 3) value->Fail("needs one number or three");
  return ReadTriple(*value, base::kPadValueRange);
}

// Pixels of an edge, as far as a file can state them.
void RequireSide(const ConfigNode& node, std::int64_t pixels) {
  if (kInputSideRange.Holds(static_cast<double>(pixels))) return;
  node.Fail(fmt::format("must be from {:g} to {:g} pixels, not {}", kInputSideRange.low,
                        kInputSideRange.high, pixels));
}

std::int64_t ReadSide(const ConfigNode& node) {
  const std::int64_t pixels = node.AsInt();
  RequireSide(node, pixels);
  return pixels;
}

// Two numbers, or one for both.
std::optional<WidthHeight> ReadExtents(const ConfigNode& transform, std::string_view key) {
  const auto node = transform.Find(key);
  if (!node || node->IsNone()) return std::nullopt;
  WidthHeight extents{};
  if (node->IsList()) {
    const std::vector<std::int64_t> numbers = node->AsInts();
    if (numbers.size() != 2) node->Fail("needs a width and a height");
    extents = {numbers[0], numbers[1]};
  } else {
    extents = {node->AsInt(), node->AsInt()};
  }
  for (const std::int64_t extent : extents) RequireSide(*node, extent);
  return extents;
}

// Whether `size` holds an image of such edges in one orientation at least.
bool Holds(const WidthHeight& size, const WidthHeight& edges) {
  const auto [short_edge, long_edge] = std::minmax(edges[0], edges[1]);
  const auto [low, high] = std::minmax(size[0], size[1]);
  return long_edge <= high && short_edge <= low;
}

WidthHeight RequireScale(const ConfigNode& transform) {
  if (const auto scale = ReadExtents(transform, "scale")) return *scale;
  if (const auto factor = transform.Find("scale_factor"); factor && !factor->IsNone()) {
    factor->Fail("the input's size would depend on the image's",
                 "state a scale, which is a width and a height");
  }
  transform["scale"].Fail("needs a width and a height");
}

void SetInterpolation(const ConfigNode& transform, Preprocess& preprocess) {
  RequireOpenCv(transform);
  preprocess.shrink = preprocess.enlarge = ReadInterpolation(transform);
}

// PackDetInputs packs the image for the network.
void RequireUnpacked(const ConfigNode& transform, const ImageTransforms& out) {
  if (!out.packs) return;
  transform["type"].Fail(
      "comes after PackDetInputs, which packs the image: " + out.framework + " fails there",
      "PackDetInputs comes last");
}

void RequireFirstResize(const ConfigNode& transform, const ImageTransforms& out) {
  RequireUnpacked(transform, out);
  if (!out.resizes && !out.pads) return;
  transform["type"].Fail("resizes an image that was resized or padded before, which is not known",
                         "known is LetterResize behind YOLOv5KeepRatioResize");
}

void ReadNothing(const ConfigNode& /*transform*/, ImageTransforms& /*out*/) {}

void ReadColorType(const ConfigNode& transform, ImageTransforms& out) {
  const std::string color = transform.Get("color_type", "color");
  if (color == "color") return;
  const ConfigNode node = transform["color_type"];
  if (color == "grayscale" || color == "grayscale_ignore_orientation") {
    out.preprocess.channels = 1;
    out.notes.push_back("color_type " + Quote(color) +
                        ": images are read in color and made gray, whose pixels may differ by a "
                        "gray level from " +
                        out.framework + "'s");
    if (color == "grayscale") return;
  } else if (color != "color_ignore_orientation" && color != "unchanged") {
    node.Fail("unknown color type " + Quote(color),
              "known are color, color_ignore_orientation, grayscale, grayscale_ignore_orientation "
              "and unchanged");
  }
  out.preprocess.orientation = Orientation::kAsStored;
  if (color == "unchanged") {
    out.notes.push_back(
        "color_type 'unchanged': images with transparency, with one channel or with 16 bits are "
        "read as 8-bit color, where " +
        out.framework + " fails");
  }
}

void ReadLoad(const ConfigNode& transform, ImageTransforms& out) {
  if (out.resizes || out.pads) {
    transform["type"].Fail(
        "loads an image after one was resized or padded, which discards that result",
        "what loads the image comes first");
  }
  out.preprocess.orientation = Preprocess().orientation;  // the last one that loads decides
  out.preprocess.channels = Preprocess().channels;
  ReadColorType(transform, out);
  const std::string backend = transform.Get("imdecode_backend", "cv2");
  if (backend == "turbojpeg") out.preprocess.orientation = Orientation::kAsStored;
  if (backend == "turbojpeg" || backend == "pillow") {
    out.notes.push_back("imdecode_backend " + Quote(backend) +
                        ": images are decoded as by 'cv2', whose pixels may differ by a gray "
                        "level, and transparency is dropped");
  } else if (backend != "cv2") {
    transform["imdecode_backend"].Fail("images decoded by " + Quote(backend) + " are not supported",
                                       "known are cv2, pillow and turbojpeg");
  }
  if (transform.Get("to_float32", false)) {
    out.notes.emplace_back(
        "to_float32: images are resized in 8 bits, so that pixels differ by half a gray level at "
        "most");
  }
}

void ReadKeepRatioResize(const ConfigNode& transform, ImageTransforms& out) {
  RequireFirstResize(transform, out);
  RequireOpenCv(transform);
  if (!transform.Get("keep_ratio", true)) {
    transform["keep_ratio"].Fail("must be True: MMYOLO accepts nothing else");
  }
  out.edges = RequireScale(transform);
  out.preprocess.rounding = Rounding::kTruncate;
  out.preprocess.shrink = Interpolation::kArea;
  out.preprocess.enlarge = Interpolation::kBilinear;
  out.preprocess.allow_scale_up = false;  // nobody's but LetterResize's
  out.preprocess.pad_side = PadSide::kRightBottom;
  out.resizes = true;
}

// What LetterResize does on its own, or to what YOLOv5KeepRatioResize gave.
void ReadLetterResize(const ConfigNode& transform, ImageTransforms& out) {
  Preprocess& preprocess = out.preprocess;
  const bool behind = out.resizes && !out.pads && preprocess.rounding == Rounding::kTruncate;
  if (!behind) {
    RequireFirstResize(transform, out);
    SetInterpolation(transform, preprocess);
    preprocess.rounding = Rounding::kHalfEven;
  } else if (ReadInterpolation(transform) != Interpolation::kBilinear) {
    out.notes.emplace_back(
        "the interpolation of LetterResize behind YOLOv5KeepRatioResize does not apply: the few "
        "images that it still resizes are resized bilinearly");
  }
  RequireOpenCv(transform);
  RequireUnpacked(transform, out);
  out.canvas = RequireScale(transform);
  preprocess.allow_scale_up = transform.Get("allow_scale_up", true);
  preprocess.half_padding = transform.Get("half_pad_param", false);
  preprocess.pad_side = PadSide::kCenter;
  preprocess.pad_value = ReadPadValue(transform);
  out.pads_mini = transform.Get("use_mini_pad", false);
  if (!out.pads_mini && transform.Get("stretch_only", false)) {
    preprocess.resize = ResizeKind::kStretch;
    if (behind) {
      out.notes.emplace_back(
          "stretch_only of LetterResize behind YOLOv5KeepRatioResize: images are stretched in one "
          "step, where MMYOLO resizes twice, so that pixels differ a little");
    }
  }
  out.resizes = out.pads = true;
}

void ReadResize(const ConfigNode& transform, ImageTransforms& out) {
  RequireFirstResize(transform, out);
  SetInterpolation(transform, out.preprocess);
  const bool keeps_ratio = transform.Get("keep_ratio", false);
  (keeps_ratio ? out.edges : out.canvas) = RequireScale(transform);
  out.preprocess.resize = keeps_ratio ? ResizeKind::kLetterbox : ResizeKind::kStretch;
  out.preprocess.rounding = Rounding::kHalfUp;
  out.preprocess.pad_side = PadSide::kRightBottom;
  out.preprocess.pad_value = {0, 0, 0};
  out.resizes = true;
}

void ReadFixShapeResize(const ConfigNode& transform, ImageTransforms& out) {
  RequireFirstResize(transform, out);
  SetInterpolation(transform, out.preprocess);
  const bool keeps_ratio = transform.Get("keep_ratio", false);
  out.canvas = {ReadSide(transform["width"]), ReadSide(transform["height"])};
  if (keeps_ratio) {
    out.edges = out.canvas;
    out.notes.push_back(
        "FixShapeResize with keep_ratio: " + out.framework +
        " maps boxes back by one factor for both axes, "
        "yoloport by a factor for each. On very elongated images boxes differ by up to a pixel");
  }
  out.preprocess.resize = keeps_ratio ? ResizeKind::kLetterbox : ResizeKind::kStretch;
  out.preprocess.rounding = Rounding::kHalfUp;
  out.preprocess.pad_side = PadSide::kRightBottom;
  out.preprocess.pad_value = ReadPadValue(transform);
  out.resizes = out.pads = true;
}

// Pad enlarges what is smaller than its size and leaves the rest as it is: it states the input's
// size only where it holds what was resized.
void ReadPadSize(const ConfigNode& node, const WidthHeight& size, ImageTransforms& out) {
  if (out.preprocess.resize == ResizeKind::kStretch) {
    for (std::size_t i = 0; i < 2; ++i) (*out.canvas)[i] = std::max((*out.canvas)[i], size[i]);
    return;
  }
  if (!out.edges || Holds(size, *out.edges)) {
    out.canvas = size;
    return;
  }
  out.ignores_pad_size = true;
  const auto [short_edge, long_edge] = std::minmax((*out.edges)[0], (*out.edges)[1]);
  out.notes.push_back(fmt::format(
      "{}: Pad's size of {} x {} does not hold images that were resized to {} x {} and makes none "
      "smaller: the size to resize to counts instead, and smaller images are padded to the input",
      node.place(), size[0], size[1], long_edge, short_edge));
}

// A stretched image fills the input.
void RequireNoPadding(const ConfigNode& transform, const ImageTransforms& out,
                      const WidthHeight& stretched) {
  const auto fits = [&](std::int64_t extent) { return extent % out.size_divisor == 0; };
  const bool is_square = stretched[0] == stretched[1];
  if (out.canvas == stretched && fits(stretched[0]) && fits(stretched[1]) &&
      (is_square || !out.pads_to_square)) {
    return;
  }
  transform["type"].Fail(
      "pads an image that was stretched, which is not supported",
      fmt::format("resize with keep_ratio=True, or pad to no more than {} x {} (width x height)",
                  stretched[0], stretched[1]));
}

void ReadPad(const ConfigNode& transform, ImageTransforms& out) {
  RequireUnpacked(transform, out);
  if (out.pads) transform["type"].Fail("pads an image that was padded before, which is not known");
  const std::string mode = transform.Get("padding_mode", "constant");
  if (mode != "constant") {
    transform["padding_mode"].Fail("only padding by a constant is supported, not by " + Quote(mode),
                                   "set it to 'constant' with --cfg-options; the image's edges "
                                   "then differ");
  }
  out.pads_to_square = transform.Get("pad_to_square", false);
  if (const auto divisor = ReadExtents(transform, "size_divisor")) {
    out.size_divisor = std::max((*divisor)[0], (*divisor)[1]);
  }
  const std::optional<WidthHeight> resized = out.canvas;
  if (const auto size = ReadExtents(transform, "size")) ReadPadSize(transform["size"], *size, out);
  if (resized && out.preprocess.resize == ResizeKind::kStretch) {
    RequireNoPadding(transform, out, *resized);
  }
  out.preprocess.pad_side = PadSide::kRightBottom;
  out.preprocess.pad_value = ReadPadValue(transform);
  out.pads = true;
}

// One probability, or one for each direction.
bool IsZero(const ConfigNode& probability) {
  if (probability.IsNumber()) return probability.AsDouble() == 0;
  if (!probability.IsList()) return false;
  const std::vector<double> each = probability.AsDoubles();
  return std::all_of(each.begin(), each.end(), [](double p) { return p == 0; });
}

void ReadFlip(const ConfigNode& transform, ImageTransforms& /*out*/) {
  const ConfigNode prob = transform["prob"];
  if (IsZero(prob)) return;
  prob.Fail("flips images, and detections with them: only 0 is supported",
            "a test pipeline needs no RandomFlip");
}

void ReadPack(const ConfigNode& transform, ImageTransforms& out) {
  const bool pads_before = out.pads && out.preprocess.pad_side == PadSide::kCenter &&
                           out.preprocess.resize == ResizeKind::kLetterbox;
  base::AppendNotes(out.notes, PackedKeyNotes(transform, out.framework, pads_before));
  out.packs = true;
}

// Its meta_keys are more than those that it packs anyhow.
void ReadPackTrack(const ConfigNode& /*transform*/, ImageTransforms& out) { out.packs = true; }

void ReadRemove(const ConfigNode& transform, ImageTransforms& out) {
  const ConfigNode keys = transform["keys"];
  const auto names = keys.IsString() ? std::vector{keys.AsString()} : keys.AsStrings();
  for (const std::string& name : names) {
    static constexpr std::array<std::string_view, 5> kRead = {"img", "img_shape", "ori_shape",
                                                              "scale_factor", "pad_param"};
    if (std::find(kRead.begin(), kRead.end(), name) == kRead.end()) continue;
    out.notes.push_back(fmt::format(
        "{0}: RemoveDataElement takes '{1}' away, which {2} needs to map boxes back to the image: "
        "{2} gives different boxes or fails. yoloport maps boxes back regardless",
        keys.place(), name, out.framework));
  }
}

const std::vector<std::string>& LoadArguments() {
  static const std::vector<std::string> arguments = {"color_type", "imdecode_backend", "to_float32",
                                                     // where files are, not what is in them:
                                                     "file_client_args", "backend_args",
                                                     "ignore_empty"};
  return arguments;
}

const std::vector<Transform>& KnownTransforms() {
  static const std::vector<Transform> known = {
      {"LoadImageFromFile", &ReadLoad, LoadArguments()},
      {"LoadImageFromNDArray", &ReadLoad, LoadArguments()},
      {"YOLOv5KeepRatioResize",
       &ReadKeepRatioResize,
       {"scale", "keep_ratio", "backend", "interpolation", "scale_factor", "clip_object_border"}},
      {"LetterResize",
       &ReadLetterResize,
       {"scale", "pad_val", "use_mini_pad", "stretch_only", "allow_scale_up", "half_pad_param",
        "interpolation", "backend", "scale_factor", "clip_object_border"}},
      {"Resize",
       &ReadResize,
       {"scale", "scale_factor", "keep_ratio", "interpolation", "backend", "clip_object_border"}},
      {"FixShapeResize",
       &ReadFixShapeResize,
       {"width", "height", "pad_val", "keep_ratio", "interpolation", "backend",
        "clip_object_border"}},
      {"Pad", &ReadPad, {"size", "size_divisor", "pad_to_square", "pad_val", "padding_mode"}},
      {"RandomFlip", &ReadFlip, {"prob", "direction", "swap_seg_labels"}},
      {"LoadAnnotations", &ReadNothing},
      {"LoadTrackAnnotations", &ReadNothing},
      {"PackDetInputs", &ReadPack},
      {"PackTrackInputs", &ReadPackTrack},
      {"RemoveDataElement", &ReadRemove, {"keys"}},
  };
  return known;
}

void ReadTransform(const ConfigNode& node, ImageTransforms& out) {
  const std::string type = WithoutScope(node["type"].AsString());
  // ReadPipeline's
  std::vector<std::string> names = {"Compose", "TestTimeAug", "TransformBroadcaster"};
  for (const Transform& transform : KnownTransforms()) {
    names.emplace_back(transform.type);
    if (transform.type != type) continue;
    if (!transform.arguments.empty()) RequireKnownKeys(node, type, transform.arguments);
    transform.read(node, out);
    return;
  }
  node["type"].Fail("the test pipeline's transform " + Quote(type) + " is not known",
                    base::KnownHint(type, names));
}

// Of a step of test-time augmentation the first alternative that does not flip.
ConfigNode PlainAlternative(const ConfigNode& alternatives) {
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    ConfigNode step = alternatives[i];
    if (!step.IsDict() || WithoutScope(step["type"].AsString()) != "RandomFlip") return step;
    if (const auto prob = step.Find("prob"); prob && IsZero(*prob)) return step;
  }
  return alternatives[0];
}

void ReadPipeline(const ConfigNode& pipeline, ImageTransforms& out) {
  for (std::size_t i = 0; i < pipeline.size(); ++i) {
    ConfigNode step = pipeline[i];
    if (step.IsList() && step.size() == 0) continue;
    if (step.IsList()) step = PlainAlternative(step);
    const std::string type = WithoutScope(step["type"].AsString());
    if (type == "TestTimeAug") {
      out.notes.emplace_back("test-time augmentation is reduced to its first, plain branch");
    }
    if (type == "TestTimeAug" || type == "Compose" || type == "TransformBroadcaster") {
      ReadPipeline(step["transforms"], out);
    } else {
      ReadTransform(step, out);
    }
  }
}

}  // namespace

ImageTransforms ReadTransforms(const ConfigNode& pipeline, std::string framework) {
  ImageTransforms out;
  out.framework = std::move(framework);
  out.preprocess.pad_value = {0, 0, 0};
  ReadPipeline(pipeline, out);
  return out;
}

}  // namespace yoloport::sources::mmengine
