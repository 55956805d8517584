// Dicts and sets: how keys are compared and found.
#include <algorithm>
#include <bit>
#include <cmath>

#include "config/python/value.h"

namespace yoloport::config::python {
namespace {

// Below this a search in a row is faster than one by the index.
constexpr std::size_t kIndexFrom = 32;

std::int64_t Rank(const Value& key) {
  if (key.IsNumber()) return 1;
  return key.Is(Kind::kString) ? 2 : key.Is(Kind::kTuple) ? 3 : 0;
}

// Some order in which keys are equal exactly when Python says so.
std::partial_ordering OrderOfKeys(const Value& a, const Value& b) {
  if (Rank(a) != Rank(b)) return Rank(a) <=> Rank(b);
  if (a.IsNumber()) return OrderOfNumbers(a, b);
  if (a.Is(Kind::kString)) return a.text() <=> b.text();
  if (!a.Is(Kind::kTuple)) return std::partial_ordering::equivalent;  // None and None
  return std::lexicographical_compare_three_way(a.items().begin(), a.items().end(),
                                                b.items().begin(), b.items().end(), OrderOfKeys);
}

// The rank and a string's first bytes as one number: mostly it decides, without a look at the key.
std::uint64_t WeightOfText(std::string_view text) {
  std::uint64_t weight = 2;
  for (std::size_t i = 0; i < 7; ++i) {
    weight = weight << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return weight;
}

std::uint64_t Weight(const Value& key) {
  if (key.Is(Kind::kString)) return WeightOfText(key.text());
  return static_cast<std::uint64_t>(Rank(key)) << 56;
}

bool IsText(const Value& key, std::string_view text) {
  return key.Is(Kind::kString) && key.text() == text;
}

}  // namespace

bool Mapping::KeyOrder::operator()(const Place& a, const Place& b) const {
  if (a.weight != b.weight) return a.weight < b.weight;
  return std::is_lt(OrderOfKeys(Key(a), Key(b)));
}
bool Mapping::KeyOrder::operator()(const Place& a, const Sought<Value>& b) const {
  if (a.weight != b.weight) return a.weight < b.weight;
  return std::is_lt(OrderOfKeys(Key(a), b.key));
}
bool Mapping::KeyOrder::operator()(const Sought<Value>& a, const Place& b) const {
  if (a.weight != b.weight) return a.weight < b.weight;
  return std::is_lt(OrderOfKeys(a.key, Key(b)));
}
bool Mapping::KeyOrder::operator()(const Place& a, const Sought<std::string_view>& b) const {
  if (a.weight != b.weight) return a.weight < b.weight;
  return std::string_view(Key(a).text()) < b.key;
}
bool Mapping::KeyOrder::operator()(const Sought<std::string_view>& a, const Place& b) const {
  if (a.weight != b.weight) return a.weight < b.weight;
  return a.key < std::string_view(Key(b).text());
}

const Entry* Mapping::Find(const Value& key) const {
  if (index_.empty()) {
    if (key.Is(Kind::kString)) return Find(std::string_view(key.text()));
    for (const Entry& entry : entries_) {
      if (std::is_eq(OrderOfKeys(entry.key, key))) return &entry;
    }
    return nullptr;
  }
  if (key.Is(Kind::kDouble) && std::isnan(key.number())) return nullptr;  // is no key
  const auto found = index_.find(Sought<Value>{Weight(key), key});
  return found == index_.end() ? nullptr : &entries_[found->at];
}

const Entry* Mapping::Find(std::string_view key) const {
  if (index_.empty()) {
    for (const Entry& entry : entries_) {
      if (IsText(entry.key, key)) return &entry;
    }
    return nullptr;
  }
  const auto found = index_.find(Sought<std::string_view>{WeightOfText(key), key});
  return found == index_.end() ? nullptr : &entries_[found->at];
}

void Mapping::Set(const Value& key, const Value& value) {
  if (const Entry* found = Find(key)) {
    Entry& entry = entries_[static_cast<std::size_t>(found - entries_.data())];
    entry.key = entry.key.At(key.position());
    entry.value = value;
    return;
  }
  entries_.push_back({key, value});
  ++changes_;
  if (!index_.empty()) {
    index_.insert({Weight(key), entries_.size() - 1});
  } else if (entries_.size() == kIndexFrom) {
    for (std::size_t i = 0; i < entries_.size(); ++i) index_.insert({Weight(entries_[i].key), i});
  }
}

bool Mapping::Erase(const Value& key) {
  const Entry* found = Find(key);
  if (found == nullptr) return false;
  const auto at = static_cast<std::size_t>(found - entries_.data());
  if (!index_.empty()) index_.erase(index_.find(Sought<Value>{Weight(key), key}));
  ++changes_;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
  for (const Place& place : index_) place.at -= place.at > at ? 1 : 0;
  return true;
}

void Mapping::Clear() {
  changes_ += entries_.empty() ? 0 : 1;
  entries_.clear();
  index_.clear();
}

std::size_t Mapping::Probes() const {
  return index_.empty() ? entries_.size() : 2 * static_cast<std::size_t>(std::bit_width(size()));
}

bool IsHashable(const Value& key) {
  switch (key.kind()) {
    case Kind::kEllipsis:
    case Kind::kUnknown:
    case Kind::kList:
    case Kind::kRange:
    case Kind::kSet:
    case Kind::kDict:
    case Kind::kView:
    case Kind::kIterator:
      return false;
    case Kind::kDouble:
      return !std::isnan(key.number());
    case Kind::kTuple:
      return std::all_of(key.items().begin(), key.items().end(), [](const Value& item) {
        return !item.Is(Kind::kTuple) && IsHashable(item);
      });
    default:
      return true;
  }
}

}  // namespace yoloport::config::python
