// Files of every layout hold what the plain file holds, under other names and for other pixels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "contract/model_card.h"
#include "detect/end_to_end.h"
#include "export/metadata_keys.h"
#include "onnx/outline/read_metadata.h"
#include "runtime/session.h"
#include "testing/cases/cases.h"
#include "testing/cases/rows.h"
#include "testing/cases/spread_network.h"
#include "testing/contents.h"
#include "testing/files/npz.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/export.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using tensor::Tensor;
using test_support::CasesFolder;
using test_support::Contents;
using testing::ElementsAre;
using testing::IsEmpty;
using Outputs = std::map<std::string, Tensor>;

// Columns `first` to `last` of N x K x C, as N x K x (last - first), or N x K of one.
Tensor Columns(const Tensor& rows, std::size_t first, std::size_t last) {
  const auto width = static_cast<std::size_t>(rows.shape()[2]);
  const auto from = rows.values<float>();
  std::vector<float> values;
  for (std::size_t row = 0; row < from.size(); row += width) {
    for (std::size_t i = first; i < last; ++i) values.push_back(from[row + i]);
  }
  tensor::Shape shape = {rows.shape()[0], rows.shape()[1]};
  if (last - first > 1) shape.push_back(static_cast<std::int64_t>(last - first));
  return Tensor::Of<float>(shape, std::move(values));
}

template <typename T>
std::vector<T> ToVector(const Tensor& tensor) {
  return {tensor.values<T>().begin(), tensor.values<T>().end()};
}

// What was normalised as the preprocessing says, as pixels from 0 to 1, red first.
Tensor Unprepared(const Tensor& images, const Preprocess& preprocess, float scale, bool rgb) {
  const auto from = images.values<float>();
  std::vector<float> to(from.size());
  const auto area = static_cast<std::size_t>(images.shape()[2] * images.shape()[3]);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t channel = i / area % 3;
    const std::size_t target = preprocess.rgb == rgb ? channel : 2 - channel;
    const float pixel = from[i] * preprocess.std[channel] + preprocess.mean[channel];
    to[i - channel * area + target * area] = pixel / scale;
  }
  return Tensor::Of<float>(images.shape(), std::move(to));
}

class LayoutsTest : public testing::TestWithParam<std::string> {
 protected:
  LayoutsTest() : images_(test_support::ReadNpz(CaseFolder() / "inputs.npz").at("images")) {
    fs::create_directories(folder_);
    options_.config = CaseFolder() / "config.py";
    options_.checkpoint = CaseFolder() / "checkpoint.pth";
    options_.batch = static_cast<int>(images_.shape()[0]);
    options_.height = static_cast<int>(images_.shape()[2]);
    options_.width = static_cast<int>(images_.shape()[3]);
    options_.checkpoint = test_support::WriteSpreadCheckpoint(
        options_, [&](const Preprocess&) { return std::vector{images_}; }, folder_);
  }
  ~LayoutsTest() override { fs::remove_all(folder_); }

  static fs::path CaseFolder() { return CasesFolder() / GetParam(); }

  fs::path Write(const std::string& layout, const std::string& backend = "onnxruntime") {
    options_.layout = layout;
    options_.backend = backend;
    options_.output = folder_ / (layout + ".onnx");
    Export(options_);
    return options_.output;
  }

  static contract::ModelCard InfoOf(const fs::path& model) {
    return contract::ModelCardFromJson(onnx::outline::ReadOnnxMetadata(model).at("yoloport"));
  }

  static Outputs Run(const fs::path& model, const Tensor& input) {
    const auto session = runtime::OpenSession(model, {});
    const std::vector<Tensor> results = session->Run({&input, 1});
    Outputs outputs;
    for (std::size_t i = 0; i < results.size(); ++i) {
      outputs[session->outputs()[i].name] = results[i];
    }
    return outputs;
  }

  void ExpectNear(const Outputs& expected, const Outputs& actual) const {
    for (std::int64_t image = 0; image < images_.shape()[0]; ++image) {
      const auto wanted = test_support::Rows(expected, image, 100);
      const auto rows = test_support::Rows(actual, image, 100);
      EXPECT_GT(wanted.size(), 5U) << "too little to compare";
      EXPECT_EQ(rows.size(), wanted.size());
      EXPECT_EQ(test_support::Matched(wanted, rows, {1e-3F, 0.05F}), wanted.size());
    }
  }

  Tensor images_;
  ExportOptions options_;
  fs::path folder_ = fs::path(testing::TempDir()) / ("layouts_test_" + std::to_string(::getpid()));
};

TEST_P(LayoutsTest, MmdeployHoldsTheSame) {
  const Outputs plain = Run(Write("mmyolo"), images_);
  const Outputs other = Run(Write("mmdeploy"), images_);
  ASSERT_EQ(other.size(), 2U);
  EXPECT_EQ(ToVector<float>(Columns(other.at("dets"), 0, 4)), ToVector<float>(plain.at("boxes")));
  EXPECT_EQ(ToVector<float>(Columns(other.at("dets"), 4, 5)), ToVector<float>(plain.at("scores")));
  EXPECT_EQ(ToVector<std::int32_t>(other.at("labels")), ToVector<std::int32_t>(plain.at("labels")));
}

TEST_P(LayoutsTest, UltralyticsTakesItsRunnersPixels) {
  const fs::path plain = Write("mmyolo");
  const Outputs expected = Run(plain, images_);
  const fs::path model = Write("ultralytics");
  const contract::ModelCard info = InfoOf(model);
  EXPECT_TRUE(info.preprocess.rgb);
  EXPECT_THAT(info.preprocess.mean, ElementsAre(0, 0, 0));
  EXPECT_THAT(info.preprocess.std, ElementsAre(255, 255, 255));
  EXPECT_EQ(info.preprocess.rounding, Rounding::kHalfEven);
  EXPECT_EQ(info.preprocess.pad_side, PadSide::kCenter);
  const Outputs found = Run(model, Unprepared(images_, InfoOf(plain).preprocess, 255, true));
  const Tensor& rows = found.at("output0");
  ASSERT_EQ(rows.shape(), (tensor::Shape{images_.shape()[0], 100, 6}));
  const Outputs actual = {{"num_dets", expected.at("num_dets")},
                          {"boxes", Columns(rows, 0, 4)},
                          {"scores", Columns(rows, 4, 5)},
                          {"labels", Columns(rows, 5, 6).To(tensor::DType::kInt32)}};
  ExpectNear(expected, actual);
}

TEST_P(LayoutsTest, EfficientNmsHasThePluginsNames) {
  const fs::path plain = Write("mmyolo", "tensorrt8");
  const Outputs expected = Run(plain, images_);
  const fs::path model = Write("efficientnms", "tensorrt8");
  const Preprocess preprocess = InfoOf(plain).preprocess;
  const bool one_scale =
      preprocess.std[0] == preprocess.std[1] && preprocess.std[1] == preprocess.std[2];
  // DeepStream has one scale for all channels; the graph does what it cannot.
  EXPECT_EQ(InfoOf(model).preprocess.std[0], one_scale ? preprocess.std[0] : 1);
  const Outputs found =
      Run(model, one_scale ? images_ : Unprepared(images_, preprocess, 1, preprocess.rgb));
  ASSERT_EQ(found.size(), 4U);
  ExpectNear(expected, {{"num_dets", found.at("num_detections")},
                        {"boxes", found.at("detection_boxes")},
                        {"scores", found.at("detection_scores")},
                        {"labels", found.at("detection_classes")}});
}

INSTANTIATE_TEST_SUITE_P(Cases, LayoutsTest,
                         testing::Values("yolov5_n", "yolov8_n", "rtmdet_tiny", "yolox_tiny",
                                         "ppyoloe_plus_s"),
                         [](const auto& test) { return test.param; });

// The demo's network, which is a trained one.
class DemoLayoutsTest : public testing::Test {
 protected:
  DemoLayoutsTest() { fs::create_directories(folder_); }
  ~DemoLayoutsTest() override { fs::remove_all(folder_); }

  static ExportOptions Demo(const std::string& layout) {
    ExportOptions options;
    options.config = "demo/config.py";
    options.checkpoint = "demo/digits.pth";
    options.height = options.width = 320;
    options.layout = layout;
    return options;
  }
  fs::path Write(ExportOptions options) const {
    options.output = folder_ / "model.onnx";
    Export(options);
    return options.output;
  }
  // An export must fail with this, and leave the folder as it is.
  void ExpectError(ExportOptions options, const std::string& message) const {
    options.output = folder_ / "model.onnx";
    const auto files = std::distance(fs::directory_iterator(folder_), {});
    try {
      Export(options);
      ADD_FAILURE() << "no error instead of " << message;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), message);
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), files);
  }

  fs::path folder_ = fs::path(testing::TempDir()) / ("demo_layouts_" + std::to_string(::getpid()));
};

// `detect` reads them all. Images for Ultralytics are prepared its way, so a little differs.
TEST_F(DemoLayoutsTest, DetectorReadsEveryLayout) {
  const Image page = ReadImage("demo/page1.png");
  const auto expected = Detector(Write(Demo("mmyolo"))).Detect(page.view());
  ASSERT_GT(expected.size(), 5U);
  for (const char* layout : {"ultralytics", "mmdeploy", "efficientnms"}) {
    ExportOptions options = Demo(layout);
    if (options.layout == "efficientnms") options.backend = "tensorrt8";
    for (const bool dynamic : {false, true}) {
      options.dynamic_batch = options.dynamic_size = dynamic;
      const Detector detector(Write(options));
      EXPECT_THAT(detector.warnings(), IsEmpty()) << layout;
      const auto found = detector.Detect(page.view());
      ASSERT_EQ(found.size(), expected.size()) << layout;
      const float pixels = options.layout == "ultralytics" ? 2 : 0.01F;
      for (std::size_t i = 0; i < found.size(); ++i) {
        const auto same = [&](const Detection& other) {
          bool near = other.label == expected[i].label;
          for (std::size_t side = 0; side < 4; ++side) {
            near = near && std::abs(other.box[side] - expected[i].box[side]) < pixels;
          }
          return near;
        };
        EXPECT_TRUE(std::any_of(found.begin(), found.end(), same)) << layout << " " << i;
      }
    }
  }
}

TEST_F(DemoLayoutsTest, KeysForUltralyticsRunners) {
  const auto keys = [&](bool batch, bool size, int images) {
    ExportOptions options = Demo("ultralytics");
    options.dynamic_batch = batch;
    options.dynamic_size = size;
    options.batch = images;
    auto all = onnx::outline::ReadOnnxMetadata(Write(options));
    EXPECT_EQ(all["channels"], "3");
    EXPECT_EQ(all["end2end"], "True");
    EXPECT_EQ(all["imgsz"], "[320, 320]");
    EXPECT_EQ(all["task"], "detect");
    return all["batch"] + " " + all["args"];
  };
  EXPECT_EQ(keys(false, false, 1), "1 {'batch': 1, 'half': False, 'dynamic': False, 'nms': True}");
  EXPECT_EQ(keys(false, false, 4), "4 {'batch': 4, 'half': False, 'dynamic': False, 'nms': True}");
  EXPECT_EQ(keys(true, false, 1), "1 {'batch': 1, 'half': False, 'dynamic': False, 'nms': True}");
  EXPECT_EQ(keys(false, true, 1), "1 {'batch': 1, 'half': False, 'dynamic': True, 'nms': True}");
  EXPECT_EQ(keys(true, true, 1), "1 {'batch': 1, 'half': False, 'dynamic': True, 'nms': False}");
}

TEST(MetadataKeysTest, NamesAreOnePythonLiteral) {
  contract::ModelCard info;
  info.type = "yolov5";
  info.classes = {"it's", "back\\slash", "two\nlines", "tab\there"};
  EXPECT_EQ(exporting::MetadataKeys(info).at("names"),
            R"({0: 'it\'s', 1: 'back\\slash', 2: 'two\x0alines', 3: 'tab\x09here'})");
}

TEST_F(DemoLayoutsTest, MmdeployFiles) {
  ExportOptions options = Demo("mmdeploy");
  options.batch = 2;
  Write(options);
  const json deploy = json::parse(Contents(folder_ / "deploy.json"));
  EXPECT_EQ(deploy["task"], "Detector");
  EXPECT_EQ(deploy["models"],
            json::parse(R"([{"name": "yolodetector", "net": "model.onnx", "weights": "",
                             "backend": "onnxruntime", "precision": "FP32", "batch_size": 2,
                             "dynamic_shape": false}])"));
  const json tasks = json::parse(Contents(folder_ / "pipeline.json"))["pipeline"]["tasks"];
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks[0]["transforms"][1]["type"], "LetterResize");
  EXPECT_EQ(tasks[0]["transforms"][1]["scale"], json({320, 320}));
  EXPECT_EQ(tasks[0]["transforms"][2]["std"], json({255.0, 255.0, 255.0}));
  EXPECT_EQ(tasks[1]["input_map"], json::parse(R"({"img": "images"})"));
  EXPECT_EQ(tasks[2]["component"], "ResizeBBox");
  const json detail = json::parse(Contents(folder_ / "detail.json"));
  EXPECT_EQ(detail["codebase"]["pth"], "digits.pth");
  EXPECT_EQ(detail["onnx_config"]["output_names"], json({"dets", "labels"}));
}

// Other runners resize once.
TEST_F(DemoLayoutsTest, TwoResizesAreNoted) {
  for (const char* layout : {"ultralytics", "mmdeploy"}) {
    ExportOptions options = Demo(layout);
    options.cfg_options = {"test_dataloader.dataset.pipeline.1.scale=(640,640)"};
    options.output = folder_ / "twice.onnx";
    EXPECT_THAT(Export(options).notes,
                testing::Contains(testing::AnyOf(
                    testing::HasSubstr("resizes once"),
                    testing::HasSubstr("leaves out YOLOv5KeepRatioResize to edges of 640"))));
  }
}

// The transforms of a family that pads on one side.
TEST_F(DemoLayoutsTest, MmdeployPadsAsThePreprocessingSays) {
  ExportOptions options = Demo("mmdeploy");
  options.config = CasesFolder() / "yolox_tiny/config.py";
  options.checkpoint = CasesFolder() / "yolox_tiny/checkpoint.pth";
  options.height = 320;
  options.width = 416;
  Write(options);
  const json steps =
      json::parse(Contents(folder_ / "pipeline.json"))["pipeline"]["tasks"][0]["transforms"];
  EXPECT_EQ(steps[1], json::parse(R"({"type": "Resize", "keep_ratio": true, "size": [416, 320],
                                      "interpolation": "bilinear"})"));
  EXPECT_EQ(steps[2], json::parse(R"({"type": "Pad", "size": [416, 320],
                                      "pad_val": {"img": [114.0, 114.0, 114.0]}})"));
}

TEST_F(DemoLayoutsTest, FilesOfMmdeploysThatBelongToAnotherModelStay) {
  std::ofstream(folder_ / "pipeline.json") << "mine";
  ExportOptions options = Demo("mmdeploy");
  ExpectError(options, "the file " + base::Quote((folder_ / "pipeline.json").native()) +
                           ", which --layout mmdeploy writes beside the model, is there already "
                           "without a model of this name\n"
                           "hint: give a folder of its own with --output, as mmdeploy's SDK wants "
                           "it, or remove that file");
  EXPECT_EQ(Contents(folder_ / "pipeline.json"), "mine");
  fs::remove(folder_ / "pipeline.json");
  Write(options);
  Write(options);  // its own are written anew
}

TEST_F(DemoLayoutsTest, NothingIsWrittenWhereAFileOfMmdeploysIsInTheWay) {
  fs::create_directories(folder_ / "pipeline.json");
  ExpectError(Demo("mmdeploy"), base::Quote((folder_ / "pipeline.json").native()) +
                                    ": cannot be written: it is a directory");
}

TEST_F(DemoLayoutsTest, RefusesWhatMakesNoSense) {
  ExpectError(Demo("coco"),
              "unknown --layout 'coco'\n"
              "hint: known are: mmyolo, ultralytics, mmdeploy, efficientnms");
  ExportOptions options = Demo("ultralytics");
  options.model_only = true;
  ExpectError(options,
              "--layout ultralytics is one of detections, and the file is to end with the raw "
              "heads\nhint: leave --model-only out, and use a backend that has NMS");
  options = Demo("mmdeploy");
  options.backend = "ncnn";
  ExpectError(options,
              "--layout mmdeploy is one of detections, and the file is to end with the raw "
              "heads\nhint: leave --model-only out, and use a backend that has NMS");
  options.backend = "openvino";
  ExpectError(
      options,
      "--layout mmdeploy cannot be had with the backend openvino: of ONNX files, mmdeploy's "
      "SDK runs those for ONNX Runtime only\nhint: use the backend onnxruntime");
  options = Demo("ultralytics");
  options.backend = "tensorrt8";
  ExpectError(options,
              "--layout ultralytics cannot be had with the backend tensorrt8: Ultralytics' runners "
              "have no NMS plugins\nhint: use the backend onnxruntime or openvino");
  options = Demo("ultralytics");
  options.input = "uint8";
  ExpectError(options,
              "--layout ultralytics takes --input float32, not uint8: its runner gives floats");
  ExpectError(Demo("efficientnms"),
              "--layout efficientnms cannot be had with the backend onnxruntime: it has the "
              "outputs of TensorRT's plugin EfficientNMS_TRT\nhint: use the backend tensorrt8");
}

TEST_F(DemoLayoutsTest, RefusesToOverwriteAnInputWithAFileOfMmdeploys) {
  fs::copy_file("demo/config.py", folder_ / "detail.json");
  fs::create_symlink(folder_ / "detail.json", folder_ / "config.py");
  ExportOptions options = Demo("mmdeploy");
  options.config = folder_ / "config.py";
  ExpectError(options, "the output " + base::Quote((folder_ / "detail.json").native()) +
                           " would overwrite an input\nhint: give another name with --output");
}

TEST(EndToEndLayoutsTest, RowsOfOtherWidthsAreErrors) {
  const Tensor rows = Tensor::Of<float>({1, 2, 4}, std::vector<float>(8, 0));
  const std::vector<Tensor> outputs = {rows};
  const detect::EndToEndOutputs where = {contract::OutputLayout::kUltralytics, 0, 0, 0, 0};
  detect::WrongAnswers wrong(0);
  try {
    detect::ReadEndToEnd(where, outputs, 1, 0, "m.onnx", wrong);
    FAIL() << "no error";
  } catch (const ModelError& error) {
    EXPECT_EQ(error.message(), "'m.onnx': gave detections 1x2x4; expected NxKx6");
  }
}

TEST(EndToEndLayoutsTest, RawHeadsAreNoDetections) {
  const runtime::ValueInfo head = {"output0", tensor::DType::kFloat32, {1, 255, 80, 6}};
  EXPECT_FALSE(detect::FindEndToEnd(std::span(&head, 1)).has_value());
}

}  // namespace
}  // namespace yoloport
