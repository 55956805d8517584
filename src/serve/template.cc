#include "serve/template.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace yoloport::serve {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kIf = "{{#if ";
constexpr std::string_view kElse = "{{else}}";
constexpr std::string_view kEnd = "{{/if}}";

class Filler {
 public:
  explicit Filler(const TemplateValues& values) : values_(values) {}

  // `line` ends with its line end, if it has one.
  void AddLine(std::string_view line) {
    ++number_;
    const std::string_view text = line.substr(0, line.find('\n'));
    if (text.starts_with(kIf) && text.ends_with(kClose)) {
      const std::size_t length = text.size() - kIf.size() - kClose.size();
      kept_.push_back(Find(values_.conditions, text.substr(kIf.size(), length)));
    } else if (text == kElse || text == kEnd) {
      if (kept_.empty()) Fail(std::string(text) + " without {{#if}}");
      if (text == kElse) {
        kept_.back() = !kept_.back();
      } else {
        kept_.pop_back();
      }
    } else {
      AddText(line);
    }
  }

  std::string Finish() {
    if (!kept_.empty()) Fail("{{#if}} without {{/if}}");
    return std::move(filled_);
  }

 private:
  void AddText(std::string_view line) {
    std::string filled;
    for (std::size_t open; (open = line.find(kOpen)) != line.npos;) {
      const std::size_t begin = open + kOpen.size();
      const std::size_t close = line.find(kClose, begin);
      if (close == line.npos) Fail("{{ without }}");
      filled += line.substr(0, open);
      filled += Find(values_.texts, line.substr(begin, close - begin));
      line.remove_prefix(close + kClose.size());
    }
    filled += line;
    const bool is_kept = std::find(kept_.begin(), kept_.end(), false) == kept_.end();
    if (is_kept) filled_ += filled;
  }

  template <typename Map>
  const typename Map::mapped_type& Find(const Map& values, std::string_view name) const {
    const auto found = values.find(name);
    if (found == values.end()) Fail("unknown name '" + std::string(name) + "'");
    return found->second;
  }

  [[noreturn]] void Fail(const std::string& what) const {
    throw std::logic_error("template line " + std::to_string(number_) + ": " + what);
  }

  const TemplateValues& values_;
  std::string filled_;
  std::vector<bool> kept_;  // of the open sections, the innermost last
  int number_ = 0;
};

}  // namespace

std::string FillText(std::string_view text, const TemplateValues& values) {
  Filler filler(values);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t length = end == text.npos ? text.size() : end + 1;
    filler.AddLine(text.substr(0, length));
    text.remove_prefix(length);
  }
  return filler.Finish();
}

std::string FillTemplate(std::string_view name, const TemplateValues& values) {
  const auto found = std::find_if(kTemplates.begin(), kTemplates.end(),
                                  [&](const EmbeddedFile& file) { return file.name == name; });
  if (found == kTemplates.end()) throw std::logic_error("no template " + std::string(name));
  return FillText(found->text, values);
}

}  // namespace yoloport::serve
