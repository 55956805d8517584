// Networks that answer what can be no detection, in every layout of outputs: files of a few hundred
// bytes, whose answers do not depend on the image.
#include "detect/wrong_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/text.h"
#include "testing/contents.h"
#include "testing/files/tiny_detector.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/detector.h"
#include "yoloport/image.h"

namespace yoloport::detect {
namespace {

namespace fs = std::filesystem;
using test_support::tiny_onnx::Model;
using testing::ElementsAre;
using testing::SizeIs;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr const char* kHint =
    "\nhint: weights that are NaN or very large do this, which "
    "yoloport export --strict looks for, and float16 where float32 is needed";

// The outputs of a network that looks at nothing.
class Answer {
 public:
  Answer() {
    model_.Input("images", test_support::tiny_onnx::kFloat, {1, 3, 32, 32})
        .Constant<float>("zero", test_support::tiny_onnx::kFloat, {1}, {0})
        .Node("ReduceMean", {"images"}, "mean",
              Model::Ints("axes", {0, 1, 2, 3}) + Model::Int("keepdims", 0))
        .Node("Mul", {"mean", "zero"}, "nothing");
  }

  template <typename T>
  Answer& Give(const std::string& name, int type, const std::vector<std::int64_t>& shape,
               const std::vector<T>& values) {
    model_.Output(name, type, shape);
    return Value(name, type, shape, values);
  }
  template <typename T>
  Answer& Value(const std::string& name, int type, const std::vector<std::int64_t>& shape,
                const std::vector<T>& values) {
    model_.Constant<T>(name + "_value", type, shape, values)
        .Node("Cast", {"nothing"}, name + "_nothing", Model::Int("to", type))
        .Node("Add", {name + "_nothing", name + "_value"}, name);
    return *this;
  }

  Model& model() { return model_; }

 private:
  Model model_;
};

struct Row {
  float score;
  double label;
  std::array<float, 4> box = {8, 8, 24, 16};
};

// Every kind of nonsense that labels of any element type can hold, and in the middle of it what is
// right.
const std::vector<Row> kRows = {
    {kInf, 0},
    {kNan, 0},
    {1.5F, 0},
    {-0.25F, 0},
    {0.5F, 2},  // there are 2 classes
    {0.5F, -1},
    {0.5F, -2147483648.0},
    {0.75F, 1},  // right
    {0.5F, 0, {1e38F, 8, 24, 16}},
    {0.5F, 0, {8, 8, -kInf, 16}},
    {0.5F, 0, {8, kNan, 24, 16}},
    {0.1F, 5, {kNan, 0, 0, 0}},  // below the threshold nobody looks at it
};

constexpr const char* kWrongRows =
    "4 scores that are not from 0 to 1, 3 labels that are not a class from 0 to 1, 3 boxes that "
    "are NaN, infinite or far outside the image; such detections were left out";

template <typename T>
std::vector<T> Labels(const std::vector<Row>& rows) {
  std::vector<T> labels;
  for (const Row& row : rows) labels.push_back(static_cast<T>(row.label));
  return labels;
}

std::vector<float> Columns(const std::vector<Row>& rows, bool box, bool score, bool label) {
  std::vector<float> values;
  for (const Row& row : rows) {
    if (box) values.insert(values.end(), row.box.begin(), row.box.end());
    if (score) values.push_back(row.score);
    if (label) values.push_back(static_cast<float>(row.label));
  }
  return values;
}

class WrongAnswersTest : public testing::Test {
 protected:
  ~WrongAnswersTest() override { fs::remove(path_); }

  static std::int64_t Count(const std::vector<Row>& rows) {
    return static_cast<std::int64_t>(rows.size());
  }
  // With names of the layout's four outputs.
  template <typename L, typename N>
  static Answer Counted(const std::array<const char*, 4>& names, const std::vector<Row>& rows,
                        int label_type, const std::vector<L>& labels, int count_type, N count) {
    Answer answer;
    answer.Give<N>(names[0], count_type, {1, 1}, {count})
        .Give(names[1], test_support::tiny_onnx::kFloat, {1, Count(rows), 4},
              Columns(rows, true, false, false))
        .Give(names[2], test_support::tiny_onnx::kFloat, {1, Count(rows)},
              Columns(rows, false, true, false))
        .Give(names[3], label_type, {1, Count(rows)}, labels);
    return answer;
  }
  template <typename L>
  static Answer Counted(const std::vector<Row>& rows, int label_type,
                        const std::vector<L>& labels) {
    return Counted<L, std::int64_t>({"num_dets", "boxes", "scores", "labels"}, rows, label_type,
                                    labels, test_support::tiny_onnx::kInt64, Count(rows));
  }

  Detector Open(Answer answer, bool describes_itself = true,
                const DetectorOptions& options = {.score_threshold = 0.3}) {
    if (describes_itself)
      answer.model().Metadata("yoloport", contract::ToJson(test_support::TinyInfo()));
    std::ofstream(path_, std::ios::binary) << answer.model().Serialised();
    return Detector(path_, options);
  }
  std::vector<Detection> Detect(const Detector& detector) {
    const Image image(32, 32);
    return detector.Detect(image.view());
  }
  std::string Left(const Detector& detector) const {
    std::string text = detector.left_out();
    const std::string begin = base::Quote(path_.native()) + ": the network gave ";
    if (!text.starts_with(begin) || !text.ends_with(kHint)) return text;
    return text.substr(begin.size(), text.size() - begin.size() - std::string(kHint).size());
  }
  // Only the one row that is right comes out, and all others are counted.
  void ExpectTheRightRow(Answer answer, const char* what = kWrongRows) {
    const Detector detector = Open(std::move(answer));
    EXPECT_EQ(detector.left_out(), "");
    const auto found = Detect(detector);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].label, 1);
    EXPECT_EQ(found[0].score, 0.75F);
    EXPECT_THAT(found[0].box, ElementsAre(8, 8, 24, 16));
    EXPECT_EQ(Left(detector), what);
  }

  fs::path path_ = fs::path(testing::TempDir()) /
                   (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
                    std::to_string(::getpid()) + ".onnx");
};

TEST_F(WrongAnswersTest, ALastBitAboveOneIsOne) {
  const std::vector<Row> rows = {{1.0000002F, 1}, {1.001F, 1}};
  const Detector detector =
      Open(Counted(rows, test_support::tiny_onnx::kInt64, Labels<std::int64_t>(rows)));
  const auto found = Detect(detector);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].score, 1);
  EXPECT_EQ(Left(detector), "1 score that is not from 0 to 1; such detections were left out");
}

TEST_F(WrongAnswersTest, LabelsOfEveryElementType) {
  ExpectTheRightRow(Counted(kRows, test_support::tiny_onnx::kInt64, Labels<std::int64_t>(kRows)));
  ExpectTheRightRow(Counted(kRows, test_support::tiny_onnx::kInt32, Labels<std::int32_t>(kRows)));
  ExpectTheRightRow(Counted(kRows, test_support::tiny_onnx::kFloat, Labels<float>(kRows)));
}

// Where a narrower type would take them for a class.
TEST_F(WrongAnswersTest, LabelsPastTheNarrowerTypes) {
  const std::vector<Row> rows(6, Row{0.75F, 0});
  const std::int64_t two_to_40 = std::int64_t{1} << 40;
  ExpectTheRightRow(
      Counted(rows, test_support::tiny_onnx::kInt64,
              std::vector<std::int64_t>{two_to_40, std::numeric_limits<std::int64_t>::min(),
                                        std::numeric_limits<std::int64_t>::max(), 2147483647, 1,
                                        two_to_40 + 1}),
      "5 labels that are not a class from 0 to 1; such detections were left out");
  ExpectTheRightRow(Counted(rows, test_support::tiny_onnx::kFloat,
                            std::vector<float>{kNan, kInf, -kInf, 1e30F, 1, 0.5F}),
                    "5 labels that are not a class from 0 to 1; such detections were left out");
}

TEST_F(WrongAnswersTest, EveryLayout) {
  ExpectTheRightRow(Counted<std::int32_t, std::int32_t>(
      {"num_detections", "detection_boxes", "detection_scores", "detection_classes"}, kRows,
      test_support::tiny_onnx::kInt32, Labels<std::int32_t>(kRows), test_support::tiny_onnx::kInt32,
      static_cast<std::int32_t>(kRows.size())));
  Answer mmdeploy;
  mmdeploy
      .Give("dets", test_support::tiny_onnx::kFloat, {1, Count(kRows), 5},
            Columns(kRows, true, true, false))
      .Give("labels", test_support::tiny_onnx::kInt64, {1, Count(kRows)},
            Labels<std::int64_t>(kRows));
  ExpectTheRightRow(std::move(mmdeploy));
  Answer ultralytics;
  ultralytics.Give("output0", test_support::tiny_onnx::kFloat, {1, Count(kRows), 6},
                   Columns(kRows, true, true, true));
  ExpectTheRightRow(std::move(ultralytics));
}

TEST_F(WrongAnswersTest, PaddingIsRight) {
  const std::vector<Row> rows = {{0.75F, 1}, {0, -1, {}}, {0, -1, {}}};
  ExpectTheRightRow(Counted(rows, test_support::tiny_onnx::kInt64, Labels<std::int64_t>(rows)), "");
}

TEST_F(WrongAnswersTest, NumbersOfDetections) {
  const std::vector<Row> rows = {{0.75F, 1}};
  const char* wrong =
      "1 number of detections that is not from 0 to the rows there are; of such a number's rows "
      "those that are there were read";
  const auto integer = [&](std::int64_t count) {
    return Counted<std::int64_t, std::int64_t>({"num_dets", "boxes", "scores", "labels"}, rows,
                                               test_support::tiny_onnx::kInt64, {1},
                                               test_support::tiny_onnx::kInt64, count);
  };
  const auto real = [&](float count) {
    return Counted<std::int64_t, float>({"num_dets", "boxes", "scores", "labels"}, rows,
                                        test_support::tiny_onnx::kInt64, {1},
                                        test_support::tiny_onnx::kFloat, count);
  };
  ExpectTheRightRow(integer(1), "");
  ExpectTheRightRow(integer(2), wrong);
  ExpectTheRightRow(integer(std::int64_t{1} << 40), wrong);
  ExpectTheRightRow(real(kInf), wrong);
  for (const std::int64_t none : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    const Detector detector = Open(integer(none));
    EXPECT_THAT(Detect(detector), SizeIs(0));
    EXPECT_EQ(Left(detector), wrong);
  }
  const Detector detector = Open(real(kNan));
  EXPECT_THAT(Detect(detector), SizeIs(0));
  EXPECT_EQ(Left(detector), wrong);
}

// A file that does not say its classes may have any, within reason.
TEST_F(WrongAnswersTest, ClassesThatAreNotKnown) {
  const std::vector<Row> rows(3, Row{0.75F, 0});
  const Detector detector = Open(
      Counted(rows, test_support::tiny_onnx::kInt64, std::vector<std::int64_t>{99999, 100000, -5}),
      false);
  const auto found = Detect(detector);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].label, 99999);
  EXPECT_EQ(Left(detector),
            "2 labels that are not a class from 0 to 99999; such detections were left out");
}

TEST_F(WrongAnswersTest, AddsUpOverImages) {
  const Detector detector =
      Open(Counted(kRows, test_support::tiny_onnx::kInt64, Labels<std::int64_t>(kRows)));
  for (int i = 0; i < 3; ++i) Detect(detector);
  EXPECT_EQ(Left(detector),
            "12 scores that are not from 0 to 1, 9 labels that are not a class from 0 to 1, 9 "
            "boxes that are NaN, infinite or far outside the image; such detections were left out");
}

// RTMDet: two classes, then the distances of the box's sides, of 4 x 4 cells.
TEST_F(WrongAnswersTest, RawHeads) {
  std::vector<float> head(6 * 16, -20);
  const auto at = [&](int channel, int cell) -> float& {
    return head[static_cast<std::size_t>(channel) * 16 + static_cast<std::size_t>(cell)];
  };
  for (int cell = 0; cell < 16; ++cell) {
    for (int side = 2; side < 6; ++side) at(side, cell) = 0.5F;
  }
  at(1, 5) = 3;  // right
  at(0, 0) = kNan;
  at(1, 1) = kNan;
  at(0, 2) = 3;
  at(2, 2) = kInf;
  at(0, 3) = 3;
  at(5, 3) = kNan;
  at(0, 4) = 3;
  at(4, 4) = 1e38F;
  Answer answer;
  answer.Give("head", test_support::tiny_onnx::kFloat, {1, 6, 4, 4}, head);
  DetectorOptions options = {.score_threshold = 0.3};
  options.model.type = "rtmdet";
  options.model.num_classes = 2;
  const Detector detector = Open(std::move(answer), false, options);
  const auto found = Detect(detector);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].score, 0.9526, 1e-4);
  EXPECT_EQ(Left(detector),
            "2 scores that are not from 0 to 1, 3 boxes that are NaN, infinite or far outside the "
            "image; such detections were left out");
}

// TensorRT's plugins let pass what they are given, here on the CPU as there.
TEST_F(WrongAnswersTest, TensorRtPlugins) {
  std::vector<float> scores;
  for (const Row& row : kRows) {
    scores.push_back(row.label == 1 ? 0 : row.score);
    scores.push_back(row.label == 1 ? row.score : 0);
  }
  for (const bool efficient : {true, false}) {
    Answer answer;
    answer.Value("raw_boxes", test_support::tiny_onnx::kFloat, {1, Count(kRows), 4},
                 Columns(kRows, true, false, false));
    answer.Value("raw_scores", test_support::tiny_onnx::kFloat, {1, Count(kRows), 2}, scores);
    if (!efficient)
      answer.model().Node("Unsqueeze", {"raw_boxes"}, "raw_boxes4", Model::Ints("axes", {2}));
    const std::string attributes =
        efficient ? Model::Float("score_threshold", 0.3F) + Model::Float("iou_threshold", 2) +
                        Model::Int("max_output_boxes", 12)
                  : Model::Float("scoreThreshold", 0.3F) + Model::Float("iouThreshold", 2) +
                        Model::Int("topK", 12) + Model::Int("keepTopK", 12) +
                        Model::Int("numClasses", 2) + Model::Int("backgroundLabelId", -1) +
                        Model::Int("isNormalized", 0) + Model::Int("clipBoxes", 0);
    answer.model()
        .Output("num_dets", test_support::tiny_onnx::kInt32, {1, 1})
        .Output("boxes", test_support::tiny_onnx::kFloat, {1, 12, 4})
        .Output("scores", test_support::tiny_onnx::kFloat, {1, 12})
        .Output("labels",
                efficient ? test_support::tiny_onnx::kInt32 : test_support::tiny_onnx::kFloat,
                {1, 12})
        .Node("TRT", efficient ? "EfficientNMS_TRT" : "BatchedNMSDynamic_TRT",
              {efficient ? "raw_boxes" : "raw_boxes4", "raw_scores"},
              {"num_dets", "boxes", "scores", "labels"}, attributes);
    const Detector detector = Open(std::move(answer));
    std::vector<float> kept;
    for (const Detection& each : Detect(detector)) {
      EXPECT_THAT(each.box, ElementsAre(8, 8, 24, 16));
      kept.push_back(each.score);
    }
    // Labels are places here, so that rows of a label of nonsense are of label 0.
    EXPECT_THAT(kept, ElementsAre(0.75F, 0.5F, 0.5F, 0.5F)) << efficient;
    EXPECT_EQ(Left(detector),
              "2 scores that are not from 0 to 1, 3 boxes that are NaN, infinite or far outside "
              "the image; such detections were left out");
  }
}

// What the tool's tests run, as testdata/detect/brightness.onnx in detector_test.cc.
TEST_F(WrongAnswersTest, TestdataIsOfThisTest) {
  const std::string model =
      Counted(kRows, test_support::tiny_onnx::kInt64, Labels<std::int64_t>(kRows))
          .model()
          .Metadata("yoloport", contract::ToJson(test_support::TinyInfo()))
          .Serialised();
  const char* path = "testdata/detect/wrong_answers.onnx";
  if (std::getenv("YOLOPORT_WRITE_TESTDATA") != nullptr) {
    std::ofstream(path, std::ios::binary) << model;
  }
  EXPECT_EQ(test_support::Contents(path), model);
}

}  // namespace
}  // namespace yoloport::detect
