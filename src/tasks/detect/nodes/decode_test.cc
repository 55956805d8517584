// Boxes worked out by hand from the formulas of contract::BoxCoding.
#include "tasks/detect/nodes/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "graph/ops.h"
#include "testing/run_graph.h"

namespace yoloport::tasks::detect::nodes {
namespace {

using contract::BoxCoding;
using tensor::Tensor;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::FloatNear;

// Two levels: 2 x 3 cells of 8 pixels and 1 x 2 cells of 16.
class DecodeTest : public testing::Test {
 protected:
  DecodeTest() {
    head_.levels.resize(2);
    head_.spec.levels.resize(2);
    head_.levels[0].feature = Map(2, 3);
    head_.spec.levels[0].stride = {8, 8};
    head_.levels[1].feature = Map(1, 2);
    head_.spec.levels[1].stride = {16, 16};
  }

  graph::Value Map(std::int64_t height, std::int64_t width) {
    return graph::Floats(graph_, {1, 1, height, width},
                         std::vector<float>(static_cast<std::size_t>(height * width)));
  }

  // The box of what the head says at `position`.
  std::vector<float> BoxAt(std::int64_t position, std::vector<float> said,
                           BoxFormat format = BoxFormat::kCorners) {
    const auto columns = static_cast<std::int64_t>(said.size());
    const graph::Value raw = graph_.Input("raw", tensor::DType::kFloat32, {1, 1, columns});
    const graph::Value positions = graph_.Input("positions", tensor::DType::kInt64, {1, 1});
    graph_.Output(DecodeBoxes(head_, raw, positions, format), "box");
    const std::vector<Tensor> inputs = {Tensor::Of<float>({1, 1, columns}, std::move(said)),
                                        Tensor::Of<std::int64_t>({1, 1}, {position})};
    const Tensor box = test_support::RunGraph(graph_, inputs).front();
    EXPECT_EQ(box.shape(), (tensor::Shape{1, 1, 4}));
    return {box.values<float>().begin(), box.values<float>().end()};
  }

  void UseAnchors(graph::HeadLayout layout) {
    head_.spec.coding = BoxCoding::kAnchor;
    head_.layout = layout;
    head_.spec.levels[0].anchors = {{10, 13}, {16, 30}};
    head_.spec.levels[1].anchors = {{30, 61}, {62, 45}};
  }

  graph::Graph graph_{13};
  graph::DetectionHead head_;
};

auto Near(float a, float b, float c, float d) {
  constexpr float kPixels = 1e-4F;
  return ElementsAre(FloatNear(a, kPixels), FloatNear(b, kPixels), FloatNear(c, kPixels),
                     FloatNear(d, kPixels));
}

// Column 1, row 1: the prior is (1.5, 1.5) cells.
TEST_F(DecodeTest, DistancesOnTheFirstLevel) {
  EXPECT_THAT(BoxAt(4, {1, 0.5F, 2, 0.25F}), Near(4, 8, 28, 14));
}

// The second cell of the second level, which begins at position 6: the prior is (1.5, 0.5).
TEST_F(DecodeTest, DistancesOnTheSecondLevel) {
  EXPECT_THAT(BoxAt(7, {1, 0.5F, 2, 0.25F}), Near(8, 0, 56, 12));
}

TEST_F(DecodeTest, StridesDifferByDirection) {
  head_.spec.levels[0].stride = {8, 4};
  EXPECT_THAT(BoxAt(5, {1, 0.5F, 2, 0.25F}), Near(12, 4, 36, 7));
}

TEST_F(DecodeTest, PriorsWithoutAnOffset) {
  head_.spec.prior_offset = 0;
  EXPECT_THAT(BoxAt(4, {1, 0.5F, 2, 0.25F}), Near(0, 4, 24, 10));
}

// Weights 1 : 1 : 1 : 1 have the mean 1.5; 0 : 0 : 1 : 0 2; 1 : 2 : 0 : 0 2/3; 1 : 0 : 0 : 0 0.
TEST_F(DecodeTest, DistributionsAreTheirMeans) {
  head_.spec.bins = 4;
  constexpr float kNever = -100;
  const std::vector<float> logits = {0,      0,
                                     0,      0,
                                     kNever, kNever,
                                     0,      kNever,  //
                                     0,      std::log(2.F),
                                     kNever, kNever,
                                     0,      kNever,
                                     kNever, kNever};
  EXPECT_THAT(BoxAt(4, logits), Near(0, -4, (1.5F + 2.F / 3) * 8, 12));
}

// Column 1, row 1 without an offset: centre (1.25, 0.5) cells, size 2 x 1 cells.
TEST_F(DecodeTest, CentresAndSizes) {
  head_.spec.coding = BoxCoding::kCenterSize;
  head_.spec.prior_offset = 0;
  EXPECT_THAT(BoxAt(4, {0.25F, -0.5F, std::log(2.F), 0}), Near(2, 0, 18, 8));
}

TEST_F(DecodeTest, CentresAndSizesStayWhereThatIsAskedFor) {
  head_.spec.coding = BoxCoding::kCenterSize;
  head_.spec.prior_offset = 0;
  EXPECT_EQ(NativeFormat(head_), BoxFormat::kCenterSize);
  EXPECT_THAT(BoxAt(4, {0.25F, -0.5F, std::log(2.F), 0}, BoxFormat::kCenterSize),
              Near(10, 4, 16, 8));
}

// The input has 24 x 16 pixels.
TEST_F(DecodeTest, BoxesAreCutAtTheEdgesOfTheInputWhereTheHeadSaysSo) {
  const std::vector<float> corners = {-12, 8, 44, 16.5F, 30, -3, 31, -2};
  const auto cut = [&] { return ClipToInput(head_, graph::Floats(graph_, {1, 2, 4}, corners)); };
  EXPECT_EQ(NativeFormat(head_), BoxFormat::kCorners);
  head_.spec.coding = BoxCoding::kCenterSize;
  const graph::Value whole = cut();
  head_.spec.clips_boxes = true;
  EXPECT_EQ(NativeFormat(head_), BoxFormat::kCorners);
  graph_.Output(whole, "whole");
  graph_.Output(cut(), "cut");
  const std::vector<Tensor> boxes = test_support::RunGraph(graph_, {});
  EXPECT_THAT(boxes[0].values<float>(), ElementsAreArray(corners));
  EXPECT_THAT(boxes[1].values<float>(), ElementsAre(0, 8, 24, 16, 24, 0, 24, 0));
}

// Logits of 0 are the cell's centre and the anchor's size; log 3 is a sigmoid of 0.75, half a cell
// further and 1.5 squared of the size.
TEST_F(DecodeTest, AnchorsOutside) {
  UseAnchors(graph::HeadLayout::kPositionsLast);
  // (anchor * 2 + row) * 3 + column: the second anchor, row 1, column 2.
  EXPECT_THAT(BoxAt(11, {0, 0, 0, 0}), Near(12, -3, 28, 27));
}

TEST_F(DecodeTest, AnchorsWithin) {
  UseAnchors(graph::HeadLayout::kPositionsFirst);
  // (row * 3 + column) * 2 + anchor: the first anchor, row 0, column 2.
  const float further = std::log(3.F);
  EXPECT_THAT(BoxAt(4, {further, 0, further, 0}), Near(24 - 11.25F, 4 - 6.5F, 24 + 11.25F, 10.5F));
}

TEST_F(DecodeTest, AnchorsOfTheSecondLevel) {
  UseAnchors(graph::HeadLayout::kPositionsLast);
  // The level begins at 12: the second anchor, column 0.
  EXPECT_THAT(BoxAt(14, {0, 0, 0, 0}), Near(8 - 31, 8 - 22.5F, 8 + 31, 8 + 22.5F));
}

}  // namespace
}  // namespace yoloport::tasks::detect::nodes
