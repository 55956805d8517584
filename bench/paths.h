// Where the benchmarks find the repository's files.
#pragma once

#include <filesystem>

namespace yoloport::bench {

inline std::filesystem::path Root() { return YOLOPORT_ROOT; }

}  // namespace yoloport::bench
