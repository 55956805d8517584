#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/videoio.hpp>
#include <vector>

#include "base/mapped_file.h"
#include "base/text.h"
#include "image/mat.h"
#include "video/videos_library.h"
#include "yoloport/error.h"

namespace yoloport::video {
namespace {

using base::Quote;

constexpr double kDefaultRate = 25;  // frames a second, of sources that state none
constexpr double kMaxRate = 1000;    // beyond it a rate is a time base, not one of frames

double SaneRate(double rate) { return rate > 0 && rate <= kMaxRate ? rate : kDefaultRate; }

std::string ExtentText(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

std::string SecondsText(double seconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f s", seconds);
  return text;
}

// OpenCV logs to stderr what it then says by its return value, too.
class SilentOpenCv {
 public:
  SilentOpenCv() : before_(cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT)) {}
  ~SilentOpenCv() { cv::utils::logging::setLogLevel(before_); }
  SilentOpenCv(const SilentOpenCv&) = delete;
  SilentOpenCv& operator=(const SilentOpenCv&) = delete;

 private:
  cv::utils::logging::LogLevel before_;
};

VideoInfo Describe(const cv::VideoCapture& capture) {
  const double frames = capture.get(cv::CAP_PROP_FRAME_COUNT);
  return {static_cast<int>(capture.get(cv::CAP_PROP_FRAME_WIDTH)),
          static_cast<int>(capture.get(cv::CAP_PROP_FRAME_HEIGHT)),
          SaneRate(capture.get(cv::CAP_PROP_FPS)),
          frames >= 1 && frames < 1e12 ? static_cast<std::int64_t>(frames) : 0};
}

// What a video says of its own length: nothing, a number of frames, or a time. Of other containers
// FFmpeg guesses both from the rate and the times of a few frames, which can be far off.
enum class StatedLength { kNone, kFrames, kTime };

StatedLength LengthStatedIn(const std::string& source) {
  const std::string extension = base::LowerExtension(
      IsAddress(source) ? source.substr(0, source.find_first_of("?#")) : source);
  const auto is_one_of = [&](const auto&... known) { return ((extension == known) || ...); };
  if (is_one_of(".mp4", ".m4v", ".mov", ".avi")) return StatedLength::kFrames;
  return is_one_of(".mkv", ".webm", ".flv") ? StatedLength::kTime : StatedLength::kNone;
}

// FFmpeg gives a blocked call up by itself after 30 s, or as long as it is told: later than whoever
// waits for it, who knows better what to say.
std::vector<int> BlockingLimits(double timeout) {
  const auto milliseconds = static_cast<int>((timeout + 2) * 1000);
  return {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv::CAP_PROP_READ_TIMEOUT_MSEC,
          milliseconds};
}

class Reader {
 public:
  Reader(const std::string& source, double timeout)
      : name_(source), stated_(LengthStatedIn(source)) {
    if (IsAddress(source)) {
      why_it_ended_ = "the sender stopped, or the connection broke";
      Open([&] { return capture_.open(source, cv::CAP_FFMPEG, BlockingLimits(timeout)); },
           "cannot be opened: nothing answers there, or not with a video that FFmpeg knows");
      return;
    }
    is_file_ = true;
    if (base::MappedFile::Open(source)->bytes().empty())
      throw ImageError(Quote(source) + ": is empty");
    why_it_ended_ = "it is damaged or was cut short";
    Open([&] { return capture_.open(source, cv::CAP_FFMPEG); },
         "cannot be opened as a video: it is damaged, cut short, or of a format or codec that "
         "FFmpeg does not know here");
  }
  explicit Reader(int camera)
      : name_("camera " + std::to_string(camera)),
        why_it_ended_("it was unplugged, or another program took it") {
    Open([&] { return capture_.open(camera, cv::CAP_V4L2); }, "cannot be opened");
  }

  const VideoInfo& info() const { return info_; }
  bool is_live() const { return !is_file_ && stated_ == StatedLength::kNone; }

  Frame Read() {
    if (!first_.empty()) return Next(std::move(first_));
    cv::Mat frame;
    // Each frame has a matrix of its own: OpenCV would write the next one over it.
    if (capture_.read(frame) && !frame.empty()) {
      AdvanceTo(StatedTime() - begin_);
      return Next(frame.clone());
    }
    CheckEnd();
    return {};
  }

 private:
  template <typename OpenFunction>
  void Open(const OpenFunction& open, const std::string& failure) {
    const SilentOpenCv silent;
    try {
      if (!open()) throw ImageError(Quote(name_) + ": " + failure);
      // What a container says of itself need not be true; the first frame tells.
      if (!capture_.read(first_) || first_.empty()) {
        throw ImageError(Quote(name_) + ": has no frames that can be decoded");
      }
    } catch (const cv::Exception& error) {
      throw ImageError(Quote(name_) + ": " + failure + ": " + error.err);
    }
    first_ = first_.clone();
    // The times of a file count from its begin; those of a camera or stream are a clock's.
    if (is_live()) begin_ = StatedTime();
    last_seconds_ = std::max(0.0, StatedTime() - begin_);
    info_ = Describe(capture_);
    info_.width = first_.cols;
    info_.height = first_.rows;
    // Of a container that states a time, OpenCV multiplies that by the rate.
    if (stated_ == StatedLength::kTime && info_.frames > 0) {
      stated_seconds_ = static_cast<double>(info_.frames) / capture_.get(cv::CAP_PROP_FPS);
    }
    if (stated_ != StatedLength::kFrames) info_.frames = 0;
  }

  // Of the frame read last, in seconds.
  double StatedTime() const {
    const double seconds = capture_.get(cv::CAP_PROP_POS_MSEC) / 1000;
    return std::isfinite(seconds) ? seconds : 0;
  }

  Frame Next(cv::Mat frame) {
    if (frame.cols != info_.width || frame.rows != info_.height) {
      throw ImageError(Quote(name_) + ": frame " + std::to_string(read_) + " is " +
                       ExtentText(frame.cols, frame.rows) + ", those before were " +
                       ExtentText(info_.width, info_.height));
    }
    ++read_;
    constexpr double kUnit = 1e6;  // finer than any clock of a video, and no digits of a rounding
    return {image::FromMat(std::move(frame)), std::round(last_seconds_ * kUnit) / kUnit};
  }

  // Frames that a decoder held back to put them in order come at the end with no time.
  void AdvanceTo(double seconds) {
    last_seconds_ = seconds > last_seconds_ ? seconds : last_seconds_ + 1 / info_.rate;
  }

  // Nothing to say when it ends where it says that it ends, or is a file that says nothing.
  void CheckEnd() const {
    if (info_.frames > 0) {
      // Edit lists can leave out a frame or two.
      const std::int64_t tolerance = std::max<std::int64_t>(2, info_.frames / 100);
      if (read_ + tolerance < info_.frames) {
        FailEnded("ends after " + std::to_string(read_) + " of " + std::to_string(info_.frames) +
                  " frames");
      }
    } else if (stated_seconds_ > 0) {
      // The last frame lasts, frames put in order shift the times by up to two, and the sound may
      // last longer: there is no asking for how long.
      constexpr double kFrames = 4;
      constexpr double kSound = 0.5;
      const double tolerance = std::max(kSound, kFrames / info_.rate);
      if (last_seconds_ + tolerance < stated_seconds_) {
        FailEnded("ends at " + SecondsText(last_seconds_) + " of " + SecondsText(stated_seconds_));
      }
    } else if (!is_file_) {
      FailEnded("ended after " + std::to_string(read_) + (read_ == 1 ? " frame" : " frames"));
    }
  }

  [[noreturn]] void FailEnded(const std::string& where) const {
    throw ImageError(Quote(name_) + ": " + where + "; " + why_it_ended_);
  }

  std::string name_;
  StatedLength stated_ = StatedLength::kNone;
  std::string why_it_ended_;
  bool is_file_ = false;
  cv::VideoCapture capture_;
  VideoInfo info_;
  cv::Mat first_;
  double stated_seconds_ = 0;  // 0: not known
  double begin_ = 0;           // on the source's clock
  double last_seconds_ = 0;    // of the last frame
  std::int64_t read_ = 0;
};

// Shared, since a std::function wants to be copyable.
void Describe(std::shared_ptr<Reader> reader, OpenedVideo& video) {
  video.info = reader->info();
  video.is_live = reader->is_live();
  video.read = [reader = std::move(reader)] { return reader->Read(); };
}

class Writer {
 public:
  Writer(std::string name, const std::filesystem::path& path, int width, int height, double rate)
      : name_(std::move(name)), path_(path.native()), size_(width, height) {
    // H.264 and its 4:2:0 chroma take even extents only.
    const bool even = width % 2 == 0 && height % 2 == 0;
    const SilentOpenCv silent;
    const auto open = [&](int codec) {
      return writer_.open(path_, cv::CAP_FFMPEG, codec, SaneRate(rate), size_);
    };
    const bool opened = (even && open(cv::VideoWriter::fourcc('a', 'v', 'c', '1'))) ||
                        open(cv::VideoWriter::fourcc('m', 'p', '4', 'v'));
    if (!opened) {
      throw ImageError(Quote(name_) + ": this machine's FFmpeg cannot encode a video of " +
                       ExtentText(width, height));
    }
  }

  void Write(const Image& frame) {
    if (frame.width() != size_.width || frame.height() != size_.height) {
      throw UsageError(Quote(name_) + ": a frame of " + ExtentText(frame.width(), frame.height()) +
                       " in a video of " + ExtentText(size_.width, size_.height));
    }
    writer_.write(image::MatView(frame.view()));
    ++written_;
  }

  void Finish() {
    writer_.release();
    CheckWritten();
  }

 private:
  // OpenCV tells of no failure to write - a full disk, say - so what is there is read back.
  void CheckWritten() {
    const SilentOpenCv silent;
    cv::VideoCapture capture;
    const bool opened = capture.open(path_, cv::CAP_FFMPEG);
    const auto found =
        opened ? static_cast<std::int64_t>(capture.get(cv::CAP_PROP_FRAME_COUNT)) : 0;
    if (found == written_) return;
    throw FileError(Quote(name_) + ": cannot be written: " + std::to_string(found) + " of " +
                        std::to_string(written_) + " frames reached the disk",
                    "is the disk full?");
  }

  std::string name_;
  std::string path_;
  cv::Size size_;
  cv::VideoWriter writer_;
  std::int64_t written_ = 0;
};

}  // namespace

void YoloportOpenVideo(const std::string& source, double timeout, OpenedVideo& video) {
  Describe(std::make_shared<Reader>(source, timeout), video);
}

void YoloportOpenCamera(int camera, OpenedVideo& video) {
  Describe(std::make_shared<Reader>(camera), video);
}

void YoloportStartVideo(const std::string& name, const std::filesystem::path& path, int width,
                        int height, double rate, StartedVideo& video) {
  const auto writer = std::make_shared<Writer>(name, path, width, height, rate);
  video.write = [writer](const Image& frame) { writer->Write(frame); };
  video.finish = [writer] { writer->Finish(); };
}

}  // namespace yoloport::video
