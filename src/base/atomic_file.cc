#include "base/atomic_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/text.h"
#include "yoloport/error.h"
#include "yoloport/temporaries.h"
#include "yoloport/text.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;

std::atomic<bool> waits_are_ended{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // or a handler must not touch it

constexpr int kStep = 50;  // milliseconds between looks at that

constexpr const char* kAccessList = "system.posix_acl_access";

// The number of this process's own descriptor that `path` names, or -1. The names of /proc look
// like links, and what they point to is not always a file.
int OwnDescriptor(const fs::path& path) {
  const std::string folder = path.parent_path().native();
  if (!folder.starts_with("/proc/") && !folder.starts_with("/dev/")) return -1;
  std::error_code error;
  if (fs::canonical(folder, error) != fs::canonical("/proc/self/fd", error) || error) return -1;
  return ParseNumber<int>(path.filename().native()).value_or(-1);
}

// Where a chain of symbolic links ends, also when nothing is there yet.
fs::path FollowLinks(fs::path path) {
  constexpr int kMostLinks = 40;  // as the system counts
  for (int i = 0; i < kMostLinks; ++i) {
    if (OwnDescriptor(path) >= 0) break;
    std::error_code no_link;
    const fs::path to = fs::read_symlink(path, no_link);
    if (no_link) break;
    path = path.parent_path() / to;  // which is `to` where that begins with /
  }
  return path;
}

std::string AccessList(const char* path) {
  char list[4096];
  const ssize_t size = ::getxattr(path, kAccessList, list, sizeof(list));
  return size > 0 ? std::string(list, static_cast<std::size_t>(size)) : std::string();
}

// Why something of that kind cannot be written, or null.
const char* WhyNot(mode_t mode, bool by_name) {
  if (S_ISDIR(mode)) return "it is a directory";
  if (S_ISSOCK(mode)) return "it is a socket";
  if (S_ISBLK(mode)) return "it is a disk";
  return by_name && !S_ISREG(mode) ? "it is not a regular file" : nullptr;
}

// Of a FIFO that nobody reads the system would wait forever.
int OpenWaiting(const char* path) {
  while (true) {
    const int fd = ::open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 || (errno != ENXIO && errno != EINTR)) return fd;
    struct stat info = {};
    if (::stat(path, &info) != 0 || !S_ISFIFO(info.st_mode))
      return ::open(path, O_WRONLY | O_CLOEXEC);
    if (waits_are_ended) break;
    ::poll(nullptr, 0, kStep);
  }
  errno = ECANCELED;
  return -1;
}

// Whether `fd` takes some bytes before waits are ended.
bool WaitUntilWritable(int fd) {
  pollfd ready = {fd, POLLOUT, 0};
  while (::poll(&ready, 1, kStep) <= 0) {
    if (waits_are_ended) return false;
  }
  return true;
}

}  // namespace

void EndWaits() noexcept { waits_are_ended = true; }

}  // namespace yoloport

namespace yoloport::base {

fs::path PlaceOf(fs::path path) {
  constexpr int kMostLinks = 40;  // as the system counts
  std::error_code error;
  for (int i = 0; i < kMostLinks && !path.empty(); ++i) {
    // Of a relative path that does not exist, weakly_canonical() gives a relative one.
    path = fs::absolute(path);
    const fs::path place = fs::weakly_canonical(path, error);
    if (error) break;
    path = place;
    const fs::path to = fs::read_symlink(path, error);  // which leads to what is not there
    if (error) break;
    path = path.parent_path() / to;
  }
  return path;
}

AtomicFile::AtomicFile(const fs::path& target, Opened opened, const fs::path& name)
    : name_(name.empty() ? target : name), place_(FollowLinks(target)) {
  const bool by_name = opened == Opened::kByName;
  struct stat old = {};
  // By the name that was given: the system then refuses links that strangers put into /tmp.
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (!exists && errno != ENOENT) Fail("cannot be created", errno);
  if (const char* why = exists ? WhyNot(old.st_mode, by_name) : nullptr) {
    throw FileError(Quote(name_.native()) + ": cannot be written: " + why);
  }
  if (exists && (!S_ISREG(old.st_mode) || OwnDescriptor(place_) >= 0)) {
    OpenThrough();
    return;
  }
  if (exists) {
    constexpr mode_t kPermissions = 07777;
    kept_ = {old.st_mode & kPermissions, old.st_uid, old.st_gid, AccessList(place_.c_str())};
  }
  OpenTemporary(by_name ? target.extension().native() : std::string());
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
}

void AtomicFile::OpenThrough() {
  const int own = OwnDescriptor(place_);
  fd_ = own >= 0 ? ::fcntl(own, F_DUPFD_CLOEXEC, 0) : OpenWaiting(place_.c_str());
  if (fd_ < 0) Fail("cannot be opened", errno);
}

// A new file beside the target: with the mode that any new file gets, or for this user alone until
// it gets the old one's, which may be so.
void AtomicFile::OpenTemporary(const std::string& extension) {
  static std::atomic<unsigned> counter{0};
  const mode_t mode = kept_ ? 0600 : 0666;
  const auto open_new = [&](const std::string& path) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    return fd_ >= 0;
  };
  for (int attempt = 0; attempt < 100; ++attempt) {
    // Not the whole name: with what is added it could be longer than names may be.
    constexpr std::size_t kNameBytes = 200;
    const std::string name = place_.filename().native().substr(0, kNameBytes) + ".tmp-" +
                             std::to_string(::getpid()) + "-" + std::to_string(counter++) +
                             extension;
    if (temporary_.Make((place_.parent_path() / name).native(), open_new)) return;
    if (errno != EEXIST) break;
  }
  Fail("cannot be created", errno);
}

void AtomicFile::Write(std::span<const std::byte> bytes) {
  const bool is_file = !temporary_.path().empty();
  while (!bytes.empty()) {
    // A pipe that is ready takes so many bytes without waiting.
    const std::size_t count =
        is_file ? bytes.size() : std::min<std::size_t>(bytes.size(), PIPE_BUF);
    if (!is_file && !WaitUntilWritable(fd_)) Fail("cannot be written", ECANCELED);
    const ssize_t written = ::write(fd_, bytes.data(), count);
    if (written < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      Fail("cannot be written", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

// Refused for a user who does not own the old file, or a file system that has no such thing.
void AtomicFile::Restore() const {
  const bool same_owner = ::fchown(fd_, kept_->owner, kept_->group) == 0;
  const bool same_group = same_owner || ::fchown(fd_, -1, kept_->group) == 0;
  mode_t mode = kept_->mode;
  if (!same_group) mode = (mode & ~mode_t{070}) | (mode & 07) << 3;
  if (!same_owner) mode &= ~mode_t{06000};  // would make it somebody else's program
  static_cast<void>(::fchmod(fd_, mode));
  const std::string& list = kept_->access_list;
  if (list.empty() || ::fsetxattr(fd_, kAccessList, list.data(), list.size(), 0) == 0) return;
  static_cast<void>(::fchmod(fd_, mode & ~mode_t{070}));  // the list said what the group may do
}

void AtomicFile::Commit() {
  if (kept_) Restore();
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0) Fail("cannot be closed", errno);
  if (temporary_.path().empty() || temporary_.RenameTo(place_.c_str())) return;
  Fail("cannot be replaced", errno);
}

void AtomicFile::Fail(std::string_view action, int error) const {
  throw FileError(Quote(name_.native()) + ": " + std::string(action) + ": " + std::strerror(error));
}

}  // namespace yoloport::base
