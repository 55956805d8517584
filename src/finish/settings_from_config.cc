#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "config/config.h"
#include "finish/settings.h"
#include "models/config_reading.h"
#include "models/describe_head.h"
#include "models/model.h"
#include "sources/mmdet/mmdet.h"
#include "sources/mmengine/class_names.h"
#include "sources/mmengine/nested_detector.h"
#include "sources/mmengine/preprocess.h"
#include "sources/mmyolo/thresholds.h"
#include "yoloport/error.h"

namespace yoloport::finish {
namespace {

using config::ConfigNode;
using models::WithoutScope;

// The parts by their names, whether known or not; parts without a name are left out.
std::string DetectorText(const ConfigNode& model) {
  std::vector<ConfigNode> parts;
  if (const auto backbone = model.Find("backbone")) parts.push_back(*backbone);
  for (const ConfigNode& neck : models::Necks(model).configs) parts.push_back(neck);
  parts.push_back(model["bbox_head"]);
  std::string text;
  for (const ConfigNode& part : parts) {
    const auto type = part.IsDict() ? part.Find("type") : std::nullopt;
    if (!type || !type->IsString()) continue;
    text += (text.empty() ? "" : ", ") + WithoutScope(type->AsString());
  }
  return text;
}

}  // namespace

Settings SettingsFromConfig(const FinishOptions& options, ExportOptions& file,
                            exporting::Notes& notes) {
  config::ConfigOptions reading;
  reading.overrides = file.cfg_options;
  reading.packages = file.packages;
  const config::Config config = config::Config::Load(file.config, reading);
  notes.insert(notes.end(), config.notes().begin(), config.notes().end());
  const ConfigNode root = config.root();
  // A detector of any name, or one within another.
  const ConfigNode outer = root["model"];
  const sources::mmengine::DetectorConfig detector =
      outer.Has("bbox_head") ? sources::mmengine::DetectorConfig{outer, outer}
                             : sources::mmengine::FindDetector(outer, reading, notes);
  const ConfigNode& model = detector.model;
  if (sources::mmdet::IsMmdet(model) && !model["bbox_head"].Has("head_module")) {
    model["type"].Fail("of MMDetection's configs heads are not read for a file that is finished",
                       "yoloport builds these networks itself: `yoloport export CONFIG.py "
                       "CHECKPOINT.pth`");
  }
  const std::string& type = options.description.type;
  const models::HeadDescription head =
      type.empty() ? models::DescribeHead(model) : models::DescribeHeadAs(model, type);
  Settings settings;
  settings.head = head.head;
  settings.bins = {head.head.bins, head.trained_bins};
  settings.detector = DetectorText(model);
  if (file.from_test_cfg) {
    const auto changes =
        sources::mmyolo::ApplyTestCfg(model["test_cfg"], file, settings.multi_label);
    notes.insert(notes.end(), changes.begin(), changes.end());
  }
  int stride = 1;
  for (const auto& [x, y] : settings.head.strides) stride = std::max({stride, x, y});
  if (!file.height || !file.width) {
    const auto size =
        sources::mmengine::TestSize(root, detector.preprocessed, stride, file.dynamic_size)
            .value_or(sources::InputSize());
    file.height = static_cast<int>(size.height);
    file.width = static_cast<int>(size.width);
  }
  const sources::PreprocessReport stated =
      sources::mmengine::ReadPreprocess("MMYOLO", root, detector.preprocessed,
                                        {*file.height, *file.width, file.dynamic_size, stride});
  base::AppendNotes(notes, stated.notes);
  settings.preprocess = stated.preprocess;
  const auto count = static_cast<std::size_t>(settings.head.num_classes);
  settings.classes = sources::mmengine::NamesOfClasses(root, {}, count);
  settings.palette = sources::mmengine::ClassPalette(root, {}, count, notes);
  settings.files = config.files();
  const auto of_model = model.files();
  settings.files.insert(settings.files.end(), of_model.begin(), of_model.end());
  return settings;
}

}  // namespace yoloport::finish
