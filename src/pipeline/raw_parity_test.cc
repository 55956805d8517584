// Raw heads decoded on the host against the end-to-end file of the same network: labels equal,
// scores within 1e-5, boxes within 0.01 pixel.
//
// Runs on the recorded inputs of each case of YOLOPORT_CASES (default testdata/parity), and of each
// on the pictures of YOLOPORT_PHOTOS (paths with colons between; default: the demo's pages).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "pipeline/cases.h"
#include "pipeline/end_to_end.h"
#include "pipeline/model_facts.h"
#include "pipeline/npz.h"
#include "pipeline/raw_outputs.h"
#include "pipeline/rows.h"
#include "runtime/session.h"
#include "yoloport/detector.h"
#include "yoloport/export.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;

constexpr float kScore = 1e-5F;
constexpr float kCorner = 0.01F;  // pixels

bool Same(const Detection& a, const Detection& b) {
  if (a.label != b.label || std::abs(a.score - b.score) > kScore) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (std::abs(a.box[i] - b.box[i]) > kCorner) return false;
  }
  return true;
}

double Iou(const Detection& a, const Detection& b) {
  const auto span = [](double p, double q) { return std::max(0.0, q - p); };
  const double both = span(std::max(a.box[0], b.box[0]), std::min(a.box[2], b.box[2])) *
                      span(std::max(a.box[1], b.box[1]), std::min(a.box[3], b.box[3]));
  const auto area = [&](const Detection& d) {
    return span(d.box[0], d.box[2]) * span(d.box[1], d.box[3]);
  };
  return both / (area(a) + area(b) - both);
}

// Of two boxes that suppress each other and score the same but for the last bits, either may be the
// one that stays.
bool MayStandFor(const Detection& a, const Detection& b) {
  return a.label == b.label && std::abs(a.score - b.score) <= kScore && Iou(a, b) > 0.6;
}

// Every detection must have a partner of its own in the other list. At keep-topk, what scores like
// the last may give way to another that does. One that another may stand for may share it with one
// more: boxes that differ before they are clipped to the image can be the same afterwards.
void ExpectSame(const std::vector<Detection>& expected, const std::vector<Detection>& all) {
  std::vector<Detection> actual = all;
  std::vector<Detection> missing;
  for (const Detection& one : expected) {
    const auto found = std::find_if(actual.begin(), actual.end(),
                                    [&](const Detection& other) { return Same(one, other); });
    if (found == actual.end()) {
      missing.push_back(one);
    } else {
      actual.erase(found);
    }
  }
  for (const Detection& one : missing) {
    const bool excused = one.score - expected.back().score <= kScore ||
                         std::any_of(all.begin(), all.end(), [&](const Detection& other) {
                           return MayStandFor(one, other);
                         });
    EXPECT_TRUE(excused) << "label " << one.label << " score " << one.score << " box " << one.box[0]
                         << " " << one.box[1] << " " << one.box[2] << " " << one.box[3];
  }
  // One of such a pair, or both, may stay.
  EXPECT_LE(all.size(), expected.size() + missing.size());
  EXPECT_GE(all.size() + missing.size(), expected.size());
}

class RawParityTest : public testing::TestWithParam<std::string> {
 protected:
  ~RawParityTest() override {
    fs::remove(Path(false));
    fs::remove(Path(true));
  }

  fs::path Path(bool model_only) const {
    return fs::path(testing::TempDir()) /
           ("raw_parity_" + GetParam() + (model_only ? "_raw.onnx" : "_nms.onnx"));
  }

  void ExportBoth(int batch, int height, int width) const {
    ExportOptions options;
    options.config = CasesFolder() / GetParam() / "config.py";
    options.checkpoint = CasesFolder() / GetParam() / "checkpoint.pth";
    options.batch = batch;
    options.height = height;
    options.width = width;
    for (const bool model_only : {false, true}) {
      options.output = Path(model_only);
      options.model_only = model_only;
      Export(options);
    }
  }
};

TEST_P(RawParityTest, RecordedInputs) {
  const Tensor images = ReadNpz(CasesFolder() / GetParam() / "inputs.npz").at("images");
  const int batch = static_cast<int>(images.shape()[0]);
  const int height = static_cast<int>(images.shape()[2]);
  const int width = static_cast<int>(images.shape()[3]);
  ExportBoth(batch, height, width);

  const auto end_to_end = OpenSession(Path(false), {});
  const auto expected = ReadEndToEnd(*FindEndToEnd(end_to_end->outputs()),
                                     end_to_end->Run(std::span(&images, 1)), batch, 0, "nms");
  const auto raw = OpenSession(Path(true), {});
  const ModelFacts facts = SettleFacts(ReadFileMetadata(Path(true)), {}, false, "raw");
  const RawOutputs reader(facts.head, height, width, "raw");
  reader.Check(raw->outputs());
  const auto actual = reader.Read(raw->Run(std::span(&images, 1)), batch, facts.nms);
  std::size_t total = 0;
  for (int image = 0; image < batch; ++image) {
    total += actual[image].size();
    ExpectSame(expected[image], actual[image]);
    std::cout << GetParam() << ": image " << image << ": " << actual[image].size()
              << " detections\n";
  }
  EXPECT_GT(total, 0U) << "nothing to compare";
}

// What easydeploy's raw heads gave when the case was recorded, decoded here, against what its
// end-to-end file gave in the same session. No network of ours has a part in this, so none of the
// differences between two machines' convolutions, which random weights blow up, is in the way.
TEST_P(RawParityTest, RecordedRawHeads) {
  const fs::path folder = CasesFolder() / GetParam();
  const auto recorded = [&](const char* name, const char* other_name) {
    return fs::exists(folder / name) ? folder / name : folder / other_name;
  };
  const fs::path heads = recorded("raw.npz", "easydeploy_model_only.npz");
  if (!fs::exists(heads)) GTEST_SKIP() << "easydeploy has no raw heads of this network";
  const Tensor images = ReadNpz(folder / "inputs.npz").at("images");
  const int height = static_cast<int>(images.shape()[2]);
  const int width = static_cast<int>(images.shape()[3]);
  ExportBoth(1, height, width);  // for what the metadata say of the heads
  const ModelFacts facts = SettleFacts(ReadFileMetadata(Path(true)), {}, false, "raw");

  std::vector<Tensor> outputs;
  for (const auto& [name, output] : ReadNpz(heads)) outputs.push_back(output);
  const NmsSettings settings = {.pre_topk = NmsSettings::kAll};
  const auto actual =
      RawOutputs(facts.head, height, width, "raw").Read(outputs, 1, settings).front();

  const auto boxes = ReadNpz(recorded("detections.npz", "easydeploy_onnxruntime.npz"));
  const auto keep = static_cast<std::int64_t>(settings.keep_topk);
  std::vector<Detection> expected;
  for (const Row& row : Rows(boxes, 0, keep)) {
    expected.push_back({static_cast<int>(row.label), row.score, row.box});
  }
  ExpectSame(expected, actual);
  std::cout << GetParam() << ": " << expected.size() << " recorded detections\n";
}

// The Detector as its users call it, with nothing said about the file.
TEST_P(RawParityTest, Photos) {
  ExportBoth(1, 320, 320);
  const Detector end_to_end(Path(false));
  const Detector raw(Path(true));
  EXPECT_EQ(raw.classes(), end_to_end.classes());
  EXPECT_TRUE(raw.warnings().empty());
  for (const fs::path& path : Photos()) {
    const Image image = ReadImage(path);
    const auto found = raw.Detect(image.view());
    ExpectSame(end_to_end.Detect(image.view()), found);
    std::cout << GetParam() << ": " << path << ": " << found.size() << " detections\n";
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, RawParityTest, testing::ValuesIn(CaseNames()),
                         [](const testing::TestParamInfo<std::string>& test) {
                           return test.param;
                         });

}  // namespace
}  // namespace yoloport
