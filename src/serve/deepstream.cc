// DeepStream: a configuration of its element nvinfer.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "serve/safe_text.h"
#include "serve/targets.h"
#include "yoloport/error.h"

namespace yoloport::serve {
namespace {

bool IsOneNumber(const std::array<float, 3>& values) {
  return values[0] == values[1] && values[1] == values[2];
}

// The bounding-box parser reads count, boxes, scores and classes by their places, and nvinfer gives
// floats with one scale for all channels.
void CheckFits(const ServedModel& model) {
  const std::string name = base::Quote(model.file.native());
  if (!model.is_for_tensorrt()) {
    throw UsageError(
        name + ": is for the backend " + model.info.backend + "; DeepStream runs TensorRT",
        "export it with --backend tensorrt8 --layout efficientnms");
  }
  if (model.info.preprocess.type != InputType::kFloat) {
    throw UsageError(
        name + ": takes 8-bit images, and DeepStream's nvinfer gives floats",
        "export it with --backend tensorrt8 --layout efficientnms and without --input");
  }
  if (!IsOneNumber(model.info.preprocess.std)) {
    throw UsageError(
        name +
            ": divides each channel by a number of its own, and DeepStream's "
            "nvinfer has one for all",
        "export it with --backend tensorrt8 --layout efficientnms, which normalises in "
        "the graph");
  }
}

TemplateValues DeepstreamValues(const ServedModel& model, const PackagePlan& plan) {
  const Preprocess& preprocess = model.info.preprocess;
  const auto& dims = model.input.dims;
  const bool batch_is_open = dims[0] < 0;
  const bool letterbox = preprocess.resize == ResizeKind::kLetterbox;
  const bool pads_both_sides = letterbox && preprocess.pad_side == PadSide::kCenter;
  const auto& mean = preprocess.mean;
  TemplateValues values = ModelValues(model, plan);
  values.texts.insert({
      {"batch", std::to_string(batch_is_open ? plan.max_batch : dims[0])},
      {"classes", std::to_string(model.info.classes.size())},
      {"color_format", std::to_string(preprocess.rgb ? 0 : 1)},
      {"scale", fmt::format("{:.17g}", 1.0 / preprocess.std[0])},
      {"offsets", fmt::format("{:.9g};{:.9g};{:.9g}", mean[0], mean[1], mean[2])},
      {"pad_value", fmt::format("{:g}", preprocess.pad_value[0])},
      {"symmetric_padding", std::to_string(pads_both_sides ? 1 : 0)},
      {"score_threshold", fmt::format("{:g}", model.info.nms.score_threshold)},
      {"keep_topk", std::to_string(model.info.nms.keep_topk)},
      // Of the frame that a photo is scaled to before nvinfer sees it.
      {"frame_width", std::to_string(std::max(preprocess.width, 1280))},
      {"frame_height", std::to_string(std::max(preprocess.height, 720))},
  });
  values.conditions.insert({
      {"batch_is_open", batch_is_open},
      {"size_is_open", dims[2] < 0 || dims[3] < 0},
      {"offsets", mean != std::array<float, 3>{0, 0, 0}},
      {"letterbox", letterbox},
  });
  return values;
}

// nvinfer knows one way of fitting a frame into the input: as large as it holds.
void NoteEdges(const Preprocess& preprocess, Notes& notes) {
  if (preprocess.long_edge == 0) return;
  notes.push_back(fmt::format(
      "the config resizes images to at most {} pixels along the longer edge and {} along the "
      "shorter "
      "one; DeepStream makes them as large as the input of {} x {} (width x height) holds",
      preprocess.long_edge, preprocess.short_edge, preprocess.width, preprocess.height));
}

}  // namespace

void AddDeepstream(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
                   Notes& notes) {
  CheckFits(model);
  AddModel(model, "", folder);
  folder.Write("labels.txt", LabelLines(model.info.classes));
  const TemplateValues values = DeepstreamValues(model, plan);
  folder.Write("config_infer.txt", FillTemplate("deepstream/config_infer.txt", values));
  folder.WriteProgram("detect_photo.sh", FillTemplate("deepstream/detect_photo.sh", values));
  folder.Write("README.md", FillTemplate("deepstream/README.md", values));
  NoteMinBox(model, notes);
  NoteEdges(model.info.preprocess, notes);
  notes.emplace_back("DeepStream makes the engine on its first start, which takes minutes");
}

}  // namespace yoloport::serve
