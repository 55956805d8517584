// Videos, cameras and streams, frame by frame, and windows.
//
// FFmpeg prints to stderr when something is wrong with a video; a program that does not want that
// sets OPENCV_FFMPEG_LOGLEVEL=-8 in its environment before it opens the first one.
//
// Videos are a module of their own, and windows another: constructors throw RuntimeError when that
// cannot be loaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "yoloport/image.h"

namespace yoloport {

struct VideoInfo {
  int width = 0;  // pixels
  int height = 0;
  double rate = 0;          // frames a second; where the source does not say, 25
  std::int64_t frames = 0;  // as an .mp4, .m4v, .mov or .avi file states; 0: not known
};

// A video that is being read, turned as its metadata say. Not thread-safe.
class VideoReader {
 public:
  // A file, or an address that FFmpeg knows ("rtsp://..."). Throws FileError when there is no such
  // file, ImageError when it cannot be decoded or has no frames.
  explicit VideoReader(const std::string& source);
  // The camera of that number. Throws ImageError.
  explicit VideoReader(int camera);
  VideoReader(VideoReader&&) noexcept;
  VideoReader& operator=(VideoReader&&) noexcept;
  ~VideoReader();

  const VideoInfo& info() const;

  // The next frame; one without pixels at the end. Throws ImageError when the frames change size,
  // and when a file ends although it says that it has more frames.
  Image Read();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A video that is being written: MPEG-4 with H.264 where this machine's FFmpeg can encode that,
// else MPEG-4 Part 2. It appears whole, in Commit(), or not at all. Not thread-safe.
class VideoWriter {
 public:
  // `path` ends in .mp4. Throws FileError, or ImageError when there is no encoder.
  VideoWriter(const std::filesystem::path& path, int width, int height, double rate);
  VideoWriter(VideoWriter&&) noexcept;
  VideoWriter& operator=(VideoWriter&&) noexcept;
  ~VideoWriter();

  // Throws UsageError for an image of another size.
  void Write(const Image& frame);
  // Throws FileError when not all frames have reached the disk.
  void Commit();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether the name ends like a video's (".mp4", ".AVI" ...).
bool HasVideoExtension(const std::filesystem::path& path);

// A window on the screen. All its functions must be called on the main thread.
class Window {
 public:
  enum class Key { kNone, kNext, kPause, kQuit };

  // Throws RuntimeError when there is no display.
  explicit Window(const std::string& title);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  void Show(const Image& image);
  // Waits so long, at most, for one of the keys: space, right or enter (kNext), p (kPause), q or
  // escape or the window's being closed (kQuit).
  Key Wait(int milliseconds);

 private:
  std::string title_;
};

}  // namespace yoloport
