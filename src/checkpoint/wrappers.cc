#include "checkpoint/wrappers.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

constexpr std::string_view kAveraged = "ema";
constexpr std::array<std::string_view, 3> kInFront = {"module", "model", kAveraged};
// Names that nobody gives a layer.
constexpr std::array<std::string_view, 3> kAnywhere = {"_orig_mod", "_fsdp_wrapped_module",
                                                       "_checkpoint_wrapped_module"};

template <typename Names>
bool IsOneOf(std::string_view name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// `wrappers`: the different ones.
std::string WrappersNote(const std::set<std::string>& wrappers, std::size_t wrapped,
                         std::size_t keys) {
  std::vector<std::string> names;
  for (const std::string& each : wrappers) names.push_back(base::Quote(each, 60));
  constexpr std::size_t kNamed = 3;
  return std::to_string(wrapped) + " of " + std::to_string(keys) + " keys had the prefix" +
         (names.size() == 1 ? " " : "es ") + base::JoinText(names, kNamed) + ", which " +
         (names.size() == 1 ? "was" : "were") + " taken off";
}

}  // namespace

UnwrappedKey Unwrap(std::string_view key) {
  UnwrappedKey out;
  std::size_t begin = 0;
  for (std::size_t dot = key.find('.'); dot != key.npos; dot = key.find('.', begin)) {
    const std::string_view name = key.substr(begin, dot - begin);
    const bool is_wrapper =
        IsOneOf(name, kAnywhere) || (out.key.empty() && IsOneOf(name, kInFront));
    out.is_averaged = out.is_averaged || (is_wrapper && name == kAveraged);
    (is_wrapper ? out.wrappers : out.key).append(key.substr(begin, dot + 1 - begin));
    begin = dot + 1;
  }
  out.key.append(key.substr(begin));
  return out;
}

std::vector<bool> UnwrapKeys(std::vector<std::string>& keys, std::vector<std::string>& notes) {
  struct Place {
    std::size_t index;
    bool is_averaged;
  };
  std::vector<bool> counts(keys.size(), true);
  std::map<std::string_view, Place> places;
  std::set<std::string> wrappers;
  std::size_t wrapped = 0;
  std::size_t twice = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    UnwrappedKey unwrapped = Unwrap(keys[i]);
    keys[i] = std::move(unwrapped.key);
    if (!unwrapped.wrappers.empty()) {
      ++wrapped;
      wrappers.insert(std::move(unwrapped.wrappers));
    }
    const auto [known, is_new] = places.try_emplace(keys[i], Place{i, unwrapped.is_averaged});
    if (is_new) continue;
    Place& place = known->second;
    if (place.is_averaged == unwrapped.is_averaged) {
      throw CheckpointError("the key " + base::Quote(keys[i]) + " stands twice in the state_dict");
    }
    ++twice;
    counts[place.is_averaged ? i : place.index] = false;
    if (unwrapped.is_averaged) place = {i, true};
  }
  // As MMEngine's EMAHook, which saves the averaged weights as those of the network.
  if (twice > 0) {
    notes.push_back(std::to_string(twice) + (twice == 1 ? " weight is" : " weights are") +
                    " in the checkpoint twice, as trained and averaged ('ema.'): the averaged " +
                    (twice == 1 ? "one is taken" : "ones are taken"));
  }
  if (wrapped > 0) notes.push_back(WrappersNote(wrappers, wrapped, keys.size()));
  return counts;
}

bool CountsAverages(std::string_view key) { return key == "steps" || key == "n_averaged"; }

}  // namespace yoloport::checkpoint
