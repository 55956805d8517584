// The values of a pickle: plain data, whatever the pickle wanted to construct.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pickle/limits.h"

namespace yoloport::formats::pickle {

struct KnownGlobal;

enum class ValueKind : std::uint8_t {
  kNone,
  kBool,    // integer: 0 or 1
  kInt,     // integer
  kBigInt,  // text: little-endian two's complement, or decimal digits; past 64 bits
  kFloat,   // real
  kText,    // text, UTF-8 when the pickle is honest
  kBytes,   // text
  kList,    // items
  kTuple,   // items
  kSet,     // items
  kDict,    // items: key, value, key, value ...; state: attributes or null
  kGlobal,  // text: "module.name"; known: its row in the table, or null
  kObject,  // items: callable, arguments, then what was appended; state: what BUILD gave, or null
  kPersistent,  // items: the persistent id
};

// One value. Values refer to each other by pointers into their PickleDocument, are shared, and may
// form cycles: whoever walks them bounds the walk.
struct Value {
  ValueKind kind = ValueKind::kNone;
  bool has_pairs = false;   // kObject: what was appended are keys and values, as in a dict
  std::uint16_t depth = 0;  // levels of containers below this one, as far as known
  union {
    std::int64_t integer = 0;
    double real;
    const KnownGlobal* known;
    Value* state;
  };
  std::string_view text;  // a view into the pickle's bytes or into its PickleDocument
  std::vector<Value*> items;

  bool is_text() const { return kind == ValueKind::kText || kind == ValueKind::kBytes; }
  bool is_sequence() const { return kind == ValueKind::kList || kind == ValueKind::kTuple; }
  bool is_int() const { return kind == ValueKind::kInt; }
};

// Owns the values of one or more pickles. Flat, so that destroying it needs no recursion.
class PickleDocument {
 public:
  // Null when the document is full (kMaxPickleValues).
  Value* New(ValueKind kind);
  // The one value that stands for the class or function `name`; null when there are too many.
  Value* Global(const std::string& name);
  // Keeps a text that stands nowhere in the pickle as it is (unescaped, joined).
  std::string_view Keep(std::string text);

  Value* none() { return &none_; }
  Value* Bool(bool value) { return value ? &true_ : &false_; }
  const std::deque<Value>& values() const { return values_; }
  // The classes and functions met, by name.
  const std::map<std::string, Value*, std::less<>>& globals() const { return globals_; }

 private:
  std::deque<Value> values_;
  std::deque<std::string> texts_;
  std::map<std::string, Value*, std::less<>> globals_;
  Value none_;
  Value true_ = Constant(1);
  Value false_ = Constant(0);

  static Value Constant(std::int64_t integer);
};

// The keys and values of something dict-like: a dict, an object that got items set (a dict
// subclass), or an object constructed from one dict (MMEngine's ConfigDict). Empty for anything
// else.
std::span<Value* const> DictItems(const Value& value);

// Whether `value` is dict-like in that sense.
bool IsDictLike(const Value& value);

// The value under the text `key` (the last one, as in Python), or null.
const Value* FindKey(const Value& dict, std::string_view key);

// What a value is, for messages: "an int", "a dict", "an object of class 'a.B'".
std::string Describe(const Value& value);

// The callable of an object when it is a global, else null.
const Value* ObjectGlobal(const Value& value);

}  // namespace yoloport::formats::pickle
