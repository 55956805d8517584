#include "config/python/python_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "base/text.h"
#include "config/python/iteration.h"
#include "config/python/limits.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {
namespace {

using base::DecodeUtf8;
using base::Quote;

constexpr int kMaxFormatWidth = 1000;

class ReprWriter {
 public:
  explicit ReprWriter(Heap& heap) : heap_(heap) {}

  void Write(const Value& value, int depth) {
    heap_.CheckDepth(depth, value.position());
    heap_.ChargeSteps(1, value.position());
    heap_.CheckStringSize(out_.size(), value.position());
    switch (value.kind()) {
      case Kind::kNone:
        out_ += "None";
        break;
      case Kind::kBool:
        out_ += value.boolean() ? "True" : "False";
        break;
      case Kind::kInt:
        out_ += std::to_string(value.integer());
        break;
      case Kind::kDouble:
        out_ += DoubleText(value.number());
        break;
      case Kind::kString:
        WriteString(value);
        break;
      case Kind::kEllipsis:
        out_ += "Ellipsis";
        break;
      case Kind::kUnknown:
        heap_.Unsure(value);
      case Kind::kList:
      case Kind::kTuple:
        WriteSequence(value, depth);
        break;
      case Kind::kRange:
        out_ += RangeText(value.range());
        break;
      case Kind::kSet:
      case Kind::kDict:
        WriteMapping(value, depth);
        break;
      case Kind::kView:
        WriteView(value, depth);
        break;
      case Kind::kIterator:
        heap_.GiveUp(value.position(), "an iterator prints as where it lies in memory");
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  void WriteSequence(const Value& value, int depth) {
    const bool is_list = value.Is(Kind::kList);
    out_ += is_list ? '[' : '(';
    bool is_first = true;
    for (const Value& item : value.items()) {
      if (!is_first) out_ += ", ";
      is_first = false;
      Write(item, depth + 1);
    }
    if (!is_list && value.items().size() == 1) out_ += ',';
    out_ += is_list ? ']' : ')';
  }

  void WriteString(const Value& value) {
    heap_.ChargeSteps(value.text().size() / kBytesPerPlace, value.position());
    std::string_view rest = value.text();
    while (!rest.empty()) {
      const base::CodePoint c = DecodeUtf8(rest);
      if (c.value >= 0x80 && IsPrintable(c.value) == Printable::kUnknown) {
        heap_.GiveUp(value.position(), "whether " + Quote(rest.substr(0, c.length)) +
                                           " is printed or escaped depends on the Python");
      }
      rest.remove_prefix(c.length);
    }
    out_ += StringRepr(value.text());
  }

  void WriteView(const Value& value, int depth) {
    const DictPart part = value.view().part;
    out_ += part == DictPart::kKeys     ? "dict_keys("
            : part == DictPart::kValues ? "dict_values("
                                        : "dict_items(";
    Write(heap_.List(Iterate(heap_, value, value.position()), value.position()), depth + 1);
    out_ += ')';
  }

  void WriteMapping(const Value& value, int depth) {
    const bool is_set = value.Is(Kind::kSet);
    if (is_set && value.mapping().size() > 1) {
      heap_.GiveUp(value.position(), "the elements of a set have no order");
    }
    if (is_set && value.mapping().size() == 0) {
      out_ += "set()";
      return;
    }
    out_ += '{';
    bool is_first = true;
    for (const Entry& entry : value.mapping().entries()) {
      if (!is_first) out_ += ", ";
      is_first = false;
      Write(entry.key, depth + 1);
      if (is_set) continue;
      out_ += ": ";
      Write(entry.value, depth + 1);
    }
    out_ += '}';
  }

  Heap& heap_;
  std::string out_;
};

struct FormatSpec {
  char fill = ' ';
  char align = 0;  // '<', '>', '^' or 0
  bool zero = false;
  int width = 0;
  int precision = -1;
  char type = 0;
};

class FormatSpecReader {
 public:
  FormatSpecReader(Heap& heap, std::string_view spec, Position at)
      : heap_(heap), spec_(spec), rest_(spec), at_(at) {}

  FormatSpec Read() {
    FormatSpec result;
    const bool has_fill = rest_.size() > 1 && IsAlign(rest_[1]);
    if (has_fill) {
      result.fill = rest_[0];
      rest_.remove_prefix(1);
    }
    if (!rest_.empty() && IsAlign(rest_[0])) {
      result.align = rest_[0];
      rest_.remove_prefix(1);
    }
    result.zero = !has_fill && Take('0');  // behind a fill it is a part of the width
    result.width = ReadNumber();
    if (Take('.')) {
      if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') Refuse();
      result.precision = ReadNumber();
    }
    if (!rest_.empty()) {
      result.type = rest_[0];
      rest_.remove_prefix(1);
    }
    if (!rest_.empty() || (result.type != 0 && std::string_view("dfeg%s").find(result.type) ==
                                                   std::string_view::npos)) {
      Refuse();
    }
    return result;
  }

 private:
  static bool IsAlign(char c) { return c == '<' || c == '>' || c == '^'; }
  [[noreturn]] void Refuse() const {
    heap_.GiveUp(at_, "the format " + Quote(spec_) + " is not known here");
  }
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  int ReadNumber() {
    int value = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      value = value * 10 + (rest_[0] - '0');
      if (value > kMaxFormatWidth) Refuse();
      rest_.remove_prefix(1);
    }
    return value;
  }

  Heap& heap_;
  std::string_view spec_;
  std::string_view rest_;
  Position at_;
};

std::string FormatReal(double value, char type, int precision) {
  if (std::isnan(value)) return type == '%' ? "nan%" : "nan";  // without a sign
  std::array<char, 2048> buffer{};  // %f of the largest double and the widest precision fit
  const char* pattern = type == 'e' ? "%.*e" : type == 'g' ? "%.*g" : "%.*f";
  if (type == '%') value *= 100;
  const int length =
      std::snprintf(buffer.data(), buffer.size(), pattern, precision < 0 ? 6 : precision, value);
  std::string text(buffer.data(), static_cast<std::size_t>(length));
  return type == '%' ? text + '%' : text;
}

std::string Pad(std::string text, const FormatSpec& spec, bool is_number) {
  const auto width = static_cast<std::size_t>(spec.width);
  const std::size_t length = CharacterCount(text);
  if (length >= width) return text;
  const std::size_t missing = width - length;
  if (spec.zero && spec.align == 0 && is_number) {
    const bool has_sign = text[0] == '-';
    return text.insert(has_sign ? 1 : 0, missing, '0');
  }
  const char align = spec.align != 0 ? spec.align : is_number ? '>' : '<';
  const std::size_t before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
  const char fill = spec.zero ? '0' : spec.fill;
  return std::string(before, fill) + text + std::string(missing - before, fill);
}

// A character that is not printed: \n, \x07, \u200b, \U000e0001.
void AppendEscape(std::string& out, std::uint32_t c) {
  if (c == '\n' || c == '\r' || c == '\t') {
    out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    return;
  }
  std::array<char, 16> hex{};
  const char* pattern = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
  std::snprintf(hex.data(), hex.size(), pattern, static_cast<unsigned>(c));
  out += hex.data();
}

std::string_view FirstCharacters(std::string_view text, int count) {
  std::size_t end = 0;
  for (; count > 0 && end < text.size(); --count) end += DecodeUtf8(text.substr(end)).length;
  return text.substr(0, end);
}

}  // namespace

std::string Repr(Heap& heap, const Value& value) {
  ReprWriter writer(heap);
  writer.Write(value, 0);
  return writer.Take();
}

std::string Str(Heap& heap, const Value& value) {
  return value.Is(Kind::kString) ? value.text() : Repr(heap, value);
}

std::string RangeText(const Range& range) {
  std::string text = "range(" + std::to_string(range.start) + ", " + std::to_string(range.stop);
  if (range.step != 1) text += ", " + std::to_string(range.step);
  return text + ')';
}

std::string DoubleText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  // Shortest digits in scientific form; Python writes exponents below -4 and from 16 on.
  std::array<char, 64> buffer{};
  const auto scientific = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                        std::chars_format::scientific);
  std::string text(buffer.data(), scientific.ptr);
  const std::size_t e = text.find('e');
  const int exponent = std::stoi(text.substr(e + 1));
  if (exponent < -4 || exponent >= 16) return text;
  const auto fixed =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  std::string result(buffer.data(), fixed.ptr);
  if (result.find('.') == std::string::npos) result += ".0";
  return result;
}

std::string StringRepr(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string out(1, quote);
  while (!text.empty()) {
    const base::CodePoint c = DecodeUtf8(text);
    const std::string_view character = text.substr(0, c.length);
    text.remove_prefix(c.length);
    if (character == "\\" || character[0] == quote) {
      (out += '\\') += character;
    } else if (IsPrintable(c.value) != Printable::kNo) {
      out += character;
    } else {
      AppendEscape(out, c.value);
    }
  }
  out += quote;
  return out;
}

std::string Format(Heap& heap, const Value& value, std::string_view spec_text, Position at) {
  if (spec_text.empty()) return Str(heap, value);
  heap.RequireKnown(value);
  const FormatSpec spec = FormatSpecReader(heap, spec_text, at).Read();
  const bool is_real_type =
      spec.type != 0 && std::string_view("feg%").find(spec.type) != std::string_view::npos;
  const bool is_text = value.Is(Kind::kString);
  if (is_text && spec.zero && spec.align == 0) {
    heap.GiveUp(at, "what " + Quote(spec_text) + " means for a str depends on the Python");
  }
  const bool fits = is_text                   ? spec.type == 0 || spec.type == 's'
                    : value.Is(Kind::kDouble) ? is_real_type
                    : value.IsIntegral() ? spec.type != 's' && (is_real_type || spec.precision < 0)
                                         : false;
  if (!fits) {
    heap.Fail(at, "the format " + Quote(spec_text) + " does not fit " + KindText(value.kind()));
  }
  heap.ChargeBytes(static_cast<std::size_t>(spec.width), at);
  if (is_real_type) {
    heap.ChargeSteps(kStepsPerDecimalText, at);
    return Pad(FormatReal(value.number(), spec.type, spec.precision), spec, true);
  }
  if (value.IsIntegral()) return Pad(std::to_string(value.integer()), spec, true);
  std::string_view text = value.text();
  if (spec.precision >= 0) text = FirstCharacters(text, spec.precision);
  heap.ChargeBytes(text.size(), at);
  return Pad(std::string(text), spec, false);
}

std::size_t FindText(std::string_view text, std::string_view part, std::size_t from) {
  if (part.empty()) return from;
  const void* found = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace yoloport::config::python
