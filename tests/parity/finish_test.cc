// Files with raw heads that were finished against the end-to-end files of the same networks: equal
// to the last bit in ONNX Runtime, for every recorded case (but for one whose raw file holds less).
#include "yoloport/finish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "contract/model_card.h"
#include "contract/raw_head.h"
#include "onnx/outline/read_metadata.h"
#include "onnx/read/reader.h"
#include "onnx/write/writer.h"
#include "runtime/session.h"
#include "testing/cases/cases.h"
#include "testing/cases/spread_network.h"
#include "testing/files/npz.h"
#include "testing/run_graph.h"
#include "yoloport/export.h"
#include "yoloport/set.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using tensor::Tensor;

contract::ModelCard CardOf(const fs::path& path) {
  return contract::ModelCardFromJson(onnx::outline::ReadOnnxMetadata(path).at("yoloport"));
}

// How many nodes of each operator a file has.
std::map<std::string, int> Operators(const fs::path& path) {
  const onnx::read::OnnxFile file = onnx::read::ReadOnnx(path);
  std::map<std::string, int> counts;
  for (const graph::Node& node : file.graph->nodes()) ++counts[node.op];
  return counts;
}

class FinishParityTest : public testing::TestWithParam<std::string> {
 protected:
  FinishParityTest()
      : images_(test_support::ReadNpz(test_support::CasesFolder() / GetParam() / "inputs.npz")
                    .at("images")) {
    fs::create_directories(folder_);
    plain_.config = test_support::CasesFolder() / GetParam() / "config.py";
    plain_.checkpoint = test_support::CasesFolder() / GetParam() / "checkpoint.pth";
    plain_.batch = static_cast<int>(images_.shape()[0]);
    plain_.height = static_cast<int>(images_.shape()[2]);
    plain_.width = static_cast<int>(images_.shape()[3]);
    plain_.checkpoint = test_support::WriteSpreadCheckpoint(
        plain_, [&](const Preprocess&) { return std::vector{images_}; }, folder_);
  }
  ~FinishParityTest() override { fs::remove_all(folder_); }

  // The raw file of `options`, or of what of them is about the network.
  fs::path ExportRaw(ExportOptions options) const {
    options.output = folder_ / "raw.onnx";
    options.model_only = true;
    options.layout = "mmyolo";
    options.backend = "onnxruntime";
    options.input = "float32";
    options.input_layout = options.input_color = "";
    options.runtime_thresholds = false;
    Export(options);
    return options.output;
  }

  // Exports end to end as `options` ask for, finishes the raw file as `finish` does, and expects
  // the same, also of the graph where `same_nodes`.
  void ExpectSame(ExportOptions options, FinishOptions finish, const Tensor& images,
                  bool same_nodes = false) const {
    options.output = folder_ / "expected.onnx";
    Export(options);
    finish.model = folder_ / "raw.onnx";
    finish.file.output = folder_ / "finished.onnx";
    Finish(finish);
    EXPECT_NO_THROW(onnx::write::CheckOnnxFile(finish.file.output));
    const auto expected = test_support::RunFile(options.output, {&images, 1});
    const auto actual = test_support::RunFile(finish.file.output, {&images, 1});
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(actual[i].shape(), expected[i].shape());
      EXPECT_EQ(actual[i].dtype(), expected[i].dtype());
      if (AreMeans() && expected[i].dtype() == tensor::DType::kFloat32) {
        ExpectNear(actual[i], expected[i]);
      } else {
        EXPECT_TRUE(std::ranges::equal(actual[i].bytes(), expected[i].bytes())) << "output " << i;
      }
    }
    if (same_nodes && !AreMeans()) {
      EXPECT_EQ(Operators(finish.file.output), Operators(options.output));
    }
  }

  // YOLOv6's raw heads are the means of its distributions, which an end-to-end file sums up in
  // another order.
  bool AreMeans() const {
    return CardOf(folder_ / "expected.onnx").reg_max != CardOf(folder_ / "finished.onnx").reg_max;
  }
  static void ExpectNear(const Tensor& actual, const Tensor& expected) {
    for (std::size_t i = 0; i < expected.values<float>().size(); ++i) {
      EXPECT_NEAR(actual.values<float>()[i], expected.values<float>()[i], 1e-3);  // pixels
    }
  }

  // As the config says.
  static FinishOptions ByConfig(const ExportOptions& options) {
    FinishOptions finish{.model = {}, .file = options};
    finish.file.checkpoint.clear();
    return finish;
  }

  bool HasAnchors() const { return !CardOf(folder_ / "raw.onnx").anchors.empty(); }

  Tensor images_;
  fs::path folder_ = fs::path(testing::TempDir()) / ("finish_test_" + std::to_string(::getpid()));
  ExportOptions plain_;
};

TEST_P(FinishParityTest, EveryBackendAndLayout) {
  ExportRaw(plain_);
  const std::pair<const char*, const char*> kinds[] = {
      {"onnxruntime", "mmyolo"},   {"openvino", "mmyolo"},       {"tensorrt8", "mmyolo"},
      {"tensorrt7", "mmyolo"},     {"onnxruntime", "mmdeploy"},  {"onnxruntime", "ultralytics"},
      {"openvino", "ultralytics"}, {"tensorrt8", "efficientnms"}};
  for (const auto& [backend, layout] : kinds) {
    SCOPED_TRACE(std::string(backend) + " " + layout);
    ExportOptions options = plain_;
    options.backend = backend;
    options.layout = layout;
    ExpectSame(options, ByConfig(options), images_, !HasAnchors());
  }
}

TEST_P(FinishParityTest, FindsSomething) {
  ExportOptions options = plain_;
  options.output = folder_ / "expected.onnx";
  Export(options);
  const auto counts = test_support::RunFile(options.output, {&images_, 1}).front();
  EXPECT_GT(counts.values<std::int64_t>()[0], 5) << "too little to compare";
}

TEST_P(FinishParityTest, TheTypeAloneAndTheFilesOwnWords) {
  const contract::ModelCard card = CardOf(ExportRaw(plain_));
  FinishOptions finish;
  finish.description = {.type = card.type,
                        .num_classes = static_cast<int>(card.classes.size()),
                        .anchors = card.anchors,
                        .bins = card.reg_max + 1};
  ExpectSame(plain_, {.model = {}}, images_, !HasAnchors());
  // Without its metadata the file could be anybody's.
  onnx::read::OnnxFile raw = onnx::read::ReadOnnx(folder_ / "raw.onnx");
  raw.metadata.clear();
  onnx::read::WriteOnnx(raw, folder_ / "raw.onnx");
  raw = {};
  ExpectSame(plain_, finish, images_, card.anchors.empty());
}

TEST_P(FinishParityTest, SaysWhatAnExportSays) {
  ExportRaw(plain_);
  ExportOptions options = plain_;
  options.from_test_cfg = true;
  ExpectSame(options, ByConfig(options), images_, !HasAnchors());
  contract::ModelCard expected = CardOf(folder_ / "expected.onnx");
  const contract::ModelCard actual = CardOf(folder_ / "finished.onnx");
  EXPECT_EQ(actual.checkpoint->name, "raw.onnx");
  expected.checkpoint = actual.checkpoint;
  expected.reg_max = actual.reg_max;  // raw heads of YOLOv6 are the means of distributions
  EXPECT_EQ(contract::ToJson(actual), contract::ToJson(expected));
  SetThresholds({.model = folder_ / "finished.onnx", .score_threshold = 0.5});
  EXPECT_EQ(CardOf(folder_ / "finished.onnx").nms.score_threshold, 0.5);
}

TEST_P(FinishParityTest, OpenSizesAndThresholds) {
  ExportOptions options = plain_;
  options.dynamic_batch = options.dynamic_size = true;
  options.runtime_thresholds = true;
  options.min_box_size = 4;
  options.opset = 17;
  ExportRaw(options);
  ExpectSame(options, ByConfig(options), images_);
  const auto inputs = runtime::OpenSession(folder_ / "finished.onnx", {})->optional_inputs();
  EXPECT_EQ(inputs.size(), 4U);
}

TEST_P(FinishParityTest, PixelsAsInput) {
  ExportOptions options = plain_;
  options.input = "uint8";
  options.input_layout = "nhwc";
  options.input_color = "rgb";
  options.class_agnostic = true;
  ExportRaw(options);
  const auto [batch, height, width] =
      std::array{images_.shape()[0], images_.shape()[2], images_.shape()[3]};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(images_.size()));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(i * 2654435761U >> 13);
  }
  ExpectSame(options, ByConfig(options),
             Tensor::Of<std::uint8_t>({batch, height, width, 3}, std::move(bytes)), !HasAnchors());
}

// Of those whose configs describe their heads as MMYOLO does.
std::vector<std::string> CasesOfMmyolo() {
  std::vector<std::string> names = test_support::CaseNames();
  std::erase_if(names, [](const std::string& name) { return name.starts_with("mmdet_"); });
  return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, FinishParityTest, testing::ValuesIn(CasesOfMmyolo()),
                         test_support::NameOfCase);

}  // namespace
}  // namespace yoloport
