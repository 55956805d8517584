// --shard and --resume.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "detect_journal.h"
#include "detect_shard.h"
#include "test_program.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/error.h"
#include "yoloport/model_description.h"
#include "yoloport/video.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;
using test_support::Outcome;
using testing::HasSubstr;
using testing::StartsWith;

TEST(ShardTest, IsReadFromItsText) {
  EXPECT_EQ(ParseShard("2/3").number, 2);
  EXPECT_EQ(ParseShard("2/3").count, 3);
  EXPECT_EQ(ParseShard("2/3").suffix(), "-2-of-3");
  EXPECT_EQ(ParseShard("1/1").suffix(), "");
  for (const char* text : {"", "1", "0/3", "4/3", "1/0", "-1/3", "1/3x", "a/b", "1/3/5"}) {
    try {
      ParseShard(text);
      ADD_FAILURE() << text;
    } catch (const UsageError& error) {
      EXPECT_EQ(error.message(), std::string("--shard ") + text + " is no part of a whole");
      EXPECT_EQ(error.hint(), "--shard 1/3, 2/3 and 3/3 are the three thirds of the inputs");
    }
  }
}

// The numbers must never change: machines of different versions would do things twice or not at
// all.
TEST(ShardTest, IsTheSameEverywhere) {
  Fingerprint empty;
  EXPECT_EQ(empty.hex(), "efd01f60ba992926");
  Fingerprint one;
  one.Add("photos/");
  one.Add("1.jpg");
  Fingerprint whole;
  whole.Add("photos/1.jpg");
  EXPECT_EQ(one.value(), whole.value());
}

TEST(ShardTest, PartsAreEvenDisjointAndIndependentOfOtherInputs) {
  std::vector<Item> all;
  for (int i = 0; i < 3000; ++i) {
    all.push_back({InputKind::kImage, "in/" + std::to_string(i) + ".jpg", ""});
  }
  std::set<fs::path> seen;
  for (int number = 1; number <= 3; ++number) {
    std::vector<Item> part = all;
    KeepShard({number, 3}, part);
    EXPECT_NEAR(static_cast<double>(part.size()), 1000, 100);
    for (const Item& item : part) EXPECT_TRUE(seen.insert(item.source).second) << item.source;
    std::vector<Item> alone = {part.front()};
    KeepShard({number, 3}, alone);
    EXPECT_EQ(alone.size(), 1U);
  }
  EXPECT_EQ(seen.size(), all.size());
}

class ResumeTest : public DetectProgramTest {
 protected:
  static constexpr int kImages = 24;

  ResumeTest() {
    for (int i = 0; i < kImages; ++i) {
      MakeImage("in/" + std::to_string(100 + i) + ".png", static_cast<std::uint8_t>(10 * i));
    }
  }

  void MakeVideo(const std::string& name, int frames) const {
    fs::create_directories((folder_ / name).parent_path());
    VideoWriter writer(folder_ / name, 32, 32, 10);
    for (int i = 0; i < frames; ++i) {
      Image image(32, 32);
      std::fill_n(image.data(), image.stride() * 32, static_cast<std::uint8_t>(200 - 10 * i));
      writer.Write(image);
    }
    writer.Commit();
  }

  // All files below a folder but the journals, by name.
  std::map<std::string, std::string> Tree(const std::string& name) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / name)) {
      if (!entry.is_regular_file() || entry.path().extension() == ".resume") continue;
      files[entry.path().lexically_relative(folder_ / name)] = Contents(entry.path());
    }
    return files;
  }

  std::vector<std::string> SortedLines(const std::string& text) const {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  // As a run that was killed leaves its journal: so many lines, and a part of the next.
  void CutJournal(const std::string& name, int lines) const {
    const std::string text = Contents(folder_ / name);
    std::size_t at = 0;
    for (int i = 0; i < lines; ++i) at = text.find('\n', at) + 1;
    ASSERT_LT(at + 10, text.size());
    std::ofstream(folder_ / name, std::ios::binary) << text.substr(0, at + 10);
  }
};

const std::string kAll = " --format coco,csv,yolo --score-thr 0.1 --quiet ";

TEST_F(ResumeTest, ShardsTogetherEqualOneRun) {
  ASSERT_EQ(Run("~/in @ --out-dir ~/one --json ~/one.jsonl" + kAll).code, 0);
  std::string lines;
  std::string csv;
  for (int number = 1; number <= 3; ++number) {
    const Shard shard = {number, 3};
    std::string command = "~/in @ --out-dir ~/parts --json ~/part.jsonl --shard ";
    command += std::to_string(number) + "/3" + kAll;
    const Outcome outcome = Run(command);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    lines += Contents(folder_ / "part.jsonl");
    const fs::path base = folder_ / "parts" / ("detections" + shard.suffix());
    const std::string table = Contents(base.native() + ".csv");
    csv += table.substr(number == 1 ? 0 : table.find('\n') + 1);
    EXPECT_TRUE(fs::remove(base.native() + ".csv"));
    EXPECT_TRUE(fs::remove(base.native() + ".json"));
  }
  EXPECT_EQ(SortedLines(lines), SortedLines(Contents(folder_ / "one.jsonl")));
  EXPECT_EQ(SortedLines(csv), SortedLines(Contents(folder_ / "one/detections.csv")));
  fs::remove(folder_ / "one/detections.csv");
  fs::remove(folder_ / "one/detections.json");
  EXPECT_EQ(Tree("parts"), Tree("one"));  // pictures and labels
}

TEST_F(ResumeTest, ACutOffRunResumedEqualsOneRun) {
  MakeVideo("in2/clip.mp4", 6);
  const std::string inputs = "~/in/10*.png ~/in2/clip.mp4 ~/in/11*.png @ ";
  ASSERT_EQ(Run(inputs + "--out-dir ~/one --json ~/one.jsonl" + kAll).code, 0);
  const std::string resume = inputs + "--out-dir ~/out --json ~/r.jsonl --resume" + kAll;
  ASSERT_EQ(Run(resume).code, 0);
  EXPECT_EQ(Tree("out"), Tree("one"));
  // Lines: what made it, 10 images, 6 frames, the video's end, 10 images. Cut in the images, in the
  // video, before its end and behind, and in the images that follow.
  for (const int lines : {3, 14, 17, 18, 20}) {
    CutJournal("out/detections.resume", lines);
    for (const char* file : {"out/detections.json", "out/detections.csv", "r.jsonl"}) {
      fs::remove(folder_ / file);
    }
    const Outcome outcome = Run(resume);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(Tree("out"), Tree("one")) << lines;
    EXPECT_EQ(Contents(folder_ / "r.jsonl"), Contents(folder_ / "one.jsonl")) << lines;
  }
}

// Killed when its journal has the header and five results; the pictures are so large that there is
// time for that.
TEST_F(ResumeTest, AKilledRunResumedEqualsOneRun) {
  for (int i = 0; i < kImages; ++i) {
    Image image(1000, 1000);
    std::fill_n(image.data(), image.stride() * 1000, static_cast<std::uint8_t>(10 * i));
    WriteImage(image, folder_ / "in" / (std::to_string(100 + i) + ".png"));
  }
  ASSERT_EQ(Run("~/in @ --out-dir ~/one --json ~/one.jsonl" + kAll).code, 0);
  const std::string command = "~/in @ --out-dir ~/out --json ~/r.jsonl --resume" + kAll;
  const std::string journal = (folder_ / "out/detections.resume").native();
  Run(command + "& pid=$!; until [ $(cat " + journal +
      " 2>/dev/null | wc -l) -ge 6 ]; do :; done; " + "kill -KILL $pid; wait $pid");
  EXPECT_LT(SortedLines(Contents(journal)).size(), 1U + kImages);
  EXPECT_FALSE(fs::exists(folder_ / "r.jsonl"));
  const Outcome outcome = Run(command);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::map<std::string, std::string> tree = Tree("out");
  // What was being written by the run that was killed.
  std::erase_if(tree,
                [](const auto& file) { return file.first.find(".tmp-") != std::string::npos; });
  EXPECT_EQ(tree, Tree("one"));
  EXPECT_EQ(Contents(folder_ / "r.jsonl"), Contents(folder_ / "one.jsonl"));
}

TEST_F(ResumeTest, WhatIsDoneIsNotDoneAgain) {
  const std::string command = "~/in @ --out-dir ~/out --score-thr 0.1 --resume";
  ASSERT_EQ(Run(command).code, 0);
  const auto before = fs::last_write_time(folder_ / "out/105.png");
  fs::remove(folder_ / "out/110.png");           // is drawn again
  MakeImage("in/111.png", 255);                  // has changed
  MakeImage("in/200.png", 204);                  // is new
  std::ofstream(folder_ / "in/300.png") << "x";  // fails
  const Outcome outcome = Run(command);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, StartsWith("22 of 26 inputs were done before\n"));
  EXPECT_THAT(outcome.out, HasSubstr("3 images, "));
  EXPECT_EQ(fs::last_write_time(folder_ / "out/105.png"), before);
  EXPECT_TRUE(fs::exists(folder_ / "out/110.png"));
  EXPECT_THAT(Run(command).err, HasSubstr("error: 1 of 26 inputs failed: ~/in/300.png\n"));
}

TEST_F(ResumeTest, OnlyJsonKeepsItsJournalBeside) {
  ASSERT_EQ(Run("~/in @ --no-save --json ~/r.jsonl --resume --quiet").code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "r.jsonl.resume"));
  const std::string first = Contents(folder_ / "r.jsonl");
  CutJournal("r.jsonl.resume", 9);
  fs::remove(folder_ / "r.jsonl");
  ASSERT_EQ(Run("~/in @ --no-save --json ~/r.jsonl --resume --quiet").code, 0);
  EXPECT_EQ(Contents(folder_ / "r.jsonl"), first);
}

TEST_F(ResumeTest, WrongUsage) {
  const auto expect = [&](const std::string& arguments, int code, const std::string& message) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, code) << arguments;
    EXPECT_EQ(outcome.err, "error: " + message + "\n");
  };
  const std::string hint =
      "\nhint: give the options of the first run, or delete that file to begin anew";
  expect("~/in @ --shard 3", 2,
         "--shard 3 is no part of a whole\n"
         "hint: --shard 1/3, 2/3 and 3/3 are the three thirds of the inputs");
  expect("~/in @ --no-save --resume", 2,
         "--resume needs files to go on with\n"
         "hint: leave --no-save out, or give --json FILE or --format");
  expect("~/in @ --show --resume --out-dir ~/x", 2, "--resume does not go with --show");
  ASSERT_EQ(Run("~/in @ --out-dir ~/out --quiet --resume --score-thr 0.5").code, 0);
  const auto before = Tree("out");
  expect("~/in @ --out-dir ~/out --resume", 2,
         "'~/out/detections.resume': was begun with --score-thr 0.5, and this is without "
         "--score-thr" +
             hint);
  expect("~/in @ --out-dir ~/out --resume --score-thr 0.5 --bgr", 2,
         "'~/out/detections.resume': was begun without --bgr, and this is with --bgr true" + hint);
  std::ofstream(folder_ / "out/detections.resume", std::ios::app) << "{}\n";
  expect("~/in @ --out-dir ~/out --resume --score-thr 0.5", 1,
         "'~/out/detections.resume': line 26 is damaged\nhint: delete the file to begin anew");
  EXPECT_EQ(Tree("out"), before);
}

TEST_F(ResumeTest, OtherContentsOfANamedFileAreNotGoneOnWith) {
  Write("colors.txt", "255 0 0\n0 255 0\n");
  const std::string command = "~/in @ --out-dir ~/out --quiet --resume --colors ~/colors.txt";
  ASSERT_EQ(Run(command).err, "");
  ASSERT_EQ(Run(command).err, "");
  Write("colors.txt", "0 0 255\n0 255 0\n");
  EXPECT_EQ(Run(command).err,
            "error: '~/out/detections.resume': was begun with other contents of the file of "
            "--colors\nhint: put them back, or delete that journal to begin anew\n");
}

// They change what the results are called, not what is found.
TEST_F(ResumeTest, AnnotationsMayComeLater) {
  Write("ids.json", R"({"images": [{"id": 1, "file_name": "100.png"}], "annotations": [],
                        "categories": [{"id": 7, "name": "bright"}]})");
  const std::string command = "~/in @ --out-dir ~/out --quiet --resume --format coco ";
  ASSERT_EQ(Run(command).code, 0);
  const Outcome outcome = Run(command + "--annotations ~/ids.json");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err.find("error: "), std::string::npos) << outcome.err;
}

TEST_F(ResumeTest, TheModelsWeightsInOtherFilesCount) {
  Write("w.bin", "01234567");
  Write("m.onnx", test_support::tiny_onnx::Model()
                      .ExternalConstant("w", test_support::tiny_onnx::kFloat, {2}, "w.bin")
                      .Serialised());
  const auto journal = [&] { return Journal(folder_ / "j", {ModelFiles(folder_ / "m.onnx"), {}}); };
  { journal(); }
  { journal(); }
  Write("w.bin", "01234568");
  EXPECT_THROW(journal(), UsageError);
}

TEST_F(ResumeTest, AnotherModelIsNotGoneOnWith) {
  std::string model = Contents("testdata/detect/brightness.onnx");
  model.replace(model.find("bright"), 6, "BRIGHT");
  std::ofstream(folder_ / "m.onnx", std::ios::binary) << model;
  ASSERT_EQ(Run("~/in @ --out-dir ~/out --quiet --resume").code, 0);
  const Outcome outcome = Run("~/in ~/m.onnx --out-dir ~/out --quiet --resume");
  EXPECT_EQ(outcome.err,
            "error: '~/out/detections.resume': was begun with another model\n"
            "hint: give the options of the first run, or delete that file to begin anew\n");
  EXPECT_EQ(outcome.code, 2);
}

}  // namespace
}  // namespace yoloport::tool
