// Finishing files of a few kilobytes, each output of which is a convolution of the image.
#include "yoloport/finish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "contract/model_card.h"
#include "onnx/outline/read_metadata.h"
#include "onnx/write/writer.h"
#include "testing/files/tiny_onnx.h"
#include "testing/run_graph.h"
#include "testing/temporary_folder.h"
#include "yoloport/error.h"

namespace yoloport::finish {
namespace {

namespace fs = std::filesystem;
using tensor::Tensor;
using test_support::tiny_onnx::kFloat;
using test_support::tiny_onnx::Model;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kSide = 64;  // pixels of the image
constexpr int kHalf = 10;           // TensorProto's float16

// Adds channels `first` .. `first + count - 1` of a level as the output `name`. The same channel of
// the same stride is always the same.
void AddMap(Model& model, const std::string& name, std::int64_t stride, int first, int count,
            bool as_output = true) {
  std::vector<float> weights;
  for (int channel = first; channel < first + count; ++channel) {
    for (std::int64_t i = 0; i < 3 * stride * stride; ++i) {
      const auto seed = static_cast<float>(31 * channel + 7 * i + stride);
      weights.push_back(std::sin(seed) * 8 / static_cast<float>(stride * stride));
    }
  }
  const auto square = [&](const char* attribute) {
    return Model::Ints(attribute, {stride, stride});
  };
  model.Constant<float>(name + "_weight", kFloat, {count, 3, stride, stride}, weights)
      .Node("Conv", {"pixels", name + "_weight"}, name, square("kernel_shape") + square("strides"));
  if (as_output) model.Output(name, kFloat, {1, count, kSide / stride, kSide / stride});
}

Model Image() { return Model().Input("pixels", kFloat, {1, 3, kSide, kSide}); }

// Two levels of RTMDet's head with two classes, one output each.
Model Joined(Model model = Image()) {
  AddMap(model, "fine", 8, 0, 6);
  AddMap(model, "coarse", 16, 0, 6);
  return model;
}

// The same, an output for each part, as MMYOLO's modules give them.
Model Apart() {
  Model model = Image();
  AddMap(model, "cls0", 8, 0, 2);
  AddMap(model, "cls1", 16, 0, 2);
  AddMap(model, "box0", 8, 2, 4);
  AddMap(model, "box1", 16, 2, 4);
  return model;
}

Tensor Picture() {
  std::vector<float> values(3 * kSide * kSide);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::cos(static_cast<float>(i * i % 1009));
  }
  return Tensor::Of<float>({1, 3, kSide, kSide}, std::move(values));
}

class FinishTest : public test_support::TemporaryFolder {
 protected:
  FinishOptions Options(const Model& model) const {
    std::ofstream(folder_ / "raw.onnx", std::ios::binary) << model.Serialised();
    FinishOptions options{.model = folder_ / "raw.onnx"};
    options.description = {.type = "rtmdet", .num_classes = 2};
    options.file.output = folder_ / "finished.onnx";
    options.file.keep_topk = 20;
    return options;
  }

  // What the finished file gives for the picture.
  std::vector<Tensor> Run(const FinishOptions& options) const {
    Finish(options);
    return test_support::RunFile(options.file.output, std::vector{Picture()});
  }
  void ExpectSame(const FinishOptions& options, const std::vector<Tensor>& expected) const {
    const auto actual = Run(options);
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      EXPECT_TRUE(std::ranges::equal(actual[i].bytes(), expected[i].bytes())) << i;
    }
  }

  // What is said of `options` without the file's name; nothing may be written.
  std::string ErrorOf(const FinishOptions& options) const {
    const std::size_t before = EntryCount();
    std::string text = "no error";
    try {
      Finish(options);
    } catch (const Error& error) {
      text = error.message();
      const std::string name = base::Quote(options.model.native()) + ": ";
      if (text.starts_with(name)) text = text.substr(name.size());
    }
    EXPECT_EQ(EntryCount(), before);
    return text;
  }

  static std::string HintOf(const FinishOptions& options) {
    try {
      Finish(options);
    } catch (const Error& error) {
      return error.hint();
    }
    return "no error";
  }
};

std::int64_t Found(const std::vector<Tensor>& outputs) {
  return outputs.front().values<std::int64_t>()[0];
}

TEST_F(FinishTest, DecodesSuppressesAndDescribes) {
  const auto outputs = Run(Options(Joined()));
  EXPECT_GT(Found(outputs), 3);
  EXPECT_EQ(outputs[1].shape(), (tensor::Shape{1, 20, 4}));
  const auto metadata = onnx::outline::ReadOnnxMetadata(folder_ / "finished.onnx");
  const contract::ModelCard card = contract::ModelCardFromJson(metadata.at("yoloport"));
  EXPECT_TRUE(card.end_to_end);
  EXPECT_EQ(card.type, "rtmdet");
  EXPECT_EQ(card.detector, "rtmdet head of raw.onnx");
  EXPECT_THAT(card.classes, ElementsAre("class_0", "class_1"));
  EXPECT_EQ(card.strides.size(), 2U);
  EXPECT_EQ(card.preprocess.height, kSide);
  EXPECT_EQ(card.preprocess.resize, ResizeKind::kLetterbox);
  EXPECT_FALSE(card.preprocess.rgb);
  EXPECT_EQ(card.checkpoint->name, "raw.onnx");
}

TEST_F(FinishTest, PartsOrderAndPlaceOfChannelsDoNotMatter) {
  const auto expected = Run(Options(Joined()));
  ExpectSame(Options(Apart()), expected);
  Model turned = Image();
  AddMap(turned, "coarse", 16, 0, 6, false);
  AddMap(turned, "fine", 8, 0, 6, false);
  for (const std::string name : {"coarse", "fine"}) {
    const std::int64_t cells = kSide / (name == "fine" ? 8 : 16);
    turned.Node("Transpose", {name}, name + "_last", Model::Ints("perm", {0, 2, 3, 1}))
        .Output(name + "_last", kFloat, {1, cells, cells, 6});
  }
  ExpectSame(Options(turned), expected);
}

TEST_F(FinishTest, OpsetsAsTheyCome) {
  for (int opset = 11; opset <= 23; ++opset) {
    SCOPED_TRACE(opset);
    FinishOptions options = Options(Joined());
    options.file.runtime_thresholds = true;
    options.file.min_box_size = 2;
    const auto expected = Run(options);
    EXPECT_GT(Found(expected), 3);
    std::ofstream(options.model, std::ios::binary) << Joined().Opset(opset).Serialised();
    ExpectSame(options, expected);
    if (opset <= 17) {
      EXPECT_NO_THROW(onnx::write::CheckOnnxFile(options.file.output));
    }
  }
  EXPECT_EQ(ErrorOf(Options(Joined().Opset(10))),
            "is of ONNX's operator set 10; supported are 11 to 23");
}

TEST_F(FinishTest, ValuesWithinTheFileByName) {
  const auto expected = Run(Options(Joined()));
  Model model = Image();
  AddMap(model, "fine", 8, 0, 6, false);
  AddMap(model, "coarse", 16, 0, 6, false);
  model.Node("Sigmoid", {"fine"}, "y").Output("y", kFloat, {1, 6, 8, 8});
  FinishOptions options = Options(model);
  options.outputs = {"coarse", "fine"};  // whose types the file does not state
  ExpectSame(options, expected);
  options.outputs = {"coarse", "coarse"};
  EXPECT_EQ(ErrorOf(options), "--outputs names 'coarse' twice");
  options.outputs = {"middle"};
  EXPECT_EQ(ErrorOf(options), "--outputs 'middle' is not a value of this file");
  EXPECT_EQ(HintOf(options), "its outputs are 'y'");
  options.outputs = {"corse"};
  EXPECT_EQ(HintOf(options), "did you mean 'coarse'?");
}

// The names of what is added may be taken.
TEST_F(FinishTest, NamesOfTheFileGiveWay) {
  Model model = Model().Input("images", kFloat, {1, 3, kSide, kSide});
  model.Node("Identity", {"images"}, "pixels");
  AddMap(model, "scores", 8, 0, 6);
  AddMap(model, "nms/keep_topk", 16, 0, 6);
  const auto outputs = Run(Options(model));
  EXPECT_EQ(outputs.size(), 4U);
  EXPECT_GT(Found(outputs), 3);
}

TEST_F(FinishTest, AnyBatchAndSize) {
  Model model = Model().Input("pixels", kFloat, {-1, 3, -1, -1});
  AddMap(model, "fine", 8, 0, 6, false);
  AddMap(model, "coarse", 16, 0, 6, false);
  model.Output("fine", kFloat, {-1, 6, -1, -1}).Output("coarse", kFloat, {-1, 6, -1, -1});
  const auto expected = Run(Options(Joined()));
  FinishOptions options = Options(model);
  options.file.height = options.file.width = 128;
  ExpectSame(options, expected);
  EXPECT_THAT(Finish(options).notes, Contains(HasSubstr("finest level first")));
  options.file.height = 100;
  EXPECT_THAT(ErrorOf(options), HasSubstr("multiples of"));
}

TEST_F(FinishTest, HalvesAsInput) {
  Model model = Model().Input("halves", kHalf, {1, 3, kSide, kSide});
  model.Node("Cast", {"halves"}, "pixels", Model::Int("to", kFloat));
  const auto outputs = Run(Options(Joined(model)));
  EXPECT_GT(Found(outputs), 3);
}

// What the network's first convolution can do is left to it.
TEST_F(FinishTest, PixelsAsInput) {
  FinishOptions options = Options(Joined());
  options.description.mean = {0, 0, 0};
  options.description.std = {255, 255, 255};
  options.description.rgb = true;
  options.file.input = "uint8";
  Finish(options);
  std::vector<std::uint8_t> bytes(3 * kSide * kSide);
  std::vector<float> floats(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(i * i % 251);
    const std::size_t swapped = i / (kSide * kSide) * kSide * kSide;
    floats[2 * kSide * kSide - swapped + i % (kSide * kSide)] = static_cast<float>(bytes[i]) / 255;
  }
  const Tensor pixels = Tensor::Of<std::uint8_t>({1, 3, kSide, kSide}, std::move(bytes));
  const auto found = test_support::RunFile(options.file.output, std::vector{pixels});
  options.file.input = "float32";
  Finish(options);
  const auto expected = test_support::RunFile(
      options.file.output, std::vector{Tensor::Of<float>({1, 3, kSide, kSide}, floats)});
  EXPECT_GT(Found(expected), 3);
  EXPECT_EQ(Found(found), Found(expected));
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_NEAR(found[2].values<float>()[i], expected[2].values<float>()[i], 1e-5);
  }
}

TEST_F(FinishTest, WhatDoesNotFitShowsBoth) {
  FinishOptions options = Options(Joined());
  options.description.num_classes = 3;
  EXPECT_EQ(ErrorOf(options),
            "its outputs are not those of rtmdet with 3 classes: needed are Nx7x8x8, Nx7x4x4 (3 "
            "classes + 4); the file has 'fine' 1x6x8x8, 'coarse' 1x6x4x4");
  options.description.num_classes = 2;
  options.description.strides = {8, 32};
  EXPECT_THAT(ErrorOf(options), HasSubstr("needed are Nx6x8x8, Nx6x2x2 (2 classes + 4)"));
  options.description = {};
  EXPECT_EQ(ErrorOf(options), "ends with raw heads and does not say of which type");
  options.description.type = "yolov9";
  EXPECT_EQ(ErrorOf(options), "--type: there is no type 'yolov9'");
}

TEST_F(FinishTest, WhatIsNoRawFileIsRefused) {
  Model rows = Image();
  rows.Node("Flatten", {"pixels"}, "y").Output("y", kFloat, {1, 3 * kSide * kSide});
  EXPECT_EQ(ErrorOf(Options(rows)),
            "does not end with raw heads: expected outputs of floats, N x channels x height x "
            "width; it has 'y' float32 1x12288");
  Model suppressed = Image();
  AddMap(suppressed, "fine", 8, 0, 6, false);
  suppressed.Node("NonMaxSuppression", {"fine", "fine"}, "y").Output("y", 7, {-1, 3});
  EXPECT_THAT(ErrorOf(Options(suppressed)),
              HasSubstr("It ends with detections already: it has the operator "
                        "'NonMaxSuppression'"));
  Model quantized = Image();
  quantized.Node("Cast", {"pixels"}, "y", Model::Int("to", 2)).Output("y", 2, {1, 3, 64, 64});
  EXPECT_THAT(ErrorOf(Options(quantized)), HasSubstr("Quantized heads are not supported"));
  Model bytes = Model().Input("pixels", 2, {1, 3, kSide, kSide});
  EXPECT_EQ(ErrorOf(Options(Joined(bytes))),
            "expected an image as input, float32 or float16 of N x 3 x height x width; it has "
            "'pixels' uint8 1x3x64x64");
  EXPECT_EQ(ErrorOf(Options(Joined(Image().Input("sizes", kFloat, {1, 2})))),
            "expected one input, an image; it has 'pixels' float32 1x3x64x64, 'sizes' float32 1x2");
  Finish(Options(Joined()));
  FinishOptions again = Options(Joined());
  again.model = folder_ / "finished.onnx";
  again.file.output = folder_ / "again.onnx";
  EXPECT_EQ(ErrorOf(again), "ends with detections already, by its metadata");
}

TEST_F(FinishTest, OptionsThatMakeNoSense) {
  const FinishOptions plain = Options(Joined());
  FinishOptions options = plain;
  options.file.backend = "ncnn";
  EXPECT_EQ(ErrorOf(options),
            "the backend ncnn takes no NMS: a file with raw heads is as it should be");
  options = plain;
  options.file.from_test_cfg = true;
  EXPECT_EQ(ErrorOf(options), "--from-test-cfg needs a config");
  options = plain;
  options.file.output = options.model;
  EXPECT_THAT(ErrorOf(options), HasSubstr("would overwrite an input"));
}

// A config that nobody could build: what is read of it is the head, test_cfg and preprocessing.
constexpr const char* kConfig = R"(
custom_imports = dict(imports=['mine'])
metainfo = dict(classes=('cat', 'dog'), palette=[(1, 2, 3), (4, 5, 6)])
model = dict(
    type='MyDetector',
    backbone=dict(type='MyBackbone', depth=7),
    neck=[dict(type='MyNeck'), dict(type='CSPNeXtPAFPN')],
    data_preprocessor=dict(type='YOLOv5DetDataPreprocessor', mean=[1., 2., 3.], std=[4., 5., 6.],
                           bgr_to_rgb=False),
    bbox_head=dict(
        type='RTMDetHead',
        head_module=dict(type='MyModule', num_classes=2, featmap_strides=[8, 16]),
        prior_generator=dict(type='mmdet.MlvlPointGenerator', offset=0, strides=[8, 16])),
    test_cfg=dict(score_thr=0.125, nms_pre=500, max_per_img=30,
                  nms=dict(type='nms', iou_threshold=0.5)))
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='LetterResize', scale=(64, 64))]
test_dataloader = dict(dataset=dict(metainfo=metainfo, pipeline=test_pipeline))
)";

TEST_F(FinishTest, ConfigsWithModulesOfTheirOwn) {
  const auto expected = Run(Options(Joined()));
  FinishOptions options = Options(Joined());
  options.description = {};
  options.file.config = folder_ / "config.py";
  std::ofstream(options.file.config) << kConfig;
  ExpectSame(options, expected);
  options.file.from_test_cfg = true;
  EXPECT_EQ(Finish(options).detector, "MyBackbone, MyNeck, CSPNeXtPAFPN, RTMDetHead");
  const auto metadata = onnx::outline::ReadOnnxMetadata(options.file.output);
  const contract::ModelCard card = contract::ModelCardFromJson(metadata.at("yoloport"));
  EXPECT_THAT(card.classes, ElementsAre("cat", "dog"));
  EXPECT_EQ(card.palette.at(1), (std::array<int, 3>{4, 5, 6}));
  EXPECT_THAT(card.preprocess.mean, ElementsAre(1, 2, 3));
  EXPECT_EQ(card.nms.score_threshold, 0.125);
  EXPECT_EQ(card.nms.keep_topk, 30);
  EXPECT_EQ(card.config->name, "config.py");
}

TEST_F(FinishTest, TheNumberOfClassesIsTheHeads) {
  FinishOptions options = Options(Joined());
  options.file.config = folder_ / "config.py";
  std::ofstream(options.file.config) << kConfig;
  options.description = {.num_classes = 3};
  EXPECT_EQ(ErrorOf(options), "has 2 classes by the config, not 3");
  options.description = {.class_names = {"a", "b", "c"}};
  EXPECT_EQ(ErrorOf(options), "has 2 classes by the config, not 3");
  options.description = {.num_classes = 2, .class_names = {"a", "b"}};
  Finish(options);
  const auto metadata = onnx::outline::ReadOnnxMetadata(options.file.output);
  EXPECT_THAT(contract::ModelCardFromJson(metadata.at("yoloport")).classes, ElementsAre("a", "b"));
}

TEST_F(FinishTest, AFixedSizeIsTheFiles) {
  FinishOptions options = Options(Joined());
  options.file.height = kSide / 2;
  EXPECT_EQ(ErrorOf(options), "takes images of 64x64 only, not of 32x32");
  options.file.height = kSide;
  ExpectSame(options, Run(Options(Joined())));
}

TEST_F(FinishTest, HeadsOfMmdetectionsConfigsAreNotRead) {
  FinishOptions options = Options(Joined());
  options.file.config = folder_ / "config.py";
  std::ofstream(options.file.config) << "model = dict(type='YOLOX', bbox_head=dict(num_classes=2))";
  EXPECT_THAT(ErrorOf(options),
              HasSubstr("of MMDetection's configs heads are not read for a file that is finished"));
}

TEST_F(FinishTest, HeadsOfOnesOwnAreSaidByType) {
  const auto expected = Run(Options(Joined()));
  FinishOptions options = Options(Joined());
  options.description = {};
  options.file.config = folder_ / "config.py";
  std::string config = kConfig;
  config.replace(config.find("RTMDetHead"), 10, "MyHead");
  std::ofstream(options.file.config) << config;
  EXPECT_THAT(ErrorOf(options), HasSubstr("unknown head 'MyHead'"));
  options.description.type = "RTMDet";
  ExpectSame(options, expected);
}

TEST_F(FinishTest, ATypeThatTheConfigsHeadContradictsIsRefused) {
  FinishOptions options = Options(Joined());
  options.description = {};
  options.description.type = "yolov5";
  options.file.config = folder_ / "config.py";
  std::ofstream(options.file.config) << kConfig;
  EXPECT_THAT(ErrorOf(options),
              HasSubstr("boxes of this head are coded as those of rtmdet, not of yolov5"));
}

}  // namespace
}  // namespace yoloport::finish
