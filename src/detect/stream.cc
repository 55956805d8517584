#include "yoloport/stream.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace yoloport {
namespace {

using Clock = std::chrono::steady_clock;

// Images that go through the network together.
using Group = std::vector<std::unique_ptr<StreamImage>>;

// Runs `action`; what it throws becomes the image's error.
template <typename Action>
void Guarded(StreamImage& image, const Action& action) {
  try {
    action();
  } catch (...) {
    image.error = std::current_exception();
  }
}

// Each worker takes an image (a group of them, for batches) and takes it all the way: what one
// thread does is still in its core's cache when the next stage wants it, and while one worker waits
// for a disk, or for its turn in the network, the others have the cores.
class Stream {
 public:
  Stream(const Detector& detector, const std::function<std::unique_ptr<StreamImage>()>& next,
         const Thresholds& thresholds, int workers)
      : detector_(detector),
        next_(next),
        thresholds_(thresholds),
        window_(2 * static_cast<std::size_t>(workers)) {
    active_ = workers;
    try {
      for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { Work(); });
    } catch (...) {  // no more threads to be had
      Stop();
      throw;
    }
  }
  ~Stream() { Stop(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void Deliver(const std::function<bool(StreamImage&)>& deliver) {
    for (Group group; TakeDone(group);) {
      for (auto& image : group) {
        if (!deliver(*image)) return;
        image.reset();
      }
    }
    if (source_error_) std::rethrow_exception(source_error_);
  }

 private:
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void Work() {
    std::size_t number = 0;
    for (Group group; TakeNew(group, number);) {
      Process(group);
      const std::lock_guard lock(mutex_);
      done_.emplace(number, std::move(group));
      changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    --active_;
    changed_.notify_all();
  }

  // Waits until there is room for another group. False at the end.
  bool TakeNew(Group& group, std::size_t& number) {
    group.clear();
    const std::lock_guard source_lock(source_mutex_);  // keeps numbers in the order of next_
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || taken_ - delivered_ < window_; });
      if (stopping_ || at_end_) return false;
    }
    try {
      while (group.size() < static_cast<std::size_t>(detector_.batch())) {
        auto image = next_();
        at_end_ = image == nullptr;
        if (at_end_) break;
        group.push_back(std::move(image));
      }
    } catch (...) {
      at_end_ = true;
      source_error_ = std::current_exception();
    }
    if (group.empty()) return false;
    const std::lock_guard lock(mutex_);
    number = taken_++;
    return true;
  }

  // The next group in order. False when there is none and will be none.
  bool TakeDone(Group& group) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_.contains(delivered_) || active_ == 0; });
    const auto found = done_.find(delivered_);
    if (found == done_.end()) return false;
    group = std::move(found->second);
    done_.erase(found);
    ++delivered_;
    changed_.notify_all();
    return true;
  }

  void Process(Group& group) const {
    for (auto& image : group) {
      const auto start = Clock::now();
      Guarded(*image, [&] { image->image = image->Load(); });
      image->load_time = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    }
    Detect(group);
    for (auto& image : group) {
      if (!image->error) Guarded(*image, [&] { image->Finish(); });
    }
  }

  void Detect(Group& group) const {
    std::vector<StreamImage*> loaded;
    std::vector<ImageView> views;
    for (auto& image : group) {
      if (image->error) continue;
      loaded.push_back(image.get());
      views.push_back(image->image.view());
    }
    if (loaded.empty()) return;
    try {
      DetectTimes times;
      auto found = detector_.Detect(views, thresholds_, &times);
      const auto share = static_cast<double>(loaded.size());
      for (std::size_t i = 0; i < loaded.size(); ++i) {
        loaded[i]->detections = std::move(found[i]);
        loaded[i]->times = {times.prepare / share, times.infer / share, times.decode / share};
      }
    } catch (...) {
      for (StreamImage* image : loaded) image->error = std::current_exception();
    }
  }

  const Detector& detector_;
  const std::function<std::unique_ptr<StreamImage>()>& next_;
  const Thresholds thresholds_;
  const std::size_t window_;  // groups taken and not delivered

  std::mutex source_mutex_;  // taken before mutex_
  bool at_end_ = false;
  std::exception_ptr source_error_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, Group> done_;
  std::size_t taken_ = 0;
  std::size_t delivered_ = 0;
  int active_ = 0;  // workers
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

DetectorOptions ForThroughput(DetectorOptions options) {
  // One thread a run wastes nothing on waiting for one another; but each run has its own memory.
  constexpr int kFewThreads = 4;
  const int threads = options.threads > 0 ? options.threads : UsableCores();
  options.streams = threads <= kFewThreads ? threads : std::max(kFewThreads, threads / 4);
  options.threads = std::max(1, threads / options.streams);
  return options;
}

void DetectStream(const Detector& detector,
                  const std::function<std::unique_ptr<StreamImage>()>& next,
                  const std::function<bool(StreamImage&)>& deliver, const StreamOptions& options) {
  const int others = std::max(1, UsableCores() / 2);  // for all that is not the network
  detector.CheckThresholds(options.thresholds);
  Stream stream(detector, next, options.thresholds,
                options.workers > 0 ? options.workers : detector.streams() + others);
  stream.Deliver(deliver);
}

}  // namespace yoloport
