// Class names as the programs pickle them in a network.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/module_tree.h"

namespace yoloport::sources::layer_list {

// Those of `names`: a dict from labels to names, or in older files a list of them. None where there
// are more than any data set has. Throws CheckpointError where they are not texts or the labels do
// not count from 0.
std::vector<std::string> ClassNamesIn(const checkpoint::SavedValue& names);

}  // namespace yoloport::sources::layer_list
