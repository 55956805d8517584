// KServe on Kubernetes: an InferenceService that Triton answers for.
#include <fmt/format.h>

#include "package/safe_text.h"
#include "package/targets.h"

namespace yoloport {
namespace {

std::string InferenceService(const ServedModel& model, const PackagePlan& plan) {
  const bool engine = model.is_for_tensorrt();
  std::string text = Heading(model, "kserve", "#");
  text += "#\n# kubectl apply -f inferenceservice.yaml\n";
  text += "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n";
  text += fmt::format("  name: {}\n", QuotedText(plan.name));
  text +=
      "spec:\n  predictor:\n    # A copy that runs always; 0 lets KServe stop the last one.\n"
      "    minReplicas: 1\n    model:\n      modelFormat:\n";
  text += fmt::format("        name: {}\n", engine ? "tensorrt" : "onnx");
  text +=
      "      # The protocol of client.py: /v2/models/NAME/infer.\n"
      "      protocolVersion: v2\n"
      "      # KServe's runtime for Triton, which reads config.pbtxt.\n"
      "      runtime: kserve-tritonserver\n"
      "      # Where the contents of the folder models are.\n";
  text += fmt::format("      storageUri: {}\n", QuotedText(plan.storage_uri));
  text +=
      "      resources:\n        requests:\n          cpu: \"1\"\n          memory: 2Gi\n"
      "        limits:\n          cpu: \"4\"\n          memory: 4Gi\n";
  if (engine) text += "          nvidia.com/gpu: \"1\"\n";
  return text;
}

}  // namespace

void AddKserve(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
               Notes& notes) {
  AddTritonRepository(model, plan, folder, notes);
  AddClient(model, plan, TritonTakesMinBox(model), folder);
  folder.Write("inferenceservice.yaml", InferenceService(model, plan));
  folder.Write("README.md",
               "# " + plan.name + " on KServe\n\n" +
                   (model.is_for_tensorrt()
                        ? "`./build_engine.sh` makes the engine, on a machine with the cluster's "
                          "kind of GPU and its Triton's TensorRT.\n\n"
                        : "") +
                   "Put the contents of `models` where `storageUri` in `inferenceservice.yaml` "
                   "points to (`" +
                   PlainText(plan.storage_uri) + "`), so that `" + plan.name +
                   "/config.pbtxt` lies in it; then\n\n"
                   "    kubectl apply -f inferenceservice.yaml\n"
                   "    kubectl get inferenceservice " +
                   plan.name +
                   "\n\nThe second command shows the URL. Where the cluster's gateway is asked by "
                   "its address, give the service's name with `--host`.\n\n" +
                   (TritonTakesMinBox(model) ? "" : MinBoxText(model)) +
                   ClientText(plan, "http://GATEWAY"));
  notes.emplace_back("the folder models is to be put where storageUri points to: " +
                     PlainText(plan.storage_uri));
}

}  // namespace yoloport
