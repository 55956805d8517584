// The values of a config: Python's data, as handles into a heap.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/python/limits.h"
#include "config/python/source.h"
#include "yoloport/error.h"

namespace yoloport::config::python {

enum class Kind : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kDouble,
  kString,
  kEllipsis,
  kUnknown,  // what Python has here is not known; containers become unknown, too
  kList,
  kTuple,
  kRange,
  kSet,
  kDict,
  kView,      // of a dict's keys, values or items
  kIterator,  // what zip(), enumerate() and reversed() give
};

// "int", "NoneType" ...: Python's names, as messages show them.
std::string_view KindName(Kind kind);

// "an int", "None" ...: the same with an article.
std::string KindText(Kind kind);

struct Sequence;
struct Range;
struct View;
struct Unknown;
class Iterator;
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
  static Value Ellipsis(Position at) { return Value(Kind::kEllipsis, at); }

  // kUnknown also of a container that code which is not run may have changed.
  Kind kind() const { return kind_ <= Kind::kUnknown || !IsChanged() ? kind_ : Kind::kUnknown; }
  bool Is(Kind kind) const { return this->kind() == kind; }
  bool IsListOrTuple() const { return Is(Kind::kList) || Is(Kind::kTuple); }
  bool IsSequence() const { return IsListOrTuple() || Is(Kind::kRange); }
  bool IsIntegral() const { return kind_ == Kind::kInt || kind_ == Kind::kBool; }
  bool IsNumber() const { return IsIntegral() || kind_ == Kind::kDouble; }

  Position position() const { return position_; }
  Value At(Position position) const;  // the same value, said to be written elsewhere

  // Each needs the kind it names; integer() also serves bools, number() ints and bools.
  bool boolean() const { return integer_ != 0; }
  std::int64_t integer() const { return integer_; }
  double number() const;
  const std::string& text() const { return *string_; }
  std::vector<Value>& items() const;  // list, tuple, range
  const Range& range() const;
  Mapping& mapping() const { return *mapping_; }  // dict, set
  const View& view() const { return *view_; }
  Iterator& iterator() const { return *iterator_; }
  Unknown& unknown() const;                           // of kUnknown
  const void* identity() const { return sequence_; }  // of what is no number or string

 private:
  friend class Heap;
  friend class Reach;
  Value(Kind kind, Position at) : kind_(kind), position_(at) {}
  bool IsChanged() const;
  Unknown* RecordOfOthers() const;

  Kind kind_ = Kind::kNone;
  Position position_;
  union {
    std::int64_t integer_ = 0;  // bool, int
    double double_;
    const std::string* string_;
    Sequence* sequence_;
    Mapping* mapping_;
    const View* view_;
    Iterator* iterator_;
    Unknown* unknown_;
  };
};

// Why a value is not known, and where that began.
struct Cause {
  Position at;
  std::string text;
};

// What an unknown value is, as far as that is known.
enum class Nature : std::uint8_t {
  kAny,
  kModule,    // of `import`
  kFunction,  // MMEngine keeps neither of these two as a key of a config
  kLazy,      // what MMEngine's lazy configs import: written out as its dotted name
  kLazyModule,
};

// A value that is not known.
struct Unknown {
  const Cause* cause = nullptr;
  Nature nature = Nature::kAny;
  bool is_loose = false;       // as of Reachable
  std::string origin = {};     // of something imported: its dotted name
  std::vector<Value> sources;  // whatever of the config it may be, or give access to
};

// What may be said of every object that is reached by handles.
struct Reachable {
  Unknown* unknown = nullptr;  // set once code that is not run may have changed it
  bool is_loose = false;       // such code may hold it, with all in it, and change it at any time
};

struct Sequence : Reachable {
  std::vector<Value> items;
};

// A range's elements, and what it prints as.
struct Range : Sequence {
  std::int64_t start, stop, step;
};

enum class DictPart : std::uint8_t { kKeys, kValues, kItems };

// d.keys(), d.values(), d.items(): what the dict holds when it is asked.
struct View {
  Value dict;
  DictPart part;
};

// Thrown where a value is needed and not known: Evaluator makes an unknown value of it, so nobody
// else sees it. (Whoever does, has an error that says why.)
class Unevaluated : public ConfigError {
 public:
  explicit Unevaluated(const Value& unknown)
      : ConfigError(unknown.unknown().cause->text), value(unknown) {}
  Value value;
};

inline std::vector<Value>& Value::items() const { return sequence_->items; }
inline const Range& Value::range() const { return static_cast<const Range&>(*sequence_); }

// Whether RequireAllUsed is content with a key.
enum class Use : std::uint8_t { kUnasked, kAsked, kIgnored };

struct Entry {
  Value key;
  Value value;
  mutable Use use = Use::kUnasked;
};

// Entries in the order of insertion. Keys are None, bools, numbers, strings and tuples of those; as
// in Python 1, 1.0 and True are one key. A set is a mapping whose values are None.
//
// Many keys are found by way of an ordered index: a hash would leave it to whoever chooses the keys
// how long a search takes.
class Mapping : public Reachable {
 public:
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t size() const { return entries_.size(); }

  const Entry* Find(const Value& key) const;
  const Entry* Find(std::string_view key) const;

  // A key that exists keeps its place and gets the new position.
  void Set(const Value& key, const Value& value);
  bool Erase(const Value& key);  // looks at all entries
  void Clear();

  // How often keys came or went.
  std::size_t changes() const { return changes_; }

  // How many keys a search compares with, at most.
  std::size_t Probes() const;

  // What a key may be that is not there: set once code that is not run may have given names of the
  // config any value.
  std::optional<Value> others;

  // MMEngine's ConfigDict: what `_base_` gives. Its keys can be read as attributes, what is stored
  // in it is converted, and update() merges.
  bool is_config_dict = false;

 private:
  // The place of an entry. Places change when an entry before them goes; their order does not.
  struct Place {
    std::uint64_t weight;  // keys of different weight have its order
    mutable std::size_t at;
  };
  template <typename Key>
  struct Sought {
    std::uint64_t weight;
    const Key& key;
  };
  struct KeyOrder {
    using is_transparent = void;
    const std::vector<Entry>* entries;
    const Value& Key(const Place& place) const { return (*entries)[place.at].key; }
    bool operator()(const Place& a, const Place& b) const;
    bool operator()(const Place& a, const Sought<Value>& b) const;
    bool operator()(const Sought<Value>& a, const Place& b) const;
    bool operator()(const Place& a, const Sought<std::string_view>& b) const;
    bool operator()(const Sought<std::string_view>& a, const Place& b) const;
  };

  std::vector<Entry> entries_;
  std::size_t changes_ = 0;
  std::set<Place, KeyOrder> index_{KeyOrder{&entries_}};  // empty: search in a row
};

inline bool Value::IsChanged() const {
  switch (kind_) {
    case Kind::kList:
      return sequence_->unknown != nullptr;
    case Kind::kDict:
    case Kind::kSet:
      return mapping_->unknown != nullptr;
    case Kind::kTuple:
    case Kind::kRange:
      return false;  // nobody changes these
    default:
      return RecordOfOthers() != nullptr;
  }
}

// Whether `key` may be a key.
bool IsHashable(const Value& key);

// Owns values and counts what they cost: throws ConfigError at the given place when a limit of
// limits.h is passed. Frees everything at once, so neither cycles nor depth matter.
class Heap {
 public:
  explicit Heap(const Sources& sources);
  ~Heap();
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
  Value MakeRange(std::int64_t start, std::int64_t stop, std::int64_t step, Position at);
  Value MakeView(const Value& dict, DictPart part, Position at);
  Value MakeIterator(Iterator iterator, Position at);

  // An unknown value. `sources`: what of the config it may be or give access to.
  Value MakeUnknown(std::string why, Position at);
  Value MakeUnknown(const Cause* cause, std::vector<Value> sources);
  Value MakeImported(std::string origin, Nature nature, Position at);
  // The same without sources, in another heap: for what nothing is done with any more.
  Value CopyUnknown(const Unknown& unknown);

  // From here on what `container` holds is not known; `added`: what may have been put in.
  void Blur(const Value& container, const Value& why, const Value& added);
  // Code that is not run gets hold of `value`: all that can be reached from it, now or later, is
  // unknown for good.
  void LetGo(const Value& value, const Value& why);
  // Iterators that can be reached from `value` may have moved on.
  void BlurIterators(const Value& value, const Value& why);

  // Throws Unevaluated: with an unknown value in hand; because of what is not done here.
  [[noreturn]] void Unsure(const Value& unknown);
  [[noreturn]] void Unsure(Unknown& unknown, Position at);
  [[noreturn]] void GiveUp(Position at, std::string why);
  // Unsure() where `value` is unknown.
  void RequireKnown(const Value& value) {
    if (value.Is(Kind::kUnknown)) Unsure(value);
  }

  // mapping[key] = value; refuses what cannot be a key. All three count what the search costs.
  void Put(Mapping& mapping, const Value& key, const Value& value, Position at);
  const Entry* Find(const Mapping& mapping, const Value& key, Position at);
  const Entry* Find(const Mapping& mapping, std::string_view key, Position at);
  bool Erase(Mapping& mapping, const Value& key, Position at);

  // To be called before `count` elements come into being, or `count` steps are made.
  void ChargeValues(std::size_t count, Position at);
  void CheckRoom(std::size_t count, Position at) const;  // whether that many values could be made
  void ChargeSteps(std::size_t count, Position at);
  void ChargeBytes(std::size_t bytes, Position at);  // of a string that is looked at
  void CheckStringSize(std::size_t bytes, Position at) const;
  void CheckDepth(int depth, Position at) const;

  const Sources& sources() const { return *sources_; }
  [[noreturn]] void Fail(Position at, std::string_view message, std::string hint = {}) const {
    sources_->Fail(at, message, std::move(hint));
  }

 private:
  // Refuses what cannot be a key.
  void ChargeSearch(const Mapping& mapping, const Value& key, Position at) {
    const bool is_short = key.Is(Kind::kString) && key.text().size() < kBytesPerStep;
    if (!is_short) ChargeLongSearch(mapping, key, at);
  }
  void ChargeLongSearch(const Mapping& mapping, const Value& key, Position at);
  bool MarkLoose(const Value& value);
  void MakeUnsure(const Value& container, const Value& why);
  Value MakeSequence(Kind kind, std::vector<Value> items, Position at);
  Value MakeMapping(Kind kind, Position at);

  const Sources* sources_;
  std::deque<std::string> strings_;  // deques: elements never move
  std::deque<Sequence> sequences_;
  std::deque<Mapping> mappings_;
  std::deque<Range> ranges_;
  std::deque<View> views_;
  std::deque<Iterator> iterators_;
  std::deque<Cause> causes_;
  std::deque<Unknown> unknowns_;
  std::size_t values_ = 0;
  std::size_t steps_ = 0;
  std::size_t string_bytes_ = 0;
};

// What Python says of `value` as a condition. Throws Unevaluated for what is not known.
bool IsTrue(Heap& heap, const Value& value);

// Numbers by their exact values, whatever their kinds; not-a-number has no order.
std::partial_ordering OrderOfNumbers(const Value& a, const Value& b);

}  // namespace yoloport::config::python
