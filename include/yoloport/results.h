// Results for machines; docs/detect.md spells the formats out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yoloport/coco_annotations.h"
#include "yoloport/types.h"

namespace yoloport {

// What was found in one image, or in one frame of a video.
struct ImageResult {
  std::string image;  // its path, as the caller names it
  int width = 0;      // pixels
  int height = 0;
  std::vector<Detection> detections;
  std::int64_t frame = -1;  // of a video, from 0; -1: it is an image
  double time = 0;          // of the frame, in seconds from the video's begin
};

// One line of JSON, without a line end:
// {"image":"a.jpg","width":640,"height":480,"detections":[{"label":0,"class":"person","score":0.5,
// "box":[x1,y1,x2,y2]}]}; for a frame also "frame":0,"time":0.0 after the height. Numbers are the
// shortest that read back as the same 32-bit float. Bytes of the path that are no UTF-8 become
// U+FFFD, and "image_escaped" at the end has the path percent-encoded. Throws UsageError, as all
// below do, for a detection that is NaN, infinite, beyond 1e15 or of a negative label; a Detector
// gives none.
std::string JsonLine(const ImageResult& result, std::span<const std::string> classes);

enum class ResultFormat {
  kJsonLines,  // JsonLine()s
  kCoco,       // one JSON document as COCO's annotation files
  kCsv,        // a line for each detection
};

// A file of results that appears whole, in Commit(), or not at all. What it keeps in memory does
// not grow with the number of results. Everything throws FileError.
class ResultFile {
 public:
  ResultFile(ResultFormat format, const std::filesystem::path& path,
             std::vector<std::string> classes);
  // COCO's list of results, as pycocotools' loadRes() reads it, with the ids that an annotation
  // file gives: [{"image_id":139,"category_id":1,"bbox":[x,y,width,height],"score":0.5}, ...]. What
  // is found in images that the file does not have, and of classes that it does not have, is left
  // out.
  ResultFile(const CocoAnnotations& annotations, const std::filesystem::path& path,
             const std::vector<std::string>& classes);
  ~ResultFile();
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;

  void Add(const ImageResult& result);
  void Commit();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// YOLO's text of one image: a line "label x y width height score" for each detection, the box by
// its centre and extent in fractions of the image's. The file appears whole or not at all.
void WriteYoloFile(const ImageResult& result, const std::filesystem::path& path);

// Writes a file that appears whole or not at all. Throws FileError.
void WriteText(std::string_view text, const std::filesystem::path& path);

}  // namespace yoloport
