#include "config/template_text.h"

#include <array>
#include <cstdlib>
#include <utility>

#include "base/text.h"

namespace yoloport::config {
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
  bool Skip() {
    if (at_ >= text_.size() || IsSpace(text_[at_])) return false;
    ++at_;
    return true;
  }
  std::size_t at() const { return at_; }
  void Return(std::size_t at) { at_ = at; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Replacement {
  std::size_t length = 0;  // of what is replaced; 0: nothing matches
  std::string text;
};

Replacement MatchFileName(std::string_view text, const std::filesystem::path& file) {
  Scanner scan(text);
  if (!scan.Take("{{")) return {};
  scan.TakeWhile(IsSpace);
  const std::string_view key = scan.TakeWhile(IsWord);
  scan.TakeWhile(IsSpace);
  if (!scan.Take("}}")) return {};
  const std::array<std::pair<std::string_view, std::string>, 4> known = {{
      {"fileDirname", file.parent_path().string()},
      {"fileBasename", file.filename().string()},
      {"fileBasenameNoExtension", file.stem().string()},
      {"fileExtname", file.extension().string()},
  }};
  for (const auto& [name, value] : known) {
    if (key == name) return {scan.at(), value};
  }
  return {};
}

struct Variable {
  std::size_t length = 0;  // 0: nothing matches
  std::string name;
  std::string fallback;
};

// `{{ $NAME:default }}`; the default has no spaces and may be quoted together with the name.
Variable MatchVariable(std::string_view text) {
  Scanner scan(text);
  if (!scan.Take("{{")) return {};
  scan.TakeOptionalQuote();
  scan.TakeWhile(IsSpace);
  if (!scan.Take("$")) return {};
  const std::string_view name = scan.TakeWhile(IsWord);
  if (name.empty()) return {};
  scan.TakeWhile(IsSpace);
  if (!scan.Take(":")) return {};
  scan.TakeWhile(IsSpace);
  const std::size_t begin = scan.at();
  while (true) {
    const std::size_t end = scan.at();
    scan.TakeWhile(IsSpace);
    scan.TakeOptionalQuote();
    if (scan.Take("}}")) {
      return {scan.at(), std::string(name), std::string(text.substr(begin, end - begin))};
    }
    scan.Return(end);
    if (!scan.Skip()) return {};
  }
}

Replacement MatchEnvironment(std::string_view text, const Sources& sources, Position at) {
  const Variable variable = MatchVariable(text);
  if (variable.length == 0) return {};
  const char* value = std::getenv(variable.name.c_str());
  std::string result = value != nullptr ? value : variable.fallback;
  if (result.empty()) {
    sources.Fail(at, "the environment variable " + Quote(variable.name) + " is not set",
                 "set it, or give a default: {{$" + variable.name + ":default}}");
  }
  return {variable.length, std::move(result)};
}

}  // namespace

TemplateText::TemplateText(const Sources& sources, std::uint32_t source,
                           const std::filesystem::path& file)
    : source_(source) {
  const std::string_view original = sources.text(source);
  std::size_t copied = 0;
  std::size_t at = file.empty() ? std::string_view::npos : original.find("{{");
  while (at != std::string_view::npos) {
    const std::string_view rest = original.substr(at);
    Replacement replacement = MatchFileName(rest, file);
    if (replacement.length == 0) {
      replacement = MatchEnvironment(rest, sources, {source, static_cast<std::uint32_t>(at)});
    }
    if (replacement.length > 0) {
      text_ += original.substr(copied, at - copied);
      copied = at + replacement.length;
      edits_.push_back({text_.size(), text_.size() + replacement.text.size(), at, copied});
      text_ += replacement.text;
    }
    at = original.find("{{", std::max(copied, at + 1));
  }
  text_ += original.substr(copied);
}

Position TemplateText::At(std::size_t offset) const {
  std::size_t original = offset;
  for (const Edit& edit : edits_) {
    if (offset < edit.begin) break;
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

}  // namespace yoloport::config
