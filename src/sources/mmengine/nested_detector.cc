#include "sources/mmengine/nested_detector.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "models/config_reading.h"

namespace yoloport::sources::mmengine {
namespace {

using config::ConfigNode;

// They leave the student as it is; other algorithms of MMRazor change it.
constexpr std::array<std::string_view, 2> kDistillations = {"FpnTeacherDistill",
                                                            "SingleTeacherDistill"};

// MMDetection's, which follow what the detector in them finds.
constexpr std::array<std::string_view, 6> kTrackers = {"ByteTrack", "DeepSORT", "OCSORT",
                                                       "QDTrack",   "SORT",     "StrongSORT"};

template <std::size_t N>
bool IsOneOf(const std::string& name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The student of a distillation.
ConfigNode StudentOf(const ConfigNode& model, const config::ConfigOptions& options) {
  ConfigNode student = model["architecture"];
  // The student's own keys are checked where it is built.
  model.Ignore({"architecture", "teacher", "teacher_ckpt", "teacher_trainable", "teacher_norm_eval",
                "teacher_module_inplace", "distiller", "student_trainable",
                "calculate_student_loss", "module_inplace", "init_cfg"});
  model.RequireAllUsed();
  if (!student.Has("cfg_path")) return student;
  const config::Config config = config::Config::LoadNamed(student["cfg_path"], options);
  student.Ignore({"pretrained"});
  student.RequireAllUsed();
  return config.root()["model"];
}

// Its weights are called as those of the detector in it: MMEngine loads them past DetTTAModel.
ConfigNode AugmentedDetector(const ConfigNode& model, std::vector<std::string>& notes) {
  ConfigNode module = model["module"];
  model.Ignore({"module", "tta_cfg", "init_cfg"});
  model.RequireAllUsed();
  notes.push_back(
      model["type"].place() +
      ": of DetTTAModel the detector in it, model.module, is exported: what it finds in "
      "augmented images is not merged, and tta_cfg does not apply");
  return module;
}

void RefuseOwnPreprocessor(const ConfigNode& model, const std::string& what,
                           const std::string& where) {
  const auto preprocessor = model.Find("data_preprocessor");
  if (!preprocessor || preprocessor->IsNone()) return;
  preprocessor->Fail(what + " with a data_preprocessor of its own is not supported",
                     "state it in " + where);
}

// The detector in a tracker, which prepares images in its place.
ConfigNode TrackedDetector(const ConfigNode& model, std::vector<std::string>& notes) {
  ConfigNode detector = model["detector"];
  detector.Ignore({"data_preprocessor"});
  model.Ignore({"detector", "data_preprocessor", "tracker", "reid", "cmc", "motion",
                "postprocess_model", "track_head", "freeze_detector", "init_cfg"});
  model.RequireAllUsed();
  notes.push_back(
      model["type"].place() + ": of " + models::WithoutScope(model["type"].AsString()) +
      " the detector in it, model.detector, is exported: it finds objects in each image "
      "and does not follow them");
  return detector;
}

}  // namespace

DetectorConfig FindDetector(const ConfigNode& model, const config::ConfigOptions& options,
                            std::vector<std::string>& notes) {
  const std::string type = models::WithoutScope(model["type"].AsString());
  if (IsOneOf(type, kDistillations)) {
    RefuseOwnPreprocessor(model, "a distillation", "the student's config");
    const ConfigNode student = StudentOf(model, options);
    return {student, student};
  }
  if (type == "DetTTAModel") {
    RefuseOwnPreprocessor(model, "a DetTTAModel", "model.module");
    const ConfigNode detector = AugmentedDetector(model, notes);
    return {detector, detector};
  }
  if (IsOneOf(type, kTrackers)) return {TrackedDetector(model, notes), model};
  if (model.Has("detector") && !model.Has("bbox_head")) {
    model["type"].Fail(
        base::Quote(type) +
            " trains a detector twice, as teacher and student, which is not supported",
        "in a config that has this one as _base_, write model = dict(_delete_=True, "
        "**_base_.model.detector), and save the weights below 'teacher.' without that prefix");
  }
  return {model, model};
}

checkpoint::Weights DetectorWeights(const checkpoint::Weights& w) {
  if (w.HasBelow("architecture")) {
    w.Ignore("teacher");
    w.Ignore("distiller");
    return w["architecture"];
  }
  if (!w.HasBelow("detector")) return w;
  w.Ignore("reid");
  w.Ignore("track_head");
  return w["detector"];
}

}  // namespace yoloport::sources::mmengine
