// `yoloport detect` on videos.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "image_source.h"
#include "test_program.h"
#include "yoloport/error.h"
#include "yoloport/video.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using test_support::Outcome;
using testing::HasSubstr;

class DetectVideoTest : public DetectProgramTest {
 protected:
  fs::path MakeVideo(const std::string& name, int frames, double rate = 12.5) const {
    VideoWriter writer(folder_ / name, 64, 64, rate);
    for (int i = 0; i < frames; ++i) {
      Image frame(64, 64);
      std::fill_n(frame.data(), frame.stride() * 64, static_cast<std::uint8_t>(100 + i));
      writer.Write(frame);
    }
    writer.Commit();
    return folder_ / name;
  }
  // The index is at the end of the file: without it nothing can be read.
  void Cut(const fs::path& video) const { fs::resize_file(video, fs::file_size(video) / 2); }
};

TEST_F(DetectVideoTest, KeepsFramesAndRate) {
  MakeVideo("a.mp4", 25);
  MakeImage("b.png");
  const Outcome outcome = Run("~/a.mp4 ~/b.png @ --out-dir ~/out --json ~/r.jsonl");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("  25 objects in 25 frames\n"));
  EXPECT_THAT(outcome.out, HasSubstr("1 image, 25 frames, 26 objects in "));
  const VideoReader written((folder_ / "out/a.mp4").native());
  EXPECT_EQ(written.info().frames, 25);
  EXPECT_EQ(written.info().rate, 12.5);
  EXPECT_EQ(written.info().width, 64);
  const std::string json = test_support::Contents(folder_ / "r.jsonl");
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 26);
  EXPECT_THAT(json, HasSubstr(R"(/a.mp4","width":64,"height":64,"frame":24,"time":1.92,)"));
}

TEST_F(DetectVideoTest, LabelsOfEveryFrame) {
  MakeVideo("a.mp4", 3);
  EXPECT_EQ(Run("~/a.mp4 @ --no-save --out-dir ~/out --format yolo").code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "out/labels/a_000002.txt"));
  EXPECT_FALSE(fs::exists(folder_ / "out/a.mp4"));
}

TEST_F(DetectVideoTest, ABrokenVideoDoesNotStopTheOthers) {
  Cut(MakeVideo("cut.mp4", 25));
  MakeVideo("whole.mp4", 5);
  const Outcome outcome = Run("~/cut.mp4 ~/whole.mp4 @ --out-dir ~/out");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: '~/cut.mp4': cannot be opened as a video: it is damaged, cut short, or of a "
            "format or codec that FFmpeg does not know here\n"
            "error: 1 of 2 inputs failed: ~/cut.mp4\n");
  EXPECT_FALSE(fs::exists(folder_ / "out/cut.mp4"));
  EXPECT_EQ(VideoReader((folder_ / "out/whole.mp4").native()).info().frames, 5);
}

TEST_F(DetectVideoTest, AVideoThatCannotBeWrittenIsToldOnce) {
  MakeVideo("a.mp4", 5);
  std::ofstream(folder_ / "file") << "in the way";
  const Outcome outcome = Run("~/a.mp4 @ --out-dir ~/file");
  EXPECT_EQ(outcome.err, "error: '~/file/a.mp4': cannot be created: Not a directory\n");
  EXPECT_THAT(outcome.out, HasSubstr("5 objects in 5 frames"));
  EXPECT_EQ(outcome.code, 1);
}

// As good as full: no file may become larger than a block.
TEST_F(DetectVideoTest, AFullDiskLeavesNoVideo) {
  MakeVideo("a.mp4", 50);
  prefix_ = "trap '' XFSZ; ulimit -f 1;";
  const Outcome outcome = Run("~/a.mp4 @ --out-dir ~/out");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: '~/out/a.mp4': cannot be written: 0 of 50 frames reached the disk\n"
            "hint: is the disk full?\n");
  EXPECT_TRUE(fs::is_empty(folder_ / "out"));
}

TEST_F(DetectVideoTest, AnInterruptionClosesTheVideo) {
  MakeVideo("a.mp4", 2000);
  prefix_ = "mkfifo " + (folder_ / "lines").native() + ";";
  const Outcome outcome =
      Run("~/a.mp4 @ --out-dir ~/out --json - > ~/lines & program=$!; exec 3< ~/lines; "
          "read first <&3; kill -TERM $program; cat <&3 > ~/rest; wait $program");
  EXPECT_EQ(outcome.code, 143);
  const std::string rest = test_support::Contents(folder_ / "rest");
  const auto frames = 1 + std::count(rest.begin(), rest.end(), '\n');
  EXPECT_LT(frames, 2000);
  EXPECT_EQ(VideoReader((folder_ / "out/a.mp4").native()).info().frames, frames);
}

TEST_F(DetectVideoTest, NoDisplayNoWindow) {
  MakeImage("a.png");
  prefix_ = "env -u DISPLAY -u WAYLAND_DISPLAY -u QT_QPA_PLATFORM";
  const Outcome outcome = Run("~/a.png @ --show");
  EXPECT_EQ(outcome.err,
            "error: there is no display to show a window on\nhint: DISPLAY is not set; save "
            "pictures instead\n");
  EXPECT_EQ(outcome.code, 1);
}

TEST_F(DetectVideoTest, AFileThatVanishesIsAnErrorOfThatFile) {
  const std::vector<Item> items = {{InputKind::kImage, MakeImage("a.png"), "a.png"},
                                   {InputKind::kImage, MakeImage("b.png"), "b.png"}};
  fs::remove(items[0].source);
  const Treatment treatment;
  const std::vector<bool> none;
  ImageSource images(items, treatment, none, {});
  const auto first = images.Next();
  std::string message;
  try {
    first->Load();
  } catch (const FileError& error) {
    message = error.what();
  }
  EXPECT_EQ(message,
            "'" + items[0].source.native() + "': cannot be read: No such file or directory");
  EXPECT_EQ(images.Next()->Load().width(), 32);
  EXPECT_EQ(images.Next(), nullptr);
}

}  // namespace
}  // namespace yoloport::tool
