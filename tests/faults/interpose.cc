// Loaded before the C library (LD_PRELOAD), makes one call fail as a system would:
//
//   YOLOPORT_FAULT=CALL:N   the N-th malloc, read, write, close or rename; of malloc also calloc,
//                           realloc and the aligned ones
//   YOLOPORT_FAULT=own:N    the N-th allocation that the program itself asks for, directly or by
//                           way of the C++ library: not those of other libraries within themselves
//   YOLOPORT_FAULT=site:N   the first of those from the N-th place: a row of calls that led to none
//   before YOLOPORT_FAULT=shrink:N cuts the file behind the N-th mmap of a file to 100 bytes
//   YOLOPORT_FAULT_UNDER=FOLDER  only reads and closes of files in that folder count
//   YOLOPORT_FAULT_HIT=PATH a file that is made when it came to that
//
// Calls are counted from main() on, in all threads.
//
// NOLINTBEGIN(bugprone-reserved-identifier, performance-no-int-to-ptr): the C library's own names,
// and a system call's answer.
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

enum Call { kMalloc, kOwn, kSite, kRead, kWrite, kClose, kRename, kShrink, kCalls };
constexpr const char* kNames[kCalls] = {"malloc", "own",   "site",   "read",
                                        "write",  "close", "rename", "shrink"};

Call fault_call = kCalls;
long fault_at = 0;
std::atomic<bool> armed{false};
std::atomic<long> count{0};

// Whether this call is the one to fail.
bool Fails(Call call) {
  if (!armed || call != fault_call || ++count != fault_at) return false;
  if (const char* path = std::getenv("YOLOPORT_FAULT_HIT")) {
    const int fd =
        static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, 0666));
    if (fd >= 0) ::syscall(SYS_close, fd);
  }
  return true;
}

// Where the code of a program or library lies.
struct Range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool Holds(const void* address) const {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    return begin <= at && at < end;
  }
};
Range program;
Range cpp_library;
Range this_library;

int NoteRanges(dl_phdr_info* info, std::size_t /*size*/, void* /*data*/) {
  Range range{~std::uintptr_t{0}, 0};
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD) continue;
    range.begin = std::min(range.begin, info->dlpi_addr + header.p_vaddr);
    range.end = std::max(range.end, info->dlpi_addr + header.p_vaddr + header.p_memsz);
  }
  if (program.end == 0) program = range;  // comes first
  if (std::strstr(info->dlpi_name, "libstdc++") != nullptr) cpp_library = range;
  if (range.Holds(reinterpret_cast<const void*>(&NoteRanges))) this_library = range;
  return 0;
}

// The calls that led to an allocation, the latest first.
struct Calls {
  static constexpr int kDeepest = 32;
  void* frames[kDeepest];
  int count;
  Calls() : count(::backtrace(frames, kDeepest)) {}

  // Whether the program is who asked, perhaps by way of the C++ library.
  bool AreOwn() const {
    for (int i = 0; i < count; ++i) {
      if (this_library.Holds(frames[i]) || cpp_library.Holds(frames[i])) continue;
      return program.Holds(frames[i]);
    }
    return false;
  }

  // Of the nearest ones: all would tell every round of a recursion from the others.
  std::size_t Hash() const {
    constexpr int kNearest = 10;
    std::size_t hash = 0;
    for (int i = 0; i < std::min(count, kNearest); ++i) {
      hash = hash * 1'000'003 + reinterpret_cast<std::size_t>(frames[i]);
    }
    return hash | 1;
  }
};

// Whether this is new to a table that never empties.
bool IsNew(std::size_t hash) {
  constexpr std::size_t kSlots = 1 << 18;
  static std::atomic<std::size_t> slots[kSlots];
  for (std::size_t i = hash % kSlots;; i = (i + 1) % kSlots) {
    std::size_t empty = 0;
    if (slots[i].compare_exchange_strong(empty, hash)) return true;
    if (empty == hash) return false;
  }
}

// Whether an allocation for `caller` is the one to fail.
bool AllocationFails(void* caller) {
  if (!armed) return false;
  if (fault_call != kOwn && fault_call != kSite) return Fails(kMalloc);
  if (!program.Holds(caller) && !cpp_library.Holds(caller)) return false;
  if (fault_call == kOwn && program.Holds(caller)) return Fails(kOwn);
  const Calls calls;
  if (!calls.AreOwn()) return false;
  return fault_call == kOwn ? Fails(kOwn) : IsNew(calls.Hash()) && Fails(kSite);
}

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// dlsym itself may allocate while malloc is not yet known.
extern "C" void* __libc_malloc(std::size_t size);
extern "C" void* __libc_calloc(std::size_t count, std::size_t size);
extern "C" void* __libc_realloc(void* old, std::size_t size);
extern "C" void* __libc_memalign(std::size_t alignment, std::size_t size);

void Arm() {
  const char* fault = std::getenv("YOLOPORT_FAULT");
  if (fault == nullptr) return;
  for (int call = 0; call < kCalls; ++call) {
    const std::size_t length = std::strlen(kNames[call]);
    if (std::strncmp(fault, kNames[call], length) != 0 || fault[length] != ':') continue;
    fault_call = static_cast<Call>(call);
    fault_at = std::strtol(fault + length + 1, nullptr, 10);
  }
  ::dl_iterate_phdr(NoteRanges, nullptr);
  void* frame = nullptr;
  ::backtrace(&frame, 1);  // loads what it needs, and allocates for that
  armed = true;
}

}  // namespace

extern "C" {

using Main = int (*)(int, char**, char**);
Main program_main = nullptr;

static int ArmedMain(int argc, char** argv, char** environment) {
  Arm();
  return program_main(argc, argv, environment);
}

// Calls main(). What libraries do before it is not the program's.
int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void* stack_end) {
  program_main = main;
  using Start = int(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
  return Next<Start>("__libc_start_main")(ArmedMain, argc, argv, init, fini, rtld_fini, stack_end);
}

void* malloc(std::size_t size) {
  if (!AllocationFails(__builtin_return_address(0))) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}

void* calloc(std::size_t number, std::size_t size) {
  if (!AllocationFails(__builtin_return_address(0))) return __libc_calloc(number, size);
  errno = ENOMEM;
  return nullptr;
}

void* realloc(void* old, std::size_t size) {
  if (!AllocationFails(__builtin_return_address(0))) return __libc_realloc(old, size);
  errno = ENOMEM;
  return nullptr;
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  if (!AllocationFails(__builtin_return_address(0))) return __libc_memalign(alignment, size);
  errno = ENOMEM;
  return nullptr;
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  if (AllocationFails(__builtin_return_address(0))) return ENOMEM;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}

static bool Counts(int fd) {
  const char* folder = std::getenv("YOLOPORT_FAULT_UNDER");
  if (folder == nullptr) return true;
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link, path, sizeof(path));
  const std::size_t length = std::strlen(folder);
  return size > static_cast<ssize_t>(length) && std::strncmp(path, folder, length) == 0;
}

ssize_t read(int fd, void* data, std::size_t size) {
  if (armed && Counts(fd) && Fails(kRead)) {
    errno = EIO;
    return -1;
  }
  return ::syscall(SYS_read, fd, data, size);
}

ssize_t write(int fd, const void* data, std::size_t size) {
  if (Fails(kWrite)) {
    errno = ENOSPC;
    return -1;
  }
  return ::syscall(SYS_write, fd, data, size);
}

// The descriptor is closed all the same, as a file system that reports a late error does.
int close(int fd) {
  const bool fails = armed && Counts(fd) && Fails(kClose);
  const int result = static_cast<int>(::syscall(SYS_close, fd));
  if (!fails) return result;
  errno = EIO;
  return -1;
}

int rename(const char* from, const char* to) {
  if (Fails(kRename)) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_rename, from, to));
}

void* mmap(void* at, std::size_t size, int protection, int flags, int fd, off_t offset) {
  void* mapped =
      reinterpret_cast<void*>(::syscall(SYS_mmap, at, size, protection, flags, fd, offset));
  // Not libraries, which the loader maps before Arm() anyway.
  if (fd >= 0 && mapped != MAP_FAILED && (protection & PROT_EXEC) == 0 && Fails(kShrink)) {
    char path[64];
    std::snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (::truncate(path, 100) != 0) std::abort();
  }
  return mapped;
}
}

// The C++ library's operators would hide who calls them.
void* operator new(std::size_t size) {
  void* memory =
      AllocationFails(__builtin_return_address(0)) ? nullptr : __libc_malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return AllocationFails(__builtin_return_address(0)) ? nullptr
                                                      : __libc_malloc(size > 0 ? size : 1);
}
// NOLINTEND(bugprone-reserved-identifier, performance-no-int-to-ptr)
