#include "models/anchor_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "yoloport/error.h"

namespace yoloport::models {
namespace {

using Pair = std::array<double, 2>;
using testing::ElementsAre;

config::ConfigNode Head(const std::string& text) {
  return config::Config::FromText("head = dict(" + text + ")", "t.py").root()["head"];
}

TEST(AnchorHeadTest, DefaultsAreThoseOfYolov5) {
  const AnchorHead head = ReadAnchorHead(Head("head_module=dict(num_classes=2)"), 3);
  EXPECT_EQ(head.num_anchors, 3);
  EXPECT_EQ(head.num_classes, 2);
  EXPECT_EQ(head.OutputChannels(), 21);
  EXPECT_THAT(head.strides, ElementsAre(Pair{8, 8}, Pair{16, 16}, Pair{32, 32}));
  EXPECT_THAT(head.anchors,
              ElementsAre(ElementsAre(Pair{10, 13}, Pair{16, 30}, Pair{33, 23}),
                          ElementsAre(Pair{30, 61}, Pair{62, 45}, Pair{59, 119}),
                          ElementsAre(Pair{116, 90}, Pair{156, 198}, Pair{373, 326})));
}

TEST(AnchorHeadTest, AnchorsAreWidthAndHeight) {
  const AnchorHead head = ReadAnchorHead(
      Head("head_module=dict(num_classes=2, num_base_priors=2, featmap_strides=[8]),"
           "prior_generator=dict(type='mmdet.YOLOAnchorGenerator', base_sizes=[[(3, 4), (5, 6)]])"),
      1);
  EXPECT_THAT(head.anchors, ElementsAre(ElementsAre(Pair{3, 4}, Pair{5, 6})));
}

TEST(AnchorHeadTest, EachCellHasAsManyAnchors) {
  try {
    ReadAnchorHead(Head("head_module=dict(num_classes=2, num_base_priors=2)"), 3);
    FAIL() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()),
              "t.py:1:25: 'head.head_module': num_base_priors is 2 but a level has 3 anchors\n"
              "head = dict(head_module=dict(num_classes=2, num_base_priors=2))\n"
              "                        ^");
  }
}

// A convolution of one input, whose outputs have weights 0, 1 .. : two anchors of 4 box channels,
// objectness and two classes.
class AnchorLevelTest : public testing::Test {
 protected:
  // The weights of the convolution `name`, which tell the order of its channels.
  std::vector<float> Order(graph::HeadMode mode, const std::string& name) {
    graph::Graph graph(13);
    AnchorHead head;
    head.num_classes = 2;
    head.num_anchors = 2;
    head.strides = {{8, 8}};
    head.anchors = {{{3, 4}, {5, 6}}};
    graph::HeadOutput output = StartAnchorOutput(head, "yolov5");
    const nn::FoldedConv conv = {{14, 1, 1, 1},
                                 [] {
                                   std::vector<float> numbers(14);
                                   for (std::size_t i = 0; i < 14; ++i) numbers[i] = float(i);
                                   return tensor::Tensor::Of<float>({14, 1, 1, 1}, numbers);
                                 },
                                 std::vector<float>(14, 0)};
    const graph::Value feature = graph.Input("feature", tensor::DType::kFloat32, {1, 1, 2, 3});
    AddAnchorLevel(output, mode, head, feature, conv, "conv");
    for (const int id : graph.constants()) {
      const auto& value = graph.value(id);
      if (value.name != name + ".weight") continue;
      const tensor::Tensor weight = std::get<graph::LazyTensor>(value.constant).make();
      return {weight.values<float>().begin(), weight.values<float>().end()};
    }
    return {};
  }
};

TEST_F(AnchorLevelTest, RawHeadsKeepTheChannels) {
  EXPECT_THAT(Order(graph::kRawHead, "conv"),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
}

TEST_F(AnchorLevelTest, PositionsLastWantEachNumberOfAllAnchors) {
  const graph::HeadMode mode = graph::HeadLayout::kPositionsLast;
  EXPECT_THAT(Order(mode, "conv.classes"), ElementsAre(5, 12, 6, 13));
  EXPECT_THAT(Order(mode, "conv.boxes"), ElementsAre(0, 7, 1, 8, 2, 9, 3, 10, 4, 11));
}

TEST_F(AnchorLevelTest, PositionsFirstWantAllNumbersOfEachAnchor) {
  const graph::HeadMode mode = graph::HeadLayout::kPositionsFirst;
  EXPECT_THAT(Order(mode, "conv.classes"), ElementsAre(5, 6, 12, 13));
  EXPECT_THAT(Order(mode, "conv.boxes"), ElementsAre(0, 1, 2, 3, 4, 7, 8, 9, 10, 11));
}

}  // namespace
}  // namespace yoloport::models
