#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/text.h"
#include "yoloport/error.h"
#include "yoloport/mapped_files.h"

namespace yoloport::base {
namespace {

[[noreturn]] void Fail(const std::filesystem::path& path, int error) {
  throw FileError(Quote(path.native()) + ": cannot be read: " + std::strerror(error));
}

std::int64_t Modified(const struct stat& info) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return std::int64_t{info.st_mtim.tv_sec} * kSecond + info.st_mtim.tv_nsec;
}

}  // namespace

// One mapping. The handler may run at any moment in any thread, so these are never freed: a mapping
// that ends leaves its own to the next.
struct MappedFile::Guarded {
  std::atomic<bool> taken{true};
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};  // 0: nothing is mapped
  std::atomic<bool> failed{false};
  Guarded* next = nullptr;

  static std::atomic<Guarded*> first;
  static struct sigaction previous;

  static Guarded* Take();
};

std::atomic<MappedFile::Guarded*> MappedFile::Guarded::first{nullptr};
struct sigaction MappedFile::Guarded::previous = {};

MappedFile::Guarded* MappedFile::Guarded::Take() {
  for (Guarded* each = first; each != nullptr; each = each->next) {
    bool free = false;
    if (each->taken.compare_exchange_strong(free, true)) return each;
  }
  auto* added = new Guarded;
  added->next = first;
  while (!first.compare_exchange_weak(added->next, added)) {
  }
  return added;
}

// Nothing here but atomics and system calls.
void MappedFile::OnBusError(int signal, siginfo_t* info, void* context) {
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Guarded* each = Guarded::first; each != nullptr; each = each->next) {
    if (at < each->begin || at >= each->end) continue;
    const auto page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const std::uintptr_t into_page = at % page_size;
    void* zeros = ::mmap(static_cast<char*>(info->si_addr) - into_page, each->end - at + into_page,
                         PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) break;
    each->failed = true;
    return;
  }
  const struct sigaction& previous = Guarded::previous;
  if ((previous.sa_flags & SA_SIGINFO) != 0) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    return previous.sa_handler(signal);
  }
  ::signal(SIGBUS, SIG_DFL);                // an access is tried again, and ends the process
  if (info->si_code <= 0) ::raise(SIGBUS);  // sent by somebody
}

MappedFile::Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

MappedFile::MappedFile(std::filesystem::path path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}

std::shared_ptr<const MappedFile> MappedFile::Open(const std::filesystem::path& path) {
  std::shared_ptr<MappedFile> file(new MappedFile(path));
  file->Map();
  return file;
}

void MappedFile::Map() {
  if (file_.get() < 0) {
    if (errno == ENOENT) throw FileError(Quote(path_.native()) + ": no such file");
    Fail(path_, errno);
  }
  struct stat info = {};
  if (::fstat(file_.get(), &info) != 0) Fail(path_, errno);
  if (S_ISDIR(info.st_mode)) {
    throw FileError(Quote(path_.native()) + ": is a directory, not a file");
  }
  if (!S_ISREG(info.st_mode)) throw FileError(Quote(path_.native()) + ": is not a regular file");
  modified_ = Modified(info);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return;
  guarded_ = Guarded::Take();
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file_.get(), 0);
  if (data == MAP_FAILED) Fail(path_, errno);
  data_ = static_cast<const std::byte*>(data);
  size_ = size;
  guarded_->failed = false;
  guarded_->begin = reinterpret_cast<std::uintptr_t>(data_);
  guarded_->end = guarded_->begin + size_;
}

MappedFile::~MappedFile() {
  if (guarded_ == nullptr) return;
  guarded_->end = 0;
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
  guarded_->taken = false;
}

void MappedFile::CheckUnchanged() const {
  struct stat info = {};
  if (::fstat(file_.get(), &info) != 0) Fail(path_, errno);
  const bool same = static_cast<std::size_t>(info.st_size) == size_ && Modified(info) == modified_;
  if (same && (guarded_ == nullptr || !guarded_->failed)) return;
  throw FileError(Quote(path_.native()) + (same ? ": cannot be read: its disk gave an error"
                                                : ": was changed while it was read"),
                  same ? "copy it to another disk" : "try again once it is written or copied");
}

}  // namespace yoloport::base

namespace yoloport {

void GuardMappedFiles() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action = {};
    action.sa_sigaction = base::MappedFile::OnBusError;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigaction(SIGBUS, &action, &base::MappedFile::Guarded::previous);
  });
}

}  // namespace yoloport
