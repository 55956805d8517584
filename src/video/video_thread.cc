#include "video/video_thread.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <utility>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::video {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPoll = std::chrono::milliseconds(50);    // how often options.stop is asked
constexpr auto kGrace = std::chrono::milliseconds(300);  // for a thread to close its video

std::string SecondsText(double seconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g s", seconds);
  return text;
}

}  // namespace

// Outlives the reader when the thread is left behind.
struct VideoThread::Shared {
  // Runs `action` for whoever waits, without the lock: it may block.
  template <typename Action>
  void Answer(const Action& action) {
    Frame made;
    std::exception_ptr failure;
    try {
      made = action();
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    frame = std::move(made);
    error = std::move(failure);
    is_wanted = false;
    changed.notify_all();
  }

  bool WaitForQuestion() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_wanted || is_closed; });
    return !is_closed;
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool is_wanted = true;   // somebody waits for an answer; the first one is that it is open
  bool is_closed = false;  // nobody will ask again
  bool has_ended = false;
  VideoInfo info;  // written before the first answer
  Frame frame;
  std::exception_ptr error;
};

void VideoThread::Run(const std::shared_ptr<Shared>& shared, const Open& open) {
  {
    OpenedVideo video;  // closing it may block, too
    shared->Answer([&] {
      open(video);
      shared->info = video.info;
      return Frame();
    });
    while (shared->WaitForQuestion()) shared->Answer([&] { return video.read(); });
  }
  const std::lock_guard lock(shared->mutex);
  shared->has_ended = true;
  shared->changed.notify_all();
}

VideoThread::VideoThread(std::string name, Kind kind, Open open, VideoOptions options)
    : name_(std::move(name)),
      kind_(kind),
      options_(std::move(options)),
      shared_(std::make_shared<Shared>()),
      thread_([shared = shared_, open = std::move(open)] { Run(shared, open); }) {
  try {
    std::unique_lock lock(shared_->mutex);
    if (!WaitForAnswer(lock))
      throw ImageError(base::Quote(name_) + ": stopped while it was opened");
    if (shared_->error) std::rethrow_exception(std::exchange(shared_->error, nullptr));
    info_ = shared_->info;
    is_open_ = true;
  } catch (...) {
    Close();
    throw;
  }
}

VideoThread::~VideoThread() { Close(); }

void VideoThread::Close() {
  std::unique_lock lock(shared_->mutex);
  shared_->is_closed = true;
  shared_->changed.notify_all();
  const bool ended = shared_->changed.wait_for(lock, kGrace, [&] { return shared_->has_ended; });
  lock.unlock();
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

Frame VideoThread::Read() {
  std::unique_lock lock(shared_->mutex);
  shared_->is_wanted = true;
  shared_->changed.notify_all();
  if (!WaitForAnswer(lock)) return {};
  if (shared_->error) std::rethrow_exception(std::exchange(shared_->error, nullptr));
  ++frames_;
  return std::move(shared_->frame);
}

// False when options.stop has ended the wait.
bool VideoThread::WaitForAnswer(std::unique_lock<std::mutex>& lock) const {
  const auto deadline = Clock::now() + std::chrono::duration<double>(options_.timeout);
  while (!shared_->changed.wait_for(lock, kPoll, [&] { return !shared_->is_wanted; })) {
    if (options_.stop && options_.stop()) return false;
    if (kind_ == Kind::kLive && Clock::now() >= deadline) FailSilent();
  }
  return true;
}

void VideoThread::FailSilent() const {
  const std::string wait = SecondsText(options_.timeout);
  throw ImageError(
      base::Quote(name_) +
          (is_open_ ? ": sent no frame for " + wait + ", after " + std::to_string(frames_) +
                          (frames_ == 1 ? " frame" : " frames")
                    : ": cannot be opened: no frame came within " + wait),
      "a larger --timeout waits longer");
}

}  // namespace yoloport::video
