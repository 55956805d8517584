// What formats share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contract/foreign/format.h"

namespace yoloport::contract::foreign {

// The value of a key that is written as a Python literal, or is structured already (YAML); null
// where there is none. Throws ModelError that names the key for what is neither.
std::optional<Literal> FindStructured(const Outline& outline, const std::string& key);

// The value of a key that is a text; empty where there is none.
std::string FindText(const Outline& outline, const std::string& key);

// Class names by label, of {0: 'person', ...} or ['person', ...] under the key `names`; empty where
// there is none. Throws ModelError for labels that do not count from 0 and names that are no texts.
std::vector<std::string> FindNames(const Outline& outline);

// A side of `preprocess` where the file takes any: what its key `imgsz` says, else the default.
void SetSize(const Outline& outline, Preprocess& preprocess);

// Of the levels 8, 16, 32 (and 64), the strides whose cells are `rows`, with so many boxes a cell;
// nothing where there are none, or one of the extents is not known.
std::optional<std::vector<int>> StridesOfRows(const Outline& outline, std::int64_t rows,
                                              int boxes_a_cell);

// Whether there are outputs of all names of a layout.
bool HasOutputs(const Outline& outline, OutputLayout layout);

// As many classes as an output has numbers for. Throws ModelError for none or too many.
int CheckedClasses(const Outline& outline, std::int64_t count);

// "1x84x8400" of the first output.
std::string RowsText(const Outline& outline);

// Throws ModelError: "'m.onnx': is <what>".
[[noreturn]] void Refuse(const Outline& outline, const std::string& what,
                         const std::string& hint = {});

}  // namespace yoloport::contract::foreign
