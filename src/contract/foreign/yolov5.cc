// Files that the repositories of YOLOv5 (export.py) and YOLOv7 (export.py --grid) write: rows of a
// box, its objectness and its classes, decoded. YOLOv5's have class names and the stride.
#include "base/text.h"
#include "contract/foreign/common.h"
#include "contract/ultralytics.h"

namespace yoloport::contract::foreign {
namespace {

constexpr int kAnchors = 3;  // of a cell

// The number of classes, where the outputs are of this kind; -1: it is not known.
std::optional<std::int64_t> ClassesOf(const Outline& outline) {
  if (outline.outputs.size() != 1 || outline.outputs[0].shape.size() != 3) return std::nullopt;
  const std::vector<std::int64_t>& shape = outline.outputs[0].shape;
  if (shape[2] >= 0 && shape[2] <= 5) return std::nullopt;
  const bool is_open = shape[1] < 0 || outline.height < 0 || outline.width < 0;
  if (!is_open && !StridesOfRows(outline, shape[1], kAnchors)) return std::nullopt;
  return shape[2] < 0 ? -1 : shape[2] - 5;
}

bool HasKeys(const Outline& outline) {
  return outline.metadata.contains("names") && outline.metadata.contains("stride") &&
         !outline.metadata.contains("task");
}

std::optional<Description> Recognize(const Outline& outline, const ModelDescription& said) {
  const bool is_v7 = said.type == "yolov7";
  if (!HasKeys(outline) && said.type != "yolov5" && !is_v7) return std::nullopt;
  const auto classes = ClassesOf(outline);
  if (!classes) return std::nullopt;
  Description description;
  description.card.emplace();
  ModelCard& card = *description.card;
  card.type = is_v7 ? "yolov7" : "yolov5";
  card.end_to_end = false;
  card.classes = FindNames(outline);
  description.names_classes = !card.classes.empty();
  const auto named = static_cast<std::int64_t>(card.classes.size());
  if (named > 0 && *classes >= 0 && *classes != named) {
    Refuse(outline,
           "a YOLOv5 with " + std::to_string(named) + " class names, and the output " +
               RowsText(outline) + ": expected NxPx(5 + " + std::to_string(named) + ")",
           "names and network belong to different models");
  }
  card.strides = {{8, 8}, {16, 16}, {32, 32}};
  if (const auto strides = StridesOfRows(outline, outline.outputs[0].shape[1], kAnchors)) {
    card.strides.clear();
    for (const int stride : *strides) card.strides.push_back({stride, stride});
  }
  card.preprocess = UltralyticsPreprocess();
  SetSize(outline, card.preprocess);
  card.nms = Yolov5Policy();
  const auto said_names = static_cast<std::int64_t>(said.class_names.size());
  const std::int64_t count = *classes >= 0    ? *classes
                             : named > 0      ? named
                             : said_names > 0 ? said_names
                                              : said.num_classes;
  description.rows = RowFormat{.objectness = true, .num_classes = CheckedClasses(outline, count)};
  description.what = std::string(is_v7 ? "YOLOv7" : "YOLOv5") + " of its own repository, " +
                     RowsText(outline) + " before suppression";
  return description;
}

std::optional<Candidate> Consider(const Outline& outline) {
  const auto classes = ClassesOf(outline);
  if (!classes || *classes < 0) return std::nullopt;
  return Candidate{"YOLOv5 or YOLOv7 of " + std::to_string(*classes) + " classes",
                   "--type yolov5 or yolov7"};
}

}  // namespace

const Format kYolov5 = {Recognize, Consider};

}  // namespace yoloport::contract::foreign
