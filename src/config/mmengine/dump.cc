#include "config/mmengine/dump.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "config/python/limits.h"
#include "config/python/python_text.h"
#include "yoloport/error.h"

namespace yoloport::config::mmengine {
namespace {

using python::Kind;
using python::Value;

constexpr std::string_view kControls = "\n\r\t\b\f";
constexpr std::string_view kControlLetters = "nrtbf";

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (const std::size_t i = kControls.find(c); i != std::string_view::npos) {
      out += '\\';
      out += kControlLetters[i];
    } else if (byte < 0x20) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\u%04x", static_cast<unsigned>(byte));
      out += hex.data();
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

// How one of the two languages writes things.
struct Language {
  bool is_python;

  std::string None() const { return is_python ? "None" : "null"; }
  std::string Bool(bool value) const {
    if (is_python) return value ? "True" : "False";
    return value ? "true" : "false";
  }
  std::string String(std::string_view text) const {
    return is_python ? python::StringRepr(text) : JsonString(text);
  }
  std::string Double(double value) const {
    if (std::isfinite(value)) return python::DoubleText(value);
    if (is_python) return "float('" + python::DoubleText(value) + "')";
    return std::isnan(value) ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  }
};

class Dumper {
 public:
  Dumper(const python::Sources& sources, Language language, int indent)
      : sources_(sources), language_(language), indent_(indent) {}

  void Write(const Value& value, int depth) {
    switch (value.kind()) {
      case Kind::kNone:
        out_ += language_.None();
        break;
      case Kind::kBool:
        out_ += language_.Bool(value.boolean());
        break;
      case Kind::kInt:
        out_ += std::to_string(value.integer());
        break;
      case Kind::kDouble:
        out_ += language_.Double(value.number());
        break;
      case Kind::kString:
        out_ += language_.String(value.text());
        break;
      case Kind::kEllipsis:
        out_ += language_.is_python ? "Ellipsis" : "\"Ellipsis\"";
        break;
      case Kind::kUnknown:
        WriteUnknown(value.unknown());
        break;
      case Kind::kList:
        WriteItems(value.items(), "[", "]", depth);
        break;
      case Kind::kTuple:
        WriteTuple(value, depth);
        break;
      case Kind::kRange:
        WriteRange(value, depth);
        break;
      case Kind::kSet:
        WriteSet(value, depth);
        break;
      case Kind::kDict:
        WriteDict(value, depth);
        break;
      case Kind::kView:
      case Kind::kIterator:
        break;  // no config has one
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  void WriteItems(const std::vector<Value>& items, std::string_view open, std::string_view close,
                  int depth) {
    out_ += open;
    for (std::size_t i = 0; i < items.size(); ++i) {
      Separate(i == 0, depth + 1);
      Write(items[i], depth + 1);
    }
    Close(items.empty(), close, depth);
  }

  // unknown('a.py:3:5: np.linspace() is not run')
  void WriteUnknown(const python::Unknown& unknown) {
    using python::Nature;
    if (unknown.nature == Nature::kLazy) {
      out_ += language_.String(unknown.origin);
      return;
    }
    if (unknown.nature == Nature::kLazyModule) {  // MMEngine writes it twice
      out_ += language_.String(unknown.origin + "." + unknown.origin);
      return;
    }
    const std::string text = sources_.Place(unknown.cause->at) + ": " + unknown.cause->text;
    const std::string shown = language_.String(text);
    out_ += language_.is_python ? "unknown(" + shown + ")" : "{\"unknown\": " + shown + "}";
  }

  void WriteTuple(const Value& value, int depth) {
    if (!language_.is_python) return WriteItems(value.items(), "[", "]", depth);
    WriteItems(value.items(), "(", value.items().size() == 1 ? ",)" : ")", depth);
  }

  void WriteRange(const Value& value, int depth) {
    if (!language_.is_python) return WriteItems(value.items(), "[", "]", depth);
    out_ += python::RangeText(value.range());
  }

  void WriteSet(const Value& value, int depth) {
    std::vector<Value> items;
    for (const python::Entry& entry : value.mapping().entries()) items.push_back(entry.key);
    if (!language_.is_python) return WriteItems(items, "[", "]", depth);
    if (items.empty()) {
      out_ += "set()";
    } else {
      WriteItems(items, "{", "}", depth);
    }
  }

  void WriteDict(const Value& value, int depth) {
    out_ += '{';
    bool is_first = true;
    for (const python::Entry& entry : value.mapping().entries()) {
      Separate(is_first, depth + 1);
      is_first = false;
      WriteKey(entry.key, depth + 1);
      out_ += ": ";
      Write(entry.value, depth + 1);
    }
    Close(is_first, "}", depth);
  }

  // JSON has strings as keys only.
  void WriteKey(const Value& key, int depth) {
    if (language_.is_python || key.Is(Kind::kString)) return Write(key, depth);
    Dumper python(sources_, Language{true}, -1);
    python.Write(key, 0);
    out_ += JsonString(python.Take());
  }

  void Separate(bool is_first, int depth) {
    if (!is_first) out_ += indent_ < 0 ? ", " : ",";
    BreakLine(depth);
  }
  void Close(bool is_empty, std::string_view close, int depth) {
    if (!is_empty) BreakLine(depth);
    out_ += close;
  }
  void BreakLine(int depth) {
    if (out_.size() > python::kMaxWrittenBytes) {
      throw ConfigError("written out, this config takes more than " +
                        base::SizeText(python::kMaxWrittenBytes));
    }
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth) * static_cast<std::size_t>(indent_), ' ');
  }

  const python::Sources& sources_;
  Language language_;
  int indent_;
  std::string out_;
};

std::string Dump(const python::Sources& sources, Language language, const Value& value,
                 int indent) {
  Dumper dumper(sources, language, indent);
  dumper.Write(value, 0);
  return dumper.Take();
}

}  // namespace

std::string DumpJson(const python::Sources& sources, const Value& value, int indent) {
  return Dump(sources, {false}, value, indent);
}

std::string DumpPython(const python::Sources& sources, const Value& value, int indent) {
  return Dump(sources, {true}, value, indent);
}

}  // namespace yoloport::config::mmengine
