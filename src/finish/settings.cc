#include "finish/settings.h"

#include "contract/description.h"
#include "contract/model_types.h"
#include "yoloport/error.h"

namespace yoloport::finish {

Settings SettingsFromCard(const FinishOptions& options, const contract::ModelCard& card,
                          const std::string& name, ExportOptions& file) {
  const ModelDescription& said = options.description;
  if (!said.type.empty() && said.type != card.type) {
    throw UsageError(name + ": is a " + card.type + " by its metadata, not a " + said.type,
                     "leave --type out");
  }
  Settings settings;
  settings.head = contract::RawHeadOf(card);
  settings.bins = {settings.head.bins};
  settings.detector = card.detector;
  settings.preprocess = card.preprocess;
  if (file.height && file.width) {
    settings.preprocess.height = *file.height;
    settings.preprocess.width = *file.width;
  }
  file.height = settings.preprocess.height;
  file.width = settings.preprocess.width;
  settings.multi_label = card.nms.multi_label;
  settings.classes = card.classes;
  settings.palette = card.palette;
  settings.config = card.config;
  return settings;
}

Settings SettingsFromType(const FinishOptions& options, ExportOptions& file) {
  const ModelDescription& said = options.description;
  Settings settings;
  int classes = 0;
  settings.classes = contract::ClassesOf(said, classes);
  settings.head = contract::RawHeadOfType(said.type, classes);
  settings.bins = {settings.head.bins};
  settings.detector = said.type + " head of " + options.model.filename().native();
  settings.preprocess = contract::PreparationOf(*contract::FindModelType(said.type),
                                                said.resize.value_or(ResizeKind::kLetterbox));
  Preprocess& preprocess = settings.preprocess;  // of the usual size
  file.height = preprocess.height = file.height.value_or(preprocess.height);
  file.width = preprocess.width = file.width.value_or(preprocess.width);
  return settings;
}

}  // namespace yoloport::finish
