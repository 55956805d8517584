#include "checkpoint/state_dict.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/text.h"
#include "checkpoint/limits.h"
#include "checkpoint/tensor_reader.h"
#include "checkpoint/wrappers.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using formats::pickle::Describe;
using formats::pickle::DictItems;
using formats::pickle::FindKey;
using formats::pickle::Value;

bool HoldsTensors(const Value& value) {
  const auto items = DictItems(value);
  for (std::size_t i = 1; i < items.size(); i += 2) {
    if (items[i - 1]->is_text() && IsTensor(*items[i])) return true;
  }
  return false;
}

std::string KeyNames(const Value& dict) {
  std::vector<std::string> names;
  const auto items = DictItems(dict);
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < items.size() && names.size() < kShown; i += 2) {
    names.push_back(items[i]->is_text() ? Quote(items[i]->text, 40) : Describe(*items[i]));
  }
  const std::size_t more = items.size() / 2 - names.size();
  return base::JoinText(names) + (more > 0 ? ", ... and " + std::to_string(more) + " more" : "");
}

[[noreturn]] void FailWithoutWeights(const Value& root) {
  const char* hint = "a checkpoint written by MMYOLO's training, or a state_dict, is needed";
  if (!formats::pickle::IsDictLike(root)) {
    if (root.kind == formats::pickle::ValueKind::kObject) {
      hint = "it may be a whole model: load it where it was saved and save its state_dict()";
    }
    throw CheckpointError("no weights: the file holds " + Describe(root), hint);
  }
  throw CheckpointError("no weights in it: its keys are " + KeyNames(root), hint);
}

// The dict that holds the weights.
const Value& FindStateDict(const Value& root, std::vector<std::string>& notes) {
  // Not an alternative but a must, as in MMEngine: a file with state_dict means that one.
  const Value* state_dict = FindKey(root, "state_dict");
  if (state_dict != nullptr) {
    if (HoldsTensors(*state_dict)) return *state_dict;
    throw CheckpointError(
        "no weights: 'state_dict' is " + Describe(*state_dict) + " without a tensor",
        "save the checkpoint again, with the model's state_dict()");
  }
  if (HoldsTensors(root)) {
    notes.emplace_back("the weights are the file's top level, there is no 'state_dict'");
    return root;
  }
  // The last of them are those of other programs, whose networks are told apart later.
  for (const char* name :
       {"model", "model_state_dict", "ema_state_dict", "ema_net", "net", "ema"}) {
    const Value* candidate = FindKey(root, name);
    if (candidate == nullptr) continue;
    if (const Value* inner = FindKey(*candidate, "module"); inner != nullptr) {
      if (HoldsTensors(*inner)) candidate = inner;
    }
    if (HoldsTensors(*candidate)) {
      notes.push_back("the weights are those under " + Quote(name) + ", there is no 'state_dict'");
      return *candidate;
    }
    if (candidate->kind == formats::pickle::ValueKind::kObject) {
      throw CheckpointError("no state_dict: " + Quote(name) + " is " + Describe(*candidate),
                            "a whole model was saved: load it where it was saved and save its "
                            "state_dict()");
    }
  }
  FailWithoutWeights(root);
}
const Value& FindStateDict(const Value&&, std::vector<std::string>&) = delete;  // would dangle

std::optional<std::int64_t> IntUnder(const Value& dict, std::string_view key) {
  const Value* value = FindKey(dict, key);
  if (value == nullptr || !value->is_int()) return std::nullopt;
  return value->integer;
}

std::string TextUnder(const Value& dict, std::string_view key) {
  const Value* value = FindKey(dict, key);
  return value != nullptr && value->is_text() ? std::string(value->text) : std::string();
}

// One that is only shown.
std::string ShortTextUnder(const Value& dict, std::string_view key) {
  const Value* value = FindKey(dict, key);
  const bool is_short =
      value != nullptr && value->is_text() && value->text.size() <= kMaxMetaTextLength;
  return is_short ? std::string(value->text) : std::string();
}

std::vector<std::string> ReadClasses(const Value& value) {
  if (value.is_text()) return {std::string(value.text)};
  if (!value.is_sequence()) return {};
  std::vector<std::string> classes;
  std::size_t bytes = 0;  // one long name may stand in the list a million times
  for (const Value* item : value.items) {
    if (!item->is_text()) return {};
    bytes += item->text.size() + sizeof(std::string);
    if (bytes > kMaxClassNameBytes) return {};
    classes.emplace_back(item->text);
  }
  return classes;
}

std::vector<Rgb> ReadPalette(const Value& value) {
  if (!value.is_sequence()) return {};
  std::vector<Rgb> palette;
  for (const Value* item : value.items) {
    if (!item->is_sequence() || item->items.size() != 3) return {};
    std::array<std::uint8_t, 3> channels{};
    for (std::size_t i = 0; i < 3; ++i) {
      const Value& channel = *item->items[i];
      if (!channel.is_int() || channel.integer < 0 || channel.integer > 255) return {};
      channels[i] = static_cast<std::uint8_t>(channel.integer);
    }
    palette.push_back({channels[0], channels[1], channels[2]});
  }
  return palette;
}

// Into the first list, or beside it.
template <typename List>
void AddList(List list, List& first, std::vector<List>& others) {
  if (list.empty()) return;
  if (first.empty()) {
    first = std::move(list);
  } else {
    others.push_back(std::move(list));
  }
}

// MMEngine writes meta['dataset_meta']['classes']; before, it was CLASSES there or in meta itself.
// A config that sets CLASSES in its metainfo leaves both, of which 'classes' is the dataset's own.
void ReadDatasetMeta(const Value& dict, CheckpointMeta& meta) {
  for (const char* name : {"classes", "CLASSES"}) {
    const Value* value = FindKey(dict, name);
    if (value != nullptr) AddList(ReadClasses(*value), meta.classes, meta.other_classes);
  }
  for (const char* name : {"palette", "PALETTE"}) {
    const Value* value = FindKey(dict, name);
    if (value != nullptr) AddList(ReadPalette(*value), meta.palette, meta.other_palettes);
  }
}

std::vector<std::string> KeysOf(std::span<Value* const> items) {
  std::vector<std::string> keys;
  std::size_t key_bytes = 0;
  for (std::size_t i = 0; i < items.size(); i += 2) {
    if (!items[i]->is_text()) {
      throw CheckpointError("a key of the state_dict is " + Describe(*items[i]) + ", not a string");
    }
    key_bytes += items[i]->text.size();
    if (key_bytes > kMaxKeyBytes) {
      throw CheckpointError(
          "the keys of the state_dict have more than " + base::SizeText(kMaxKeyBytes),
          "no checkpoint needs as much: the file is not what it seems to be");
    }
    keys.emplace_back(items[i]->text);
  }
  return keys;
}

}  // namespace

NamedTensor ReadEntry(std::string key, const Value& value, TensorReader& reader) {
  try {
    TensorOrProblem read = reader.Read(value);
    return {std::move(key), std::move(read.tensor), std::move(read.problem),
            std::move(read.storage)};
  } catch (const CheckpointError& error) {
    throw CheckpointError("tensor " + Quote(key) + ": " + error.message(), error.hint());
  }
}

std::vector<NamedTensor> ReadStateDict(const Value& root, StorageLoader loader,
                                       std::vector<std::string>& notes) {
  const auto items = DictItems(FindStateDict(root, notes));
  std::vector<std::string> keys = KeysOf(items);
  const std::vector<bool> counts = UnwrapKeys(keys, notes);
  TensorReader reader(std::move(loader));
  std::vector<NamedTensor> tensors;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!counts[i]) continue;
    tensors.push_back(ReadEntry(std::move(keys[i]), *items[2 * i + 1], reader));
  }
  reader.CheckSharing();
  return tensors;
}

CheckpointMeta ReadMeta(const Value& root) {
  CheckpointMeta meta;
  const Value* dict = FindKey(root, "meta");
  if (dict == nullptr) return meta;
  meta.epoch = IntUnder(*dict, "epoch");
  meta.iter = IntUnder(*dict, "iter");
  meta.config_text = TextUnder(*dict, "cfg");
  if (meta.config_text.empty()) meta.config_text = TextUnder(*dict, "config");
  meta.mmyolo_version = ShortTextUnder(*dict, "mmyolo_version");
  meta.mmengine_version = ShortTextUnder(*dict, "mmengine_version");
  meta.experiment_name = ShortTextUnder(*dict, "experiment_name");
  meta.time = ShortTextUnder(*dict, "time");
  if (const Value* dataset = FindKey(*dict, "dataset_meta")) ReadDatasetMeta(*dataset, meta);
  ReadDatasetMeta(*dict, meta);
  return meta;
}

}  // namespace yoloport::checkpoint
