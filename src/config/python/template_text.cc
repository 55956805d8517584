#include "config/python/template_text.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/text.h"
#include "config/python/limits.h"

namespace yoloport::config::python {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool IsQuote(char c) { return c == '\'' || c == '"'; }

// Reads along a text; every step fails at its end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool Take(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  template <typename Predicate>
  std::string_view TakeWhile(Predicate predicate) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && predicate(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void TakeOptionalQuote() {
    if (at_ < text_.size() && IsQuote(text_[at_])) ++at_;
  }
  std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// What a template stands for.
struct Replacement {
  std::size_t length = 0;  // of what is replaced; 0: nothing matches
  std::string text;
};

// Finds templates, from the front of a text to its end. What is looked for ahead is looked for
// once: time is in proportion to the text, whatever it is.
class TemplateFinder {
 public:
  TemplateFinder(const Sources& sources, std::uint32_t source, const std::filesystem::path& file)
      : sources_(sources),
        source_(source),
        text_(sources.text(source)),
        names_{{{"fileDirname", file.parent_path().string()},
                {"fileBasename", file.filename().string()},
                {"fileBasenameNoExtension", file.stem().string()},
                {"fileExtname", file.extension().string()}}} {}

  // What stands at `at`, where "{{" is.
  Replacement Match(std::size_t at) {
    Replacement replacement = MatchFileName(text_.substr(at));
    return replacement.length > 0 ? replacement : MatchVariable(at);
  }

 private:
  Replacement MatchFileName(std::string_view text) const {
    Scanner scan(text);
    scan.Take("{{");
    scan.TakeWhile(IsSpace);
    const std::string_view key = scan.TakeWhile(IsWord);
    scan.TakeWhile(IsSpace);
    if (!scan.Take("}}")) return {};
    for (const auto& [name, value] : names_) {
      if (key == name) return {scan.at(), value};
    }
    return {};
  }

  // `{{ $NAME:default }}`; the default has no spaces and may be quoted together with the name.
  Replacement MatchVariable(std::size_t at) {
    Scanner scan(text_.substr(at));
    scan.Take("{{");
    scan.TakeOptionalQuote();
    scan.TakeWhile(IsSpace);
    if (!scan.Take("$")) return {};
    const std::string_view name = scan.TakeWhile(IsWord);
    scan.TakeWhile(IsSpace);
    if (name.empty() || !scan.Take(":")) return {};
    scan.TakeWhile(IsSpace);
    const std::size_t begin = at + scan.at();
    std::size_t end = NextClosing(begin);
    if (end == std::string_view::npos) return {};
    std::size_t after = end + 2;
    if (const std::size_t space = NextSpace(begin); space < end) {
      Scanner tail(text_.substr(space));
      tail.TakeWhile(IsSpace);
      tail.TakeOptionalQuote();
      if (!tail.Take("}}")) return {};
      end = space;
      after = space + tail.at();
    } else if (end > begin && IsQuote(text_[end - 1])) {
      --end;
    }
    return {after - at, Value(std::string(name), text_.substr(begin, end - begin), at)};
  }

  std::string Value(const std::string& name, std::string_view fallback, std::size_t at) const {
    const char* value = std::getenv(name.c_str());
    std::string result = value != nullptr ? value : std::string(fallback);
    if (result.empty()) {
      sources_.Fail({source_, static_cast<std::uint32_t>(at)},
                    "the environment variable " + base::Quote(name) + " is not set",
                    "set it, or give a default: {{$" + name + ":default}}");
    }
    return result;
  }

  std::size_t NextClosing(std::size_t from) {
    if (closing_ < from) closing_ = text_.find("}}", from);
    return closing_;
  }
  std::size_t NextSpace(std::size_t from) {
    while (space_ < from || (space_ < text_.size() && !IsSpace(text_[space_]))) {
      space_ = std::max(from, space_ + 1);
    }
    return space_;
  }

  const Sources& sources_;
  std::uint32_t source_;
  std::string_view text_;
  std::array<std::pair<std::string_view, std::string>, 4> names_;
  std::size_t closing_ = 0;  // the first "}}" and space from some place on
  std::size_t space_ = 0;
};

}  // namespace

TemplateText::TemplateText(const Sources& sources, std::uint32_t source,
                           const std::filesystem::path& file, std::size_t room)
    : source_(source) {
  const std::string_view original = sources.text(source);
  TemplateFinder finder(sources, source, file);
  std::size_t copied = 0;
  std::size_t at = file.empty() ? std::string_view::npos : original.find("{{");
  while (at != std::string_view::npos) {
    const Replacement replacement = finder.Match(at);
    if (replacement.length > 0) {
      text_ += original.substr(copied, at - copied);
      copied = at + replacement.length;
      edits_.push_back({text_.size(), text_.size() + replacement.text.size(), at, copied});
      text_ += replacement.text;
      if (text_.size() > room) {
        sources.Fail({source, static_cast<std::uint32_t>(at)},
                     "the files of this config, with their templates filled in, take more than " +
                         base::SizeText(kMaxTotalFileBytes));
      }
    }
    at = original.find("{{", std::max(copied, at + 1));
  }
  text_ += original.substr(copied);
}

Position TemplateText::At(std::size_t offset) const {
  const auto after =
      std::upper_bound(edits_.begin(), edits_.end(), offset,
                       [](std::size_t place, const Edit& edit) { return place < edit.begin; });
  std::size_t original = offset;
  if (after != edits_.begin()) {
    const Edit& edit = *(after - 1);
    original = offset < edit.end ? edit.original_begin : edit.original_end + (offset - edit.end);
  }
  return {source_, static_cast<std::uint32_t>(original)};
}

std::optional<BaseReference> MatchBaseReference(std::string_view text) {
  Scanner scan(text);
  if (!scan.Take("{{")) return std::nullopt;
  scan.TakeWhile(IsSpace);
  if (!scan.Take("_base_.")) return std::nullopt;
  const std::string_view name = scan.TakeWhile([](char c) { return IsWord(c) || c == '.'; });
  scan.TakeWhile(IsSpace);
  if (name.empty() || !scan.Take("}}")) return std::nullopt;
  return BaseReference{scan.at(), name};
}

}  // namespace yoloport::config::python
