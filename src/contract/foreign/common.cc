#include "contract/foreign/common.h"

#include <algorithm>

#include "base/model_ranges.h"
#include "base/text.h"
#include "contract/limits.h"
#include "yoloport/error.h"

namespace yoloport::contract::foreign {
namespace {

[[noreturn]] void FailNames(const Outline& outline, const std::string& what) {
  throw ModelError(outline.file + ": metadata: names: " + what,
                   "class names are a dict such as {0: 'person', 1: 'car'} or a list of texts");
}

std::string NameOf(const Outline& outline, const Literal& value, std::size_t label) {
  if (value.text() != nullptr) return *value.text();
  // YAML has names such as `12` or `no` for numbers and flags unless they are quoted, which writers
  // do.
  FailNames(outline, "the name of class " + std::to_string(label) + " is not a text");
}

}  // namespace

std::optional<Literal> FindStructured(const Outline& outline, const std::string& key) {
  const auto found = outline.metadata.find(key);
  if (found == outline.metadata.end()) return std::nullopt;
  if (found->second.text() == nullptr) return found->second;
  try {
    return ParsePythonLiteral(*found->second.text());
  } catch (const ModelError& error) {
    throw ModelError(outline.file + ": metadata: " + key + ": " + error.message(),
                     "the file is damaged, or was not made by the program that it names");
  }
}

std::string FindText(const Outline& outline, const std::string& key) {
  const auto found = outline.metadata.find(key);
  const bool is_text = found != outline.metadata.end() && found->second.text() != nullptr;
  return is_text ? *found->second.text() : std::string();
}

std::vector<std::string> FindNames(const Outline& outline) {
  const std::optional<Literal> names = FindStructured(outline, "names");
  if (!names) return {};
  const LiteralDict* const dict = names->dict();
  const LiteralList* const list = names->list();
  const std::size_t count = dict != nullptr ? dict->size() : list != nullptr ? list->size() : 0;
  if (count == 0) FailNames(outline, "has no names");
  if (count > std::size_t{kMaxClasses})
    FailNames(outline, "has " + std::to_string(count) + " names");
  std::vector<std::string> classes(count);
  if (list != nullptr) {
    for (std::size_t i = 0; i < count; ++i) classes[i] = NameOf(outline, (*list)[i], i);
    return classes;
  }
  std::vector<bool> is_set(count);
  for (const auto& [key, value] : *dict) {
    const std::int64_t* const label = key.integer();
    const bool is_label = label != nullptr && *label >= 0 &&
                          *label < static_cast<std::int64_t>(count) &&
                          !is_set[static_cast<std::size_t>(*label)];
    if (!is_label) {
      FailNames(outline, "the labels are not 0 to " + std::to_string(count - 1) + ", each once");
    }
    const auto at = static_cast<std::size_t>(*label);
    classes[at] = NameOf(outline, value, at);
    is_set[at] = true;
  }
  return classes;
}

void SetSize(const Outline& outline, Preprocess& preprocess) {
  const auto said = FindStructured(outline, "imgsz");
  const auto side = [&](std::size_t index) -> std::optional<int> {
    if (!said) return std::nullopt;
    const LiteralList* const list = said->list();
    if (list != nullptr && list->size() <= index) return std::nullopt;
    const std::int64_t* const number = list != nullptr ? (*list)[index].integer() : said->integer();
    const auto& [low, high] = base::kInputSideRange;
    if (number == nullptr || static_cast<double>(*number) < low ||
        static_cast<double>(*number) > high) {
      throw ModelError(outline.file + ": metadata: imgsz: is not a height and a width in pixels");
    }
    return static_cast<int>(*number);
  };
  preprocess.height = side(0).value_or(preprocess.height);
  preprocess.width = side(1).value_or(preprocess.width);
  if (outline.height > 0) preprocess.height = static_cast<int>(outline.height);
  if (outline.width > 0) preprocess.width = static_cast<int>(outline.width);
}

std::optional<std::vector<int>> StridesOfRows(const Outline& outline, std::int64_t rows,
                                              int boxes_a_cell) {
  if (rows < 1 || outline.height < 1 || outline.width < 1) return std::nullopt;
  std::int64_t cells = 0;
  std::vector<int> strides;
  for (const int stride : {8, 16, 32, 64}) {
    const auto cells_of = [&](std::int64_t side) { return (side + stride - 1) / stride; };
    cells += cells_of(outline.height) * cells_of(outline.width) * boxes_a_cell;
    strides.push_back(stride);
    if (stride >= 32 && cells == rows) return strides;
  }
  return std::nullopt;
}

bool HasOutputs(const Outline& outline, OutputLayout layout) {
  const auto names = OutputNames(layout);
  return std::all_of(names.begin(), names.end(), [&](std::string_view name) {
    return std::any_of(outline.outputs.begin(), outline.outputs.end(),
                       [&](const Output& output) { return output.name == name; });
  });
}

int CheckedClasses(const Outline& outline, std::int64_t count) {
  if (count >= 1 && count <= kMaxClasses) return static_cast<int>(count);
  Refuse(outline,
         "a detector whose number of classes is not known by its output " + RowsText(outline),
         "give --num-classes or --class-names");
}

std::string RowsText(const Outline& outline) { return base::ShapeText(outline.outputs[0].shape); }

void Refuse(const Outline& outline, const std::string& what, const std::string& hint) {
  throw ModelError(outline.file + ": is " + what, hint);
}

}  // namespace yoloport::contract::foreign
