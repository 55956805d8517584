#include "sources/mmyolo/class_names.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "sources/mmyolo/evaluated_dataset.h"

namespace yoloport::sources::mmyolo {
namespace {

using checkpoint::CheckpointMeta;
using config::ConfigNode;
using Names = std::vector<std::string>;
using Palette = std::vector<std::array<int, 3>>;

// `metainfo` of the test dataset and of the file.
std::vector<ConfigNode> FindMetainfo(const ConfigNode& root) {
  std::vector<ConfigNode> found;
  for (const auto& metainfo : {FindInTestDataset(root, "metainfo"), root.Find("metainfo")}) {
    const bool is_stated = metainfo && (metainfo->IsUnknown() || !metainfo->IsNone());
    if (is_stated) found.push_back(*metainfo);
  }
  return found;
}

// What it has under these keys.
std::vector<ConfigNode> FindIn(const ConfigNode& metainfo,
                               std::initializer_list<std::string_view> keys) {
  std::vector<ConfigNode> found;
  if (!metainfo.IsDict()) return found;
  for (const std::string_view key : keys) {
    const auto value = metainfo.Find(key);
    if (value && (value->IsUnknown() || !value->IsNone())) found.push_back(*value);
  }
  return found;
}

Names ReadNames(const ConfigNode& node) {
  if (node.IsImported()) {  // a name is known of it, not what it holds
    node.Fail("is imported, and nothing that is imported is run", "write the names themselves");
  }
  return node.IsString() ? Names{node.AsString()} : node.AsStrings();
}

Palette ReadPalette(const std::vector<Rgb>& colors) {
  Palette palette;
  for (const Rgb& color : colors) palette.push_back({color.r, color.g, color.b});
  return palette;
}

// Empty where it is not one color a class, such as a name for a palette of mmdet's.
Palette ReadPalette(const ConfigNode& node) {
  Palette palette;
  if (!node.IsList()) return palette;
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (!node[i].IsList() || node[i].size() != 3) return {};
    const std::vector<std::int64_t> rgb = node[i].AsInts();
    const auto byte = [&](std::size_t at) {
      return static_cast<int>(std::clamp<std::int64_t>(rgb[at], 0, 255));
    };
    palette.push_back({byte(0), byte(1), byte(2)});
  }
  return palette;
}

// The stated palettes; also a whole metainfo that is not known, which may hold one.
std::vector<ConfigNode> FindPalettes(const ConfigNode& root) {
  std::vector<ConfigNode> palettes;
  for (const ConfigNode& metainfo : FindMetainfo(root)) {
    if (!metainfo.IsUnknown() && metainfo.IsDict()) {
      const std::vector<ConfigNode> found = FindIn(metainfo, {"palette", "PALETTE"});
      palettes.insert(palettes.end(), found.begin(), found.end());
    } else if (!metainfo.WhyUnknown().empty()) {
      palettes.push_back(metainfo);
    }
  }
  return palettes;
}

// Why colors that are stated do not become those of `count` classes.
std::string WhyNotUsed(const ConfigNode& palette, std::size_t colors, std::size_t count) {
  const std::string why = palette.WhyUnknown();
  if (!why.empty()) return base::Quote(palette.path()) + " is not known (" + why + ")";
  const std::string what = palette.place() + ": " + base::Quote(palette.path());
  if (colors == 0) return what + " is not a list of colors, each red, green and blue";
  return what + " has " + std::to_string(colors) + " colors for " + std::to_string(count) +
         " classes";
}

}  // namespace

Names NamesOfClasses(const ConfigNode& root, const CheckpointMeta& checkpoint, std::size_t count) {
  Names any;
  const auto fits = [&](const Names& names) {
    if (any.empty()) any = names;
    return names.size() == count;
  };
  if (fits(checkpoint.classes)) return checkpoint.classes;
  for (const Names& names : checkpoint.other_classes) {
    if (fits(names)) return names;
  }
  // Read only where they are needed: a config may calculate them in ways that are not known.
  std::vector<ConfigNode> stated;
  for (const ConfigNode& metainfo : FindMetainfo(root)) {
    const auto found = FindIn(metainfo, {"classes", "CLASSES"});
    stated.insert(stated.end(), found.begin(), found.end());
  }
  for (const std::string_view key : {"class_name", "class_names", "classes", "CLASSES"}) {
    const auto variable = root.Find(key);
    const bool is_known = variable && !variable->IsUnknown() && !variable->IsImported();
    if (is_known && (variable->IsString() || variable->IsList())) stated.push_back(*variable);
  }
  for (const ConfigNode& node : stated) {
    if (const Names names = ReadNames(node); fits(names)) return names;
  }
  return any;
}

Palette ClassPalette(const ConfigNode& root, const CheckpointMeta& checkpoint, std::size_t count,
                     std::vector<std::string>& notes) {
  if (checkpoint.palette.size() == count) return ReadPalette(checkpoint.palette);
  for (const std::vector<Rgb>& colors : checkpoint.other_palettes) {
    if (colors.size() == count) return ReadPalette(colors);
  }
  // Colors are worth no error: where they are not known, there are none.
  std::string why;
  for (const ConfigNode& node : FindPalettes(root)) {
    Palette palette = node.WhyUnknown().empty() ? ReadPalette(node) : Palette();
    if (palette.size() == count) return palette;
    if (why.empty()) why = WhyNotUsed(node, palette.size(), count);
  }
  if (!why.empty()) notes.push_back(why + ": default colors are used");
  return {};
}

}  // namespace yoloport::sources::mmyolo
