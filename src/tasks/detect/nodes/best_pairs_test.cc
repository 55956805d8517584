// Detections where no box suppresses another; the best of two images' pairs picked by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "graph/ops.h"
#include "tasks/detect/nodes/nms.h"
#include "testing/run_graph.h"

namespace yoloport::tasks::detect::nodes {
namespace {

using tensor::DType;
using tensor::Tensor;
using testing::ElementsAre;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Two images of three boxes, all of one place each: nothing else tells them apart.
const std::vector<float> kBoxes = {0, 0, 10, 10, 0, 0, 10, 10, 1, 0, 10, 10,  // image 0
                                   5, 5, 20, 20, 6, 5, 20, 20, 7, 5, 20, 20};
const std::vector<float> kScores = {0.9F, 0.4F,  0.2F,   // image 0, class 0
                                    0.5F, 0.7F,  kNan,   //          class 1
                                    0.1F, 0.26F, 0.1F,   // image 1, class 0
                                    0.1F, 0.1F,  0.8F};  //          class 1

class BestPairsTest : public testing::Test {
 protected:
  void RunPairs() {
    graph::Graph graph(13);
    Candidates candidates;
    const std::int64_t batch = is_dynamic_ ? graph::kDynamic : 2;
    candidates.boxes = graph.Input("boxes", DType::kFloat32, {batch, 3, 4}, {"n", "", ""});
    candidates.scores = graph.Input("scores", DType::kFloat32, {batch, 2, 3}, {"n", "", ""});
    const Detections found =
        BestPairs(candidates, ScoreThreshold(graph, policy_, {}), policy_, DType::kInt64);
    graph.Output(found.num_dets, "num_dets");
    graph.Output(found.boxes, "boxes_out");
    graph.Output(found.scores, "scores_out");
    graph.Output(found.labels, "labels");
    outputs_ = test_support::RunGraph(graph, std::vector{Tensor::Of<float>({2, 3, 4}, kBoxes),
                                                         Tensor::Of<float>({2, 2, 3}, kScores)});
    EXPECT_TRUE(std::none_of(graph.nodes().begin(), graph.nodes().end(),
                             [](const auto& node) { return node.op == "NonMaxSuppression"; }));
  }

  template <typename T>
  std::vector<T> Output(std::size_t index) const {
    const auto values = outputs_[index].values<T>();
    return {values.begin(), values.end()};
  }
  // x1 of each row: which box it is.
  std::vector<float> Lefts() const {
    std::vector<float> lefts;
    const std::vector<float> boxes = Output<float>(1);
    for (std::size_t i = 0; i < boxes.size(); i += 4) lefts.push_back(boxes[i]);
    return lefts;
  }

  contract::NmsPolicy policy_ = {.score_threshold = 0.25, .iou_threshold = 1, .keep_topk = 5};
  bool is_dynamic_ = false;
  std::vector<Tensor> outputs_;
};

TEST_F(BestPairsTest, EveryPairAboveTheThresholdCounts) {
  for (const bool is_dynamic : {false, true}) {
    is_dynamic_ = is_dynamic;
    RunPairs();
    EXPECT_THAT(Output<std::int64_t>(0), ElementsAre(4, 2));
    EXPECT_THAT(Output<float>(2), ElementsAre(0.9F, 0.7F, 0.5F, 0.4F, 0, 0.8F, 0.26F, 0, 0, 0));
    EXPECT_THAT(Output<std::int32_t>(3), ElementsAre(0, 1, 1, 0, -1, 1, 0, -1, -1, -1));
    EXPECT_THAT(Lefts(), ElementsAre(0, 0, 0, 0, 0, 7, 6, 0, 0, 0));
  }
}

TEST_F(BestPairsTest, TheBestAreKept) {
  policy_.keep_topk = 2;
  RunPairs();
  EXPECT_THAT(Output<float>(2), ElementsAre(0.9F, 0.7F, 0.8F, 0.26F));
}

TEST_F(BestPairsTest, ABoxOfOneClass) {
  policy_.multi_label = false;
  RunPairs();
  EXPECT_THAT(Output<float>(2), ElementsAre(0.9F, 0.7F, 0, 0, 0, 0.8F, 0.26F, 0, 0, 0));
  policy_.multi_label = true;
  policy_.class_agnostic = true;
  RunPairs();
  EXPECT_THAT(Output<std::int64_t>(0), ElementsAre(2, 2));
}

TEST_F(BestPairsTest, MoreRowsThanPairs) {
  policy_.keep_topk = 8;
  RunPairs();
  EXPECT_THAT(Output<std::int64_t>(0), ElementsAre(4, 2));
  EXPECT_EQ(outputs_[1].shape(), (tensor::Shape{2, 8, 4}));
}

}  // namespace
}  // namespace yoloport::tasks::detect::nodes
