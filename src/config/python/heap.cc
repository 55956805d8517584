// What values cost.
#include "config/python/iteration.h"
#include "config/python/limits.h"
#include "config/python/value.h"

namespace yoloport::config::python {

Heap::Heap(const Sources& sources) : sources_(&sources) {}
Heap::~Heap() = default;

Value Heap::String(std::string text, Position at) {
  CheckStringSize(text.size(), at);
  string_bytes_ += text.size();
  if (string_bytes_ > kMaxTotalStringBytes) {
    Fail(at, "the strings of this config take more than " +
                 std::to_string(kMaxTotalStringBytes >> 20) + " MiB");
  }
  ChargeValues(1, at);
  strings_.push_back(std::move(text));
  Value result(Kind::kString, at);
  result.string_ = &strings_.back();
  return result;
}

Value Heap::ConfigDict(Position at) {
  const Value result = Dict(at);
  result.mapping().is_config_dict = true;
  return result;
}

Value Heap::MakeSequence(Kind kind, std::vector<Value> items, Position at) {
  ChargeValues(items.size() + 1, at);
  sequences_.emplace_back().items = std::move(items);
  Value result(kind, at);
  result.sequence_ = &sequences_.back();
  return result;
}

Value Heap::MakeMapping(Kind kind, Position at) {
  ChargeValues(1, at);
  mappings_.emplace_back();
  Value result(kind, at);
  result.mapping_ = &mappings_.back();
  return result;
}

Value Heap::MakeRange(std::int64_t start, std::int64_t stop, std::int64_t step, Position at) {
  Range range{{}, start, stop, step};
  for (std::int64_t i = start; step > 0 ? i < stop : i > stop;) {
    range.items.push_back(Value::Int(i, at));
    CheckRoom(range.items.size(), at);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  ChargeValues(range.items.size() + 1, at);
  ChargeSteps(range.items.size(), at);
  ranges_.push_back(std::move(range));
  Value result(Kind::kRange, at);
  result.sequence_ = &ranges_.back();
  return result;
}

Value Heap::MakeView(const Value& dict, DictPart part, Position at) {
  ChargeValues(1, at);
  views_.push_back({dict, part});
  Value result(Kind::kView, at);
  result.view_ = &views_.back();
  return result;
}

Value Heap::MakeIterator(Iterator iterator, Position at) {
  ChargeValues(kValuesPerIterator, at);
  iterators_.push_back(std::move(iterator));
  Value result(Kind::kIterator, at);
  result.iterator_ = &iterators_.back();
  return result;
}

void Heap::Put(Mapping& mapping, const Value& key, const Value& value, Position at) {
  ChargeSearch(mapping, key, at);
  ChargeValues(1, at);
  mapping.Set(key, value);
}

const Entry* Heap::Find(const Mapping& mapping, const Value& key, Position at) {
  ChargeSearch(mapping, key, at);
  return mapping.Find(key);
}

const Entry* Heap::Find(const Mapping& mapping, std::string_view key, Position at) {
  ChargeSteps(key.size() / kBytesPerStep * mapping.Probes(), at);
  return mapping.Find(key);
}

bool Heap::Erase(Mapping& mapping, const Value& key, Position at) {
  const bool is_there = Find(mapping, key, at) != nullptr;
  if (!is_there) return false;
  ChargeSteps(mapping.size(), at);
  return mapping.Erase(key);
}

// Each comparison may have to look at all of the key.
void Heap::ChargeLongSearch(const Mapping& mapping, const Value& key, Position at) {
  std::size_t steps = 0;
  if (key.Is(Kind::kString)) steps = key.text().size() / kBytesPerStep * mapping.Probes();
  if (key.Is(Kind::kTuple)) {
    ChargeSteps(key.items().size(), at);  // for looking at what it holds
    std::size_t bytes = key.items().size();
    for (const Value& item : key.items()) {
      if (item.Is(Kind::kString)) bytes += item.text().size();
    }
    steps = bytes * mapping.Probes() / kBytesPerStep;
  }
  if (steps > 0) ChargeSteps(steps, at);
  if (IsHashable(key)) return;
  RequireKnown(key);
  if (key.Is(Kind::kTuple)) {
    for (const Value& item : key.items()) RequireKnown(item);
  }
  const bool does_python = key.Is(Kind::kDouble) || key.Is(Kind::kEllipsis) ||
                           key.Is(Kind::kRange) || key.Is(Kind::kTuple);
  const std::string what = (key.Is(Kind::kDouble) ? "nan" : KindText(key.kind()));
  if (does_python) GiveUp(at, what + " as a key of a dict");
  Fail(at, what + " cannot be a key here",
       "keys are strings, numbers, None, or flat tuples of those");
}

void Heap::ChargeValues(std::size_t count, Position at) {
  CheckRoom(count, at);
  values_ += count;
}

void Heap::CheckRoom(std::size_t count, Position at) const {
  if (count > kMaxValues - values_) {
    Fail(at, "this config makes more than " + std::to_string(kMaxValues) + " values");
  }
}

void Heap::ChargeSteps(std::size_t count, Position at) {
  if (count > kMaxSteps - steps_) {
    Fail(at, "evaluating this config takes more than " + std::to_string(kMaxSteps) + " steps");
  }
  steps_ += count;
}

void Heap::ChargeBytes(std::size_t bytes, Position at) {
  if (bytes >= kBytesPerStep) ChargeSteps(bytes / kBytesPerStep, at);
}

void Heap::CheckStringSize(std::size_t bytes, Position at) const {
  if (bytes > kMaxStringBytes) {
    Fail(at, "a string of more than " + std::to_string(kMaxStringBytes >> 10) + " KiB");
  }
}

void Heap::CheckDepth(int depth, Position at) const {
  if (depth > kMaxValueDepth) {
    Fail(at, "containers within one another more than " + std::to_string(kMaxValueDepth) +
                 " levels deep, or one that holds itself");
  }
}

}  // namespace yoloport::config::python
