// The table, and the program as a whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "detect_report.h"
#include "test_program.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;
using test_support::Outcome;
using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

class DetectTest : public DetectProgramTest {
 protected:
  // list.txt, which names `image` so many times.
  void MakeList(const char* image, int times) const {
    std::ofstream list(folder_ / "list.txt");
    for (int i = 0; i < times; ++i) list << image << "\n";
  }
};

TEST(ReportTest, CountsTheMostFrequentFirst) {
  const std::vector<std::string> classes = {"dog", "car"};
  EXPECT_EQ(CountsByClass({{0, 1, {}}, {1, 1, {}}, {1, 1, {}}, {9, 1, {}}}, classes),
            "2 car, 1 dog, 1 class_9");
  EXPECT_EQ(CountsByClass({}, classes), "-");
}

// ONNX Runtime would, where it is let: what it reports to its makers it keeps in the home folder.
TEST_F(DetectTest, LeavesNothingInTheHomeFolder) {
  const fs::path home = folder_ / "home";
  fs::create_directories(home);
  MakeImage("a.png");
  // In CI it reports nothing.
  prefix_ =
      "env -u CI -u GITHUB_ACTIONS -u TF_BUILD -u XDG_CACHE_HOME -u ORT_DISABLE_TELEMETRY HOME=" +
      home.native() + " TMPDIR=" + home.native();
  const Outcome outcome = Run("~/a.png @ --no-save --quiet");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(fs::is_empty(home));
}

TEST_F(DetectTest, WritesPicturesATableAndJson) {
  MakeImage("in/a.png", 204);
  MakeImage("in/b.png", 51);
  const Outcome outcome = Run("~/in @ --out-dir ~/out --json ~/r.jsonl --score-thr 0.1");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("so --score-thr 0.1 finds no more"));
  EXPECT_THAT(outcome.out, HasSubstr("1 dark, 1 bright\n"));
  EXPECT_THAT(outcome.out, HasSubstr("2 images, 3 objects in "));
  EXPECT_TRUE(fs::exists(folder_ / "out/a.png"));
  EXPECT_NE(Contents(folder_ / "out/b.png"), Contents(folder_ / "in/b.png"));
  const std::string json = Contents(folder_ / "r.jsonl");
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 2);
  EXPECT_THAT(json, HasSubstr(R"(/in/a.png","width":32,"height":32,"detections":[)"
                              R"({"label":1,"class":"bright","score":0.79)"));
}

// What the file drops by itself cannot be had back; nobody is told who gave no threshold.
TEST_F(DetectTest, AThresholdBelowTheFilesOwnIsSaidToFindNoMore) {
  MakeImage("a.png", 0);
  EXPECT_EQ(Run("~/a.png @ --no-save --score-thr 0.1").err,
            "warning: 'testdata/detect/brightness.onnx': drops by itself what scores at or below "
            "0.25, so --score-thr 0.1 finds no more; 'yoloport set --score-threshold' changes the "
            "file's own threshold\n");
  EXPECT_EQ(Run("~/a.png @ --no-save --score-thr 0.25").err, "");
  EXPECT_EQ(Run("~/a.png @ --no-save").err, "");
}

TEST_F(DetectTest, ANoteSaysWhatAFileOfAnotherProgramWasTakenFor) {
  MakeImage("a.png");
  const std::string run = "~/a.png testdata/detect/foreign.onnx --no-save --json ~/r.jsonl ";
  EXPECT_EQ(Run(run).err,
            "note: 'testdata/detect/foreign.onnx': is taken for Ultralytics' detector, "
            "1x6x84 before suppression\n");
  EXPECT_THAT(Contents(folder_ / "r.jsonl"), HasSubstr(R"({"label":1,"class":"dog","score":0.59)"));
  EXPECT_EQ(Run(run + "--quiet").err, "");
  EXPECT_THAT(Run(run + "--boxes pixels").err, HasSubstr("hint: leave --boxes out"));
  EXPECT_THAT(Run(run + "--boxes other").err, HasSubstr("--boxes must be pixels or offsets"));
  EXPECT_THAT(Run(run + "--class-agnostic --no-class-agnostic").err,
              HasSubstr("exclude each other"));
}

TEST_F(DetectTest, JsonOnStdoutIsAlone) {
  MakeImage("a.png", 0);
  const Outcome outcome = Run("~/a.png @ --no-save --json - --score-thr 0.1");
  EXPECT_EQ(outcome.out, "{\"image\":\"~/a.png\",\"width\":32,\"height\":32,\"detections\":[]}\n");
  EXPECT_EQ(outcome.code, 0);
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
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "error: '~/in/bad.jpg': is no image of a known format; JPEG, PNG, WebP, BMP, TIFF, PNM "
            "and JPEG 2000 are read\nerror: 1 of 3 inputs failed: ~/in/bad.jpg\n");
  EXPECT_TRUE(fs::exists(folder_ / "out/c.png"));
  EXPECT_FALSE(fs::exists(folder_ / "out/bad.jpg"));
}

TEST_F(DetectTest, WrongUsage) {
  MakeImage("a.png");
  const auto expect = [&](const std::string& arguments, const std::string& message) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
    EXPECT_EQ(outcome.err, "error: " + message + "\n");
    EXPECT_EQ(outcome.out, "");
  };
  expect("~/a.png @ --out-dri x", "unknown option --out-dri; did you mean --out-dir?");
  expect("~/a.png @ --banana", "unknown option --banana");
  expect("~/a.png ~/best.pt",
         "'~/best.pt': is a checkpoint, not a model that can run\n"
         "hint: export it first: yoloport export ~/best.pt");
  expect("~/x.onnx ~/a.png",
         "the model comes last: '~/x.onnx' stands in front of '~/a.png'\n"
         "hint: yoloport detect INPUT... MODEL.onnx");
  expect("~/a.png",
         "needs something to look at, and a model\n"
         "hint: yoloport detect INPUT... MODEL.onnx");
  expect("~/a.png @ --score-thr nan", "--score-thr must be from 0 to 1");
  expect("~/a.png @ --score-thr 1.5", "--score-thr must be from 0 to 1");
  expect("~/a.png @ --threads -1", "--threads must be from 0 to 1024");
  expect("~/a.png @ --runtime tvm",
         "there is no runtime 'tvm'; the runtimes are onnxruntime, openvino, tensorrt");
  expect("~/a.png @ --out-dir ~",
         "the picture '~/a.png' would replace an input\nhint: choose another name or --out-dir");
  expect("~/a.png @ --no-save --json ~/a.png",
         "--json '~/a.png' would replace an input\nhint: choose another name");
  expect("~/a.png @ --format voc", "--format knows coco, csv and yolo, not voc");
  expect("~/a.png @ --max-det -1", "--max-det must not be negative");
  expect("~/a.png @ --batch 0", "the batch must be from 1 to 1024");
}

// The model is end-to-end, but what is said of it goes through the same options.
TEST_F(DetectTest, ModelsAreDescribed) {
  MakeImage("a.png", 204);
  std::ofstream(folder_ / "names.txt") << "night\nday\n";
  std::ofstream(folder_ / "anchors.txt") << "1,2\n3\n";
  const Outcome named = Run("~/a.png @ --no-save --json - --class-names ~/names.txt --bgr");
  EXPECT_EQ(named.code, 0) << named.err;
  EXPECT_THAT(named.out, HasSubstr(R"("class":"day")"));
  // (204 - 102) / 255:
  const Outcome shifted =
      Run("~/a.png @ --no-save --json - --mean 102 102 102 --std 255 255 255 --resize stretch");
  EXPECT_THAT(shifted.out, HasSubstr(R"("score":0.39999)"));  // 0.4 but for a float's last bits
  const auto expect = [&](const std::string& arguments, const std::string& message) {
    const Outcome outcome = Run("~/a.png @ --no-save " + arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
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
  expect("--bins 3", name +
                         "ends with detections, which --bins does not change\n"
                         "hint: it describes the raw heads of a file without NMS: leave it out");
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

TEST_F(DetectTest, WithoutTensorRtOrAGpuItSaysSo) {
  MakeImage("a.png");
  const auto expect = [&](const std::string& arguments, int code, const std::string& message) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, code) << arguments;
    EXPECT_EQ(outcome.err.substr(0, message.size()), message);
    EXPECT_EQ(outcome.out, "");
  };
  expect("~/a.png @ --device gpu", 2,
         "error: there is no device 'gpu'; devices are cpu, cuda and cuda:N\n");
  expect("~/a.png @ --device cuda:0", 1, "error: ONNX Runtime ");
  expect("~/a.png @ --runtime tensorrt", 1, "error: ONNX Runtime ");
  std::ofstream(folder_ / "m.engine") << "no engine";
  if (!YOLOPORT_HAS_TENSORRT) {
    expect("~/a.png ~/m.engine", 1, "error: TensorRT is not built into this yoloport\nhint: ");
  }
}

TEST_F(DetectTest, BuildEngineWithoutTensorRt) {
  if (YOLOPORT_HAS_TENSORRT) GTEST_SKIP() << "tensorrt is built";
  command_ = "build-engine";
  const auto expect = [&](const std::string& arguments, int code, const std::string& message) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, code) << arguments;
    EXPECT_EQ(outcome.err, "error: " + message + "\n");
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(fs::is_empty(folder_)) << arguments;
  };
  expect("@ --output ~/m.engine", 1,
         "TensorRT is not built into this yoloport\n"
         "hint: build yoloport with -DYOLOPORT_WITH_TENSORRT=ON on a machine that has TensorRT and "
         "CUDA (docs/tensorrt.md)");
  for (const char* shape : {"1x3x32", "1x3x32x32x1", "1x3x32x", "0x3x32x32", "1x3x32x-1",
                            "1 3 32 32", "ax3x32x32", "1x3x32x32 "}) {
    expect("@ --output ~/m.engine --opt-shape '" + std::string(shape) + "'", 2,
           "--opt-shape is '" + std::string(shape) +
               "', not of the form NxCxHxW, such as 1x3x640x640");
  }
  expect("@ --output ~/m.engine --opt-shape 1x3x64x64", 2,
         "--opt-shape 1x3x64x64 does not fit the input 'images' of the file, which is "
         "'1x3x32x32'\nhint: export with --dynamic to leave extents open");
  expect("@ --output ~/m.engine --opt-shap 1x3x64x64", 2,
         "unknown option --opt-shap; did you mean --opt-shape?");
  expect("", 2, "model is required\nhint: see yoloport build-engine --help");
  expect("~/missing.onnx", 1, "'~/missing.onnx': no such file");
}

// What is loaded only when it is needed is found beside the program, however that was called.
TEST_F(DetectTest, FindsItsModulesWhereverItIsCalledFrom) {
  MakeImage("a.png");
  const fs::path program = YOLOPORT_DETECT_PROGRAM;
  const auto expect_done = [&] {
    const Outcome outcome = Run("~/a.png @ --out-dir ~/out --quiet");
    EXPECT_EQ(outcome.err, "") << prefix_ << " " << program_;
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(fs::remove_all(folder_ / "out"), 2);
  };
  prefix_ = "PATH=" + program.parent_path().native() + ":$PATH";
  program_ = program.filename().native();
  expect_done();
  fs::create_symlink(program, folder_ / "linked");
  prefix_ = "";
  program_ = (folder_ / "linked").native();
  expect_done();
}

// JPEG takes no module; for others it is said what is missing.
TEST_F(DetectTest, AMissingModuleIsAnErrorInWords) {
  const fs::path program = folder_ / "bin/yoloport-detect";
  fs::create_directories(program.parent_path());
  fs::copy(YOLOPORT_DETECT_PROGRAM, program);
  MakeImage("a.jpg");
  MakeImage("a.png");
  MakeImage("video.avi.png");
  fs::rename(folder_ / "video.avi.png", folder_ / "video.avi");
  program_ = program.native();
  prefix_ = "export LD_LIBRARY_PATH=" YOLOPORT_ONNXRUNTIME_FOLDER ";";
  EXPECT_EQ(Run("~/a.jpg @ --out-dir ~/out --quiet").err, "");
  const std::string hint =
      "hint: it belongs beside the program, or into lib/yoloport as installed, and what it needs "
      "where the system finds it\n";
  EXPECT_THAT(Run("~/a.png @ --no-save").err,
              StartsWith("error: the module for image formats cannot be loaded: "
                         "'~/bin/libyoloport_images.so: cannot open shared object file: No such "
                         "file or directory'\n" +
                         hint));
  EXPECT_THAT(Run("~/video.avi @ --no-save").err,
              StartsWith("error: the module for videos cannot be loaded: "
                         "'~/bin/libyoloport_videos.so: cannot open shared object file: No such "
                         "file or directory'\n" +
                         hint));
  // As installed.
  const fs::path modules = folder_ / YOLOPORT_LIBRARY_FOLDER / "yoloport";
  fs::create_directories(modules);
  fs::copy(fs::path(YOLOPORT_DETECT_PROGRAM).parent_path() / "libyoloport_images.so", modules);
  EXPECT_EQ(Run("~/a.png @ --out-dir ~/out --quiet").err, "");
}

TEST_F(DetectTest, FailuresLeaveNothingBehind) {
  MakeImage("a.png");
  EXPECT_EQ(Run("~/a.png ~/missing.onnx").err, "error: '~/missing.onnx': no such file\n");
  EXPECT_EQ(Run("~/a.png ~/a.png").err,
            "error: '~/a.png': is not an ONNX file: it looks like a PNG image\n");
  EXPECT_EQ(Run("~/a.png @ --no-save --json ~/no/r.json").code, 1);
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_EQ(Run("~/a.png @ --out-dir ~/file").code, 1);
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
  EXPECT_EQ(outcome.code, 1);
}

TEST_F(DetectTest, TheSummaryTellsWhatRanTheNetwork) {
  MakeImage("a.png");
  const Outcome outcome = Run("~/a.png ~/a.png @ --no-save");
  EXPECT_THAT(outcome.out, ContainsRegex("2 images, 2 objects in [0-9.]+ s, [0-9.]+ a second, with "
                                         "ONNX Runtime [0-9.]+, float32. Milliseconds of each: "
                                         "read [0-9.]+, prepare [0-9.]+, infer [0-9.]+, decode "
                                         "[0-9.]+, draw [0-9.]+, write [0-9.]+; they overlap.\n"));
}

TEST_F(DetectTest, ResultsComeInTheOrderOfTheInputs) {
  std::string inputs;
  std::string expected;
  for (int i = 0; i < 30; ++i) {
    const std::string name = std::to_string(i * 7 % 30) + ".png";
    MakeImage(name);
    inputs += "~/" + name + " ";
    expected += name + "\n";
  }
  const std::string json = Run(inputs + "@ --no-save --threads 4 --json -").out;
  std::string order;
  for (std::size_t at = 0; (at = json.find(".png", at)) != std::string::npos; ++at) {
    const std::size_t begin = json.rfind('/', at) + 1;
    order += json.substr(begin, at - begin) + ".png\n";
  }
  EXPECT_EQ(order, expected);
}

TEST_F(DetectTest, Formats) {
  MakeImage("in/a.png");
  MakeImage("in/a.bmp");
  MakeImage("in/sub/b.png", 0);
  const Outcome outcome = Run("~/in @ --recursive --out-dir ~/out --format coco,csv --format yolo");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(Contents(folder_ / "out/detections.json"), StartsWith("{\"annotations\":[\n"));
  EXPECT_THAT(Contents(folder_ / "out/detections.csv"),
              StartsWith("image,width,height,frame,time,label,class,score,x1,y1,x2,y2\n"));
  EXPECT_THAT(Contents(folder_ / "out/labels/a.txt"), StartsWith("1 0.5 0.375 0.5 0.25 0.79"));
  EXPECT_EQ(Contents(folder_ / "out/labels/a-2.txt"), Contents(folder_ / "out/labels/a.txt"));
  EXPECT_TRUE(fs::exists(folder_ / "out/labels/sub/b.txt"));
  EXPECT_EQ(Contents(folder_ / "out/labels/sub/b.txt"), "");
}

TEST_F(DetectTest, KeepsWhatIsWanted) {
  MakeImage("a.png");
  const auto found = [&](const std::string& options) {
    const std::string out = Run("~/a.png @ --no-save --score-thr 0.1 " + options).out;
    const auto begin = out.find("  ", out.rfind('.', out.find(" image, "))) + 2;
    return out.substr(begin, out.find('\n', begin) - begin);
  };
  EXPECT_EQ(found(""), "1 dark, 1 bright");
  EXPECT_EQ(found("--classes dark"), "1 dark");
  EXPECT_EQ(found("--classes bright,class_0"), "1 dark, 1 bright");
  EXPECT_EQ(found("--max-det 1"), "1 bright");
  EXPECT_EQ(Run("~/a.png @ --no-save --classes birght").err,
            "error: --classes: the model has no class 'birght'; did you mean 'bright'?\n");
}

TEST_F(DetectTest, NamesAndColoursFromFiles) {
  MakeImage("a.png");
  std::ofstream(folder_ / "names.txt") << "night\r\nday\n\n";
  std::ofstream(folder_ / "colours.txt") << "#ff0000\n0, 255 0\n";
  const Outcome outcome =
      Run("~/a.png @ --out-dir ~/out --class-names ~/names.txt --colors ~/colours.txt");
  EXPECT_THAT(outcome.out, HasSubstr("  1 day\n")) << outcome.err;
  const Image picture = ReadImage(folder_ / "out/a.png");
  const std::uint8_t* corner = picture.data() + picture.stride() * 8 + 3 * 8;  // of the box
  EXPECT_EQ(corner[1], 255);
  EXPECT_EQ(corner[2], 0);

  std::ofstream(folder_ / "bad.txt") << "#ff0000\nred\n";
  EXPECT_EQ(Run("~/a.png @ --no-save --colors ~/bad.txt").err,
            "error: '~/bad.txt' line 2: 'red' is no colour; write #rrggbb or three numbers from 0 "
            "to 255\n");
  for (const char* none : {"256 0 0", "4294967296 0 0", "-1 0 0", "0 0", "0 0 0 0", "#+1+1+1"}) {
    std::ofstream(folder_ / "bad.txt") << none << "\n";
    EXPECT_THAT(Run("~/a.png @ --no-save --colors ~/bad.txt").err, HasSubstr("is no colour"));
  }
  EXPECT_EQ(Run("~/a.png @ --no-save --class-names ~/bad2.txt").code, 1);
}

TEST_F(DetectTest, AnUnwritableFolderIsToldForEachPicture) {
  MakeImage("in/a.png");
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_EQ(Run("~/in @ --out-dir ~/file").err,
            "error: '~/file/a.png': cannot be created: Not a directory\nerror: 1 of 1 inputs "
            "failed: ~/in/a.png\n");
}

TEST_F(DetectTest, AFolderThatCannotBeMadeIsToldBeforeAnyWork) {
  MakeImage("a.png");
  std::ofstream(folder_ / "file") << "in the way";
  const Outcome outcome = Run("~/a.png @ --out-dir ~/file/deep/out");
  EXPECT_EQ(outcome.err, "error: '~/file/deep/out': cannot be created: Not a directory\n");
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.code, 1);
}

// As good as full: no file may become larger than a block.
TEST_F(DetectTest, PicturesThatDoNotFitOnTheDiskLeaveNothing) {
  Image noise(256, 256);
  for (unsigned i = 0; i < 256 * 256 * 3; ++i) {
    noise.data()[i] = static_cast<std::uint8_t>(i * i / 7);
  }
  WriteImage(noise, folder_ / "a.png");
  prefix_ = "trap '' XFSZ; ulimit -f 1;";
  const Outcome outcome = Run("~/a.png @ --out-dir ~/out");
  EXPECT_EQ(outcome.err,
            "error: '~/out/a.png': cannot be written: File too large\n"
            "error: 1 of 1 inputs failed: ~/a.png\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(fs::is_empty(folder_ / "out"));
}

TEST_F(DetectTest, AnInterruptionLeavesWholeFiles) {
  MakeImage("a.png");
  MakeList("a.png", 100000);
  // Once it has found something it is told to end; whoever reads its table then sees the end of it.
  prefix_ = "mkfifo " + (folder_ / "table").native() + ";";
  const Outcome outcome =
      Run("~/list.txt @ --no-save --json ~/r.jsonl > ~/table & program=$!; exec 3< ~/table; "
          "read header <&3; read first <&3; kill -TERM $program; cat <&3 > ~/rest; wait $program");
  EXPECT_EQ(outcome.code, 143);
  EXPECT_THAT(outcome.err, MatchesRegex("error: interrupted at input [0-9]+ of 100000; what was "
                                        "written is whole\n"));
  const std::string json = Contents(folder_ / "r.jsonl");
  const auto lines = std::count(json.begin(), json.end(), '\n');
  EXPECT_GT(lines, 0);
  EXPECT_LT(lines, 100000);
  EXPECT_THAT(json, EndsWith("]}]}\n"));
  EXPECT_THAT(Contents(folder_ / "rest"), ContainsRegex(std::to_string(lines) + " images?, "));
}

// The program waits for a reader of its table that does not read.
TEST_F(DetectTest, AnInterruptionEndsTheWaitForAReader) {
  MakeImage("a.jpg");
  MakeList("a.jpg", 5000);
  prefix_ = "mkfifo " + (folder_ / "table").native() + ";";
  const Outcome outcome =
      Run("~/list.txt @ --out-dir ~/out > ~/table & program=$!; exec 3< ~/table; "
          "read header <&3; read first <&3; sleep 1; kill -INT $program; wait $program");
  EXPECT_EQ(outcome.code, 130);
  EXPECT_THAT(outcome.err, MatchesRegex("error: interrupted at input [0-9]+ of 5000; what was "
                                        "written is whole\n"));
  int pictures = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "out")) {
    if (entry.path().extension() != ".jpg") continue;
    ++pictures;
    ASSERT_NO_THROW(ReadImage(entry.path())) << entry.path();
  }
  EXPECT_GT(pictures, 0);
  EXPECT_LT(pictures, 5000);
}

// Nobody opens the other end: at the start, and for a picture while others are done.
TEST_F(DetectTest, AnInterruptionEndsTheWaitForWhoeverOpensAFifo) {
  MakeImage("a.png");
  fs::create_directory(folder_ / "out");
  prefix_ = "mkfifo " + (folder_ / "lines").native() + " " + (folder_ / "out/a.png").native() + ";";
  const std::string interrupted = " & program=$!; sleep 1; kill -TERM $program; wait $program";
  EXPECT_EQ(Run("~/a.png @ --no-save --json ~/lines" + interrupted).code, 143);
  prefix_.clear();
  const Outcome outcome = Run("~/a.png @ --out-dir ~/out" + interrupted);
  EXPECT_EQ(outcome.code, 143);
  EXPECT_THAT(outcome.err, HasSubstr("out/a.png': cannot be opened: Operation canceled"));
}

// The pictures take longer than that to decode.
TEST_F(DetectTest, ASecondInterruptionEndsAtOnce) {
  WriteImage(Image(5700, 5700), folder_ / "a.png");
  MakeList("a.png", 50);
  const Outcome outcome =
      Run("~/list.txt @ --no-save & program=$!; sleep 1; kill -INT $program; sleep 0.02; "
          "kill -INT $program; wait $program");
  EXPECT_EQ(outcome.code, 130);
  EXPECT_EQ(outcome.err, "");
}

// A profile that libpng complains about.
TEST_F(DetectTest, QuietSilencesLibraries) {
  const fs::path path = MakeImage("a.png");
  std::string png = Contents(path);
  constexpr std::size_t kBehindHeader = 33;
  png.insert(kBehindHeader, std::string("\0\0\0\4iCCPabcd\0\0\0\0", 16));
  std::ofstream(path, std::ios::binary) << png;
  EXPECT_THAT(Run("~/a.png @ --no-save").err, HasSubstr("iCCP"));
  EXPECT_EQ(Run("~/a.png @ --no-save --quiet").err, "");
  // What is wrong is still told, and results may go there.
  EXPECT_EQ(Run("~/b.png @ --no-save --quiet").err, "error: '~/b.png': no such file or folder\n");
  EXPECT_THAT(Run("~/a.png @ --no-save --quiet --json /dev/stderr").err,
              HasSubstr("\"detections\":"));
}

TEST_F(DetectTest, ClassesMayHaveCommasInTheirNames) {
  MakeImage("a.png");
  Write("names.txt", "dark, grey\nbright\n");
  const std::string common =
      "~/a.png @ --no-save --score-thr 0.1 --class-names ~/names.txt --json - ";
  const auto labels = [&](const std::string& classes) {
    const std::string out = Run(common + "--classes '" + classes + "'").out;
    return std::pair(out.find("\"label\":0") != out.npos, out.find("\"label\":1") != out.npos);
  };
  EXPECT_EQ(labels("dark, grey"), std::pair(true, false));
  EXPECT_EQ(labels("bright,dark, grey"), std::pair(true, true));
  EXPECT_EQ(labels("dark, grey,bright"), std::pair(true, true));
  EXPECT_EQ(labels("bright"), std::pair(false, true));
  EXPECT_THAT(Run(common + "--classes 'dark, gray'").err,
              testing::EndsWith("error: --classes: the model has no class 'dark'\n"));
}

}  // namespace
}  // namespace yoloport::tool
