// What the three operators keep of four boxes of two classes; overlaps worked out by hand.
#include "tasks/detect/nodes/nms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "graph/ops.h"
#include "testing/run_graph.h"

namespace yoloport::tasks::detect::nodes {
namespace {

using tensor::DType;
using tensor::Tensor;
using testing::ElementsAre;
using testing::IsEmpty;

// A: 10 x 10. B: its upper 8 rows, IoU 0.8. C: its upper 6, IoU 0.6 with A and 0.75 with B. D: far.
const std::vector<float> kBoxes = {0, 0, 10, 10, 0, 0, 10, 8, 0, 0, 10, 6, 20, 20, 30, 30};
//                                  A     B     C     D
const std::vector<float> kScores = {0.9F, 0.8F, 0.7F,  0.3F,   // class 0
                                    0.1F, 0.2F, 0.75F, 0.5F};  // class 1

class NmsTest : public testing::TestWithParam<NmsOperator> {
 protected:
  // The four outputs for one image.
  std::vector<Tensor> Run() const {
    graph::Graph graph(13);
    Candidates candidates;
    candidates.boxes = graph.Input("boxes", DType::kFloat32, {1, 4, 4});
    candidates.scores = graph.Input("scores", DType::kFloat32, {1, 2, 4});
    const Detections found = Suppress(graph, candidates);
    graph.Output(found.num_dets, "num_dets");
    graph.Output(found.boxes, "boxes_out");
    graph.Output(found.scores, "scores_out");
    graph.Output(found.labels, "labels");
    return test_support::RunGraph(graph, std::vector{Tensor::Of<float>({1, 4, 4}, kBoxes),
                                                     Tensor::Of<float>({1, 2, 4}, kScores)});
  }

  // What stands before the padding, which must be 0, 0 and -1.
  std::vector<std::string> Kept() const {
    const std::vector<Tensor> outputs = Run();
    const auto boxes = outputs[1].values<float>();
    const auto scores = outputs[2].values<float>();
    const auto labels = outputs[3].values<std::int32_t>();
    const auto count =
        static_cast<std::size_t>(outputs[0].To(DType::kInt64).values<std::int64_t>()[0]);
    EXPECT_EQ(labels.size(), static_cast<std::size_t>(policy_.keep_topk));
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto box = boxes.subspan(4 * i, 4);
      if (i >= count) {
        EXPECT_EQ(labels[i], -1);
        EXPECT_EQ(scores[i], 0);
        EXPECT_THAT(box, ElementsAre(0, 0, 0, 0));
        continue;
      }
      std::size_t letter = 0;
      while (letter < 4 && !std::equal(box.begin(), box.end(), kBoxes.data() + 4 * letter))
        ++letter;
      if (letter == 4) {
        ADD_FAILURE() << testing::PrintToString(box) << " is none of the boxes";
        continue;
      }
      EXPECT_EQ(scores[i], kScores[static_cast<std::size_t>(labels[i]) * 4 + letter]);
      kept.push_back(std::string(1, "ABCD"[letter]) + std::to_string(labels[i]));
    }
    return kept;
  }

  contract::NmsPolicy policy_ = {.score_threshold = 0.25, .iou_threshold = 0.65, .keep_topk = 6};

 private:
  Detections Suppress(graph::Graph& graph, const Candidates& candidates) const {
    switch (GetParam()) {
      case NmsOperator::kOnnx:
        return OnnxNms(candidates, ScoreThreshold(graph, policy_, {}), policy_, {});
      case NmsOperator::kEfficient:
        return EfficientNms(candidates, policy_);
      case NmsOperator::kBatched:
        break;
    }
    return BatchedNms(candidates, policy_);
  }
};

// B falls to A; C, of IoU 0.6 with A, stays in class 0.
TEST_P(NmsTest, ClassesAreSuppressedApart) {
  EXPECT_THAT(Kept(), ElementsAre("A0", "C1", "C0", "D1", "D0"));
}

TEST_P(NmsTest, TheIouThresholdDecides) {
  policy_.iou_threshold = 0.55;
  EXPECT_THAT(Kept(), ElementsAre("A0", "C1", "D1", "D0"));
  policy_.iou_threshold = 0.85;
  EXPECT_THAT(Kept(), ElementsAre("A0", "B0", "C1", "C0", "D1", "D0"));
}

TEST_P(NmsTest, TheScoreThresholdDecides) {
  policy_.score_threshold = 0.6;
  EXPECT_THAT(Kept(), ElementsAre("A0", "C1", "C0"));
  policy_.score_threshold = 0.95;
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_P(NmsTest, TheBestAreKept) {
  policy_.keep_topk = 2;
  EXPECT_THAT(Kept(), ElementsAre("A0", "C1"));
}

TEST_P(NmsTest, OneClassOfABox) {
  policy_.multi_label = false;
  EXPECT_THAT(Kept(), ElementsAre("A0", "C1", "D1"));
}

// C, which is best in class 1, falls to no box: A has 0.6 of it.
TEST_P(NmsTest, ClassesSuppressEachOther) {
  if (GetParam() == NmsOperator::kBatched) return;  // it cannot: see nms.h
  policy_.class_agnostic = true;
  EXPECT_THAT(Kept(), ElementsAre("A0", "C1", "D1"));
  policy_.iou_threshold = 0.55;
  EXPECT_THAT(Kept(), ElementsAre("A0", "D1"));
}

INSTANTIATE_TEST_SUITE_P(Operators, NmsTest,
                         testing::Values(NmsOperator::kOnnx, NmsOperator::kEfficient,
                                         NmsOperator::kBatched));

TEST(NmsLimitsTest, PluginsKeepNoMoreThanTensorRtAllows) {
  EXPECT_EQ(LargestKeepTopk(NmsOperator::kEfficient), 4096);
  EXPECT_EQ(LargestKeepTopk(NmsOperator::kBatched), 4096);
  EXPECT_GT(LargestKeepTopk(NmsOperator::kOnnx), 1 << 20);
}

}  // namespace
}  // namespace yoloport::tasks::detect::nodes
