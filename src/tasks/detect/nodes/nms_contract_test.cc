// The contract of docs/nms.md, run for real: heads of random numbers go through the post-processing
// graph in ONNX Runtime and through a plain implementation here, and must give the same detections.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "graph/fold.h"
#include "graph/ops.h"
#include "tasks/detect/nodes/nms.h"
#include "testing/run_graph.h"
#include "yoloport/limits.h"

namespace yoloport::tasks::detect::nodes {
namespace {

using contract::BoxCoding;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

constexpr std::int64_t kClasses = 3;

struct LevelShape {
  std::int64_t height, width;
  double stride;
  std::vector<std::array<double, 2>> anchors;

  std::int64_t anchor_count() const {
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(anchors.size()));
  }
  std::int64_t positions() const { return anchor_count() * height * width; }
};

struct Setting {
  std::string name;
  BoxCoding coding = BoxCoding::kDistance;
  std::int64_t bins = 1;
  bool objectness = false;
  std::int64_t batch = 1;
  std::int64_t pre_topk = 1000;
  contract::NmsPolicy nms = {};  // but for pre_topk
  NmsInputs inputs = {};
  bool dynamic = false;
  bool spoiled = false;  // some inputs are no numbers
  NmsOperator op = NmsOperator::kOnnx;
  graph::HeadLayout layout = graph::HeadLayout::kPositionsFirst;

  bool positions_last() const { return layout == graph::HeadLayout::kPositionsLast; }
};

std::vector<LevelShape> Levels(const Setting& setting) {
  std::vector<LevelShape> levels = {{6, 8, 8, {}}, {3, 4, 16, {}}};
  if (setting.coding == BoxCoding::kAnchor) {
    levels[0].anchors = {{10, 13}, {16, 30}};
    levels[1].anchors = {{30, 61}, {62, 45}};
  }
  return levels;
}

// Inputs of the graph, level after level: classes N x P x C, boxes N x P x 4*bins, objectness N x P
// x 1. The graph takes them so or, of heads with positions last, with the last two axes swapped.
struct Inputs {
  std::vector<Tensor> tensors;
  const Tensor& Classes(std::size_t level, bool objectness) const {
    return tensors[level * (objectness ? 3U : 2U)];
  }
  const Tensor& Boxes(std::size_t level, bool objectness) const {
    return tensors[level * (objectness ? 3U : 2U) + 1];
  }
  const Tensor& Objectness(std::size_t level) const { return tensors[level * 3 + 2]; }
};

Tensor Random(std::mt19937& random, Shape shape, float low, float high,
              std::int64_t blank_image = -1) {
  std::uniform_real_distribution<float> distribution(low, high);
  std::vector<float> values(static_cast<std::size_t>(tensor::ElementCount(shape)));
  for (float& value : values) value = distribution(random);
  if (blank_image >= 0) {
    const auto per_image = values.size() / static_cast<std::size_t>(shape[0]);
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(per_image) * blank_image, per_image,
                -20.0F);
  }
  return Tensor::Of<float>(std::move(shape), std::move(values));
}

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

void Set(Tensor& tensor, std::int64_t column, std::int64_t position, float value) {
  const auto old = tensor.values<float>();
  std::vector<float> values(old.begin(), old.end());
  values[static_cast<std::size_t>(position * tensor.shape()[2] + column)] = value;
  tensor = Tensor::Of<float>(tensor.shape(), std::move(values));
}

// Logits and boxes of image 0 that are no numbers, at places that would otherwise be detections.
void Spoil(const Setting& setting, std::vector<Tensor>& tensors) {
  const std::size_t per_level = setting.objectness ? 3 : 2;
  for (std::size_t level = 0; level < 2; ++level) {
    Tensor& classes = tensors[level * per_level];
    Tensor& boxes = tensors[level * per_level + 1];
    for (std::int64_t c = 0; c < kClasses; ++c) {
      for (const std::int64_t position : {0, 5, 11}) Set(classes, c, position, kNaN);
      for (const std::int64_t position : {2, 3}) Set(classes, c, position, 4);
      Set(classes, c, 7, -kInfinity);
    }
    Set(classes, 1, 8, kInfinity);
    Set(boxes, 1, 2, kNaN);
    Set(boxes, boxes.shape()[2] - 1, 3, kInfinity);
    if (setting.objectness) Set(tensors[level * per_level + 2], 0, 9, kNaN);
    // Where not all anchors are candidates, how such an anchor ranks is left open.
    if (setting.pre_topk > 100) Set(classes, 2, 10, kNaN);
  }
}

// The last image of a batch has no detection at all.
Inputs MakeInputs(const Setting& setting) {
  std::mt19937 random(7);
  Inputs inputs;
  const std::int64_t blank = setting.batch > 1 ? setting.batch - 1 : -1;
  for (const LevelShape& level : Levels(setting)) {
    const std::int64_t count = level.positions();
    inputs.tensors.push_back(Random(random, {setting.batch, count, kClasses}, -3, 2, blank));
    // Some boxes are inside out where these are to be left out.
    const float low = setting.nms.min_box_size == 0 ? -1 : 0;
    inputs.tensors.push_back(Random(random, {setting.batch, count, 4 * setting.bins}, low, 3));
    if (setting.objectness)
      inputs.tensors.push_back(Random(random, {setting.batch, count, 1}, -2, 3));
  }
  if (setting.spoiled) Spoil(setting, inputs.tensors);
  return inputs;
}

// The width and height that boxes of an image must exceed.
std::array<float, 2> MinBox(const Setting& setting, std::int64_t image) {
  const auto size = static_cast<float>(setting.nms.min_box_size);
  if (!setting.inputs.min_box) return {size, size};
  return {size + 4 * static_cast<float>(image), size - 2};
}

// The optional input, of so many rows.
Tensor MinBoxes(const Setting& setting, std::int64_t rows) {
  std::vector<float> sizes;
  for (std::int64_t image = 0; image < rows; ++image) {
    for (const float size : MinBox(setting, image)) sizes.push_back(size);
  }
  return Tensor::Of<float>({rows, 2}, std::move(sizes));
}

// What the graph gives: num_dets, boxes, scores, labels.
std::vector<Tensor> RunSetting(const Setting& setting, std::span<const Tensor> given) {
  graph::Graph g(11);
  graph::DetectionHead head;
  head.spec.coding = setting.coding;
  head.layout = setting.layout;
  head.spec.bins = setting.bins;
  head.spec.num_classes = kClasses;
  head.spec.prior_offset = 0.5;
  const std::int64_t batch = setting.dynamic ? graph::kDynamic : setting.batch;
  for (const LevelShape& shape : Levels(setting)) {
    const auto extent = [&](std::int64_t known) {
      return setting.dynamic ? graph::kDynamic : known;
    };
    const auto input = [&](const char* name, std::int64_t columns) {
      const std::int64_t count = extent(shape.positions());
      return g.Input(
          name, DType::kFloat32,
          setting.positions_last() ? Shape{batch, columns, count} : Shape{batch, count, columns});
    };
    graph::HeadLevel level;
    level.classes = input("classes", kClasses);
    level.boxes = input("boxes", 4 * setting.bins);
    if (setting.objectness) level.objectness = input("objectness", 1);
    // Any map of the level's size will do: it only tells height and width.
    level.feature =
        graph::Floats(g, {1, 1, shape.height, shape.width},
                      std::vector<float>(static_cast<std::size_t>(shape.height * shape.width)));
    head.spec.levels.push_back({{shape.stride, shape.stride}, shape.anchors});
    head.levels.push_back(level);
  }
  contract::NmsPolicy policy = setting.nms;
  policy.pre_topk = setting.pre_topk;
  const Detections detections = PostProcess(head, setting.op, policy, setting.inputs);
  g.Output(detections.num_dets, "num_dets");
  g.Output(detections.boxes, "boxes");
  g.Output(detections.scores, "scores");
  g.Output(detections.labels, "labels");
  if (!setting.inputs.min_box) return test_support::RunGraph(g, given);
  const std::vector<Tensor> optional = {
      MinBoxes(setting, setting.dynamic ? kLargestBatch : setting.batch)};
  return test_support::RunGraph(g, given, optional);
}

// --- the plain implementation ---

struct Box {
  double x1, y1, x2, y2;
};

struct Found {
  std::int64_t label;
  double score;
  Box box;
};

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double At(const Tensor& tensor, std::int64_t image, std::int64_t column, std::int64_t position) {
  const Shape& shape = tensor.shape();
  return tensor
      .values<float>()[static_cast<std::size_t>((image * shape[1] + position) * shape[2] + column)];
}

double Side(const Setting& setting, const Tensor& boxes, std::int64_t image, std::int64_t side,
            std::int64_t position) {
  double sum = 0;
  double mean = 0;
  if (setting.bins == 1) return At(boxes, image, side, position);
  for (std::int64_t bin = 0; bin < setting.bins; ++bin) {
    const double weight = std::exp(At(boxes, image, side * setting.bins + bin, position));
    sum += weight;
    mean += weight * static_cast<double>(bin);
  }
  return mean / sum;
}

std::pair<std::int64_t, std::int64_t> CellAndAnchor(const Setting& setting, const LevelShape& level,
                                                    std::int64_t position) {
  const std::int64_t cells = level.height * level.width;
  if (setting.positions_last()) return {position % cells, position / cells};
  return {position / level.anchor_count(), position % level.anchor_count()};
}

Box Decode(const Setting& setting, const LevelShape& level, const Tensor& boxes, std::int64_t image,
           std::int64_t position) {
  const auto [cell, anchor_index] = CellAndAnchor(setting, level, position);
  const auto x = static_cast<double>(cell % level.width);
  const std::int64_t row = cell / level.width;
  const auto y = static_cast<double>(row);
  std::array<double, 4> v{};
  for (std::int64_t side = 0; side < 4; ++side) {
    v[static_cast<std::size_t>(side)] = Side(setting, boxes, image, side, position);
  }
  const double s = level.stride;
  if (setting.coding == BoxCoding::kDistance) {
    return {(x + 0.5 - v[0]) * s, (y + 0.5 - v[1]) * s, (x + 0.5 + v[2]) * s, (y + 0.5 + v[3]) * s};
  }
  double center_x = (x + 0.5 + v[0]) * s;
  double center_y = (y + 0.5 + v[1]) * s;
  double width = std::exp(v[2]) * s;
  double height = std::exp(v[3]) * s;
  if (setting.coding == BoxCoding::kAnchor) {
    const auto& anchor = level.anchors[static_cast<std::size_t>(anchor_index)];
    center_x = (Sigmoid(v[0]) * 2 - 0.5 + x) * s;
    center_y = (Sigmoid(v[1]) * 2 - 0.5 + y) * s;
    width = std::pow(Sigmoid(v[2]) * 2, 2) * anchor[0];
    height = std::pow(Sigmoid(v[3]) * 2, 2) * anchor[1];
  }
  return {center_x - width / 2, center_y - height / 2, center_x + width / 2, center_y + height / 2};
}

double Iou(const Box& a, const Box& b) {
  const double w = std::max(0.0, std::min(a.x2, b.x2) - std::max(a.x1, b.x1));
  const double h = std::max(0.0, std::min(a.y2, b.y2) - std::max(a.y1, b.y1));
  const double area_a = (a.x2 - a.x1) * (a.y2 - a.y1);
  const double area_b = (b.x2 - b.x1) * (b.y2 - b.y1);
  return w * h / (area_a + area_b - w * h);
}

struct Anchor {
  Box box;
  std::array<double, kClasses> scores;
  double best;
};

std::vector<Anchor> Anchors(const Setting& setting, const Inputs& inputs, std::int64_t image) {
  std::vector<Anchor> anchors;
  const std::vector<LevelShape> levels = Levels(setting);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    for (std::int64_t position = 0; position < levels[i].positions(); ++position) {
      Anchor anchor{
          Decode(setting, levels[i], inputs.Boxes(i, setting.objectness), image, position), {}, 0};
      const double object =
          setting.objectness ? Sigmoid(At(inputs.Objectness(i), image, 0, position)) : 1;
      for (std::int64_t c = 0; c < kClasses; ++c) {
        const double score =
            Sigmoid(At(inputs.Classes(i, setting.objectness), image, c, position)) * object;
        anchor.scores[static_cast<std::size_t>(c)] = score;
        anchor.best = std::max(anchor.best, score);
      }
      anchors.push_back(anchor);
    }
  }
  std::stable_sort(anchors.begin(), anchors.end(),
                   [](const Anchor& a, const Anchor& b) { return a.best > b.best; });
  if (static_cast<std::int64_t>(anchors.size()) > setting.pre_topk) {
    anchors.resize(static_cast<std::size_t>(setting.pre_topk));
  }
  return anchors;
}

bool IsFinite(const Box& box) {
  return std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) &&
         std::isfinite(box.y2);
}

bool IsLargeEnough(const Box& box, const std::array<float, 2>& min_box) {
  return min_box[0] < 0 || (box.x2 - box.x1 > min_box[0] && box.y2 - box.y1 > min_box[1]);
}

std::vector<Found> Expected(const Setting& setting, const Inputs& inputs, std::int64_t image) {
  std::vector<Found> pairs;
  for (const Anchor& anchor : Anchors(setting, inputs, image)) {
    if (!IsFinite(anchor.box) || !IsLargeEnough(anchor.box, MinBox(setting, image))) continue;
    for (std::size_t c = 0; c < anchor.scores.size(); ++c) {
      const double score = anchor.scores[c];
      const bool counts =
          (setting.nms.multi_label && !setting.nms.class_agnostic) || score == anchor.best;
      if (counts && score > setting.nms.score_threshold)
        pairs.push_back({static_cast<std::int64_t>(c), score, anchor.box});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Found& a, const Found& b) { return a.score > b.score; });
  std::vector<Found> kept;
  for (const Found& candidate : pairs) {
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](const Found& better) {
      return (setting.nms.class_agnostic || better.label == candidate.label) &&
             Iou(better.box, candidate.box) > setting.nms.iou_threshold;
    });
    if (!suppressed) kept.push_back(candidate);
  }
  if (static_cast<std::int64_t>(kept.size()) > setting.nms.keep_topk) {
    kept.resize(static_cast<std::size_t>(setting.nms.keep_topk));
  }
  return kept;
}

// --- the comparison ---

class NmsContractTest : public testing::TestWithParam<Setting> {};

TEST_P(NmsContractTest, EqualsThePlainImplementation) {
  const Setting& setting = GetParam();
  const Inputs inputs = MakeInputs(setting);
  std::vector<Tensor> given = inputs.tensors;
  if (setting.positions_last()) {
    for (Tensor& tensor : given) tensor = graph::FoldTranspose(tensor, {0, 2, 1});
  }
  const std::vector<Tensor> outputs = RunSetting(setting, given);
  ASSERT_EQ(outputs.size(), 4U);
  const std::int64_t keep = setting.nms.keep_topk;
  EXPECT_EQ(outputs[0].shape(), (Shape{setting.batch, 1}));
  EXPECT_EQ(outputs[1].shape(), (Shape{setting.batch, keep, 4}));
  EXPECT_EQ(outputs[2].shape(), (Shape{setting.batch, keep}));
  EXPECT_EQ(outputs[3].shape(), (Shape{setting.batch, keep}));
  EXPECT_EQ(outputs[0].dtype(), setting.op == NmsOperator::kOnnx ? DType::kInt64 : DType::kInt32);
  const Tensor counts = outputs[0].To(DType::kInt64);
  EXPECT_EQ(outputs[3].dtype(), DType::kInt32);
  for (std::int64_t image = 0; image < setting.batch; ++image) {
    const std::vector<Found> expected = Expected(setting, inputs, image);
    ASSERT_EQ(counts.values<std::int64_t>()[static_cast<std::size_t>(image)],
              static_cast<std::int64_t>(expected.size()));
    if (setting.batch > 1 && image == setting.batch - 1) {
      EXPECT_TRUE(expected.empty());
    } else {
      EXPECT_GE(expected.size(), 5U) << "too little to compare";
    }
    for (std::int64_t i = 0; i < keep; ++i) {
      const auto at = static_cast<std::size_t>(image * keep + i);
      const bool padding = i >= static_cast<std::int64_t>(expected.size());
      const Found wanted =
          padding ? Found{-1, 0, {0, 0, 0, 0}} : expected[static_cast<std::size_t>(i)];
      EXPECT_EQ(outputs[3].values<std::int32_t>()[at], wanted.label) << i;
      EXPECT_NEAR(outputs[2].values<float>()[at], wanted.score, 1e-6) << i;
      const auto box = outputs[1].values<float>().subspan(4 * at, 4);
      EXPECT_NEAR(box[0], wanted.box.x1, 1e-3);
      EXPECT_NEAR(box[1], wanted.box.y1, 1e-3);
      EXPECT_NEAR(box[2], wanted.box.x2, 1e-3);
      EXPECT_NEAR(box[3], wanted.box.y2, 1e-3);
    }
  }
}

const contract::NmsPolicy kAgnostic = {.class_agnostic = true};
const contract::NmsPolicy kBestClass = {.multi_label = false};
const contract::NmsPolicy kFew = {.score_threshold = 0.1, .iou_threshold = 0.3, .keep_topk = 7};

const contract::NmsPolicy kMinBox = {.min_box_size = 20};
const contract::NmsPolicy kMinBoxAgnostic = {.class_agnostic = true, .min_box_size = 20};
const contract::NmsPolicy kMinBoxGiven = {.min_box_size = 20};
const contract::NmsPolicy kNotInsideOut = {.min_box_size = 0};

const contract::NmsPolicy kNoThreshold = {.score_threshold = 0};

std::vector<Setting> Heads() {
  const BoxCoding center_size = BoxCoding::kCenterSize;
  const BoxCoding anchors = BoxCoding::kAnchor;
  return {
      {.name = "distance"},
      {.name = "distance_batch", .batch = 3},
      {.name = "distribution", .bins = 5},
      {.name = "center_size_objectness", .coding = center_size, .objectness = true},
      {.name = "anchors", .coding = anchors, .objectness = true},
      {.name = "anchors_batch", .coding = anchors, .objectness = true, .batch = 2},
      {.name = "pre_topk_within_a_level", .pre_topk = 10},
      {.name = "pre_topk_over_levels", .pre_topk = 50},
      {.name = "pre_topk_batch", .objectness = true, .batch = 3, .pre_topk = 10},
      {.name = "keep_topk", .nms = kFew},
      {.name = "keep_topk_batch", .batch = 2, .nms = kFew},
      {.name = "keep_topk_above_pre_topk", .pre_topk = 20},
      {.name = "class_agnostic", .nms = kAgnostic},
      {.name = "class_agnostic_batch", .batch = 2, .nms = kAgnostic},
      {.name = "best_class_only", .batch = 2, .nms = kBestClass},
      {.name = "no_threshold", .nms = kNoThreshold},
      {.name = "min_box", .nms = kMinBox},
      {.name = "min_box_anchors",
       .coding = anchors,
       .objectness = true,
       .batch = 2,
       .nms = kMinBox},
      {.name = "min_box_class_agnostic", .batch = 2, .nms = kMinBoxAgnostic},
      {.name = "inside_out", .bins = 1, .nms = kNotInsideOut},
      {.name = "dynamic", .batch = 2, .dynamic = true},
      {.name = "dynamic_anchors",
       .coding = anchors,
       .objectness = true,
       .batch = 3,
       .pre_topk = 30,
       .dynamic = true},
      {.name = "spoiled", .spoiled = true},
      {.name = "spoiled_distribution", .bins = 5, .batch = 2, .spoiled = true},
      {.name = "spoiled_center_size", .coding = center_size, .objectness = true, .spoiled = true},
      {.name = "spoiled_anchors", .coding = anchors, .objectness = true, .spoiled = true},
      {.name = "spoiled_pre_topk_within_a_level", .pre_topk = 11, .spoiled = true},
      {.name = "spoiled_pre_topk_over_levels", .pre_topk = 50, .spoiled = true},
      {.name = "spoiled_class_agnostic", .nms = kAgnostic, .spoiled = true},
      {.name = "spoiled_best_class_only", .nms = kBestClass, .spoiled = true},
      {.name = "spoiled_no_threshold", .nms = kNoThreshold, .spoiled = true},
  };
}

// The size of boxes as an input, which plugins do not have.
std::vector<Setting> GivenSizes() {
  return {
      {.name = "one", .nms = kMinBoxGiven, .inputs = {.min_box = true}},
      {.name = "batch", .batch = 3, .nms = kMinBoxGiven, .inputs = {.min_box = true}},
      {.name = "dynamic",
       .objectness = true,
       .batch = 3,
       .nms = kMinBoxGiven,
       .inputs = {.min_box = true},
       .dynamic = true},
      {.name = "pre_topk",
       .batch = 2,
       .pre_topk = 30,
       .nms = kMinBoxGiven,
       .inputs = {.min_box = true}},
  };
}

std::vector<Setting> HeadsWith(NmsOperator op, const std::string& suffix,
                               graph::HeadLayout layout = graph::HeadLayout::kPositionsFirst) {
  std::vector<Setting> settings = Heads();
  if (op == NmsOperator::kBatched) {
    std::erase_if(settings, [](const Setting& setting) { return setting.nms.class_agnostic; });
  }
  for (Setting& setting : settings) {
    setting.op = op;
    setting.layout = layout;
    setting.name += suffix;
  }
  return settings;
}

std::string NameOf(const testing::TestParamInfo<Setting>& test) { return test.param.name; }

INSTANTIATE_TEST_SUITE_P(GivenSizes, NmsContractTest, testing::ValuesIn(GivenSizes()), NameOf);
INSTANTIATE_TEST_SUITE_P(Onnx, NmsContractTest,
                         testing::ValuesIn(HeadsWith(NmsOperator::kOnnx, "_onnx")), NameOf);
INSTANTIATE_TEST_SUITE_P(OnnxPositionsLast, NmsContractTest,
                         testing::ValuesIn(HeadsWith(NmsOperator::kOnnx, "_onnx_positions_last",
                                                     graph::HeadLayout::kPositionsLast)),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Efficient, NmsContractTest,
                         testing::ValuesIn(HeadsWith(NmsOperator::kEfficient, "_efficient",
                                                     graph::HeadLayout::kPositionsLast)),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Batched, NmsContractTest,
                         testing::ValuesIn(HeadsWith(NmsOperator::kBatched, "_batched",
                                                     graph::HeadLayout::kPositionsLast)),
                         NameOf);

}  // namespace
}  // namespace yoloport::tasks::detect::nodes
