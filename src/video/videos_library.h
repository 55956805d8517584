// What libyoloport_videos.so gives to video.cc: OpenCV's videos, which load FFmpeg and GStreamer.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "yoloport/video.h"

namespace yoloport::video {

inline constexpr const char* kVideosLibrary = "libyoloport_videos.so";

// A video by its address, not a file.
inline bool IsAddress(const std::string& source) { return source.find("://") != std::string::npos; }

struct Frame {
  Image image;
  double time = 0;  // seconds from the video's begin
};

// As VideoReader: its frames, and what they are.
struct OpenedVideo {
  VideoInfo info;
  bool is_live = false;         // a camera, or an address that states no length
  std::function<Frame()> read;  // owns the decoder
};
// An address that sends nothing for longer than `timeout` seconds is given up, a little later.
extern "C" void YoloportOpenVideo(const std::string& source, double timeout, OpenedVideo& video);
extern "C" void YoloportOpenCamera(int camera, OpenedVideo& video);

// As VideoWriter, but into `path`, which is there and empty; messages call it `name`. Both
// functions own the encoder. Temporary files are the caller's: this library has variables of its
// own, and RemoveTemporaries() would not know of them.
struct StartedVideo {
  std::function<void(const Image&)> write;
  std::function<void()> finish;
};
extern "C" void YoloportStartVideo(const std::string& name, const std::filesystem::path& path,
                                   int width, int height, double rate, StartedVideo& video);

}  // namespace yoloport::video
