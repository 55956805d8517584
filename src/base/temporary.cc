#include "base/temporary.h"

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "yoloport/temporaries.h"

namespace yoloport {
namespace {

using base::Temporary;

// Held while the list changes, and for ever by RemoveTemporaries(). A mutex may not be taken in a
// signal handler.
std::atomic_flag list_is_taken = ATOMIC_FLAG_INIT;

void TakeList() {
  while (list_is_taken.test_and_set(std::memory_order_acquire)) ::sched_yield();
}

// Holds the list. No handler runs in this thread meanwhile: it would wait for the list for ever.
class ListGuard {
 public:
  ListGuard() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    TakeList();
  }
  ~ListGuard() {
    list_is_taken.clear(std::memory_order_release);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  ListGuard(const ListGuard&) = delete;
  ListGuard& operator=(const ListGuard&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

}  // namespace yoloport

namespace yoloport::base {

Temporary* Temporary::newest_ = nullptr;

bool Temporary::Make(std::string path, const std::function<bool(const std::string&)>& create) {
  Remove();
  const ListGuard guard;
  if (!create(path)) return false;
  path_ = std::move(path);
  process_ = ::getpid();
  older_ = newest_;
  newer_ = nullptr;
  if (older_ != nullptr) older_->newer_ = this;
  newest_ = this;
  return true;
}

bool Temporary::RenameTo(const char* target) {
  if (std::rename(path_.c_str(), target) != 0) return false;
  Release();
  return true;
}

void Temporary::Release() {
  if (path_.empty()) return;
  const ListGuard guard;
  if (older_ != nullptr) older_->newer_ = newer_;
  (newer_ != nullptr ? newer_->older_ : newest_) = older_;
  path_.clear();
}

void Temporary::Remove() {
  if (path_.empty()) return;
  std::remove(path_.c_str());
  Release();
}

}  // namespace yoloport::base

namespace yoloport {

// System calls only.
void RemoveTemporaries() noexcept {
  TakeList();
  const int process = ::getpid();
  for (const Temporary* each = Temporary::newest_; each != nullptr; each = each->older_) {
    if (each->process_ != process) continue;
    each->kind_ == Temporary::Kind::kFolder ? ::rmdir(each->path_.c_str())
                                            : ::unlink(each->path_.c_str());
  }
}

}  // namespace yoloport
