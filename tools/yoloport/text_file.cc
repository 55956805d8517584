#include "text_file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "cli.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::tool {
namespace {

constexpr std::size_t kMostMib = 256;

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (fd_ < 0) Fail(std::strerror(errno));
  }
  ~Reader() { ::close(fd_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::string Read() {
    std::string text;
    while (ReadSome(text)) {
      if (text.size() > kMostMib << 20) {
        Fail("it has more than " + std::to_string(kMostMib) + " MiB");
      }
    }
    return text;
  }

 private:
  // False at the end.
  bool ReadSome(std::string& text) {
    char piece[1 << 16];
    const ssize_t count = ::read(fd_, piece, sizeof(piece));
    if (count > 0) {
      text.append(piece, static_cast<std::size_t>(count));
      waited_ = 0;
      return true;
    }
    if (count < 0 && errno == EINTR) return true;
    if (count < 0 && errno != EAGAIN) Fail(std::strerror(errno));
    const bool has_writer = count < 0;
    // A FIFO that nobody has opened for writing yet is at its end, too, but does not hang up.
    if (!has_writer && (!text.empty() || !IsQuiet())) return false;
    Wait(has_writer);
    return true;
  }

  // Whether it is a pipe that may still give something.
  bool IsQuiet() const {
    pollfd state = {fd_, POLLIN, 0};
    return ::poll(&state, 1, 0) == 0;
  }

  void Wait(bool has_writer) {
    constexpr int kStep = 100;  // milliseconds
    constexpr int kForAWriter = 3'000;
    constexpr int kForWhatItWrites = 60'000;
    if (waited_ >= (has_writer ? kForWhatItWrites : kForAWriter)) {
      Fail(has_writer ? "it is a pipe, and nothing came out of it for a minute"
                      : "it is a pipe that nobody writes into");
    }
    pollfd state = {fd_, POLLIN, 0};
    if (::poll(&state, 1, kStep) == 0) waited_ += kStep;
  }

  [[noreturn]] void Fail(const std::string& why) const {
    throw FileError(Named(path_) + ": cannot be read: " + why);
  }

  const std::filesystem::path& path_;
  int fd_;
  int waited_ = 0;  // milliseconds since something came
};

}  // namespace

std::vector<std::string> ReadLines(const std::filesystem::path& path) {
  std::string bytes = Reader(path).Read();
  std::optional<std::string> known = TextOfFile(bytes);
  if (!known) {
    throw FileError(Named(path) + ": is UTF-16 text that is damaged or cut off",
                    "save it as UTF-8");
  }
  bytes.clear();
  bytes.shrink_to_fit();
  const std::string& text = *known;
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const bool has_return = end > begin && text[end - 1] == '\r';
    lines.push_back(text.substr(begin, end - begin - (has_return ? 1 : 0)));
    begin = end + 1;
  }
  return lines;
}

}  // namespace yoloport::tool
