#include "detect_inputs.h"

#include <glob.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <system_error>
#include <unordered_set>

#include "cli.h"
#include "yoloport/error.h"
#include "yoloport/image.h"
#include "yoloport/video.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;

// The path that all names of a file share, also of one that does not exist yet.
fs::path Canonical(const fs::path& path) {
  std::error_code error;
  fs::path canonical = fs::weakly_canonical(path, error);
  return error ? fs::absolute(path) : canonical;
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
    std::ifstream file(list, std::ios::binary);
    if (!file) return AddProblem(list, std::string("cannot be read: ") + std::strerror(errno));
    inputs_.lists.push_back(list);
    in_list_ = true;
    const std::size_t before = inputs_.items.size() + inputs_.problems.size();
    for (std::string line; std::getline(file, line);) {
      if (line.ends_with('\r')) line.pop_back();
      if (line.empty() || line.front() == '#') continue;
      const bool is_path = !IsAddress(line) && fs::path(line).is_relative();
      Add(is_path ? (list.parent_path() / line).native() : line);
    }
    in_list_ = false;
    if (before == inputs_.items.size() + inputs_.problems.size()) AddProblem(list, "lists nothing");
  }

  void AddImage(const fs::path& path, fs::path name) {
    if (!CanWriteImage(name)) name.replace_extension(".jpg");
    AddItem(InputKind::kImage, path, name);
  }

  void AddItem(InputKind kind, const fs::path& source, const fs::path& name) {
    inputs_.items.push_back({kind, source, names_.Take(name)});
  }

  void AddProblem(const fs::path& input, const std::string& what) {
    inputs_.problems.push_back(Named(input) + ": " + what);
  }

  bool recursive_;
  fs::path out_dir_;
  bool in_list_ = false;
  UniqueNames names_;
  Inputs inputs_;
};

// Where a file is, whatever leads there. Thousands of files lie in few folders.
class Places {
 public:
  std::string Of(const fs::path& path) {
    const fs::path folder = path.parent_path();
    auto known = folders_.find(folder);
    if (known == folders_.end()) {
      known = folders_.emplace(folder, Canonical(folder.empty() ? "." : folder)).first;
    }
    return (known->second / path.filename()).native();
  }

 private:
  std::map<fs::path, fs::path> folders_;
};

}  // namespace

fs::path UniqueNames::Take(const fs::path& wanted) {
  const auto [known, is_new] = taken_.emplace(wanted.lexically_normal().native(), 1);
  if (is_new) return wanted;
  int& number = known->second;  // stays where it is when others are added
  for (;;) {
    fs::path name = wanted.parent_path() / (wanted.stem().native() + "-" +
                                            std::to_string(++number) + wanted.extension().native());
    if (taken_.emplace(name.lexically_normal().native(), 1).second) return name;
  }
}

Inputs CollectInputs(const InputOptions& options) {
  Collector collector(options);
  for (const std::string& input : options.inputs) collector.Add(input);
  return collector.Take();
}

void CheckNothingIsReplaced(const Inputs& inputs, const std::vector<fs::path>& others,
                            const std::vector<OutputFile>& outputs) {
  Places places;
  std::unordered_set<std::string> read;
  const auto add = [&](const fs::path& path) {
    read.insert(places.Of(path));
    std::error_code error;
    if (fs::is_symlink(path, error)) read.insert(Canonical(path).native());
  };
  for (const Item& item : inputs.items) {
    if (item.kind == InputKind::kImage || item.kind == InputKind::kVideo) add(item.source);
  }
  for (const fs::path& path : inputs.lists) add(path);
  for (const fs::path& path : others) add(path);
  for (const OutputFile& output : outputs) {
    if (!read.contains(places.Of(output.path))) continue;
    throw UsageError(output.what + " " + Named(output.path) + " would replace an input",
                     "choose another name or --out-dir");
  }
}

}  // namespace yoloport::tool
