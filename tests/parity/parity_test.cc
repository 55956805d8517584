// Parity with the real MMYOLO: recorded outputs of its easydeploy exporter against ours.
//
// Each folder of YOLOPORT_CASES (default testdata/parity) is a case: config.py (none where the
// checkpoint describes its network), checkpoint.pth,
// inputs.npz (`images`), raw.npz (`out_0` ..: the raw heads of the first image) and detections.npz
// (num_dets, boxes, scores, labels of easydeploy's end-to-end file; more rows than keep-topk may
// stand there). easydeploy_model_only.npz and easydeploy_onnxruntime.npz are the same under other
// names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>

#include "runtime/session.h"
#include "testing/cases/cases.h"
#include "testing/cases/rows.h"
#include "testing/files/npz.h"
#include "yoloport/export.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;
using test_support::Row;
using test_support::Tolerance;

constexpr std::int64_t kAllRows = 1 << 20;
// easydeploy ignores pre-topk: all anchors are candidates.
constexpr std::int64_t kPreTopk = 1 << 20;

// The networks of the cases have random weights, which amplify the last bits of a float:
// easydeploy's own file gives scores that differ by up to 1e-3 between two machines (its raw heads
// by up to 1e-4 of their largest magnitude). Decoding and NMS themselves are held to 1e-6 by
// nms_contract_test.cc.
constexpr Tolerance kLoose = {1e-3F, 0.5F};

// Of our own cases, whose weights are chosen so that they hardly do.
constexpr Tolerance kStrict = {1e-4F, 0.05F};

constexpr double kIouThreshold = 0.65;
constexpr double kScoreThreshold = 0.25;

// Whether one of them would suppress the other if their corners moved by what is tolerated.
bool MayOverlap(const Row& a, const Row& b, float corner) {
  const auto side = [&](float low, float high) {
    return std::max<double>(high - low + 2 * corner, 0);
  };
  const auto area = [&](const Row& row) {
    return side(row.box[0], row.box[2]) * side(row.box[1], row.box[3]);
  };
  const double both = side(std::max(a.box[0], b.box[0]), std::min(a.box[2], b.box[2])) *
                      side(std::max(a.box[1], b.box[1]), std::min(a.box[3], b.box[3]));
  return both > kIouThreshold * (area(a) + area(b) - both);
}

// Those of `rows`, which one side alone has, that nothing on the other side (`others`) would have
// suppressed within the tolerance. Where two boxes of one object have scores that are equal but for
// their last bits, one side keeps the one and drops the other, and the other side does the
// opposite; whether a box of no width overlaps anything is up to last bits, too. A score at the
// threshold needs no such row.
std::vector<Row> Unexplained(std::vector<Row> rows, const std::vector<Row>& others,
                             const Tolerance& tolerance) {
  std::erase_if(rows, [&](const Row& row) {
    if (row.score < kScoreThreshold + tolerance.score) return true;
    return std::any_of(others.begin(), others.end(), [&](const Row& other) {
      return other.label == row.label && other.score > row.score - tolerance.score &&
             MayOverlap(row, other, tolerance.corner);
    });
  });
  return rows;
}

std::string Text(const std::vector<Row>& rows) {
  std::ostringstream text;
  for (const Row& row : rows) {
    text << "label " << row.label << " score " << row.score << " box";
    for (const float corner : row.box) text << ' ' << corner;
    text << '\n';
  }
  return text.str();
}

class ParityTest : public testing::TestWithParam<std::string> {
 protected:
  fs::path Folder() const { return test_support::CasesFolder() / GetParam(); }

  // Exports the case for `images` and runs it on them.
  std::vector<std::pair<std::string, Tensor>> Run(const Tensor& images, bool model_only,
                                                  std::int64_t keep_topk = 100,
                                                  const char* backend = "onnxruntime") const {
    ExportOptions options;
    options.config = test_support::ConfigOf(Folder());
    options.checkpoint = Folder() / "checkpoint.pth";
    options.output = fs::path(testing::TempDir()) /
                     ("parity_" + GetParam() + (model_only ? "_raw.onnx" : "_nms.onnx"));
    options.batch = static_cast<int>(images.shape()[0]);
    options.height = static_cast<int>(images.shape()[2]);
    options.width = static_cast<int>(images.shape()[3]);
    options.backend = backend;
    options.model_only = model_only;
    options.pre_topk = kPreTopk;
    options.keep_topk = keep_topk;
    options.iou_threshold = kIouThreshold;
    options.score_threshold = kScoreThreshold;
    Export(options);
    const auto session = runtime::OpenSession(options.output, {});
    std::vector<std::pair<std::string, Tensor>> outputs;
    const std::vector<Tensor> results = session->Run(std::span(&images, 1));
    for (std::size_t i = 0; i < results.size(); ++i)
      outputs.emplace_back(session->outputs()[i].name, results[i]);
    fs::remove(options.output);
    return outputs;
  }
};

// Of the largest magnitude in an output. Recorded outputs are themselves up to 1.6e-4 away from
// what the network gives in float64, in float32's last bits amplified by random weights.
constexpr double kRawTolerance = 2e-4;

// What that makes of a score at most: a sigmoid's slope is up to 1/4.
float ScoreTolerance(const std::vector<std::pair<std::string, Tensor>>& heads) {
  double largest = 0;
  for (const auto& [name, head] : heads) {
    for (const float number : head.values<float>()) {
      largest = std::max(largest, std::abs(static_cast<double>(number)));
    }
  }
  return std::max(kLoose.score, static_cast<float>(kRawTolerance * largest / 4));
}

class RawHeadsTest : public ParityTest {};

TEST_P(RawHeadsTest, EqualTheRecordedOnes) {
  const auto recorded = test_support::ReadRecordedHeads(Folder());
  const auto outputs = Run(test_support::ReadNpz(Folder() / "inputs.npz").at("images"), true);
  ASSERT_EQ(outputs.size(), recorded.size());
  double worst = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor reference = recorded.at("out_" + std::to_string(i)).To(DType::kFloat32);
    const auto expected = reference.values<float>();
    const auto actual =
        outputs[i].second.values<float>().first(expected.size());  // the first image
    ASSERT_EQ(Shape(reference.shape().begin() + 1, reference.shape().end()),
              Shape(outputs[i].second.shape().begin() + 1, outputs[i].second.shape().end()));
    double largest = 0;
    double difference = 0;
    for (std::size_t j = 0; j < expected.size(); ++j) {
      largest = std::max(largest, std::abs(static_cast<double>(expected[j])));
      difference = std::max(difference, std::abs(static_cast<double>(expected[j]) - actual[j]));
    }
    EXPECT_LE(difference, kRawTolerance * largest) << "output " << i;
    worst = std::max(worst, difference / largest);
  }
  std::cout << GetParam() << ": raw heads differ by " << worst << " of the largest magnitude\n";
}

TEST_P(ParityTest, Detections) {
  const auto recorded = test_support::ReadRecordedDetections(Folder());
  const Tensor images = test_support::ReadNpz(Folder() / "inputs.npz").at("images");
  const std::int64_t batch = images.shape()[0];
  std::vector<std::vector<Row>> expected;
  std::size_t all = 0;
  std::size_t most = 0;
  for (std::int64_t image = 0; image < batch; ++image) {
    expected.push_back(test_support::Rows(recorded, image, kAllRows));
    all += expected.back().size();
    most = std::max(most, expected.back().size());
  }
  ASSERT_GT(all, 5U) << "too little to compare";
  // Room for more than they have, so that keep-topk cuts nothing off.
  const auto keep_topk = static_cast<std::int64_t>(most + 20);
  std::map<std::string, Tensor> outputs;
  for (auto& [name, tensor] : Run(images, false, keep_topk)) outputs[name] = tensor;
  const bool is_strict = !recorded.contains("num_dets");
  Tolerance tolerance = kStrict;
  if (!is_strict) {
    tolerance = {ScoreTolerance(Run(images, true)), kLoose.corner};
  }
  EXPECT_EQ(outputs.at("boxes").shape(), (Shape{batch, keep_topk, 4}));
  EXPECT_EQ(outputs.at("num_dets").dtype(), DType::kInt64);
  EXPECT_EQ(outputs.at("labels").dtype(), DType::kInt32);
  for (std::int64_t image = 0; image < batch; ++image) {
    const std::vector<Row>& theirs = expected[static_cast<std::size_t>(image)];
    const std::vector<Row> ours = test_support::Rows(outputs, image, keep_topk);
    const std::vector<Row> missing = test_support::Unmatched(theirs, ours, tolerance);
    const std::vector<Row> more = test_support::Unmatched(ours, theirs, tolerance);
    const auto wrong = [&](const std::vector<Row>& rows, const std::vector<Row>& others) {
      return Text(is_strict ? rows : Unexplained(rows, others, tolerance));
    };
    EXPECT_EQ(wrong(missing, ours), "") << "of " << theirs.size();
    EXPECT_EQ(wrong(more, theirs), "") << "of " << ours.size();
    EXPECT_TRUE(std::is_sorted(ours.begin(), ours.end(),
                               [](const Row& a, const Row& b) { return a.score > b.score; }));
    std::cout << GetParam() << ": image " << image << ": " << ours.size() - more.size() << " of "
              << theirs.size() << " detections, " << more.size() << " more, to " << tolerance.score
              << "\n";
  }
}

// What lies otherwise in the graph gives the same.
TEST_P(ParityTest, ThoseForOpenVinoAreTheSame) {
  const Tensor images = test_support::ReadNpz(Folder() / "inputs.npz").at("images");
  std::map<std::string, Tensor> one;
  std::map<std::string, Tensor> other;
  for (auto& [name, tensor] : Run(images, false)) one[name] = tensor;
  for (auto& [name, tensor] : Run(images, false, 100, "openvino")) other[name] = tensor;
  const auto ours = test_support::Rows(one, 0, 100);
  const auto theirs = test_support::Rows(other, 0, 100);
  EXPECT_EQ(ours.size(), theirs.size());
  EXPECT_EQ(Text(test_support::Unmatched(ours, theirs, kStrict)), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, ParityTest, testing::ValuesIn(test_support::CaseNames()),
                         test_support::NameOfCase);
INSTANTIATE_TEST_SUITE_P(Cases, RawHeadsTest, testing::ValuesIn(test_support::RecordedHeadsNames()),
                         test_support::NameOfCase);

}  // namespace
}  // namespace yoloport
