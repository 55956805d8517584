#include "config/python/builtins.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>

#include "base/text.h"
#include "config/python/iteration.h"
#include "config/python/limits.h"
#include "config/python/literal.h"
#include "config/python/operators.h"
#include "config/python/python_text.h"
#include "config/python/repeated_name.h"
#include "config/python/scalar_text.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {
namespace {

using base::Quote;

Value Dict(Heap& heap, const Arguments& arguments) {
  const Value result = heap.Dict(arguments.at);
  for (const Value& value : arguments.values) {
    AddEntries(heap, result.mapping(), value, arguments.at);
  }
  for (const auto& [key, value] : arguments.keywords) {
    heap.Put(result.mapping(), key, value, key.position());
  }
  return result;
}

std::vector<Value> OptionalItems(Heap& heap, const Arguments& arguments) {
  if (arguments.values.empty()) return {};
  return Iterate(heap, arguments.values[0], arguments.at);
}

Value List(Heap& heap, const Arguments& arguments) {
  return heap.List(OptionalItems(heap, arguments), arguments.at);
}

Value Tuple(Heap& heap, const Arguments& arguments) {
  return heap.Tuple(OptionalItems(heap, arguments), arguments.at);
}

Value Set(Heap& heap, const Arguments& arguments) {
  const Value result = heap.Set(arguments.at);
  for (const Value& item : OptionalItems(heap, arguments)) {
    heap.Put(result.mapping(), item, Value(), arguments.at);
  }
  return result;
}

Value Len(Heap& heap, const Arguments& arguments) {
  const Value& value = arguments.values[0];
  std::size_t size = 0;
  if (value.IsSequence()) {
    size = value.items().size();
  } else if (value.Is(Kind::kDict) || value.Is(Kind::kSet)) {
    size = value.mapping().size();
  } else if (value.Is(Kind::kView)) {
    size = value.view().dict.mapping().size();
  } else if (value.Is(Kind::kString)) {
    heap.ChargeBytes(value.text().size(), arguments.at);
    size = CharacterCount(value.text());
  } else {
    heap.RequireKnown(value);
    heap.Fail(arguments.at, KindText(value.kind()) + " has no length");
  }
  return Value::Int(static_cast<std::int64_t>(size), arguments.at);
}

Value Range(Heap& heap, const Arguments& arguments) {
  std::vector<std::int64_t> parts;
  for (const Value& value : arguments.values) {
    if (!value.IsIntegral())
      heap.Fail(arguments.at, "range() needs ints, not " + KindText(value.kind()));
    parts.push_back(value.integer());
  }
  const std::int64_t start = parts.size() > 1 ? parts[0] : 0;
  const std::int64_t stop = parts.size() > 1 ? parts[1] : parts[0];
  const std::int64_t step = parts.size() > 2 ? parts[2] : 1;
  if (step == 0) heap.Fail(arguments.at, "the step of range() is 0");
  return heap.MakeRange(start, stop, step, arguments.at);
}

// A float to an int, towards zero.
Value Truncated(Heap& heap, double value, Position at) {
  if (!std::isfinite(value)) heap.Fail(at, "this float is not a whole number");
  if (!(std::abs(value) < 0x1p63)) heap.GiveUp(at, "this float does not fit an int of 64 bits");
  return Value::Int(static_cast<std::int64_t>(value), at);
}

Value Int(Heap& heap, const Arguments& arguments) {
  if (arguments.values.empty()) return Value::Int(0, arguments.at);
  const Value& value = arguments.values[0];
  if (value.IsIntegral()) return Value::Int(value.integer(), arguments.at);
  if (value.Is(Kind::kDouble)) return Truncated(heap, value.number(), arguments.at);
  if (value.Is(Kind::kString)) {
    heap.ChargeBytes(value.text().size(), arguments.at);
    std::int64_t number = 0;
    const IntText read = ReadInt(value.text(), number);
    if (read == IntText::kRead) return Value::Int(number, arguments.at);
    if (read == IntText::kTooLarge) heap.GiveUp(arguments.at, "this int does not fit 64 bits");
    heap.Fail(arguments.at, "int() cannot read " + Quote(value.text()));
  }
  heap.Fail(arguments.at, "int() cannot convert " + KindText(value.kind()));
}

Value Float(Heap& heap, const Arguments& arguments) {
  if (arguments.values.empty()) return Value::Double(0, arguments.at);
  const Value& value = arguments.values[0];
  if (value.IsNumber()) return Value::Double(value.number(), arguments.at);
  if (value.Is(Kind::kString)) {
    heap.ChargeBytes(value.text().size(), arguments.at);
    if (const auto number = ParseFloat(value.text())) return Value::Double(*number, arguments.at);
    heap.Fail(arguments.at, "float() cannot read " + Quote(value.text()));
  }
  heap.Fail(arguments.at, "float() cannot convert " + KindText(value.kind()));
}

Value StrOf(Heap& heap, const Arguments& arguments) {
  if (arguments.values.empty()) return heap.String("", arguments.at);
  return heap.String(Str(heap, arguments.values[0]), arguments.at);
}

Value ReprOf(Heap& heap, const Arguments& arguments) {
  return heap.String(Repr(heap, arguments.values[0]), arguments.at);
}

Value BoolOf(Heap& heap, const Arguments& arguments) {
  return Value::Bool(!arguments.values.empty() && IsTrue(heap, arguments.values[0]), arguments.at);
}

// The first element that no other is below (kLess) or above (kGreater).
Value Extreme(Heap& heap, const Arguments& arguments, Op op) {
  std::vector<Value> items = arguments.values;
  if (items.size() == 1) items = Iterate(heap, items[0], arguments.at);
  if (items.empty()) heap.Fail(arguments.at, "min() or max() of nothing");
  Value best = items[0];
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (Compare(heap, op, items[i], best, arguments.at)) best = items[i];
  }
  return best;
}

Value Min(Heap& heap, const Arguments& arguments) { return Extreme(heap, arguments, Op::kLess); }
Value Max(Heap& heap, const Arguments& arguments) { return Extreme(heap, arguments, Op::kGreater); }

Value Sum(Heap& heap, const Arguments& arguments) {
  Value total = arguments.values.size() > 1 ? arguments.values[1] : Value::Int(0, arguments.at);
  if (total.Is(Kind::kString)) heap.Fail(arguments.at, "sum() of strings", "use ''.join(...)");
  Loop loop(heap, arguments.values[0], arguments.at);
  for (Value item; loop.Next(item);) total = Binary(heap, Op::kAdd, total, item, arguments.at);
  return total;
}

Value Abs(Heap& heap, const Arguments& arguments) {
  const Value& value = arguments.values[0];
  if (!value.IsNumber()) heap.Fail(arguments.at, "abs() of " + KindText(value.kind()));
  if (value.Is(Kind::kDouble)) return Value::Double(std::fabs(value.number()), arguments.at);
  return Unary(heap, value.integer() < 0 ? Op::kNegate : Op::kPlus, value, arguments.at);
}

// Half to even; with digits, by way of decimal text, which rounds the exact value as Python does.
Value Round(Heap& heap, const Arguments& arguments) {
  const Value& value = arguments.values[0];
  const bool has_digits = arguments.values.size() > 1 && !arguments.values[1].Is(Kind::kNone);
  if (!value.IsNumber()) heap.Fail(arguments.at, "round() of " + KindText(value.kind()));
  if (has_digits && (!arguments.values[1].IsIntegral() || arguments.values[1].integer() < 0 ||
                     arguments.values[1].integer() > 300)) {
    heap.GiveUp(arguments.at, "round() to other than 0 to 300 digits");
  }
  if (value.IsIntegral()) return Value::Int(value.integer(), arguments.at);
  if (!has_digits) return Truncated(heap, std::nearbyint(value.number()), arguments.at);
  if (!std::isfinite(value.number())) return value;
  heap.ChargeSteps(kStepsPerDecimalText, arguments.at);
  std::array<char, 1024> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f",
                                   static_cast<int>(arguments.values[1].integer()), value.number());
  double rounded = 0;
  std::from_chars(buffer.data(), buffer.data() + length, rounded);
  return Value::Double(rounded, arguments.at);
}

// Sorting leaves to chance where not-a-number comes to stand.
void RefuseNan(Heap& heap, const std::vector<Value>& items, Position at, int depth) {
  heap.CheckDepth(depth, at);
  heap.ChargeSteps(items.size(), at);
  for (const Value& item : items) {
    if (item.Is(Kind::kDouble) && std::isnan(item.number())) heap.GiveUp(at, "nan has no order");
    if (item.IsListOrTuple()) RefuseNan(heap, item.items(), at, depth + 1);
  }
}

Value Sorted(Heap& heap, const Arguments& arguments) {
  const Value& from = arguments.values[0];
  std::vector<Value> items;
  if (from.Is(Kind::kSet)) {
    for (const Entry& entry : from.mapping().entries()) items.push_back(entry.key);
  } else {
    items = Iterate(heap, from, arguments.at);
  }
  RefuseNan(heap, items, arguments.at, 0);
  const Value* reverse = arguments.Keyword("reverse");
  if (reverse != nullptr) heap.RequireKnown(*reverse);
  if (reverse != nullptr && !reverse->Is(Kind::kBool)) {
    heap.Fail(arguments.at, "'reverse' must be a bool, not " + KindText(reverse->kind()));
  }
  const Op op = reverse != nullptr && IsTrue(heap, *reverse) ? Op::kGreater : Op::kLess;
  std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
    return Compare(heap, op, a, b, arguments.at);
  });
  return heap.List(std::move(items), arguments.at);
}

Value Reversed(Heap& heap, const Arguments& arguments) {
  const Position at = arguments.at;
  return heap.MakeIterator(Iterator::Reversed(heap, arguments.values[0], at), at);
}

Value Enumerate(Heap& heap, const Arguments& arguments) {
  const Position at = arguments.at;
  const Value* start = arguments.Keyword("start");
  if (start == nullptr && arguments.values.size() > 1) start = &arguments.values[1];
  if (start != nullptr && !start->IsIntegral()) {
    heap.Fail(at, "enumerate() starts with an int, not " + KindText(start->kind()));
  }
  const std::int64_t first = start != nullptr ? start->integer() : 0;
  return heap.MakeIterator(Iterator::Enumerate(heap, arguments.values[0], first, at), at);
}

Value Zip(Heap& heap, const Arguments& arguments) {
  const Position at = arguments.at;
  return heap.MakeIterator(Iterator::Zip(heap, arguments.values, at), at);
}

// Both stop where the answer is known, and leave the rest of an iterator.
Value Any(Heap& heap, const Arguments& arguments) {
  Loop loop(heap, arguments.values[0], arguments.at);
  for (Value item; loop.Next(item);) {
    if (IsTrue(heap, item)) return Value::Bool(true, arguments.at);
  }
  return Value::Bool(false, arguments.at);
}

Value All(Heap& heap, const Arguments& arguments) {
  Loop loop(heap, arguments.values[0], arguments.at);
  for (Value item; loop.Next(item);) {
    if (!IsTrue(heap, item)) return Value::Bool(false, arguments.at);
  }
  return Value::Bool(true, arguments.at);
}

constexpr std::size_t kAnyNumber = kMaxValues;

struct Builtin {
  std::string_view name;
  Value (*function)(Heap&, const Arguments&);
  std::size_t least, most;        // positional arguments
  std::string_view keyword = {};  // the one keyword it takes; "*": any
  bool takes_more = false;        // in Python, than what is computed here
};

constexpr std::array<Builtin, 22> kBuiltins = {{
    {"dict", Dict, 0, 1, "*"},
    {"list", List, 0, 1},
    {"tuple", Tuple, 0, 1},
    {"set", Set, 0, 1},
    {"len", Len, 1, 1},
    {"range", Range, 1, 3},
    {"int", Int, 0, 1, "", true},
    {"float", Float, 0, 1},
    {"str", StrOf, 0, 1, "", true},
    {"repr", ReprOf, 1, 1},
    {"bool", BoolOf, 0, 1},
    {"min", Min, 1, kAnyNumber, "", true},
    {"max", Max, 1, kAnyNumber, "", true},
    {"sum", Sum, 1, 2, "", true},
    {"abs", Abs, 1, 1},
    {"round", Round, 1, 2, "", true},
    {"sorted", Sorted, 1, 1, "reverse", true},
    {"reversed", Reversed, 1, 1},
    {"enumerate", Enumerate, 1, 2, "start"},
    {"zip", Zip, 0, kAnyNumber, "", true},
    {"any", Any, 1, 1},
    {"all", All, 1, 1},
}};

const Builtin* FindBuiltin(std::string_view name) {
  const auto* const found = std::find_if(kBuiltins.begin(), kBuiltins.end(),
                                         [name](const Builtin& b) { return b.name == name; });
  return found == kBuiltins.end() ? nullptr : found;
}

}  // namespace

void AddEntries(Heap& heap, Mapping& into, const Value& from, Position at) {
  heap.RequireKnown(from);
  if (from.Is(Kind::kDict)) {
    const std::vector<Entry> entries = from.mapping().entries();  // `d.update(d)`
    for (const Entry& entry : entries) heap.Put(into, entry.key, entry.value, at);
    return;
  }
  Loop loop(heap, from, at);  // which may go along `into`
  for (Value item; loop.Next(item);) {
    const std::vector<Value> pair = Iterate(heap, item, at);
    if (pair.size() != 2) heap.Fail(at, "a dict is made of pairs, and this element is none");
    heap.Put(into, pair[0], pair[1], at);
  }
}

const Value* Arguments::Keyword(std::string_view name) const {
  for (const auto& [key, value] : keywords) {
    if (key.text() == name) return &value;
  }
  return nullptr;
}

bool IsBuiltin(std::string_view name) { return FindBuiltin(name) != nullptr; }

Value CallBuiltin(Heap& heap, std::string_view name, const Arguments& arguments) {
  const Builtin* builtin = FindBuiltin(name);
  if (builtin == nullptr) {
    heap.Fail(arguments.at, std::string(name) + "() cannot be called",
              "a config is data: write the value itself");
  }
  for (const Value& value : arguments.values) heap.RequireKnown(value);
  if (builtin->keyword == "*") {
    Arguments positional{arguments.values, {}, arguments.at};
    CheckArguments(heap, name, positional, builtin->least, builtin->most);
    return builtin->function(heap, arguments);
  }
  for (const auto& [key, value] : arguments.keywords) {
    heap.RequireKnown(value);
    if (builtin->takes_more && key.text() != builtin->keyword) {
      heap.GiveUp(arguments.at, std::string(name) + "() with " + Quote(key.text()));
    }
  }
  if (builtin->takes_more && arguments.values.size() > builtin->most) {
    heap.GiveUp(arguments.at, std::string(name) + "() with so many arguments");
  }
  CheckArguments(heap, name, arguments, builtin->least, builtin->most, {builtin->keyword});
  return builtin->function(heap, arguments);
}

void RefuseRepeatedKeywords(Heap& heap, const Arguments& arguments) {
  std::vector<std::string_view> names;
  for (const auto& [key, value] : arguments.keywords) {
    heap.ChargeBytes(key.text().size(), arguments.at);
    names.push_back(key.text());
  }
  if (const auto repeated = RepeatedName(names)) {
    heap.Fail(arguments.keywords[*repeated].first.position(),
              "the key " + Quote(names[*repeated]) + " is given twice");
  }
}

void CheckArguments(Heap& heap, std::string_view name, const Arguments& arguments,
                    std::size_t least, std::size_t most,
                    std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : arguments.keywords) {
    const std::string_view keyword = key.text();
    if (std::find(known.begin(), known.end(), keyword) == known.end()) {
      heap.Fail(key.position(), std::string(name) + "() takes no " + Quote(keyword));
    }
  }
  const std::size_t count = arguments.values.size();
  if (count >= least && count <= most) return;
  std::string expected = std::to_string(least);
  if (most >= kAnyNumber) {
    expected += " or more";
  } else if (most != least) {
    expected += " to " + std::to_string(most);
  }
  heap.Fail(arguments.at, std::string(name) + "() takes " + expected +
                              (expected == "1" ? " argument, not " : " arguments, not ") +
                              std::to_string(count));
}

}  // namespace yoloport::config::python
