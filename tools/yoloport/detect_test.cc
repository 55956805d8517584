// The inputs, the table, and the program as a whole on testdata/detect/brightness.onnx: its two
// objects score the mean of the prepared picture ("bright") and a quarter of it ("dark").
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "detect_inputs.h"
#include "detect_report.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DetectTest : public testing::Test {
 protected:
  DetectTest()
      : folder_(fs::path(testing::TempDir()) /
                (std::string("detect_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name() +
                 std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~DetectTest() override { fs::remove_all(folder_); }

  // A picture of one grey level.
  fs::path MakeImage(const std::string& name, std::uint8_t value = 204) const {
    fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    Image image(32, 32);
    std::fill_n(image.data(), image.stride() * 32, value);
    WriteImage(image, path);
    return path;
  }

  std::vector<std::string> Pictures(const InputOptions& options) const {
    std::vector<std::string> problems;
    std::vector<std::string> names;
    for (const Item& item : CollectInputs(options, problems)) {
      names.push_back(item.picture.lexically_relative(options.out_dir).native());
    }
    EXPECT_THAT(problems, IsEmpty());
    return names;
  }

  struct Outcome {
    int exit_code = 0;
    std::string out;
    std::string err;
  };
  // Runs the program; ~ stands for the folder and @ for the model.
  Outcome Run(std::string arguments) const {
    const auto replace = [&](char what, const std::string& with) {
      for (std::size_t at; (at = arguments.find(what)) != std::string::npos;) {
        arguments.replace(at, 1, with);
      }
    };
    replace('~', folder_.native());
    replace('@', "testdata/detect/brightness.onnx");
    const std::string err = (folder_ / "stderr.txt").native();
    const std::string command = YOLOPORT_DETECT_PROGRAM " detect " + arguments + " 2>" + err;
    Outcome outcome;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    char buffer[4096];
    for (std::size_t count; (count = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
      outcome.out.append(buffer, count);
    }
    outcome.exit_code = WEXITSTATUS(::pclose(pipe));
    outcome.err = Contents(err);
    fs::remove(err);
    // The folder's name says nothing and differs from run to run.
    for (std::string* text : {&outcome.out, &outcome.err}) {
      for (std::size_t at; (at = text->find(folder_.native())) != std::string::npos;) {
        text->replace(at, folder_.native().size(), 1, '~');
      }
    }
    return outcome;
  }

  static std::string Contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_;
};

TEST_F(DetectTest, FoldersKeepTheirTree) {
  MakeImage("in/b.png");
  MakeImage("in/a.jpg");
  MakeImage("in/sub/a.jpg");
  std::ofstream(folder_ / "in/notes.txt") << "no image";
  InputOptions options;
  options.inputs = {(folder_ / "in").native()};
  options.out_dir = folder_ / "out";
  EXPECT_THAT(Pictures(options), ElementsAre("a.jpg", "b.png"));
  options.recursive = true;
  EXPECT_THAT(Pictures(options), ElementsAre("a.jpg", "b.png", "sub/a.jpg"));
}

TEST_F(DetectTest, EqualNamesNeverMeet) {
  InputOptions options;
  options.inputs = {MakeImage("1/a.png"), MakeImage("2/a.png"), MakeImage("3/a-2.png"),
                    (folder_ / "2").native()};
  options.out_dir = folder_ / "out";
  EXPECT_THAT(Pictures(options), ElementsAre("a.png", "a-2.png", "a-2-2.png", "a-3.png"));
}

TEST_F(DetectTest, PicturesOfASecondRunAreNoInputs) {
  MakeImage("a.png");
  MakeImage("out/a.png");
  InputOptions options;
  options.inputs = {folder_.native()};
  options.out_dir = folder_ / "out";
  options.recursive = true;
  EXPECT_THAT(Pictures(options), ElementsAre("a.png"));
}

TEST_F(DetectTest, LinksToFoldersAreNotFollowed) {
  MakeImage("in/a.png");
  fs::create_directory_symlink(folder_ / "in", folder_ / "in/again");
  InputOptions options;
  options.inputs = {(folder_ / "in").native()};
  options.out_dir = folder_ / "out";
  options.recursive = true;
  EXPECT_THAT(Pictures(options), ElementsAre("a.png"));
}

TEST_F(DetectTest, InputsAreNeverReplaced) {
  InputOptions options;
  options.inputs = {MakeImage("a.png")};
  options.out_dir = folder_ / "b" / "..";
  std::vector<std::string> problems;
  EXPECT_THROW(CollectInputs(options, problems), UsageError);
}

TEST_F(DetectTest, WhatIsMissingIsAProblem) {
  fs::create_directories(folder_ / "empty");
  InputOptions options;
  options.inputs = {"/missing.png", (folder_ / "empty").native()};
  std::vector<std::string> problems;
  EXPECT_THAT(CollectInputs(options, problems), IsEmpty());
  EXPECT_THAT(problems,
              ElementsAre("'/missing.png': no such file or folder",
                          "'" + (folder_ / "empty").native() + "': no images in this folder"));
}

TEST(ReportTest, CountsTheMostFrequentFirst) {
  const std::vector<std::string> classes = {"dog", "car"};
  EXPECT_EQ(CountsByClass({{0, 1, {}}, {1, 1, {}}, {1, 1, {}}, {9, 1, {}}}, classes),
            "2 car, 1 dog, 1 class_9");
  EXPECT_EQ(CountsByClass({}, classes), "-");
}

TEST_F(DetectTest, WritesPicturesATableAndJson) {
  MakeImage("in/a.png", 204);
  MakeImage("in/b.png", 51);
  const Outcome outcome = Run("~/in @ --out-dir ~/out --json ~/r.jsonl --score-thr 0.1");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("1 dark, 1 bright\n"));
  EXPECT_THAT(outcome.out, HasSubstr("2 images, 3 objects in "));
  EXPECT_TRUE(fs::exists(folder_ / "out/a.png"));
  EXPECT_NE(Contents(folder_ / "out/b.png"), Contents(folder_ / "in/b.png"));
  const std::string json = Contents(folder_ / "r.jsonl");
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 2);
  EXPECT_THAT(json, HasSubstr(R"(/in/a.png","width":32,"height":32,"detections":[)"
                              R"({"label":1,"class":"bright","score":0.79)"));
}

TEST_F(DetectTest, JsonOnStdoutIsAlone) {
  MakeImage("a.png", 0);
  const Outcome outcome = Run("~/a.png @ --no-save --json - --score-thr 0.1");
  EXPECT_EQ(outcome.out, "{\"image\":\"~/a.png\",\"width\":32,\"height\":32,\"detections\":[]}\n");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_FALSE(fs::exists("output"));
}

TEST_F(DetectTest, QuietIsQuiet) {
  MakeImage("a.png");
  const Outcome outcome = Run("~/a.png @ --out-dir ~/out --quiet");
  EXPECT_EQ(outcome.out + outcome.err, "");
  EXPECT_TRUE(fs::exists(folder_ / "out/a.png"));
}

TEST_F(DetectTest, ABadImageDoesNotStopTheOthers) {
  MakeImage("in/a.png");
  std::ofstream(folder_ / "in/bad.jpg") << "no image at all";
  MakeImage("in/c.png");
  const Outcome outcome = Run("~/in @ --out-dir ~/out");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err,
            "error: '~/in/bad.jpg': is no image of a known format; JPEG, PNG, WebP, BMP, TIFF, PNM "
            "and JPEG 2000 are read\nerror: 1 of 3 images failed: ~/in/bad.jpg\n");
  EXPECT_TRUE(fs::exists(folder_ / "out/c.png"));
  EXPECT_FALSE(fs::exists(folder_ / "out/bad.jpg"));
}

TEST_F(DetectTest, WrongUsage) {
  MakeImage("a.png");
  const auto expect = [&](const std::string& arguments, const std::string& message) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments;
    EXPECT_EQ(outcome.err, "error: " + message + "\n");
    EXPECT_EQ(outcome.out, "");
  };
  expect("~/a.png @ --out-dri x", "unknown option --out-dri; did you mean --out-dir?");
  expect("~/a.png @ --banana", "unknown option --banana");
  expect("~/a.png",
         "needs an image or a folder, and a model\n"
         "hint: yoloport detect IMAGE_OR_FOLDER... MODEL.onnx");
  expect("~/a.png @ --score-thr nan", "--score-thr must be from 0 to 1");
  expect("~/a.png @ --score-thr 1.5", "--score-thr must be from 0 to 1");
  expect("~/a.png @ --threads -1", "--threads must be from 0 to 1024");
  expect("~/a.png @ --runtime tvm",
         "there is no runtime 'tvm'; the runtimes are onnxruntime, openvino");
  expect("~/a.png @ --out-dir ~",
         "the picture '~/a.png' would replace an input\nhint: choose another --out-dir");
  expect("~/a.png @ --no-save --json ~/a.png", "--json ~/a.png would replace an input");
}

// The model is end-to-end, but what is said of it goes through the same options.
TEST_F(DetectTest, ModelsAreDescribed) {
  MakeImage("a.png", 204);
  std::ofstream(folder_ / "names.txt") << "night\nday\n";
  std::ofstream(folder_ / "anchors.txt") << "1,2\n3\n";
  const Outcome named = Run("~/a.png @ --no-save --json - --class-names ~/names.txt --bgr");
  EXPECT_EQ(named.exit_code, 0) << named.err;
  EXPECT_THAT(named.out, HasSubstr(R"("class":"day")"));
  // (204 - 102) / 255:
  const Outcome shifted =
      Run("~/a.png @ --no-save --json - --mean 102 102 102 --std 255 255 255 --resize stretch");
  EXPECT_THAT(shifted.out, HasSubstr(R"("score":0.39999)"));  // 0.4 but for a float's last bits
  const auto expect = [&](const std::string& arguments, const std::string& message) {
    const Outcome outcome = Run("~/a.png @ --no-save " + arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments;
    EXPECT_EQ(outcome.err, "error: " + message + "\n");
    EXPECT_EQ(outcome.out, "");
  };
  const std::string name = "'testdata/detect/brightness.onnx': ";
  expect("--type YOLOv8",
         name + "is a yolov5 by its metadata, not a yolov8\nhint: leave --type out");
  expect("--type yolo",
         "--type: there is no type 'yolo'\nhint: did you mean yolox? the types are yolov5, yolox, "
         "yolov6, ppyoloe, ppyoloep, yolov7, rtmdet, yolov8");
  expect("--num-classes 3", name + "has 2 classes by its metadata, not 3");
  expect("--num-classes 0", "--num-classes must be at least 1");
  expect("--img-size 64", name +
                              "takes images of 32x32 only, not of 64x64\n"
                              "hint: leave --img-size out");
  expect("--rgb --bgr", "--rgb and --bgr exclude each other");
  expect("--resize crop", "--resize must be letterbox or stretch");
  expect("--iou-thr 1.1", "--iou-thr must be from 0 to 1");
  expect("--std 1 0 1", "--std must be three positive numbers");
  expect("--anchors ~/anchors.txt",
         "'~/anchors.txt', line 2: has 1 numbers; each anchor is a width and a height\n"
         "hint: a line for each level, such as 10,13 16,30 33,23");
  EXPECT_EQ(Run("~/a.png @ --class-names ~/none.txt").err, "error: '~/none.txt': no such file\n");
}

TEST_F(DetectTest, FailuresLeaveNothingBehind) {
  MakeImage("a.png");
  EXPECT_EQ(Run("~/a.png ~/missing.onnx").err, "error: '~/missing.onnx': no such file\n");
  EXPECT_EQ(Run("~/a.png ~/a.png").err,
            "error: '~/a.png': is not an ONNX file: it looks like a PNG image\n");
  EXPECT_EQ(Run("~/a.png @ --no-save --json ~/no/r.json").exit_code, 1);
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_EQ(Run("~/a.png @ --out-dir ~/file").exit_code, 1);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2);
}

TEST_F(DetectTest, AClosedPipeStopsQuietly) {
  MakeImage("a.png");
  const Outcome outcome = Run("~/a.png ~/a.png ~/a.png @ --no-save | true");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(DetectTest, AFullDiskIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP();
  MakeImage("a.png");
  const Outcome outcome = Run("~/a.png @ --no-save > /dev/full");
  EXPECT_EQ(outcome.err, "error: standard output cannot be written: No space left on device\n");
  EXPECT_EQ(outcome.exit_code, 1);
}

}  // namespace
}  // namespace yoloport::tool
