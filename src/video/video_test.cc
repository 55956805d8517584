// Videos that the tests make themselves, of a few small frames.
#include "yoloport/video.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>

#include "testing/contents.h"
#include "yoloport/error.h"

namespace yoloport::video {
namespace {

namespace fs = std::filesystem;

class VideoTest : public testing::Test {
 protected:
  VideoTest() {
    ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 1);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~VideoTest() override { fs::remove_all(folder_); }

  static Image Frame(int width, int height, int value) {
    Image image(width, height);
    std::fill_n(image.data(), image.stride() * static_cast<std::size_t>(height),
                static_cast<std::uint8_t>(value));
    return image;
  }
  fs::path Write(const std::string& name, int frames, double rate = 12.5, int width = 64,
                 int height = 48) const {
    VideoWriter writer(folder_ / name, width, height, rate);
    for (int i = 0; i < frames; ++i) writer.Write(Frame(width, height, 40 + 10 * i));
    writer.Commit();
    return folder_ / name;
  }
  // Frame by frame one JPEG: each can be cut off, and each can be told from its neighbours.
  fs::path WriteMotionJpeg(const std::string& name, int frames) const {
    cv::VideoWriter writer((folder_ / name).native(), cv::CAP_OPENCV_MJPEG,
                           cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, {64, 48});
    for (int i = 0; i < frames; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(i)));
    return folder_ / name;
  }
  void Cut(const fs::path& path, double share) const {
    fs::resize_file(path,
                    static_cast<std::uintmax_t>(static_cast<double>(fs::file_size(path)) * share));
  }
  std::string ErrorOf(const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      std::string text = error.what();
      const auto at = text.find(folder_.native());
      return at == std::string::npos ? text : text.replace(at, folder_.native().size(), 1, '~');
    }
    return "no error";
  }
  std::size_t Files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_ = fs::path(testing::TempDir()) / ("video_test_" + std::to_string(::getpid()));
};

TEST_F(VideoTest, KeepsFramesSizeAndRate) {
  VideoReader reader(Write("a.mp4", 9).native());
  EXPECT_EQ(reader.info().width, 64);
  EXPECT_EQ(reader.info().height, 48);
  EXPECT_EQ(reader.info().rate, 12.5);
  EXPECT_EQ(reader.info().frames, 9);
  for (int i = 0; i < 9; ++i) {
    const Image frame = reader.Read();
    ASSERT_NE(frame.data(), nullptr) << i;
    EXPECT_NEAR(frame.data()[0], 40 + 10 * i, 8);
  }
  EXPECT_EQ(reader.Read().data(), nullptr);
  EXPECT_EQ(Files(), 1U);
}

TEST_F(VideoTest, FramesAreTheCallersOwn) {
  VideoReader reader(Write("a.mp4", 5).native());
  const Image first = reader.Read();
  const int before = first.data()[0];
  reader.Read();
  EXPECT_EQ(first.data()[0], before);
}

TEST_F(VideoTest, WritesOddSizes) {
  VideoReader reader(Write("odd.mp4", 3, 25, 65, 47).native());
  EXPECT_EQ(reader.info().frames, 3);
}

TEST_F(VideoTest, TheTimeoutHasBounds) {
  for (const double timeout : {0.0, 0.09, 86401.0, std::nan("")}) {
    EXPECT_EQ(ErrorOf([&] { VideoReader("http://127.0.0.1:1/a.mp4", {.timeout = timeout}); }),
              "the timeout of a video must be from 0.1 to 86400 seconds");
  }
}

TEST_F(VideoTest, WhatIsNoVideo) {
  std::ofstream(folder_ / "text.mp4") << "not a video";
  { const std::ofstream empty(folder_ / "empty.mp4"); }
  const auto open = [&](const std::string& name) {
    return ErrorOf([&] { const VideoReader reader((folder_ / name).native()); });
  };
  EXPECT_EQ(open("missing.mp4"), "'~/missing.mp4': no such file");
  EXPECT_EQ(open("empty.mp4"), "'~/empty.mp4': is empty");
  EXPECT_EQ(open("text.mp4"),
            "'~/text.mp4': cannot be opened as a video: it is damaged, cut short, or of a format "
            "or codec that FFmpeg does not know here");
  EXPECT_EQ(ErrorOf([] { VideoReader("http://127.0.0.1:1/a.mp4"); }),
            "'http://127.0.0.1:1/a.mp4': cannot be opened: nothing answers there, or not with a "
            "video that FFmpeg knows");
  EXPECT_EQ(ErrorOf([] { VideoReader(99); }), "'camera 99': cannot be opened");
}

TEST_F(VideoTest, ACutFileGivesItsFramesAndAnError) {
  const fs::path path = WriteMotionJpeg("a.avi", 40);
  Cut(path, 0.5);
  VideoReader reader(path.native());
  int frames = 0;
  const std::string error = ErrorOf([&] {
    while (reader.Read().data() != nullptr) ++frames;
  });
  EXPECT_GT(frames, 10);
  EXPECT_EQ(error, "'~/a.avi': ends after " + std::to_string(frames) +
                       " of 40 frames; it is damaged or was cut short");
}

// Of these the length is stated as a time.
TEST_F(VideoTest, ACutFileThatStatesATimeIsAnErrorToo) {
  for (const char* name : {"a.mkv", "a.webm", "a.flv"}) {
    const bool is_webm = std::string(name) == "a.webm";
    const int codec = is_webm                        ? cv::VideoWriter::fourcc('V', 'P', '8', '0')
                      : std::string(name) == "a.flv" ? cv::VideoWriter::fourcc('F', 'L', 'V', '1')
                                                     : cv::VideoWriter::fourcc('M', 'P', '4', '2');
    cv::VideoWriter writer((folder_ / name).native(), cv::CAP_FFMPEG, codec, 5, {64, 48});
    ASSERT_TRUE(writer.isOpened()) << name;
    for (int i = 0; i < 50; ++i) {
      cv::Mat noise(48, 64, CV_8UC3);
      cv::randu(noise, 0, 255);
      writer.write(noise);
    }
    writer.release();
    const auto read = [&] {
      VideoReader reader((folder_ / name).native());
      EXPECT_EQ(reader.info().frames, 0);
      int frames = 0;
      const std::string error = ErrorOf([&] {
        while (reader.Read().data() != nullptr) ++frames;
      });
      return std::pair(frames, error);
    };
    EXPECT_EQ(read(), std::pair(50, std::string("no error"))) << name;
    Cut(folder_ / name, 0.5);
    const auto [frames, error] = read();
    EXPECT_GT(frames, 10) << name;
    EXPECT_LT(frames, 35) << name;
    char text[100];
    std::snprintf(text, sizeof(text), "ends at %.1f s of 10.0 s; it is damaged or was cut short",
                  (frames - 1) / 5.0);
    EXPECT_EQ(error, "'~/" + std::string(name) + "': " + text);
  }
}

std::vector<double> TimesOf(const fs::path& path) {
  VideoReader reader(path.native());
  std::vector<double> times;
  while (reader.Read().data() != nullptr) times.push_back(reader.time());
  return times;
}

TEST_F(VideoTest, TimesOfAnEvenRate) {
  EXPECT_EQ(TimesOf(Write("a.mp4", 5)), (std::vector<double>{0, 0.08, 0.16, 0.24, 0.32}));
  EXPECT_EQ(TimesOf(WriteMotionJpeg("a.avi", 3)), (std::vector<double>{0, 0.04, 0.08}));
}

// Gives the frames of an .flv file these times, in milliseconds.
void SetTimes(const fs::path& path, const std::vector<int>& times) {
  std::string bytes = test_support::Contents(path);
  const auto big = [&](std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
    return static_cast<std::size_t>(byte(0) << 16 | byte(1) << 8 | byte(2));
  };
  constexpr std::size_t kHeader = 9;
  constexpr std::size_t kLengthBefore = 4;
  constexpr std::size_t kTagHeader = 11;
  constexpr char kVideo = 9;
  std::size_t frame = 0;
  for (std::size_t at = kHeader + kLengthBefore; at < bytes.size() && frame < times.size();
       at += kTagHeader + big(at + 1) + kLengthBefore) {
    if (bytes[at] != kVideo) continue;
    const int time = times[frame++];
    for (int i = 0; i < 3; ++i) {
      bytes[at + 4 + static_cast<std::size_t>(i)] = static_cast<char>(time >> (8 * (2 - i)));
    }
  }
  ASSERT_EQ(frame, times.size());
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST_F(VideoTest, TimesAreTheFramesOwn) {
  const fs::path path = folder_ / "a.flv";
  cv::VideoWriter writer(path.native(), cv::CAP_FFMPEG, cv::VideoWriter::fourcc('F', 'L', 'V', '1'),
                         10, {64, 48});
  ASSERT_TRUE(writer.isOpened());
  for (int i = 0; i < 6; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(i)));
  writer.release();
  EXPECT_EQ(TimesOf(path), (std::vector<double>{0, 0.1, 0.2, 0.3, 0.4, 0.5}));
  SetTimes(path, {0, 40, 80, 500, 520, 970});
  EXPECT_EQ(TimesOf(path), (std::vector<double>{0, 0.04, 0.08, 0.5, 0.52, 0.97}));
}

// Whatever the rate, also where the decoder puts frames in order (H.264).
TEST_F(VideoTest, AWholeFileThatStatesATimeIsNoErrorAndASecondLessIs) {
  constexpr int kSeconds = 6;
  for (const auto& [name, codec] :
       {std::pair{"a.mkv", "mp4v"}, {"h.mkv", "avc1"}, {"h.flv", "avc1"}, {"v.webm", "VP80"}}) {
    for (const double rate : {2.0, 12.5, 29.97, 60.0}) {
      cv::VideoWriter writer((folder_ / name).native(), cv::CAP_FFMPEG,
                             cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]), rate,
                             {64, 48});
      if (!writer.isOpened()) continue;  // not every FFmpeg has H.264
      cv::RNG random(1);
      cv::Mat noise(48, 64, CV_8UC3);
      const int frames = static_cast<int>(kSeconds * rate);
      for (int i = 0; i < frames; ++i) {
        random.fill(noise, cv::RNG::UNIFORM, 0, 255);
        writer.write(noise);
      }
      writer.release();
      const fs::path path = folder_ / name;
      const auto error = [this, &path] {
        return ErrorOf([&path] {
          VideoReader reader(path.native());
          while (reader.Read().data() != nullptr) {
          }
        });
      };
      EXPECT_EQ(error(), "no error") << name << " " << rate;
      if (rate < 10) continue;  // four frames are more than that
      Cut(path, 0.8);
      EXPECT_NE(error(), "no error") << name << " " << rate;
    }
  }
}

TEST_F(VideoTest, FramesThatChangeSizeComeInTheFirstsSize) {
  for (const auto& [name, width] : {std::pair{"a.mpg", 64}, {"b.mpg", 128}}) {
    cv::VideoWriter writer((folder_ / name).native(), cv::CAP_FFMPEG,
                           cv::VideoWriter::fourcc('P', 'I', 'M', '1'), 25, {width, 48});
    for (int i = 0; i < 20; ++i) writer.write(cv::Mat(48, width, CV_8UC3, cv::Scalar::all(i)));
  }
  // Streams of that kind may simply follow one another.
  std::ofstream(folder_ / "a.mpg", std::ios::binary | std::ios::app)
      << std::ifstream(folder_ / "b.mpg", std::ios::binary).rdbuf();
  VideoReader reader((folder_ / "a.mpg").native());
  int frames = 0;
  for (Image frame = reader.Read(); frame.data() != nullptr; frame = reader.Read()) {
    EXPECT_EQ(frame.width(), 64);
    ++frames;
  }
  EXPECT_GT(frames, 30);
}

TEST_F(VideoTest, AppearsWholeOrNotAtAll) {
  {
    VideoWriter writer(folder_ / "a.mp4", 64, 48, 25);
    writer.Write(Frame(64, 48, 1));
    EXPECT_FALSE(fs::exists(folder_ / "a.mp4"));
  }
  EXPECT_EQ(Files(), 0U);
}

TEST_F(VideoTest, WritingFails) {
  EXPECT_EQ(ErrorOf([&] { VideoWriter(folder_ / "no/a.mp4", 64, 48, 25); }),
            "'~/no/a.mp4': cannot be created: No such file or directory");
  VideoWriter writer(folder_ / "a.mp4", 64, 48, 25);
  EXPECT_EQ(ErrorOf([&] { writer.Write(Frame(48, 64, 1)); }),
            "'~/a.mp4': a frame of 48x64 in a video of 64x48");
}

TEST(VideoNamesTest, KnowsVideosByTheirNames) {
  EXPECT_TRUE(HasVideoExtension("a.mp4"));
  EXPECT_TRUE(HasVideoExtension("folder.x/a.MKV"));
  EXPECT_FALSE(HasVideoExtension("a.jpg"));
  EXPECT_FALSE(HasVideoExtension("mp4"));
}

TEST(WindowTest, SaysThatThereIsNoDisplay) {
  ::unsetenv("QT_QPA_PLATFORM");
  ::unsetenv("WAYLAND_DISPLAY");
  const auto open = [] {
    try {
      Window("test");
    } catch (const RuntimeError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  ::unsetenv("DISPLAY");
  EXPECT_EQ(open(),
            "there is no display to show a window on\nhint: DISPLAY is not set; save pictures "
            "instead");
  ::setenv("DISPLAY", ":9999", 1);
  EXPECT_EQ(open(),
            "there is no display to show a window on: DISPLAY is ':9999', and nothing answers "
            "there");
  for (const char* no_number : {":", ":x", ":-1", ":99999999999"}) {
    ::setenv("DISPLAY", no_number, 1);
    EXPECT_NE(open().find("and nothing answers there"), std::string::npos) << no_number;
  }
}

}  // namespace
}  // namespace yoloport::video
