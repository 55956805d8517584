#include "config/python_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "config/limits.h"

namespace yoloport::config {
namespace {

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
        out_ += StringRepr(value.text());
        break;
      case Kind::kList:
      case Kind::kTuple:
        WriteSequence(value, depth);
        break;
      case Kind::kSet:
      case Kind::kDict:
        WriteMapping(value, depth);
        break;
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

  void WriteMapping(const Value& value, int depth) {
    const bool is_set = value.Is(Kind::kSet);
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
  std::string fill = " ";
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
    if (rest_.size() > 1 && IsAlign(rest_[1])) {
      result.fill = rest_.substr(0, 1);
      rest_.remove_prefix(1);
    }
    if (!rest_.empty() && IsAlign(rest_[0])) {
      result.align = rest_[0];
      rest_.remove_prefix(1);
    }
    result.zero = Take('0');
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
    heap_.Fail(at_, "the format " + Quote(spec_) + " is not supported",
               "known are alignment, 0, width, .precision and the types d f e g % s");
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
  const char fill = spec.zero ? '0' : spec.fill[0];
  return std::string(before, fill) + text + std::string(missing - before, fill);
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
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const bool is_c1_control =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c == '\\' || c == quote) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F || is_c1_control) {
      const unsigned code = is_c1_control ? static_cast<unsigned char>(text[++i]) : byte;
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", code);
      out += hex.data();
    } else {
      out += c;
    }
  }
  out += quote;
  return out;
}

std::string Format(Heap& heap, const Value& value, std::string_view spec_text, Position at) {
  if (spec_text.empty()) return Str(heap, value);
  const FormatSpec spec = FormatSpecReader(heap, spec_text, at).Read();
  const bool is_real_type =
      spec.type != 0 && std::string_view("feg%").find(spec.type) != std::string_view::npos;
  const bool fits = value.Is(Kind::kString)   ? spec.type == 0 || spec.type == 's'
                    : value.Is(Kind::kDouble) ? is_real_type
                    : value.IsIntegral() ? spec.type != 's' && (is_real_type || spec.precision < 0)
                                         : false;
  if (!fits) {
    heap.Fail(at, "the format " + Quote(spec_text) + " does not fit " + KindText(value.kind()));
  }
  if (is_real_type) return Pad(FormatReal(value.number(), spec.type, spec.precision), spec, true);
  if (value.IsIntegral()) return Pad(std::to_string(value.integer()), spec, true);
  std::string text = value.text();
  if (spec.precision >= 0) {
    const std::vector<std::size_t> offsets = CharacterOffsets(text);
    const auto keep = static_cast<std::size_t>(spec.precision);
    if (keep + 1 < offsets.size()) text.resize(offsets[keep]);
  }
  return Pad(std::move(text), spec, false);
}

std::size_t CharacterCount(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

std::vector<std::size_t> CharacterOffsets(std::string_view text) {
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets.push_back(i);
  }
  offsets.push_back(text.size());
  return offsets;
}

}  // namespace yoloport::config
