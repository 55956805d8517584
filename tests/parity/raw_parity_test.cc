// Raw heads decoded on the host against the end-to-end file of the same network: labels equal,
// scores within 1e-5, boxes within 0.01 pixel.
//
// Runs on the recorded inputs of each case of YOLOPORT_CASES (default testdata/parity), and of each
// on the pictures of YOLOPORT_PHOTOS (paths with colons between; default: the demo's pages).
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "contract/model_card.h"
#include "detect/end_to_end.h"
#include "detect/raw_decoder.h"
#include "detect/resolved_model.h"
#include "examples/raw_heads/decode.h"
#include "image/prepare.h"
#include "onnx/outline/read_metadata.h"
#include "runtime/session.h"
#include "testing/cases/cases.h"
#include "testing/cases/rows.h"
#include "testing/cases/spread_network.h"
#include "testing/files/npz.h"
#include "yoloport/detector.h"
#include "yoloport/export.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using tensor::Tensor;
using test_support::CasesFolder;

constexpr float kScore = 1e-5F;
constexpr float kCorner = 0.01F;  // pixels

bool Same(const Detection& a, const Detection& b) {
  if (a.label != b.label || std::abs(a.score - b.score) > kScore) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (std::abs(a.box[i] - b.box[i]) > kCorner) return false;
  }
  return true;
}

// Every detection of each list has a partner of its own in the other.
void ExpectSame(const std::vector<Detection>& expected, std::vector<Detection> actual) {
  EXPECT_EQ(actual.size(), expected.size());
  for (const Detection& one : expected) {
    const auto found = std::find_if(actual.begin(), actual.end(),
                                    [&](const Detection& other) { return Same(one, other); });
    if (found == actual.end()) {
      ADD_FAILURE() << "label " << one.label << " score " << one.score << " box "
                    << testing::PrintToString(one.box);
    } else {
      actual.erase(found);
    }
  }
}

// As the comments of the example say it.
raw_heads::Head ExampleHead(const contract::ModelCard& card) {
  const bool has_anchors = card.type == "yolov5" || card.type == "yolov7";
  raw_heads::Head head;
  head.coding = has_anchors            ? raw_heads::Coding::kAnchor
                : card.type == "yolox" ? raw_heads::Coding::kCenterSize
                                       : raw_heads::Coding::kDistance;
  head.objectness = has_anchors || card.type == "yolox";
  head.num_classes = static_cast<int>(card.classes.size());
  head.reg_max = card.reg_max;
  head.prior_offset = static_cast<float>(card.prior_offset);
  if (card.clips_boxes) {
    head.clip_width = static_cast<float>(card.preprocess.width);
    head.clip_height = static_cast<float>(card.preprocess.height);
  }
  return head;
}

std::vector<raw_heads::Level> ExampleLevels(const contract::ModelCard& card,
                                            const std::vector<Tensor>& outputs, int image) {
  std::vector<raw_heads::Level> levels;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto values = outputs[i].values<float>();
    const auto& shape = outputs[i].shape();
    raw_heads::Level level;
    level.data = values.data() + values.size() / static_cast<std::size_t>(shape[0]) *
                                     static_cast<std::size_t>(image);
    level.height = static_cast<int>(shape[2]);
    level.width = static_cast<int>(shape[3]);
    level.stride = {static_cast<float>(card.strides[i][0]), static_cast<float>(card.strides[i][1])};
    if (!card.anchors.empty()) {
      for (const auto& [w, h] : card.anchors[i]) {
        level.anchors.push_back({static_cast<float>(w), static_cast<float>(h)});
      }
    }
    levels.push_back(std::move(level));
  }
  return levels;
}

class RawParityTest : public testing::TestWithParam<std::string> {
 protected:
  RawParityTest() { fs::create_directories(folder_); }
  ~RawParityTest() override { fs::remove_all(folder_); }

  fs::path Path(bool model_only) const { return folder_ / (model_only ? "raw.onnx" : "nms.onnx"); }

  ExportOptions Options(int batch, int height, int width) const {
    ExportOptions options;
    options.config = CasesFolder() / GetParam() / "config.py";
    options.checkpoint = CasesFolder() / GetParam() / "checkpoint.pth";
    options.batch = batch;
    options.height = height;
    options.width = width;
    return options;
  }

  // Both files of the network, its scores spread on `images`.
  void ExportBoth(ExportOptions options, const test_support::ImagesOf& images) const {
    options.checkpoint = test_support::WriteSpreadCheckpoint(options, images, folder_);
    for (const bool model_only : {false, true}) {
      options.output = Path(model_only);
      options.model_only = model_only;
      Export(options);
    }
  }

  // What the file with NMS finds in each of `images`.
  std::vector<std::vector<Detection>> EndToEnd(const Tensor& images,
                                               detect::WrongAnswers& wrong) const {
    const auto session = runtime::OpenSession(Path(false), {});
    return detect::ReadEndToEnd(*detect::FindEndToEnd(session->outputs()),
                                session->Run(std::span(&images, 1)),
                                static_cast<int>(images.shape()[0]), 0, "nms", wrong);
  }

 private:
  fs::path folder_ =
      fs::path(testing::TempDir()) / ("raw_parity_test_" + std::to_string(::getpid()));
};

TEST_P(RawParityTest, RecordedInputs) {
  const Tensor images =
      test_support::ReadNpz(CasesFolder() / GetParam() / "inputs.npz").at("images");
  const int batch = static_cast<int>(images.shape()[0]);
  const int height = static_cast<int>(images.shape()[2]);
  const int width = static_cast<int>(images.shape()[3]);
  ExportBoth(Options(batch, height, width), [&](const Preprocess&) { return std::vector{images}; });

  detect::WrongAnswers wrong(0);
  const auto expected = EndToEnd(images, wrong);
  const auto raw = runtime::OpenSession(Path(true), {});
  const detect::ResolvedModel resolved =
      detect::ResolveModel(detect::ReadFileMetadata(Path(true)), {}, false, "raw");
  const detect::RawDecoder reader(resolved.head, height, width, "raw");
  reader.Check(raw->outputs());
  const auto actual = reader.Read(
      raw->Run(std::span(&images, 1)), resolved.nms,
      std::vector(static_cast<std::size_t>(batch), tasks::detect::host::kAnyBox), wrong);
  std::size_t found = 0;
  for (int image = 0; image < batch; ++image) {
    found += expected[image].size();
    ExpectSame(expected[image], actual[image]);
    std::cout << GetParam() << ": image " << image << ": " << actual[image].size()
              << " detections\n";
  }
  EXPECT_GT(found, 5U) << "too little to compare";
}

// What examples/raw_heads decodes, for people to copy, is what the end-to-end file finds.
TEST_P(RawParityTest, TheDecoderToCopy) {
  const Tensor images =
      test_support::ReadNpz(CasesFolder() / GetParam() / "inputs.npz").at("images");
  const int height = static_cast<int>(images.shape()[2]);
  const int width = static_cast<int>(images.shape()[3]);
  const int batch = static_cast<int>(images.shape()[0]);
  ExportBoth(Options(batch, height, width), [&](const Preprocess&) { return std::vector{images}; });
  detect::WrongAnswers wrong(0);
  const auto expected = EndToEnd(images, wrong);
  const contract::ModelCard card =
      contract::ModelCardFromJson(onnx::outline::ReadOnnxMetadata(Path(true)).at("yoloport"));
  const auto outputs = runtime::OpenSession(Path(true), {})->Run(std::span(&images, 1));
  std::size_t count = 0;
  for (int image = 0; image < batch; ++image) {
    const auto found = raw_heads::Suppress(
        raw_heads::Decode(ExampleHead(card), ExampleLevels(card, outputs, image), 0.25F), 0.65F,
        100);
    std::vector<Detection> actual;
    for (const raw_heads::Object& each : found)
      actual.push_back({each.label, each.score, each.box});
    count += actual.size();
    ExpectSame(expected[static_cast<std::size_t>(image)], actual);
  }
  EXPECT_GT(count, 5U) << "too little to compare";
}

// The Detector as its users call it, with nothing said about the file.
TEST_P(RawParityTest, Photos) {
  for (const fs::path& path : test_support::Photos()) {
    const Image image = ReadImage(path);
    ExportBoth(Options(1, 320, 320), [&](const Preprocess& preprocess) {
      return std::vector{Tensor::Make<float>({1, 3, 320, 320}, [&](std::span<float> planes) {
        image::PrepareImage(image.view(), preprocess, planes);
      })};
    });
    const Detector end_to_end(Path(false));
    const Detector raw(Path(true));
    EXPECT_EQ(raw.classes(), end_to_end.classes());
    EXPECT_TRUE(raw.warnings().empty());
    const auto found = raw.Detect(image.view());
    EXPECT_GT(found.size(), 5U) << "too little to compare";
    ExpectSame(end_to_end.Detect(image.view()), found);
    std::cout << GetParam() << ": " << path << ": " << found.size() << " detections\n";
  }
}

// What easydeploy's raw heads gave when the case was recorded, decoded here, against what its
// end-to-end file gave in the same session. No network of ours has a part in this, so none of the
// differences between two machines' convolutions, which random weights blow up, is in the way.
class RecordedHeadsTest : public RawParityTest {};

TEST_P(RecordedHeadsTest, GiveTheRecordedDetections) {
  const fs::path folder = CasesFolder() / GetParam();
  const Tensor images = test_support::ReadNpz(folder / "inputs.npz").at("images");
  const int height = static_cast<int>(images.shape()[2]);
  const int width = static_cast<int>(images.shape()[3]);
  ExportOptions options = Options(1, height, width);  // for what the metadata say of the heads
  options.model_only = true;
  options.output = Path(true);
  Export(options);
  const detect::ResolvedModel resolved =
      detect::ResolveModel(detect::ReadFileMetadata(Path(true)), {}, false, "raw");

  std::vector<Tensor> outputs;
  for (const auto& [name, output] : test_support::ReadRecordedHeads(folder))
    outputs.push_back(output);
  const contract::NmsPolicy policy = {.pre_topk = contract::NmsPolicy::kAll};
  detect::WrongAnswers wrong(0);
  const auto actual = detect::RawDecoder(resolved.head, height, width, "raw")
                          .Read(outputs, policy, std::vector{tasks::detect::host::kAnyBox}, wrong)
                          .front();

  const auto boxes = test_support::ReadRecordedDetections(folder);
  const auto keep = static_cast<std::int64_t>(policy.keep_topk);
  std::vector<Detection> expected;
  for (const test_support::Row& row : test_support::Rows(boxes, 0, keep)) {
    expected.push_back({static_cast<int>(row.label), row.score, row.box});
  }
  ExpectSame(expected, actual);  // some recorded none, which are none here, too
  std::cout << GetParam() << ": " << expected.size() << " recorded detections\n";
}

INSTANTIATE_TEST_SUITE_P(Cases, RawParityTest, testing::ValuesIn(test_support::CaseNames()),
                         test_support::NameOfCase);
INSTANTIATE_TEST_SUITE_P(Cases, RecordedHeadsTest,
                         testing::ValuesIn(test_support::RecordedHeadsNames()),
                         test_support::NameOfCase);

}  // namespace
}  // namespace yoloport
