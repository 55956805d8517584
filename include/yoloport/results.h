// Results for machines.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "yoloport/types.h"

namespace yoloport {

// What was found in one image.
struct ImageResult {
  std::string image;  // its path, as the caller names it
  int width = 0;      // pixels
  int height = 0;
  std::vector<Detection> detections;
};

// One line of JSON, without a line end:
// {"image":"a.jpg","width":640,"height":480,"detections":[{"label":0,"class":"person","score":0.5,
// "box":[x1,y1,x2,y2]}]}. Numbers are the shortest that read back as the same 32-bit float; bytes
// of the path that are no UTF-8 become U+FFFD.
std::string JsonLine(const ImageResult& result, std::span<const std::string> classes);

// A file of such lines that appears whole, in Commit(), or not at all. Throws FileError.
class JsonLinesFile {
 public:
  explicit JsonLinesFile(const std::filesystem::path& path);
  ~JsonLinesFile();
  JsonLinesFile(const JsonLinesFile&) = delete;
  JsonLinesFile& operator=(const JsonLinesFile&) = delete;

  void Add(const ImageResult& result, std::span<const std::string> classes);
  void Commit();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yoloport
