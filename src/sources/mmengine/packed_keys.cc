#include "sources/mmengine/packed_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace yoloport::sources::mmengine {
namespace {

// mmdet's own meta_keys, as far as they matter, where none are stated.
std::vector<std::string> PackedKeys(const config::ConfigNode& transform) {
  const auto stated = transform.Find("meta_keys");
  if (!stated) return {"ori_shape", "scale_factor"};
  return stated->AsStrings();
}

}  // namespace

std::vector<std::string> PackedKeyNotes(const config::ConfigNode& transform,
                                        const std::string& framework, bool pads_before) {
  const std::vector<std::string> keys = PackedKeys(transform);
  const auto lacks = [&](std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) == keys.end();
  };
  const bool is_stated = transform.Has("meta_keys");
  const std::string place = transform[is_stated ? "meta_keys" : "type"].place();
  std::vector<std::string> notes;
  for (const char* key : {"ori_shape", "scale_factor"}) {
    if (!lacks(key)) continue;
    notes.push_back(
        fmt::format("{}: the meta_keys are without '{}': {} stops there, yoloport needs none",
                    place, key, framework));
  }
  if (pads_before && lacks("pad_param")) {
    notes.push_back(
        fmt::format("{}: the meta_keys{} are without 'pad_param': MMYOLO leaves LetterResize's "
                    "padding in its boxes, yoloport takes it off. With 'pad_param' among them both "
                    "find the same",
                    place, is_stated ? "" : ", which are mmdet's own where none are stated,"));
  }
  return notes;
}

}  // namespace yoloport::sources::mmengine
