// The text file that a repository holds in place of a large file.
#pragma once

#include <string_view>

namespace yoloport::base {

// The first line of git-lfs pointers, https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md,
// without its number.
inline bool IsGitLfsPointer(std::string_view bytes) {
  return bytes.starts_with("version https://git-lfs");
}

}  // namespace yoloport::base
