// Ending early at the user's wish.
#pragma once

namespace yoloport::tool {

// From now on the first SIGINT, SIGTERM or SIGHUP only sets what Interrupted() gives, so that what
// is in flight can be finished; a second one ends the process at once.
void CatchInterrupts();

// The signal that has come, or 0. May be called from any thread.
int Interrupted();

}  // namespace yoloport::tool
