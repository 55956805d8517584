#include "formats/pickle/pickle_value.h"

#include "base/text.h"
#include "formats/pickle/limits.h"
#include "formats/pickle/pickle_globals.h"

namespace yoloport::formats::pickle {
namespace {

// An object's items begin with its callable and arguments.
constexpr std::size_t kObjectHead = 2;

}  // namespace

Value PickleDocument::Constant(std::int64_t integer) {
  Value value;
  value.kind = ValueKind::kBool;
  value.integer = integer;
  return value;
}

Value* PickleDocument::New(ValueKind kind) {
  if (values_.size() >= kMaxPickleValues) return nullptr;
  Value& value = values_.emplace_back();
  value.kind = kind;
  return &value;
}

Value* PickleDocument::Global(const std::string& name) {
  if (const auto found = globals_.find(name); found != globals_.end()) return found->second;
  if (globals_.size() >= kMaxPickleNames) return nullptr;
  Value* value = New(ValueKind::kGlobal);
  if (value == nullptr) return nullptr;
  const auto entry = globals_.emplace(name, value).first;
  value->text = entry->first;
  value->known = FindGlobal(value->text);
  return value;
}

std::string_view PickleDocument::Keep(std::string text) {
  return texts_.emplace_back(std::move(text));
}

std::span<Value* const> DictItems(const Value& value) {
  if (value.kind == ValueKind::kDict) return value.items;
  if (value.kind != ValueKind::kObject) return {};
  if (value.has_pairs) return std::span(value.items).subspan(kObjectHead);
  const Value& arguments = *value.items[1];
  const bool one_dict = arguments.kind == ValueKind::kTuple && arguments.items.size() == 1 &&
                        arguments.items[0]->kind == ValueKind::kDict;
  if (one_dict) return arguments.items[0]->items;
  return {};
}

bool IsDictLike(const Value& value) {
  return value.kind == ValueKind::kDict || !DictItems(value).empty();
}

const Value* FindKey(const Value& dict, std::string_view key) {
  const auto items = DictItems(dict);
  for (std::size_t i = items.size(); i >= 2; i -= 2) {
    if (items[i - 2]->is_text() && items[i - 2]->text == key) return items[i - 1];
  }
  return nullptr;
}

const Value* ObjectGlobal(const Value& value) {
  if (value.kind != ValueKind::kObject || value.items[0]->kind != ValueKind::kGlobal)
    return nullptr;
  return value.items[0];
}

std::string Describe(const Value& value) {
  switch (value.kind) {
    case ValueKind::kNone:
      return "None";
    case ValueKind::kBool:
      return "a bool";
    case ValueKind::kInt:
    case ValueKind::kBigInt:
      return "an int";
    case ValueKind::kFloat:
      return "a float";
    case ValueKind::kText:
      return "a string";
    case ValueKind::kBytes:
      return "bytes";
    case ValueKind::kList:
      return "a list";
    case ValueKind::kTuple:
      return "a tuple";
    case ValueKind::kSet:
      return "a set";
    case ValueKind::kDict:
      return "a dict";
    case ValueKind::kGlobal:
      return "the name " + base::Quote(value.text);
    case ValueKind::kPersistent:
      return "a storage";
    case ValueKind::kObject:
      break;
  }
  const Value* global = ObjectGlobal(value);
  return global != nullptr ? "an object of " + base::Quote(global->text)
                           : "an object of no known class";
}

}  // namespace yoloport::formats::pickle
