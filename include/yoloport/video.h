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
#include <functional>
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

inline constexpr double kShortestTimeout = 0.1;   // seconds
inline constexpr double kLongestTimeout = 86400;  // a day

struct VideoOptions {
  // Seconds that a camera or an address may take to open, and to send the next frame.
  double timeout = 10;
  // Of a live source - a camera, or an address that states no length - every frame, too, however
  // late. Otherwise it is decoded as quickly as it sends, and Read() gives the newest frame.
  bool every_frame = false;
  // Asked several times a second while somebody waits for a frame; true ends the wait.
  std::function<bool()> stop = {};
};

// A video that is being read, turned as its metadata say. Not thread-safe. A source that blocks
// costs a thread, which is left behind until the source answers or the process ends.
class VideoReader {
 public:
  // A file, or an address that FFmpeg knows ("rtsp://..."). Throws FileError when there is no such
  // file, UsageError for options out of range, ImageError when it cannot be decoded, has no frames,
  // is silent for too long or was stopped.
  explicit VideoReader(const std::string& source, const VideoOptions& options = {});
  // The camera of that number. Throws ImageError and UsageError, too.
  explicit VideoReader(int camera, const VideoOptions& options = {});
  VideoReader(VideoReader&&) noexcept;
  VideoReader& operator=(VideoReader&&) noexcept;
  ~VideoReader();

  const VideoInfo& info() const;

  // The next frame; one without pixels at the end, and when VideoOptions::stop ended the wait.
  // Throws ImageError when the frames change size, when a video ends before the length that it
  // states, when a camera or an address that states none ends at all, and when it is silent for too
  // long.
  Image Read();

  // Of the frame that was read last: seconds from the begin, to a microsecond, as the video itself
  // states them. Frames without a time of their own follow the one before by 1 / rate.
  double time() const;
  // Its number from 0, among all that the source has sent: the numbers of a live source have gaps
  // where frames were passed over for newer ones.
  std::int64_t number() const;

  // Whether frames are passed over when others have come since.
  bool drops() const;

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
