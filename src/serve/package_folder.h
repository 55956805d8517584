// A folder in the making: it gets its name when all is in it.
#pragma once

#include <deque>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/temporary.h"

namespace yoloport::serve {

class PackageFolder {
 public:
  // Makes a folder beside `target`, and those above it. Throws UsageError when `target` is there
  // and no empty folder, FileError.
  explicit PackageFolder(const std::filesystem::path& target);
  // Removes what was not committed.
  ~PackageFolder();
  PackageFolder(const PackageFolder&) = delete;
  PackageFolder& operator=(const PackageFolder&) = delete;

  // Paths are within the folder; their parents are made. All throw FileError.
  void Write(const std::filesystem::path& path, std::string_view text);
  void WriteProgram(const std::filesystem::path& path, std::string_view text);
  void Copy(const std::filesystem::path& path, const std::filesystem::path& source);
  void Make(const std::filesystem::path& path);  // an empty folder

  void Commit();

  // What was written, sorted.
  std::vector<std::filesystem::path> files() const;

 private:
  void MakeFolders(const std::filesystem::path& path);
  std::filesystem::path Place(const std::filesystem::path& path);

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  std::deque<base::Temporary>
      parts_;  // the folder, and what is in it, in the order in which it came
  std::vector<std::filesystem::path> files_;
};

}  // namespace yoloport::serve
