// Methods of dicts, lists and tuples.
#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "config/python/builtins.h"
#include "config/python/iteration.h"
#include "config/python/limits.h"
#include "config/python/operators.h"
#include "config/python/python_text.h"

namespace yoloport::config::python {
namespace {

struct Method {
  std::string_view name;
  Value (*function)(Heap&, const Value& object, const Arguments&);
  std::size_t least, most;
  std::string_view keyword = {};
};

constexpr std::string_view kDelete = "_delete_";

// Keywords of dict.update are keys.
constexpr std::string_view kAnyKeyword = "*";

Value DictGet(Heap& heap, const Value& object, const Arguments& arguments) {
  const Entry* entry = heap.Find(object.mapping(), arguments.values[0], arguments.at);
  if (entry != nullptr) return entry->value;
  if (arguments.values.size() > 1) return arguments.values[1];
  const Value* fallback = arguments.Keyword("default");
  if (fallback != nullptr && !object.mapping().is_config_dict) {
    heap.Fail(arguments.at, "get() takes no 'default'");  // MMEngine's own dicts alone do
  }
  return fallback != nullptr ? *fallback : Value::None(arguments.at);
}

Value DictKeys(Heap& heap, const Value& object, const Arguments& arguments) {
  return heap.MakeView(object, DictPart::kKeys, arguments.at);
}

// MMEngine's ConfigDict gives lists of values and items.
Value ViewOrList(Heap& heap, const Value& object, DictPart part, Position at) {
  const Value view = heap.MakeView(object, part, at);
  return object.mapping().is_config_dict ? heap.List(Iterate(heap, view, at), at) : view;
}

Value DictValues(Heap& heap, const Value& object, const Arguments& arguments) {
  return ViewOrList(heap, object, DictPart::kValues, arguments.at);
}

Value DictItems(Heap& heap, const Value& object, const Arguments& arguments) {
  return ViewOrList(heap, object, DictPart::kItems, arguments.at);
}

Value DictCopy(Heap& heap, const Value& object, const Arguments& arguments) {
  const bool is_config_dict = object.mapping().is_config_dict;
  const Value copy = is_config_dict ? heap.ConfigDict(arguments.at) : heap.Dict(arguments.at);
  for (const Entry& entry : object.mapping().entries()) {
    StoreItem(heap, copy, entry.key, entry.value, arguments.at);
  }
  return copy;
}

Value DictUpdate(Heap& heap, const Value& object, const Arguments& arguments) {
  if (object.mapping().is_config_dict) {
    UpdateConfigDict(heap, object, CallBuiltin(heap, "dict", arguments), arguments.at);
    return Value::None(arguments.at);
  }
  for (const Value& value : arguments.values) {
    AddEntries(heap, object.mapping(), value, arguments.at);
  }
  for (const auto& [key, value] : arguments.keywords) {
    heap.Put(object.mapping(), key, value, arguments.at);
  }
  return Value::None(arguments.at);
}

Value DictPop(Heap& heap, const Value& object, const Arguments& arguments) {
  const Value& key = arguments.values[0];
  const Entry* entry = heap.Find(object.mapping(), key, arguments.at);
  if (entry == nullptr) {
    if (arguments.values.size() > 1) return arguments.values[1];
    if (object.mapping().is_config_dict) return Value::None(arguments.at);  // MMEngine's default
    return Subscript(heap, object, key, arguments.at);  // says that there is no such key
  }
  const Value value = entry->value;
  heap.Erase(object.mapping(), key, arguments.at);
  return value;
}

Value DictSetDefault(Heap& heap, const Value& object, const Arguments& arguments) {
  const Value& key = arguments.values[0];
  const Entry* entry = heap.Find(object.mapping(), key, arguments.at);
  if (entry != nullptr) return entry->value;
  const Value value = arguments.values.size() > 1 ? arguments.values[1] : Value::None(arguments.at);
  StoreItem(heap, object, key, value, arguments.at);
  return value;
}

Value DictClear(Heap&, const Value& object, const Arguments& arguments) {
  object.mapping().Clear();
  return Value::None(arguments.at);
}

Value ListAppend(Heap& heap, const Value& object, const Arguments& arguments) {
  heap.ChargeValues(1, arguments.at);
  object.items().push_back(arguments.values[0]);
  return Value::None(arguments.at);
}

Value ListExtend(Heap& heap, const Value& object, const Arguments& arguments) {
  const Value& more = arguments.values[0];
  if (more.Is(Kind::kIterator)) {  // which may go along this list
    Loop loop(heap, more, arguments.at);
    for (Value item; loop.Next(item);) {
      heap.ChargeValues(1, arguments.at);
      object.items().push_back(item);
    }
    return Value::None(arguments.at);
  }
  const std::vector<Value> items = Iterate(heap, more, arguments.at);
  heap.ChargeValues(items.size(), arguments.at);
  object.items().insert(object.items().end(), items.begin(), items.end());
  return Value::None(arguments.at);
}

Value ListInsert(Heap& heap, const Value& object, const Arguments& arguments) {
  heap.RequireKnown(arguments.values[0]);
  if (!arguments.values[0].IsIntegral()) heap.Fail(arguments.at, "insert() needs an int first");
  const auto size = static_cast<std::int64_t>(object.items().size());
  std::int64_t index = arguments.values[0].integer();
  if (index < 0) index = std::max<std::int64_t>(index + size, 0);
  heap.ChargeValues(1, arguments.at);
  heap.ChargeSteps(object.items().size(), arguments.at);
  object.items().insert(object.items().begin() + std::min(index, size), arguments.values[1]);
  return Value::None(arguments.at);
}

Value ListPop(Heap& heap, const Value& object, const Arguments& arguments) {
  const Value index = arguments.values.empty() ? Value::Int(-1, arguments.at) : arguments.values[0];
  const std::size_t at = ListIndex(heap, index, object.items().size(), arguments.at);
  const Value value = object.items()[at];
  heap.ChargeSteps(object.items().size() - at, arguments.at);
  object.items().erase(object.items().begin() + static_cast<std::ptrdiff_t>(at));
  return value;
}

std::size_t FindItem(Heap& heap, const Value& object, const Arguments& arguments) {
  for (std::size_t i = 0; i < object.items().size(); ++i) {
    if (SameOrEqual(heap, object.items()[i], arguments.values[0], arguments.at)) return i;
  }
  heap.Fail(arguments.at, Repr(heap, arguments.values[0]) + " is not in this " +
                              std::string(KindName(object.kind())));
}

Value ListRemove(Heap& heap, const Value& object, const Arguments& arguments) {
  const std::size_t at = FindItem(heap, object, arguments);
  heap.ChargeSteps(object.items().size() - at, arguments.at);
  object.items().erase(object.items().begin() + static_cast<std::ptrdiff_t>(at));
  return Value::None(arguments.at);
}

Value Index(Heap& heap, const Value& object, const Arguments& arguments) {
  return Value::Int(static_cast<std::int64_t>(FindItem(heap, object, arguments)), arguments.at);
}

Value Count(Heap& heap, const Value& object, const Arguments& arguments) {
  const auto& items = object.items();
  const auto count = std::count_if(items.begin(), items.end(), [&](const Value& item) {
    return SameOrEqual(heap, item, arguments.values[0], arguments.at);
  });
  return Value::Int(count, arguments.at);
}

Value ListReverse(Heap& heap, const Value& object, const Arguments& arguments) {
  heap.ChargeSteps(object.items().size(), arguments.at);
  std::reverse(object.items().begin(), object.items().end());
  return Value::None(arguments.at);
}

Value ListSort(Heap& heap, const Value& object, const Arguments& arguments) {
  Arguments call = arguments;
  call.values = {object};
  object.items() = CallBuiltin(heap, "sorted", call).items();
  return Value::None(arguments.at);
}

Value ListCopy(Heap& heap, const Value& object, const Arguments& arguments) {
  return heap.List(Iterate(heap, object, arguments.at), arguments.at);
}

Value ListClear(Heap&, const Value& object, const Arguments& arguments) {
  object.items().clear();
  return Value::None(arguments.at);
}

// What ConfigDict.merge() makes of `other` over `own`.
Value MergeOver(Heap& heap, const Value& other, const Value& own, Position at, int depth) {
  heap.CheckDepth(depth, at);
  if (!other.Is(Kind::kDict)) return other;
  heap.RequireKnown(own);
  const Value result = heap.Dict(at);
  const auto put = [&](const Entry& entry, const Value& value) {
    const bool is_mark = entry.key.Is(Kind::kString) && entry.key.text() == kDelete;
    if (!is_mark) heap.Put(result.mapping(), entry.key, value, at);
  };
  const Entry* mark = other.mapping().Find(kDelete);
  const bool is_over = own.Is(Kind::kDict) && (mark == nullptr || !IsTrue(heap, mark->value));
  if (is_over) {
    for (const Entry& entry : own.mapping().entries()) {
      const Entry* changed = heap.Find(other.mapping(), entry.key, at);
      put(entry, changed == nullptr ? entry.value
                                    : MergeOver(heap, changed->value, entry.value, at, depth + 1));
    }
  }
  for (const Entry& entry : other.mapping().entries()) {
    const bool is_new = heap.Find(result.mapping(), entry.key, at) == nullptr;
    // Where there is nothing to merge with, marks further inside stay.
    const bool merges = own.Is(Kind::kDict);
    if (is_new)
      put(entry, merges ? MergeOver(heap, entry.value, Value(), at, depth + 1) : entry.value);
  }
  return result;
}

Value ConfigDictMerge(Heap& heap, const Value& object, const Arguments& arguments) {
  const Value& other = arguments.values[0];
  heap.RequireKnown(other);
  if (!other.Is(Kind::kDict)) heap.Fail(arguments.at, "merge() needs a dict");
  const Value merged =
      DeepCopy(heap, MergeOver(heap, other, object, arguments.at, 0), arguments.at);
  object.mapping().Clear();
  for (const Entry& entry : merged.mapping().entries()) {
    StoreItem(heap, object, entry.key, entry.value, arguments.at);
  }
  return Value::None(arguments.at);
}

constexpr std::array<Method, 10> kDictMethods = {{
    {"get", DictGet, 1, 2, "default"},
    {"keys", DictKeys, 0, 0},
    {"values", DictValues, 0, 0},
    {"items", DictItems, 0, 0},
    {"copy", DictCopy, 0, 0},
    {"update", DictUpdate, 0, 1, kAnyKeyword},
    {"pop", DictPop, 1, 2},
    {"setdefault", DictSetDefault, 1, 2},
    {"clear", DictClear, 0, 0},
    {"merge", ConfigDictMerge, 1, 1},
}};

// Methods that Python's containers, numbers and MMEngine's ConfigDict have beside these.
constexpr std::array<std::string_view, 9> kOtherMethods = {
    "popitem",  "fromkeys",   "to_dict",    "deepcopy",  "freeze",
    "unfreeze", "build_lazy", "is_integer", "bit_length"};

// What Python takes beyond what is computed here: sort(key=...), index(value, start).
bool TakesMore(std::string_view name, const Arguments& arguments) {
  if (name == "sort") return !arguments.keywords.empty();
  return name == "index" && arguments.values.size() > 1;
}

constexpr std::array<Method, 11> kListMethods = {{
    {"append", ListAppend, 1, 1},
    {"extend", ListExtend, 1, 1},
    {"insert", ListInsert, 2, 2},
    {"pop", ListPop, 0, 1},
    {"remove", ListRemove, 1, 1},
    {"index", Index, 1, 1},
    {"count", Count, 1, 1},
    {"reverse", ListReverse, 0, 0},
    {"sort", ListSort, 0, 0, "reverse"},
    {"copy", ListCopy, 0, 0},
    {"clear", ListClear, 0, 0},
}};

constexpr std::array<Method, 2> kTupleMethods = {{{"index", Index, 1, 1}, {"count", Count, 1, 1}}};

[[noreturn]] void FailMethod(Heap& heap, const Value& object, std::string_view name, Position at) {
  const bool is_known =
      std::find(kOtherMethods.begin(), kOtherMethods.end(), name) != kOtherMethods.end();
  if (is_known || object.Is(Kind::kSet) || name.starts_with("__")) {
    heap.GiveUp(at, KindText(object.kind()) + "'s " + std::string(name) + "() is not computed");
  }
  heap.Fail(at, KindText(object.kind()) + " has no method " + base::Quote(name));
}

template <std::size_t N>
Value Call(Heap& heap, const std::array<Method, N>& methods, const Value& object,
           std::string_view name, const Arguments& arguments) {
  for (const Method& method : methods) {
    if (method.name != name) continue;
    if (name == "merge" && !object.mapping().is_config_dict) break;
    Arguments checked = arguments;
    if (method.keyword == kAnyKeyword) checked.keywords.clear();
    const bool is_short_of = TakesMore(name, arguments) && !arguments.Keyword("reverse");
    if (is_short_of) heap.GiveUp(arguments.at, std::string(name) + "() with such arguments");
    CheckArguments(heap, name, checked, method.least, method.most, {method.keyword});
    return method.function(heap, object, arguments);
  }
  FailMethod(heap, object, name, arguments.at);
}

}  // namespace

bool IsDictMethod(std::string_view name) {
  return std::any_of(kDictMethods.begin(), kDictMethods.end(),
                     [name](const Method& method) { return method.name == name; });
}

Value CallMethod(Heap& heap, const Value& object, std::string_view name,
                 const Arguments& arguments) {
  heap.ChargeSteps(1, arguments.at);
  if (object.Is(Kind::kDict)) return Call(heap, kDictMethods, object, name, arguments);
  if (object.Is(Kind::kList)) return Call(heap, kListMethods, object, name, arguments);
  if (object.Is(Kind::kTuple)) return Call(heap, kTupleMethods, object, name, arguments);
  if (object.Is(Kind::kString)) return CallStringMethod(heap, object, name, arguments);
  FailMethod(heap, object, name, arguments.at);
}

bool IsMethod(const Value& object, std::string_view name) {
  const auto is_in = [name](const auto& methods) {
    return std::any_of(methods.begin(), methods.end(),
                       [name](const Method& method) { return method.name == name; });
  };
  if (object.Is(Kind::kDict)) {
    return is_in(kDictMethods) && (name != "merge" || object.mapping().is_config_dict);
  }
  if (object.Is(Kind::kList)) return is_in(kListMethods);
  if (object.Is(Kind::kTuple)) return is_in(kTupleMethods);
  return object.Is(Kind::kString) && IsStringMethod(name);
}

bool IsReadingMethod(std::string_view name) {
  constexpr std::array<std::string_view, 7> kReading = {"get",  "keys",  "values", "items",
                                                        "copy", "index", "count"};
  return std::find(kReading.begin(), kReading.end(), name) != kReading.end();
}

Value Hook(Heap& heap, const Value& value, int depth) {
  heap.CheckDepth(depth, value.position());
  if (value.IsListOrTuple()) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(Hook(heap, item, depth + 1));
    return value.Is(Kind::kList) ? heap.List(std::move(items), value.position())
                                 : heap.Tuple(std::move(items), value.position());
  }
  if (!value.Is(Kind::kDict) || value.mapping().is_config_dict) return value;
  const Value result = heap.ConfigDict(value.position());
  for (const Entry& entry : value.mapping().entries()) {
    heap.Put(result.mapping(), entry.key, Hook(heap, entry.value, depth + 1), value.position());
  }
  return result;
}

void UpdateConfigDict(Heap& heap, const Value& target, const Value& source, Position at,
                      int depth) {
  heap.CheckDepth(depth, at);
  const std::vector<Entry> entries = source.mapping().entries();  // source may be target
  heap.ChargeSteps(entries.size(), at);
  for (const Entry& entry : entries) {
    const Entry* old = heap.Find(target.mapping(), entry.key, at);
    if (old != nullptr && old->value.Is(Kind::kDict) && entry.value.Is(Kind::kDict)) {
      UpdateConfigDict(heap, old->value, entry.value, at, depth + 1);
    } else {
      StoreItem(heap, target, entry.key, entry.value, at);
    }
  }
}

void StoreItem(Heap& heap, const Value& target, const Value& key, const Value& value, Position at) {
  const bool hooks = target.mapping().is_config_dict;
  heap.Put(target.mapping(), key, hooks ? Hook(heap, value) : value, at);
}

}  // namespace yoloport::config::python
