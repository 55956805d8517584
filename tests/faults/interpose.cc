// Loaded before the C library (LD_PRELOAD), makes one call fail as a system would:
//
//   YOLOPORT_FAULT=CALL:N   the N-th malloc, read, write, close or rename; of malloc also calloc,
//   realloc
//                           and the aligned ones
//   YOLOPORT_FAULT=shrink:N cuts the file behind the N-th mmap of a file to 100 bytes
//   YOLOPORT_FAULT_UNDER=FOLDER  only reads and closes of files in that folder count
//   YOLOPORT_FAULT_HIT=PATH a file that is made when it came to that
//
// Calls are counted from main() on, in all threads.
//
// NOLINTBEGIN(bugprone-reserved-identifier, performance-no-int-to-ptr): the C library's own names,
// and a system call's answer.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum Call { kMalloc, kRead, kWrite, kClose, kRename, kShrink, kCalls };
constexpr const char* kNames[kCalls] = {"malloc", "read", "write", "close", "rename", "shrink"};

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
    fault_at = std::atol(fault + length + 1);
  }
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
  if (Fails(kMalloc)) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
  if (Fails(kMalloc)) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_calloc(number, size);
}

void* realloc(void* old, std::size_t size) {
  if (Fails(kMalloc)) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_realloc(old, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  if (Fails(kMalloc)) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  if (Fails(kMalloc)) return ENOMEM;
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
// NOLINTEND(bugprone-reserved-identifier, performance-no-int-to-ptr)
