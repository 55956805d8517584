// A module of a network with its weights: what the builders of layers take.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "checkpoint/module_tree.h"
#include "checkpoint/weights.h"

namespace yoloport::sources::layer_list {

// Both under the same path, and so are those below them.
struct Block {
  checkpoint::Module module;
  checkpoint::Weights w;

  Block operator[](std::string_view child) const { return {module[child], w[child]}; }
  Block operator[](std::size_t index) const { return {module[index], w[index]}; }

  std::vector<Block> Children() const {
    std::vector<Block> children;
    for (checkpoint::Module& child : module.Children()) {
      const std::string_view name = child.name();
      checkpoint::Weights weights = w[name];
      children.push_back({std::move(child), std::move(weights)});
    }
    return children;
  }
};

}  // namespace yoloport::sources::layer_list
