#include "ending.h"

#include <unistd.h>

#include <csignal>
#include <vector>

#include "yoloport/temporaries.h"

namespace yoloport::tool {

void EndBySignal(int signal) {
  RemoveTemporaries();
  ::signal(signal, SIG_DFL);
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
  constexpr int kSignalBase = 128;  // as shells count
  ::_exit(kSignalBase + signal);
}

namespace {

// Those that end a process unless it asks otherwise, but for the faults of a program: of these a
// debugger or a sanitizer wants to hear, and their memory is not to be trusted.
std::vector<int> EndingSignals() {
  std::vector<int> signals = {SIGHUP,  SIGINT,  SIGQUIT,   SIGPIPE,  SIGALRM, SIGTERM,
                              SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF,  SIGXCPU, SIGABRT,
                              SIGIO,   SIGPWR,  SIGSYS,    SIGSTKFLT};
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) signals.push_back(signal);
  return signals;
}

}  // namespace

void RemoveTemporariesAtSignals() {
  for (const int signal : EndingSignals()) {
    struct sigaction action = {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = EndBySignal;
    ::sigaction(signal, &action, nullptr);
  }
  ::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace yoloport::tool
