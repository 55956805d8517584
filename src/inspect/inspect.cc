#include "yoloport/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "config/config.h"
#include "inspect/inspect_network.h"
#include "sources/registry/registry.h"

namespace yoloport {
namespace {

using Json = nlohmann::ordered_json;
using checkpoint::Checkpoint;
using checkpoint::NamedTensor;

Json TensorJson(const NamedTensor& entry) {
  Json tensor = {{"key", entry.key}};
  if (entry.usable()) {
    tensor["dtype"] = tensor::DTypeName(entry.tensor.dtype());
    tensor["shape"] = entry.tensor.shape();
  } else {
    tensor["problem"] = entry.problem;
  }
  return tensor;
}

Json MetaJson(const checkpoint::CheckpointMeta& meta) {
  Json json;
  json["epoch"] = meta.epoch ? Json(*meta.epoch) : Json();
  json["iter"] = meta.iter ? Json(*meta.iter) : Json();
  json["experiment_name"] = meta.experiment_name;
  json["time"] = meta.time;
  json["mmyolo_version"] = meta.mmyolo_version;
  json["mmengine_version"] = meta.mmengine_version;
  json["has_config"] = !meta.config_text.empty();
  json["classes"] = meta.classes;
  return json;
}

bool TellsItsNetwork(const Checkpoint& checkpoint) {
  return checkpoint.modules() != nullptr || sources::registry::NeedsNoConfig(checkpoint);
}

std::string CheckpointJson(const Checkpoint& checkpoint) {
  Json json;
  json["file"] = checkpoint.path().native();
  json["format"] = checkpoint.format();
  json["origin"] = sources::registry::OriginOf(checkpoint);
  json["bytes"] = checkpoint.file_size();
  json["meta"] = MetaJson(checkpoint.meta());
  if (TellsItsNetwork(checkpoint)) {
    json["network"] = inspect::NetworkJson(inspect::InspectNetwork(checkpoint));
  }
  json["tensors"] = Json::array();
  for (const NamedTensor& entry : checkpoint.tensors())
    json["tensors"].push_back(TensorJson(entry));
  json["unknown_classes"] = checkpoint.unknown_classes();
  json["notes"] = checkpoint.notes();
  return base::WithEscapedControls(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

void AddLine(std::string& text, std::string_view what, const std::string& value) {
  if (!value.empty()) text += fmt::format("{:<16}{}\n", what, value);
}

std::string Unquoted(const std::string& text, std::size_t limit = 200) {
  const std::string quoted = base::Quote(text, limit);
  return quoted.substr(1, quoted.size() - 2);
}

std::string NumberText(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : std::string();
}

std::string CheckpointText(const Checkpoint& checkpoint) {
  const checkpoint::CheckpointMeta& meta = checkpoint.meta();
  std::string text;
  AddLine(text, "file", Unquoted(checkpoint.path().native(), 4096));
  AddLine(text, "format", checkpoint.format() + ", " + base::SizeText(checkpoint.file_size()));
  AddLine(text, "origin", Unquoted(sources::registry::OriginOf(checkpoint)));
  AddLine(text, "epoch", NumberText(meta.epoch));
  AddLine(text, "iteration", NumberText(meta.iter));
  AddLine(text, "experiment", Unquoted(meta.experiment_name));
  AddLine(text, "saved", Unquoted(meta.time));
  AddLine(text, "mmyolo", Unquoted(meta.mmyolo_version));
  AddLine(text, "mmengine", Unquoted(meta.mmengine_version));
  std::vector<std::string> class_names = meta.classes;
  if (!TellsItsNetwork(checkpoint)) {
    AddLine(text, "config", meta.config_text.empty() ? "none inside" : "inside");
  } else {
    const inspect::WholeNetwork network = inspect::InspectNetwork(checkpoint);
    for (const auto& [what, value] : inspect::NetworkLines(network)) AddLine(text, what, value);
    class_names = network.classes;
  }
  std::vector<std::string> classes;
  for (const std::string& name : class_names) classes.push_back(Unquoted(name));
  AddLine(
      text, "classes",
      classes.empty() ? "" : fmt::format("{}: {}", classes.size(), base::JoinText(classes, 100)));
  std::vector<std::string> unknown;
  for (const std::string& name : checkpoint.unknown_classes()) unknown.push_back(Unquoted(name));
  AddLine(text, "unknown classes",
          unknown.empty() ? "" : base::JoinText(unknown, 50) + " (never executed)");
  for (const std::string& note : checkpoint.notes()) AddLine(text, "note", note);

  std::size_t width = 0;
  std::int64_t elements = 0;
  constexpr std::size_t kWidest = 80;  // one long key must not widen the lines of all others
  for (const NamedTensor& entry : checkpoint.tensors())
    width = std::max(width, std::min(kWidest, Unquoted(entry.key).size()));
  text += fmt::format("\n{} tensors\n", checkpoint.tensors().size());
  for (const NamedTensor& entry : checkpoint.tensors()) {
    const std::string what = entry.usable()
                                 ? fmt::format("{:<9}{}", tensor::DTypeName(entry.tensor.dtype()),
                                               base::ShapeText(entry.tensor.shape()))
                                 : entry.problem;
    text += fmt::format("  {:<{}}  {}\n", Unquoted(entry.key), width, what);
    if (entry.usable()) elements += entry.tensor.size();
  }
  text += fmt::format("{} elements\n", elements);
  return text;
}

}  // namespace

ConfigInspection InspectConfig(const std::filesystem::path& path, ConfigFormat format,
                               const InspectOptions& options) {
  config::ConfigOptions config_options;
  config_options.overrides = options.cfg_options;
  config_options.packages = options.packages;
  const config::Config config = config::Config::Load(path, config_options);
  const std::string text = format == ConfigFormat::kPython
                               ? config.ToPython()
                               : base::WithEscapedControls(config.ToJson(2));
  return {text + "\n", config.notes(), sources::registry::OriginOf(config, config_options)};
}

std::string InspectCheckpoint(const std::filesystem::path& path, bool json) {
  const Checkpoint checkpoint = Checkpoint::Open(path);
  std::string text = json ? CheckpointJson(checkpoint) : CheckpointText(checkpoint);
  checkpoint.CheckUnchanged();
  return text;
}

}  // namespace yoloport
