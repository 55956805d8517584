// Entries 42 to 48 and 86 of the catalogue in docs/security.md: configs that want to run, grow or
// confuse.
#include "bad_inputs/bad_input.h"

namespace yoloport::bad_inputs {
namespace {

using namespace std::string_literals;

class BadConfig : public BadInput {
 protected:
  // `yoloport export bad.py digits.pth` on a config of this text.
  void ExpectBadConfig(const std::string& text, const std::string& message) const {
    Write("bad.py", text);
    ExpectRefused({"export", "bad.py", "digits.pth"}, message);
  }
};

TEST_F(BadConfig, E42NothingIsRun) {
  // What is called gives nothing that is known, and leaves no trace.
  const auto expect_unknown = [&](const std::string& text, const std::string& place,
                                  const std::string& why, const std::string& line, int column) {
    ExpectBadConfig(text, "error: bad.py:" + place +
                              ": 'model' is needed, and it is not known: " + why + "\n" + line +
                              "\n" + std::string(static_cast<std::size_t>(column) - 1, ' ') +
                              "^\nhint: write the value itself\n");
  };
  expect_unknown("import os\nmodel = os.system('touch escaped')\n", "2:12",
                 "os.system() is not run", "model = os.system('touch escaped')", 12);
  expect_unknown("model = open('/etc/passwd').read()\n", "1:9", "open() is not run",
                 "model = open('/etc/passwd').read()", 9);
  expect_unknown("f = lambda: 1\nmodel = f()\n", "2:9", "f() is not run", "model = f()", 9);
  expect_unknown("model = ().__class__\n", "1:12",
                 "the attribute '__class__' is not available: a config is data",
                 "model = ().__class__", 12);
  expect_unknown("from os import system\nmodel = system('touch escaped')\n", "2:9",
                 "system() is not run", "model = system('touch escaped')", 9);
  expect_unknown("model = __import__('os').system('touch escaped')\n", "1:9",
                 "__import__() is not run", "model = __import__('os').system('touch escaped')", 9);
  expect_unknown("model = eval('1')\n", "1:9",
                 "eval() is not run, and may change every name of the config", "model = eval('1')",
                 9);
}

TEST_F(BadConfig, E43Growth) {
  ExpectBadConfig("model = 9**9**9\n",
                  "error: bad.py:1:10: 'model' is needed, and it is not known: the result does not "
                  "fit 64 bits\n"
                  "model = 9**9**9\n"
                  "         ^\n"
                  "hint: write the value itself\n");
  ExpectBadConfig("x = 'a' * 10**9\n",
                  "error: bad.py:1:9: a string of more than 64 KiB\n"
                  "x = 'a' * 10**9\n"
                  "        ^\n");
  ExpectBadConfig("x = list(range(10**12))\n",
                  "error: bad.py:1:10: this config makes more than 1000000 values\n"
                  "x = list(range(10**12))\n"
                  "         ^\n");
  ExpectBadConfig("x = [0] * 10**9\n",
                  "error: bad.py:1:9: this config makes more than 1000000 values\n"
                  "x = [0] * 10**9\n"
                  "        ^\n");
  ExpectBadConfig("x = [[i for i in range(10000)] for j in range(10000)]\n",
                  "error: bad.py:1:18: this config makes more than 1000000 values\n"
                  "x = [[i for i in range(10000)] for j in range(10000)]\n"
                  "                 ^\n");
  ExpectBadConfig("model = '%1000000000d' % 1\n",
                  "error: bad.py:1:24: 'model' is needed, and it is not known: formatting with %\n"
                  "model = '%1000000000d' % 1\n"
                  "                       ^\n"
                  "hint: write the value itself\n");
  ExpectBadConfig(
      "a = [0, 0]\n" +
          [] {
            std::string doubling;
            for (int i = 0; i < 60; ++i) doubling += "a = a + a\n";
            return doubling;
          }(),
      "error: bad.py:19:7: this config makes more than 1000000 values\n"
      "a = a + a\n"
      "      ^\n");
}

TEST_F(BadConfig, E44Bases) {
  ExpectBadConfig("_base_ = './bad.py'\n",
                  "error: bad.py:1:10: the bases go in a circle ('bad.py' -> 'bad.py')\n"
                  "_base_ = './bad.py'\n"
                  "         ^\n");
  ExpectBadConfig("_base_ = './missing.py'\n",
                  "error: bad.py:1:10: the base cannot be read: 'missing.py': no such file "
                  "('bad.py' -> 'missing.py')\n"
                  "_base_ = './missing.py'\n"
                  "         ^\n"
                  "hint: the checkpoint carries the whole config: leave the config file out\n");
  ExpectBadConfig("_base_ = 'https://example.org/a.py'\n",
                  "error: bad.py:1:10: a base from the network is not fetched ('bad.py' -> "
                  "'https://example.org/a.py')\n"
                  "_base_ = 'https://example.org/a.py'\n"
                  "         ^\n"
                  "hint: download it and give its path\n");
  for (int i = 0; i < 30; ++i) {
    const auto name = [](int number) { return std::string("b").append(std::to_string(number)); };
    Write(name(i) + ".py", "_base_ = './" + name(i + 1) + ".py'\n");
  }
  Write("b30.py", "x = 1\n");
  ExpectBadConfig("_base_ = './b0.py'\n",
                  "error: b18.py:1:10: more than 20 files based on one another ('bad.py' -> "
                  "'b0.py' -> 'b1.py' -> 'b2.py' -> 'b3.py' -> 'b4.py' -> 'b5.py' -> 'b6.py' -> "
                  "'b7.py' -> 'b8.py' -> 'b9.py' -> 'b10.py' -> 'b11.py' -> 'b12.py' -> 'b13.py' "
                  "-> 'b14.py' -> 'b15.py' -> 'b16.py' -> 'b17.py' -> 'b18.py' -> 'b19.py')\n"
                  "_base_ = './b19.py'\n"
                  "         ^\n");
}

TEST_F(BadConfig, E45UndefinedBaseValues) {
  Write("base.py", "y = 1\n");
  ExpectBadConfig("_base_ = './base.py'\nx = {{ _base_.x }}\n",
                  "error: bad.py:2:5: the bases have no 'x'\n"
                  "x = {{ _base_.x }}\n"
                  "    ^\n");
  ExpectBadConfig("_base_ = './base.py'\nx = _base_.x\n",
                  "error: bad.py:2:12: there is no key 'x' in this dict\n"
                  "x = _base_.x\n"
                  "           ^\n");
}

TEST_F(BadConfig, E46NoConfigs) {
  ExpectBadConfig("x = " + std::string(100'000, '(') + std::string(100'000, ')') + "\n",
                  "error: bad.py:1:205: more than 200 brackets within one another\n"
                  "...((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((("
                  "(((((((((((((((((((((((...\n"
                  "                                                     ^\n");
  ExpectBadConfig(std::string(100 << 20, '#'),
                  "error: 'bad.py': more than 1.0 MiB: not a config\n");
  ExpectBadConfig("x = 1\0\n"s, "error: 'bad.py': binary data, not a config\n");
  ExpectBadConfig("\xff\xfex\0=\0"s,
                  "error: 'bad.py': UTF-16 text\n"
                  "hint: save it as UTF-8\n");
  Write("fine.py", "\xef\xbb\xbfx = 1\r\ny = 2\r\n");
  EXPECT_EQ(Run({"inspect", "fine.py"}).out, "{\n  \"x\": 1,\n  \"y\": 2\n}\n");
}

TEST_F(BadConfig, E46NestingWithLittleStack) {
  test_support::RunOptions options;
  options.stack_kib = kSanitized ? 1024 : 128;
  const auto nested = [](std::string_view opening, std::string_view inner,
                         std::string_view closing) {
    std::string text = "x = ";
    for (int i = 0; i < 199; ++i) text += opening;
    text += inner;
    for (int i = 0; i < 199; ++i) text += closing;
    return text + "\n";
  };
  Write("lists.py", nested("[", "1", "]"));
  EXPECT_EQ(Run({"inspect", "lists.py"}, options).code, 0);
  EXPECT_EQ(Run({"inspect", "lists.py", "--format", "python"}, options).code, 0);
  Write("nots.py", nested("not ", "1", ""));
  EXPECT_EQ(Run({"inspect", "nots.py"}, options).out, "{\n  \"x\": false\n}\n");
  Write("calls.py", nested("list(", "()", ")"));
  EXPECT_EQ(Run({"inspect", "calls.py"}, options).out, "{\n  \"x\": []\n}\n");
  Write("lists.json", "{\"x\": " + nested("[", "1", "]").substr(4) + "}");
  EXPECT_EQ(Run({"inspect", "lists.json"}, options).code, 0);
  std::string blocks;
  for (std::size_t i = 0; i < 190; ++i) blocks += std::string(i, ' ') + "if 1:\n";
  Write("blocks.py", blocks + std::string(190, ' ') + "x = 1\n");
  EXPECT_EQ(Run({"inspect", "blocks.py"}, options).out, "{\n  \"x\": 1\n}\n");
}

TEST_F(BadConfig, E47UnknownTypes) {
  ExpectRefused(
      {"export", "config.py", "digits.pth", "--cfg-options", "model.backbone.type=YOLOv5CSPDarknt"},
      "error: --cfg-options:1:21: 'model.backbone.type': unknown backbone 'YOLOv5CSPDarknt'\n"
      "model.backbone.type=YOLOv5CSPDarknt\n"
      "                    ^\n"
      "hint: did you mean YOLOv5CSPDarknet? known are PPYOLOECSPResNet, CSPNeXt, YOLOv5CSPDarknet, "
      "YOLOv6EfficientRep, YOLOv6CSPBep, YOLOv7Backbone, YOLOv8CSPDarknet, YOLOXCSPDarknet, "
      "ResNet, ResNetV1d, ResNeXt, SwinTransformer, PyramidVisionTransformer, "
      "PyramidVisionTransformerV2, ConvNeXt, MobileNetV3, TIMMBackbone\n");
  ExpectRefused({"export", "config.py", "digits.pth", "--cfg-options", "model.type=YOLODetektor"},
                "error: --cfg-options:1:12: 'model.type': unknown detector 'YOLODetektor'\n"
                "model.type=YOLODetektor\n"
                "           ^\n"
                "hint: did you mean YOLODetector? known are YOLODetector, RTMDet, YOLOX\n");
}

TEST_F(BadConfig, E48ImpossibleNumbers) {
  const auto with = [&](const std::string& option, const std::string& message) {
    ExpectRefused({"export", "config.py", "digits.pth", "--cfg-options", option}, message);
  };
  with("model.backbone.widen_factor=1e9",
       "error: --cfg-options:1:29: 'model.backbone.widen_factor': must be more than 0 and at most "
       "16\n"
       "model.backbone.widen_factor=1e9\n"
       "                            ^\n");
  with("model.backbone.widen_factor=1e300",
       "error: --cfg-options:1:29: 'model.backbone.widen_factor': must be more than 0 and at most "
       "16\n"
       "model.backbone.widen_factor=1e300\n"
       "                            ^\n");
  with("model.backbone.widen_factor=-1",
       "error: --cfg-options:1:29: 'model.backbone.widen_factor': must be more than 0 and at most "
       "16\n"
       "model.backbone.widen_factor=-1\n"
       "                            ^\n");
  with("model.backbone.deepen_factor=1e9",
       "error: --cfg-options:1:30: 'model.backbone.deepen_factor': must be more than 0 and at most "
       "16\n"
       "model.backbone.deepen_factor=1e9\n"
       "                             ^\n");
  with("model.bbox_head.head_module.num_classes=0",
       "error: --cfg-options:1:41: 'model.bbox_head.head_module.num_classes': needs at least one "
       "class\n"
       "model.bbox_head.head_module.num_classes=0\n"
       "                                        ^\n");
  with("model.bbox_head.head_module.num_classes=11",
       "error: 'digits.pth': the checkpoint does not fit the network: 6 of another shape\n"
       "  of another shape: 'bbox_head.head_module.convs_pred.0.weight', 45x24x1x1 in the "
       "checkpoint, 48x24x1x1 in the network\n"
       "  of another shape: 'bbox_head.head_module.convs_pred.0.bias', 45 in the checkpoint, 48 in "
       "the network\n"
       "  of another shape: 'bbox_head.head_module.convs_pred.1.weight', 45x48x1x1 in the "
       "checkpoint, 48x48x1x1 in the network\n"
       "  of another shape: 'bbox_head.head_module.convs_pred.1.bias', 45 in the checkpoint, 48 in "
       "the network\n"
       "  of another shape: 'bbox_head.head_module.convs_pred.2.weight', 45x96x1x1 in the "
       "checkpoint, 48x96x1x1 in the network\n"
       "  of another shape: 'bbox_head.head_module.convs_pred.2.bias', 45 in the checkpoint, 48 in "
       "the network\n"
       "hint: the checkpoint's own keys and shapes are nearest to YOLOv5-n with 10 classes; only "
       "the head differs: do the classes in the config (num_classes) fit the checkpoint?\n");
  with("model.bbox_head.head_module.num_classes=1000000000000",
       "error: --cfg-options:1:41: 'model.bbox_head.head_module.num_classes': more than 100000 "
       "classes are not supported\n"
       "model.bbox_head.head_module.num_classes=1000000000000\n"
       "                                        ^\n");
  Write("nan.py",
        "_base_ = './config.py'\nmodel = dict(backbone=dict(widen_factor=float('nan')))\n");
  ExpectRefused(
      {"export", "nan.py", "digits.pth"},
      "error: nan.py:2:41: 'model.backbone.widen_factor': must be more than 0 and at most 16\n"
      "model = dict(backbone=dict(widen_factor=float('nan')))\n"
      "                                        ^\n");
}

// A place is found by a look at the whole file, and each note has one.
TEST_F(BadConfig, E86ManyKeysThatChangeNothing) {
  std::string keys;
  for (int i = 0; i < 80'000; ++i) keys += "'" + std::to_string(i) + "':1,";
  Write("many.py", "_base_ = './config.py'\nmodel = dict(test_cfg={" + keys + "})\n");
  const test_support::Outcome outcome =
      RunCheaply({"export", "many.py", "digits.pth", "--from-test-cfg", "--output", "many.onnx"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("model.test_cfg has no key '19' and"), std::string::npos);
  EXPECT_EQ(outcome.out.find("model.test_cfg has no key '20' and"), std::string::npos);
  EXPECT_NE(outcome.out.find("note: and 79980 more keys of model.test_cfg that change nothing\n"),
            std::string::npos);
  EXPECT_LT(outcome.out.size(), 10'000U);
}

}  // namespace
}  // namespace yoloport::bad_inputs
