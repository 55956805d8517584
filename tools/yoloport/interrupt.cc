#include "interrupt.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <csignal>

#include "cli.h"
#include "ending.h"
#include "yoloport/temporaries.h"

namespace yoloport::tool {
namespace {

std::atomic<int> interrupted{0};
static_assert(std::atomic<int>::is_always_lock_free);  // or a handler must not touch it

void Handle(int signal) {
  if (interrupted.exchange(signal) != 0) EndBySignal(signal);
  EndWaits();
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

bool PrintUnlessInterrupted(std::string_view text) {
  constexpr int kStep = 50;  // milliseconds between looks at the signal
  while (!text.empty()) {
    pollfd ready = {STDOUT_FILENO, POLLOUT, 0};
    while (::poll(&ready, 1, kStep) <= 0) {
      if (Interrupted() != 0) return false;
    }
    // A pipe that is ready takes so many bytes without waiting.
    const std::string_view piece = text.substr(0, PIPE_BUF);
    if (!Print(piece)) return false;
    text.remove_prefix(piece.size());
  }
  return true;
}

int Interrupted() { return interrupted; }

}  // namespace yoloport::tool
