#include "sources/mmyolo/student.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "models/config_reading.h"

namespace yoloport::sources::mmyolo {
namespace {

using config::ConfigNode;

// They leave the student as it is; other algorithms of MMRazor change it.
constexpr std::array<std::string_view, 2> kDistillations = {"FpnTeacherDistill",
                                                            "SingleTeacherDistill"};

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

}  // namespace

ConfigNode DetectorConfig(const ConfigNode& model, const config::ConfigOptions& options,
                          std::vector<std::string>& notes) {
  const std::string type = models::WithoutScope(model["type"].AsString());
  if (std::find(kDistillations.begin(), kDistillations.end(), type) != kDistillations.end()) {
    RefuseOwnPreprocessor(model, "a distillation", "the student's config");
    return StudentOf(model, options);
  }
  if (type == "DetTTAModel") {
    RefuseOwnPreprocessor(model, "a DetTTAModel", "model.module");
    return AugmentedDetector(model, notes);
  }
  if (model.Has("detector") && !model.Has("bbox_head")) {
    model["type"].Fail(
        base::Quote(type) +
            " trains a detector twice, as teacher and student, which is not supported",
        "in a config that has this one as _base_, write model = dict(_delete_=True, "
        "**_base_.model.detector), and save the weights below 'teacher.' without that prefix");
  }
  models::RequireType(model, {"YOLODetector"});  // before its parts are missed
  return model;
}

checkpoint::Weights DetectorWeights(const checkpoint::Weights& w) {
  if (!w.HasBelow("architecture")) return w;
  w.Ignore("teacher");
  w.Ignore("distiller");
  return w["architecture"];
}

}  // namespace yoloport::sources::mmyolo
