// The program as its users meet it: exit codes, whole messages, and what is left on disk.
#include <filesystem>
#include <fstream>
#include <string>

#include "testing/program.h"

namespace {

namespace fs = std::filesystem;
using yoloport::test_support::Contents;
using yoloport::test_support::Outcome;

// Runs yoloport in the test's folder, where the demo's config and checkpoint are.
class CliTest : public yoloport::test_support::ProgramTest {
 protected:
  CliTest() { LinkDemo(); }

  Outcome Run(const std::string& arguments) const {
    return RunLine("'" YOLOPORT_PROGRAM "' " + arguments, folder_);
  }

  // `arguments` must fail with this code and message, print nothing else, and create nothing.
  void ExpectError(const std::string& arguments, int code, const std::string& message) {
    const auto before = std::distance(fs::directory_iterator(folder_), {});
    const Outcome result = Run(arguments);
    EXPECT_EQ(result.code, code) << arguments;
    EXPECT_EQ(result.err, message) << arguments;
    EXPECT_EQ(result.out, "") << arguments;
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), before) << arguments;
  }
};

TEST_F(CliTest, ExportWritesIntoTheWorkDirUnderTheCheckpointsName) {
  const Outcome result = Run("export config.py digits.pth --work-dir a/b --img-size 320");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(fs::exists(folder_ / "a/b/digits.onnx"));
  EXPECT_NE(result.out.find("images float32 1 x 3 x 320 x 320"), std::string::npos) << result.out;
  EXPECT_EQ(result.err, "");
}

TEST_F(CliTest, FinishCompletesARawFileBesideIt) {
  ASSERT_EQ(Run("export digits.pth --img-size 320 --model-only --output raw/digits.onnx").code, 0);
  const Outcome result = Run("finish raw/digits.onnx --config config.py --from-test-cfg");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(fs::exists(folder_ / "raw/digits_finished.onnx"));
  EXPECT_NE(result.out.find("num_dets int64 1 x 1"), std::string::npos) << result.out;
  EXPECT_EQ(Run("set raw/digits_finished.onnx --score-threshold 0.5").code, 0);
  EXPECT_EQ(Run("package raw/digits_finished.onnx --target triton --output served").code, 0);
}

TEST_F(CliTest, FinishSaysWhatIsMissing) {
  ASSERT_EQ(Run("export digits.pth --img-size 320 --output whole.onnx --quiet").code, 0);
  ExpectError("finish whole.onnx", 1,
              "error: 'whole.onnx': ends with detections already, by its metadata\n"
              "hint: `yoloport set` changes their thresholds\n");
  ExpectError("finish missing.onnx --type yolov5", 1, "error: 'missing.onnx': no such file\n");
  ExpectError(
      "finish whole.onnx --backend ncnn", 2,
      "error: the backend ncnn takes no NMS: a file with raw heads is as it should be\n"
      "hint: `yoloport detect` takes such a file as it is, with --type where it says nothing "
      "of itself\n");
}

TEST_F(CliTest, QuietSaysNothing) {
  const Outcome result = Run("export digits.pth --output x.onnx --quiet");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out + result.err, "");
  EXPECT_TRUE(fs::exists(folder_ / "x.onnx"));
}

TEST_F(CliTest, TextThatCannotBeWrittenIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP();
  for (const char* command :
       {"--help", "--version", "--limits", "export --help", "detect --help"}) {
    const Outcome outcome = Run(std::string(command) + " > /dev/full");
    EXPECT_EQ(outcome.code, 1) << command;
    EXPECT_EQ(outcome.err, "error: standard output cannot be written: No space left on device\n");
  }
}

TEST_F(CliTest, SimplifyAndDeviceAreAcceptedAndSaySo) {
  const Outcome result = Run("export digits.pth --simplify --device cuda:0 --output x.onnx");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("note: --simplify is not needed: the graph is written simplified\n"),
            std::string::npos);
}

TEST_F(CliTest, ABatchSizeThatADynamicBatchReplacesIsNoted) {
  const Outcome result = Run("export digits.pth --dynamic batch --batch-size 3 --output x.onnx");
  EXPECT_NE(result.out.find("note: --batch-size 3 changes nothing"), std::string::npos);
}

TEST_F(CliTest, DynamicShapesHaveNames) {
  const Outcome result = Run("export digits.pth --output x.onnx --dynamic batch,height,width");
  EXPECT_EQ(result.code, 0) << result.err;
  const Outcome inspected = Run("inspect x.onnx");
  EXPECT_NE(inspected.out.find("input       images float32 batch x 3 x height x width\n"
                               "output      num_dets int64 batch x 1\n"
                               "            boxes float32 batch x 100 x 4\n"),
            std::string::npos)
      << inspected.out;
}

TEST_F(CliTest, ExportOptionsThatDoNotGoTogether) {
  ExpectError("export digits.pth --dynamic depth", 2,
              "error: --dynamic 'depth' is not known\n"
              "hint: it takes batch, or height,width, or batch,height,width\n");
  ExpectError("export digits.pth --dynamic batch,width", 2,
              "error: --dynamic takes height and width together\n");
  ExpectError("export digits.pth --input int8", 2,
              "error: unknown --input 'int8'\nhint: known are: float32, uint8\n");
  ExpectError("export digits.pth --input-layout nhwc", 2,
              "error: --input-layout and --input-color are for --input uint8\n");
  ExpectError("export digits.pth --input uint8 --input-color cmyk", 2,
              "error: unknown --input-color 'cmyk'\nhint: known are: bgr, rgb\n");
  ExpectError("export digits.pth --model-only --runtime-thresholds", 2,
              "error: --runtime-thresholds needs NMS, and the file is to end with the raw heads\n");
}

TEST_F(CliTest, SetChangesAThreshold) {
  ASSERT_EQ(Run("export digits.pth --output x.onnx --img-size 64").code, 0);
  const Outcome result = Run("set x.onnx --score-threshold 0.5 --output y.onnx");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out + result.err, "y.onnx: score threshold 0.25 -> 0.5\n");
  EXPECT_EQ(Run("set y.onnx --iou 0.5 --keep-topk 7").out,
            "y.onnx: iou threshold 0.65 -> 0.5, keep topk 100 -> 7\n");
  EXPECT_EQ(Run("set y.onnx --conf 0.5 --quiet").out, "");
  EXPECT_NE(Run("inspect y.onnx").out.find("thresholds  score 0.5, IoU 0.5, "), std::string::npos);
  EXPECT_NE(Run("inspect x.onnx --json").out.find("\"score\": 0.25"), std::string::npos);
  ExpectError("set x.onnx", 2,
              "error: nothing is to be changed\n"
              "hint: give --score-threshold, --iou-threshold or --keep-topk\n");
  ExpectError("set missing.onnx --keep-topk 5", 1, "error: 'missing.onnx': no such file\n");
}

TEST_F(CliTest, PackagesForServers) {
  ASSERT_EQ(Run("export digits.pth --output x.onnx --img-size 64 --layout ultralytics").code, 0);
  EXPECT_NE(Run("inspect x.onnx").out.find("end to end, layout ultralytics\n"), std::string::npos);
  const Outcome result = Run("package x.onnx --target ovms --output served --name digits");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out,
            "served\n"
            "  model     digits\n"
            "  files     README.md\n"
            "            client.py\n"
            "            config.json\n"
            "            digits/1/model.onnx\n"
            "            digits/labels.txt\n"
            "            serve.sh\n");
  ExpectError("package x.onnx --target ovms --output served", 2,
              "error: 'served': is there already, and is no empty folder\n"
              "hint: give another folder with --output, or remove this one\n");
  ExpectError("package missing.onnx --target ovms --output other", 1,
              "error: 'missing.onnx': no such file\n");
  ExpectError("export digits.pth --layout coco", 2,
              "error: unknown --layout 'coco'\n"
              "hint: known are: mmyolo, ultralytics, mmdeploy, efficientnms\n");
}

TEST_F(CliTest, InspectTellsOfForeignModels) {
  // A graph of one Relu from x to y, written field by field.
  const std::string bytes(
      "\x08\x06\x3A\x20\x0A\x0C\x0A\x01x\x12\x01y\x22\x04Relu"
      "\x5A\x07\x0A\x01x\x12\x02\x0A\x00\x62\x07\x0A\x01y\x12\x02\x0A\x00"
      "\x42\x02\x10\x0B",
      40);
  Write("relu.onnx", bytes);
  const Outcome result = Run("inspect relu.onnx");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out,
            "file        relu.onnx\n"
            "size        40 bytes\n"
            "opset       ai.onnx 11\n"
            "note        not written by yoloport\n"
            "input       x ?\n"
            "output      y ?\n"
            "\n"
            "1 node\n"
            "  Relu                    1\n");
  Write("text.onnx", "hello");
  ExpectError("inspect text.onnx", 1, "error: 'text.onnx': is not an ONNX file\n");
}

TEST_F(CliTest, FilesThatAreNotThereOrNotFiles) {
  ExpectError("export config.py missing.pth", 1, "error: 'missing.pth': no such file\n");
  ExpectError("export missing.py digits.pth", 1, "error: 'missing.py': no such file\n");
  fs::create_directory(folder_ / "folder.pth");
  ExpectError("export config.py folder.pth", 1,
              "error: 'folder.pth': is a directory, not a file\n");
}

TEST_F(CliTest, FilesThatAreNoCheckpoints) {
  Write("empty.pth", "");
  ExpectError("export config.py empty.pth", 1,
              "error: 'empty.pth': the file is empty\nhint: download or copy it again\n");
  Write("text.pth", "hello\n");
  ExpectError("export config.py text.pth", 1,
              "error: 'text.pth': this is a text file, not weights: it begins with 'hello\\n'\n"
              "hint: is it the config? the checkpoint is the .pth file\n");
  Write("cut.pth", Contents(folder_ / "digits.pth").substr(0, 100000));
  ExpectError("export config.py cut.pth", 1,
              "error: 'cut.pth': the zip archive ends before its directory\n"
              "hint: the file is incomplete: download or copy it again\n");
}

TEST_F(CliTest, ConfigsThatWantToRunSomething) {
  Write("a.py", "import os\nmodel = dict(type=os.getcwd())\n");
  ExpectError(
      "export a.py digits.pth", 1,
      "error: a.py:2:22: 'model.type' is needed, and it is not known: os.getcwd() is not run\n"
      "model = dict(type=os.getcwd())\n"
      "                     ^\n"
      "hint: write the value itself, or say it: --cfg-options model.type=VALUE\n");
  Write("b.py", "def f():\n    return 1\n");
  ExpectError("export b.py digits.pth", 1,
              "error: b.py:1:1: the key 'model' is missing\n"
              "def f():\n"
              "^\n");
}

TEST_F(CliTest, BasesInACircle) {
  Write("a.py", "_base_ = './b.py'\n");
  Write("b.py", "_base_ = './a.py'\n");
  ExpectError("inspect a.py", 1,
              "error: b.py:1:10: the bases go in a circle ('a.py' -> 'b.py' -> 'a.py')\n"
              "_base_ = './a.py'\n"
              "         ^\n");
}

TEST_F(CliTest, ACheckpointOfAnotherSize) {
  const Outcome result = Run("export digits.pth --cfg-options model.backbone.deepen_factor=2");
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err.find("error: 'digits.pth': the checkpoint does not fit the network: "), 0U)
      << result.err;
  EXPECT_FALSE(fs::exists(folder_ / "work_dir"));
}

TEST_F(CliTest, ComponentsAndKeysThatAreNotKnown) {
  const Outcome result = Run("export digits.pth --cfg-options model.backbone.type=YOLOv5CSPDarknt");
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err.find("error: --cfg-options:1:21: 'model.backbone.type': unknown backbone "
                            "'YOLOv5CSPDarknt'\n"
                            "model.backbone.type=YOLOv5CSPDarknt\n"
                            "                    ^\n"
                            "hint: did you mean YOLOv5CSPDarknet? known are "),
            0U)
      << result.err;
  ExpectError("export digits.pth --cfg-options model.backbone.foo=1", 1,
              "error: --cfg-options:1:16: 'model.backbone.foo' is not understood: it "
              "would change the "
              "network\n"
              "model.backbone.foo=1\n"
              "               ^\n");
}

TEST_F(CliTest, OptionsOutsideTheirRange) {
  ExpectError("export digits.pth --img-size 641", 2,
              "error: --img-size 641 641 does not fit: height and width must be "
              "multiples of 32, the "
              "network's largest stride\n"
              "hint: the nearest size is 640 640\n");
  ExpectError("export digits.pth --img-size 0", 2,
              "error: --img-size is 0, which is not between 1 and 8192\n");
  ExpectError("export digits.pth --score-threshold nan", 2,
              "error: --score-threshold is nan, which is not between 0 and 1\n");
  ExpectError("export digits.pth --opset 18", 2,
              "error: --opset is 18, which is not between 11 and 17\n");
  ExpectError("export digits.pth --keep-topk 0", 2,
              "error: --keep-topk is 0, which is not between 1 and 1048576\n");
}

TEST_F(CliTest, FilesStandBehindTheNumbersOfAnOption) {
  EXPECT_EQ(Run("export config.py --img-size 64 64 digits.pth --output x.onnx").code, 0);
  ExpectError("export config.py --img-size 64 digits.pth --output x.onnx", 2,
              "error: --img-size: digits.pth is no whole number between 1 and 8192; files stand "
              "before --img-size, or behind two numbers\nhint: see yoloport export --help\n");
}

TEST_F(CliTest, AnUnknownBackend) {
  const Outcome result = Run("export digits.pth --backend tensorflow");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err.find("error: unknown backend 'tensorflow'\nhint: known are: onnxruntime"),
            0U)
      << result.err;
}

TEST_F(CliTest, WordsThatAreNotUnderstood) {
  ExpectError("export digits.pth --img-sise 640", 2,
              "error: unknown option --img-sise; did you mean --img-size?\n");
  ExpectError("export", 2, "error: files is required\nhint: see yoloport export --help\n");
  ExpectError("exprt x", 2, "error: unknown command exprt; did you mean export?\n");
  ExpectError("help banana", 2, "error: unknown command banana\n");
  ExpectError("--banana", 2, "error: unknown option --banana\n");
  ExpectError("export config.py", 2,
              "error: the checkpoint is missing\nhint: yoloport export CONFIG.py "
              "CHECKPOINT.pth\n");
}

TEST_F(CliTest, UnknownOptionsWithValuesAreNamed) {
  ExpectError("export config.py digits.pth --banana 320", 2, "error: unknown option --banana\n");
  ExpectError("export config.py digits.pth --opst=11", 2,
              "error: unknown option --opst; did you mean --opset?\n");
  ExpectError("set x.onnx --pre-topk 30", 2,
              "error: unknown option --pre-topk\n"
              "hint: it is an option of yoloport export, not of set\n");
  ExpectError("export --weights digits.pth", 2,
              "error: unknown option --weights\n"
              "hint: files stand without an option: the checkpoint or model comes last\n");
}

TEST_F(CliTest, OptionsHaveTheirOtherNames) {
  const Outcome result =
      Run("export digits.pth --imgsz 64 96 --conf 0.4 --iou-thr=0.5 --fp16 --output x.onnx");
  EXPECT_EQ(result.code, 0) << result.err;
  const std::string said = Run("inspect x.onnx").out;
  EXPECT_NE(said.find("images float32 1 x 3 x 64 x 96"), std::string::npos) << said;
  EXPECT_NE(said.find("thresholds  score 0.4, IoU 0.5, "), std::string::npos) << said;
}

TEST_F(CliTest, ListsMayBeWrittenWithBlanks) {
  const Outcome result = Run("export digits.pth --dynamic batch height width --output x.onnx");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(Run("inspect x.onnx").out.find("images float32 batch x 3 x height x width"),
            std::string::npos);
  EXPECT_EQ(Run("export --dynamic batch digits.pth --output y.onnx").code, 0);
  // Behind -- are files, whatever they are called.
  ExpectError("export -- --imgsz", 1, "error: '--imgsz': no such file\n");
}

TEST_F(CliTest, HelpBeginsWithExamples) {
  EXPECT_EQ(Run("").out, Run("--help").out);
  EXPECT_EQ(Run("help").out, Run("--help").out);
  for (const char* command : {"export", "finish", "inspect", "set", "package", "detect", "bench"}) {
    const std::string name = command;
    const Outcome help = Run("help " + name);
    EXPECT_EQ(help.code, 0) << name;
    EXPECT_EQ(help.out, Run(name + " --help").out);
    const std::size_t example = help.out.find("\n\n  yoloport " + name + " ");
    EXPECT_LT(example, help.out.find("Usage: yoloport " + name)) << help.out;
  }
  EXPECT_NE(Run("export digits.pth --output x.onnx")
                .out.find("  next      yoloport detect IMAGES... x.onnx\n"),
            std::string::npos);
}

TEST_F(CliTest, TheOutputMayNotBeAnInput) {
  ExpectError("export config.py digits.pth --output digits.pth", 2,
              "error: the output 'digits.pth' would overwrite an input\n"
              "hint: give another name with --output\n");
}

TEST_F(CliTest, InspectShowsConfigsAndCheckpoints) {
  EXPECT_EQ(Run("inspect config.py").out.substr(0, 1), "{");
  const Outcome changed = Run("inspect config.py --cfg-options some.new.key=7 --format python");
  EXPECT_NE(changed.out.find("'some': {"), std::string::npos);
  EXPECT_NE(Run("inspect digits.pth").out.find("backbone.stem.conv.weight"), std::string::npos);
  EXPECT_NE(Run("inspect digits.pth --json").out.find("\"format\": \"torch zip\""),
            std::string::npos);
}

TEST_F(CliTest, InspectEscapesControlsInJson) {
  Write("c1.py", "name = 'a\u009b2Jb'\n");
  EXPECT_EQ(Run("inspect c1.py").out, "{\n  \"name\": \"a\\u009b2Jb\"\n}\n");
}

TEST_F(CliTest, VersionAndHelp) {
  EXPECT_EQ(Run("--version").out, "yoloport " YOLOPORT_VERSION "\n");
  EXPECT_EQ(Run("export --help").code, 0);
  EXPECT_NE(Run("--help").out.find("yoloport detect"), std::string::npos);
}

}  // namespace
