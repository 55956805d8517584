#include "video/video_thread.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <optional>
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
  explicit Shared(bool may_drop) : drops(may_drop) {}

  struct Answer {
    Frame frame;  // without pixels at the end
    std::exception_ptr error;
  };

  // Runs `action`, without the lock: it may block. What it gives replaces an answer that nobody has
  // taken - a frame that is not the newest any more - unless it is the end: that waits its turn.
  template <typename Action>
  void Put(const Action& action) {
    Answer made;
    try {
      made.frame = action();
    } catch (...) {
      made.error = std::current_exception();
    }
    std::unique_lock lock(mutex);
    const bool is_frame = made.frame.image.data() != nullptr;
    if (is_frame) ++frames;
    if (!is_frame) {
      changed.wait(lock, [&] { return !answer || is_closed; });
      runs_ahead = false;
    }
    answer = std::move(made);
    is_wanted = false;
    changed.notify_all();
  }

  bool WaitForQuestion() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_wanted || is_closed || runs_ahead; });
    return !is_closed;
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool drops;               // frames that nobody has asked for, of a live source
  bool is_wanted = true;    // somebody waits for an answer; the first one is that it is open
  bool runs_ahead = false;  // the next frame is read though nobody has asked for it
  bool is_closed = false;   // nobody will ask again
  bool has_ended = false;
  VideoInfo info;           // this and `drops` are written before the first answer
  std::int64_t frames = 0;  // that the source has sent
  std::optional<Answer> answer;
};

void VideoThread::Run(const std::shared_ptr<Shared>& shared, const Open& open) {
  {
    OpenedVideo video;  // closing it may block, too
    shared->Put([&] {
      open(video);
      shared->info = video.info;
      shared->drops = shared->drops && video.is_live;
      return Frame();
    });
    while (shared->WaitForQuestion()) shared->Put([&] { return video.read(); });
  }
  const std::lock_guard lock(shared->mutex);
  shared->has_ended = true;
  shared->changed.notify_all();
}

VideoThread::VideoThread(std::string name, Kind kind, Open open, VideoOptions options)
    : name_(std::move(name)),
      kind_(kind),
      options_(std::move(options)),
      shared_(std::make_shared<Shared>(!options_.every_frame)),
      thread_([shared = shared_, open = std::move(open)] { Run(shared, open); }) {
  try {
    std::unique_lock lock(shared_->mutex);
    if (!WaitForAnswer(lock))
      throw ImageError(base::Quote(name_) + ": stopped while it was opened");
    const Shared::Answer opened = std::move(*std::exchange(shared_->answer, std::nullopt));
    if (opened.error) std::rethrow_exception(opened.error);
    info_ = shared_->info;
    is_open_ = true;
    drops_ = shared_->drops;
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
  shared_->is_wanted = !shared_->answer;
  shared_->changed.notify_all();
  if (!WaitForAnswer(lock)) return {};
  Shared::Answer answer = std::move(*std::exchange(shared_->answer, std::nullopt));
  shared_->changed.notify_all();  // the end may wait for its place
  if (answer.error) std::rethrow_exception(answer.error);
  shared_->runs_ahead = drops_ && answer.frame.image.data() != nullptr;
  shared_->changed.notify_all();
  number_ = shared_->frames - 1;
  return std::move(answer.frame);
}

// False when options.stop has ended the wait.
bool VideoThread::WaitForAnswer(std::unique_lock<std::mutex>& lock) const {
  const auto deadline = Clock::now() + std::chrono::duration<double>(options_.timeout);
  while (!shared_->changed.wait_for(lock, kPoll, [&] { return shared_->answer.has_value(); })) {
    if (options_.stop && options_.stop()) return false;
    if (kind_ == Kind::kRemote && Clock::now() >= deadline) FailSilent(shared_->frames);
  }
  return true;
}

void VideoThread::FailSilent(std::int64_t frames) const {
  const std::string wait = SecondsText(options_.timeout);
  throw ImageError(base::Quote(name_) +
                       (is_open_ ? ": sent no frame for " + wait + ", after " +
                                       std::to_string(frames) + (frames == 1 ? " frame" : " frames")
                                 : ": cannot be opened: no frame came within " + wait),
                   "a larger --timeout waits longer");
}

}  // namespace yoloport::video
