#include "pipeline/metadata_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "pipeline/evaluated_dataset.h"

namespace yoloport {
namespace {

// `metainfo` of the test dataset, else of the file.
std::optional<ConfigNode> FindMetainfo(const ConfigNode& root) {
  if (auto metainfo = FindInTestDataset(root, "metainfo")) return metainfo;
  return root.Find("metainfo");
}

std::optional<ConfigNode> FindInMetainfo(const ConfigNode& root, std::string_view key,
                                         std::string_view upper) {
  const auto metainfo = FindMetainfo(root);
  if (!metainfo || !metainfo->IsDict()) return std::nullopt;
  if (auto found = metainfo->Find(key)) return found;
  return metainfo->Find(upper);
}

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

std::vector<std::string> ConfigClassNames(const ConfigNode& root) {
  auto names = FindInMetainfo(root, "classes", "CLASSES");
  if (!names) names = root.Find("class_name");
  if (!names || names->IsNone()) return {};
  if (names->IsString()) return {names->AsString()};
  std::vector<std::string> classes;
  for (std::size_t i = 0; i < names->size(); ++i) classes.push_back((*names)[i].AsString());
  return classes;
}

std::vector<std::array<int, 3>> ClassPalette(const ConfigNode& root,
                                             const std::vector<Rgb>& checkpoint,
                                             std::size_t classes) {
  std::vector<std::array<int, 3>> palette;
  for (const Rgb& colour : checkpoint) palette.push_back({colour.r, colour.g, colour.b});
  const auto stated = FindInMetainfo(root, "palette", "PALETTE");
  if (palette.empty() && stated && stated->IsList()) {
    for (std::size_t i = 0; i < stated->size(); ++i) {
      const std::vector<std::int64_t> rgb = (*stated)[i].AsInts();
      if (rgb.size() != 3) break;
      const auto byte = [&](std::size_t at) {
        return static_cast<int>(std::clamp<std::int64_t>(rgb[at], 0, 255));
      };
      palette.push_back({byte(0), byte(1), byte(2)});
    }
  }
  if (palette.size() != classes) palette.clear();
  return palette;
}

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
      {"imgsz", fmt::format("[{}, {}]", info.recipe.height, info.recipe.width)},
      {"batch", std::to_string(info.batch)}};
  if (info.layout == contract::OutputLayout::kUltralytics)
    AddUltralyticsKeys(info, dynamic_size, keys);
  return keys;
}

}  // namespace yoloport
