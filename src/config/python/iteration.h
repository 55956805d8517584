// What loops visit: lists, strings, dicts and their views, and the iterators of zip(), enumerate()
// and reversed(), which are used up.
#pragma once

#include <vector>

#include "config/python/value.h"

namespace yoloport::config::python {

// A way along some elements. It looks at its container anew at each step, as Python does: a list
// that grows in its own loop is followed to its end.
class Iterator : public Reachable {
 public:
  enum class Over : std::uint8_t { kItems, kReversed, kText, kDict, kEnumerate, kZip };

  Iterator(Over over, Value source) : over_(over), source_(source) {}

  // Over any value that has elements; an error at `at` for one that has none, or no order.
  static Iterator Begin(Heap& heap, const Value& iterable, Position at);
  static Iterator Reversed(Heap& heap, const Value& sequence, Position at);
  static Iterator Enumerate(Heap& heap, const Value& iterable, std::int64_t start, Position at);
  static Iterator Zip(Heap& heap, const std::vector<Value>& iterables, Position at);

  // The next element, or false at the end. Throws Unevaluated where what it goes along is unknown.
  bool Next(Heap& heap, Position at, Value& item);

  // What it goes along.
  const Value& source() const { return source_; }
  const std::vector<Value>& inner() const { return inner_; }

 private:
  bool NextItem(Value& item);
  bool NextReversed(Value& item);
  bool NextCharacter(Heap& heap, Position at, Value& item);
  bool NextEntry(Heap& heap, Position at, Value& item);
  bool NextNumbered(Heap& heap, Position at, Value& item);
  bool NextRow(Heap& heap, Position at, Value& item);
  void AddInner(Heap& heap, const Value& iterable, Position at);

  Over over_;
  Value source_;  // list, tuple, range, str, dict
  DictPart part_ = DictPart::kKeys;
  bool is_done_ = false;
  std::size_t at_ = 0;       // index or byte of the next element; of kReversed: how many are left
  std::size_t changes_ = 0;  // of the dict when the loop began
  std::int64_t number_ = 0;  // of kEnumerate
  std::vector<Value> inner_ = {};  // iterators: one of kEnumerate, any number of kZip
  int depth_ = 1;                  // of iterators within this one
};

// A loop over `iterable`: goes on where an iterator stands.
class Loop {
 public:
  Loop(Heap& heap, const Value& iterable, Position at);
  bool Next(Value& item) { return iterator_->Next(heap_, at_, item); }

 private:
  Heap& heap_;
  Position at_;
  Iterator own_;
  Iterator* iterator_;
};

// All elements that a loop over `value` visits.
std::vector<Value> Iterate(Heap& heap, const Value& value, Position at);

}  // namespace yoloport::config::python
