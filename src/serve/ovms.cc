// OpenVINO Model Server.
#include "base/text.h"
#include "serve/safe_text.h"
#include "serve/targets.h"
#include "yoloport/error.h"

namespace yoloport::serve {

void AddOvms(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
             Notes& notes) {
  if (model.is_for_tensorrt()) {
    throw UsageError(base::Quote(model.file.native()) + ": is for the backend " +
                         model.info.backend + ", whose NMS is a plugin that OpenVINO has not",
                     "export it with --backend openvino");
  }
  const std::filesystem::path place = plan.name;
  TemplateValues values = ModelValues(model, plan);
  values.texts["base_path"] = QuotedText("/models/" + plan.name);
  AddModel(model, place / "1", folder);
  folder.Write(place / "labels.txt", LabelLines(model.info.classes));
  folder.Write("config.json", FillTemplate("ovms/config.json", values));
  folder.WriteProgram("serve.sh", FillTemplate("ovms/serve.sh", values));
  AddClient(model, plan, false, folder);
  NoteMinBox(model, notes);
  folder.Write("README.md", FillTemplate("ovms/README.md", values));
}

}  // namespace yoloport::serve
