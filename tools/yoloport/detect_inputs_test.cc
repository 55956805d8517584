#include "detect_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "test_program.h"
#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class InputsTest : public DetectProgramTest {
 protected:
  Inputs Collect(std::vector<std::string> inputs, bool recursive = false) const {
    for (std::string& input : inputs) {
      if (const auto at = input.find('~'); at != std::string::npos) {
        input.replace(at, 1, folder_.native());
      }
    }
    return CollectInputs({inputs, recursive, folder_ / "out"});
  }
  static std::vector<std::string> Names(const Inputs& inputs) {
    EXPECT_THAT(inputs.problems, IsEmpty());
    std::vector<std::string> names;
    for (const Item& item : inputs.items) names.push_back(item.name.native());
    return names;
  }
  std::vector<std::string> Problems(const std::vector<std::string>& inputs) const {
    std::vector<std::string> problems = Collect(inputs).problems;
    for (std::string& problem : problems) {
      const auto at = problem.find(folder_.native());
      if (at != std::string::npos) problem.replace(at, folder_.native().size(), "~");
    }
    return problems;
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
};

TEST_F(InputsTest, FoldersKeepTheirTree) {
  MakeImage("in/b.png");
  MakeImage("in/a.jpg");
  MakeImage("in/sub/a.jpg");
  Write("in/notes.txt", "no image");
  EXPECT_THAT(Names(Collect({"~/in"})), ElementsAre("a.jpg", "b.png"));
  EXPECT_THAT(Names(Collect({"~/in"}, true)), ElementsAre("a.jpg", "b.png", "sub/a.jpg"));
}

TEST_F(InputsTest, AListMaySearchForAHundredPatterns) {
  MakeImage("a.png");
  MakeImage("b[1].png");  // exists, so it is a name and not a pattern
  std::string list = "b[1].png\n";
  for (int i = 0; i < 100; ++i) list += "?.png\n";
  Write("list.txt", list);
  EXPECT_EQ(Names(Collect({"~/list.txt", "~/list.txt"})).size(), 202U);
  Write("list.txt", list + "?.png\n*.png\nb[1].png\n");
  const Inputs inputs = Collect({"~/list.txt", "~/?.png"});
  EXPECT_EQ(inputs.items.size(), 103U);
  EXPECT_THAT(Problems({"~/list.txt"}),
              ElementsAre("'~/list.txt': has 102 patterns; only the first 100 were searched"));
}

// A pattern of a few bytes that looks at a billion of files, and one that goes a million deep.
TEST_F(InputsTest, AListLooksAtSoManyFilesAndNoMore) {
  for (int i = 0; i < 40; ++i) fs::create_directories(folder_ / "in" / std::to_string(i));
  MakeImage("a.png");
  const std::string costly = "in/*/../*/../*/../*/../*/../*.zzz";
  Write("list.txt", "a.png\n" + costly + "\na.png\n");
  EXPECT_THAT(Problems({"~/list.txt"}),
              ElementsAre("'" + costly +
                          "': is too much to look for: at 500000 files and folders "
                          "'~/list.txt' is left"));
  std::string deep;
  for (int i = 0; i < 500'000; ++i) deep += "*/";
  Write("list.txt", deep);
  EXPECT_EQ(Problems({"~/list.txt"}).size(), 1U);
}

// Each is opened, and a list has room for a hundred thousand.
TEST_F(InputsTest, AListHasAHundredAddressesAndCameras) {
  std::string list;
  for (int i = 0; i < 60; ++i) list += "x://y\nx://z\n";
  Write("list.txt", list);
  const Inputs inputs = Collect({"~/list.txt"});
  EXPECT_EQ(inputs.items.size(), 100U);
  EXPECT_THAT(Problems({"~/list.txt"}),
              ElementsAre("'~/list.txt': has 120 addresses and cameras; only the first 100 are "
                          "opened: make several lists"));
  // The command line is the caller's own.
  EXPECT_EQ(Collect(std::vector<std::string>(120, "x://y")).items.size(), 120U);
}

TEST_F(InputsTest, DevicesInAListAreNotTriedOneByOne) {
  Write("list.txt", "/dev/null\n");
  EXPECT_THAT(Problems({"~/list.txt"}),
              ElementsAre("'/dev/null': cannot be read: it is not a regular file"));
}

TEST_F(InputsTest, EqualNamesNeverMeet) {
  for (const char* name : {"1/a.png", "2/a.png", "3/a-2.png"}) MakeImage(name);
  EXPECT_THAT(Names(Collect({"~/1/a.png", "~/2/a.png", "~/3/a-2.png", "~/2"})),
              ElementsAre("a.png", "a-2.png", "a-2-2.png", "a-3.png"));
}

TEST_F(InputsTest, PicturesOfASecondRunAreNoInputs) {
  MakeImage("a.png");
  MakeImage("out/a.png");
  EXPECT_THAT(Names(Collect({"~"}, true)), ElementsAre("a.png"));
}

TEST_F(InputsTest, LinksToFoldersAreNotFollowed) {
  MakeImage("in/a.png");
  fs::create_directory_symlink(folder_ / "in", folder_ / "in/again");
  EXPECT_THAT(Names(Collect({"~/in"}, true)), ElementsAre("a.png"));
}

TEST_F(InputsTest, Globs) {
  for (const char* name : {"b/2.png", "b/1.png", "c/1.png", "c/x.jpg"}) MakeImage(name);
  EXPECT_THAT(Names(Collect({"~/*/[12].png"})), ElementsAre("1.png", "2.png", "1-2.png"));
  EXPECT_THAT(Names(Collect({"~/?"})), ElementsAre("1.png", "2.png", "1-2.png", "x.jpg"));
  EXPECT_THAT(Problems({"~/*.gif"}), ElementsAre("'~/*.gif': no file matches"));
}

TEST_F(InputsTest, AFileWithAGlobsNameIsAFile) {
  MakeImage("a[1].png");
  EXPECT_THAT(Names(Collect({"~/a[1].png"})), ElementsAre("a[1].png"));
}

TEST_F(InputsTest, ListsAreRelativeToTheirFolder) {
  MakeImage("in/a.png");
  MakeImage("b.png");
  Write("in/list.txt", "# photos\na.png\r\n\n" + (folder_ / "b.png").native() + "\n../b.png");
  const Inputs inputs = Collect({"~/in/list.txt"});
  EXPECT_THAT(Names(inputs), ElementsAre("a.png", "b.png", "b-2.png"));
  EXPECT_THAT(inputs.lists, ElementsAre(folder_ / "in/list.txt"));
}

TEST_F(InputsTest, ListsThatAreNone) {
  Write("empty.txt", "\n# nothing\n");
  Write("outer.txt", "empty.txt\nmissing.png\n");
  EXPECT_THAT(Problems({"~/empty.txt"}), ElementsAre("'~/empty.txt': lists nothing"));
  EXPECT_THAT(Problems({"~/outer.txt"}), ElementsAre("'~/empty.txt': a list in a list is not read",
                                                     "'~/missing.png': no such file or folder"));
}

// As editors on Windows write them.
TEST_F(InputsTest, ListsMayBeginWithAByteOrderMark) {
  using namespace std::string_literals;
  MakeImage("a.png");
  Write("list.txt",
        "\xEF\xBB\xBF"
        "a.png\r\n");
  EXPECT_THAT(Names(Collect({"~/list.txt"})), ElementsAre("a.png"));
  Write("utf16.txt",
        "\xFF\xFE"
        "a\0.\0p\0n\0g\0\r\0\n\0"s);
  EXPECT_THAT(Names(Collect({"~/utf16.txt"})), ElementsAre("a.png"));
  Write("cut.txt",
        "\xFF\xFE"
        "a\0."s);
  EXPECT_THAT(Problems({"~/cut.txt"}),
              ElementsAre("'~/cut.txt': is UTF-16 text that is damaged or cut off"));
}

TEST_F(InputsTest, ListsMayComeFromWindows) {
  for (const char* name : {"a b.png", "in/c.png", "'d'.png", "f\\g.png", "f/g.png"}) {
    MakeImage(name);
  }
  Write("list.txt",
        "\"a b.png\"\r\n'a b.png'\nin\\c.png\n\"in\\c.png\"\n'd'.png\nf\\g.png\n\"missing.png\"\n");
  const Inputs inputs = Collect({"~/list.txt"});
  std::vector<std::string> sources;
  for (const Item& item : inputs.items) {
    sources.push_back(item.source.native().substr(folder_.native().size() + 1));
  }
  // What exists as it stands is meant so.
  EXPECT_THAT(sources,
              ElementsAre("a b.png", "a b.png", "in/c.png", "in/c.png", "'d'.png", "f\\g.png"));
  EXPECT_THAT(Problems({"~/list.txt"}), ElementsAre("'~/missing.png': no such file or folder"));
}

TEST_F(InputsTest, WhatMacOsWritesBesideFilesIsSkipped) {
  for (const char* name : {"in/a.png", "in/._b.png", "in/sub/c.png"}) MakeImage(name);
  const std::string apple_double("\x00\x05\x16\x07\x00\x02", 6);
  for (const char* name : {"in/._a.png", "in/sub/._c.png"}) Write(name, apple_double);
  const Inputs folder = Collect({"~/in"}, true);
  EXPECT_THAT(Names(folder), ElementsAre("._b.png", "a.png", "sub/c.png"));  // b is a picture
  EXPECT_EQ(folder.skipped, 2U);
  const Inputs glob = Collect({"~/in/.*.png"});
  EXPECT_THAT(Names(glob), ElementsAre("._b.png"));
  EXPECT_EQ(glob.skipped, 1U);
  // Who names one gets it.
  EXPECT_EQ(Collect({"~/in/._a.png"}).items.size(), 1U);
}

TEST_F(InputsTest, VideosCamerasAndStreams) {
  Write("clip.AVI", "");
  const Inputs inputs = Collect({"~/clip.AVI", "0", "rtsp://user@host:554/live?x=1"});
  EXPECT_THAT(Names(inputs), ElementsAre("clip.mp4", "camera0.mp4", "user_host_554_live_x_1.mp4"));
  EXPECT_EQ(inputs.items[0].kind, InputKind::kVideo);
  EXPECT_EQ(inputs.items[1].kind, InputKind::kCamera);
  EXPECT_EQ(inputs.items[2].kind, InputKind::kStream);
}

TEST_F(InputsTest, NamesNeedNotBeUtf8) {
  MakeImage("in/\xff.png");
  EXPECT_THAT(Names(Collect({"~/in"})), ElementsAre("\xff.png"));
}

TEST_F(InputsTest, WhatIsMissingIsAProblem) {
  fs::create_directories(folder_ / "empty");
  EXPECT_THAT(
      Problems({"/missing.png", "~/empty"}),
      ElementsAre("'/missing.png': no such file or folder", "'~/empty': no images in this folder"));
}

TEST_F(InputsTest, InputsAreNeverReplaced) {
  const fs::path image = MakeImage("a.png");
  const Inputs inputs = Collect({"~/a.png"});
  const auto check = [&](const fs::path& output) {
    CheckNothingIsReplaced(inputs, {folder_ / "model.onnx"}, {{output, "the picture"}});
  };
  EXPECT_NO_THROW(check(folder_ / "b.png"));
  EXPECT_THROW(check(image), UsageError);
  EXPECT_THROW(check(folder_ / "out" / ".." / "a.png"), UsageError);
  EXPECT_THROW(check(folder_ / "model.onnx"), UsageError);
  fs::create_directory_symlink(folder_, folder_ / "link");
  EXPECT_THROW(check(folder_ / "link/a.png"), UsageError);
}

TEST_F(InputsTest, WhatALinkLeadsToIsNotReplacedEither) {
  MakeImage("real/a.png");
  fs::create_symlink(folder_ / "real/a.png", folder_ / "link.png");
  const Inputs inputs = Collect({"~/link.png"});
  EXPECT_THROW(CheckNothingIsReplaced(inputs, {}, {{folder_ / "real/a.png", "the picture"}}),
               UsageError);
}

}  // namespace
}  // namespace yoloport::tool
