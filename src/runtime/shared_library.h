// Libraries of yoloport's own that are loaded only when somebody asks for what they hold, so that
// nobody else waits for what they link.
#pragma once

#include <string>

namespace yoloport {

// The function `function` of the library `file`, which is looked for beside the program as built,
// in lib/ as installed, and wherever the dynamic linker looks. Never unloaded. Throws RuntimeError
// that begins "the runtime `runtime` cannot be loaded".
void* LoadFunction(const std::string& runtime, const std::string& file, const char* function);

}  // namespace yoloport
