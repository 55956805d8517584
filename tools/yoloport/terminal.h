// Printing for people.
#pragma once

#include <string>
#include <string_view>

namespace yoloport::tool {

// Whether progress makes sense on stderr: it is a terminal.
bool IsTerminal();

// "yoloport: error: TEXT" and "yoloport: warning: TEXT" on stderr; coloured on a terminal unless
// NO_COLOR.
void PrintError(std::string_view text);
void PrintWarning(std::string_view text);

// `text` safe to show on a terminal: control characters become '?'. Library messages already are.
std::string Printable(std::string_view text);

// Writes to stdout at once. False when nobody reads it any more; throws FileError for any other
// failure.
bool Print(std::string_view text);

}  // namespace yoloport::tool
