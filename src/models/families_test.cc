// The shapes of weights that networks of published sizes ask for, worked out by hand from MMYOLO's
// tables of channels and blocks, and what their heads say of decoding. The configs are those of
// testdata/parity, widened; the checkpoint holds none of the weights, so that all are zeros.
#include "models/families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "models/test_configs.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::models {
namespace {

using Pair = std::array<double, 2>;
using config::Config;
using tensor::DType;
using tensor::Shape;
using testing::ElementsAre;

class FamiliesTest : public testing::Test {
 protected:
  // The head of a network of 5 classes, its widths and depths set.
  graph::HeadOutput Build(const std::string& name, const std::string& widen,
                          const std::string& deepen, std::vector<std::string> overrides = {},
                          graph::HeadMode mode = graph::kRawHead) {
    for (const char* part : {"backbone", "neck", "bbox_head.head_module"}) {
      overrides.push_back(std::string("model.") + part + ".widen_factor=" + widen);
    }
    for (const char* part : {"backbone", "neck"}) {
      if (deepen.empty()) break;
      overrides.push_back(std::string("model.") + part + ".deepen_factor=" + deepen);
    }
    config::ConfigOptions options;
    options.overrides = std::move(overrides);
    const Config config = Config::Load("testdata/parity/" + name + "/config.py", options);
    const test_support::TemporaryFile file(
        test_support::TorchZip(test_support::SmallPickle(), test_support::SmallData()), "none.pth");
    const checkpoint::Weights weights(checkpoint::Checkpoint::Open(file.path()));
    graph::HeadOutput output =
        BuildDetector(config.root()["model"], weights,
                      graph_.Input("images", image_type_, {1, 3, 128, 128}), mode);
    for (const int id : graph_.constants()) {
      shapes_[graph_.value(id).name] = graph_.value(id).shape;
    }
    return output;
  }

  // The shape of the folded convolution `name`; empty where the network has none.
  Shape Conv(const std::string& name) const {
    const auto found = shapes_.find(name + ".weight");
    return found == shapes_.end() ? Shape() : found->second;
  }

  DType image_type_ = DType::kFloat32;
  graph::Graph graph_{13};
  std::map<std::string, Shape> shapes_;
};

TEST_F(FamiliesTest, Yolov5N) {
  const graph::HeadOutput output = Build("yolov5_n", "0.25", "0.33");
  EXPECT_EQ(Conv("backbone.stem.conv"), (Shape{16, 3, 6, 6}));
  EXPECT_EQ(Conv("backbone.stage4.0.conv"), (Shape{256, 128, 3, 3}));
  // 6 * 0.33 = 1.98 blocks of half the width.
  EXPECT_EQ(Conv("backbone.stage2.1.blocks.1.conv2.conv"), (Shape{32, 32, 3, 3}));
  EXPECT_EQ(Conv("backbone.stage2.1.blocks.2.conv2.conv"), Shape());
  EXPECT_EQ(Conv("bbox_head.head_module.convs_pred.1"), (Shape{30, 128, 1, 1}));
  EXPECT_EQ(output.type, "yolov5");
  EXPECT_EQ(output.head.spec.coding, contract::BoxCoding::kAnchor);
  EXPECT_THAT(output.head.spec.levels[1].anchors,
              ElementsAre(Pair{30, 61}, Pair{62, 45}, Pair{59, 119}));
  EXPECT_EQ(output.head.spec.levels[2].stride, (Pair{32, 32}));
  EXPECT_EQ(output.raw[2].shape(), (Shape{1, 30, 4, 4}));
}

TEST_F(FamiliesTest, Yolov5P6) {
  const graph::HeadOutput output = Build("yolov5_n_p6", "0.25", "0.33");
  EXPECT_EQ(Conv("backbone.stage4.0.conv"), (Shape{192, 128, 3, 3}));  // 768 / 4
  EXPECT_EQ(Conv("backbone.stage5.2.conv2.conv"), (Shape{256, 512, 1, 1}));
  EXPECT_EQ(output.head.spec.levels[3].stride, (Pair{64, 64}));
  EXPECT_EQ(output.raw[3].shape(), (Shape{1, 30, 2, 2}));
}

TEST_F(FamiliesTest, Yolov8S) {
  const graph::HeadOutput output = Build("yolov8_n", "0.5", "0.33");
  EXPECT_EQ(Conv("backbone.stage4.1.final_conv.conv"), (Shape{512, 768, 1, 1}));
  // A quarter of the first level's 128 channels; the classes have all of them.
  EXPECT_EQ(Conv("bbox_head.head_module.reg_preds.2.0.conv"), (Shape{32, 512, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.head_module.cls_preds.2.0.conv"), (Shape{128, 512, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.head_module.reg_preds.0.2"), (Shape{16, 32, 1, 1}));
  EXPECT_EQ(output.type, "yolov8");
  EXPECT_EQ(output.head.spec.bins, 4);
  EXPECT_EQ(output.head.spec.prior_offset, 0.5);
}

// The boxes' branch is never narrower than their channels.
TEST_F(FamiliesTest, Yolov8NWithAllBins) {
  Build("yolov8_n", "0.25", "0.33", {"model.bbox_head.head_module.reg_max=16"});
  EXPECT_EQ(Conv("bbox_head.head_module.reg_preds.0.0.conv"), (Shape{64, 64, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.head_module.reg_preds.0.2"), (Shape{64, 64, 1, 1}));
}

TEST_F(FamiliesTest, YoloxTiny) {
  const graph::HeadOutput output = Build("yolox_tiny", "0.375", "0.33");
  // Focus and its 3 x 3 convolution of 12 channels in one.
  EXPECT_EQ(Conv("backbone.stem.conv.conv"), (Shape{24, 3, 6, 6}));
  EXPECT_EQ(Conv("bbox_head.head_module.multi_level_cls_convs.0.1.conv"), (Shape{96, 96, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.head_module.multi_level_conv_obj.2"), (Shape{1, 96, 1, 1}));
  EXPECT_EQ(output.head.spec.coding, contract::BoxCoding::kCenterSize);
  EXPECT_EQ(output.head.spec.prior_offset, 0);
  EXPECT_EQ(output.raw[0].shape(), (Shape{1, 10, 16, 16}));
}

TEST_F(FamiliesTest, RtmdetTiny) {
  const graph::HeadOutput output = Build("rtmdet_tiny", "0.375", "0.167");
  EXPECT_EQ(Conv("backbone.stem.0.conv"), (Shape{12, 3, 3, 3}));  // half of 24
  // 3 * 0.167 is one block, of 0.375 * 128 / 2 channels.
  EXPECT_EQ(Conv("backbone.stage1.1.blocks.0.conv2.depthwise_conv.conv"), (Shape{24, 1, 5, 5}));
  EXPECT_EQ(Conv("bbox_head.head_module.rtm_reg.1"), (Shape{4, 96, 1, 1}));
  EXPECT_EQ(output.head.spec.prior_offset, 0);
  EXPECT_EQ(output.head.spec.bins, 1);
}

TEST_F(FamiliesTest, RtmdetsPriorsHaveTheOffsetOfTheConfig) {
  const graph::HeadOutput output =
      Build("rtmdet_tiny", "0.375", "0.167", {"model.bbox_head.prior_generator.offset=0.25"});
  EXPECT_EQ(output.head.spec.prior_offset, 0.25);
}

TEST_F(FamiliesTest, Yolov6N) {
  const graph::HeadOutput output = Build("yolov6_n", "0.25", "0.33");
  EXPECT_EQ(Conv("backbone.stem.conv"), (Shape{16, 3, 3, 3}));
  // 12 * 0.33 = 3.96 blocks: the first, and three behind it.
  EXPECT_EQ(Conv("backbone.stage2.0.1.block.0.conv"), (Shape{64, 64, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.head_module.reg_preds.0"), (Shape{4, 32, 1, 1}));
  EXPECT_EQ(output.head.spec.bins, 1);
  EXPECT_EQ(output.head.spec.prior_offset, 0.5);
}

TEST_F(FamiliesTest, Yolov6WithDistributions) {
  const graph::HeadOutput output =
      Build("yolov6_n", "0.25", "0.33", {"model.bbox_head.head_module.reg_max=16"},
            graph::HeadLayout::kPositionsLast);
  EXPECT_EQ(Conv("bbox_head.head_module.reg_preds.0"), (Shape{68, 32, 1, 1}));
  EXPECT_EQ(output.head.spec.bins, 17);
}

TEST_F(FamiliesTest, Yolov6WithDistributionsOfHalves) {
  image_type_ = DType::kFloat16;
  const graph::HeadOutput output =
      Build("yolov6_n", "0.25", "0.33", {"model.bbox_head.head_module.reg_max=16"});
  // Classes are halves, distances are not: joined, they are float32.
  EXPECT_EQ(output.raw[0].shape(), (Shape{1, 9, 16, 16}));
  EXPECT_EQ(output.raw[0].dtype(), DType::kFloat32);
}

TEST_F(FamiliesTest, Yolov7Tiny) {
  const graph::HeadOutput output = Build("yolov7_tiny", "1.0", "");
  EXPECT_EQ(Conv("backbone.stem.0.conv"), (Shape{32, 3, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.head_module.convs_pred.2.1"), (Shape{30, 512, 1, 1}));
  EXPECT_EQ(output.type, "yolov7");
  EXPECT_EQ(output.head.spec.coding, contract::BoxCoding::kAnchor);
  EXPECT_THAT(output.head.spec.levels[0].anchors,
              ElementsAre(Pair{12, 16}, Pair{19, 36}, Pair{40, 28}));
}

TEST_F(FamiliesTest, PpyoloePlusS) {
  const graph::HeadOutput output = Build("ppyoloe_plus_s", "0.5", "0.33");
  EXPECT_EQ(Conv("backbone.stem.0.conv"), (Shape{16, 3, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.head_module.cls_preds.0"), (Shape{5, 96, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.head_module.reg_preds.2"), (Shape{68, 384, 3, 3}));
  EXPECT_EQ(output.type, "ppyoloep");
  EXPECT_EQ(output.head.spec.bins, 17);
}

TEST_F(FamiliesTest, PpyoloeWithoutDistributions) {
  const graph::HeadOutput output =
      Build("ppyoloe_plus_s", "0.5", "0.33", {"model.bbox_head.head_module.reg_max=0"});
  EXPECT_EQ(output.head.spec.bins, 1);
  EXPECT_EQ(output.raw[0].shape(), (Shape{1, 9, 16, 16}));
}

// Heads and head modules combine as MMYOLO's registry does: the head says how boxes are coded, its
// module what is predicted.
TEST_F(FamiliesTest, AnchorHeadsTakeEachOthersModules) {
  const graph::HeadOutput output =
      Build("yolov5_n", "0.25", "0.33", {"model.bbox_head.head_module.type=YOLOv7HeadModule"});
  EXPECT_EQ(Conv("bbox_head.head_module.convs_pred.2.1"), (Shape{30, 256, 1, 1}));
  EXPECT_EQ(output.type, "yolov5");
  const graph::HeadOutput other =
      Build("yolov7_tiny", "1.0", "", {"model.bbox_head.head_module.type=YOLOv5HeadModule"});
  EXPECT_EQ(Conv("bbox_head.head_module.convs_pred.2"), (Shape{30, 512, 1, 1}));
  EXPECT_EQ(other.type, "yolov7");
}

TEST_F(FamiliesTest, HeadsWithoutAnchorsTakeEachOthersModules) {
  const std::vector<std::string> module = {"model.bbox_head.head_module.type=YOLOv6HeadModule",
                                           "model.bbox_head.head_module.reg_max=3"};
  const graph::HeadOutput output = Build("yolov8_n", "0.25", "0.33", module);
  EXPECT_EQ(output.type, "yolov8");
  EXPECT_EQ(output.head.spec.bins, 4);
  EXPECT_EQ(output.raw[0].shape(), (Shape{1, 4 * 4 + 5, 16, 16}));  // distributions
}

TEST_F(FamiliesTest, TheHeadSaysWhetherRawOutputsAreDistances) {
  const graph::HeadOutput output =
      Build("yolov8_n", "0.25", "0.33",
            {"model.bbox_head.type=RTMDetHead", "model.bbox_head.prior_generator.offset=0"});
  EXPECT_EQ(output.type, "rtmdet");
  EXPECT_EQ(output.head.spec.bins, 1);
  EXPECT_EQ(output.raw[0].shape(), (Shape{1, 4 + 5, 16, 16}));
}

TEST_F(FamiliesTest, AModuleOfTheOtherKindIsAnError) {
  const auto error = [&](const std::string& name, const std::string& override) {
    return ErrorOf([&] { Build(name, "0.25", "", {"model.bbox_head." + override}); });
  };
  EXPECT_THAT(error("yolov8_n", "head_module.type=YOLOv5HeadModule"),
              testing::EndsWith("unknown head module for a head without anchors "
                                "'YOLOv5HeadModule'"));
  EXPECT_THAT(error("yolov5_n", "head_module.type=YOLOv8HeadModule"),
              testing::EndsWith("unknown head module for a head with anchors 'YOLOv8HeadModule'"));
  EXPECT_THAT(error("yolov8_n", "type=YOLOXHead"),
              testing::EndsWith("unknown type 'DistancePointBBoxCoder' here"));
}

// Heads whose config says nothing of priors: those of distances begin at cells' middles, but for
// RTMDet's, and so do none of centres.
TEST(PriorOffsetTest, DefaultsAreMmyolos) {
  const test_support::TemporaryFile file(
      test_support::TorchZip(test_support::SmallPickle(), test_support::SmallData()), "none.pth");
  const auto offset = [&](const Family& family, const std::string& module) {
    graph::Graph graph(13);
    const std::vector<graph::Value> features = {
        graph.Input("feature", DType::kFloat32, {1, 64, 4, 4})};
    const Config config = Config::FromText(
        "head = dict(head_module=dict(num_classes=2, featmap_strides=[8], in_channels=" + module +
            "))",
        "t.py");
    const checkpoint::Weights weights(checkpoint::Checkpoint::Open(file.path()));
    return family.heads[0]
        .build(config.root()["head"], weights, features, graph::kRawHead)
        .head.spec.prior_offset;
  };
  EXPECT_EQ(offset(kRtmdet, "64, feat_channels=64, type='RTMDetSepBNHeadModule'"), 0);
  EXPECT_EQ(offset(kYolox, "64, feat_channels=64, type='YOLOXHeadModule'"), 0);
  EXPECT_EQ(offset(kYolov8, "[64], type='YOLOv8HeadModule'"), 0.5);
  EXPECT_EQ(offset(kYolov6, "[64], type='YOLOv6HeadModule'"), 0.5);
  EXPECT_EQ(offset(kPpyoloe, "[64], type='PPYOLOEHeadModule'"), 0.5);
}

// A list of necks: each takes what the one before it gives, and the checkpoint numbers them.
TEST_F(FamiliesTest, NecksFollowOneAnother) {
  const auto read = [](const std::string& neck) {
    return Necks(Config::FromText("model = dict(" + neck + ")", "t.py").root()["model"]);
  };
  const NeckList two = read("neck=[dict(type='YOLOv8PAFPN'), dict(type='mmdet.ChannelMapper')]");
  EXPECT_TRUE(two.is_sequence);
  ASSERT_EQ(two.configs.size(), 2U);
  EXPECT_EQ(two.configs[1]["type"].AsString(), "mmdet.ChannelMapper");
  EXPECT_FALSE(read("neck=dict(type='YOLOv8PAFPN')").is_sequence);
  EXPECT_EQ(read("neck=dict(type='YOLOv8PAFPN')").configs.size(), 1U);
  EXPECT_TRUE(read("neck=None").configs.empty());
}

TEST_F(FamiliesTest, DyHeadIsRefusedByName) {
  EXPECT_THAT(
      ErrorOf([&] { Build("yolov8_n", "0.25", "0.33", {"model.neck.type=mmdet.DyHead"}); }),
      testing::EndsWith("'DyHead' is not supported: its deformable convolutions (DCNv2) are "
                        "not an operator of ONNX before opset 19"));
}

// The largest stride is what sizes must be multiples of.
TEST(LargestStrideTest, IsTheHeads) {
  const auto stride = [](const std::string& name) {
    return LargestStride(Config::Load("testdata/parity/" + name + "/config.py").root()["model"]);
  };
  EXPECT_EQ(stride("yolov5_n"), 32);
  EXPECT_EQ(stride("yolov5_n_p6"), 64);
}

}  // namespace
}  // namespace yoloport::models
