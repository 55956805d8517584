#include "config/mmengine/overrides.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/utf8.h"
#include "config/python/limits.h"
#include "config/python/scalar_text.h"
#include "config/python/unicode.h"
#include "yoloport/error.h"

namespace yoloport::config::mmengine {
namespace {

using base::Quote;
using python::Heap;
using python::IntText;
using python::Position;
using python::Sources;
using python::Value;

constexpr const char* kSourceName = "--cfg-options";

[[noreturn]] void FailUsage(const Heap& heap, Position at, std::string_view message,
                            std::string hint = {}) {
  throw UsageError(heap.sources().Locate(at, message), std::move(hint));
}

// The end of the first element of a comma-separated row; commas in brackets do not count.
std::size_t ElementEnd(std::string_view row) {
  int round = 0;
  int square = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == ',' && round == 0 && square == 0) return i;
    round += row[i] == '(' ? 1 : row[i] == ')' ? -1 : 0;
    square += row[i] == '[' ? 1 : row[i] == ']' ? -1 : 0;
  }
  return row.size();
}

bool IsBalanced(std::string_view text) {
  return std::count(text.begin(), text.end(), '(') == std::count(text.begin(), text.end(), ')') &&
         std::count(text.begin(), text.end(), '[') == std::count(text.begin(), text.end(), ']');
}

class ValueReader {
 public:
  ValueReader(Heap& heap, Position at) : heap_(heap), at_(at) {}

  Value Read(std::string text, int depth) {
    if (depth > python::kMaxValueDepth) FailBrackets();
    const std::size_t begin = std::min(text.find_first_not_of("'\""), text.size());
    const std::size_t end = text.find_last_not_of("'\"");
    text = begin == text.size() ? "" : text.substr(begin, end - begin + 1);
    std::erase(text, ' ');
    const auto encloses = [&](char open, char close) {
      return text.size() > 1 && text.front() == open && text.back() == close;
    };
    const bool is_tuple = encloses('(', ')');
    if (is_tuple || encloses('[', ']')) {
      text = text.substr(1, text.size() - 2);
    } else if (text.find(',') == std::string::npos) {
      return Scalar(text);
    }
    std::vector<Value> items = ReadRow(text, depth);
    return is_tuple ? heap_.Tuple(std::move(items), at_) : heap_.List(std::move(items), at_);
  }

 private:
  [[noreturn]] void FailBrackets() const {
    FailUsage(heap_, at_, "the brackets of this value do not match");
  }

  std::vector<Value> ReadRow(std::string_view row, int depth) {
    if (!IsBalanced(row)) FailBrackets();
    std::vector<Value> items;
    while (!row.empty()) {
      const std::size_t end = ElementEnd(row);
      items.push_back(Read(std::string(row.substr(0, end)), depth + 1));
      row.remove_prefix(std::min(end + 1, row.size()));
    }
    return items;
  }

  // MMEngine would read them as a number.
  void RefuseForeignDigits(std::string_view text) const {
    while (!text.empty()) {
      const base::CodePoint c = base::DecodeUtf8(text);
      if (python::IsForeignDigit(c.value)) {
        FailUsage(heap_, at_, "a digit that is not ASCII: " + Quote(text.substr(0, c.length)));
      }
      text.remove_prefix(c.length);
    }
  }

  Value Scalar(const std::string& text) const {
    RefuseForeignDigits(text);
    std::int64_t integer = 0;
    const IntText read = python::ReadInt(text, integer);
    if (read == IntText::kRead) return Value::Int(integer, at_);
    if (read == IntText::kTooLarge) {
      FailUsage(heap_, at_, "the integer " + Quote(text) + " does not fit 64 bits");
    }
    if (const auto number = python::ParseFloat(text)) return Value::Double(*number, at_);
    const std::string lower = base::AsciiLower(text);
    if (lower == "true" || lower == "false") return Value::Bool(lower == "true", at_);
    if (text == "None") return Value::None(at_);
    return heap_.String(text, at_);
  }

  Heap& heap_;
  Position at_;
};

struct Option {
  std::string key;
  std::string value;
  std::uint32_t source;
  std::uint32_t value_offset;
};

Option Split(Heap& heap, Sources& sources, const std::string& text) {
  const std::uint32_t source = sources.Add(kSourceName, text);
  if (!base::IsUtf8(text) || text.size() > python::kMaxStringBytes) {
    FailUsage(heap, {source, 0}, "an option that is not text or too long");
  }
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    FailUsage(heap, {source, 0}, "an option without '='",
              "write KEY=VALUE, like model.neck.type=X");
  }
  return {text.substr(0, equals), text.substr(equals + 1), source,
          static_cast<std::uint32_t>(equals + 1)};
}

// MMEngine collects the options in a dict first: the last of a key counts, in the place of the
// first.
std::vector<Option> Collect(Heap& heap, Sources& sources, const std::vector<std::string>& texts) {
  std::vector<Option> options;
  std::map<std::string, std::size_t> places;
  for (const std::string& text : texts) {
    Option option = Split(heap, sources, text);
    const auto [place, is_new] = places.emplace(option.key, options.size());
    if (is_new) {
      options.push_back(std::move(option));
    } else {
      options[place->second] = std::move(option);
    }
  }
  return options;
}

void Put(Heap& heap, const Value& root, const Option& option) {
  Value dict = root;
  std::size_t begin = 0;
  while (true) {
    const std::size_t dot = option.key.find('.', begin);
    const Position at{option.source, static_cast<std::uint32_t>(begin)};
    const Value key = heap.String(option.key.substr(begin, dot - begin), at);
    if (dot == std::string::npos) {
      const Value value =
          ReadOverrideValue(heap, option.value, {option.source, option.value_offset});
      heap.Put(dict.mapping(), key, value, at);
      return;
    }
    const python::Entry* entry = heap.Find(dict.mapping(), key, at);
    if (entry == nullptr) {
      const Value inner = heap.ConfigDict(at);
      heap.Put(dict.mapping(), key, inner, at);
      dict = inner;
    } else if (entry->value.Is(python::Kind::kDict)) {
      dict = entry->value;
    } else {
      FailUsage(heap, at, "another option gives " + Quote(key.text()) + " a value that is no dict");
    }
    begin = dot + 1;
  }
}

}  // namespace

Value ReadOverrideValue(Heap& heap, const std::string& text, Position at) {
  return ValueReader(heap, at).Read(text, 0);
}

Value ReadOverrides(Heap& heap, Sources& sources, const std::vector<std::string>& options) {
  const Value root = heap.ConfigDict({});
  for (const Option& option : Collect(heap, sources, options)) Put(heap, root, option);
  return root;
}

}  // namespace yoloport::config::mmengine
