// The client script: client.py with the model's own description in it.
#include <nlohmann/json.hpp>

#include "serve/safe_text.h"
#include "serve/targets.h"
#include "serve/template.h"

namespace yoloport::serve {
namespace {

using Json = nlohmann::ordered_json;

// The names of element types in the open inference protocol.
std::string ProtocolType(const std::string& type) {
  if (type == "float16") return "FP16";
  if (type == "uint8") return "UINT8";
  return "FP32";
}

Json Description(const ServedModel& model, const PackagePlan& plan, bool gives_min_box) {
  const Json document = Json::parse(contract::ToJson(model.info));
  Json json;
  json["name"] = plan.name;
  json["layout"] = contract::NameOf(model.info.layout);
  json["input"] = {{"name", model.input.name},
                   {"datatype", ProtocolType(model.input.type)},
                   {"dims", model.input.dims}};
  json["outputs"] = Json::array();
  for (const ServedTensor& output : model.outputs) json["outputs"].push_back(output.name);
  if (gives_min_box) {
    json["min_box"] = {{"name", model.min_box->name},
                       {"datatype", ProtocolType(model.min_box->type)},
                       {"dims", model.min_box->dims},
                       {"size", model.info.nms.min_box_size}};
  }
  if (model.turns()) json["turns_by"] = model.stride();
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

void AddClient(const ServedModel& model, const PackagePlan& plan, bool gives_min_box,
               PackageFolder& folder) {
  const TemplateValues values = {
      .texts = {{"model", WithinQuotes(Description(model, plan, gives_min_box))}}};
  folder.WriteProgram("client.py", FillTemplate("client.py", values));
}

}  // namespace yoloport::serve
