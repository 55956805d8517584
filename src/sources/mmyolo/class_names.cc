#include "sources/mmyolo/class_names.h"

#include <algorithm>
#include <optional>

#include "sources/mmyolo/evaluated_dataset.h"

namespace yoloport::sources::mmyolo {
namespace {

using config::ConfigNode;

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

}  // namespace

std::vector<std::string> ConfigClassNames(const ConfigNode& root) {
  auto names = FindInMetainfo(root, "classes", "CLASSES");
  if (!names) names = root.Find("class_name");
  if (!names || names->IsNone()) return {};
  if (names->IsImported()) {  // a name is known of it, not what it holds
    names->Fail("is imported, and nothing that is imported is run", "write the names themselves");
  }
  if (names->IsString()) return {names->AsString()};
  std::vector<std::string> classes;
  for (std::size_t i = 0; i < names->size(); ++i) classes.push_back((*names)[i].AsString());
  return classes;
}

namespace {

// Colors are worth no error: where they are not known, there are none.
std::optional<ConfigNode> FindPalette(const ConfigNode& root) {
  const auto metainfo = FindMetainfo(root);
  if (!metainfo || metainfo->IsUnknown()) return std::nullopt;
  const auto palette = FindInMetainfo(root, "palette", "PALETTE");
  if (!palette || palette->HasUnknown() || !palette->IsList()) return std::nullopt;
  return palette;
}

}  // namespace

std::vector<std::array<int, 3>> ClassPalette(const ConfigNode& root,
                                             const std::vector<Rgb>& checkpoint,
                                             std::size_t classes) {
  std::vector<std::array<int, 3>> palette;
  for (const Rgb& colour : checkpoint) palette.push_back({colour.r, colour.g, colour.b});
  const auto stated = palette.empty() ? FindPalette(root) : std::nullopt;
  if (stated) {
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

}  // namespace yoloport::sources::mmyolo
