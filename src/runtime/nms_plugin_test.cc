// TensorRT's NMS plugins on the CPU, checked against what NVIDIA's READMEs say of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "runtime/batched_nms.h"
#include "runtime/efficient_nms.h"
#include "runtime/session.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

namespace fs = std::filesystem;
using tensor::Shape;
using tensor::Tensor;
using test_support::tiny_onnx::Model;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Boxes that all classes share, and their scores.
struct Case {
  std::vector<float> boxes;   // B x 4
  std::vector<float> scores;  // B x classes
  std::int64_t classes = 1;

  NmsImage Image() const { return {boxes, scores, classes}; }
};

// `count` boxes of 10 x 10 that do not touch.
std::vector<float> Apart(int count) {
  std::vector<float> boxes;
  for (int i = 0; i < count; ++i) {
    const float left = 20.0F * static_cast<float>(i);
    for (const float number : {left, 0.0F, left + 10, 10.0F}) boxes.push_back(number);
  }
  return boxes;
}

std::vector<int> Labels(const std::vector<NmsDetection>& found) {
  std::vector<int> labels;
  for (const NmsDetection& detection : found) labels.push_back(detection.label);
  return labels;
}
std::vector<float> Scores(const std::vector<NmsDetection>& found) {
  std::vector<float> scores;
  for (const NmsDetection& detection : found) scores.push_back(detection.score);
  return scores;
}
std::vector<float> Lefts(const std::vector<NmsDetection>& found) {
  std::vector<float> lefts;
  for (const NmsDetection& detection : found) lefts.push_back(detection.box[0]);
  return lefts;
}

// --- EfficientNMS_TRT ---

TEST(EfficientNms, CornersInAnyOrderAreOneBox) {
  const Case found = {{0, 0, 10, 10, 10, 10, 0, 0, 0, 10, 10, 0}, {0.7F, 0.9F, 0.8F}};
  const auto kept = RunEfficientNms(found.Image(), {});
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_THAT(kept[0].box, ElementsAre(10, 10, 0, 0));  // as it was given
  EXPECT_EQ(kept[0].score, 0.9F);
}

TEST(EfficientNms, CentreAndSizeComeOutAsCorners) {
  const Case found = {{50, 40, 20, 10, 51, 40, 20, 10, 80, 40, 20, 10}, {0.9F, 0.8F, 0.7F}};
  const auto kept = RunEfficientNms(found.Image(), {.center_size = true});
  ASSERT_THAT(kept, SizeIs(2));
  EXPECT_THAT(kept[0].box, ElementsAre(40, 35, 60, 45));
  EXPECT_THAT(kept[1].box, ElementsAre(70, 35, 90, 45));
}

TEST(EfficientNms, AScoreAtTheThresholdStays) {
  const float below = std::nextafter(0.25F, 0.0F);
  const Case found = {Apart(4), {below, 0.25F, 0.26F, kNaN}};
  EXPECT_THAT(Scores(RunEfficientNms(found.Image(), {})), ElementsAre(0.26F, 0.25F));
}

TEST(EfficientNms, AnIouAtTheThresholdSuppresses) {
  // Two boxes of 2 x 1 that share a half: IoU 1/3.
  const Case found = {{0, 0, 2, 1, 1, 0, 3, 1}, {0.9F, 0.8F}};
  const float third = 1.0F / 3.0F;
  EXPECT_THAT(RunEfficientNms(found.Image(), {.iou_threshold = third}), SizeIs(1));
  const float above = std::nextafter(third, 1.0F);
  EXPECT_THAT(RunEfficientNms(found.Image(), {.iou_threshold = above}), SizeIs(2));
}

TEST(EfficientNms, ActivationTakesLogits) {
  const Case found = {Apart(4), {0, -2, 3, -kInfinity}};
  const auto kept =
      RunEfficientNms(found.Image(), {.score_threshold = 0.5F, .score_activation = true});
  ASSERT_THAT(kept, SizeIs(2));  // sigmoid(0) equals the threshold
  EXPECT_FLOAT_EQ(kept[0].score, 1 / (1 + std::exp(-3.0F)));
  EXPECT_EQ(kept[1].score, 0.5F);
  EXPECT_THAT(RunEfficientNms(found.Image(), {.score_threshold = 0, .score_activation = true}),
              SizeIs(4));
}

TEST(EfficientNms, ClassesSuppressEachOtherOnlyWhenAsked) {
  const Case found = {{0, 0, 10, 10, 0, 0, 10, 9}, {0.9F, 0.3F, 0.5F, 0.8F}, 2};
  EXPECT_THAT(Labels(RunEfficientNms(found.Image(), {})), ElementsAre(0, 1));
  EXPECT_THAT(Labels(RunEfficientNms(found.Image(), {.class_agnostic = true})), ElementsAre(0));
}

TEST(EfficientNms, TheBackgroundClassNeverComesOut) {
  const Case found = {Apart(1), {0.9F, 0.8F, 0.7F}, 3};
  EXPECT_THAT(Labels(RunEfficientNms(found.Image(), {.background_class = 0})), ElementsAre(1, 2));
}

TEST(EfficientNms, BoxesMayBeApartForEachClass) {
  const std::vector<float> boxes = {0, 0, 10, 10, 50, 0, 60, 10};
  const std::vector<float> scores = {0.6F, 0.7F};
  const auto kept = RunEfficientNms({boxes, scores, 2, 2}, {.class_agnostic = true});
  EXPECT_THAT(Lefts(kept), ElementsAre(50, 0));
}

TEST(EfficientNms, AtMostMaxOutputBoxesComeOutBestFirst) {
  const Case found = {Apart(5), {0.5F, 0.9F, 0.6F, 0.8F, 0.7F}};
  EXPECT_THAT(Scores(RunEfficientNms(found.Image(), {.max_output_boxes = 3})),
              ElementsAre(0.9F, 0.8F, 0.7F));
}

TEST(EfficientNms, The4096BestPairsEnter) {
  // All that enter are of one place, where the best suppresses them; what does not enter is apart.
  Case found = {Apart(5000), {}, 1};
  for (std::size_t i = 0; i < 5000; ++i) {
    if (i < kEfficientNmsCandidates) std::copy_n(found.boxes.data(), 4, &found.boxes[4 * i]);
    found.scores.push_back(0.9F - 1e-4F * static_cast<float>(i));
  }
  EXPECT_THAT(Lefts(RunEfficientNms(found.Image(), {.score_threshold = 0})), ElementsAre(0));
  found.boxes[4 * (kEfficientNmsCandidates - 1)] += 2000;
  found.boxes[4 * (kEfficientNmsCandidates - 1) + 2] += 2000;
  EXPECT_THAT(Lefts(RunEfficientNms(found.Image(), {.score_threshold = 0})), ElementsAre(0, 2000));
}

TEST(EfficientNms, EqualScoresStandInOrderOfClassThenBox) {
  const Case found = {Apart(2), {0.5F, 0.5F, 0.5F, 0.5F}, 2};
  const auto apart = RunEfficientNms(found.Image(), {});
  EXPECT_THAT(Labels(apart), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(Lefts(apart), ElementsAre(0, 20, 0, 20));
  EXPECT_THAT(Lefts(RunEfficientNms(found.Image(), {.class_agnostic = true})), ElementsAre(0, 20));
}

TEST(EfficientNms, ABoxWithoutAreaSuppressesNothing) {
  const Case found = {{5, 5, 5, 9, 5, 5, 5, 9, kNaN, 0, 1, 1, kNaN, 0, 1, 1},
                      {0.9F, 0.8F, 0.7F, 0.6F}};
  EXPECT_THAT(RunEfficientNms(found.Image(), {}), SizeIs(4));
}

TEST(EfficientNms, NothingGivesNothing) {
  EXPECT_THAT(RunEfficientNms(Case{Apart(2), {0.1F, 0.2F}}.Image(), {}), SizeIs(0));
  EXPECT_THAT(RunEfficientNms(NmsImage{{}, {}, 80}, {}), SizeIs(0));
}

// --- BatchedNMSDynamic_TRT ---

const BatchedNmsOptions kCorners = {.is_normalized = true, .clip_boxes = false};

BatchedNmsOptions WithIou(float iou) {
  BatchedNmsOptions options = kCorners;
  options.iou_threshold = iou;
  return options;
}

TEST(BatchedNms, AScoreAtTheThresholdIsOut) {
  const float above = std::nextafter(0.25F, 1.0F);
  const Case found = {Apart(3), {0.25F, above, kNaN}};
  EXPECT_THAT(Scores(RunBatchedNms(found.Image(), kCorners)), ElementsAre(above));
}

TEST(BatchedNms, AnIouAtTheThresholdDoesNotSuppress) {
  const Case found = {{0, 0, 2, 1, 3, 1, 1, 0}, {0.9F, 0.8F}};  // the second from the other corner
  const float third = 1.0F / 3.0F;
  EXPECT_THAT(RunBatchedNms(found.Image(), WithIou(third)), SizeIs(2));
  EXPECT_THAT(RunBatchedNms(found.Image(), WithIou(std::nextafter(third, 0.0F))), SizeIs(1));
}

TEST(BatchedNms, CaffeCountsPixelsUnlessNormalised) {
  // 2 x 1 and 2 x 1 sharing 1 x 1 are 3 x 2 and 3 x 2 sharing 2 x 2 in pixels: IoU 4/8.
  const Case found = {{0, 0, 2, 1, 1, 0, 3, 1}, {0.9F, 0.8F}};
  BatchedNmsOptions options = WithIou(0.4F);
  EXPECT_THAT(RunBatchedNms(found.Image(), options), SizeIs(2));
  options.is_normalized = false;
  EXPECT_THAT(RunBatchedNms(found.Image(), options), SizeIs(1));
  options.iou_threshold = 0.5F;
  EXPECT_THAT(RunBatchedNms(found.Image(), options), SizeIs(2));
  options.iou_threshold = 0.4F;
  options.caffe_semantics = false;
  EXPECT_THAT(RunBatchedNms(found.Image(), options), SizeIs(2));
}

TEST(BatchedNms, TopKBoxesOfEachClassEnter) {
  // The second best hides behind the best; with it the third, too, has had its turn.
  const Case found = {
      {0, 0, 10, 10, 0, 0, 10, 9, 50, 0, 60, 10}, {0.9F, 0.3F, 0.8F, 0.4F, 0.7F, 0.5F}, 2};
  BatchedNmsOptions options = kCorners;
  options.top_k = 2;
  options.keep_top_k = 2;
  EXPECT_THAT(Scores(RunBatchedNms(found.Image(), options)), ElementsAre(0.9F, 0.5F));
  options.top_k = 3;
  EXPECT_THAT(Scores(RunBatchedNms(found.Image(), options)), ElementsAre(0.9F, 0.7F));
}

TEST(BatchedNms, KeepTopKOfAllClassesComeOutBestFirst) {
  const Case found = {Apart(3), {0.5F, 0.9F, 0.6F, 0.8F, 0.7F, 0.4F}, 2};
  BatchedNmsOptions options = kCorners;
  options.keep_top_k = 4;
  const auto kept = RunBatchedNms(found.Image(), options);
  EXPECT_THAT(Scores(kept), ElementsAre(0.9F, 0.8F, 0.7F, 0.6F));
  EXPECT_THAT(Labels(kept), ElementsAre(1, 1, 0, 0));
}

TEST(BatchedNms, ClassesAreSuppressedApartAndTheBackgroundIsLeftOut) {
  const Case found = {{0, 0, 10, 10, 0, 0, 10, 10}, {0.9F, 0.6F, 0.8F, 0.7F}, 2};
  EXPECT_THAT(Labels(RunBatchedNms(found.Image(), kCorners)), ElementsAre(0, 1));
  BatchedNmsOptions options = kCorners;
  options.background_label = 0;
  EXPECT_THAT(Labels(RunBatchedNms(found.Image(), options)), ElementsAre(1));
}

TEST(BatchedNms, BoxesMayBeApartForEachClass) {
  const std::vector<float> boxes = {0, 0, 10, 10, 50, 0, 60, 10};
  const std::vector<float> scores = {0.6F, 0.7F};
  EXPECT_THAT(Lefts(RunBatchedNms({boxes, scores, 2, 2}, kCorners)), ElementsAre(50, 0));
}

TEST(BatchedNms, OnlyNormalisedBoxesAreClipped) {
  const Case found = {{-0.5F, 0.25F, 0.5F, 1.5F}, {0.9F}};
  BatchedNmsOptions options = {.is_normalized = true, .clip_boxes = true};
  EXPECT_THAT(RunBatchedNms(found.Image(), options)[0].box, ElementsAre(0, 0.25F, 0.5F, 1));
  options.is_normalized = false;
  EXPECT_THAT(RunBatchedNms(found.Image(), options)[0].box, ElementsAre(-0.5F, 0.25F, 0.5F, 1.5F));
}

TEST(BatchedNms, EqualScoresStandInOrderOfClassThenBox) {
  const Case found = {Apart(2), {0.5F, 0.5F, 0.5F, 0.5F}, 2};
  const auto kept = RunBatchedNms(found.Image(), kCorners);
  EXPECT_THAT(Labels(kept), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(Lefts(kept), ElementsAre(0, 20, 0, 20));
}

TEST(BatchedNms, NothingGivesNothing) {
  EXPECT_THAT(RunBatchedNms(Case{Apart(2), {0.1F, 0.2F}}.Image(), kCorners), SizeIs(0));
  EXPECT_THAT(RunBatchedNms(NmsImage{{}, {}, 80}, kCorners), SizeIs(0));
}

// --- as operators of a file ---

class NmsOperators : public testing::Test {
 protected:
  ~NmsOperators() override { fs::remove(path_); }

  std::vector<Tensor> Run(const std::string& op, const std::string& attributes,
                          const std::vector<Tensor>& inputs) const {
    const int labels = op == "EfficientNMS_TRT" ? test_support::tiny_onnx::kInt32
                                                : test_support::tiny_onnx::kFloat;
    Model model;
    model.Input("boxes", test_support::tiny_onnx::kFloat, inputs[0].shape());
    model.Input("scores", test_support::tiny_onnx::kFloat, inputs[1].shape());
    model.Output("num_dets", test_support::tiny_onnx::kInt32, {-1, 1});
    model.Output("boxes_out", test_support::tiny_onnx::kFloat, {-1, -1, 4});
    model.Output("scores_out", test_support::tiny_onnx::kFloat, {-1, -1});
    model.Output("labels", labels, {-1, -1});
    model.Node("TRT", op, {"boxes", "scores"}, {"num_dets", "boxes_out", "scores_out", "labels"},
               attributes);
    std::ofstream(path_, std::ios::binary) << model.Serialised();
    return OpenSession(path_, {"onnxruntime", 1})->Run(inputs);
  }

  std::string ErrorOf(const std::function<void()>& action) const {
    try {
      action();
    } catch (const RuntimeError& error) {
      return error.message();
    }
    return "no error";
  }

  fs::path path_ = fs::path(testing::TempDir()) /
                   (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
                    std::to_string(::getpid()) + ".onnx");
};

// Two images of two boxes and two classes; the second has nothing above 0.25.
const std::vector<Tensor>& TwoImages() {
  static const std::vector<Tensor> inputs = {
      Tensor::Of<float>({2, 2, 4}, {0, 0, 10, 10, 20, 0, 30, 10, 1, 2, 3, 4, 5, 6, 7, 8}),
      Tensor::Of<float>({2, 2, 2}, {0.1F, 0.5F, 0.75F, 0.2F, 0.1F, 0.1F, 0.1F, 0.1F})};
  return inputs;
}

std::string EfficientAttributes(std::int64_t coding = 0) {
  return Model::Float("score_threshold", 0.25F) + Model::Float("iou_threshold", 0.65F) +
         Model::Int("max_output_boxes", 3) + Model::Int("background_class", -1) +
         Model::Int("score_activation", 0) + Model::Int("box_coding", coding);
}

std::string BatchedAttributes(std::int64_t keep, std::int64_t top, std::int64_t classes = 2) {
  return Model::Float("scoreThreshold", 0.25F) + Model::Float("iouThreshold", 0.65F) +
         Model::Int("keepTopK", keep) + Model::Int("topK", top) + Model::Int("clipBoxes", 0) +
         Model::Int("isNormalized", 0) + Model::Int("shareLocation", 1) +
         Model::Int("numClasses", classes);
}

TEST_F(NmsOperators, EfficientNmsPadsWithZeros) {
  const auto outputs = Run("EfficientNMS_TRT", EfficientAttributes(), TwoImages());
  EXPECT_EQ(outputs[0].shape(), (Shape{2, 1}));
  EXPECT_THAT(outputs[0].values<std::int32_t>(), ElementsAre(2, 0));
  EXPECT_EQ(outputs[1].shape(), (Shape{2, 3, 4}));
  EXPECT_THAT(outputs[1].values<float>().first(12),
              ElementsAre(20, 0, 30, 10, 0, 0, 10, 10, 0, 0, 0, 0));
  EXPECT_THAT(outputs[1].values<float>().subspan(12), Each(0));
  EXPECT_THAT(outputs[2].values<float>(), ElementsAre(0.75F, 0.5F, 0, 0, 0, 0));
  EXPECT_THAT(outputs[3].values<std::int32_t>(), ElementsAre(0, 1, 0, 0, 0, 0));
}

TEST_F(NmsOperators, BatchedNmsPadsLabelsWithMinusOne) {
  std::vector<Tensor> inputs = TwoImages();
  inputs[0] = inputs[0].Reshaped({2, 2, 1, 4});
  const auto outputs = Run("BatchedNMSDynamic_TRT", BatchedAttributes(3, 1000), inputs);
  EXPECT_THAT(outputs[0].values<std::int32_t>(), ElementsAre(2, 0));
  EXPECT_EQ(outputs[1].shape(), (Shape{2, 3, 4}));
  EXPECT_THAT(outputs[2].values<float>(), ElementsAre(0.75F, 0.5F, 0, 0, 0, 0));
  EXPECT_THAT(outputs[3].values<float>(), ElementsAre(0, 1, -1, -1, -1, -1));
}

TEST_F(NmsOperators, AnEmptyBatchOfBoxesGivesPadding) {
  const std::vector<Tensor> none = {Tensor::Of<float>({1, 0, 4}, {}),
                                    Tensor::Of<float>({1, 0, 2}, {})};
  const auto outputs = Run("EfficientNMS_TRT", EfficientAttributes(), none);
  EXPECT_THAT(outputs[0].values<std::int32_t>(), ElementsAre(0));
  EXPECT_THAT(outputs[2].values<float>(), ElementsAre(0, 0, 0));
}

TEST_F(NmsOperators, WhatDoesNotFitIsRefused) {
  const auto run = [&](const std::string& op, const std::string& attributes, const Tensor& boxes) {
    return ErrorOf([&] { Run(op, attributes, {boxes, TwoImages()[1]}); });
  };
  EXPECT_THAT(run("EfficientNMS_TRT", EfficientAttributes(2), TwoImages()[0]),
              HasSubstr("EfficientNMS_TRT: box_coding is 2, not 0 or 1"));
  const Tensor three = Tensor::Of<float>({2, 3, 4}, std::vector<float>(24));
  EXPECT_THAT(
      run("EfficientNMS_TRT", EfficientAttributes(), three),
      HasSubstr("EfficientNMS_TRT: boxes 2x3x4 and scores 2x2x2 do not fit; expected NxBx4, "
                "or NxBxCx4, and NxBxC"));
  EXPECT_THAT(
      run("BatchedNMSDynamic_TRT", BatchedAttributes(100, 50), TwoImages()[0]),
      HasSubstr("BatchedNMSDynamic_TRT: keepTopK is 100 and topK 50; expected 1 <= keepTopK "
                "<= topK <= 4096"));
  EXPECT_THAT(run("BatchedNMSDynamic_TRT", BatchedAttributes(1, 5, 3), TwoImages()[0]),
              HasSubstr("BatchedNMSDynamic_TRT: numClasses is 3 and shareLocation 1, but boxes are "
                        "of 1 classes and scores of 2"));
}

}  // namespace
}  // namespace yoloport::runtime
