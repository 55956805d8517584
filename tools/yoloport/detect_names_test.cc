#include "detect_names.h"

#include <gtest/gtest.h>

namespace yoloport::tool {
namespace {

TEST(FrameFileTest, HasAtLeastSixDigits) {
  EXPECT_EQ(FrameFile("a/clip.txt", 7), "a/clip_000007.txt");
  EXPECT_EQ(FrameFile("clip.txt", 1234567), "clip_1234567.txt");
}

TEST(UniqueNamesTest, GivesEachOnce) {
  UniqueNames names;
  EXPECT_EQ(names.Take("a.png"), "a.png");
  EXPECT_EQ(names.Take("sub/a.png"), "sub/a.png");
  EXPECT_EQ(names.Take("a.png"), "a-2.png");
  EXPECT_EQ(names.Take("a-2.png"), "a-2-2.png");
  EXPECT_EQ(names.Take("./a.png"), "./a-3.png");
}

TEST(UniqueNamesTest, FramesNeverMeetFilesNorOtherFrames) {
  UniqueNames names;
  EXPECT_EQ(names.Take("clip.txt", Naming::kFrames), "clip.txt");
  EXPECT_EQ(names.Take("clip_000000.txt"), "clip_000000-2.txt");
  EXPECT_EQ(names.Take("clip_1234567.txt"), "clip_1234567-2.txt");
  EXPECT_EQ(names.Take("clip.txt", Naming::kFrames), "clip-2.txt");
  EXPECT_EQ(names.Take("clip-2_000000.txt"), "clip-2_000000-2.txt");
  // No frame is called so.
  EXPECT_EQ(names.Take("clip_00000.txt"), "clip_00000.txt");
  EXPECT_EQ(names.Take("clip_00000a.txt"), "clip_00000a.txt");
  EXPECT_EQ(names.Take("clip.txt"), "clip.txt");
  EXPECT_EQ(names.Take("sub/clip_000000.txt"), "sub/clip_000000.txt");
}

TEST(UniqueNamesTest, FramesLeaveFilesThatCameFirst) {
  UniqueNames names;
  EXPECT_EQ(names.Take("clip_000012.txt"), "clip_000012.txt");
  EXPECT_EQ(names.Take("clip.txt", Naming::kFrames), "clip-2.txt");
}

}  // namespace
}  // namespace yoloport::tool
