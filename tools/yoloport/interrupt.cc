#include "interrupt.h"

#include <atomic>
#include <csignal>

namespace yoloport::tool {
namespace {

std::atomic<int> interrupted{0};
static_assert(std::atomic<int>::is_always_lock_free);  // or a handler must not touch it

void Handle(int signal) { interrupted = signal; }

}  // namespace

void CatchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = Handle;
  action.sa_flags = SA_RESETHAND | SA_RESTART;  // the next one does what it always does
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

int Interrupted() { return interrupted; }

}  // namespace yoloport::tool
