// The texts a config is made of, and the one place that turns "this went wrong here" into a
// message.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport::config::python {

// A byte of one of the texts.
struct Position {
  std::uint32_t source = 0;
  std::uint32_t offset = 0;
};

class Sources {
 public:
  // `name` is what messages call the text: a path, "--cfg-options" ... Returns its number.
  std::uint32_t Add(std::string name, std::string text);
  // The same for the text of the file `path`.
  std::uint32_t AddFile(std::string path, std::string text);

  std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }
  bool is_file(std::uint32_t source) const { return texts_[source]->is_file; }

  const std::string& name(std::uint32_t source) const { return texts_[source]->name; }
  const std::string& text(std::uint32_t source) const { return texts_[source]->text; }

  // "a.py:12:5"; columns count characters, from 1.
  std::string Place(Position position) const;

  // "a.py:12:5: MESSAGE", the source line and a caret under the column, each on a line of its own.
  std::string Locate(Position position, std::string_view message) const;

  // Throws ConfigError with Locate's text.
  [[noreturn]] void Fail(Position position, std::string_view message, std::string hint = {}) const;

 private:
  struct Text {
    std::string name;
    std::string text;
    bool is_file = false;
  };
  std::vector<std::unique_ptr<const Text>> texts_;  // by pointer: views into texts stay valid
};

}  // namespace yoloport::config::python
