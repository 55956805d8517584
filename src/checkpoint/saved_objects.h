// What the handles of module_tree.h point into.
#pragma once

#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/module_reader.h"
#include "formats/pickle/pickle_value.h"

namespace yoloport::checkpoint {

// One module, which may stand at several places. Names are views into the pickle.
struct ModuleData {
  using Named = std::pair<std::string_view, const formats::pickle::Value*>;

  std::string_view class_name;
  std::vector<std::pair<std::string_view, const ModuleData*>> children;  // in order
  std::vector<Named> tensors;     // parameters, then persistent buffers: the state_dict's order
  std::vector<Named> attributes;  // sorted by name; of equal names the last one counts
};

struct SavedObjects {
  ModuleFile file;
  std::deque<ModuleData> modules;  // stay where they are
};

}  // namespace yoloport::checkpoint
