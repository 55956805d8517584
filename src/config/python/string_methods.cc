// Methods of strings.
#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/text.h"
#include "config/python/builtins.h"
#include "config/python/iteration.h"
#include "config/python/limits.h"
#include "config/python/operators.h"
#include "config/python/python_text.h"
#include "config/python/scalar_text.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {
namespace {

const std::string& Text(Heap& heap, const Value& value, Position at) {
  heap.RequireKnown(value);
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
  std::string_view rest = WithoutSpacesBefore(object.text());
  while (!rest.empty()) {
    std::size_t end = 0;
    while (end < rest.size()) {
      const base::CodePoint c = base::DecodeUtf8(rest.substr(end));
      if (IsSpace(c.value)) break;
      end += c.length;
    }
    parts.push_back(heap.String(std::string(rest.substr(0, end)), at));
    rest = WithoutSpacesBefore(rest.substr(end));
  }
  return heap.List(std::move(parts), at);
}

Value Split(Heap& heap, const Value& object, const Arguments& arguments) {
  if (arguments.values.empty()) return SplitAtSpaces(heap, object, arguments.at);
  const std::string& separator = Text(heap, arguments.values[0], arguments.at);
  heap.ChargeBytes(separator.size(), arguments.at);
  if (separator.empty()) heap.Fail(arguments.at, "split() with an empty separator");
  std::int64_t left = -1;
  if (arguments.values.size() > 1) {
    heap.RequireKnown(arguments.values[1]);
    if (!arguments.values[1].IsIntegral()) heap.Fail(arguments.at, "split() needs an int second");
    left = arguments.values[1].integer();
  }
  std::vector<Value> parts;
  const std::string& text = object.text();
  std::size_t begin = 0;
  for (std::size_t end = 0;
       left != 0 && (end = FindText(text, separator, begin)) != std::string::npos; --left) {
    parts.push_back(heap.String(text.substr(begin, end - begin), arguments.at));
    begin = end + separator.size();
  }
  parts.push_back(heap.String(text.substr(begin), arguments.at));
  return heap.List(std::move(parts), arguments.at);
}

Value Replace(Heap& heap, const Value& object, const Arguments& arguments) {
  const std::string& from = Text(heap, arguments.values[0], arguments.at);
  const std::string& to = Text(heap, arguments.values[1], arguments.at);
  heap.ChargeBytes(from.size(), arguments.at);
  if (from.empty()) heap.GiveUp(arguments.at, "replace() of an empty string");
  const std::string& text = object.text();
  std::string out;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = FindText(text, from, begin)) != std::string::npos;) {
    out.append(text, begin, end - begin).append(to);
    heap.CheckStringSize(out.size(), arguments.at);
    begin = end + from.size();
  }
  out.append(text, begin);
  return heap.String(std::move(out), arguments.at);
}

Value Stripped(Heap& heap, const Value& object, const Arguments& arguments, bool left, bool right) {
  std::string_view text = object.text();
  if (arguments.values.empty() || arguments.values[0].Is(Kind::kNone)) {
    if (left) text = WithoutSpacesBefore(text);
    if (right) text = WithoutSpacesAfter(text);
    return heap.String(std::string(text), arguments.at);
  }
  std::array<bool, 128> strips{};
  heap.ChargeBytes(arguments.values[0].Is(Kind::kString) ? arguments.values[0].text().size() : 0,
                   arguments.at);
  for (const char c : Text(heap, arguments.values[0], arguments.at)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= strips.size()) heap.GiveUp(arguments.at, "strip() knows ASCII characters only");
    strips[byte] = true;
  }
  const auto goes = [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < strips.size() && strips[byte];
  };
  while (left && !text.empty() && goes(text.front())) text.remove_prefix(1);
  while (right && !text.empty() && goes(text.back())) text.remove_suffix(1);
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
    heap.GiveUp(arguments.at, "only ASCII text can change its case here");
  }
}

Value Lower(Heap& heap, const Value& object, const Arguments& arguments) {
  RequireAscii(heap, object, arguments);
  return heap.String(base::AsciiLower(object.text()), arguments.at);
}

Value Upper(Heap& heap, const Value& object, const Arguments& arguments) {
  RequireAscii(heap, object, arguments);
  std::string text = object.text();
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return heap.String(std::move(text), arguments.at);
}

// startswith() and endswith() take a tuple, too.
void RefuseTuple(Heap& heap, const Arguments& arguments) {
  if (!arguments.values[0].Is(Kind::kTuple)) return;
  heap.GiveUp(arguments.at, "a tuple of what a str starts or ends with");
}

Value StartsWith(Heap& heap, const Value& object, const Arguments& arguments) {
  RefuseTuple(heap, arguments);
  const std::string& start = Text(heap, arguments.values[0], arguments.at);
  return Value::Bool(object.text().starts_with(start), arguments.at);
}

Value EndsWith(Heap& heap, const Value& object, const Arguments& arguments) {
  RefuseTuple(heap, arguments);
  const std::string& end = Text(heap, arguments.values[0], arguments.at);
  return Value::Bool(object.text().ends_with(end), arguments.at);
}

// '...'.format(...).
class TextFormatter {
 public:
  TextFormatter(Heap& heap, const Arguments& arguments) : heap_(heap), arguments_(arguments) {
    for (const auto& [key, value] : arguments.keywords) keywords_.emplace(key.text(), &value);
  }

  std::string Run(std::string_view text) {
    while (!text.empty()) {
      const std::size_t brace = std::min(text.find_first_of("{}"), text.size());
      out_ += text.substr(0, brace);
      text.remove_prefix(brace);
      if (text.empty()) break;
      if (text.substr(1, 1) == text.substr(0, 1)) {  // a brace that is meant
        out_ += text[0];
        text.remove_prefix(2);
        continue;
      }
      const std::size_t end = text.find('}');
      if (text[0] == '}' || end == std::string_view::npos) Fail("format() found a single brace");
      AppendField(text.substr(1, end - 1));
      heap_.CheckStringSize(out_.size(), arguments_.at);
      text.remove_prefix(end + 1);
    }
    return std::move(out_);
  }

 private:
  enum class Choice { kNone, kCounted, kNumbered };

  [[noreturn]] void Fail(std::string_view message) const { heap_.Fail(arguments_.at, message); }

  void AppendField(std::string_view field) {
    const std::size_t colon = std::min(field.find(':'), field.size());
    const Value value = FieldValue(field.substr(0, colon));
    const std::string_view spec = colon < field.size() ? field.substr(colon + 1) : "";
    if (spec.find('{') != std::string_view::npos) {
      heap_.GiveUp(arguments_.at, "format() with a field within a field");
    }
    out_ += Format(heap_, value, spec, arguments_.at);
  }

  // {} counts, {0} and {name} choose.
  Value FieldValue(std::string_view name) {
    if (name.find_first_not_of("0123456789") == std::string_view::npos) {
      const Choice choice = name.empty() ? Choice::kCounted : Choice::kNumbered;
      if (choice_ != Choice::kNone && choice_ != choice) Fail("format() mixes {} and {0}");
      choice_ = choice;
      const std::int64_t index = name.empty() ? counter_++ : ParseInt(name).value_or(INT64_MAX);
      if (index < static_cast<std::int64_t>(arguments_.values.size())) {
        return arguments_.values[static_cast<std::size_t>(index)];
      }
    } else {
      if (name.find_first_of(".[!") != std::string_view::npos) {
        heap_.GiveUp(arguments_.at, "format() with the field " + base::Quote(name));
      }
      heap_.ChargeBytes(name.size(), arguments_.at);
      const auto found = keywords_.find(name);
      if (found != keywords_.end()) return *found->second;
    }
    Fail("format() has no value for the field " + base::Quote(name));
  }

  Heap& heap_;
  const Arguments& arguments_;
  std::map<std::string_view, const Value*> keywords_;
  Choice choice_ = Choice::kNone;
  std::int64_t counter_ = 0;
  std::string out_;
};

Value FormatText(Heap& heap, const Value& object, const Arguments& arguments) {
  heap.ChargeSteps(arguments.keywords.size(), arguments.at);
  return heap.String(TextFormatter(heap, arguments).Run(object.text()), arguments.at);
}

struct Method {
  std::string_view name;
  Value (*function)(Heap&, const Value&, const Arguments&);
  std::size_t least, most;
};

// Methods that Python's strings have beside these.
constexpr std::array<std::string_view, 36> kOtherMethods = {
    "capitalize",   "casefold",     "center",       "count",   "encode",    "expandtabs",
    "find",         "format_map",   "index",        "isalnum", "isalpha",   "isascii",
    "isdecimal",    "isdigit",      "isidentifier", "islower", "isnumeric", "isprintable",
    "isspace",      "istitle",      "isupper",      "ljust",   "maketrans", "partition",
    "removeprefix", "removesuffix", "rfind",        "rindex",  "rjust",     "rpartition",
    "rsplit",       "splitlines",   "swapcase",     "title",   "translate", "zfill"};

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

bool IsStringMethod(std::string_view name) {
  return name == "format" ||
         std::any_of(kMethods.begin(), kMethods.end(),
                     [name](const Method& method) { return method.name == name; }) ||
         std::find(kOtherMethods.begin(), kOtherMethods.end(), name) != kOtherMethods.end();
}

Value CallStringMethod(Heap& heap, const Value& object, std::string_view name,
                       const Arguments& arguments) {
  heap.ChargeSteps(object.text().size() / kBytesPerPlace + 1, arguments.at);
  if (name == "format") return FormatText(heap, object, arguments);
  for (const Method& method : kMethods) {
    if (method.name != name) continue;
    // split(maxsplit=1), replace(a, b, 1): Python knows them.
    const bool has_more = !arguments.keywords.empty() || arguments.values.size() > method.most;
    if (has_more && (name == "split" || name == "replace" || method.least == 1)) {
      heap.GiveUp(arguments.at, std::string(name) + "() with such arguments");
    }
    CheckArguments(heap, name, arguments, method.least, method.most);
    return method.function(heap, object, arguments);
  }
  if (IsStringMethod(name) || name.starts_with("__")) {
    heap.GiveUp(arguments.at, "str." + std::string(name) + "() is not computed");
  }
  heap.Fail(arguments.at, "a str has no method " + base::Quote(name) + " that may be called here");
}

}  // namespace yoloport::config::python
