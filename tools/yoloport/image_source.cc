#include "image_source.h"

#include "cli.h"
#include "interrupt.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

void Select(const Treatment& treatment, std::vector<Detection>& detections) {
  if (!treatment.wanted.empty()) {
    std::erase_if(detections, [&](const Detection& each) {
      const auto label = static_cast<std::size_t>(each.label);
      return label >= treatment.wanted.size() || !treatment.wanted[label];
    });
  }
  // They are in falling order of score.
  const std::size_t most = treatment.max_detections;
  if (most > 0 && detections.size() > most) detections.resize(most);
}

}  // namespace

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Image Job::Load() {
  if (failure) std::rethrow_exception(failure);
  Image loaded = video ? std::move(pixels) : ReadImage(item.source, treatment_.orientation);
  width = loaded.width();
  height = loaded.height();
  return loaded;
}

void Job::Finish() {
  Select(treatment_, detections);
  if (treatment_.draws()) {
    const auto start = Clock::now();
    DrawDetections(image, detections, treatment_.classes, treatment_.palette, treatment_.drawing);
    draw_time = MillisecondsSince(start);
  }
  const bool saves = !treatment_.out_dir.empty();
  if (saves && !video) {
    const auto start = Clock::now();
    const fs::path picture = treatment_.out_dir / item.name;
    TryToMakeFolders(picture.parent_path());
    WriteImage(image, picture);
    write_time = MillisecondsSince(start);
  }
  const bool is_needed = treatment_.show || (saves && video);
  if (!is_needed) image = Image();
}

ImageResult Job::Result() const {
  return {item.source.native(), width, height, detections, frame, time};
}

VideoReader ImageSource::Open(const Item& item) const {
  VideoOptions options = video_options_;
  options.stop = [this] { return IsStopped(); };
  const std::string& source = item.source.native();
  if (item.kind == InputKind::kCamera) return VideoReader(std::stoi(source), options);
  return VideoReader(source, options);
}

bool ImageSource::IsStopped() const {
  return stopped_ || Interrupted() != 0 || (treatment_.prints_results && IsUnread());
}

std::unique_ptr<Job> ImageSource::Next() {
  while (at_ < items_.size() && !IsStopped()) {
    const Item& item = items_[at_];
    if (!done_.empty() && done_[at_]) {
      ++at_;
      continue;
    }
    if (item.kind == InputKind::kImage) return std::make_unique<Job>(item, at_++, treatment_);
    if (auto job = NextFrame(item)) return job;
    video_.reset();
    ++at_;
  }
  return nullptr;
}

// Nothing at the end of the video.
std::unique_ptr<Job> ImageSource::NextFrame(const Item& item) {
  const auto start = Clock::now();
  auto job = std::make_unique<Job>(item, at_, treatment_);
  try {
    if (!video_) video_.emplace(Open(item));
    job->pixels = video_->Read();
    if (job->pixels.data() == nullptr) return nullptr;
    job->video = video_->info();
    job->time = video_->time();
    job->frame = video_->number();
    job->is_live = video_->drops();
    job->read_time = MillisecondsSince(start);
  } catch (...) {
    if (IsStopped()) return nullptr;  // what was cut off is no failure of the source
    job->failure = std::current_exception();
    video_.reset();
    ++at_;
  }
  return job;
}

}  // namespace yoloport::tool
