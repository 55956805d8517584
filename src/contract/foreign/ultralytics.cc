// Files that Ultralytics' package exports: `yolo export format=onnx` and format=openvino. Their
// metadata have the task, the class names, the stride and the size.
#include "contract/ultralytics.h"

#include <algorithm>

#include "base/model_ranges.h"
#include "base/text.h"
#include "contract/foreign/common.h"
#include "yoloport/error.h"

namespace yoloport::contract::foreign {
namespace {

// An output of rows that are suppressed already: corners, score, label.
constexpr std::int64_t kSuppressedNumbers = 6;

bool IsOurs(const Outline& outline) {
  return outline.metadata.contains("task") || FindText(outline, "author") == "Ultralytics";
}

// The task as people call it; null for detection.
const char* OtherTask(const std::string& task) {
  if (task == "segment") return "instance segmentation (task segment)";
  if (task == "pose") return "pose estimation (task pose)";
  if (task == "obb") return "rotated boxes (task obb)";
  if (task == "classify") return "classification (task classify)";
  return task == "semantic" ? "semantic segmentation (task semantic)" : nullptr;
}

void RefuseOthers(const Outline& outline) {
  const std::string task = FindText(outline, "task");
  if (const char* const other = OtherTask(task)) {
    Refuse(outline, "an Ultralytics model for " + std::string(other) + ", not a detector",
           "yoloport detect runs models whose task is detect");
  }
  if (!task.empty() && task != "detect") {
    Refuse(outline, "an Ultralytics model for the task " + base::Quote(task) + ", not a detector",
           "yoloport detect runs models whose task is detect");
  }
  if (FindText(outline, "head") == "RTDETRDecoder") {
    Refuse(outline, "Ultralytics' RT-DETR, which yoloport detect does not run");
  }
  const std::size_t count = outline.outputs.size();
  if (count != 1 || outline.outputs[0].shape.size() != 3) {
    std::vector<std::string> shapes;
    for (const Output& output : outline.outputs) shapes.push_back(base::ShapeText(output.shape));
    Refuse(outline,
           "an Ultralytics model with the output" + std::string(count == 1 ? " " : "s ") +
               base::JoinText(shapes) + ", not a detector's one",
           "a detector has one, Nx(4 + classes)xP or NxKx6; two are those of segmentation");
  }
}

bool IsTrue(const Outline& outline, const std::string& key) {
  const auto value = FindStructured(outline, key);
  return value && value->is_true();
}

// Whether the rows are suppressed: by `nms=True`, or by a network that needs no suppression.
bool IsSuppressed(const Outline& outline, std::size_t classes) {
  const std::vector<std::int64_t>& shape = outline.outputs[0].shape;
  if (shape[2] >= 0 && shape[2] != kSuppressedNumbers) return false;
  if (IsTrue(outline, "end2end")) return true;
  const auto args = FindStructured(outline, "args");
  const Literal* const nms = args ? args->Find("nms") : nullptr;
  if (nms != nullptr && nms->is_true()) return true;
  const std::int64_t numbers = 4 + static_cast<std::int64_t>(classes);
  return shape[2] == kSuppressedNumbers && shape[1] != numbers;
}

RowFormat RowsOf(const Outline& outline, std::size_t classes) {
  const std::int64_t numbers = outline.outputs[0].shape[1];
  const std::int64_t expected = 4 + static_cast<std::int64_t>(classes);
  if (classes > 0 && numbers >= 0 && numbers != expected) {
    Refuse(outline,
           "an Ultralytics model with " + std::to_string(classes) +
               " class names, and the output " + RowsText(outline) + ": expected Nx(4 + " +
               std::to_string(classes) + ")xP, or NxKx6",
           "names and network belong to different models, or the task is not detection");
  }
  const std::int64_t count = classes > 0 ? static_cast<std::int64_t>(classes) : numbers - 4;
  return {.channels_first = true, .num_classes = CheckedClasses(outline, count)};
}

std::vector<std::array<int, 2>> StridesOf(const Outline& outline) {
  const auto stride = FindStructured(outline, "stride");
  if (!stride) return {{32, 32}};
  const auto& [low, high] = base::kStrideRange;
  const std::int64_t* const number = stride->integer();
  if (number == nullptr || static_cast<double>(*number) < low ||
      static_cast<double>(*number) > high) {
    throw ModelError(outline.file + ": metadata: stride: is not a number of pixels");
  }
  const auto pixels = static_cast<int>(*number);
  return {{pixels, pixels}};
}

ModelCard CardOf(const Outline& outline) {
  ModelCard card;
  card.type = "yolov8";
  card.classes = FindNames(outline);
  card.strides = StridesOf(outline);
  card.preprocess = UltralyticsPreprocess();
  SetSize(outline, card.preprocess);
  const auto channels = FindStructured(outline, "channels");
  const bool is_gray = channels && channels->integer() != nullptr && *channels->integer() == 1;
  if (is_gray) card.preprocess.channels = 1;
  card.layout = OutputLayout::kUltralytics;
  card.nms = UltralyticsPolicy();
  return card;
}

// Rows of a file that says nothing, as what a graph that suppresses gives: not as many as there are
// cells.
bool AreSuppressedRows(const Outline& outline) {
  if (outline.outputs.size() != 1 || outline.outputs[0].shape.size() != 3) return false;
  const std::vector<std::int64_t>& shape = outline.outputs[0].shape;
  const bool has_name = outline.outputs[0].name == OutputNames(OutputLayout::kUltralytics)[0];
  if (shape[2] != kSuppressedNumbers || !has_name) return false;
  if (shape[1] >= 0) {
    return !StridesOfRows(outline, shape[1], 1) && !StridesOfRows(outline, shape[1], 3);
  }
  const std::set<std::string> operators = outline.last_operators();
  return operators.contains("NonMaxSuppression") || operators.contains("TopK");
}

bool HasRowsOfThisKind(const Outline& outline) {
  return outline.outputs.size() == 1 && outline.outputs[0].shape.size() == 3 &&
         outline.outputs[0].shape[1] > 4 &&
         (outline.outputs[0].shape[2] < 0 ||
          StridesOfRows(outline, outline.outputs[0].shape[2], 1).has_value());
}

std::optional<Description> Recognize(const Outline& outline, const ModelDescription& said) {
  const bool is_said = said.type == "yolov8" && HasRowsOfThisKind(outline);
  // The first versions had names and stride only.
  const bool is_early = outline.metadata.contains("names") && outline.metadata.contains("stride") &&
                        HasRowsOfThisKind(outline);
  if (!IsOurs(outline) && !is_said && !is_early) {
    if (!AreSuppressedRows(outline)) return std::nullopt;
    return Description{"rows that are suppressed already, " + RowsText(outline)};
  }
  RefuseOthers(outline);
  Description description;
  description.card = CardOf(outline);
  ModelCard& card = *description.card;
  description.names_classes = !card.classes.empty();
  const std::size_t count =
      description.names_classes
          ? card.classes.size()
          : std::max(said.class_names.size(), static_cast<std::size_t>(said.num_classes));
  card.end_to_end = IsSuppressed(outline, count);
  if (card.end_to_end) {
    card.nms.score_threshold = 0;  // what was written into the graph is not known
  } else {
    description.rows = RowsOf(outline, count);
  }
  description.what =
      card.end_to_end ? "Ultralytics' detector that suppresses boxes itself, " + RowsText(outline)
                      : "Ultralytics' detector, " + RowsText(outline) + " before suppression";
  return description;
}

std::optional<Candidate> Consider(const Outline& outline) {
  if (!HasRowsOfThisKind(outline)) return std::nullopt;
  return Candidate{
      "Ultralytics' detector of " + std::to_string(outline.outputs[0].shape[1] - 4) + " classes",
      "--type yolov8"};
}

}  // namespace

const Format kUltralytics = {Recognize, Consider};

}  // namespace yoloport::contract::foreign
