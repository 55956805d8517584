#include "yoloport/version.h"

namespace yoloport {

const char* Version() { return YOLOPORT_VERSION; }  // set by CMake from the project's version

}  // namespace yoloport
