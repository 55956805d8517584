// Networks as lists of layers: what reads what, and what is said of lists that no program writes.
// What recorded networks compute is compared elsewhere (testdata/parity).
#include "sources/layer_list/layer_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "graph/ops.h"
#include "sources/layer_list/blocks.h"
#include "testing/files/module_files.h"

namespace yoloport::sources::layer_list {
namespace {

using checkpoint::Checkpoint;
using graph::Value;
using tensor::Shape;
using test_support::Conv2dSpec;
using test_support::IntCode;
using test_support::LayerSpec;
using test_support::ListCode;
using test_support::ListSpec;
using test_support::ModuleSpec;
using test_support::NumberCode;
using test_support::TextCode;
using testing::ElementsAre;

constexpr const char* kDamaged = "\nhint: the file is damaged, or was changed after it was saved";
constexpr auto kLayers = std::to_array<KnownLayer>({{"Conv", Conv}, {"C3", C3}, {"Focus", Focus}});

ModuleSpec ConvBlock(std::int64_t in, std::int64_t out, std::int64_t kernel = 1,
                     std::int64_t stride = 1) {
  return {.class_name = "models.common.Conv",
          .children = {{"conv", Conv2dSpec(in, out, kernel, stride)},
                       {"act", {.class_name = "torch.nn.modules.activation.SiLU"}}}};
}

ModuleSpec Concat() {
  return {.class_name = "models.common.Concat", .attributes = {{"d", IntCode(1)}}};
}

ModuleSpec Upsample() {
  return {.class_name = "torch.nn.modules.upsampling.Upsample",
          .attributes = {{"scale_factor", NumberCode(2)}, {"mode", TextCode("nearest")}}};
}

ModuleSpec HeadLayer(const std::vector<std::string>& from, std::int64_t index) {
  return LayerSpec({.class_name = "models.yolo.Detect"}, ListCode(from), index);
}

class LayerListTest : public testing::Test {
 protected:
  // Shapes of what the last layer reads.
  std::vector<Shape> Run(std::vector<ModuleSpec> layers) {
    const ModuleSpec net{.class_name = "models.yolo.Model",
                         .children = {{"model", ListSpec("Sequential", std::move(layers))}}};
    file_.emplace(test_support::TorchModule(net));
    const Checkpoint checkpoint = Checkpoint::Open(file_->path());
    const checkpoint::Weights weights(checkpoint);
    const Block block{checkpoint.modules()->root, weights};
    const Value image = graph_.Input("images", tensor::DType::kFloat32, {1, 3, 8, 8});
    std::vector<Shape> shapes;
    for (const Value& input : RunLayers(block["model"], image, kLayers).inputs) {
      shapes.push_back(input.shape());
    }
    weights.Finish();
    return shapes;
  }

  std::string Error(std::vector<ModuleSpec> layers) {
    const std::string error = test_support::ErrorOf([&] { Run(std::move(layers)); });
    const std::string prefix = "'" + file_->path().native() + "': ";
    return error.starts_with(prefix) ? error.substr(prefix.size()) : error;
  }

  graph::Graph graph_{13};
  std::optional<test_support::TemporaryFile> file_;
};

TEST_F(LayerListTest, LayersReadWhatTheySay) {
  EXPECT_THAT(
      Run({LayerSpec(ConvBlock(3, 4, 3, 2), IntCode(-1), 0),
           LayerSpec(ConvBlock(4, 5, 3, 2), IntCode(-1), 1), LayerSpec(Upsample(), IntCode(-1), 2),
           LayerSpec(Concat(), ListCode({IntCode(-1), IntCode(0)}), 3),
           LayerSpec(ConvBlock(9, 6), IntCode(-1), 4),
           HeadLayer({IntCode(4), IntCode(1), IntCode(-5)}, 5)}),
      ElementsAre(Shape{1, 6, 4, 4}, Shape{1, 5, 2, 2}, Shape{1, 4, 4, 4}));
}

TEST_F(LayerListTest, RepeatedLayersAreASequential) {
  EXPECT_THAT(
      Run({LayerSpec(ListSpec("Sequential", {ConvBlock(3, 4), ConvBlock(4, 5)}), IntCode(-1), 0),
           HeadLayer({IntCode(0)}, 1)}),
      ElementsAre(Shape{1, 5, 8, 8}));
}

TEST_F(LayerListTest, FocusIsOneConvolution) {
  ModuleSpec focus{.class_name = "models.common.Focus",
                   .children = {{"conv", ConvBlock(12, 4, 3)}}};
  EXPECT_THAT(Run({LayerSpec(focus, IntCode(-1), 0), HeadLayer({IntCode(0)}, 1)}),
              ElementsAre(Shape{1, 4, 4, 4}));
}

TEST_F(LayerListTest, IndexesMustPointBack) {
  const auto with = [&](const std::string& from) {
    return Error({LayerSpec(ConvBlock(3, 4), IntCode(-1), 0), LayerSpec(ConvBlock(4, 4), from, 1),
                  HeadLayer({IntCode(-1)}, 2)});
  };
  const auto expected = [](const std::string& number) {
    return "'model.1.f' is " + number + ": expected a layer before this one, which is number 1" +
           kDamaged;
  };
  EXPECT_EQ(with(IntCode(1)), expected("1"));
  EXPECT_EQ(with(IntCode(2)), expected("2"));
  EXPECT_EQ(with(IntCode(-2)), expected("-2"));
  EXPECT_EQ(with(IntCode(INT64_MAX)), expected("9223372036854775807"));
  EXPECT_EQ(with(IntCode(INT64_MIN)), expected("-9223372036854775808"));
  EXPECT_EQ(with(NumberCode(0)),
            std::string("'model.1.f' is a float: expected a whole number") + kDamaged);
  EXPECT_EQ(with(ListCode({})), "'model.1.f' has 0 entries: expected 1 to 64");
  EXPECT_EQ(with(ListCode({IntCode(0), IntCode(0)})),
            "'model.1', of the class 'Conv', has 2 inputs: expected one");
  EXPECT_EQ(with("N"), std::string("'model.1.f' is missing: expected a whole number") + kDamaged);
}

TEST_F(LayerListTest, LayersAreNumbered) {
  EXPECT_EQ(Error({LayerSpec(ConvBlock(3, 4), IntCode(-1), 7), HeadLayer({IntCode(0)}, 1)}),
            "'model.0.i' is 7 where layer number 0 is expected");
}

TEST_F(LayerListTest, ClassesOfOthersAreRefusedByName) {
  const auto with = [&](const std::string& name) {
    return Error({LayerSpec({.class_name = name}, IntCode(-1), 0), HeadLayer({IntCode(0)}, 1)});
  };
  const std::string hint =
      "\nhint: known are Concat, Upsample, Conv, C3, Focus; a network with other layers is "
      "exported "
      "by its own program, see docs/foreign_files.md and docs/finish.md";
  EXPECT_EQ(with("models.common.CBAM"),
            "'model.0', of the class 'CBAM', is not supported: its full name is "
            "'models.common.CBAM'" +
                hint);
  EXPECT_EQ(
      with("my.common.Conv"),
      "'model.0', of the class 'Conv', is not supported: its full name is 'my.common.Conv'" + hint);
  EXPECT_EQ(with("torch.nn.modules.conv.Conv3d"),
            "'model.0', of the class 'Conv3d', is not supported: its full name is "
            "'torch.nn.modules.conv.Conv3d'" +
                hint);
}

TEST_F(LayerListTest, PartsOfOtherClassesAreRefused) {
  ModuleSpec layer = ConvBlock(3, 4);
  layer.children[0].second.class_name = "my.Conv2d";
  EXPECT_EQ(Error({LayerSpec(layer, IntCode(-1), 0), HeadLayer({IntCode(0)}, 1)}),
            "'model.0.conv', of the class 'Conv2d', is of the class 'my.Conv2d': expected "
            "'torch.nn.modules.conv.Conv2d'\n"
            "hint: networks with modules of their own are not supported");
  layer = ConvBlock(3, 4);
  layer.children[1].second.class_name = "torch.nn.modules.activation.Softmax2d";
  EXPECT_EQ(Error({LayerSpec(layer, IntCode(-1), 0), HeadLayer({IntCode(0)}, 1)}),
            "'model.0.act', of the class 'Softmax2d', is the activation "
            "'torch.nn.modules.activation.Softmax2d', which is not supported\n"
            "hint: known are SiLU, Identity, ReLU, LeakyReLU, Hardswish, ReLU6, Hardtanh, ELU, "
            "GELU, Mish, Sigmoid, Hardsigmoid, Tanh");
  layer = ConvBlock(3, 4);
  layer.children.pop_back();
  EXPECT_EQ(Error({LayerSpec(layer, IntCode(-1), 0), HeadLayer({IntCode(0)}, 1)}),
            std::string("'model.0', of the class 'Conv', has no module 'act'") + kDamaged);
}

TEST_F(LayerListTest, AttributesMustFit) {
  const auto with = [&](std::size_t attribute, const std::string& code) {
    ModuleSpec layer = ConvBlock(3, 4);
    layer.children[0].second.attributes[attribute].second = code;
    return Error({LayerSpec(layer, IntCode(-1), 0), HeadLayer({IntCode(0)}, 1)});
  };
  EXPECT_EQ(with(0, IntCode(5)),
            "'model.0.conv', of the class 'Conv2d', takes 5 channels, and its input has 3\n"
            "hint: the network's layers do not fit together: the file is damaged");
  EXPECT_EQ(with(1, IntCode(0)), "'model.0.conv.out_channels' is 0: expected 1 to 1048576");
  EXPECT_EQ(
      with(1, TextCode("4")),
      std::string("'model.0.conv.out_channels' is a string: expected a whole number") + kDamaged);
  EXPECT_EQ(with(2, ListCode({IntCode(1), IntCode(3)})),
            "'model.0.conv.kernel_size' is 1 x 3: only equal sides are supported");
  EXPECT_EQ(with(3, IntCode(0)), "'model.0.conv.stride' is 0: expected 1 to 1024");
  EXPECT_EQ(with(4, TextCode("same")), "'model.0.conv.padding' is not a number or a pair of them");
  EXPECT_EQ(with(6, IntCode(2)),
            "'model.0.conv', of the class 'Conv2d', has 2 groups of 3 and 4 channels");
  EXPECT_EQ(with(7, TextCode("reflect")),
            "'model.0.conv.padding_mode' is not supported: only zeros are");
}

TEST_F(LayerListTest, MapsThatDoNotFitTellTheLayer) {
  const std::string error = Error({LayerSpec(ConvBlock(3, 4, 3, 2), IntCode(-1), 0),
                                   LayerSpec(ConvBlock(4, 4, 3, 2), IntCode(-1), 1),
                                   LayerSpec(Concat(), ListCode({IntCode(0), IntCode(1)}), 2),
                                   HeadLayer({IntCode(2)}, 3)});
  EXPECT_EQ(error.substr(0, error.find(':')),
            "'model.2', of the class 'Concat', does not fit its inputs");
}

TEST_F(LayerListTest, WeightsThatNothingReadsAreAnError) {
  ModuleSpec layer = ConvBlock(3, 4);
  layer.children.emplace_back("more", Conv2dSpec(1, 1));
  EXPECT_EQ(Error({LayerSpec(layer, IntCode(-1), 0), HeadLayer({IntCode(0)}, 1)}),
            "the checkpoint does not fit the network: 2 not used\n"
            "  not used: 'model.0.more.weight', 1x1x1x1 in the checkpoint\n"
            "  not used: 'model.0.more.bias', 1 in the checkpoint\n"
            "hint: the network in the file computes more than yoloport knows of its classes: it is "
            "of another version, or was changed");
}

}  // namespace
}  // namespace yoloport::sources::layer_list
