// Ending early at the user's wish.
#pragma once

#include <string_view>

namespace yoloport::tool {

// From now on the first SIGINT, SIGTERM or SIGHUP only sets what Interrupted() gives, so that what
// is in flight can be finished; a second one ends the process at once.
void CatchInterrupts();

// Print(), which gives up where stdout is a pipe that nobody takes from and a signal has come:
// false then, too.
bool PrintUnlessInterrupted(std::string_view text);

// The signal that has come, or 0. May be called from any thread.
int Interrupted();

}  // namespace yoloport::tool
