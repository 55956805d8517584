#include "detect_inputs.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "cli.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;

std::string Named(const fs::path& path) { return "'" + Printable(path.native()) + "'"; }

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

std::vector<fs::path> ImagesIn(const fs::path& folder, bool recursive, const fs::path& out_dir) {
  std::vector<fs::path> images;
  const auto skip = fs::directory_options::skip_permission_denied;
  if (recursive) {
    ListImages(fs::recursive_directory_iterator(folder, skip), out_dir, images);
  } else {
    ListImages(fs::directory_iterator(folder, skip), out_dir, images);
  }
  std::sort(images.begin(), images.end());
  return images;
}

// Gives out names under out_dir, each once.
class PictureNames {
 public:
  explicit PictureNames(fs::path out_dir) : out_dir_(std::move(out_dir)) {}

  fs::path Take(fs::path relative) {
    if (!CanWriteImage(relative)) relative.replace_extension(".jpg");
    fs::path name = relative;
    for (int number = 2; !taken_.insert(name.lexically_normal()).second; ++number) {
      const std::string suffix = "-" + std::to_string(number);
      name = relative.parent_path() /
             (relative.stem().native() + suffix + relative.extension().native());
    }
    return out_dir_ / name;
  }

 private:
  fs::path out_dir_;
  std::set<fs::path> taken_;
};

void CheckNothingIsReplaced(const std::vector<Item>& items, const std::vector<fs::path>& protect) {
  std::set<fs::path> inputs;
  for (const Item& item : items) inputs.insert(Canonical(item.image));
  for (const fs::path& path : protect) inputs.insert(Canonical(path));
  for (const Item& item : items) {
    if (!item.picture.empty() && inputs.contains(Canonical(item.picture))) {
      throw UsageError("the picture " + Named(item.picture) + " would replace an input",
                       "choose another --out-dir");
    }
  }
}

}  // namespace

std::vector<Item> CollectInputs(const InputOptions& options, std::vector<std::string>& problems) {
  std::vector<Item> items;
  PictureNames names(options.out_dir);
  const auto add = [&](const fs::path& image, const fs::path& relative) {
    items.push_back({image, options.save ? names.Take(relative) : fs::path()});
  };
  for (const fs::path input : options.inputs) {
    std::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (!fs::exists(status)) {
      problems.push_back(Named(input) + ": no such file or folder");
    } else if (!fs::is_directory(status)) {
      add(input, input.filename());
    } else {
      const auto images = ImagesIn(input, options.recursive, Canonical(options.out_dir));
      if (images.empty()) problems.push_back(Named(input) + ": no images in this folder");
      for (const fs::path& image : images) add(image, image.lexically_relative(input));
    }
  }
  CheckNothingIsReplaced(items, options.protect);
  return items;
}

}  // namespace yoloport::tool
