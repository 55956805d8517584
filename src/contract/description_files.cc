// The text files that describe a model: class names and anchors.
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/json_text.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "base/utf8.h"
#include "yoloport/error.h"
#include "yoloport/model_description.h"
#include "yoloport/text.h"

namespace yoloport {
namespace {

using base::Quote;

constexpr std::size_t kMaxFile = 1 << 20;  // bytes; such files have a few hundred
constexpr std::string_view kBlanks = " \t\r";

std::string ReadText(const std::filesystem::path& path) {
  const auto file = base::MappedFile::Open(path);
  if (file->bytes().size() > kMaxFile) {
    throw UsageError(Quote(path.native()) +
                     ": is too large for a list: " + base::SizeText(file->bytes().size()));
  }
  std::optional<std::string> text = TextOfFile(file->text());
  if (!text) {
    throw UsageError(Quote(path.native()) + ": is UTF-16 text that is damaged or cut off",
                     "save it as UTF-8");
  }
  return std::move(*text);
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(Trimmed(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

[[noreturn]] void FailAt(const std::filesystem::path& path, std::size_t line,
                         const std::string& what, const std::string& hint) {
  throw UsageError(Quote(path.native()) + ", line " + std::to_string(line) + ": " + what, hint);
}

const char* const kNamesHint = "one class name a line, or a JSON list of texts";
const char* const kAnchorsHint = "a line for each level, such as 10,13 16,30 33,23";

std::vector<std::string> NamesFromJson(const std::filesystem::path& path, const std::string& text) {
  constexpr int kMaxDepth = 16;
  if (base::IsNestedDeeper(text, kMaxDepth)) FailAt(path, 1, "is not a list of texts", kNamesHint);
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array()) FailAt(path, 1, "is no JSON list", kNamesHint);
  std::vector<std::string> names;
  for (const auto& each : json) {
    if (!each.is_string()) {
      FailAt(path, 1, "name " + std::to_string(names.size()) + " is no text", kNamesHint);
    }
    names.push_back(each.get<std::string>());
  }
  return names;
}

// Goes through anchors of either form: numbers, with any of ",;" and blanks between them.
class AnchorReader {
 public:
  AnchorReader(std::filesystem::path path, std::string_view text)
      : path_(std::move(path)), text_(text) {}

  Anchors Read() {
    return text_.find_first_of("[(") == std::string_view::npos ? ReadLines() : ReadNested();
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    FailAt(path_, line_, what, kAnchorsHint);
  }

  Anchors ReadLines() {
    Anchors anchors;
    for (const std::string_view line : Lines(text_)) {
      ++line_;
      if (line.empty() || line.front() == '#') continue;
      rest_ = line;
      anchors.push_back(ReadPairs());
    }
    return anchors;
  }

  std::vector<std::array<double, 2>> ReadPairs() {
    std::vector<double> numbers;
    for (SkipSeparators(); !rest_.empty(); SkipSeparators()) numbers.push_back(ReadNumber());
    if (numbers.empty() || numbers.size() % 2 != 0) {
      Fail("has " + std::to_string(numbers.size()) +
           " numbers; each anchor is a width and a height");
    }
    std::vector<std::array<double, 2>> pairs;
    for (std::size_t i = 0; i < numbers.size(); i += 2) {
      pairs.push_back({numbers[i], numbers[i + 1]});
    }
    return pairs;
  }

  // Lists of levels, of anchors, of two numbers; round brackets mean the same as square ones.
  Anchors ReadNested() {
    const std::size_t begin = text_.find_first_of("[(");
    line_ = 1 + static_cast<std::size_t>(std::count(text_.begin(), text_.begin() + begin, '\n'));
    rest_ = text_.substr(begin);
    Anchors anchors;
    ReadList([&] {
      anchors.emplace_back();
      ReadList([&] {
        std::vector<double> size;
        ReadList([&] { size.push_back(ReadNumber()); });
        if (size.size() != 2)
          Fail("an anchor has " + std::to_string(size.size()) + " numbers, not 2");
        anchors.back().push_back({size[0], size[1]});
      });
    });
    SkipSeparators();
    if (!rest_.empty()) Fail("has more after the anchors: " + Quote(rest_, 20));
    return anchors;
  }

  template <typename Element>
  void ReadList(const Element& element) {
    SkipSeparators();
    if (rest_.empty() || (rest_.front() != '[' && rest_.front() != '(')) {
      Fail("expected a bracket, not " + (rest_.empty() ? "the end" : Quote(rest_, 20)));
    }
    const char close = rest_.front() == '[' ? ']' : ')';
    rest_.remove_prefix(1);
    for (SkipSeparators(); !rest_.empty() && rest_.front() != close; SkipSeparators()) element();
    if (rest_.empty()) Fail(std::string("a ") + close + " is missing");
    rest_.remove_prefix(1);
  }

  double ReadNumber() {
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || !std::isfinite(value) || value <= 0) {
      Fail("expected a positive number, not " + Quote(rest_, 20));
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  void SkipSeparators() {
    while (!rest_.empty() && std::string_view(" \t\r\n,;").find(rest_.front()) != rest_.npos) {
      line_ += rest_.front() == '\n' ? 1 : 0;
      rest_.remove_prefix(1);
    }
  }

  std::filesystem::path path_;
  std::string_view text_;
  std::string_view rest_;
  std::size_t line_ = 0;
};

}  // namespace

std::vector<std::string> ReadClassNames(const std::filesystem::path& path) {
  const std::string text = ReadText(path);
  std::vector<std::string> names;
  if (text.starts_with('[')) {
    names = NamesFromJson(path, text);
  } else {
    for (const std::string_view line : Lines(text)) names.emplace_back(line);
    while (!names.empty() && names.back().empty()) names.pop_back();
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty()) FailAt(path, i + 1, "is empty", kNamesHint);
      if (!base::IsUtf8(names[i]))
        FailAt(path, i + 1, "is no UTF-8: " + Quote(names[i], 40), kNamesHint);
    }
  }
  if (names.empty()) throw UsageError(Quote(path.native()) + ": has no class names", kNamesHint);
  return names;
}

Anchors ReadAnchors(const std::filesystem::path& path) {
  const std::string text = ReadText(path);
  Anchors anchors = AnchorReader(path, text).Read();
  if (anchors.empty()) throw UsageError(Quote(path.native()) + ": has no anchors", kAnchorsHint);
  return anchors;
}

}  // namespace yoloport
