// The values of a config: Python's data, as handles into a heap.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/source.h"

namespace yoloport::config {

enum class Kind : std::uint8_t { kNone, kBool, kInt, kDouble, kString, kList, kTuple, kSet, kDict };

// "int", "NoneType" ...: Python's names, as messages show them.
std::string_view KindName(Kind kind);

// "an int", "None" ...: the same with an article.
std::string KindText(Kind kind);

struct Sequence;
class Mapping;

// A handle, cheap to copy; containers are shared as in Python, so a change made through one handle
// is seen through all. It remembers where the value was written. The heap owns what it refers to.
class Value {
 public:
  Value() = default;  // None
  static Value None(Position at) { return Value(Kind::kNone, at); }
  static Value Bool(bool value, Position at);
  static Value Int(std::int64_t value, Position at);
  static Value Double(double value, Position at);

  Kind kind() const { return kind_; }
  bool Is(Kind kind) const { return kind_ == kind; }
  bool IsSequence() const { return kind_ == Kind::kList || kind_ == Kind::kTuple; }
  bool IsIntegral() const { return kind_ == Kind::kInt || kind_ == Kind::kBool; }
  bool IsNumber() const { return IsIntegral() || kind_ == Kind::kDouble; }

  Position position() const { return position_; }
  Value At(Position position) const;  // the same value, said to be written elsewhere

  // Each needs the kind it names; integer() also serves bools, number() ints and bools.
  bool boolean() const { return integer_ != 0; }
  std::int64_t integer() const { return integer_; }
  double number() const;
  const std::string& text() const { return *string_; }
  std::vector<Value>& items() const;                  // list, tuple
  Mapping& mapping() const { return *mapping_; }      // dict, set
  const void* identity() const { return sequence_; }  // list, tuple, dict, set: the object itself

 private:
  friend class Heap;
  Value(Kind kind, Position at) : kind_(kind), position_(at) {}

  Kind kind_ = Kind::kNone;
  Position position_;
  union {
    std::int64_t integer_ = 0;  // bool, int
    double double_;
    const std::string* string_;
    Sequence* sequence_;
    Mapping* mapping_;
  };
};

struct Sequence {
  std::vector<Value> items;
};

inline std::vector<Value>& Value::items() const { return sequence_->items; }

// Whether RequireAllUsed is content with a key.
enum class Use : std::uint8_t { kUnasked, kAsked, kIgnored };

struct Entry {
  Value key;
  Value value;
  mutable Use use = Use::kUnasked;
};

// Entries in the order of insertion. Keys are None, bools, numbers, strings and tuples of those; as
// in Python 1, 1.0 and True are one key. A set is a mapping whose values are None.
class Mapping {
 public:
  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t size() const { return entries_.size(); }

  const Entry* Find(const Value& key) const;
  const Entry* Find(std::string_view key) const;

  // A key that exists keeps its place and gets the new position.
  void Set(const Value& key, const Value& value);
  bool Erase(const Value& key);
  void Clear();

  // MMEngine's ConfigDict: what `_base_` gives. Its keys can be read as attributes, what is stored
  // in it is converted, and update() merges.
  bool is_config_dict = false;

 private:
  void BuildIndex() const;

  std::vector<Entry> entries_;
  mutable std::unordered_multimap<std::size_t, std::uint32_t> index_;  // empty: search in a row
};

// Whether `key` may be a key.
bool IsHashable(const Value& key);

// Owns values and counts what they cost: throws ConfigError at the given place when a limit of
// limits.h is passed. Frees everything at once, so neither cycles nor depth matter.
class Heap {
 public:
  explicit Heap(const Sources& sources) : sources_(&sources) {}
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  Value String(std::string text, Position at);
  Value List(std::vector<Value> items, Position at) {
    return MakeSequence(Kind::kList, std::move(items), at);
  }
  Value Tuple(std::vector<Value> items, Position at) {
    return MakeSequence(Kind::kTuple, std::move(items), at);
  }
  Value Dict(Position at) { return MakeMapping(Kind::kDict, at); }
  Value ConfigDict(Position at);
  Value Set(Position at) { return MakeMapping(Kind::kSet, at); }

  // mapping[key] = value, counted; refuses what cannot be a key.
  void Put(Mapping& mapping, const Value& key, const Value& value, Position at);

  // To be called before `count` elements come into being, or `count` steps are made.
  void ChargeValues(std::size_t count, Position at);
  void CheckRoom(std::size_t count, Position at) const;  // whether that many values could be made
  void ChargeSteps(std::size_t count, Position at);
  void ChargeText(const Value& value, Position at);  // for looking at all of a string
  void CheckStringSize(std::size_t bytes, Position at) const;
  void CheckDepth(int depth, Position at) const;

  const Sources& sources() const { return *sources_; }
  [[noreturn]] void Fail(Position at, std::string_view message, std::string hint = {}) const {
    sources_->Fail(at, message, std::move(hint));
  }

 private:
  Value MakeSequence(Kind kind, std::vector<Value> items, Position at);
  Value MakeMapping(Kind kind, Position at);

  const Sources* sources_;
  std::deque<std::string> strings_;  // deques: elements never move
  std::deque<Sequence> sequences_;
  std::deque<Mapping> mappings_;
  std::size_t values_ = 0;
  std::size_t steps_ = 0;
  std::size_t string_bytes_ = 0;
};

bool IsTrue(const Value& value);

// Python's ==: numbers by value, containers by content.
bool Equal(Heap& heap, const Value& a, const Value& b);

}  // namespace yoloport::config
