// Files that YOLOX's repository writes (tools/export_onnx.py): rows of a box, its objectness and
// its classes, one a cell, and nothing about themselves. Unless told to (--decode_in_inference),
// the exporter leaves boxes as they come out of the last convolutions, which the graph shows.
#include "contract/yolox.h"

#include "base/text.h"
#include "contract/foreign/common.h"
#include "yoloport/error.h"

namespace yoloport::contract::foreign {
namespace {

// The number of classes, where the outputs are of this kind; -1: it is not known.
std::optional<std::int64_t> ClassesOf(const Outline& outline) {
  if (outline.outputs.size() != 1 || outline.outputs[0].shape.size() != 3) return std::nullopt;
  const std::vector<std::int64_t>& shape = outline.outputs[0].shape;
  if (shape[2] >= 0 && shape[2] <= 5) return std::nullopt;
  const bool is_open = shape[1] < 0 || outline.height < 0 || outline.width < 0;
  if (!is_open && !StridesOfRows(outline, shape[1], 1)) return std::nullopt;
  return shape[2] < 0 ? -1 : shape[2] - 5;
}

// What its head does, and none other's: numbers of the box as they are, sigmoids of objectness and
// of classes.
constexpr const char* kHead = "Concat(Conv,Sigmoid,Sigmoid)";

// Whether boxes are in pixels; nothing where the graph does not tell.
std::optional<bool> AreDecoded(const Outline& outline) {
  const std::set<std::string> operators = outline.last_operators();
  const auto has = [&](const char* name) { return operators.contains(name); };
  for (const char* const other : {"Softmax", "Pow", "Sub", "TopK", "NonMaxSuppression"}) {
    if (has(other)) return std::nullopt;
  }
  if (!has(kHead)) return std::nullopt;
  // What neither makes scores nor moves numbers about decodes, and boxes of this kind are decoded
  // by exponentials.
  if (has("Exp")) return true;
  if (has("Mul") || has("Add") || has("Div")) return std::nullopt;
  return false;
}

std::vector<int> StridesFor(const Outline& outline, const ModelDescription& said) {
  if (!said.strides.empty()) return said.strides;
  return StridesOfRows(outline, outline.outputs[0].shape[1], 1).value_or(std::vector{8, 16, 32});
}

ModelCard CardOf(const Outline& outline) {
  ModelCard card;
  card.type = "yolox";
  card.end_to_end = false;
  card.preprocess = YoloxPreprocess();
  SetSize(outline, card.preprocess);
  // Of its demo: --conf, --nms; classes suppress each other.
  card.nms = {.score_threshold = 0.25,
              .iou_threshold = 0.45,
              .pre_topk = NmsPolicy::kAll,
              .keep_topk = NmsPolicy::kAll,
              .class_agnostic = true,
              .multi_label = false};
  return card;
}

std::optional<Description> Recognize(const Outline& outline, const ModelDescription& said) {
  const auto classes = ClassesOf(outline);
  const bool has_keys = outline.metadata.contains("task") || outline.metadata.contains("names");
  const bool is_other = has_keys || (!said.type.empty() && said.type != "yolox");
  if (!classes || is_other) return std::nullopt;
  std::optional<bool> decoded = AreDecoded(outline);
  if (decoded && said.decoded && *said.decoded != *decoded) {
    throw UsageError(outline.file + ": its graph shows that its boxes are " +
                         (*decoded ? "decoded" : "not decoded"),
                     "leave --boxes out");
  }
  if (!decoded) decoded = said.decoded;
  if (!decoded && said.type.empty()) return std::nullopt;
  if (!decoded) {
    throw UsageError(outline.file + ": does not show whether its boxes are decoded",
                     "give --boxes pixels for a file exported with --decode_in_inference, else "
                     "--boxes offsets");
  }
  Description description;
  description.card = CardOf(outline);
  const std::vector<int> strides = StridesFor(outline, said);
  for (const int stride : strides) description.card->strides.push_back({stride, stride});
  const auto said_count = static_cast<std::int64_t>(said.class_names.size());
  const std::int64_t count = *classes >= 0    ? *classes
                             : said_count > 0 ? said_count
                                              : said.num_classes;
  description.rows = RowFormat{.objectness = true, .num_classes = CheckedClasses(outline, count)};
  if (!*decoded) description.rows->grid_strides = strides;
  description.what = "YOLOX of its own repository, " + RowsText(outline) + " " +
                     (*decoded ? "decoded" : "not decoded") +
                     ", of images in BGR from 0 to 255 (--mean and --std for others)";
  return description;
}

std::optional<Candidate> Consider(const Outline& outline) {
  const auto classes = ClassesOf(outline);
  if (!classes || *classes < 0) return std::nullopt;
  return Candidate{"YOLOX of " + std::to_string(*classes) + " classes", "--type yolox"};
}

}  // namespace

const Format kYolox = {Recognize, Consider};

}  // namespace yoloport::contract::foreign
