#include "yoloport/video.h"

#include <algorithm>
#include <array>

#include "base/shared_library.h"
#include "base/text.h"
#include "vision/videos_library.h"

namespace yoloport {
namespace {

template <typename Function>
Function* Load(const char* function) {
  return LoadFunction<Function>("the module for videos", kVideosLibrary, function);
}

}  // namespace

class VideoReader::Impl : public OpenedVideo {};

VideoReader::VideoReader(const std::string& source) : impl_(std::make_unique<Impl>()) {
  static const auto open = Load<decltype(YoloportOpenVideo)>("YoloportOpenVideo");
  open(source, *impl_);
}
VideoReader::VideoReader(int camera) : impl_(std::make_unique<Impl>()) {
  static const auto open = Load<decltype(YoloportOpenCamera)>("YoloportOpenCamera");
  open(camera, *impl_);
}
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;
VideoReader::~VideoReader() = default;
const VideoInfo& VideoReader::info() const { return impl_->info; }
Image VideoReader::Read() { return impl_->read(); }

class VideoWriter::Impl : public StartedVideo {};

VideoWriter::VideoWriter(const std::filesystem::path& path, int width, int height, double rate)
    : impl_(std::make_unique<Impl>()) {
  static const auto start = Load<decltype(YoloportStartVideo)>("YoloportStartVideo");
  start(path, width, height, rate, *impl_);
}
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;
VideoWriter::~VideoWriter() = default;
void VideoWriter::Write(const Image& frame) { impl_->write(frame); }
void VideoWriter::Commit() { impl_->commit(); }

bool HasVideoExtension(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 11> kExtensions = {
      ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv", ".flv"};
  const std::string extension = LowerExtension(path);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace yoloport
