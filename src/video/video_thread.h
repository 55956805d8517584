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
  enum class Kind { kFile, kRemote };  // a remote source is silent for options.timeout at most

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

  // Of the frame that was read last: its number from 0, among all that the source has sent.
  std::int64_t number() const { return number_; }
  // Whether it reads ahead, so that Read() gives the newest frame.
  bool drops() const { return drops_; }

 private:
  struct Shared;

  void Close();
  static void Run(const std::shared_ptr<Shared>& shared, const Open& open);
  bool WaitForAnswer(std::unique_lock<std::mutex>& lock) const;
  [[noreturn]] void FailSilent(std::int64_t frames) const;

  const std::string name_;
  const Kind kind_;
  const VideoOptions options_;
  VideoInfo info_;
  bool is_open_ = false;
  bool drops_ = false;
  std::int64_t number_ = -1;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace yoloport::video
