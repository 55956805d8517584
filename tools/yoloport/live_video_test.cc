#include "live_video.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "testing/temporary_folder.h"

namespace yoloport::tool {
namespace {

class LiveVideoTest : public test_support::TemporaryFolder {
 protected:
  static Image Gray(int value) {
    Image image(64, 64);
    std::fill_n(image.data(), image.stride() * 64, static_cast<std::uint8_t>(value));
    return image;
  }
  // The shades of a video's frames, in steps of 50.
  std::vector<int> Shades() const {
    VideoReader reader(path_.native());
    std::vector<int> shades;
    for (Image frame; (frame = reader.Read()).data() != nullptr;) {
      shades.push_back((frame.data()[frame.stride() * 32 + 96] + 25) / 50);
    }
    return shades;
  }

  const std::filesystem::path path_ = folder_ / "live.mp4";
};

TEST_F(LiveVideoTest, KeepsTheTimesOfFrames) {
  LiveVideo video(path_, 64, 64, 10, 60);
  video.Write(Gray(0), 0);
  video.Write(Gray(50), 0.11);
  video.Write(Gray(100), 0.42);
  video.Write(Gray(150), 0.44);  // the video has no place for it
  video.Write(Gray(200), 0.5);
  video.Commit();
  EXPECT_EQ(Shades(), (std::vector<int>{0, 1, 1, 1, 2, 4}));
}

TEST_F(LiveVideoTest, LongGapsAreCut) {
  LiveVideo video(path_, 64, 64, 10, 0.3);
  video.Write(Gray(0), 0);
  video.Write(Gray(100), 1e9);
  video.Write(Gray(200), 1e9 + 0.1);
  video.Commit();
  EXPECT_EQ(Shades(), (std::vector<int>{0, 0, 0, 2, 4}));
}

}  // namespace
}  // namespace yoloport::tool
