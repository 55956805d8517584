// OpenVINO Model Server.
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "package/safe_text.h"
#include "package/targets.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

std::string OvmsConfig(const PackagePlan& plan) {
  nlohmann::ordered_json config;
  config["name"] = plan.name;
  config["base_path"] = "/models/" + plan.name;
  config["target_device"] = "CPU";
  config["plugin_config"] = {{"PERFORMANCE_HINT", "LATENCY"}};
  nlohmann::ordered_json entry;
  entry["config"] = config;
  nlohmann::ordered_json json;
  json["model_config_list"] = nlohmann::ordered_json::array({entry});
  return json.dump(2) + "\n";
}

std::string Readme(const ServedModel& model, const PackagePlan& plan) {
  const bool is_open = model.takes_any_batch();
  return "# " + plan.name + " on OpenVINO Model Server\n\n    ./serve.sh\n\n" +
         "`config.json`, which has no room for comments:\n\n"
         "| key | meaning |\n| --- | --- |\n"
         "| `name` | of the model in requests: `/v2/models/" +
         plan.name +
         "/infer` |\n"
         "| `base_path` | the model's folder in the container, with a folder a version |\n"
         "| `target_device` | `CPU`; `GPU` and `AUTO` in an image that has the drivers |\n"
         "| `plugin_config` | `LATENCY` is for one request at a time, `THROUGHPUT` for many |\n\n" +
         (is_open ? "A request may bring any number of images. "
                  : "Each request brings the file's number of images. ") +
         "`shape` and `layout` are left out: the file's own are right.\n\n" + MinBoxText(model) +
         ClientText(plan, "http://localhost:8000");
}

}  // namespace

void AddOvms(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder,
             Notes& notes) {
  if (model.is_for_tensorrt()) {
    throw UsageError(Quote(model.file.native()) + ": is for the backend " + model.info.backend +
                         ", whose NMS is a plugin that OpenVINO has not",
                     "export it with --backend openvino");
  }
  const std::filesystem::path place = plan.name;
  folder.Copy(place / "1" / "model.onnx", model.file);
  folder.Write(place / "labels.txt", LabelLines(model.info.classes));
  folder.Write("config.json", OvmsConfig(plan));
  folder.WriteProgram("serve.sh",
                      "#!/bin/sh\n" + Heading(model, "ovms", "#") +
                          "#\n# Starts OpenVINO Model Server on this folder: REST on port 8000, "
                          "gRPC on 9000.\n"
                          "set -eu\ncd \"$(dirname \"$0\")\"\n"
                          "exec docker run --rm -p 8000:8000 -p 9000:9000 -v \"$PWD:/models:ro\" "
                          "\\\n  \"openvino/model_server:${TAG:-latest}\" --config_path "
                          "/models/config.json --rest_port 8000 --port 9000\n");
  AddClient(model, plan, false, folder);
  NoteMinBox(model, notes);
  folder.Write("README.md", Readme(model, plan));
}

}  // namespace yoloport
