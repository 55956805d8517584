// What files for each backend hold and give, on every recorded case.
//
// Where a case has a case.json - what easydeploy made for each backend: output shapes, the plugin
// node - files must agree with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "contract/model_card.h"
#include "onnx/outline/read_metadata.h"
#include "onnx/read/reader.h"
#include "onnx/write/writer.h"
#include "runtime/session.h"
#include "testing/cases/cases.h"
#include "testing/cases/spread_network.h"
#include "testing/files/npz.h"
#include "yoloport/error.h"
#include "yoloport/export.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using tensor::DType;
using tensor::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;

using Outputs = std::map<std::string, Tensor>;

json AttributesOf(const graph::Node& node) {
  json attributes;
  for (const auto& [name, attribute] : node.attributes) {
    if (const auto* number = std::get_if<std::int64_t>(&attribute)) attributes[name] = *number;
    if (const auto* number = std::get_if<float>(&attribute)) attributes[name] = double{*number};
    if (const auto* text = std::get_if<std::string>(&attribute)) attributes[name] = *text;
  }
  return attributes;
}

class BackendTest : public testing::TestWithParam<std::string> {
 protected:
  BackendTest() : images_(test_support::ReadNpz(Folder() / "inputs.npz").at("images")) {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '_');
    folder_ = fs::path(testing::TempDir()) / ("backend_test_" + name);
    fs::create_directories(folder_);
    options_.config = Folder() / "config.py";
    options_.checkpoint = Folder() / "checkpoint.pth";
    options_.output = folder_ / "model.onnx";
    options_.batch = static_cast<int>(images_.shape()[0]);
    options_.height = static_cast<int>(images_.shape()[2]);
    options_.width = static_cast<int>(images_.shape()[3]);
  }
  ~BackendTest() override { fs::remove_all(folder_); }

  fs::path Folder() const { return test_support::CasesFolder() / GetParam(); }

  ExportReport ExportFor(const std::string& backend) {
    ExportOptions options = options_;
    options.backend = backend;
    return Export(options);
  }

  // For tests that compare detections.
  void SpreadScores() {
    options_.checkpoint = test_support::WriteSpreadCheckpoint(
        options_, [&](const Preprocess&) { return std::vector{images_}; }, folder_);
  }

  // Exports for `backend` and runs the file on the case's images.
  Outputs Run(const std::string& backend) {
    ExportFor(backend);
    const auto session = runtime::OpenSession(options_.output, {});
    const std::vector<Tensor> results = session->Run(std::span(&images_, 1));
    Outputs outputs;
    for (std::size_t i = 0; i < results.size(); ++i) {
      outputs[session->outputs()[i].name] = results[i];
    }
    return outputs;
  }

  // What easydeploy made for `backend`; null where that is not recorded or failed.
  json Recorded(const std::string& backend) const {
    std::ifstream file(Folder() / "case.json");
    if (!file) return {};
    const json recorded = json::parse(file)["easydeploy"];
    return recorded.contains(backend) && !recorded[backend].contains("error") ? recorded[backend]
                                                                              : json();
  }

  // The node of the plugin in the file that was exported last.
  graph::Node PluginNode() const {
    const onnx::read::OnnxFile file = onnx::read::ReadOnnx(options_.output);
    std::vector<graph::Node> plugins;
    for (const graph::Node& node : file.graph->nodes()) {
      if (!node.domain.empty()) plugins.push_back(node);
    }
    EXPECT_EQ(plugins.size(), 1U);
    return plugins.empty() ? graph::Node() : plugins.front();
  }

  json ExpectedAttributes(const std::string& backend, const std::string& type) const;

  std::string ErrorOf(const std::string& backend) {
    try {
      ExportFor(backend);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  }

  Tensor images_;
  fs::path folder_;
  ExportOptions options_;
};

void ExpectSameDetections(const Outputs& expected, const Outputs& actual) {
  const auto floats = [](const Outputs& outputs, const char* name) {
    return outputs.at(name).To(DType::kFloat32);
  };
  EXPECT_EQ(actual.at("num_dets").dtype(), DType::kInt32);
  EXPECT_EQ(actual.at("labels").dtype(), DType::kInt32);
  for (const char* name : {"num_dets", "boxes", "scores", "labels"}) {
    ASSERT_EQ(actual.at(name).shape(), expected.at(name).shape()) << name;
    const Tensor wanted = floats(expected, name);
    const Tensor given = floats(actual, name);
    const bool is_box = std::string(name) == "boxes";
    for (std::size_t i = 0; i < wanted.values<float>().size(); ++i) {
      ASSERT_NEAR(given.values<float>()[i], wanted.values<float>()[i], is_box ? 1e-3 : 1e-5)
          << name << " " << i;
    }
  }
  // Of all images together: how a network of random weights spreads them is its own affair.
  float found = 0;
  const Tensor counts = floats(expected, "num_dets");
  for (const float count : counts.values<float>()) found += count;
  EXPECT_GT(found, 5) << "too little to compare";
}

TEST_P(BackendTest, TensorRtFilesGiveTheDetectionsOfTheOnnxRuntimeFile) {
  SpreadScores();
  const Outputs expected = Run("onnxruntime");
  ExpectSameDetections(expected, Run("tensorrt8"));
  ExpectSameDetections(expected, Run("tensorrt7"));
}

// What easydeploy writes with its default options.
json BackendTest::ExpectedAttributes(const std::string& backend, const std::string& type) const {
  const bool center_size = type == "yolov5" || type == "yolov7" || type == "yolox";
  const double iou = 0.65F;
  if (backend == "tensorrt8") {
    return {{"background_class", -1}, {"box_coding", center_size ? 1 : 0},
            {"iou_threshold", iou},   {"max_output_boxes", 100},
            {"plugin_version", "1"},  {"score_activation", 0},
            {"score_threshold", 0.25}};
  }
  const auto metadata = onnx::outline::ReadOnnxMetadata(options_.output);
  const std::size_t classes = contract::ModelCardFromJson(metadata.at("yoloport")).classes.size();
  return {{"backgroundLabelId", -1}, {"caffeSemantics", 1},   {"clipBoxes", 0},
          {"iouThreshold", iou},     {"isNormalized", 0},     {"keepTopK", 100},
          {"numClasses", classes},   {"plugin_version", "1"}, {"scoreBits", 16},
          {"scoreThreshold", 0.25},  {"shareLocation", 1},    {"topK", 1000}};
}

TEST_P(BackendTest, ThePluginNodeIsEasydeploys) {
  const std::map<std::string, std::string> plugins = {{"tensorrt8", "EfficientNMS_TRT"},
                                                      {"tensorrt7", "BatchedNMSDynamic_TRT"}};
  for (const auto& [backend, op] : plugins) {
    const ExportReport report = ExportFor(backend);
    const graph::Node node = PluginNode();
    EXPECT_EQ(node.op, op);
    EXPECT_EQ(node.domain, "TRT");
    EXPECT_EQ(node.inputs.size(), 2U);
    EXPECT_EQ(node.outputs.size(), 4U);
    EXPECT_EQ(AttributesOf(node), ExpectedAttributes(backend, report.type));
    std::vector<std::string> names;
    for (const TensorSummary& output : report.outputs) names.push_back(output.name);
    EXPECT_THAT(names, ElementsAre("num_dets", "boxes", "scores", "labels"));
    const json recorded = Recorded(backend);
    if (recorded.is_null()) continue;
    EXPECT_EQ(recorded["plugin"]["op"], op);
    EXPECT_EQ(recorded["plugin"]["domain"], node.domain);
    EXPECT_EQ(recorded["plugin"]["outputs"], node.outputs.size());
    EXPECT_EQ(AttributesOf(node), recorded["plugin"]["attrs"]);
    for (std::size_t i = 0; i < names.size(); ++i) {
      EXPECT_EQ(recorded["outputs"][i][0], names[i]);
      EXPECT_EQ(recorded["outputs"][i][1].size(), report.outputs[i].shape.size());
    }
  }
}

TEST_P(BackendTest, TheCheckerAcceptsEveryOpset) {
  for (const char* backend : {"tensorrt8", "tensorrt7", "horizonx3"}) {
    for (options_.opset = 11; options_.opset <= 17; options_.opset += 3) {
      ExportFor(backend);
      EXPECT_NO_THROW(onnx::write::CheckOnnxFile(options_.output))
          << backend << " " << options_.opset;
    }
  }
}

TEST_P(BackendTest, OpenVinoFilesGiveTheDetectionsOfTheOnnxRuntimeFile) {
  SpreadScores();
  const Outputs expected = Run("onnxruntime");
  Outputs given = Run("OpenVINO");
  EXPECT_EQ(given.at("num_dets").dtype(), DType::kInt64);
  given.at("num_dets") = given.at("num_dets").To(DType::kInt32);
  ExpectSameDetections(expected, given);
}

// `last` is `first` with its channels last.
void ExpectTransposed(const Tensor& first, const Tensor& last) {
  const tensor::Shape& shape = first.shape();
  ASSERT_EQ(last.shape(), (tensor::Shape{shape[0], shape[2], shape[3], shape[1]}));
  const std::int64_t area = shape[2] * shape[3];
  for (std::int64_t i = 0; i < first.size(); ++i) {
    const std::int64_t image = i / (shape[1] * area);
    const std::int64_t channel = i / area % shape[1];
    const std::int64_t at = (image * area + i % area) * shape[1] + channel;
    ASSERT_EQ(last.values<float>()[static_cast<std::size_t>(at)],
              first.values<float>()[static_cast<std::size_t>(i)]);
  }
}

TEST_P(BackendTest, CompilersGetTheRawHeads) {
  options_.model_only = true;
  const Outputs raw = Run("onnxruntime");
  options_.model_only = false;
  for (const char* backend : {"NCNN", "HorizonX3", "TorchScript"}) {
    SCOPED_TRACE(backend);
    const Outputs outputs = Run(backend);
    ASSERT_EQ(outputs.size(), raw.size());
    for (const auto& [name, tensor] : raw) ExpectTransposed(tensor, outputs.at(name));
  }
  for (const char* backend : {"rknn", "ax620a", "CoreML", "pplnn", "tvm"}) {
    const ExportReport report = ExportFor(backend);
    ASSERT_EQ(report.outputs.size(), raw.size());
    for (const TensorSummary& output : report.outputs) {
      EXPECT_EQ(output.shape, raw.at(output.name).shape()) << backend;
    }
  }
}

TEST_P(BackendTest, RawHeadsHaveEasydeploysShapes) {
  for (const char* backend : {"model-only", "ncnn", "horizonx3"}) {
    const json recorded = Recorded(backend);
    if (recorded.is_null()) continue;
    options_.model_only = true;
    const std::string name = std::string(backend) == "model-only" ? "onnxruntime" : backend;
    const ExportReport report = ExportFor(name);
    json shapes = json::array();
    for (const TensorSummary& output : report.outputs) shapes.push_back(output.shape);
    EXPECT_EQ(shapes, recorded["output_shapes"]) << backend;
  }
}

TEST_P(BackendTest, ClassAgnosticDetectionsAreThoseOfTheOnnxRuntimeFile) {
  SpreadScores();
  options_.class_agnostic = true;
  const Outputs expected = Run("onnxruntime");
  ExpectSameDetections(expected, Run("tensorrt8"));
  EXPECT_EQ(AttributesOf(PluginNode())["class_agnostic"], 1);
}

// What has nothing to do with the network is tested on one.
class BackendOptionsTest : public BackendTest {};

TEST_P(BackendOptionsTest, WhatTheBatchedPluginCannotDoIsRefused) {
  options_.class_agnostic = true;
  EXPECT_EQ(ErrorOf("tensorrt7"),
            "--class-agnostic cannot be had with the backend tensorrt7: its BatchedNMSDynamic_TRT "
            "only suppresses boxes of one class\nhint: use the backend tensorrt8, or merge the "
            "classes in the training config");
}

TEST_P(BackendOptionsTest, WhatTensorRtCannotDoIsRefused) {
  options_.keep_topk = 4097;
  EXPECT_EQ(ErrorOf("tensorrt8"),
            "--keep-topk is 4097, but the NMS plugin of tensorrt8 keeps at most 4096");
  EXPECT_EQ(ErrorOf("onnxruntime"), "no error");
  options_.keep_topk = 100;
  options_.height = 1024;
  options_.width = 1024;
  options_.pre_topk = 3841;
  EXPECT_THAT(ErrorOf("tensorrt7"),
              HasSubstr("--pre-topk is 3841, but TensorRT ranks at most 3840\nhint: give at most "
                        "3840, or at least "));
  options_.pre_topk = 3840;
  EXPECT_EQ(ErrorOf("tensorrt7"), "no error");
  options_.pre_topk = 1 << 20;
  EXPECT_EQ(ErrorOf("tensorrt8"), "no error");
  // --pre-topk would change nothing here.
  options_.from_test_cfg = true;
  options_.cfg_options = {"model.test_cfg.nms_pre=3841"};
  EXPECT_THAT(ErrorOf("tensorrt8"), HasSubstr("set model.test_cfg.nms_pre to at most 3840"));
}

TEST_P(BackendOptionsTest, UnknownBackendsAreNamed) {
  EXPECT_EQ(ErrorOf("tensorrt"),
            "unknown backend 'tensorrt'\nhint: known are: onnxruntime, openvino, tensorrt8, "
            "tensorrt7, ncnn, horizonx3, rknn, ax620a, coreml, pplnn, torchscript, tvm");
}

// Tried: pnnx makes layers of the casts that ncnn does not have; RKNN's simulator refuses bytes.
TEST_P(BackendOptionsTest, WhatACompilerRefusesIsNotWrittenForIt) {
  options_.half = true;
  EXPECT_EQ(ErrorOf("ncnn"),
            "ncnn takes no float16 weights: it refuses files with --half\n"
            "hint: leave --half out; its own tools store float16");
  options_.half = false;
  options_.input = "uint8";
  for (const std::string backend : {"ncnn", "rknn"}) {
    EXPECT_EQ(ErrorOf(backend), backend +
                                    " takes no inputs of bytes: it refuses files with --input "
                                    "uint8\nhint: leave --input out, and give its own tools the "
                                    "mean and std of the metadata");
  }
  EXPECT_EQ(ExportFor("tvm").inputs[0].dtype, "uint8");
}

TEST_P(BackendOptionsTest, NotesSayWhatTheUserMustKnow) {
  EXPECT_THAT(
      ExportFor("ncnn").notes,
      testing::Contains("ncnn takes no NMS: the file ends with the raw heads, channels last"));
  EXPECT_THAT(ExportFor("tvm").notes,
              testing::Contains("tvm takes no NMS: the file ends with the raw heads"));
  options_.opset = 12;
  EXPECT_THAT(ExportFor("tensorrt7").notes,
              testing::Contains("TensorRT 7 knows ONNX up to opset 11; this file is of opset 12"));
  options_.class_agnostic = true;
  EXPECT_THAT(ExportFor("tensorrt8").notes,
              testing::Contains("class-agnostic NMS needs TensorRT 8.6.1 or later: earlier ones "
                                "ignore it silently"));
}

INSTANTIATE_TEST_SUITE_P(Cases, BackendTest, testing::ValuesIn(test_support::CaseNames()),
                         test_support::NameOfCase);
INSTANTIATE_TEST_SUITE_P(Case, BackendOptionsTest,
                         testing::Values(test_support::CaseNames().front()),
                         test_support::NameOfCase);

}  // namespace
}  // namespace yoloport
