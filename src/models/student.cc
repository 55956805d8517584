#include "models/student.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "models/common.h"

namespace yoloport {
namespace {

// They leave the student as it is; other algorithms of MMRazor change it.
constexpr std::array<std::string_view, 2> kDistillations = {"FpnTeacherDistill",
                                                            "SingleTeacherDistill"};

}  // namespace

ConfigNode DetectorConfig(const ConfigNode& model, const ConfigOptions& options) {
  const std::string type = WithoutScope(model["type"].AsString());
  if (std::find(kDistillations.begin(), kDistillations.end(), type) == kDistillations.end()) {
    return model;
  }
  const auto preprocessor = model.Find("data_preprocessor");
  if (preprocessor && !preprocessor->IsNone()) {
    preprocessor->Fail("a distillation with a data_preprocessor of its own is not supported",
                       "state it in the student's config");
  }
  ConfigNode student = model["architecture"];
  // The student's own keys are checked where it is built.
  model.Ignore({"architecture", "teacher", "teacher_ckpt", "teacher_trainable", "teacher_norm_eval",
                "teacher_module_inplace", "distiller", "student_trainable",
                "calculate_student_loss", "module_inplace", "init_cfg"});
  model.RequireAllUsed();
  if (!student.Has("cfg_path")) return student;
  const Config config = Config::LoadNamed(student["cfg_path"], options);
  student.Ignore({"pretrained"});
  student.RequireAllUsed();
  return config.root()["model"];
}

Weights DetectorWeights(const Weights& w) {
  if (!w.HasBelow("architecture")) return w;
  w.Ignore("teacher");
  w.Ignore("distiller");
  return w["architecture"];
}

}  // namespace yoloport
