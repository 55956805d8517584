// A config's text after MMEngine's textual substitutions: `{{ fileDirname }}`, `{{ fileBasename
// }}`,
// `{{ fileBasenameNoExtension }}`, `{{ fileExtname }}` and `{{ $VARIABLE:default }}`.
// (`{{ _base_.x }}` stays: the lexer knows it.)
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/python/limits.h"
#include "config/python/source.h"

namespace yoloport::config::python {

class TemplateText {
 public:
  // Substitutes in `sources.text(source)`, which must have been checked. `file` gives the file
  // names; when it is empty nothing is substituted. Throws ConfigError for a variable that is not
  // set and has no default, and when more than `room` bytes come of it.
  TemplateText(const Sources& sources, std::uint32_t source, const std::filesystem::path& file,
               std::size_t room = kMaxTotalFileBytes);

  std::string_view text() const { return text_; }

  // Where a byte of text() stands in the original.
  Position At(std::size_t offset) const;

 private:
  struct Edit {
    std::size_t begin, end;  // in text_
    std::size_t original_begin, original_end;
  };

  std::uint32_t source_;
  std::string text_;
  std::vector<Edit> edits_;
};

// The length of `{{ _base_.NAME }}` at the start of `text` and its NAME (dotted), if it starts so.
struct BaseReference {
  std::size_t length;
  std::string_view name;
};
std::optional<BaseReference> MatchBaseReference(std::string_view text);

}  // namespace yoloport::config::python
