// Fills in templates: the files of src/serve/templates/, which CMake embeds in the library.
//
// A template is the file that it becomes, with
//
//   {{name}}        anywhere in a line: a text
//   {{#if name}}    on lines of their own, without indentation: the lines between are kept if the
//   {{else}}        condition is true, those after the optional {{else}} if it is false; sections
//   {{/if}}         nest
//
// Filled-in texts are copied as they are: "{{" in them has no meaning, and escaping them for the
// file's format is up to the caller. Names are checked in skipped lines, too, so filling a template
// once finds every name that it misspells.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace yoloport::serve {

struct TemplateValues {
  std::map<std::string, std::string, std::less<>> texts = {};
  std::map<std::string, bool, std::less<>> conditions = {};
};

// Throws std::logic_error at a name that is not in `values`, and at a section that does not close.
std::string FillText(std::string_view text, const TemplateValues& values);

// The same for the embedded file `name`, such as "triton/serve.sh".
std::string FillTemplate(std::string_view name, const TemplateValues& values);

struct EmbeddedFile {
  std::string_view name;  // its path below templates/
  std::string_view text;
};

extern const std::span<const EmbeddedFile> kTemplates;

}  // namespace yoloport::serve
