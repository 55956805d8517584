// Libraries that are loaded only when somebody asks for what they hold, so that nobody else waits
// for what they link: modules of yoloport's own, and runtimes.
#pragma once

#include <string>

namespace yoloport::base {

// The function `function` of the library `file`, which is looked for
// - beside the program or library that this code was linked into, as built;
// - in yoloport/ of the folder of libraries, as installed;
// - wherever the dynamic linker looks.
// Never unloaded. Throws RuntimeError that begins "`what` cannot be loaded".
void* LoadFunction(const std::string& what, const std::string& file, const char* function);

// The same with its type: LoadFunction<decltype(Open)>("videos", "libvideos.so", "Open").
template <typename Function>
Function* LoadFunction(const std::string& what, const std::string& file, const char* function) {
  return reinterpret_cast<Function*>(LoadFunction(what, file, function));
}

}  // namespace yoloport::base
