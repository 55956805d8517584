#include "detect_inputs.h"

#include <glob.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "cli.h"
#include "text_file.h"
#include "yoloport/error.h"
#include "yoloport/image.h"
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
  for (int i = 0; i < kMostLinks; ++i) {
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

template <typename Iterator>
void ListImages(Iterator at, const fs::path& out_dir, std::vector<fs::path>& images) {
  for (std::error_code error; at != Iterator(); at.increment(error)) {
    std::error_code ignored;
    if constexpr (std::is_same_v<Iterator, fs::recursive_directory_iterator>) {
      if (at->is_directory(ignored) && Canonical(at->path()) == out_dir) {
        at.disable_recursion_pending();
      }
    }
    if (!at->is_directory(ignored) && HasImageExtension(at->path())) images.push_back(at->path());
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
      AddPath(input, fs::is_directory(status));
    } else if (IsCamera(input)) {
      AddItem(InputKind::kCamera, input, "camera" + input + ".mp4");
    } else if (IsAddress(input)) {
      AddItem(InputKind::kStream, input, NameOfAddress(input));
    } else if (input.find_first_of("*?[") != std::string::npos) {
      AddGlob(input);
    } else {
      AddProblem(input, "no such file or folder");
    }
  }

  Inputs Take() { return std::move(inputs_); }

 private:
  void AddPath(const fs::path& path, bool is_folder) {
    if (is_folder) {
      AddFolder(path);
    } else if (path.extension() == ".txt") {
      AddList(path);
    } else if (HasVideoExtension(path)) {
      AddItem(InputKind::kVideo, path, path.filename().replace_extension(".mp4"));
    } else {
      AddImage(path, path.filename());
    }
  }

  void AddFolder(const fs::path& folder) {
    std::vector<fs::path> images;
    const auto skip = fs::directory_options::skip_permission_denied;
    std::error_code error;
    if (recursive_) {
      ListImages(fs::recursive_directory_iterator(folder, skip, error), out_dir_, images);
    } else {
      ListImages(fs::directory_iterator(folder, skip, error), out_dir_, images);
    }
    if (error) return AddProblem(folder, "cannot be read: " + error.message());
    if (images.empty()) return AddProblem(folder, "no images in this folder");
    std::sort(images.begin(), images.end());
    for (const fs::path& image : images) AddImage(image, image.lexically_relative(folder));
  }

  void AddGlob(const std::string& pattern) {
    if (in_list_ && ++list_patterns_ > kMaxListPatterns) return;  // AddList() says so
    ::glob_t found = {};
    if (::glob(pattern.c_str(), 0, nullptr, &found) != 0) {
      AddProblem(pattern, "no file matches");
    }
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code error;
      AddPath(found.gl_pathv[i], fs::is_directory(found.gl_pathv[i], error));
    }
    ::globfree(&found);
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
    const std::size_t before = inputs_.items.size() + inputs_.problems.size();
    for (const std::string& line : lines) {
      if (line.empty() || line.front() == '#') continue;
      const bool is_path = !IsAddress(line) && fs::path(line).is_relative();
      Add(is_path ? (list.parent_path() / line).native() : line);
    }
    in_list_ = false;
    if (list_patterns_ > kMaxListPatterns) {
      AddProblem(list, "has " + std::to_string(list_patterns_) + " patterns; only the first " +
                           std::to_string(kMaxListPatterns) + " were searched");
    }
    if (before == inputs_.items.size() + inputs_.problems.size()) AddProblem(list, "lists nothing");
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

}  // namespace

Inputs CollectInputs(const InputOptions& options) {
  Collector collector(options);
  for (const std::string& input : options.inputs) collector.Add(input);
  return collector.Take();
}

void CheckNothingIsReplaced(const Inputs& inputs, const std::vector<fs::path>& others,
                            const std::vector<OutputFile>& outputs) {
  Places places;
  TakenNames read;
  const auto add = [&](const fs::path& path) {
    read.Add(places.Of(path), Naming::kFile);
    std::error_code error;
    if (fs::is_symlink(path, error)) read.Add(Canonical(path), Naming::kFile);
  };
  for (const Item& item : inputs.items) {
    if (item.kind == InputKind::kImage || item.kind == InputKind::kVideo) add(item.source);
  }
  for (const fs::path& path : inputs.lists) add(path);
  for (const fs::path& path : others) add(path);
  TakenNames written;
  for (const OutputFile& output : outputs) {
    std::error_code error;
    // What a link points to is replaced.
    const bool is_link = fs::is_symlink(output.path, error);
    const fs::path place = is_link ? Canonical(output.path) : places.Of(output.path);
    const std::string named = output.what + " " + Named(output.path);
    if (read.Has(place, output.naming)) {
      throw UsageError(named + " would replace an input", "choose another name or --out-dir");
    }
    if (written.Has(place, output.naming)) {
      throw UsageError(named + " is also the name of another output",
                       "choose another name or --out-dir");
    }
    written.Add(place, output.naming);
  }
}

}  // namespace yoloport::tool
