// Methods of strings.
#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "config/builtins.h"
#include "config/operators.h"
#include "config/python_text.h"
#include "config/scalar_text.h"

namespace yoloport::config {
namespace {

constexpr std::string_view kSpaces = " \t\n\r\f\v";

const std::string& Text(Heap& heap, const Value& value, Position at) {
  if (!value.Is(Kind::kString)) {
    heap.Fail(at, "expected a str, not " + KindText(value.kind()));
  }
  return value.text();
}

Value Join(Heap& heap, const Value& object, const Arguments& arguments) {
  std::string out;
  bool is_first = true;
  for (const Value& item : Iterate(heap, arguments.values[0], arguments.at)) {
    if (!is_first) out += object.text();
    is_first = false;
    out += Text(heap, item, arguments.at);
    heap.CheckStringSize(out.size(), arguments.at);
  }
  return heap.String(std::move(out), arguments.at);
}

Value SplitAtSpaces(Heap& heap, const Value& object, Position at) {
  std::vector<Value> parts;
  const std::string& text = object.text();
  std::size_t begin = text.find_first_not_of(kSpaces);
  while (begin != std::string::npos) {
    const std::size_t end = std::min(text.find_first_of(kSpaces, begin), text.size());
    parts.push_back(heap.String(text.substr(begin, end - begin), at));
    begin = text.find_first_not_of(kSpaces, end);
  }
  return heap.List(std::move(parts), at);
}

Value Split(Heap& heap, const Value& object, const Arguments& arguments) {
  if (arguments.values.empty()) return SplitAtSpaces(heap, object, arguments.at);
  const std::string& separator = Text(heap, arguments.values[0], arguments.at);
  if (separator.empty()) heap.Fail(arguments.at, "split() with an empty separator");
  std::int64_t left = -1;
  if (arguments.values.size() > 1) {
    if (!arguments.values[1].IsIntegral()) heap.Fail(arguments.at, "split() needs an int second");
    left = arguments.values[1].integer();
  }
  std::vector<Value> parts;
  const std::string& text = object.text();
  std::size_t begin = 0;
  for (std::size_t end = 0; left != 0 && (end = text.find(separator, begin)) != std::string::npos;
       --left) {
    parts.push_back(heap.String(text.substr(begin, end - begin), arguments.at));
    begin = end + separator.size();
  }
  parts.push_back(heap.String(text.substr(begin), arguments.at));
  return heap.List(std::move(parts), arguments.at);
}

Value Replace(Heap& heap, const Value& object, const Arguments& arguments) {
  const std::string& from = Text(heap, arguments.values[0], arguments.at);
  const std::string& to = Text(heap, arguments.values[1], arguments.at);
  if (from.empty()) heap.Fail(arguments.at, "replace() of an empty string");
  const std::string& text = object.text();
  std::string out;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find(from, begin)) != std::string::npos;) {
    out.append(text, begin, end - begin).append(to);
    heap.CheckStringSize(out.size(), arguments.at);
    begin = end + from.size();
  }
  out.append(text, begin);
  return heap.String(std::move(out), arguments.at);
}

Value Stripped(Heap& heap, const Value& object, const Arguments& arguments, bool left, bool right) {
  std::string_view characters = kSpaces;
  if (!arguments.values.empty() && !arguments.values[0].Is(Kind::kNone)) {
    characters = Text(heap, arguments.values[0], arguments.at);
    if (CharacterCount(characters) != characters.size()) {
      heap.Fail(arguments.at, "strip() knows ASCII characters only");
    }
  }
  std::string_view text = object.text();
  if (left) text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  if (right) text = text.substr(0, text.find_last_not_of(characters) + 1);
  return heap.String(std::string(text), arguments.at);
}

Value Strip(Heap& heap, const Value& object, const Arguments& arguments) {
  return Stripped(heap, object, arguments, true, true);
}
Value LeftStrip(Heap& heap, const Value& object, const Arguments& arguments) {
  return Stripped(heap, object, arguments, true, false);
}
Value RightStrip(Heap& heap, const Value& object, const Arguments& arguments) {
  return Stripped(heap, object, arguments, false, true);
}

void RequireAscii(Heap& heap, const Value& object, const Arguments& arguments) {
  if (CharacterCount(object.text()) != object.text().size()) {
    heap.Fail(arguments.at, "only ASCII text can change its case here");
  }
}

Value Lower(Heap& heap, const Value& object, const Arguments& arguments) {
  RequireAscii(heap, object, arguments);
  return heap.String(AsciiLower(object.text()), arguments.at);
}

Value Upper(Heap& heap, const Value& object, const Arguments& arguments) {
  RequireAscii(heap, object, arguments);
  std::string text = object.text();
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return heap.String(std::move(text), arguments.at);
}

Value StartsWith(Heap& heap, const Value& object, const Arguments& arguments) {
  const std::string& start = Text(heap, arguments.values[0], arguments.at);
  return Value::Bool(object.text().starts_with(start), arguments.at);
}

Value EndsWith(Heap& heap, const Value& object, const Arguments& arguments) {
  const std::string& end = Text(heap, arguments.values[0], arguments.at);
  return Value::Bool(object.text().ends_with(end), arguments.at);
}

// The value of a format() field: {} counts, {0} and {name} choose.
Value FieldValue(Heap& heap, std::string_view name, std::size_t& counter,
                 const Arguments& arguments) {
  if (const Value* value = arguments.Keyword(name)) return *value;
  const auto index = name.empty() ? static_cast<std::int64_t>(counter++) : ParseInt(name);
  if (!index || *index < 0 || static_cast<std::size_t>(*index) >= arguments.values.size()) {
    heap.Fail(arguments.at, "format() has no value for the field " + Quote(name));
  }
  return arguments.values[static_cast<std::size_t>(*index)];
}

Value FormatText(Heap& heap, const Value& object, const Arguments& arguments) {
  const std::string_view text = object.text();
  std::string out;
  std::size_t counter = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '{' && text[at] != '}') {
      out += text[at];
      continue;
    }
    if (text.substr(at + 1, 1) == text.substr(at, 1)) {
      out += text[at++];
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (text[at] == '}' || end == std::string_view::npos) {
      heap.Fail(arguments.at, "format() found a single brace");
    }
    const std::string_view field = text.substr(at + 1, end - at - 1);
    const std::size_t colon = std::min(field.find(':'), field.size());
    const Value value = FieldValue(heap, field.substr(0, colon), counter, arguments);
    const std::string_view spec = colon < field.size() ? field.substr(colon + 1) : "";
    out += Format(heap, value, spec, arguments.at);
    heap.CheckStringSize(out.size(), arguments.at);
    at = end;
  }
  return heap.String(std::move(out), arguments.at);
}

struct Method {
  std::string_view name;
  Value (*function)(Heap&, const Value&, const Arguments&);
  std::size_t least, most;
};

constexpr std::array<Method, 10> kMethods = {{
    {"join", Join, 1, 1},
    {"split", Split, 0, 2},
    {"replace", Replace, 2, 2},
    {"strip", Strip, 0, 1},
    {"lstrip", LeftStrip, 0, 1},
    {"rstrip", RightStrip, 0, 1},
    {"lower", Lower, 0, 0},
    {"upper", Upper, 0, 0},
    {"startswith", StartsWith, 1, 1},
    {"endswith", EndsWith, 1, 1},
}};

}  // namespace

Value CallStringMethod(Heap& heap, const Value& object, std::string_view name,
                       const Arguments& arguments) {
  heap.ChargeSteps(object.text().size() + 1, arguments.at);
  if (name == "format") return FormatText(heap, object, arguments);
  for (const Method& method : kMethods) {
    if (method.name != name) continue;
    CheckArguments(heap, name, arguments, method.least, method.most);
    return method.function(heap, object, arguments);
  }
  heap.Fail(arguments.at, "a str has no method " + Quote(name) + " that may be called here");
}

}  // namespace yoloport::config
