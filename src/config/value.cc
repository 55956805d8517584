#include "config/value.h"

#include <cmath>
#include <functional>

#include "config/limits.h"

namespace yoloport::config {
namespace {

// Below this a search in a row is faster than hashing.
constexpr std::size_t kIndexFrom = 16;

bool IsExactInteger(double value) { return value == std::floor(value) && std::abs(value) < 0x1p63; }

// Equality of scalars as keys and as values; an int and a double are equal only if exactly so.
bool ScalarsEqual(const Value& a, const Value& b) {
  if (a.IsNumber() && b.IsNumber()) {
    if (a.IsIntegral() && b.IsIntegral()) return a.integer() == b.integer();
    if (a.Is(Kind::kDouble) && b.Is(Kind::kDouble)) return a.number() == b.number();
    const double real = a.Is(Kind::kDouble) ? a.number() : b.number();
    const std::int64_t whole = a.IsIntegral() ? a.integer() : b.integer();
    return IsExactInteger(real) && static_cast<std::int64_t>(real) == whole;
  }
  if (a.kind() != b.kind()) return false;
  return a.Is(Kind::kNone) || (a.Is(Kind::kString) && a.text() == b.text());
}

bool KeysEqual(const Value& a, const Value& b) {
  if (!a.Is(Kind::kTuple) || !b.Is(Kind::kTuple)) return ScalarsEqual(a, b);
  if (a.items().size() != b.items().size()) return false;
  for (std::size_t i = 0; i < a.items().size(); ++i) {
    if (!ScalarsEqual(a.items()[i], b.items()[i])) return false;
  }
  return true;
}

std::size_t Hash(const Value& key) {
  switch (key.kind()) {
    case Kind::kBool:
    case Kind::kInt:
      return std::hash<std::int64_t>()(key.integer());
    case Kind::kDouble:
      return IsExactInteger(key.number())
                 ? std::hash<std::int64_t>()(static_cast<std::int64_t>(key.number()))
                 : std::hash<double>()(key.number());
    case Kind::kString:
      return std::hash<std::string_view>()(key.text());
    case Kind::kTuple: {
      std::size_t hash = key.items().size();
      for (const Value& item : key.items()) hash = hash * 31 + Hash(item);
      return hash;
    }
    default:
      return 0;
  }
}

bool EqualAt(Heap& heap, const Value& a, const Value& b, int depth);

bool MappingsEqual(Heap& heap, const Value& a, const Value& b, int depth) {
  if (a.mapping().size() != b.mapping().size()) return false;
  for (const Entry& entry : a.mapping().entries()) {
    const Entry* other = b.mapping().Find(entry.key);
    if (other == nullptr || !EqualAt(heap, entry.value, other->value, depth + 1)) return false;
  }
  return true;
}

bool EqualAt(Heap& heap, const Value& a, const Value& b, int depth) {
  heap.CheckDepth(depth, a.position());
  heap.ChargeSteps(1, a.position());
  heap.ChargeText(a, a.position());
  if (a.kind() != b.kind() || !(a.IsSequence() || a.Is(Kind::kSet) || a.Is(Kind::kDict))) {
    return ScalarsEqual(a, b);
  }
  if (a.identity() == b.identity()) return true;
  if (!a.IsSequence()) return MappingsEqual(heap, a, b, depth);
  if (a.items().size() != b.items().size()) return false;
  for (std::size_t i = 0; i < a.items().size(); ++i) {
    if (!EqualAt(heap, a.items()[i], b.items()[i], depth + 1)) return false;
  }
  return true;
}

}  // namespace

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kDouble:
      return "float";
    case Kind::kString:
      return "str";
    case Kind::kList:
      return "list";
    case Kind::kTuple:
      return "tuple";
    case Kind::kSet:
      return "set";
    case Kind::kDict:
      return "dict";
  }
  return "?";
}

std::string KindText(Kind kind) {
  if (kind == Kind::kNone) return "None";
  return (kind == Kind::kInt ? "an " : "a ") + std::string(KindName(kind));
}

Value Value::Bool(bool value, Position at) {
  Value result(Kind::kBool, at);
  result.integer_ = value ? 1 : 0;
  return result;
}

Value Value::Int(std::int64_t value, Position at) {
  Value result(Kind::kInt, at);
  result.integer_ = value;
  return result;
}

Value Value::Double(double value, Position at) {
  Value result(Kind::kDouble, at);
  result.double_ = value;
  return result;
}

Value Value::At(Position position) const {
  Value result = *this;
  result.position_ = position;
  return result;
}

double Value::number() const {
  return kind_ == Kind::kDouble ? double_ : static_cast<double>(integer_);
}

const Entry* Mapping::Find(const Value& key) const {
  if (entries_.size() < kIndexFrom) {
    for (const Entry& entry : entries_) {
      if (KeysEqual(entry.key, key)) return &entry;
    }
    return nullptr;
  }
  if (index_.empty()) BuildIndex();
  const auto [begin, end] = index_.equal_range(Hash(key));
  for (auto it = begin; it != end; ++it) {
    if (KeysEqual(entries_[it->second].key, key)) return &entries_[it->second];
  }
  return nullptr;
}

const Entry* Mapping::Find(std::string_view key) const {
  const auto matches = [key](const Entry& entry) {
    return entry.key.Is(Kind::kString) && entry.key.text() == key;
  };
  if (entries_.size() < kIndexFrom) {
    for (const Entry& entry : entries_) {
      if (matches(entry)) return &entry;
    }
    return nullptr;
  }
  if (index_.empty()) BuildIndex();
  const auto [begin, end] = index_.equal_range(std::hash<std::string_view>()(key));
  for (auto it = begin; it != end; ++it) {
    if (matches(entries_[it->second])) return &entries_[it->second];
  }
  return nullptr;
}

void Mapping::Set(const Value& key, const Value& value) {
  if (const Entry* found = Find(key)) {
    Entry& entry = entries_[static_cast<std::size_t>(found - entries_.data())];
    entry.key = entry.key.At(key.position());
    entry.value = value;
    return;
  }
  entries_.push_back({key, value});
  if (!index_.empty()) {
    index_.emplace(Hash(key), static_cast<std::uint32_t>(entries_.size() - 1));
  }
}

bool Mapping::Erase(const Value& key) {
  const Entry* found = Find(key);
  if (found == nullptr) return false;
  entries_.erase(entries_.begin() + (found - entries_.data()));
  index_.clear();
  return true;
}

void Mapping::Clear() {
  entries_.clear();
  index_.clear();
}

void Mapping::BuildIndex() const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    index_.emplace(Hash(entries_[i].key), static_cast<std::uint32_t>(i));
  }
}

bool IsHashable(const Value& key) {
  switch (key.kind()) {
    case Kind::kList:
    case Kind::kSet:
    case Kind::kDict:
      return false;
    case Kind::kTuple:
      for (const Value& item : key.items()) {
        if (item.Is(Kind::kTuple) || !IsHashable(item)) return false;
      }
      return true;
    default:
      return true;
  }
}

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
  sequences_.push_back({std::move(items)});
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

void Heap::Put(Mapping& mapping, const Value& key, const Value& value, Position at) {
  if (!IsHashable(key)) {
    Fail(at, KindText(key.kind()) + " cannot be a key here",
         "keys are strings, numbers, None, or flat tuples of those");
  }
  ChargeValues(1, at);
  ChargeText(key, at);
  mapping.Set(key, value);
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

void Heap::ChargeText(const Value& value, Position at) {
  if (value.Is(Kind::kString)) ChargeSteps(value.text().size() / kBytesPerStep, at);
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

bool IsTrue(const Value& value) {
  switch (value.kind()) {
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return value.integer() != 0;
    case Kind::kDouble:
      return value.number() != 0;
    case Kind::kString:
      return !value.text().empty();
    case Kind::kList:
    case Kind::kTuple:
      return !value.items().empty();
    case Kind::kSet:
    case Kind::kDict:
      return value.mapping().size() != 0;
  }
  return false;
}

bool Equal(Heap& heap, const Value& a, const Value& b) { return EqualAt(heap, a, b, 0); }

}  // namespace yoloport::config
