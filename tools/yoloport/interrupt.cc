#include "interrupt.h"

#include <atomic>
#include <csignal>

#include "ending.h"

namespace yoloport::tool {
namespace {

std::atomic<int> interrupted{0};
static_assert(std::atomic<int>::is_always_lock_free);  // or a handler must not touch it

void Handle(int signal) {
  if (interrupted.exchange(signal) != 0) EndBySignal(signal);
}

}  // namespace

void CatchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = Handle;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup = {};
  ::sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);  // no nohup
}

int Interrupted() { return interrupted; }

}  // namespace yoloport::tool
