// A video of the frames of a live source. Some were dropped, and those that are left come when they
// come; a video has an even rate.
#pragma once

#include <cstdint>

#include "yoloport/video.h"

namespace yoloport::tool {

class LiveVideo {
 public:
  // As VideoWriter. A gap between two frames is shown for `longest_gap` seconds at most.
  LiveVideo(const std::filesystem::path& path, int width, int height, double rate,
            double longest_gap);

  // Until `seconds` from the begin the frame before is shown, and from then on this one. Left out
  // where it comes sooner than the video has a place for it.
  void Write(const Image& frame, double seconds);
  void Commit();

 private:
  VideoWriter writer_;
  const double rate_;
  const double longest_gap_;
  Image last_;
  std::int64_t written_ = 0;
  double left_out_ = 0;  // seconds of gaps that were too long
  double last_seconds_ = 0;
};

}  // namespace yoloport::tool
