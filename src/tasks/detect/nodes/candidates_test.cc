// Which positions become candidates, on a head of two levels with one row of cells each.
#include "tasks/detect/nodes/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "graph/ops.h"
#include "testing/run_graph.h"

namespace yoloport::tasks::detect::nodes {
namespace {

using tensor::Tensor;
using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float Logit(float score) { return std::log(score / (1 - score)); }

std::vector<float> Logits(std::vector<float> scores) {
  for (float& score : scores) score = Logit(score);
  return scores;
}

// Four cells of 8 pixels, then two of 16. A box reaches half a cell to each side, so that of cell i
// of the first level is 8i .. 8i + 8.
class CandidatesTest : public testing::Test {
 protected:
  CandidatesTest() {
    boxes_[0].assign(16, 0.5F);
    boxes_[1].assign(8, 0.5F);
  }

  // Boxes and scores.
  std::vector<Tensor> Run(const CandidateSpec& spec, double threshold = -1) const {
    graph::Graph graph(13);
    graph::DetectionHead head;
    head.spec.num_classes = 2;
    std::vector<Tensor> inputs;
    const auto input = [&](std::int64_t columns, std::int64_t cells, std::vector<float> values) {
      inputs.push_back(Tensor::Of<float>({1, columns, cells}, std::move(values)));
      return graph.Input("in", tensor::DType::kFloat32, {1, columns, cells});
    };
    for (std::size_t i = 0; i < 2; ++i) {
      const std::int64_t cells = i == 0 ? 4 : 2;
      graph::HeadLevel level;
      level.classes = input(2, cells, Logits(classes_[i]));
      level.boxes = input(4, cells, boxes_[i]);
      if (!objectness_[i].empty()) level.objectness = input(1, cells, Logits(objectness_[i]));
      level.feature = graph::Floats(graph, {1, 1, 1, cells},
                                    std::vector<float>(static_cast<std::size_t>(cells)));
      const double stride = i == 0 ? 8 : 16;
      head.spec.levels.push_back({{stride, stride}, {}});
      head.levels.push_back(level);
    }
    CandidateSpec complete = spec;
    if (threshold >= 0) {
      complete.score_threshold = graph::Floats(graph, {1}, {static_cast<float>(threshold)});
    }
    const Candidates found = SelectCandidates(head, complete);
    graph.Output(found.boxes, "boxes");
    graph.Output(found.scores, "scores");
    return test_support::RunGraph(graph, inputs);
  }

  // The left edges of the candidates' boxes, which tell their cells.
  std::vector<float> Lefts(const CandidateSpec& spec, double threshold = -1) const {
    const Tensor boxes = Run(spec, threshold)[0];
    std::vector<float> lefts;
    for (std::size_t i = 0; i < boxes.values<float>().size(); i += 4) {
      lefts.push_back(boxes.values<float>()[i]);
    }
    return lefts;
  }

  // Class 0 of each cell, then class 1.
  std::vector<float> classes_[2] = {{0.1F, 0.8F, 0.2F, 0.3F, 0.6F, 0.1F, 0.1F, 0.2F},
                                    {0.7F, 0.1F, 0.1F, 0.4F}};
  std::vector<float> boxes_[2];
  std::vector<float> objectness_[2];
};

// The best scores by cell are 0.6, 0.8, 0.2, 0.3 and 0.7, 0.4.
TEST_F(CandidatesTest, TheBestOfAllLevelsComeFirst) {
  EXPECT_THAT(Lefts({.pre_topk = 3}), ElementsAre(8, 0, 0));
  EXPECT_THAT(Lefts({.pre_topk = 5}), ElementsAre(8, 0, 0, 16, 24));
}

TEST_F(CandidatesTest, BoxesOfEachLevelHaveItsStride) {
  const Tensor boxes = Run({.pre_topk = 2})[0];
  EXPECT_THAT(boxes.values<float>(), ElementsAre(8, 0, 16, 8, 0, 0, 16, 16));
}

TEST_F(CandidatesTest, ScoresAreThoseOfTheClasses) {
  const Tensor scores = Run({.pre_topk = 2})[1];
  EXPECT_EQ(scores.shape(), (tensor::Shape{1, 2, 2}));
  EXPECT_THAT(scores.values<float>(),
              Pointwise(FloatNear(1e-6F), std::vector<float>{0.8F, 0.7F, 0.1F, 0.1F}));
}

// Without a need to choose, all stay where they are.
TEST_F(CandidatesTest, AllWhereThereAreNoMore) {
  EXPECT_THAT(Lefts({.pre_topk = 6}), ElementsAre(0, 8, 16, 24, 0, 16));
}

// Above 0.5 are three of six, above 0.9 none: then one stays, for NMS wants some.
TEST_F(CandidatesTest, NoMoreThanAreAboveTheThreshold) {
  EXPECT_THAT(Lefts({.pre_topk = 5}, 0.5), ElementsAre(8, 0, 0));
  EXPECT_THAT(Lefts({.pre_topk = 2}, 0.5), ElementsAre(8, 0));
  EXPECT_THAT(Lefts({.pre_topk = 5}, 0.9), ElementsAre(8));
}

// Scores are 0.08, 0.54, 0.05, 0.27 and 0.07, 0.36 at best.
TEST_F(CandidatesTest, ObjectnessMultipliesTheScores) {
  objectness_[0] = {0.1F, 0.675F, 0.25F, 0.9F};
  objectness_[1] = {0.1F, 0.9F};
  const std::vector<Tensor> outputs = Run({.pre_topk = 3});
  EXPECT_THAT(Lefts({.pre_topk = 3}), ElementsAre(8, 16, 24));
  EXPECT_THAT(
      outputs[1].values<float>(),
      Pointwise(FloatNear(1e-6F), std::vector<float>{0.54F, 0.09F, 0.27F, 0.0675F, 0.36F, 0.18F}));
}

TEST_F(CandidatesTest, ABoxWithoutEndScoresNothing) {
  boxes_[0][1] = kInfinity;  // the left side of cell 1, the best
  const Tensor scores = Run({.pre_topk = 2})[1];
  EXPECT_THAT(scores.values<float>(),
              Pointwise(FloatNear(1e-6F), std::vector<float>{0, 0.7F, 0, 0.1F}));
}

}  // namespace
}  // namespace yoloport::tasks::detect::nodes
