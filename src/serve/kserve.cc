// KServe on Kubernetes: an InferenceService that Triton answers for.
#include "serve/safe_text.h"
#include "serve/targets.h"

namespace yoloport::serve {

void AddKserve(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
               Notes& notes) {
  AddTritonRepository(model, plan, folder, notes);
  AddClient(model, plan, TritonTakesMinBox(model), folder);
  TemplateValues values = ModelValues(model, plan);
  values.texts["model_format"] = model.is_for_tensorrt() ? "tensorrt" : "onnx";
  values.texts["storage_uri"] = PlainText(plan.storage_uri);
  values.texts["quoted_storage_uri"] = QuotedText(plan.storage_uri);
  if (TritonTakesMinBox(model)) values.conditions["min_box_note"] = false;
  folder.Write("inferenceservice.yaml", FillTemplate("kserve/inferenceservice.yaml", values));
  folder.Write("README.md", FillTemplate("kserve/README.md", values));
  notes.emplace_back("the folder models is to be put where storageUri points to: " +
                     PlainText(plan.storage_uri));
}

}  // namespace yoloport::serve
