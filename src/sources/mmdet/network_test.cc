// Which weights MMDetection's networks ask for, under its names and in the shapes that its tables
// of channels and blocks give, worked out by hand. The checkpoint holds none of them, so that all
// are zeros. What networks compute is compared with recordings: testdata/parity/mmdet_*.
#include "sources/mmdet/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "sources/mmdet/test_configs.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::sources::mmdet {
namespace {

using config::Config;
using tensor::DType;
using tensor::Shape;
using testing::ElementsAre;

class MmdetNetworkTest : public testing::Test {
 protected:
  graph::HeadOutput Build(const Config& config, graph::HeadMode mode = graph::kRawHead) {
    const test_support::TemporaryFile file(
        test_support::TorchZip(test_support::SmallPickle(), test_support::SmallData()), "none.pth");
    const checkpoint::Weights weights(checkpoint::Checkpoint::Open(file.path()));
    graph::HeadOutput output =
        BuildDetector(config.root()["model"], weights,
                      graph_.Input("images", DType::kFloat32, {1, 3, 128, 128}), mode);
    for (const int id : graph_.constants()) {
      shapes_[graph_.value(id).name] = graph_.value(id).shape;
    }
    return output;
  }

  // What building with these changes ends with.
  template <typename Make>
  std::string Error(const Make& make, const std::string& change) {
    return ErrorOf([&] { Build(make({change}, kOwnBackbone)); });
  }

  // The shape of the folded convolution `name`; empty where the network has none.
  Shape Conv(const std::string& name) const {
    const auto found = shapes_.find(name + ".weight");
    return found == shapes_.end() ? Shape() : found->second;
  }

  // How many nodes of this operator the network has.
  std::size_t Count(const std::string& op) const {
    return static_cast<std::size_t>(std::count_if(graph_.nodes().begin(), graph_.nodes().end(),
                                                  [&](const auto& node) { return node.op == op; }));
  }

  graph::Graph graph_{13};
  std::map<std::string, Shape> shapes_;
};

TEST_F(MmdetNetworkTest, Rtmdet) {
  const graph::HeadOutput output = Build(Rtmdet());
  EXPECT_EQ(Conv("backbone.stem.0.conv"), (Shape{2, 3, 3, 3}));
  EXPECT_EQ(Conv("backbone.stage4.1.conv2.conv"), (Shape{64, 128, 1, 1}));  // four poolings of 32
  // The neck as MMDetection numbers it, the top level first on the way down.
  EXPECT_EQ(Conv("neck.reduce_layers.0.conv"), (Shape{32, 64, 1, 1}));
  EXPECT_EQ(Conv("neck.top_down_blocks.0.final_conv.conv"), (Shape{32, 32, 1, 1}));
  EXPECT_EQ(Conv("neck.reduce_layers.1.conv"), (Shape{16, 32, 1, 1}));
  EXPECT_EQ(Conv("neck.top_down_blocks.1.final_conv.conv"), (Shape{16, 16, 1, 1}));
  EXPECT_EQ(Conv("neck.downsamples.1.conv"), (Shape{32, 32, 3, 3}));
  EXPECT_EQ(Conv("neck.bottom_up_blocks.1.final_conv.conv"), (Shape{64, 64, 1, 1}));
  EXPECT_EQ(Conv("neck.out_convs.2.conv"), (Shape{16, 64, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.cls_convs.2.0.conv"), (Shape{16, 16, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.rtm_reg.2"), (Shape{4, 16, 1, 1}));
  EXPECT_EQ(Count("Exp"), 0U);
  EXPECT_EQ(output.type, "rtmdet");
  EXPECT_EQ(output.head.spec.coding, contract::BoxCoding::kDistance);
  EXPECT_TRUE(output.head.spec.clips_boxes);
  EXPECT_EQ(output.head.spec.prior_offset, 0);
  EXPECT_EQ(output.raw[2].shape(), (Shape{1, 7, 4, 4}));
}

TEST_F(MmdetNetworkTest, RtmdetsOfLargeSizesHaveAnExponential) {
  Build(Rtmdet({"model.bbox_head.exp_on_reg=True"}));
  EXPECT_EQ(Count("Exp"), 3U);
}

TEST_F(MmdetNetworkTest, DepthwiseRtmdet) {
  Build(Rtmdet({"model.backbone.use_depthwise=True", "model.neck.use_depthwise=True",
                "model.bbox_head.use_depthwise=True"}));
  EXPECT_EQ(Conv("backbone.stage1.0.depthwise_conv.conv"), (Shape{4, 1, 3, 3}));
  // What reduces stays plain.
  EXPECT_EQ(Conv("neck.reduce_layers.0.conv"), (Shape{32, 64, 1, 1}));
  EXPECT_EQ(Conv("neck.top_down_blocks.0.blocks.0.conv1.depthwise_conv.conv"),
            (Shape{16, 1, 3, 3}));
  EXPECT_EQ(Conv("neck.downsamples.0.depthwise_conv.conv"), (Shape{16, 1, 3, 3}));
  EXPECT_EQ(Conv("neck.out_convs.0.depthwise_conv.conv"), (Shape{16, 1, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.reg_convs.1.0.pointwise_conv.conv"), (Shape{16, 16, 1, 1}));
}

// One set of layers for all levels, an exponential and a number a level; by default with GroupNorm,
// ReLU and predictions of 3 x 3, as the ATSSHead that it derives from.
TEST_F(MmdetNetworkTest, RtmdetHead) {
  Build(Rtmdet({"model.bbox_head.type=RTMDetHead", "model.bbox_head.with_objectness=True",
                "model.bbox_head.in_channels=32", "model.bbox_head.feat_channels=32",
                "model.neck.out_channels=32"}));
  EXPECT_EQ(Conv("bbox_head.cls_convs.0.conv"), (Shape{32, 32, 3, 3}));
  EXPECT_EQ(Conv("bbox_head.rtm_obj"), (Shape{1, 32, 3, 3}));
  EXPECT_EQ(Count("Exp"), 6U);  // of distances, and of the objectness's mean with the classes
  EXPECT_EQ(Count("Log"), 3U);
  EXPECT_EQ(Count("InstanceNormalization"), 6U);
}

TEST_F(MmdetNetworkTest, Yolox) {
  const graph::HeadOutput output = Build(Yolox());
  EXPECT_EQ(Conv("backbone.stem.conv.conv"), (Shape{4, 3, 6, 6}));
  EXPECT_EQ(Conv("backbone.stage1.1.blocks.0.conv2.conv"), (Shape{4, 4, 3, 3}));
  EXPECT_EQ(Conv("neck.top_down_blocks.1.final_conv.conv"), (Shape{16, 16, 1, 1}));
  EXPECT_EQ(Conv("neck.out_convs.2.conv"), (Shape{16, 64, 1, 1}));
  EXPECT_EQ(Conv("bbox_head.multi_level_cls_convs.2.0.conv"), (Shape{16, 16, 3, 3}));
  EXPECT_EQ(output.type, "yolox");
  EXPECT_EQ(output.head.spec.coding, contract::BoxCoding::kCenterSize);
  EXPECT_FALSE(output.head.spec.clips_boxes);
  EXPECT_EQ(output.raw[0].shape(), (Shape{1, 8, 16, 16}));
}

// MMYOLO's has plain blocks in its backbone and neck.
TEST_F(MmdetNetworkTest, DepthwiseYolox) {
  Build(Yolox({"model.backbone.use_depthwise=True", "model.neck.use_depthwise=True",
               "model.bbox_head.use_depthwise=True"}));
  EXPECT_EQ(Conv("backbone.stage2.1.blocks.0.conv2.depthwise_conv.conv"), (Shape{8, 1, 3, 3}));
  EXPECT_EQ(Conv("neck.bottom_up_blocks.0.blocks.0.conv2.depthwise_conv.conv"),
            (Shape{16, 1, 3, 3}));
}

// 64 * 0.05 = 3.2: MMYOLO rounds up to multiples of 8. 3 * 0.1 = 0.3 blocks are one.
TEST_F(MmdetNetworkTest, WidthsAreCutToWholeNumbers) {
  Build(Yolox({"model.backbone.widen_factor=0.05", "model.neck.in_channels=[12,25,51]"}));
  EXPECT_EQ(Conv("backbone.stem.conv.conv"), (Shape{3, 3, 6, 6}));
  EXPECT_EQ(Conv("backbone.stage3.0.conv"), (Shape{25, 12, 3, 3}));
}

TEST_F(MmdetNetworkTest, LevelsAreAsManyAsTheNeckHas) {
  const std::vector<std::string> options = {"model.backbone.out_indices=[1,2,3,4]",
                                            "model.neck.in_channels=[8,16,32,64]",
                                            "model.bbox_head.strides=[4,8,16,32]"};
  const Config config = Yolox(options);
  EXPECT_THAT(Strides(config.root()["model"]), ElementsAre(4, 8, 16, 32));
  Build(config);
  EXPECT_EQ(Conv("neck.reduce_layers.2.conv"), (Shape{8, 16, 1, 1}));
  EXPECT_EQ(Conv("neck.top_down_blocks.2.final_conv.conv"), (Shape{8, 8, 1, 1}));
  EXPECT_EQ(Error(Yolox, "model.bbox_head.strides=[8,16]"),
            "'model.bbox_head': is made for 2 feature levels but gets 3");
}

TEST_F(MmdetNetworkTest, BackbonesOfOtherPackages) {
  Build(Rtmdet({"model.neck.in_channels=[128,256,512]"},
               "type='ResNet', depth=18, out_indices=(1, 2, 3)"));
  EXPECT_EQ(Conv("backbone.layer4.1.conv2"), (Shape{512, 512, 3, 3}));
}

TEST_F(MmdetNetworkTest, BoxesAreNotCutWhereTheCoderDoesNot) {
  const Config config = Rtmdet({"model.bbox_head.bbox_coder.clip_border=False"});
  EXPECT_FALSE(ClipsBoxes(config.root()["model"]));
  EXPECT_FALSE(Build(config).head.spec.clips_boxes);
  EXPECT_TRUE(ClipsBoxes(Rtmdet().root()["model"]));
  EXPECT_FALSE(ClipsBoxes(Yolox().root()["model"]));
}

TEST_F(MmdetNetworkTest, WhatIsNotSupportedIsRefusedByItsName) {
  EXPECT_EQ(Error(Rtmdet, "model.bbox_head.type=RTMDetInsSepBNHead"),
            "'model.bbox_head.type': RTMDetInsSepBNHead predicts instance masks, which are not "
            "supported");
  EXPECT_EQ(Error(Rtmdet, "model.bbox_head.type=mmrotate.RotatedRTMDetSepBNHead"),
            "'model.bbox_head.type': RotatedRTMDetSepBNHead predicts rotated boxes, which are not "
            "supported");
  EXPECT_EQ(Error(Rtmdet, "model.bbox_head.type=ATSSHead"),
            "'model.bbox_head.type': unknown head 'ATSSHead'");
  EXPECT_EQ(Error(Yolox, "model.input_size=640"),
            "'model.input_size' is not understood: it would change the network");
  EXPECT_EQ(ErrorOf([] { RefuseOldConfig(Yolox({"model.input_size=640"}).root()["model"]); }),
            "'model.input_size': is a key of MMDetection 2, whose configs are not read");
}

TEST_F(MmdetNetworkTest, WhatWouldChangeTheNetworkIsRefused) {
  EXPECT_EQ(Error(Rtmdet, "model.bbox_head.loss_cls.use_sigmoid=False"),
            "'model.bbox_head.loss_cls': without use_sigmoid=True the head scores a background "
            "class, too, which is not supported");
  EXPECT_EQ(Error(Rtmdet, "model.neck.widen_factor=0.5"),
            "'model.neck.widen_factor': is an argument of MMYOLO's component of that name, not of "
            "MMDetection's");
  EXPECT_EQ(Error(Rtmdet, "model.backbone.plugins=[]"),
            "'model.backbone.plugins': is an argument of MMYOLO's component of that name, not of "
            "MMDetection's");
  EXPECT_EQ(Error(Rtmdet, "model.neck.upsample_cfg.mode=bilinear"),
            "'model.neck.upsample_cfg': only nearest upsampling by 2 is supported");
  EXPECT_EQ(Error(Rtmdet, "model.bbox_head.dropout=0.1"),
            "'model.bbox_head.dropout' is not understood: it would change the network");
  EXPECT_EQ(Error(Yolox, "model.bbox_head.dcn_on_last_conv=True"),
            "'model.bbox_head.dcn_on_last_conv': deformable convolutions are not supported");
  EXPECT_EQ(Error(Yolox, "model.backbone.spp_kernal_sizes=[5]"),
            "'model.backbone.spp_kernal_sizes': needs two sizes at least");
  EXPECT_EQ(Error(Yolox, "model.bbox_head.strides=[(8,4),(16,16),(32,32)]"),
            "'model.bbox_head.strides[0]': strides that differ in x and y are not supported");
}

}  // namespace
}  // namespace yoloport::sources::mmdet
