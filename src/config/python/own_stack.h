// A stack that is large enough, whatever the limit of the process (`ulimit -s`) says.
#pragma once

#include <functional>

namespace yoloport::config::python {

// Runs `work`, whose recursion is bounded by the nesting of limits.h: here where the stack has room
// for that, else on a thread with a stack of its own. Throws what `work` throws, and Error when no
// thread can be started.
void OnLargeStack(const std::function<void()>& work);

}  // namespace yoloport::config::python
