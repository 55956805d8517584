// What a config and its checkpoint call the classes.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "config/config.h"
#include "yoloport/types.h"

namespace yoloport::sources::mmyolo {

// Class names that the config states: `metainfo` of the test dataset or of the file, or
// `class_name`. Empty when it states none.
std::vector<std::string> ConfigClassNames(const config::ConfigNode& root);

// The palette of the checkpoint, else of the config, when it has `classes` colours; else empty.
std::vector<std::array<int, 3>> ClassPalette(const config::ConfigNode& root,
                                             const std::vector<Rgb>& checkpoint,
                                             std::size_t classes);

}  // namespace yoloport::sources::mmyolo
