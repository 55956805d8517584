// The client script: client.py with the model's own description in it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "package/safe_text.h"
#include "package/targets.h"
#include "package/template.h"

namespace yoloport {
namespace {

using Json = nlohmann::ordered_json;

// The names of element types in the open inference protocol.
std::string ProtocolType(const std::string& type) {
  if (type == "float16") return "FP16";
  if (type == "uint8") return "UINT8";
  return "FP32";
}

Json Description(const ServedModel& model, const PackagePlan& plan, bool gives_min_box) {
  const Json document = Json::parse(ToJson(model.info));
  Json json;
  json["name"] = plan.name;
  json["layout"] = NameOf(model.info.layout);
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

void NoteMinBox(const ServedModel& model, Notes& notes) {
  const double size = model.info.nms.min_box_size;
  if (size <= 0) return;
  notes.push_back(fmt::format(
      "--min-box-size {:g} counts pixels of the network's input here, not of the photo: "
      "{}",
      size,
      model.min_box ? "OpenVINO takes the file's optional input min_box_size for a constant. "
                      "Triton with a file for the backend onnxruntime takes it as an input"
                    : "the file has no input that says how a photo was scaled"));
}

std::string MinBoxText(const ServedModel& model) {
  Notes notes;
  NoteMinBox(model, notes);
  return notes.empty() ? "" : "`--min-box-size`" + notes[0].substr(notes[0].find(' ')) + ".\n\n";
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
