#include "sources/layer_list/class_names.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/text.h"
#include "checkpoint/limits.h"
#include "contract/limits.h"

namespace yoloport::sources::layer_list {
namespace {

using checkpoint::SavedValue;

// Digits are classes, too, and a yaml has them as numbers.
std::string NameFrom(const SavedValue& value) {
  return value.is_int() ? std::to_string(value.Int()) : value.Text();
}

// Names together: one long text may stand in the file for all of them.
void CheckLength(const SavedValue& names, const std::vector<std::string>& classes) {
  std::size_t bytes = 0;
  for (const std::string& name : classes) bytes += name.size();
  if (bytes <= checkpoint::kMaxClassNameBytes) return;
  names.Fail("has more than " + base::SizeText(checkpoint::kMaxClassNameBytes) + " of text",
             "no data set has such names: the file is not what it seems to be");
}

}  // namespace

std::vector<std::string> ClassNamesIn(const SavedValue& names) {
  std::vector<std::string> classes;
  if (names.is_list()) {
    for (const SavedValue& name : names.Items()) {
      if (classes.size() == contract::kMaxClasses) break;
      classes.push_back(NameFrom(name));
    }
    CheckLength(names, classes);
    return classes;
  }
  const auto pairs = names.Pairs();
  if (pairs.size() > contract::kMaxClasses) return {};
  classes.resize(pairs.size());
  for (const auto& [label, name] : pairs) {
    const bool is_label = label.is_int() && label.Int() >= 0 &&
                          label.Int() < static_cast<std::int64_t>(classes.size());
    if (!is_label) {
      names.Fail(fmt::format("has labels other than 0 to {}", classes.size() - 1),
                 "the file is damaged, or was changed after it was saved");
    }
    classes[static_cast<std::size_t>(label.Int())] = NameFrom(name);
  }
  CheckLength(names, classes);
  return classes;
}

}  // namespace yoloport::sources::layer_list
