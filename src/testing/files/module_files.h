// Writers of small pickled networks, good and bad.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/files/checkpoint_files.h"

namespace yoloport::test_support {

// The instructions that put a value on the stack.
std::string Code(const PickleWriter& writer);  // of what it wrote
std::string IntCode(std::int64_t number);
std::string NumberCode(double number);
std::string TextCode(std::string_view text);
std::string BoolCode(bool value);
std::string ListCode(const std::vector<std::string>& items);
std::string DictCode(const std::vector<std::pair<std::string, std::string>>& entries);  // text keys

// A torch.nn.Module. Classes are written as they stand, "torch.nn.modules.conv.Conv2d".
struct ModuleSpec {
  std::string class_name;
  std::vector<std::pair<std::string, std::string>> attributes = {};  // name, code
  std::vector<NamedFloats> parameters = {};
  std::vector<NamedFloats> buffers = {};
  std::vector<std::pair<std::string, ModuleSpec>> children = {};
  std::vector<std::string> not_saved = {};  // buffers that are not persistent
};

// Its instructions; the storages of its tensors are added to `data`.
std::string ModuleCode(const ModuleSpec& module, std::vector<StorageData>& data);

// A checkpoint of a dict that has `module` under `key`, and `more` beside it (name, code).
std::string TorchModule(const ModuleSpec& module, std::string_view key = "model",
                        const std::vector<std::pair<std::string, std::string>>& more = {});

// Conv2d with these attributes, and weights from `seed` on that are all different.
ModuleSpec Conv2dSpec(std::int64_t in, std::int64_t out, std::int64_t kernel = 1,
                      std::int64_t stride = 1, bool has_bias = true);
// A Sequential or ModuleList of these.
ModuleSpec ListSpec(std::string_view type, std::vector<ModuleSpec> modules);
// The same module as a layer of a network: `f` (code) and `i`.
ModuleSpec LayerSpec(ModuleSpec module, std::string from, std::int64_t index);

}  // namespace yoloport::test_support
