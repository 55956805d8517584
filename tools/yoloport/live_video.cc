#include "live_video.h"

#include <algorithm>
#include <cmath>

namespace yoloport::tool {

LiveVideo::LiveVideo(const std::filesystem::path& path, int width, int height, double rate,
                     double longest_gap)
    : writer_(path, width, height, rate), rate_(rate), longest_gap_(longest_gap) {}

void LiveVideo::Write(const Image& frame, double seconds) {
  left_out_ += std::max(0.0, seconds - last_seconds_ - longest_gap_);
  last_seconds_ = seconds;
  const auto place = std::llround((seconds - left_out_) * rate_);
  if (written_ > 0) {
    for (; written_ < place; ++written_) writer_.Write(last_);
    if (place < written_) return;
  }
  writer_.Write(frame);
  ++written_;
  last_ = frame.Clone();
}

void LiveVideo::Commit() { writer_.Commit(); }

}  // namespace yoloport::tool
