// Parity with the real MMYOLO: recorded outputs of its easydeploy exporter against ours.
//
// Each folder of YOLOPORT_CASES (default testdata/parity) is a case: config.py, checkpoint.pth,
// inputs.npz (`images`), raw.npz (`out_0` ..: the raw heads of the first image) and detections.npz
// (num_dets, boxes, scores, labels of easydeploy's end-to-end file; more rows than keep-topk may
// stand there). easydeploy_model_only.npz and easydeploy_onnxruntime.npz are the same under other
// names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>

#include "pipeline/cases.h"
#include "pipeline/npz.h"
#include "pipeline/rows.h"
#include "runtime/session.h"
#include "yoloport/export.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kKeepTopk = 100;
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

// Where keep-topk cuts a longer list off, the last bits of a score decide who is in.
std::vector<Row> Above(const std::vector<Row>& rows, float score) {
  std::vector<Row> above;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(above),
               [&](const Row& row) { return row.score > score; });
  return above;
}

class ParityTest : public testing::TestWithParam<std::string> {
 protected:
  fs::path Folder() const { return CasesFolder() / GetParam(); }

  // Exports the case for `images` and runs it on them.
  std::vector<std::pair<std::string, Tensor>> Run(const Tensor& images, bool model_only) const {
    ExportOptions options;
    options.config = Folder() / "config.py";
    options.checkpoint = Folder() / "checkpoint.pth";
    options.output = fs::path(testing::TempDir()) /
                     ("parity_" + GetParam() + (model_only ? "_raw.onnx" : "_nms.onnx"));
    options.batch = static_cast<int>(images.shape()[0]);
    options.height = static_cast<int>(images.shape()[2]);
    options.width = static_cast<int>(images.shape()[3]);
    options.model_only = model_only;
    options.pre_topk = kPreTopk;
    options.keep_topk = kKeepTopk;
    Export(options);
    const auto session = OpenSession(options.output, {});
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

class RawHeadsTest : public ParityTest {};

TEST_P(RawHeadsTest, EqualTheRecordedOnes) {
  const auto recorded = ReadRecordedHeads(Folder());
  const auto outputs = Run(ReadNpz(Folder() / "inputs.npz").at("images"), true);
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
  const auto recorded = ReadRecordedDetections(Folder());
  const Tensor images = ReadNpz(Folder() / "inputs.npz").at("images");
  std::map<std::string, Tensor> outputs;
  for (auto& [name, tensor] : Run(images, false)) outputs[name] = tensor;
  const Tolerance tolerance = recorded.contains("num_dets") ? kLoose : kStrict;
  const std::int64_t batch = images.shape()[0];
  EXPECT_EQ(outputs.at("boxes").shape(), (Shape{batch, kKeepTopk, 4}));
  EXPECT_EQ(outputs.at("num_dets").dtype(), DType::kInt64);
  EXPECT_EQ(outputs.at("labels").dtype(), DType::kInt32);
  for (std::int64_t image = 0; image < batch; ++image) {
    const std::vector<Row> expected = Rows(recorded, image, kAllRows);
    const std::vector<Row> actual = Rows(outputs, image, kKeepTopk);
    EXPECT_GT(expected.size(), 5U) << "too little to compare";
    ASSERT_EQ(actual.size(), std::min<std::size_t>(expected.size(), kKeepTopk));
    // Each of ours is one of theirs, and each of theirs that keep-topk may not cut off one of ours.
    EXPECT_EQ(Matched(actual, expected, tolerance), actual.size());
    const std::vector<Row> sure = actual.size() < expected.size()
                                      ? Above(expected, actual.back().score + tolerance.score)
                                      : expected;
    EXPECT_EQ(Matched(sure, actual, tolerance), sure.size());
    EXPECT_TRUE(std::is_sorted(actual.begin(), actual.end(),
                               [](const Row& a, const Row& b) { return a.score > b.score; }));
    std::cout << GetParam() << ": image " << image << ": " << actual.size() << " of "
              << expected.size() << " detections, " << sure.size() << " of them surely\n";
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ParityTest, testing::ValuesIn(CaseNames()), NameOfCase);
INSTANTIATE_TEST_SUITE_P(Cases, RawHeadsTest, testing::ValuesIn(RecordedHeadsNames()), NameOfCase);

}  // namespace
}  // namespace yoloport
