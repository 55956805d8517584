#include "terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

bool HasColour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return IsTerminal() && (no_colour == nullptr || *no_colour == '\0');
}

void PrintTagged(std::string_view tag, const char* colour, std::string_view text) {
  const bool coloured = HasColour();
  std::fprintf(stderr, "yoloport: %s%.*s:%s %.*s\n", coloured ? colour : "",
               static_cast<int>(tag.size()), tag.data(), coloured ? "\x1b[0m" : "",
               static_cast<int>(text.size()), text.data());
}

}  // namespace

bool IsTerminal() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 &&
         (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

void PrintError(std::string_view text) { PrintTagged("error", "\x1b[1;31m", text); }
void PrintWarning(std::string_view text) { PrintTagged("warning", "\x1b[1;33m", text); }

std::string Printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return out;
}

bool Print(std::string_view text) {
  errno = 0;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written) return true;
  if (errno == EPIPE) return false;
  throw FileError(std::string("standard output cannot be written: ") + std::strerror(errno));
}

}  // namespace yoloport::tool
