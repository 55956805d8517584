#include "serve/package_folder.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "base/atomic_file.h"
#include "base/folders.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::serve {
namespace {

namespace fs = std::filesystem;
using base::AtomicFile;
using base::Quote;
using base::Temporary;

// "dir/" names the folder "dir".
fs::path WithoutSlash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

[[noreturn]] void FailToCreate(const fs::path& path, const std::string& why) {
  throw FileError(Quote(path.native()) + ": cannot be created: " + why);
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
  yoloport::base::MakeFolders(target_.parent_path());
  static std::atomic<unsigned> counter{0};
  constexpr std::size_t kNameBytes = 200;
  temporary_ =
      target_.parent_path() / (target_.filename().native().substr(0, kNameBytes) + ".tmp-" +
                               std::to_string(::getpid()) + "-" + std::to_string(counter++));
  const bool made = parts_.emplace_back(Temporary::Kind::kFolder)
                        .Make(temporary_.native(), [&](const std::string& path) {
                          return fs::create_directory(path, error);
                        });
  if (made) return;
  FailToCreate(target_, error ? error.message() : Quote(temporary_.native()) + " is in the way");
}

PackageFolder::~PackageFolder() {
  while (!parts_.empty()) parts_.pop_back();  // a folder after what is in it
}

// The folder `path` within this one, and those above it.
void PackageFolder::MakeFolders(const fs::path& path) {
  fs::path folder = temporary_;
  for (const fs::path& part : path) {
    folder /= part;
    std::error_code error;
    parts_.emplace_back(Temporary::Kind::kFolder)
        .Make(folder.native(),
              [&](const std::string& each) { return fs::create_directory(each, error); });
    if (error) FailToCreate(target_ / path, error.message());
  }
}

// Where to write the file `path`.
fs::path PackageFolder::Place(const fs::path& path) {
  MakeFolders(path.parent_path());
  files_.push_back(path);
  fs::path place = temporary_ / path;
  // Known before it is there: nothing else can have that name in this folder.
  parts_.emplace_back().Make(place.native(), [](const std::string&) { return true; });
  return place;
}

void PackageFolder::Write(const fs::path& path, std::string_view text) {
  AtomicFile file(Place(path), AtomicFile::Opened::kHere, target_ / path);
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
  const auto file = base::MappedFile::Open(source);
  AtomicFile copy(Place(path), AtomicFile::Opened::kHere, target_ / path);
  copy.Write(file->bytes());
  file->CheckUnchanged();
  copy.Commit();
}

void PackageFolder::Make(const fs::path& path) { MakeFolders(path); }

void PackageFolder::Commit() {
  std::error_code error;
  const fs::file_status old = fs::status(target_, error);
  if (fs::is_directory(old)) fs::permissions(temporary_, old.permissions(), error);
  fs::rename(temporary_, target_, error);  // over an empty folder, too
  if (error) FailToCreate(target_, error.message());
  for (Temporary& part : parts_) part.Release();
}

std::vector<fs::path> PackageFolder::files() const {
  std::vector<fs::path> sorted = files_;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace yoloport::serve
