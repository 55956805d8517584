// What an exported file says about itself, to yoloport and to other programs.
#pragma once

#include <map>
#include <string>

#include "contract/model_card.h"

namespace yoloport::exporting {

// All metadata_props: yoloport's own document, and the keys that other runners look for (names,
// stride, task, imgsz, batch: written as Ultralytics' runners parse them; with their layout all of
// those that they read). `dynamic_size`: the file takes images of any size.
std::map<std::string, std::string> MetadataKeys(const contract::ModelCard& info,
                                                bool dynamic_size = false);

// `keys` of a file by somebody else without those that would tell runners of Ultralytics' something
// that is not so of a file of ours.
std::map<std::string, std::string> WithoutRunnersKeys(std::map<std::string, std::string> keys);

}  // namespace yoloport::exporting
