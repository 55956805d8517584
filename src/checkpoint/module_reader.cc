#include "checkpoint/module_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "checkpoint/limits.h"
#include "checkpoint/saved_objects.h"
#include "checkpoint/state_dict.h"
#include "checkpoint/tensor_reader.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using formats::pickle::Describe;
using formats::pickle::DictItems;
using formats::pickle::FindKey;
using formats::pickle::Value;
using formats::pickle::ValueKind;

constexpr const char* kChildren = "_modules";
constexpr const char* kNotSoLarge = "no network is as large: the file is not what it seems to be";

// What torch sets in each module, and no network reads.
constexpr std::array<std::string_view, 3> kTorchs = {kChildren, "_parameters", "_buffers"};

// The attributes of an object, `__dict__`: alone, or before those of `__slots__`.
const Value* StateOf(const Value& value) {
  if (value.kind != ValueKind::kObject || value.state == nullptr) return nullptr;
  const Value* state = value.state;
  if (state->kind == ValueKind::kTuple && !state->items.empty()) state = state->items[0];
  return state->kind == ValueKind::kDict ? state : nullptr;
}

bool IsModule(const Value& value) {
  const Value* state = StateOf(value);
  const Value* children = state == nullptr ? nullptr : FindKey(*state, kChildren);
  return children != nullptr && children->kind == ValueKind::kDict &&
         formats::pickle::ObjectGlobal(value) != nullptr;
}

// What runs on several devices or was compiled holds the network as its only module.
const Value* Unwrapped(const Value* module) {
  const std::string_view name = formats::pickle::ObjectGlobal(*module)->text;
  const char* child = nullptr;
  if (name.ends_with(".DataParallel") || name.ends_with(".DistributedDataParallel")) {
    child = "module";
  } else if (name.ends_with(".OptimizedModule")) {
    child = "_orig_mod";
  }
  if (child == nullptr) return module;
  const Value* inner = FindKey(*FindKey(*StateOf(*module), kChildren), child);
  return inner != nullptr && IsModule(*inner) ? inner : module;
}

// Reads each module once, however many places it stands at.
class ModuleReader {
 public:
  explicit ModuleReader(std::deque<ModuleData>& modules) : modules_(modules) {}

  const ModuleData* Read(const Value& value, std::size_t depth);

 private:
  void AddChildren(const Value& state, std::size_t depth, ModuleData& module);
  void AddTensors(const Value& state, ModuleData& module);
  void AddAttributes(const Value& state, ModuleData& module);
  // A dict that torch keeps in each module; null where it does not.
  std::span<Value* const> Dict(const Value& state, const char* key);
  void Charge(std::size_t entries);

  std::deque<ModuleData>& modules_;
  std::unordered_map<const Value*, const ModuleData*> read_;  // null: begun
  std::size_t entries_ = 0;
};

void ModuleReader::Charge(std::size_t entries) {
  entries_ += entries;
  if (entries_ <= kMaxModuleEntries) return;
  throw CheckpointError(
      "the modules have more than " + std::to_string(kMaxModuleEntries) + " attributes",
      kNotSoLarge);
}

std::string_view NameOf(const Value& key, const char* what) {
  const bool is_name = key.is_text() && !key.text.empty() &&
                       key.text.size() <= kMaxModuleNameLength &&
                       key.text.find('.') == std::string_view::npos;
  if (is_name) return key.text;
  throw CheckpointError("the name of a " + std::string(what) + " is " +
                            (key.is_text() ? Quote(key.text, 60) : Describe(key)),
                        "no torch.nn.Module has such a name: the file is damaged");
}

std::span<Value* const> ModuleReader::Dict(const Value& state, const char* key) {
  const Value* dict = FindKey(state, key);
  if (dict == nullptr) return {};
  if (dict->kind != ValueKind::kDict) {
    throw CheckpointError(
        "the " + Quote(key) + " of a module is " + Describe(*dict) + ", not a dict",
        "the file is damaged, or was changed after it was saved");
  }
  Charge(dict->items.size() / 2);
  return dict->items;
}

const ModuleData* ModuleReader::Read(const Value& value, std::size_t depth) {
  const auto [entry, is_new] = read_.try_emplace(&value, nullptr);
  if (!is_new) {
    if (entry->second != nullptr) return entry->second;
    throw CheckpointError("a module of the class " +
                              Quote(formats::pickle::ObjectGlobal(value)->text) +
                              " is a part of itself",
                          "the file is damaged, or was made by hand");
  }
  if (depth > kMaxModuleNesting) {
    throw CheckpointError(
        "modules are nested more than " + std::to_string(kMaxModuleNesting) + " levels deep",
        kNotSoLarge);
  }
  const Value& state = *StateOf(value);
  ModuleData module;
  module.class_name = formats::pickle::ObjectGlobal(value)->text;
  AddTensors(state, module);
  AddAttributes(state, module);
  AddChildren(state, depth, module);
  modules_.push_back(std::move(module));
  read_[&value] = &modules_.back();  // `entry` may have moved
  return &modules_.back();
}

void ModuleReader::AddChildren(const Value& state, std::size_t depth, ModuleData& module) {
  const auto items = Dict(state, kChildren);
  std::set<std::string_view> names;
  for (const auto& [name, tensor] : module.tensors) names.insert(name);
  for (std::size_t i = 1; i < items.size(); i += 2) {
    const std::string_view name = NameOf(*items[i - 1], "module");
    if (!names.insert(name).second) {
      throw CheckpointError("a module has the name " + Quote(name) + " twice",
                            "the file is damaged, or was made by hand");
    }
    if (items[i]->kind == ValueKind::kNone) continue;
    if (const Value* of_child = StateOf(*items[i])) Charge(of_child->items.size() / 2);
    if (!IsModule(*items[i])) {
      throw CheckpointError(
          "the module " + Quote(name) + " is " + Describe(*items[i]) + ", not a torch.nn.Module",
          "the file is damaged, or was changed after it was saved");
    }
    module.children.emplace_back(name, Read(*items[i], depth + 1));
  }
}

void ModuleReader::AddTensors(const Value& state, ModuleData& module) {
  std::set<std::string_view> names;
  const auto add = [&](std::span<Value* const> items, const std::set<std::string_view>& left_out) {
    for (std::size_t i = 1; i < items.size(); i += 2) {
      const std::string_view name = NameOf(*items[i - 1], "parameter");
      if (!names.insert(name).second) {
        throw CheckpointError("a module has the name " + Quote(name) + " twice",
                              "the file is damaged, or was made by hand");
      }
      const bool is_saved = items[i]->kind != ValueKind::kNone && !left_out.contains(name);
      if (is_saved) module.tensors.emplace_back(name, items[i]);
    }
  };
  add(Dict(state, "_parameters"), {});
  std::set<std::string_view> not_saved;
  if (const Value* set = FindKey(state, "_non_persistent_buffers_set")) {
    Charge(set->items.size());
    for (const Value* item : set->items) {
      if (item->is_text()) not_saved.insert(item->text.substr(0, kMaxModuleNameLength + 1));
    }
  }
  add(Dict(state, "_buffers"), not_saved);
}

void ModuleReader::AddAttributes(const Value& state, ModuleData& module) {
  const auto items = DictItems(state);
  Charge(items.size() / 2);
  for (std::size_t i = 1; i < items.size(); i += 2) {
    const Value& key = *items[i - 1];
    if (!key.is_text() || key.text.size() > kMaxModuleNameLength) continue;
    if (std::find(kTorchs.begin(), kTorchs.end(), key.text) != kTorchs.end()) continue;
    module.attributes.emplace_back(key.text, items[i]);
  }
  std::stable_sort(module.attributes.begin(), module.attributes.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

// The state_dict() of a tree of modules.
class StateDictReader {
 public:
  explicit StateDictReader(const StorageLoader& loader) : reader_(loader) {}

  void Add(const ModuleData& module, const std::string& prefix, std::size_t depth);
  ReadModules Finish(ModuleTree tree);

 private:
  TensorReader reader_;
  std::vector<NamedTensor> tensors_;
  std::set<std::string_view> class_names_;
  std::size_t modules_ = 0;
  std::size_t key_bytes_ = 0;
};

void StateDictReader::Add(const ModuleData& module, const std::string& prefix, std::size_t depth) {
  if (++modules_ > kMaxModules || depth > kMaxModuleNesting) {
    throw CheckpointError("there are more than " + std::to_string(kMaxModules) +
                              " modules, or they are nested more than " +
                              std::to_string(kMaxModuleNesting) + " levels deep",
                          kNotSoLarge);
  }
  class_names_.insert(module.class_name);
  for (const auto& [name, value] : module.tensors) {
    std::string key = prefix + std::string(name);
    key_bytes_ += key.size();
    if (key_bytes_ > kMaxKeyBytes || tensors_.size() >= kMaxModuleTensors) {
      throw CheckpointError("the modules have more than " + std::to_string(kMaxModuleTensors) +
                                " tensors, or their keys more than " + base::SizeText(kMaxKeyBytes),
                            kNotSoLarge);
    }
    tensors_.push_back(ReadEntry(std::move(key), *value, reader_));
  }
  for (const auto& [name, child] : module.children) {
    Add(*child, prefix + std::string(name) + ".", depth + 1);
  }
}

ReadModules StateDictReader::Finish(ModuleTree tree) {
  reader_.CheckSharing();
  return {std::move(tree), std::move(tensors_), std::move(class_names_)};
}

}  // namespace

const Value* FindModule(const Value& root, std::vector<std::string>& notes) {
  if (IsModule(root)) return Unwrapped(&root);
  if (FindKey(root, "state_dict") != nullptr) return nullptr;
  const auto find = [&](const char* key) {
    const Value* value = FindKey(root, key);
    return value != nullptr && IsModule(*value) ? value : nullptr;
  };
  const Value* averaged = find("ema");
  const Value* trained = find("model");
  if (averaged != nullptr && trained != nullptr) {
    notes.emplace_back(
        "the file has the network as trained ('model') and averaged ('ema'): the averaged one is "
        "taken");
  }
  const Value* module = averaged != nullptr ? averaged : trained;
  return module == nullptr ? nullptr : Unwrapped(module);
}

ReadModules ReadModuleTree(ModuleFile file, const Value& root, const Value& module) {
  auto objects = std::make_shared<SavedObjects>();
  objects->file = std::move(file);
  const ModuleData* data = ModuleReader(objects->modules).Read(module, 0);
  StateDictReader state_dict(objects->file.loader);
  state_dict.Add(*data, "", 0);
  const Value* beside = &root == &module ? nullptr : &root;
  return state_dict.Finish({Module(objects, data, ""), SavedValue(objects, beside, "")});
}

}  // namespace yoloport::checkpoint
