// Values that other programs write into metadata: as Python literals, or as YAML. They are data,
// read within limits, and nothing in them is evaluated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace yoloport::contract::foreign {

struct Literal;
struct LiteralEntry;
using LiteralList = std::vector<Literal>;       // of a list or a tuple
using LiteralDict = std::vector<LiteralEntry>;  // in the order of the text

struct Literal {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, LiteralList, LiteralDict>
      value;

  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value); }
  const std::string* text() const { return std::get_if<std::string>(&value); }
  const LiteralList* list() const { return std::get_if<LiteralList>(&value); }
  const LiteralDict* dict() const { return std::get_if<LiteralDict>(&value); }
  bool is_true() const;

  // The value of a key that is a text; null where there is none, or this is not a dict.
  const Literal* Find(std::string_view key) const;

  bool operator==(const Literal& other) const;
};

struct LiteralEntry {
  Literal key;
  Literal value;

  bool operator==(const LiteralEntry&) const = default;
};

// A Python literal as repr() writes it: None, True, False, numbers, texts, lists, tuples and dicts.
// Throws ModelError that says where: "byte 12: expected ...".
Literal ParsePythonLiteral(std::string_view text);

// A YAML document as PyYAML's safe_dump writes mappings of scalars, lists and mappings in block
// style: what Ultralytics' metadata.yaml is. Comments and empty lines are passed over; anchors,
// tags, block scalars and several documents are refused. Throws ModelError that names the line.
Literal ParseYaml(std::string_view text);

}  // namespace yoloport::contract::foreign
