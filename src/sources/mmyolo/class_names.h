// What a config and its checkpoint call the classes.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "config/config.h"

namespace yoloport::sources::mmyolo {

// Names for `count` classes: of all that the checkpoint and the config state, in this order, the
// first list of that length; else the first at all. Of the config these are `metainfo` of the test
// dataset and of the file, as `classes` and `CLASSES`, and the file's variables `class_name`,
// `class_names`, `classes` and `CLASSES`. One string is one name. Empty where there is none.
std::vector<std::string> NamesOfClasses(const config::ConfigNode& root,
                                        const checkpoint::CheckpointMeta& checkpoint,
                                        std::size_t count);

// The first palette of the checkpoint, else of the config, that has `count` colors; else empty, and
// a line in `notes` says why the one that the config states is not used.
std::vector<std::array<int, 3>> ClassPalette(const config::ConfigNode& root,
                                             const checkpoint::CheckpointMeta& checkpoint,
                                             std::size_t count, std::vector<std::string>& notes);

}  // namespace yoloport::sources::mmyolo
