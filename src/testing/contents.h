// Files as tests compare them.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace yoloport::test_support {

// All bytes of a file; "" where it cannot be read. Tests are compiled without optimization, so it
// leaves the copying to the library: byte by byte a model takes a while.
inline std::string Contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace yoloport::test_support
