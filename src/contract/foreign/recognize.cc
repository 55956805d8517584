#include "contract/foreign/recognize.h"

#include <array>

#include "base/text.h"
#include "contract/foreign/common.h"
#include "contract/model_types.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::contract::foreign {
namespace {

// In the order in which they are tried: what has names of its own comes first, what only has a
// shape last.
constexpr std::array<const Format*, 5> kFormats = {&kEasydeploy, &kMmdeploy, &kUltralytics,
                                                   &kYolov5, &kYolox};

[[noreturn]] void FailAmbiguous(const Outline& outline, const std::vector<Candidate>& candidates) {
  std::vector<std::string> what;
  std::vector<std::string> options;
  for (const Candidate& candidate : candidates) {
    what.push_back(candidate.what);
    options.push_back(candidate.option);
  }
  throw UsageError(outline.file + ": does not say what its output " + RowsText(outline) +
                       " is; it may be " + base::JoinText(what) +
                       ", or a pose or rotated model of other numbers, which is not a detector",
                   "say which by " + base::JoinText(options));
}

// Rows have a name for each class: the file's, the caller's, COCO's, or numbers.
void NameClasses(const Outline& outline, const ModelDescription& said, Recognized& recognized) {
  ModelCard& card = *recognized.description.card;
  const int count = recognized.description.rows->num_classes;
  const auto differs = [&](std::size_t number) {
    return number > 0 && number != static_cast<std::size_t>(count);
  };
  if (differs(said.class_names.size()) || differs(static_cast<std::size_t>(said.num_classes))) {
    throw UsageError(outline.file + ": has " + std::to_string(count) + " classes by its output " +
                     RowsText(outline) + ", not " +
                     std::to_string(std::max(said.class_names.size(),
                                             static_cast<std::size_t>(said.num_classes))));
  }
  if (!said.class_names.empty()) card.classes = said.class_names;
  if (!card.classes.empty()) return;
  const auto coco = CocoClasses();
  if (static_cast<std::size_t>(count) == coco.size()) {
    card.classes.assign(coco.begin(), coco.end());
    recognized.notes.push_back(outline.file +
                               ": its 80 classes are taken for COCO's; --class-names gives others");
    return;
  }
  for (int label = 0; label < count; ++label) card.classes.push_back(ClassName({}, label));
  recognized.notes.push_back(outline.file +
                             ": its classes have numbers for names; --class-names gives them");
}

}  // namespace

std::optional<Recognized> Recognize(const Outline& outline, const ModelDescription& said) {
  for (const Format* const format : kFormats) {
    std::optional<Description> description = format->recognize(outline, said);
    if (!description) continue;
    Recognized recognized{*std::move(description), {}};
    recognized.notes.push_back(outline.file + ": is taken for " + recognized.description.what);
    if (recognized.description.rows) NameClasses(outline, said, recognized);
    return recognized;
  }
  std::vector<Candidate> candidates;
  for (const Format* const format : kFormats) {
    if (format->consider == nullptr) continue;
    if (auto candidate = format->consider(outline)) candidates.push_back(*std::move(candidate));
  }
  if (!candidates.empty()) FailAmbiguous(outline, candidates);
  return std::nullopt;
}

}  // namespace yoloport::contract::foreign
