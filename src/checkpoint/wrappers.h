// Names of keys that training wraps around a network: data parallelism, torch.compile, averaging.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yoloport::checkpoint {

struct UnwrappedKey {
  std::string key;       // "backbone.stem.conv.weight"
  std::string wrappers;  // "module._orig_mod."; empty where nothing was taken off
  bool is_averaged = false;
};

// Takes "module.", "model.", "ema." and "_orig_mod." off the front of a key, repeatedly, and what
// torch's wrappers put in front of submodules ("_orig_mod.", "_fsdp_wrapped_module.",
// "_checkpoint_wrapped_module.") from anywhere in it. The last component is never taken off.
UnwrappedKey Unwrap(std::string_view key);

// Does so with all keys of a checkpoint and adds a note where anything was taken off. Gives for
// each key whether it counts: of weights that are there as trained and averaged, the averaged ones
// do. Throws CheckpointError where two keys are the same otherwise.
std::vector<bool> UnwrapKeys(std::vector<std::string>& keys, std::vector<std::string>& notes);

// Whether a key counts how often weights were averaged: MMEngine's "steps", torch's "n_averaged".
bool CountsAverages(std::string_view key);

}  // namespace yoloport::checkpoint
