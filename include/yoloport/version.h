// The library's version.
#pragma once

namespace yoloport {

const char* Version();  // "0.1.0"

}  // namespace yoloport
