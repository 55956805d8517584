#include "ending.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

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

void RemoveTemporariesAtSignals() {
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2,
                           SIGVTALRM, SIGPROF, SIGXCPU}) {
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
