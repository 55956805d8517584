// Being ended by a signal, which must leave no temporary files behind.
#pragma once

namespace yoloport::tool {

// From now on SIGTERM, SIGHUP and whatever else ends a program by default first removes the files
// that are being written; the process then ends by that signal, as a shell expects. What the caller
// of this program had ignored (nohup) stays ignored. A write beyond `ulimit -f` is an error like
// any other, not a signal.
void RemoveTemporariesAtSignals();

// Ends the process in that way. For handlers of signals.
void EndBySignal(int signal);

}  // namespace yoloport::tool
