// What the templates of all servers say of a model.
#include <fmt/format.h>

#include "serve/safe_text.h"
#include "serve/targets.h"

namespace yoloport::serve {
namespace {

// "" where there is nothing to note.
std::string MinBoxNote(const ServedModel& model) {
  const double size = model.info.nms.min_box_size;
  if (size <= 0) return "";
  return fmt::format("{:g} counts pixels of the network's input here, not of the photo: {}", size,
                     model.min_box
                         ? "OpenVINO takes the file's optional input min_box_size for a constant. "
                           "Triton with a file for the backend onnxruntime takes it as an input"
                         : "the file has no input that says how a photo was scaled");
}

}  // namespace

void NoteMinBox(const ServedModel& model, Notes& notes) {
  const std::string note = MinBoxNote(model);
  if (!note.empty()) notes.push_back("--min-box-size " + note);
}

TemplateValues ModelValues(const ServedModel& model, const PackagePlan& plan) {
  const std::string min_box = MinBoxNote(model);
  TemplateValues values;
  values.texts = {
      {"name", plan.name},
      {"quoted_name", QuotedText(plan.name)},
      {"version", PlainText(model.info.yoloport_version)},
      {"file", PlainText(model.file.filename().native())},
      {"type", PlainText(model.info.type)},
      {"detector", PlainText(model.info.detector)},
      {"backend", PlainText(model.info.backend)},
      {"height", std::to_string(model.info.preprocess.height)},
      {"width", std::to_string(model.info.preprocess.width)},
      {"min_box_note", "`--min-box-size` " + min_box + "."},
  };
  values.conditions = {
      {"tensorrt", model.is_for_tensorrt()},
      {"takes_any_batch", model.takes_any_batch()},
      {"min_box_note", !min_box.empty()},
  };
  return values;
}

}  // namespace yoloport::serve
