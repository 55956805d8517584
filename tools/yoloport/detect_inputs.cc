#include "detect_inputs.h"

#include <dirent.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli.h"
#include "text_file.h"
#include "yoloport/error.h"
#include "yoloport/image.h"
#include "yoloport/limits.h"
#include "yoloport/video.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;

// Each may search many folders, and a list has room for a hundred thousand.
constexpr int kMaxListPatterns = 100;

// The path that all names of a file share, also of one that does not exist yet, and behind links to
// one.
fs::path Canonical(fs::path path) {
  constexpr int kMostLinks = 40;  // as the system counts
  std::error_code error;
  for (int i = 0; i < kMostLinks && !path.empty(); ++i) {
    // Of a relative path that does not exist, weakly_canonical() gives a relative one.
    path = fs::absolute(path);
    const fs::path place = fs::weakly_canonical(path, error);
    if (error) break;
    path = place;
    const fs::path to = fs::read_symlink(path, error);  // which leads to what is not there
    if (error) break;
    path = path.parent_path() / to;
  }
  return path;
}

// The command line's own inputs.
constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

// How many files and folders may still be looked at.
class Budget {
 public:
  explicit Budget(std::int64_t left) : left_(left) {}
  bool Spend(std::int64_t count = 1) {
    left_ -= std::min(left_, count);
    return !is_spent();
  }
  bool is_spent() const { return left_ == 0; }

 private:
  std::int64_t left_;
};

// ::glob() within a budget: when that is spent, there seem to be no more files.
class BudgetedGlob {
 public:
  BudgetedGlob(const std::string& pattern, Budget& budget) {
    budget_ = &budget;
    found_.gl_opendir = Open;
    found_.gl_readdir = Read;
    found_.gl_closedir = Close;
    found_.gl_stat = [](const char* path, struct stat* info) {
      return budget_->Spend(PriceOf(path)) ? ::stat(path, info) : GiveUp();
    };
    found_.gl_lstat = [](const char* path, struct stat* info) {
      return budget_->Spend(PriceOf(path)) ? ::lstat(path, info) : GiveUp();
    };
    // It goes deeper for each folder of the pattern.
    if (pattern.size() < PATH_MAX) ::glob(pattern.c_str(), GLOB_ALTDIRFUNC, nullptr, &found_);
  }
  ~BudgetedGlob() { ::globfree(&found_); }
  BudgetedGlob(const BudgetedGlob&) = delete;
  BudgetedGlob& operator=(const BudgetedGlob&) = delete;

  std::span<char*> paths() const { return {found_.gl_pathv, found_.gl_pathc}; }

 private:
  struct Folder {
    DIR* opened;
    std::int64_t price;  // of an entry, whose whole path is kept
  };

  static int GiveUp() {
    errno = ENOENT;
    return -1;
  }
  // Long ones take the system longer, and are kept.
  static std::int64_t PriceOf(const char* path) {
    constexpr std::size_t kOrdinary = 64;  // bytes
    return 1 + static_cast<std::int64_t>(std::strlen(path) / kOrdinary);
  }
  static void* Open(const char* path) {
    const std::int64_t price = PriceOf(path);
    if (!budget_->Spend(price)) {
      GiveUp();
      return nullptr;
    }
    DIR* opened = ::opendir(path);
    if (opened == nullptr) return nullptr;
    auto* folder = new (std::nothrow) Folder{opened, price};  // no exceptions through glob()
    if (folder == nullptr) ::closedir(opened);
    return folder;
  }
  static dirent* Read(void* folder) {
    const auto* from = static_cast<Folder*>(folder);
    return budget_->Spend(from->price) ? ::readdir(from->opened) : nullptr;
  }
  static void Close(void* folder) {
    const std::unique_ptr<Folder> from(static_cast<Folder*>(folder));
    ::closedir(from->opened);
  }

  // The functions that glob() calls are told nothing else.
  static thread_local Budget* budget_;
  ::glob_t found_ = {};
};

thread_local Budget* BudgetedGlob::budget_ = nullptr;

// What macOS writes beside a file on disks of others: "._a.jpg" beside "a.jpg", which is no
// picture.
bool IsAppleDouble(const fs::path& path) {
  std::error_code ignored;
  if (!path.filename().native().starts_with("._") || !fs::is_regular_file(path, ignored)) {
    return false;
  }
  constexpr std::string_view kMagic("\x00\x05\x16\x07", 4);
  std::array<char, kMagic.size()> begin = {};
  std::ifstream file(path, std::ios::binary);
  return file.read(begin.data(), begin.size()) && std::string_view(begin.data(), 4) == kMagic;
}

// `skipped`: how many AppleDouble files were.
template <typename Iterator>
void ListImages(Iterator at, const fs::path& out_dir, Budget& budget, std::vector<fs::path>& images,
                std::size_t& skipped) {
  for (std::error_code error; at != Iterator() && budget.Spend(); at.increment(error)) {
    std::error_code ignored;
    if constexpr (std::is_same_v<Iterator, fs::recursive_directory_iterator>) {
      const bool may_be_out_dir = at->path().filename() == out_dir.filename();
      if (may_be_out_dir && at->is_directory(ignored) && Canonical(at->path()) == out_dir) {
        at.disable_recursion_pending();
      }
    }
    if (at->is_directory(ignored) || !HasImageExtension(at->path())) continue;
    if (IsAppleDouble(at->path())) {
      ++skipped;
    } else {
      images.push_back(at->path());
    }
  }
}

bool IsCamera(const std::string& input) {
  return !input.empty() && input.size() <= 4 &&
         std::all_of(input.begin(), input.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsAddress(const std::string& input) { return input.find("://") != std::string::npos; }

// A name for the video of an address: letters and digits of it.
std::string NameOfAddress(const std::string& address) {
  std::string name = address.substr(address.find("://") + 3);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-') c = '_';
  }
  constexpr std::size_t kLongest = 100;
  return name.substr(0, kLongest) + ".mp4";
}

class Collector {
 public:
  explicit Collector(const InputOptions& options)
      : recursive_(options.recursive), out_dir_(Canonical(options.out_dir)) {}

  void Add(const std::string& input) {
    std::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (fs::exists(status)) {
      AddPath(input, status);
    } else if (IsCamera(input)) {
      AddSource(InputKind::kCamera, input, "camera" + input + ".mp4");
    } else if (IsAddress(input)) {
      AddSource(InputKind::kStream, input, NameOfAddress(input));
    } else if (input.find_first_of("*?[") != std::string::npos) {
      AddGlob(input);
    } else {
      AddProblem(input, "no such file or folder");
    }
  }

  Inputs Take() { return std::move(inputs_); }

 private:
  void AddPath(const fs::path& path, fs::file_status status) {
    if (fs::is_directory(status)) {
      AddFolder(path);
    } else if (path.extension() == ".txt") {
      AddList(path);
    } else if (HasVideoExtension(path)) {
      AddItem(InputKind::kVideo, path, path.filename().replace_extension(".mp4"));
    } else if (in_list_ && fs::exists(status) && !fs::is_regular_file(status)) {
      // Told here: a list may name a device a hundred thousand times.
      AddProblem(path, "cannot be read: it is not a regular file");
    } else {
      AddImage(path, path.filename());
    }
  }

  void AddSource(InputKind kind, const std::string& source, const fs::path& name) {
    if (in_list_ && ++list_sources_ > kMaxListSources) return;  // AddList() says so
    AddItem(kind, source, name);
  }

  void AddFolder(const fs::path& folder) {
    constexpr std::int64_t kPrice = 4;  // of opening one, as of so many names in it
    budget_.Spend(kPrice);
    std::vector<fs::path> images;
    const auto skip = fs::directory_options::skip_permission_denied;
    std::error_code error;
    if (recursive_) {
      ListImages(fs::recursive_directory_iterator(folder, skip, error), out_dir_, budget_, images,
                 inputs_.skipped);
    } else {
      ListImages(fs::directory_iterator(folder, skip, error), out_dir_, budget_, images,
                 inputs_.skipped);
    }
    if (error) return AddProblem(folder, "cannot be read: " + error.message());
    if (budget_.is_spent()) return;  // AddList() says so
    if (images.empty()) return AddProblem(folder, "no images in this folder");
    std::sort(images.begin(), images.end());
    for (const fs::path& image : images) AddImage(image, image.lexically_relative(folder));
  }

  void AddGlob(const std::string& pattern) {
    if (in_list_ && ++list_patterns_ > kMaxListPatterns) return;  // AddList() says so
    const BudgetedGlob found(pattern, budget_);
    if (budget_.is_spent()) return;  // AddList() says so
    if (found.paths().empty()) AddProblem(pattern, "no file matches");
    for (const char* path : found.paths()) {
      std::error_code error;
      if (IsAppleDouble(path)) {
        ++inputs_.skipped;
      } else {
        AddPath(path, fs::status(path, error));
      }
    }
  }

  void AddList(const fs::path& list) {
    if (in_list_) return AddProblem(list, "a list in a list is not read");
    std::vector<std::string> lines;
    try {
      lines = ReadLines(list);
    } catch (const FileError& error) {
      inputs_.problems.push_back(error.message());
      return;
    }
    inputs_.lists.push_back(list);
    in_list_ = true;
    list_patterns_ = 0;
    list_sources_ = 0;
    budget_ = Budget(kMaxListEntries);
    const std::size_t before = inputs_.items.size() + inputs_.problems.size();
    for (const std::string& line : lines) {
      if (line.empty() || line.front() == '#') continue;
      Add(InputOf(line, list.parent_path()));
      if (budget_.is_spent()) {
        AddProblem(line, "is too much to look for: at " + std::to_string(kMaxListEntries) +
                             " files and folders " + Named(list) + " is left");
        break;
      }
    }
    in_list_ = false;
    budget_ = Budget(kNoEnd);
    if (list_patterns_ > kMaxListPatterns) {
      AddProblem(list, "has " + std::to_string(list_patterns_) + " patterns; only the first " +
                           std::to_string(kMaxListPatterns) + " were searched");
    }
    if (list_sources_ > kMaxListSources) {
      AddProblem(list, "has " + std::to_string(list_sources_) +
                           " addresses and cameras; only the first " +
                           std::to_string(kMaxListSources) + " are opened: make several lists");
    }
    if (before == inputs_.items.size() + inputs_.problems.size()) AddProblem(list, "lists nothing");
  }

  // What a line of a list in `folder` means: a path as it stands, if there is such a file; else
  // without quotes around it, and from Windows, whose folders are separated by backslashes.
  static std::string InputOf(const std::string& line, const fs::path& folder) {
    const auto path_of = [&](const std::string& text) {
      const bool is_path = !IsAddress(text) && fs::path(text).is_relative();
      return is_path ? (folder / text).native() : text;
    };
    const bool is_quoted = line.size() > 2 && line.front() == line.back() &&
                           (line.front() == '"' || line.front() == '\'');
    std::string bare = is_quoted ? line.substr(1, line.size() - 2) : line;
    std::string slashes = bare;
    std::replace(slashes.begin(), slashes.end(), '\\', '/');
    std::error_code error;
    if (fs::exists(path_of(line), error) || (bare == line && slashes == line)) return path_of(line);
    const bool is_from_windows = slashes != bare && fs::exists(path_of(slashes), error);
    return path_of(is_from_windows ? slashes : bare);
  }

  void AddImage(const fs::path& path, fs::path name) {
    if (!CanWriteImage(name)) name.replace_extension(".jpg");
    AddItem(InputKind::kImage, path, name);
  }

  void AddItem(InputKind kind, const fs::path& source, const fs::path& name) {
    const fs::path picture = pictures_.Take(name);
    const Naming naming = kind == InputKind::kImage ? Naming::kFile : Naming::kFrames;
    const fs::path labels = labels_.Take(fs::path(picture).replace_extension(".txt"), naming);
    inputs_.items.push_back({kind, source, picture, labels});
  }

  void AddProblem(const fs::path& input, const std::string& what) {
    inputs_.problems.push_back(Named(input) + ": " + what);
  }

  bool recursive_;
  fs::path out_dir_;
  bool in_list_ = false;
  int list_patterns_ = 0;  // so far in this list
  int list_sources_ = 0;   // addresses and cameras
  Budget budget_{kNoEnd};
  UniqueNames pictures_;
  UniqueNames labels_;
  Inputs inputs_;
};

// Where a file is, whatever leads there. Thousands of files lie in few folders.
class Places {
 public:
  fs::path Of(const fs::path& path) {
    const fs::path folder = path.parent_path();
    auto known = folders_.find(folder);
    if (known == folders_.end()) {
      known = folders_.emplace(folder, Canonical(folder.empty() ? "." : folder)).first;
    }
    return known->second / path.filename();
  }

 private:
  std::map<fs::path, fs::path> folders_;
};

// Files that have several names: which file it is.
using FileId = std::pair<dev_t, ino_t>;
std::optional<FileId> SharedFile(const fs::path& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink < 2) return {};
  return FileId(info.st_dev, info.st_ino);
}

// What an output is compared with: files by their places, and by what they are.
class ReadFiles {
 public:
  void Add(const fs::path& path) {
    names_.Add(places_.Of(path), Naming::kFile);
    std::error_code error;
    if (fs::is_symlink(path, error)) names_.Add(Canonical(path), Naming::kFile);
    if (const auto shared = SharedFile(path)) shared_.insert(*shared);
  }
  // `place`: of `output`.
  bool Has(const fs::path& place, const OutputFile& output) const {
    if (names_.Has(place, output.naming)) return true;
    if (shared_.empty()) return false;
    const auto shared = SharedFile(output.path);
    return shared && shared_.contains(*shared);
  }

 private:
  Places places_;
  TakenNames names_;
  std::set<FileId> shared_;
};

[[noreturn]] void FailOutput(const OutputFile& output, const char* problem) {
  throw UsageError(
      output.what + " " + Named(output.path) + problem,
      output.what == "--json" ? "choose another name" : "choose another name or --out-dir");
}

}  // namespace

Inputs CollectInputs(const InputOptions& options) {
  Collector collector(options);
  for (const std::string& input : options.inputs) collector.Add(input);
  return collector.Take();
}

void CheckNothingIsReplaced(const Inputs& inputs, const std::vector<fs::path>& others,
                            const std::vector<OutputFile>& outputs) {
  ReadFiles read;
  for (const Item& item : inputs.items) {
    if (item.kind == InputKind::kImage || item.kind == InputKind::kVideo) read.Add(item.source);
  }
  for (const fs::path& path : inputs.lists) read.Add(path);
  for (const fs::path& path : others) read.Add(path);
  Places places;
  TakenNames written;
  std::vector<fs::path> output_places;
  std::set<fs::path> folders;
  for (const OutputFile& output : outputs) {
    std::error_code error;
    // What a link points to is replaced.
    const bool is_link = fs::is_symlink(output.path, error);
    const fs::path place = is_link ? Canonical(output.path) : places.Of(output.path);
    if (read.Has(place, output)) FailOutput(output, " would replace an input");
    if (written.Has(place, output.naming))
      FailOutput(output, " is also the name of another output");
    written.Add(place, output.naming);
    output_places.push_back(place);
    for (fs::path above = place.parent_path(); folders.insert(above).second;) {
      above = above.parent_path();
    }
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!folders.contains(output_places[i])) continue;
    FailOutput(outputs[i], " is also the name of a folder for other outputs");
  }
}

}  // namespace yoloport::tool
