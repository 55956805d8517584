#include "package/package_folder.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;

// "dir/" names the folder "dir".
fs::path WithoutSlash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

void MakeFolders(const fs::path& folder, const fs::path& target) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw FileError(Quote(target.native()) + ": cannot be created: " + error.message());
}

}  // namespace

PackageFolder::PackageFolder(const fs::path& target) : target_(WithoutSlash(target)) {
  if (target_.empty()) throw UsageError("the package needs a folder", "give one with --output");
  std::error_code error;
  const auto status = fs::symlink_status(target_, error);
  const bool is_empty_folder = fs::is_directory(status) && fs::is_empty(target_, error) && !error;
  if (fs::exists(status) && !is_empty_folder) {
    throw UsageError(Quote(target_.native()) + ": is there already, and is no empty folder",
                     "give another folder with --output, or remove this one");
  }
  if (target_.has_parent_path()) MakeFolders(target_.parent_path(), target_);
  static std::atomic<unsigned> counter{0};
  constexpr std::size_t kNameBytes = 200;
  fs::path temporary =
      target_.parent_path() / (target_.filename().native().substr(0, kNameBytes) + ".tmp-" +
                               std::to_string(::getpid()) + "-" + std::to_string(counter++));
  if (!fs::create_directory(temporary, error)) {
    throw FileError(Quote(target_.native()) + ": cannot be created: " +
                    (error ? error.message() : Quote(temporary.native()) + " is in the way"));
  }
  temporary_ = std::move(temporary);
}

PackageFolder::~PackageFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

fs::path PackageFolder::Place(const fs::path& path) {
  MakeFolders((temporary_ / path).parent_path(), target_ / path);
  files_.push_back(path);
  return temporary_ / path;
}

void PackageFolder::Write(const fs::path& path, std::string_view text) {
  AtomicFile file(Place(path));
  file.Write(text);
  file.Commit();
}

void PackageFolder::WriteProgram(const fs::path& path, std::string_view text) {
  Write(path, text);
  std::error_code error;
  const auto all_execute = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  fs::permissions(temporary_ / path, all_execute, fs::perm_options::add, error);
  if (error) {
    throw FileError(Quote((target_ / path).native()) +
                    ": cannot be made a program: " + error.message());
  }
}

void PackageFolder::Copy(const fs::path& path, const fs::path& source) {
  const auto file = MappedFile::Open(source);
  AtomicFile copy(Place(path));
  copy.Write(file->bytes());
  file->CheckUnchanged();
  copy.Commit();
}

void PackageFolder::Make(const fs::path& path) { MakeFolders(temporary_ / path, target_ / path); }

void PackageFolder::Commit() {
  std::error_code error;
  fs::rename(temporary_, target_, error);  // over an empty folder, too
  if (error) throw FileError(Quote(target_.native()) + ": cannot be created: " + error.message());
  temporary_.clear();
}

std::vector<fs::path> PackageFolder::files() const {
  std::vector<fs::path> sorted = files_;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace yoloport
