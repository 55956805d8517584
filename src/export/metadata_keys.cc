#include "export/metadata_keys.h"

#include <fmt/format.h>

#include <algorithm>

namespace yoloport::exporting {
namespace {

// A Python string literal as other runners' parsers take it.
std::string PythonString(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

// `dynamic` lets Ultralytics' runners choose the input's size. `nms` makes them cut what they are
// given into groups of `batch`, so that only a file that takes any batch and any size goes without;
// one that takes any batch and one size gets its images singly.
void AddUltralyticsKeys(const contract::ModelCard& info, bool dynamic_size,
                        std::map<std::string, std::string>& keys) {
  const int batch = std::max(info.batch, 1);
  const bool takes_any = dynamic_size && info.batch < 0;
  const auto flag = [](bool value) { return value ? "True" : "False"; };
  keys["batch"] = std::to_string(batch);
  keys["channels"] = "3";
  keys["end2end"] = "True";
  keys["args"] = fmt::format("{{'batch': {}, 'half': False, 'dynamic': {}, 'nms': {}}}", batch,
                             flag(dynamic_size), flag(!takes_any));
}

}  // namespace

std::map<std::string, std::string> MetadataKeys(const contract::ModelCard& info,
                                                bool dynamic_size) {
  int stride = 1;
  for (const auto& level : info.strides) stride = std::max({stride, level[0], level[1]});
  std::string names = "{";
  for (std::size_t i = 0; i < info.classes.size(); ++i) {
    names += fmt::format("{}{}: {}", i > 0 ? ", " : "", i, PythonString(info.classes[i]));
  }
  std::map<std::string, std::string> keys = {
      {"yoloport", contract::ToCheckedJson(info)},
      {"names", names + "}"},
      {"stride", std::to_string(stride)},
      {"task", "detect"},
      {"imgsz", fmt::format("[{}, {}]", info.preprocess.height, info.preprocess.width)},
      {"batch", std::to_string(info.batch)}};
  if (info.layout == contract::OutputLayout::kUltralytics)
    AddUltralyticsKeys(info, dynamic_size, keys);
  return keys;
}

std::map<std::string, std::string> WithoutRunnersKeys(std::map<std::string, std::string> keys) {
  for (const char* key : {"args", "channels", "dynamic", "end2end", "half", "kpt_shape", "nms"}) {
    keys.erase(key);
  }
  return keys;
}

}  // namespace yoloport::exporting
