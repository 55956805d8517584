// Where the results of `yoloport detect` may go, and what they never touch.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "test_program.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/video.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;
using test_support::Outcome;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class OutputsTest : public DetectProgramTest {
 protected:
  std::string Text(const std::string& name) const { return Contents(folder_ / name); }
  std::string WithFolder(std::string text) const {
    for (std::size_t at = 0; (at = text.find('~', at)) != std::string::npos;) {
      text.replace(at, 1, folder_.native());
    }
    return text;
  }
  void MakeVideo(const std::string& name, int frames = 2) const {
    VideoWriter writer(folder_ / name, 32, 32, 10);
    Image image(32, 32);
    std::fill_n(image.data(), image.stride() * 32, std::uint8_t{204});
    for (int i = 0; i < frames; ++i) writer.Write(image);
    writer.Commit();
  }
};

TEST_F(OutputsTest, AFileThatIsNoJournalIsNotTouched) {
  MakeImage("a.png");
  const std::string command = "~/a.png @ --out-dir ~/out --resume --quiet";
  const auto not_own = [](const char* why) {
    std::string text = "error: '~/out/detections.resume': is not what --resume writes: ";
    text.append(why).append("\nhint: move it away, or choose another --out-dir\n");
    return text;
  };
  for (const std::string text :
       {"my notes\n", "my notes", "{\"mine\":1}\n", "{", "\n", "{}\n{}\n"}) {
    Write("out/detections.resume", text);
    const Outcome outcome = Run(command);
    EXPECT_EQ(outcome.err, not_own("it begins otherwise"));
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(Text("out/detections.resume"), text);
  }
  // Nor behind a link, whatever it is.
  fs::remove(folder_ / "out/detections.resume");
  for (const std::string text : {"my notes\n", ""}) {
    Write("notes", text);
    fs::create_symlink("../notes", folder_ / "out/detections.resume");
    EXPECT_EQ(Run(command).err, not_own("it is a link"));
    EXPECT_EQ(Text("notes"), text);
    fs::remove(folder_ / "out/detections.resume");
  }
  fs::create_symlink("nothing", folder_ / "out/detections.resume");
  EXPECT_EQ(Run(command).err, not_own("it is a link"));
  EXPECT_FALSE(fs::exists(folder_ / "out/nothing"));
  fs::remove(folder_ / "out/detections.resume");
  ASSERT_EQ(::mkfifo((folder_ / "out/detections.resume").c_str(), 0600), 0);
  EXPECT_EQ(Run(command).err, not_own("it is not a regular file"));
  fs::remove(folder_ / "out/detections.resume");
  fs::create_directory(folder_ / "out/detections.resume");
  EXPECT_EQ(Run(command).err, not_own("it is not a regular file"));
  fs::remove(folder_ / "out/detections.resume");
  // The hint leads on.
  EXPECT_EQ(Run(command).err, "");
  EXPECT_THAT(Text("out/detections.resume"), StartsWith("{\"yoloport_resume\":1,"));
}

TEST_F(OutputsTest, AJournalThatWasKilledAtItsFirstLineIsBegunAnew) {
  MakeImage("a.png");
  Write("out/detections.resume", "");
  EXPECT_EQ(Run("~/a.png @ --out-dir ~/out --resume --quiet").err, "");
  EXPECT_THAT(Text("out/detections.resume"), StartsWith("{\"yoloport_resume\":1,"));
}

TEST_F(OutputsTest, LabelsOfFramesAndPicturesNeverMeet) {
  MakeImage("clip_000000.png", 0);
  MakeImage("other/clip_000001.jpg", 0);
  MakeVideo("clip.avi");
  const Outcome outcome =
      Run("~/clip_000000.png ~/clip.avi ~/other @ --out-dir ~/out --format yolo --quiet");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(Text("out/labels/clip_000000.txt"), "");
  EXPECT_EQ(Text("out/labels/clip_000001.txt"), "");
  EXPECT_THAT(Text("out/labels/clip-2_000000.txt"), StartsWith("1 0.5 "));
  EXPECT_THAT(Text("out/labels/clip-2_000001.txt"), StartsWith("1 0.5 "));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "out/labels"), {}), 4);
}

TEST_F(OutputsTest, ResultsWithTheIdsOfAnAnnotationFile) {
  MakeImage("val/a.png");
  MakeImage("val/b.png", 0);
  MakeImage("val/c.png");
  Write("ids.json", R"({"images": [{"id": 42, "file_name": "a.png"}, {"id": 7, "file_name":
      "b.png"}], "annotations": [], "categories": [{"id": 90, "name": "bright"}]})");
  const std::string common = "~/val @ --out-dir ~/out --no-save --annotations ~/ids.json ";
  const Outcome outcome = Run(common + "--format coco");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err,
            "warning: --annotations: 1 of 3 images are not in the file, and their results not in "
            "detections.json: ~/val/c.png\n"
            "warning: --annotations: 1 of 2 classes are not in the file, and what is found of them "
            "not in detections.json: dark\n");
  EXPECT_EQ(Text("out/detections.json"), R"([
{"image_id":42,"category_id":90,"bbox":[8,8,16,8],"score":0.7999997}
]
)");
  // Classes that are not looked for are not missed.
  EXPECT_THAT(Run(common + "--format coco --classes bright").err,
              testing::Not(HasSubstr("classes are not in the file")));
  EXPECT_EQ(Run(common + "--format csv").err,
            "error: --annotations needs --format coco, whose ids it gives\n");
  MakeVideo("clip.avi");
  EXPECT_EQ(Run("~/clip.avi " + common + "--format coco").err,
            "error: '~/clip.avi': is a video, and --annotations is about images\n"
            "hint: leave --annotations out, or videos\n");
}

TEST_F(OutputsTest, AnAnnotationFileOfAnotherDataSetIsAnError) {
  MakeImage("a.png");
  const std::string command =
      "~/a.png @ --out-dir ~/out --no-save --format coco --annotations ~/ids.json";
  Write("ids.json", R"({"images": [{"id": 1, "file_name": "b.png"}]})");
  EXPECT_EQ(Run(command).err,
            "error: --annotations: the file has none of the images, such as ~/a.png\n"
            "hint: images are found by their file names\n");
  Write("ids.json", R"({"images": [{"id": 1, "file_name": "a.png"}]})");
  const Outcome outcome = Run(command);
  EXPECT_EQ(outcome.err,
            "error: --annotations: the file has none of the classes: dark, bright\n"
            "hint: categories are found by their names; --class-names FILE gives the classes other "
            "ones, one a line\n");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_FALSE(fs::exists(folder_ / "out/detections.json"));
}

TEST_F(OutputsTest, NoTwoOutputsAreOneFileBehindALinkToNothing) {
  MakeImage("a.png");
  const std::string hint = "hint: choose another name or --out-dir\n";
  const auto error = [&](const fs::path& to, const std::string& name, const std::string& options) {
    fs::remove_all(folder_ / "out");
    fs::create_directory(folder_ / "out");
    fs::create_symlink(to, folder_ / "out" / name);
    const Outcome outcome = Run("~/a.png @ --out-dir ~/out " + options);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "out"), {}), 1);
    return outcome.err;
  };
  EXPECT_EQ(error("a.png", "b", "--json ~/out/b"),
            "error: the picture '~/out/a.png' is also the name of another output\n" + hint);
  EXPECT_EQ(
      error("../out/detections.json", "b", "--format coco --json ~/out/b"),
      "error: --format coco '~/out/detections.json' is also the name of another output\n" + hint);
  EXPECT_EQ(error("/dev/stdout", "detections.csv", "--format csv --json -"),
            "error: --format csv '~/out/detections.csv' is stdout, where --json goes\n" + hint);
}

// Each part gives its labels the names that one run gives them.
TEST_F(OutputsTest, LabelsOfShardsNeverMeet) {
  constexpr int kNames = 8;
  for (int i = 0; i < kNames; ++i) {
    MakeImage("in/" + std::to_string(i) + ".png");
    MakeImage("in/" + std::to_string(i) + ".bmp");
  }
  for (const char* shard : {"1/2", "2/2"}) {
    const std::string options = std::string(" --no-save --quiet --format yolo --shard ") + shard;
    EXPECT_EQ(Run("~/in @ --out-dir ~/out" + options).err, "");
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "out/labels"), {}), 2 * kNames);
}

TEST_F(OutputsTest, NoTwoOutputsAreOneFile) {
  MakeImage("a.png");
  const std::string hint =
      " is also the name of another output\n"
      "hint: choose another name or --out-dir\n";
  const auto error = [&](const std::string& options) {
    return Run("~/a.png @ --out-dir ~/out " + options).err;
  };
  EXPECT_EQ(error("--json ~/out/a.png"), "error: the picture '~/out/a.png'" + hint);
  EXPECT_EQ(error("--json ~/out/labels/a.txt --format yolo"),
            "error: the label file '~/out/labels/a.txt'" + hint);
  EXPECT_EQ(error("--json ~/out/x/../detections.csv --format csv"),
            "error: --format csv '~/out/detections.csv'" + hint);
  EXPECT_EQ(error("--json ~/out/detections.resume --resume"),
            "error: --resume '~/out/detections.resume'" + hint);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  MakeVideo("clip.avi");
  EXPECT_EQ(
      Run("~/clip.avi @ --out-dir ~/out --format yolo --json ~/out/labels/clip_000123.txt").err,
      "error: the label file '~/out/labels/clip.txt'" + hint);
}

TEST_F(OutputsTest, NoOutputHasTheNameOfAFolderForOthers) {
  MakeImage("in/a.png");
  const auto error = [&](const std::string& options) {
    return Run("~/in/a.png @ --out-dir ~/out " + options).err;
  };
  const std::string end =
      "' is also the name of a folder for other outputs\nhint: choose another name\n";
  EXPECT_EQ(error("--format yolo --json ~/out/labels"), "error: --json '~/out/labels" + end);
  EXPECT_EQ(error("--json ~/out"), "error: --json '~/out" + end);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

// A hard link is another name of the same file.
TEST_F(OutputsTest, NoOutputReplacesAnInputByAnotherName) {
  MakeImage("a.png");
  fs::create_hard_link(folder_ / "a.png", folder_ / "json");
  fs::create_directory(folder_ / "out");
  fs::create_hard_link(folder_ / "a.png", folder_ / "out/a.png");
  const std::string before = Contents(folder_ / "a.png");
  EXPECT_EQ(Run("~/a.png @ --no-save --json ~/json").err,
            "error: --json '~/json' would replace an input\nhint: choose another name\n");
  EXPECT_EQ(Run("~/a.png @ --out-dir ~/out").err,
            "error: the picture '~/out/a.png' would replace an input\n"
            "hint: choose another name or --out-dir\n");
  EXPECT_EQ(Contents(folder_ / "json"), before);
  EXPECT_EQ(fs::hard_link_count(folder_ / "a.png"), 3U);
  // Other files with several names are replaced like any.
  MakeImage("b.png");
  fs::create_hard_link(folder_ / "json", folder_ / "out/c.png");
  EXPECT_EQ(Run("~/b.png @ --out-dir ~/out --quiet").err, "");
}

TEST_F(OutputsTest, NoOutputReplacesAnInputThroughALink) {
  MakeImage("a.png");
  MakeImage("out/b.png");
  const std::string picture = Text("a.png");
  fs::create_symlink("a.png", folder_ / "link.jsonl");
  EXPECT_EQ(Run("~/a.png @ --no-save --json ~/link.jsonl").err,
            "error: --json '~/link.jsonl' would replace an input\n"
            "hint: choose another name\n");
  fs::remove(folder_ / "out/b.png");
  fs::create_symlink("../a.png", folder_ / "out/a.png");
  EXPECT_EQ(Run("~/a.png @ --out-dir ~/out").err,
            "error: the picture '~/out/a.png' would replace an input\n"
            "hint: choose another name or --out-dir\n");
  Write("out/labels/list.txt", "../../a.png\n");
  MakeImage("list.png");
  EXPECT_EQ(Run("~/out/labels/list.txt ~/list.png @ --no-save --format yolo --out-dir ~/out").err,
            "error: the label file '~/out/labels/list.txt' would replace an input\n"
            "hint: choose another name or --out-dir\n");
  EXPECT_EQ(Text("a.png"), picture);
}

TEST_F(OutputsTest, NoOutputReplacesTheModelsWeights) {
  MakeImage("a.png");
  Write("w.bin", "01234567");
  Write("m.onnx", test_support::tiny_onnx::Model()
                      .ExternalConstant("w", test_support::tiny_onnx::kFloat, {2}, "w.bin")
                      .Serialised());
  fs::create_directory(folder_ / "out");
  fs::create_symlink("../w.bin", folder_ / "out/a.png");
  EXPECT_EQ(Run("~/a.png ~/m.onnx --no-save --json ~/w.bin").err,
            "error: --json '~/w.bin' would replace an input\nhint: choose another name\n");
  EXPECT_EQ(Run("~/a.png ~/m.onnx --out-dir ~/out").err,
            "error: the picture '~/out/a.png' would replace an input\n"
            "hint: choose another name or --out-dir\n");
  EXPECT_EQ(Text("w.bin"), "01234567");
}

TEST_F(OutputsTest, DevicesFifosLinksAndModesStay) {
  MakeImage("a.png");
  // The folder's name as it is: in what the program writes to files, too.
  const std::string expected = WithFolder(Run("~/a.png @ --no-save --json -").out);
  ASSERT_THAT(expected, EndsWith("]}]}\n"));
  const auto run = [&](const std::string& json, const std::string& rest) {
    const Outcome outcome = Run("~/a.png @ --no-save --quiet --json " + json + " " + rest);
    EXPECT_EQ(outcome.err, "") << json;
    return WithFolder(outcome.out);
  };
  run("/dev/null", "");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(run("/dev/stdout", ""), expected);
  EXPECT_EQ(run("/dev/stdout", "| cat"), expected);
  Write("log", "before\n");
  run("/dev/stdout", ">> ~/log");
  EXPECT_EQ(Text("log"), "before\n" + expected);
  prefix_ = "mkfifo " + (folder_ / "fifo").native() + "; cat " + (folder_ / "fifo").native() + " &";
  EXPECT_EQ(run("~/fifo", "; wait"), expected);
  EXPECT_TRUE(fs::is_fifo(folder_ / "fifo"));
  prefix_.clear();
  Write("private.jsonl", "old");
  fs::permissions(folder_ / "private.jsonl", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("private.jsonl", folder_ / "link.jsonl");
  run("~/link.jsonl", "");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.jsonl"));
  EXPECT_EQ(Text("private.jsonl"), expected);
  EXPECT_EQ(fs::status(folder_ / "private.jsonl").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(OutputsTest, TheTableStaysOutOfResultsOnStdout) {
  MakeImage("a.png");
  EXPECT_EQ(Run("~/a.png @ --no-save --json /dev/stdout").out,
            Run("~/a.png @ --no-save --json -").out);
}

TEST_F(OutputsTest, APictureOrVideoIsNoFifo) {
  MakeVideo("clip.avi");
  fs::create_directory(folder_ / "out");
  ASSERT_EQ(::mkfifo((folder_ / "out/clip.mp4").c_str(), 0600), 0);
  const Outcome outcome = Run("~/clip.avi @ --out-dir ~/out --quiet");
  EXPECT_EQ(outcome.err, "error: '~/out/clip.mp4': cannot be written: it is not a regular file\n");
  EXPECT_EQ(outcome.code, 1);
}

// The first signal ends the video early; the second does not wait for that.
TEST_F(OutputsTest, ASecondSignalLeavesNoTemporary) {
  MakeVideo("clip.avi", 3000);
  prefix_ = "mkfifo " + (folder_ / "table").native() + ";";
  const Outcome outcome =
      Run("~/clip.avi @ --out-dir ~/out --format csv,yolo > ~/table & program=$!; exec 3< ~/table; "
          "read header <&3; until ls ~/out/*.mp4 > ~/listing 2>&1; do sleep 0.01; done; "
          "kill -HUP $program; kill -TERM $program; wait $program");
  EXPECT_GE(outcome.code, 129);
  EXPECT_THAT(Text("listing"), HasSubstr("clip.mp4.tmp-"));
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "out")) {
    EXPECT_EQ(entry.path().native().find(".tmp-"), std::string::npos) << entry.path();
  }
}

TEST_F(OutputsTest, AFifoOfInputsOrColoursIsReadOrRefusedInTime) {
  MakeImage("a.png");
  const std::string list = (folder_ / "list.txt").native();
  prefix_ = "mkfifo " + list + ";";
  Outcome outcome = Run("~/list.txt @ --no-save --quiet");
  EXPECT_EQ(outcome.err,
            "error: '~/list.txt': cannot be read: it is a pipe that nobody writes into\n");
  EXPECT_EQ(outcome.code, 1);
  prefix_ = "(sleep 0.5; echo a.png) > " + list + " &";
  outcome = Run("~/list.txt @ --no-save --json -");
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("a.png"));
  prefix_ = ": > " + list + " &";
  EXPECT_EQ(Run("~/list.txt @ --no-save --quiet").err, "error: '~/list.txt': lists nothing\n");
  // What bash makes of <(command).
  prefix_ = "echo '#ff0000' |";
  EXPECT_EQ(Run("~/a.png @ --no-save --quiet --colors /dev/stdin").err, "");
  prefix_.clear();
  EXPECT_EQ(Run("~/a.png @ --no-save --quiet --colors ~/list.txt").err,
            "error: '~/list.txt': cannot be read: it is a pipe that nobody writes into\n");
  EXPECT_EQ(Run("~/a.png @ --no-save --quiet --colors /dev/zero").err,
            "error: '/dev/zero': cannot be read: it has more than 256 MiB\n");
}

}  // namespace
}  // namespace yoloport::tool
