// What is told of networks of YOLOv7's repository, layers that no recorded network has, and what is
// refused. What networks compute is compared with recordings: testdata/original/yolov7_*.
#include "sources/yolov7/yolov7.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "graph/ops.h"
#include "testing/files/module_files.h"
#include "testing/run_graph.h"
#include "yoloport/error.h"

namespace yoloport::sources::yolov7 {
namespace {

using checkpoint::Checkpoint;
using tensor::Tensor;
using test_support::Conv2dSpec;
using test_support::IntCode;
using test_support::LayerSpec;
using test_support::ListCode;
using test_support::ListSpec;
using test_support::ModuleSpec;
using test_support::NumberCode;
using test_support::TextCode;
using testing::ElementsAre;
using testing::HasSubstr;

ModuleSpec Layer(const std::string& type) { return {.class_name = "models.common." + type}; }

ModuleSpec Pool(std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  return {.class_name = "torch.nn.modules.pooling.MaxPool2d",
          .attributes = {{"kernel_size", IntCode(kernel)},
                         {"stride", IntCode(stride)},
                         {"padding", IntCode(padding)}}};
}

ModuleSpec Mp() {
  ModuleSpec layer = Layer("MP");
  layer.children = {{"m", Pool(2, 2, 0)}};
  return layer;
}

// A head of one level and one anchor of 8 x 16 pixels, for maps of `channels` channels.
ModuleSpec Head(std::int64_t channels, std::int64_t classes, const std::string& type = "Detect") {
  return {.class_name = "models.yolo." + type,
          .attributes = {{"nc", IntCode(classes)},
                         {"na", IntCode(1)},
                         {"stride", ListCode({NumberCode(2)})}},
          .buffers = {{"anchors", {1, 1, 2}, {4, 8}}, {"anchor_grid", {1, 1, 1, 1, 1, 2}, {8, 16}}},
          .children = {{"m", ListSpec("ModuleList", {Conv2dSpec(channels, 5 + classes)})}}};
}

ModuleSpec Model(std::vector<ModuleSpec> layers) {
  return {.class_name = "models.yolo.Model",
          .children = {{"model", ListSpec("Sequential", std::move(layers))}}};
}

std::unique_ptr<ModelSource> Open(const std::filesystem::path& path) {
  std::vector<std::string> notes;
  return OpenYolov7(Checkpoint::Open(path), notes);
}

class Yolov7LayersTest : public testing::Test {
 protected:
  // The raw output for an image of 4 x 4 pixels, 0 .. 15 in each channel.
  Tensor Run(const ModuleSpec& model) {
    file_.emplace(test_support::TorchModule(model));
    const Checkpoint checkpoint = Checkpoint::Open(file_->path());
    const checkpoint::Weights weights(checkpoint);
    graph::Graph graph(13);
    const graph::Value image = graph.Input("images", tensor::DType::kFloat32, {1, 3, 4, 4});
    graph.Output(Open(file_->path())->Build(weights, image, graph::kRawHead).raw.at(0), "out");
    weights.Finish();
    std::vector<float> pixels;
    for (int i = 0; i < 48; ++i) pixels.push_back(static_cast<float>(i % 16));
    const std::vector<Tensor> inputs = {Tensor::Of<float>({1, 3, 4, 4}, pixels)};
    return test_support::RunGraph(graph, inputs)[0];
  }

  std::string Error(const ModuleSpec& model) {
    const std::string error = test_support::ErrorOf([&] { Run(model); });
    const std::string prefix = "'" + file_->path().native() + "': ";
    return error.starts_with(prefix) ? error.substr(prefix.size()) : error;
  }

  std::optional<test_support::TemporaryFile> file_;
};

// Even and odd rows and columns as channels, top left, bottom left, top right, bottom right.
TEST_F(Yolov7LayersTest, ReOrg) {
  ModuleSpec head = Head(12, 7);
  ModuleSpec pick = Conv2dSpec(12, 12, 1, 1, false);
  pick.parameters = {{"weight", {12, 12, 1, 1}, std::vector<float>(144, 0.0F)}};
  for (std::size_t i = 0; i < 12; ++i) pick.parameters[0].values[i * 13] = 1;
  head.children = {{"m", ListSpec("ModuleList", {pick})}};
  const Tensor out = Run(Model(
      {LayerSpec(Layer("ReOrg"), IntCode(-1), 0), LayerSpec(head, ListCode({IntCode(0)}), 1)}));
  const auto channel = [&](std::size_t index) {
    const auto values = out.values<float>().subspan(index * 4, 4);
    return std::vector<float>(values.begin(), values.end());
  };
  EXPECT_THAT(channel(0), ElementsAre(0, 2, 8, 10));
  EXPECT_THAT(channel(3), ElementsAre(4, 6, 12, 14));
  EXPECT_THAT(channel(6), ElementsAre(1, 3, 9, 11));
  EXPECT_THAT(channel(11), ElementsAre(5, 7, 13, 15));
}

// Its suppression takes the objectness for the score.
TEST_F(Yolov7LayersTest, TheOnlyClassIsCertain) {
  const Tensor out = Run(
      Model({LayerSpec(Mp(), IntCode(-1), 0), LayerSpec(Head(3, 1), ListCode({IntCode(0)}), 1)}));
  EXPECT_EQ(out.shape(), (tensor::Shape{1, 6, 2, 2}));
  EXPECT_NE(out.values<float>()[4 * 4], 100);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(out.values<float>()[5 * 4 + i], 100);
}

// The vectors of ones and twos, which are added before the convolution and multiplied behind it,
// until fuse() has them in the convolution: it leaves them in the file, and another `forward`.
TEST_F(Yolov7LayersTest, ImplicitVectorsAreAppliedOnce) {
  const auto implicit = [](const std::string& type, std::int64_t channels, float number) {
    ModuleSpec vector = Layer(type);
    const auto count = static_cast<std::size_t>(channels);
    vector.parameters = {{"implicit", {1, channels, 1, 1}, std::vector<float>(count, number)}};
    return vector;
  };
  const auto run = [&](const std::string& type, bool is_fused) {
    ModuleSpec head = Head(3, 2, type);
    if (is_fused) head.attributes.emplace_back("forward", IntCode(1));
    if (type == "IDetect") {
      head.children.emplace_back("ia", ListSpec("ModuleList", {implicit("ImplicitA", 3, 1)}));
      head.children.emplace_back("im", ListSpec("ModuleList", {implicit("ImplicitM", 7, 2)}));
    }
    const Tensor out =
        Run(Model({LayerSpec(Mp(), IntCode(-1), 0), LayerSpec(head, ListCode({IntCode(0)}), 1)}));
    return std::vector<float>(out.values<float>().begin(), out.values<float>().end());
  };
  const std::vector<float> plain = run("Detect", false);
  EXPECT_EQ(run("IDetect", true), plain);
  const std::vector<float> shifted = run("IDetect", false);
  const ModuleSpec conv = Conv2dSpec(3, 7);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const std::size_t row = i / 4;  // of 2 x 2 pixels
    float sum = 0;
    for (std::size_t k = 0; k < 3; ++k) sum += conv.parameters[0].values[row * 3 + k];
    EXPECT_NEAR(shifted[i], 2 * (plain[i] + sum), 1e-3F);
  }
}

TEST_F(Yolov7LayersTest, WhatDoesNotFit) {
  const auto with = [&](ModuleSpec layer, const std::string& from) {
    return Error(Model({LayerSpec(Mp(), IntCode(-1), 0), LayerSpec(std::move(layer), from, 1),
                        LayerSpec(Head(3, 2), ListCode({IntCode(1)}), 2)}));
  };
  EXPECT_EQ(with(Layer("Shortcut"), ListCode({IntCode(0)})),
            "'model.1', of the class 'Shortcut', needs two inputs of one size");
  EXPECT_THAT(with(Layer("Chuncat"), IntCode(0)),
              HasSubstr("'model.1', of the class 'Chuncat', is not supported: its full name is "
                        "'models.common.Chuncat'"));
  ModuleSpec rep = Layer("RepConv");
  rep.children = {{"rbr_dense", ListSpec("Sequential", {Conv2dSpec(3, 3, 1)})},
                  {"rbr_1x1", ListSpec("Sequential", {Conv2dSpec(3, 3, 1)})}};
  EXPECT_EQ(with(rep, IntCode(0)),
            "'model.1', of the class 'RepConv', has branches that do not add up: expected 3 x 3 "
            "and 1 x 1");
}

TEST_F(Yolov7LayersTest, HeadsThatSayNonsense) {
  const auto with = [&](const std::string& name, const std::string& code) {
    ModuleSpec head = Head(3, 2);
    for (auto& [attribute, value] : head.attributes) {
      if (attribute == name) value = code;
    }
    return Error(
        Model({LayerSpec(Mp(), IntCode(-1), 0), LayerSpec(head, ListCode({IntCode(0)}), 1)}));
  };
  EXPECT_THAT(with("nc", IntCode(1 << 30)),
              HasSubstr("'model.1.nc' is 1073741824: expected 1 to "));
  EXPECT_THAT(with("na", TextCode("one")), HasSubstr("'model.1.na' is "));
  EXPECT_THAT(with("stride", ListCode({NumberCode(2), NumberCode(4)})),
              HasSubstr("'model.1', of the class 'Detect', has 2 strides for 1 feature maps"));
  EXPECT_THAT(with("stride", ListCode({NumberCode(0.5)})),
              HasSubstr("'model.1.stride' holds 0.5: expected whole numbers of pixels"));
}

TEST_F(Yolov7LayersTest, OtherHeadsAreRefusedByTheirNames) {
  EXPECT_EQ(
      Error(Model({LayerSpec(Mp(), IntCode(-1), 0),
                   LayerSpec(Head(3, 2, "IKeypoint"), ListCode({IntCode(0)}), 1)})),
      "'model.1', of the class 'IKeypoint', predicts keypoints, which is not supported\nhint: of "
      "YOLOv7's repository Detect, IDetect and IAuxDetect are");
  EXPECT_THAT(
      Error(Model({LayerSpec(Mp(), IntCode(-1), 0),
                   LayerSpec(Head(3, 2, "IBin"), ListCode({IntCode(0)}), 1)})),
      HasSubstr(
          "'model.1', of the class 'IBin', predicts sizes of boxes by a distribution over bins"));
}

TEST(Yolov7Test, WhatItsInferenceDoes) {
  const auto p6 = Open("testdata/original/yolov7_w6/checkpoint.pth");
  EXPECT_EQ(p6->LargestStride(), 64);
  EXPECT_EQ(p6->TestSize(false), (InputSize{1280, 1280}));
  EXPECT_EQ(p6->Detector(), "YOLOv7 of the YOLOv7 repository, IAuxDetect");
  EXPECT_FALSE(p6->DefaultSelection().multi_label);
  EXPECT_THAT(p6->ClassNames(5), ElementsAre("0", "1", "2", "3", "4"));
  ExportOptions options;
  bool multi_label = true;
  EXPECT_THAT(p6->TakeThresholds(options, multi_label),
              ElementsAre("--iou-threshold 0.65 -> 0.45 (YOLOv7's detect.py)",
                          "--pre-topk 1000 -> 30000 (YOLOv7's detect.py)",
                          "--keep-topk 100 -> 300 (YOLOv7's detect.py)"));
  EXPECT_EQ(Open("testdata/original/yolov7_tiny_deploy/checkpoint.pth")->TestSize(false),
            std::nullopt);
}

TEST(Yolov7Test, NamesOfFilesAreTakenWhereTheyAreNames) {
  const auto name_of = [](const std::string& yaml) {
    ModuleSpec model = Model({LayerSpec(Mp(), IntCode(-1), 0)});
    model.attributes = {{"yaml_file", TextCode(yaml)}};
    const test_support::TemporaryFile file(test_support::TorchModule(model));
    const Checkpoint checkpoint = Checkpoint::Open(file.path());
    EXPECT_TRUE(IsYolov7(*checkpoint.modules()));
    return NameOf(*checkpoint.modules());
  };
  EXPECT_EQ(name_of("yolov7-w6.yaml"), "YOLOv7-w6");
  EXPECT_EQ(name_of("yolov7.yaml"), "YOLOv7");
  EXPECT_EQ(name_of("mine.yaml"), "YOLOv7");
  EXPECT_EQ(name_of("yolov7\n\x1b[2J.yaml"), "YOLOv7");
}

}  // namespace
}  // namespace yoloport::sources::yolov7
