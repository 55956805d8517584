#include "base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

// Opens a new file beside `target` with the mode that any new file gets (mkstemp's 0600 would
// surprise whoever shares the folder). On success `name` is its path.
int OpenTemporary(const std::filesystem::path& target, const std::string& extension,
                  std::string& name) {
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 100; ++attempt) {
    // Not the whole name: with what is added it could be longer than names may be.
    constexpr std::size_t kNameBytes = 200;
    const std::string stem = target.filename().native().substr(0, kNameBytes) + ".tmp-" +
                             std::to_string(::getpid()) + "-" + std::to_string(counter++) +
                             extension;
    name = (target.parent_path() / stem).native();
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target, KeepExtension keep)
    : target_(std::move(target)) {
  std::error_code error;
  const auto status = std::filesystem::status(target_, error);
  if (std::filesystem::is_directory(status)) {
    throw FileError(Quote(target_.native()) + ": cannot be written: it is a directory");
  }
  if (status.type() == std::filesystem::file_type::none) {
    throw FileError(Quote(target_.native()) + ": cannot be created: " + error.message());
  }
  const std::string extension =
      keep == KeepExtension::kYes ? target_.extension().native() : std::string();
  fd_ = OpenTemporary(target_, extension, temporary_);
  if (fd_ < 0) {
    temporary_.clear();
    Fail("cannot be created", errno);
  }
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      Fail("cannot be written", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::Commit() {
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0) Fail("cannot be closed", errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) Fail("cannot be replaced", errno);
  temporary_.clear();
}

void AtomicFile::Fail(std::string_view action, int error) const {
  throw FileError(Quote(target_.native()) + ": " + std::string(action) + ": " +
                  std::strerror(error));
}

}  // namespace yoloport
