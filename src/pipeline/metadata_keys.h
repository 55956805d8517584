// What an exported file says about itself, gathered from config, checkpoint and network.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "contract/model_card.h"
#include "yoloport/types.h"

namespace yoloport {

// Class names that the config states: `metainfo` of the test dataset or of the file, or
// `class_name`. Empty when it states none.
std::vector<std::string> ConfigClassNames(const ConfigNode& root);

// The palette of the checkpoint, else of the config, when it has `classes` colours; else empty.
std::vector<std::array<int, 3>> ClassPalette(const ConfigNode& root,
                                             const std::vector<Rgb>& checkpoint,
                                             std::size_t classes);

// All metadata_props: yoloport's own document, and the keys that other runners look for (names,
// stride, task, imgsz, batch: written as Ultralytics' runners parse them; with their layout all of
// those that they read). `dynamic_size`: the file takes images of any size.
std::map<std::string, std::string> MetadataKeys(const contract::ModelCard& info,
                                                bool dynamic_size = false);

}  // namespace yoloport
