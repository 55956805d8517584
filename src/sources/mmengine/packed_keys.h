// What a test pipeline hands to heads beside the image.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace yoloport::sources::mmengine {

// The heads of `framework` map boxes back with the keys that PackDetInputs packs
// (YOLOv5Head.predict_by_feat); we always map them back. Notes on those that `transform` does not
// pack; `pads_before`: images have padding on their left or top.
std::vector<std::string> PackedKeyNotes(const config::ConfigNode& transform,
                                        const std::string& framework, bool pads_before);

}  // namespace yoloport::sources::mmengine
