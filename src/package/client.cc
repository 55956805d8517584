// The client script: client.py with the model's own description in it.
#include <nlohmann/json.hpp>

#include "package/safe_text.h"
#include "package/targets.h"

namespace yoloport {
namespace {

using Json = nlohmann::ordered_json;

// The names of element types in the open inference protocol.
std::string ProtocolType(const std::string& type) {
  if (type == "float16") return "FP16";
  if (type == "uint8") return "UINT8";
  return "FP32";
}

Json Description(const ServedModel& model, const PackagePlan& plan) {
  const Json document = Json::parse(ToJson(model.info));
  Json json;
  json["name"] = plan.name;
  json["layout"] = NameOf(model.info.layout);
  json["input"] = {{"name", model.input.name},
                   {"datatype", ProtocolType(model.input.type)},
                   {"dims", model.input.dims}};
  json["outputs"] = Json::array();
  for (const ServedTensor& output : model.outputs) json["outputs"].push_back(output.name);
  for (const char* key : {"recipe", "classes", "palette"}) json[key] = document[key];
  return json;
}

// JSON within a raw Python text in ''': no quote of that kind, ASCII only.
std::string WithinQuotes(const Json& json) {
  std::string text;
  for (const char c : json.dump(-1, ' ', true, Json::error_handler_t::replace)) {
    if (c == '\'') {
      text += "\\u0027";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

void AddClient(const ServedModel& model, const PackagePlan& plan, PackageFolder& folder) {
  constexpr std::string_view kPlace = "__MODEL__";
  std::string script = kClientTemplate;
  script.replace(script.find(kPlace), kPlace.size(), WithinQuotes(Description(model, plan)));
  folder.WriteProgram("client.py", script);
}

std::string ClientText(const PackagePlan& plan, const char* url) {
  return std::string(
             "`client.py` sends photos and draws what is found; it needs Python with numpy "
             "and OpenCV:\n\n    python3 client.py photo.jpg --url ") +
         url + " --model " + plan.name + " --out found\n";
}

std::string Heading(const ServedModel& model, const char* target, const char* comment) {
  const std::string begin = std::string(comment) + " ";
  return begin + "Written by yoloport " + PlainText(model.info.yoloport_version) +
         " package --target " + target + "\n" + begin + "of " +
         PlainText(model.file.filename().native()) + ": " + PlainText(model.info.type) + " (" +
         PlainText(model.info.detector) + "), backend " + PlainText(model.info.backend) + "\n";
}

}  // namespace yoloport
