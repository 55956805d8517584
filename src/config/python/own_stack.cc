#include "config/python/own_stack.h"

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <string>

#include "config/python/limits.h"
#include "yoloport/error.h"

namespace yoloport::config::python {
namespace {

// A main thread whose stack has no limit is taken to have this much.
constexpr rlim_t kUnlimited = 64 << 20;

// Of the main thread: what `ulimit -s` allows less what is in use; the name of the program lies at
// the stack's very beginning. (pthread_getattr_np would read all of /proc/self/maps.)
std::ptrdiff_t MainStackLeft(const char* here) {
  rlimit limit{};
  const std::uintptr_t begin = ::getauxval(AT_EXECFN);
  if (begin == 0 || ::getrlimit(RLIMIT_STACK, &limit) != 0) return 0;
  const std::uintptr_t used = begin - reinterpret_cast<std::uintptr_t>(here);
  const std::uintptr_t all = std::min(limit.rlim_cur, kUnlimited);
  return used < all ? static_cast<std::ptrdiff_t>(all - used) : 0;
}

// The lowest address of another thread's stack; nullptr where the system does not tell.
const char* ThreadStackEnd() {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return nullptr;
  void* end = nullptr;
  std::size_t size = 0;
  const int error = ::pthread_attr_getstack(&attributes, &end, &size);
  ::pthread_attr_destroy(&attributes);
  return error == 0 ? static_cast<const char*>(end) : nullptr;
}

bool HasRoom() {
  const char here = 0;
  constexpr auto kNeeded = static_cast<std::ptrdiff_t>(kStackBytes);
  if (::getpid() == ::gettid()) return MainStackLeft(&here) > kNeeded;
  thread_local const char* const end = ThreadStackEnd();
  return end != nullptr && &here - end > kNeeded;
}

struct Job {
  const std::function<void()>& work;
  std::exception_ptr error;
};

void* RunJob(void* argument) {
  Job& job = *static_cast<Job*>(argument);
  try {
    job.work();
  } catch (...) {
    job.error = std::current_exception();
  }
  return nullptr;
}

}  // namespace

void OnLargeStack(const std::function<void()>& work) {
  if (HasRoom()) {
    work();
    return;
  }
  Job job{work, nullptr};
  pthread_attr_t attributes;
  pthread_t thread{};
  ::pthread_attr_init(&attributes);
  int error = ::pthread_attr_setstacksize(&attributes, 2 * kStackBytes);
  if (error == 0) error = ::pthread_create(&thread, &attributes, RunJob, &job);
  ::pthread_attr_destroy(&attributes);
  if (error != 0) {
    throw Error(std::string("a thread to read the config with cannot be started: ") +
                std::strerror(error));
  }
  ::pthread_join(thread, nullptr);
  if (job.error != nullptr) std::rethrow_exception(job.error);
}

}  // namespace yoloport::config::python
