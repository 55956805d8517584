// Sources that block: functions that wait until the test lets them go on.
#include "video/video_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

#include "yoloport/error.h"

namespace yoloport::video {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = VideoThread::Kind;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Outlives the test where a thread is left behind.
struct Source {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> read = 0;
  std::atomic<bool> closed = false;
};

struct Closing {
  ~Closing() { source->closed = true; }
  std::shared_ptr<Source> source;
};

class VideoThreadTest : public testing::Test {
 protected:
  static constexpr int kNotEvenOpen = -1;

  // Gives so many frames, then blocks until Release().
  VideoThread::Open Blocking(int frames) {
    return [source = source_, frames](OpenedVideo& video) {
      if (frames == kNotEvenOpen) source->released.wait();
      video.info.width = 7;
      video.read = [closing = std::make_shared<Closing>(Closing{source}), frames] {
        if (closing->source->read++ >= frames) closing->source->released.wait();
        return Frame{Image(7, 5)};
      };
    };
  }
  void Release() { source_->release.set_value(); }

  template <typename Action>
  static std::string ErrorOf(const Action& action) {
    try {
      action();
    } catch (const ImageError& error) {
      return error.what();
    }
    return "no error";
  }

  std::shared_ptr<Source> source_ = std::make_shared<Source>();
};

TEST_F(VideoThreadTest, GivesFramesOneByOneAndCloses) {
  {
    VideoThread video("cam", Kind::kRemote, Blocking(9), {});
    EXPECT_EQ(video.info().width, 7);
    EXPECT_EQ(source_->read, 0);
    EXPECT_EQ(video.Read().image.height(), 5);
    EXPECT_EQ(video.Read().image.height(), 5);
    EXPECT_EQ(source_->read, 2);  // none is read that nobody has asked for
  }
  EXPECT_TRUE(source_->closed);
}

// So many frames at once, then silence until Release().
TEST_F(VideoThreadTest, ALiveSourceGivesTheNewestFrame) {
  const auto live = [open = Blocking(9)](OpenedVideo& video) {
    open(video);
    video.is_live = true;
  };
  VideoThread video("cam", Kind::kRemote, live, {});
  EXPECT_TRUE(video.drops());
  video.Read();
  EXPECT_EQ(video.number(), 0);
  while (source_->read < 10) std::this_thread::yield();  // the ninth has come
  video.Read();
  EXPECT_EQ(video.number(), 8);
  Release();
  video.Read();
  EXPECT_GE(video.number(), 9);
}

TEST_F(VideoThreadTest, ALiveSourceGivesEachFrameToWhoWantsThat) {
  const auto live = [open = Blocking(9)](OpenedVideo& video) {
    open(video);
    video.is_live = true;
  };
  VideoThread video("cam", Kind::kRemote, live, {.every_frame = true});
  EXPECT_FALSE(video.drops());
  for (int i = 0; i < 9; ++i) {
    video.Read();
    EXPECT_EQ(video.number(), i);
    EXPECT_EQ(source_->read, i + 1);
  }
}

// The last frame before the end is a newest one, too.
TEST_F(VideoThreadTest, TheEndOfALiveSourceComesAfterItsLastFrame) {
  const auto ending = [](OpenedVideo& video) {
    video.is_live = true;
    video.read = [read = 0]() mutable {
      if (++read > 5) throw ImageError("ended");
      return Frame{Image(7, 5)};
    };
  };
  VideoThread video("cam", Kind::kRemote, ending, {});
  while (video.number() < 4) ASSERT_NE(video.Read().image.data(), nullptr);
  EXPECT_EQ(ErrorOf([&] { video.Read(); }), "ended");
  EXPECT_EQ(ErrorOf([&] { video.Read(); }), "ended");
}

TEST_F(VideoThreadTest, SilenceIsAnErrorAndMayEnd) {
  VideoThread video("cam", Kind::kRemote, Blocking(1), {.timeout = 0.2});
  video.Read();
  const auto start = Clock::now();
  EXPECT_EQ(ErrorOf([&] { video.Read(); }),
            "'cam': sent no frame for 0.2 s, after 1 frame\nhint: a larger --timeout waits longer");
  EXPECT_GE(SecondsSince(start), 0.2);
  Release();
  EXPECT_EQ(video.Read().image.height(), 5);
}

TEST_F(VideoThreadTest, ASilentOpeningIsAnError) {
  EXPECT_EQ(
      ErrorOf([&] { VideoThread("cam", Kind::kRemote, Blocking(kNotEvenOpen), {.timeout = 0.2}); }),
      "'cam': cannot be opened: no frame came within 0.2 s\n"
      "hint: a larger --timeout waits longer");
  EXPECT_FALSE(source_->closed);
  Release();
  while (!source_->closed)
    std::this_thread::yield();  // what was left behind closes the source itself
}

TEST_F(VideoThreadTest, AFileMayTakeItsTime) {
  VideoThread video("file", Kind::kFile, Blocking(0), {.timeout = 0.1});
  auto later = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    Release();
  });
  EXPECT_EQ(video.Read().image.height(), 5);
  later.get();
}

TEST_F(VideoThreadTest, AnyWaitCanBeStopped) {
  std::atomic<bool> stop = false;
  const VideoOptions options = {.timeout = 60, .stop = [&] { return stop.load(); }};
  VideoThread video("file", Kind::kFile, Blocking(0), options);
  const auto start = Clock::now();
  auto later = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop = true;
  });
  EXPECT_EQ(video.Read().image.data(), nullptr);
  EXPECT_EQ(ErrorOf([&] { VideoThread("cam", Kind::kRemote, Blocking(kNotEvenOpen), options); }),
            "'cam': stopped while it was opened");
  EXPECT_LT(SecondsSince(start), 5);
  Release();
  later.get();
}

TEST_F(VideoThreadTest, ErrorsOfTheSourceArriveWhereItIsRead) {
  const auto broken = [](OpenedVideo& video) {
    video.read = []() -> Frame { throw ImageError("broke off"); };
  };
  VideoThread video("cam", Kind::kRemote, broken, {});
  EXPECT_EQ(ErrorOf([&] { video.Read(); }), "broke off");
  EXPECT_EQ(ErrorOf([&] {
              VideoThread("cam", Kind::kRemote, [](OpenedVideo&) { throw ImageError("none"); }, {});
            }),
            "none");
}

}  // namespace
}  // namespace yoloport::video
