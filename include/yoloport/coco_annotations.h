// A COCO annotation file, as far as results have to fit it: what it calls images and categories.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace yoloport {

// Copies share what was read.
class CocoAnnotations {
 public:
  // Reads `images` (id, file_name) and `categories` (id, name); annotations are passed over. Throws
  // FileError when the file cannot be read or is not such a document, or a larger one than any data
  // set has.
  static CocoAnnotations Read(const std::filesystem::path& path);

  // The id of the image that is called like this file; nothing where none is. The folders of both
  // only decide between images of the same name. Throws UsageError where they leave several.
  std::optional<std::int64_t> ImageId(std::string_view file) const;

  // The id of the category of that name; nothing where there is none.
  std::optional<std::int64_t> CategoryId(std::string_view name) const;

 private:
  struct Ids;
  explicit CocoAnnotations(std::shared_ptr<const Ids> ids) : ids_(std::move(ids)) {}

  std::shared_ptr<const Ids> ids_;
};

}  // namespace yoloport
