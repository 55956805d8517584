#include "checkpoint/weights_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "base/text.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using base::ShapeText;

constexpr std::size_t kShown = 10;

template <typename Entries, typename Line>
void AppendLines(std::string& out, const Entries& entries, const char* kind, Line line) {
  for (std::size_t i = 0; i < std::min(entries.size(), kShown); ++i) {
    out.append("\n  ").append(kind).append(": ").append(line(entries[i]));
  }
  if (entries.size() > kShown) {
    out += "\n  ... and " + std::to_string(entries.size() - kShown) + " more " + kind;
  }
}

// How many times as wide the checkpoint's layers are, when most of those that differ agree on it;
// else 0. The number of output channels comes first in every weight.
double WidthRatio(const std::vector<FitReport::Mismatch>& mismatched) {
  std::map<double, std::size_t> votes;
  for (const FitReport::Mismatch& each : mismatched) {
    if (each.found.empty() || each.expected.empty() || each.expected[0] == 0) continue;
    const double ratio = static_cast<double>(each.found[0]) / static_cast<double>(each.expected[0]);
    if (ratio != 1) ++votes[ratio];
  }
  for (const auto& [ratio, count] : votes) {
    if (count * 2 > mismatched.size()) return ratio;
  }
  return 0;
}

bool IsHeadOnly(const std::vector<FitReport::Mismatch>& mismatched) {
  return std::all_of(mismatched.begin(), mismatched.end(), [](const FitReport::Mismatch& each) {
    return each.key.find("head") != std::string::npos;
  });
}

// Calls `visit` with the list and the block of each number in `key`: "stage1." and "stage1.0.".
template <typename Visit>
void VisitBlocks(std::string_view key, Visit visit) {
  std::size_t begin = 0;
  for (std::size_t dot = key.find('.'); dot != key.npos; dot = key.find('.', begin)) {
    const std::string_view part = key.substr(begin, dot - begin);
    const bool is_number = !part.empty() && part.find_first_not_of("0123456789") == part.npos;
    if (is_number) visit(key.substr(0, begin), key.substr(0, dot + 1));
    begin = dot + 1;
  }
}

}  // namespace

void BlockLists::Add(std::string_view key) {
  VisitBlocks(key, [this](std::string_view list, std::string_view block) {
    lists_.insert(list);
    blocks_.insert(block);
  });
}

bool BlockLists::IsOfAnotherBlock(std::string_view key) const {
  bool is_another = false;
  VisitBlocks(key, [&](std::string_view list, std::string_view block) {
    is_another = is_another || (lists_.contains(list) && !blocks_.contains(block));
  });
  return is_another;
}

std::string FitReport::Message() const {
  std::string out = "the checkpoint does not fit the network: ";
  std::vector<std::string> counts;
  const auto count = [&](std::size_t number, const char* kind) {
    if (number > 0) counts.push_back(std::to_string(number) + " " + kind);
  };
  count(missing.size(), "missing");
  count(mismatched.size(), "of another shape");
  count(unusable.size(), "not usable");
  count(unexpected.size(), "not used");
  out += base::JoinText(counts);
  AppendLines(out, missing, "missing", [](const Keyed& each) {
    return Quote(each.key) + ", " + ShapeText(each.shape) + " in the network";
  });
  AppendLines(out, mismatched, "of another shape", [](const Mismatch& each) {
    return Quote(each.key) + ", " + ShapeText(each.found) + " in the checkpoint, " +
           ShapeText(each.expected) + " in the network";
  });
  AppendLines(out, unusable, "not usable",
              [](const Unusable& each) { return Quote(each.key) + " is " + each.problem; });
  AppendLines(out, unexpected, "not used", [](const Keyed& each) {
    return Quote(each.key) + ", " + ShapeText(each.shape) + " in the checkpoint";
  });
  return out;
}

std::string FitReport::Surplus() const {
  std::vector<std::string> keys;
  for (const Keyed& each : unexpected) keys.push_back(Quote(each.key));
  constexpr std::size_t kNamed = 3;
  return std::to_string(keys.size()) + (keys.size() == 1 ? " key" : " keys") +
         " of the checkpoint " + (keys.size() == 1 ? "is" : "are") +
         " not used: the network that the config describes has no such weights (" +
         base::JoinText(keys, kNamed) + ")";
}

std::string FitReport::Hint() const {
  if (is_of_file) {
    return !HasMistakes()
               ? "the network in the file computes more than yoloport knows of its classes: "
                 "it is of another version, or was changed"
               : "the file is damaged, or was changed after it was saved";
  }
  if (used == 0) {
    return "not one weight fits: the checkpoint is of another architecture than the config";
  }
  const bool only_more = missing.empty() && mismatched.empty();
  if (only_more && !has_more_blocks) {
    return "load the checkpoint with torch and save it with ordinary tensors";
  }
  if (!mismatched.empty() && missing.empty() && IsHeadOnly(mismatched)) {
    return "only the head differs: do the classes in the config (num_classes) fit the checkpoint?";
  }
  if (const double ratio = WidthRatio(mismatched); ratio != 0) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g", ratio);
    return std::string("the checkpoint seems to be of another size: its layers are ") +
           text.data() + " times as wide as the config's (widen_factor)";
  }
  if (only_more || (mismatched.empty() && unexpected.empty())) {
    return std::string("the checkpoint has ") + (only_more ? "more" : "fewer") +
           " layers than the config's network: is it of another size (deepen_factor)?";
  }
  return "is this the checkpoint that was trained with this config?";
}

}  // namespace yoloport::checkpoint
