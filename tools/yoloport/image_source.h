// The images of `yoloport detect` on their way through the stream.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "detect_inputs.h"
#include "yoloport/coco_annotations.h"
#include "yoloport/results.h"
#include "yoloport/stream.h"
#include "yoloport/video.h"

namespace yoloport::tool {

// What is done with every image.
struct Treatment {
  std::vector<std::string> classes;
  std::vector<Rgb> palette;
  DrawOptions drawing = {};
  std::vector<bool> wanted;        // by label; empty: all classes
  std::size_t max_detections = 0;  // of an image; 0: all
  std::filesystem::path out_dir;   // of annotated pictures; empty: none are written
  bool show = false;               // annotated images are kept to be shown
  Orientation orientation = Orientation::kUpright;  // of image files
  std::optional<CocoAnnotations> annotations;       // whose ids results have
  bool prints_results = false;  // on stdout: nothing is to be done when nobody reads it any more

  bool draws() const { return show || !out_dir.empty(); }
};

// An image, or a frame of a video.
class Job final : public StreamImage {
 public:
  Job(const Item& source, std::size_t number, const Treatment& what)
      : item(source), index(number), treatment_(what) {}

  Image Load() override;
  void Finish() override;  // draws; writes pictures; keeps frames that the caller is to write

  ImageResult Result() const;

  const Item& item;
  std::size_t index;               // of the item
  std::optional<VideoInfo> video;  // of a frame
  std::int64_t frame = -1;         // from 0; those that were dropped count
  bool is_live = false;            // the frames of its source that were not the newest are dropped
  double time = 0;                 // of the frame, in seconds from the video's begin
  Image pixels;                    // of a frame, to be loaded
  std::exception_ptr failure;      // of the source, to be thrown by Load()
  int width = 0;                   // pixels
  int height = 0;
  double read_time = 0;  // milliseconds that a frame took to read
  double draw_time = 0;
  double write_time = 0;

 private:
  const Treatment& treatment_;
};

// Hands out the images and frames of all items in order, but for those that `done` says are done
// (by their place in `items`; empty: none is). An item that cannot be read, or not
// to its end, gives a job with a failure and is left. Of `video` all counts but its `stop`.
class ImageSource {
 public:
  ImageSource(const std::vector<Item>& items, const Treatment& treatment,
              const std::vector<bool>& done, VideoOptions video)
      : items_(items), treatment_(treatment), done_(done), video_options_(std::move(video)) {}

  // Nothing at the end, and when the user has interrupted.
  std::unique_ptr<Job> Next();

  // Next() gives no more, also one that waits for a frame right now. From any thread.
  void Stop() { stopped_ = true; }

 private:
  std::unique_ptr<Job> NextFrame(const Item& item);
  VideoReader Open(const Item& item) const;
  bool IsStopped() const;

  const std::vector<Item>& items_;
  const Treatment& treatment_;
  const std::vector<bool>& done_;
  const VideoOptions video_options_;
  std::atomic<bool> stopped_ = false;
  std::size_t at_ = 0;
  std::optional<VideoReader> video_;  // of items_[at_]
};

// Milliseconds since then.
double MillisecondsSince(std::chrono::steady_clock::time_point start);

}  // namespace yoloport::tool
