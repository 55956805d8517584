// A video that is opened and read on a thread of its own: FFmpeg and V4L2 block for as long as the
// other side is silent, and nothing can end such a call from outside. Whoever reads here can stop
// waiting at any time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "video/videos_library.h"
#include "yoloport/video.h"

namespace yoloport::video {

class VideoThread {
 public:
  using Open = std::function<void(OpenedVideo&)>;
  enum class Kind { kFile, kLive };  // a live source is silent for options.timeout at most

  // Returns when `open` does; throws what it throws. `name` is for messages. Throws ImageError when
  // nothing comes in time, and when options.stop ends the wait.
  VideoThread(std::string name, Kind kind, Open open, VideoOptions options);
  // A thread that is still blocked is left behind: it ends, and closes the video, once the blocked
  // call returns.
  ~VideoThread();
  VideoThread(const VideoThread&) = delete;
  VideoThread& operator=(const VideoThread&) = delete;

  const VideoInfo& info() const { return info_; }

  // As VideoReader::Read(). After an error the next call goes on waiting for the same frame.
  Frame Read();

 private:
  struct Shared;

  void Close();
  static void Run(const std::shared_ptr<Shared>& shared, const Open& open);
  bool WaitForAnswer(std::unique_lock<std::mutex>& lock) const;
  [[noreturn]] void FailSilent() const;

  const std::string name_;
  const Kind kind_;
  const VideoOptions options_;
  VideoInfo info_;
  bool is_open_ = false;
  std::int64_t frames_ = 0;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace yoloport::video
