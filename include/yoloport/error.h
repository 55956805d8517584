// The one exception family of yoloport. The library never prints, exits or aborts: whatever it
// cannot do, it says by throwing one of these.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace yoloport {

// What went wrong, where, and what to do about it.
//
// `message()` says what was found, where (file:line:column, byte offset, state_dict key) and what
// was expected; it may span lines (a source line with a caret). `hint()` says what to do and may be
// empty. `what()` is both: the message, then "\nhint: ..." when there is a hint.
class Error : public std::runtime_error {
 public:
  explicit Error(std::string message, std::string hint = {})
      : std::runtime_error(Join(message, hint)),
        message_(std::move(message)),
        hint_(std::move(hint)) {}

  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

 private:
  static std::string Join(std::string_view message, std::string_view hint) {
    std::string all(message);
    if (!hint.empty()) all.append("\nhint: ").append(hint);
    return all;
  }

  std::string message_;
  std::string hint_;
};

// The training config: syntax, evaluation, or a key that is missing or not understood.
class ConfigError : public Error {
  using Error::Error;
};

// The checkpoint: container, pickle, or a tensor that is missing or has another shape.
class CheckpointError : public Error {
  using Error::Error;
};

// The network: an architecture that is not known, or an ONNX file that is not what was expected.
class ModelError : public Error {
  using Error::Error;
};

// An inference runtime: not built in, or it refused the model or the input.
class RuntimeError : public Error {
  using Error::Error;
};

// An image or a video: unreadable, empty or too large.
class ImageError : public Error {
  using Error::Error;
};

// A file or folder: missing, not readable, not writable, disk full.
class FileError : public Error {
  using Error::Error;
};

// The caller asked for something that makes no sense (an option outside its range).
class UsageError : public Error {
  using Error::Error;
};

}  // namespace yoloport
