// What names mean before a config gives them a meaning.
#pragma once

#include <string_view>

namespace yoloport::config::python {

// Whether Python has a builtin of this name.
bool IsPythonBuiltin(std::string_view name);

// A builtin that changes and keeps none of its arguments.
bool IsHarmlessBuiltin(std::string_view name);

// A builtin by which code gets at all names of a config: exec(), globals() ...
bool ReachesAllNames(std::string_view name);

// A builtin that code does not replace even where it may bind every name.
bool IsLastingBuiltin(std::string_view name);

// Whether `module`, a dotted name, belongs to Python itself.
bool IsPythonModule(std::string_view module);

}  // namespace yoloport::config::python
