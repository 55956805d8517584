#include "config/mmengine/text_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/text.h"
#include "base/utf8.h"
#include "config/python/limits.h"
#include "yoloport/error.h"

namespace yoloport::config::mmengine {
namespace {

using python::kMaxFileBytes;

constexpr std::size_t kPieceBytes = 16 << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

[[noreturn]] void FailText(const std::string& name, std::string_view message,
                           std::string hint = {}) {
  throw ConfigError(base::Quote(name) + ": " + std::string(message), std::move(hint));
}

[[noreturn]] void FailFile(const std::filesystem::path& path, std::string_view message) {
  throw FileError(base::Quote(path.native()) + ": " + std::string(message));
}

bool IsUtf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

// As Python reads text: \r\n and \r become \n.
void UnifyLineEnds(std::string& text) {
  std::size_t to = text.find('\r');
  if (to == std::string::npos) return;
  for (std::size_t from = to; from < text.size(); ++from) {
    if (text[from] == '\r' && from + 1 < text.size() && text[from + 1] == '\n') continue;
    text[to++] = text[from] == '\r' ? '\n' : text[from];
  }
  text.resize(to);
}

}  // namespace

std::string ReadTextFile(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) FailFile(path, "no such file");
  if (error) FailFile(path, "cannot be read: " + error.message());
  if (fs::is_directory(status)) FailFile(path, "is a directory, not a file");
  if (!fs::is_regular_file(status)) FailFile(path, "is not a regular file");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) FailFile(path, std::string("cannot be read: ") + std::strerror(errno));
  // In pieces: the size that the file system tells may be wrong, and stops nothing.
  std::string text;
  std::array<char, kPieceBytes> piece{};
  while (text.size() <= kMaxFileBytes && in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) FailFile(path, "cannot be read");
  return text;
}

void CheckText(std::string& text, const std::string& name) {
  if (text.size() > kMaxFileBytes) {
    FailText(name, "more than " + base::SizeText(kMaxFileBytes) + ": not a config");
  }
  if (IsUtf16(text)) FailText(name, "UTF-16 text", "save it as UTF-8");
  if (text.find('\0') != std::string::npos) FailText(name, "binary data, not a config");
  if (!base::IsUtf8(text)) FailText(name, "not UTF-8 text", "save it as UTF-8");
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  UnifyLineEnds(text);
}

}  // namespace yoloport::config::mmengine
