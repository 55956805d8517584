#include "config/python/iteration.h"

#include <algorithm>

#include "config/python/limits.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {

Iterator Iterator::Begin(Heap& heap, const Value& iterable, Position at) {
  heap.ChargeSteps(1, at);
  switch (iterable.kind()) {
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kRange:
      return {Over::kItems, iterable};
    case Kind::kString:
      return {Over::kText, iterable};
    case Kind::kDict: {
      Iterator keys(Over::kDict, iterable);
      keys.changes_ = iterable.mapping().changes();
      return keys;
    }
    case Kind::kView: {
      Iterator entries = Begin(heap, iterable.view().dict, at);
      entries.part_ = iterable.view().part;
      return entries;
    }
    case Kind::kSet:
      heap.GiveUp(at, "the elements of a set have no order");
    case Kind::kUnknown:
      heap.Unsure(iterable);
    default:
      heap.Fail(at, KindText(iterable.kind()) + " has no elements");
  }
}

Iterator Iterator::Reversed(Heap& heap, const Value& sequence, Position at) {
  heap.RequireKnown(sequence);
  Iterator reversed(Over::kReversed, sequence);
  if (sequence.Is(Kind::kString)) {
    reversed.source_ = heap.Tuple(Iterate(heap, sequence, at), at);
  } else if (!sequence.IsSequence()) {
    heap.Fail(at, KindText(sequence.kind()) + " cannot be reversed", "use list(...) first");
  }
  reversed.at_ = reversed.source_.items().size();
  return reversed;
}

Iterator Iterator::Enumerate(Heap& heap, const Value& iterable, std::int64_t start, Position at) {
  Iterator numbered(Over::kEnumerate, Value());
  numbered.number_ = start;
  numbered.AddInner(heap, iterable, at);
  return numbered;
}

Iterator Iterator::Zip(Heap& heap, const std::vector<Value>& iterables, Position at) {
  Iterator rows(Over::kZip, Value());
  for (const Value& iterable : iterables) rows.AddInner(heap, iterable, at);
  return rows;
}

void Iterator::AddInner(Heap& heap, const Value& iterable, Position at) {
  const bool is_iterator = iterable.Is(Kind::kIterator);
  inner_.push_back(is_iterator ? iterable : heap.MakeIterator(Begin(heap, iterable, at), at));
  depth_ = std::max(depth_, inner_.back().iterator().depth_ + 1);
  heap.CheckDepth(depth_, at);
}

bool Iterator::Next(Heap& heap, Position at, Value& item) {
  heap.ChargeSteps(1, at);
  if (is_done_) return false;
  if (unknown != nullptr) heap.Unsure(*unknown, at);
  heap.RequireKnown(source_);
  switch (over_) {
    case Over::kItems:
      return NextItem(item);
    case Over::kReversed:
      return NextReversed(item);
    case Over::kText:
      return NextCharacter(heap, at, item);
    case Over::kDict:
      return NextEntry(heap, at, item);
    case Over::kEnumerate:
      return NextNumbered(heap, at, item);
    case Over::kZip:
      return NextRow(heap, at, item);
  }
  return false;
}

bool Iterator::NextItem(Value& item) {
  const std::vector<Value>& items = source_.items();
  is_done_ = at_ >= items.size();
  if (!is_done_) item = items[at_++];
  return !is_done_;
}

bool Iterator::NextReversed(Value& item) {
  const std::vector<Value>& items = source_.items();
  is_done_ = at_ == 0 || at_ > items.size();
  if (!is_done_) item = items[--at_];
  return !is_done_;
}

bool Iterator::NextCharacter(Heap& heap, Position at, Value& item) {
  const std::string_view rest = std::string_view(source_.text()).substr(at_);
  is_done_ = rest.empty();
  if (is_done_) return false;
  const std::size_t length = base::DecodeUtf8(rest).length;
  item = heap.String(std::string(rest.substr(0, length)), at);
  at_ += length;
  return true;
}

bool Iterator::NextEntry(Heap& heap, Position at, Value& item) {
  const Mapping& mapping = source_.mapping();
  if (mapping.changes() != changes_) {
    heap.Fail(at, "the keys of a dict change while a loop goes over them",
              "loop over list(...) of it");
  }
  is_done_ = at_ >= mapping.size();
  if (is_done_) return false;
  const Entry& entry = mapping.entries()[at_++];
  if (part_ == DictPart::kItems) {
    item = heap.Tuple({entry.key, entry.value}, at);
  } else {
    item = part_ == DictPart::kKeys ? entry.key : entry.value;
  }
  return true;
}

bool Iterator::NextNumbered(Heap& heap, Position at, Value& item) {
  Value inner;
  if (!inner_[0].iterator().Next(heap, at, inner)) return false;
  item = heap.Tuple({Value::Int(number_, at), inner}, at);
  if (__builtin_add_overflow(number_, 1, &number_)) {
    heap.Fail(at, "the result does not fit 64 bits");
  }
  return true;
}

bool Iterator::NextRow(Heap& heap, Position at, Value& item) {
  std::vector<Value> row(inner_.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!inner_[i].iterator().Next(heap, at, row[i])) return false;
  }
  if (row.empty()) return false;
  item = heap.Tuple(std::move(row), at);
  return true;
}

Loop::Loop(Heap& heap, const Value& iterable, Position at)
    : heap_(heap),
      at_(at),
      own_(iterable.Is(Kind::kIterator) ? Iterator(Iterator::Over::kItems, Value())
                                        : Iterator::Begin(heap, iterable, at)),
      iterator_(iterable.Is(Kind::kIterator) ? &iterable.iterator() : &own_) {}

std::vector<Value> Iterate(Heap& heap, const Value& value, Position at) {
  if (value.IsSequence()) {
    heap.ChargeSteps(value.items().size() + 1, at);
    return value.items();
  }
  std::vector<Value> items;
  Loop loop(heap, value, at);
  for (Value item; loop.Next(item);) {
    items.push_back(item);
    heap.CheckRoom(items.size(), at);
  }
  return items;
}

}  // namespace yoloport::config::python
