#include "yoloport/video.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/atomic_file.h"
#include "base/shared_library.h"
#include "base/text.h"
#include "video/video_thread.h"
#include "video/videos_library.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

using video::VideoThread;

template <typename Function>
Function* Load(const char* function) {
  return base::LoadFunction<Function>("the module for videos", video::kVideosLibrary, function);
}

VideoOptions Checked(const VideoOptions& options) {
  if (options.timeout >= kShortestTimeout && options.timeout <= kLongestTimeout) return options;
  throw UsageError("the timeout of a video must be from 0.1 to 86400 seconds");
}

}  // namespace

class VideoReader::Impl : public VideoThread {
 public:
  using VideoThread::VideoThread;

  double time = 0;  // of the last frame
};

VideoReader::VideoReader(const std::string& source, const VideoOptions& options) {
  static const auto open = Load<decltype(video::YoloportOpenVideo)>("YoloportOpenVideo");
  const auto kind =
      video::IsAddress(source) ? VideoThread::Kind::kRemote : VideoThread::Kind::kFile;
  impl_ = std::make_unique<Impl>(
      source, kind,
      [source, timeout = options.timeout](video::OpenedVideo& video) {
        open(source, timeout, video);
      },
      Checked(options));
}
VideoReader::VideoReader(int camera, const VideoOptions& options) {
  static const auto open = Load<decltype(video::YoloportOpenCamera)>("YoloportOpenCamera");
  impl_ = std::make_unique<Impl>(
      "camera " + std::to_string(camera), VideoThread::Kind::kRemote,
      [camera](video::OpenedVideo& video) { open(camera, video); }, Checked(options));
}
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;
VideoReader::~VideoReader() = default;
const VideoInfo& VideoReader::info() const { return impl_->info(); }
Image VideoReader::Read() {
  video::Frame frame = impl_->Read();
  impl_->time = frame.time;
  return std::move(frame.image);
}
double VideoReader::time() const { return impl_->time; }
std::int64_t VideoReader::number() const { return impl_->number(); }
bool VideoReader::drops() const { return impl_->drops(); }

class VideoWriter::Impl : public video::StartedVideo {
 public:
  explicit Impl(const std::filesystem::path& path)
      : file(path, base::AtomicFile::Opened::kByName) {}

  base::AtomicFile file;
};

VideoWriter::VideoWriter(const std::filesystem::path& path, int width, int height, double rate)
    : impl_(std::make_unique<Impl>(path)) {
  static const auto start = Load<decltype(video::YoloportStartVideo)>("YoloportStartVideo");
  start(path.native(), impl_->file.temporary(), width, height, rate, *impl_);
}
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;
VideoWriter::~VideoWriter() = default;
void VideoWriter::Write(const Image& frame) { impl_->write(frame); }
void VideoWriter::Commit() {
  impl_->finish();
  impl_->file.Commit();
}

bool HasVideoExtension(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 11> kExtensions = {
      ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv", ".flv"};
  const std::string extension = base::LowerExtension(path);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace yoloport
