// The shapes that backbones of other packages give and ask for, by their published tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "models/families.h"
#include "models/test_configs.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::models {
namespace {

using tensor::Shape;
using testing::ElementsAre;

class BackbonesTest : public testing::Test {
 protected:
  // The shapes of the feature maps of an image of `channels` x 64 x 96. The checkpoint holds none
  // of the weights, so that all are zeros.
  std::vector<Shape> Build(const std::string& text, std::int64_t channels = 3,
                           std::int64_t height = 64) {
    const config::ConfigNode config = Head(text);
    const test_support::TemporaryFile file(test_support::TorchFloats({{"other", {1}, {0}}}));
    const checkpoint::Weights weights(checkpoint::Checkpoint::Open(file.path()));
    const graph::Value image =
        graph_.Input("images", tensor::DType::kFloat32, {1, channels, height, 96});
    std::vector<Shape> shapes;
    for (const graph::Value& feature : FindBackbone(config)(config, weights["backbone"], image)) {
      shapes.push_back(feature.shape());
    }
    config.RequireAllUsed();
    for (const int id : graph_.constants()) {
      shapes_[graph_.value(id).name] = graph_.value(id).shape;
    }
    return shapes;
  }

  std::string Error(const std::string& text, std::int64_t channels = 3) {
    return ErrorOf([&] { Build(text, channels); });
  }

  graph::Graph graph_{11};
  std::map<std::string, Shape> shapes_;  // of constants
};

TEST_F(BackbonesTest, ResNet50) {
  EXPECT_THAT(Build("type='mmdet.ResNet', depth=50, out_indices=(1, 2, 3)"),
              ElementsAre(Shape{1, 512, 8, 12}, Shape{1, 1024, 4, 6}, Shape{1, 2048, 2, 3}));
  EXPECT_EQ(shapes_.at("backbone.conv1.weight"), (Shape{64, 3, 7, 7}));
  EXPECT_EQ(shapes_.at("backbone.layer4.0.downsample.0.weight"), (Shape{2048, 1024, 1, 1}));
}

TEST_F(BackbonesTest, ResNet18HasBasicBlocks) {
  EXPECT_THAT(Build("type='mmdet.ResNet', depth=18, norm_cfg=dict(type='GN', num_groups=32), "
                    "in_channels=1, out_indices=[3]",
                    1),
              ElementsAre(Shape{1, 512, 2, 3}));
  EXPECT_EQ(shapes_.at("backbone.conv1.weight"), (Shape{64, 1, 7, 7}));
  EXPECT_EQ(shapes_.at("backbone.layer2.1.gn2.weight"), (Shape{128, 1, 1}));
}

TEST_F(BackbonesTest, ResNextIsWiderInItsGroups) {
  Build("type='mmdet.ResNeXt', depth=101, groups=64, base_width=4, out_indices=(3,)");
  EXPECT_EQ(shapes_.at("backbone.layer1.0.conv2.weight"), (Shape{256, 4, 3, 3}));
}

TEST_F(BackbonesTest, TheStemOfResNetV1dIsThreeConvolutions) {
  Build("type='mmdet.ResNetV1d', depth=50, out_indices=(3,)");
  EXPECT_EQ(shapes_.at("backbone.stem.6.weight"), (Shape{64, 32, 3, 3}));
  EXPECT_EQ(shapes_.at("backbone.layer1.0.downsample.1.weight"), (Shape{256, 64, 1, 1}));
}

TEST_F(BackbonesTest, OutputsOfMmselfsupCountTheStem) {
  EXPECT_THAT(Build("type='mmselfsup.ResNet', depth=18, out_indices=(0, 2)"),
              ElementsAre(Shape{1, 64, 32, 48}, Shape{1, 128, 8, 12}));
}

TEST_F(BackbonesTest, DeformableConvolutionsAreRefused) {
  EXPECT_EQ(Error("type='mmdet.ResNet', depth=50, dcn=dict(type='DCNv2')"),
            "t.py:1:48: 'head.dcn': deformable convolutions are not supported: ONNX has no "
            "operator for them before opset 19");
}

TEST_F(BackbonesTest, SwinTiny) {
  EXPECT_THAT(Build("type='mmdet.SwinTransformer', out_indices=(1, 2, 3)"),
              ElementsAre(Shape{1, 192, 8, 12}, Shape{1, 384, 4, 6}, Shape{1, 768, 2, 3}));
  EXPECT_EQ(shapes_.at("backbone.stages.2.blocks.5.attn.w_msa.qkv.weight"), (Shape{384, 1152}));
  // 3 x 4 windows of 7 x 7 pixels.
  EXPECT_EQ(shapes_.at("backbone.stages.0.blocks.1.attn.attn_mask"), (Shape{1, 12, 1, 49, 49}));
}

TEST_F(BackbonesTest, SwinIsForOneSize) {
  EXPECT_EQ(ErrorOf([&] { Build("type='mmdet.SwinTransformer'", 3, graph::kDynamic); }),
            "t.py:1:18: 'head.type': this backbone needs a fixed image size");
  EXPECT_EQ(Error("type='mmpretrain.SwinTransformer'"),
            "t.py:1:18: 'head.type': only MMDetection's SwinTransformer is supported");
}

// Its b0. Queries, keys and values come of one matrix; those of keys and values are on the map made
// smaller by 8, 4, 2, 1.
TEST_F(BackbonesTest, PvtV2) {
  EXPECT_THAT(Build("type='mmdet.PyramidVisionTransformerV2', embed_dims=32, "
                    "num_layers=[2, 2, 2, 2], out_indices=(1, 2, 3)"),
              ElementsAre(Shape{1, 64, 8, 12}, Shape{1, 160, 4, 6}, Shape{1, 256, 2, 3}));
  EXPECT_EQ(shapes_.at("backbone.layers.0.1.1.attn.sr.weight"), (Shape{32, 32, 8, 8}));
  EXPECT_EQ(shapes_.at("backbone.layers.2.1.0.attn.attn.q.weight"), (Shape{160, 160, 1, 1}));
  EXPECT_EQ(shapes_.at("backbone.layers.3.1.1.attn.attn.kv.weight"), (Shape{512, 256, 1, 1}));
  EXPECT_EQ(shapes_.at("backbone.layers.3.1.1.ffn.layers.1.weight"), (Shape{1024, 1, 3, 3}));
  EXPECT_FALSE(shapes_.contains("backbone.layers.3.1.1.attn.sr.weight"));
}

TEST_F(BackbonesTest, PvtTakesImagesOfAnySize) {
  EXPECT_EQ(ErrorOf([&] {
              Build("type='mmdet.PyramidVisionTransformerV2', num_layers=[1, 1, 1, 1]", 3,
                    graph::kDynamic);
            }),
            "no error");
}

TEST_F(BackbonesTest, PositionEmbeddingsOfPvtAreRefused) {
  EXPECT_EQ(Error("type='mmdet.PyramidVisionTransformer'"),
            "t.py:1:18: 'head.type': absolute position embeddings are not supported");
  EXPECT_EQ(Error("type='mmdet.PyramidVisionTransformerV2', num_heads=[1, 2, 5]"),
            "t.py:1:8: 'head': needs an entry for each of its 4 stages in 'num_heads'");
  EXPECT_EQ(Error("type='mmdet.PyramidVisionTransformerV2', num_heads=[1, 2, 0, 8]"),
            "t.py:1:71: 'head.num_heads[2]': must be from 1 to 1024, not 0");
}

TEST_F(BackbonesTest, MobileNetV3Small) {
  EXPECT_THAT(Build("type='mmcls.MobileNetV3', arch='small', out_indices=(3, 8, 11)"),
              ElementsAre(Shape{1, 24, 8, 12}, Shape{1, 48, 4, 6}, Shape{1, 96, 2, 3}));
  // A quarter of 144 channels, to the nearest multiple of 8.
  EXPECT_EQ(shapes_.at("backbone.layer8.se.conv1.conv.weight"), (Shape{40, 144, 1, 1}));
}

TEST_F(BackbonesTest, ConvNextTiny) {
  EXPECT_THAT(Build("type='mmpretrain.ConvNeXt', out_indices=(1, 2, 3), "
                    "gap_before_final_norm=False"),
              ElementsAre(Shape{1, 192, 8, 12}, Shape{1, 384, 4, 6}, Shape{1, 768, 2, 3}));
  EXPECT_EQ(shapes_.at("backbone.stages.2.8.pointwise_conv1.weight"), (Shape{384, 1536}));
  EXPECT_EQ(Error("type='mmpretrain.ConvNeXt'"),
            "t.py:1:8: 'head': gives one vector for the whole image");
}

// timm's EfficientNet: channels and blocks of b0, then widened and deepened.
TEST_F(BackbonesTest, EfficientNetB0) {
  EXPECT_THAT(Build("type='mmpretrain.TIMMBackbone', model_name='efficientnet_b0', "
                    "features_only=True, out_indices=(2, 3, 4), pretrained=True"),
              ElementsAre(Shape{1, 40, 8, 12}, Shape{1, 112, 4, 6}, Shape{1, 320, 2, 3}));
  EXPECT_EQ(shapes_.at("backbone.timm_model.conv_stem.weight"), (Shape{32, 3, 3, 3}));
  EXPECT_EQ(shapes_.at("backbone.timm_model.blocks.0.0.conv_pw.weight"), (Shape{16, 32, 1, 1}));
  EXPECT_EQ(shapes_.at("backbone.timm_model.blocks.1.1.conv_dw.weight"), (Shape{144, 1, 3, 3}));
  EXPECT_EQ(shapes_.at("backbone.timm_model.blocks.4.2.se.conv_reduce.weight"),
            (Shape{28, 672, 1, 1}));  // a quarter of the 112 channels that come in
}

TEST_F(BackbonesTest, EfficientNetB5IsWiderAndDeeper) {
  EXPECT_THAT(Build("type='mmcls.TIMMBackbone', model_name='efficientnet_b5.sw_in12k', "
                    "features_only=True"),
              ElementsAre(Shape{1, 24, 32, 48}, Shape{1, 40, 16, 24}, Shape{1, 64, 8, 12},
                          Shape{1, 176, 4, 6}, Shape{1, 512, 2, 3}));
  EXPECT_EQ(shapes_.at("backbone.timm_model.conv_stem.weight"), (Shape{48, 3, 3, 3}));
  EXPECT_TRUE(shapes_.contains("backbone.timm_model.blocks.5.8.conv_pwl.weight"));
  EXPECT_FALSE(shapes_.contains("backbone.timm_model.blocks.5.9.conv_pwl.weight"));
}

TEST_F(BackbonesTest, WhatElseTimmHasIsRefused) {
  EXPECT_EQ(Error("type='mmpretrain.TIMMBackbone', model_name='tf_efficientnet_b0', "
                  "features_only=True"),
            "t.py:1:56: 'head.model_name': timm's 'tf_efficientnet_b0' is not supported");
  EXPECT_EQ(Error("type='mmpretrain.TIMMBackbone', model_name='efficientnet_b0'"),
            "t.py:1:8: 'head': the backbone gives one map for a classifier, not one a level");
}

TEST_F(BackbonesTest, TheImageHasTheChannelsThatTheNetworkTakes) {
  EXPECT_EQ(Error("type='mmdet.ResNet', depth=18, in_channels=4"),
            "t.py:1:8: 'head': the network takes images of 4 channels, and the test pipeline "
            "gives 3");
}

}  // namespace
}  // namespace yoloport::models
