#include "yoloport/coco_annotations.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/mapped_file.h"
#include "base/text.h"
#include "results/limits.h"
#include "yoloport/error.h"

namespace yoloport {

// Of what is called alike, all.
struct CocoAnnotations::Ids {
  struct Image {
    std::string file_name;
    std::int64_t id;
  };
  std::filesystem::path path;
  // By the last component; ordered: names are others'.
  std::map<std::string, std::vector<Image>, std::less<>> images;
  std::map<std::string, std::int64_t, std::less<>> categories;
};

namespace {

using base::Quote;
using nlohmann::json;

// The parts of a path, whether it comes from Windows or not.
std::string_view LastComponent(std::string_view path) {
  return path.substr(path.find_last_of("/\\") + 1);
}

// How many components at the end of two paths are equal.
int EqualComponents(std::string_view a, std::string_view b) {
  int count = 0;
  while (!a.empty() && !b.empty() && LastComponent(a) == LastComponent(b)) {
    ++count;
    a.remove_suffix(std::min(a.size(), LastComponent(a).size() + 1));
    b.remove_suffix(std::min(b.size(), LastComponent(b).size() + 1));
  }
  return count;
}

// An entry of `images` or `categories`.
struct Entry {
  std::optional<std::int64_t> id;
  std::optional<std::string> name;  // or file_name
};

// Takes from the document, as it goes by, the entries of two of its lists: it may be larger than
// the memory there is.
class Handler final : public nlohmann::json_sax<json> {
 public:
  using OnEntry = std::function<void(bool is_image, Entry entry)>;
  explicit Handler(OnEntry on_entry) : on_entry_(std::move(on_entry)) {}

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return true; }
  bool binary(json::binary_t& /*value*/) override { return true; }
  bool number_integer(json::number_integer_t value) override {
    if (IsEntry() && key_ == "id") entry_.id = value;
    return true;
  }
  bool number_unsigned(json::number_unsigned_t value) override {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return value > kMost || number_integer(static_cast<std::int64_t>(value));
  }
  bool string(std::string& value) override {
    if (IsEntry() && key_ == (is_image_ ? "file_name" : "name")) entry_.name = std::move(value);
    return true;
  }
  bool key(std::string& value) override {
    if (depth_ == 1) {
      is_image_ = value == "images";
      is_wanted_ = is_image_ || value == "categories";
      has_images_ = has_images_ || is_image_;
    } else if (IsEntry()) {
      key_ = std::move(value);
    }
    return true;
  }
  bool start_object(std::size_t /*size*/) override {
    is_document_ = is_document_ || depth_ == 0;
    ++depth_;
    return true;
  }
  bool end_object() override {
    if (IsEntry()) on_entry_(is_image_, std::exchange(entry_, {}));
    return end_array();
  }
  bool start_array(std::size_t /*size*/) override {
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    key_.clear();
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const json::exception& /*error*/) override {
    error_at_ = position;
    return false;
  }

  std::optional<std::size_t> error_at() const { return error_at_; }
  bool is_coco() const { return is_document_ && has_images_; }

 private:
  // In an object of one of the lists, but in nothing within it.
  bool IsEntry() const { return is_wanted_ && depth_ == 3; }

  OnEntry on_entry_;
  int depth_ = 0;
  bool is_document_ = false;
  bool has_images_ = false;
  bool is_wanted_ = false;
  bool is_image_ = false;
  std::string key_;
  Entry entry_;
  std::optional<std::size_t> error_at_;
};

}  // namespace

CocoAnnotations CocoAnnotations::Read(const std::filesystem::path& path) {
  const auto file = base::MappedFile::Open(path);
  auto ids = std::make_shared<Ids>();
  ids->path = path;
  const auto fail = [&](const std::string& what) {
    file->CheckUnchanged();  // a better reason for what looks damaged
    throw FileError(Quote(path.native()) + ": " + what,
                    "a file like COCO's instances_val2017.json is needed");
  };
  std::size_t images = 0;
  std::size_t bytes = 0;
  Handler handler([&](bool is_image, Entry entry) {
    const char* list = is_image ? "images" : "categories";
    if (!entry.id || !entry.name) {
      fail(std::string("an entry of '") + list + "' has no whole number 'id' or no text '" +
           (is_image ? "file_name" : "name") + "'");
    }
    bytes += entry.name->size();
    images += is_image ? 1 : 0;
    if (bytes > results::kMaxAnnotatedNameBytes || images > results::kMaxAnnotatedImages ||
        ids->categories.size() >= results::kMaxCategories) {
      fail("is larger than any data set");
    }
    if (!is_image) {
      const auto [known, is_new] = ids->categories.emplace(std::move(*entry.name), *entry.id);
      if (!is_new && known->second != *entry.id) {
        fail("two categories are called " + Quote(known->first));
      }
      return;
    }
    auto& alike = ids->images[std::string(LastComponent(*entry.name))];
    alike.push_back({std::move(*entry.name), *entry.id});
  });
  const std::string_view text = file->text();
  json::sax_parse(text.begin(), text.end(), &handler);
  if (const auto at = handler.error_at()) {
    fail("is not JSON: byte " + std::to_string(*at) + " does not fit what stands before it");
  }
  if (!handler.is_coco()) fail("is not a COCO annotation file: it has no 'images'");
  file->CheckUnchanged();
  return CocoAnnotations(std::move(ids));
}

std::optional<std::int64_t> CocoAnnotations::ImageId(std::string_view file) const {
  const auto found = ids_->images.find(LastComponent(file));
  if (found == ids_->images.end()) return std::nullopt;
  const Ids::Image* best = nullptr;
  const Ids::Image* rival = nullptr;
  int equal = 0;
  for (const Ids::Image& image : found->second) {
    const int components = EqualComponents(image.file_name, file);
    if (components > equal) {
      best = &image;
      rival = nullptr;
      equal = components;
    } else if (components == equal && image.id != best->id) {
      rival = &image;
    }
  }
  if (rival != nullptr) {
    throw UsageError(Quote(file) + ": may be two images of " + Quote(ids_->path.native()) + ": " +
                         Quote(best->file_name) + " (id " + std::to_string(best->id) + ") or " +
                         Quote(rival->file_name) + " (id " + std::to_string(rival->id) + ")",
                     "give its path with the folders that tell them apart");
  }
  return best->id;
}

std::optional<std::int64_t> CocoAnnotations::CategoryId(std::string_view name) const {
  const auto found = ids_->categories.find(name);
  if (found == ids_->categories.end()) return std::nullopt;
  return found->second;
}

}  // namespace yoloport
