// `yoloport set`: a file with other thresholds is the file that an export with them writes.
#include "yoloport/set.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "contract/model_card.h"
#include "export/metadata_keys.h"
#include "graph/graph.h"
#include "graph/ops.h"
#include "onnx/write/writer.h"
#include "testing/cases/cases.h"
#include "testing/contents.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/error.h"
#include "yoloport/export.h"
#include "yoloport/inspect.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using onnx::write::WriteOnnx;
using tensor::DType;
using test_support::Contents;

contract::ModelCard Info() {
  contract::ModelCard info;
  info.type = "yolov5";
  info.classes = {"a", "b", "c"};
  return info;
}

class SetTest : public testing::Test {
 protected:
  SetTest() { fs::create_directories(folder_); }
  ~SetTest() override { fs::remove_all(folder_); }

  static ExportOptions Demo() {
    ExportOptions options;
    options.config = "demo/config.py";
    options.checkpoint = "demo/digits.pth";
    options.height = options.width = 64;
    return options;
  }
  fs::path Write(ExportOptions options, const char* name) const {
    options.output = folder_ / name;
    Export(options);
    return options.output;
  }
  // What SetThresholds says; the model must be as it was, and nothing else there.
  std::string ErrorOf(const SetOptions& options) const {
    const std::string before = Contents(options.model);
    const auto files = std::distance(fs::directory_iterator(folder_), {});
    std::string message = "no error";
    try {
      SetThresholds(options);
    } catch (const Error& error) {
      message = error.what();
    }
    EXPECT_EQ(Contents(options.model), before);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), files);
    return message;
  }

  fs::path folder_ = fs::path(testing::TempDir()) / ("set_test_" + std::to_string(::getpid()));
};

// Every variant of a file, and every change: byte for byte what an export gives.
TEST_F(SetTest, EqualsAFreshExport) {
  std::vector<ExportOptions> variants(8, Demo());
  variants[1].batch = 3;
  variants[2].dynamic_batch = variants[2].dynamic_size = true;
  variants[3].runtime_thresholds = true;
  variants[4].class_agnostic = variants[4].half = true;
  variants[4].batch = 2;
  variants[5].layout = "ultralytics";
  variants[5].dynamic_batch = true;
  variants[6].layout = "mmdeploy";
  variants[7].layout = "efficientnms";
  variants[7].backend = "tensorrt8";
  for (const ExportOptions& variant : variants) {
    const fs::path model = Write(variant, "model.onnx");
    const std::vector<SetOptions> changes = {
        {.score_threshold = 0.4, .keep_topk = 1000},
        {.iou_threshold = 0.5},
        {.score_threshold = 0, .iou_threshold = 1, .keep_topk = 1},
    };
    for (SetOptions change : changes) {
      change.model = model;
      change.output = folder_ / "changed.onnx";
      SetThresholds(change);
      ExportOptions fresh = variant;
      fresh.score_threshold = change.score_threshold.value_or(variant.score_threshold);
      fresh.iou_threshold = change.iou_threshold.value_or(variant.iou_threshold);
      fresh.keep_topk = change.keep_topk.value_or(variant.keep_topk);
      EXPECT_TRUE(Contents(change.output) == Contents(Write(fresh, "fresh.onnx")));
      EXPECT_FALSE(Contents(change.output) == Contents(model));
    }
  }
}

TEST_F(SetTest, InPlaceAndBack) {
  const fs::path model = Write(Demo(), "model.onnx");
  const std::string before = Contents(model);
  SetThresholds({.model = model, .score_threshold = 0.9, .keep_topk = 3});
  EXPECT_FALSE(Contents(model) == before);
  EXPECT_NE(InspectModel(model, false).find("score 0.9, IoU 0.65, pre-topk 1000, keep-topk 3\n"),
            std::string::npos);
  SetThresholds({.model = model, .score_threshold = 0.25, .keep_topk = 100});
  EXPECT_TRUE(Contents(model) == before);
}

TEST_F(SetTest, InspectTellsThatABoxHasOneClass) {
  ExportOptions options = Demo();
  options.from_test_cfg = true;
  for (const bool multi_label : {true, false}) {
    options.cfg_options = {std::string("model.test_cfg.multi_label=") +
                           (multi_label ? "True" : "False")};
    const std::string text = InspectModel(Write(options, "model.onnx"), false);
    EXPECT_EQ(text.find(", one class a box") == std::string::npos, multi_label);
  }
}

TEST_F(SetTest, RefusesWhatItCannotChange) {
  const fs::path model = Write(Demo(), "model.onnx");
  EXPECT_EQ(ErrorOf({.model = model}),
            "nothing is to be changed\n"
            "hint: give --score-threshold, --iou-threshold or --keep-topk");
  EXPECT_EQ(ErrorOf({.model = model, .score_threshold = 1.5}),
            "--score-threshold is 1.5, which is not between 0 and 1");
  EXPECT_EQ(ErrorOf({.model = model, .keep_topk = 0}),
            "--keep-topk is 0, which is not between 1 and 1048576");
  ExportOptions raw = Demo();
  raw.model_only = true;
  const fs::path heads = Write(raw, "raw.onnx");
  EXPECT_EQ(ErrorOf({.model = heads, .score_threshold = 0.5}),
            "'" + heads.native() +
                "': ends with the raw heads and has no thresholds\n"
                "hint: yoloport detect takes them on its command line");
  const fs::path text = folder_ / "text.onnx";
  std::ofstream(text) << "hello";
  EXPECT_EQ(ErrorOf({.model = text, .score_threshold = 0.5}),
            "'" + text.native() + "': is not an ONNX file");
}

TEST_F(SetTest, RefusesToWriteOntoTheFileWithTheWeights) {
  std::ofstream(folder_ / "w.bin") << "01234567";
  fs::create_symlink("w.bin", folder_ / "link.onnx");
  const fs::path model = folder_ / "model.onnx";
  std::ofstream(model) << test_support::tiny_onnx::Model()
                              .ExternalConstant("w", test_support::tiny_onnx::kFloat, {2}, "w.bin")
                              .Metadata("yoloport", contract::ToJson(Info()))
                              .Serialised();
  for (const char* output : {"w.bin", "link.onnx"}) {
    EXPECT_EQ(ErrorOf({.model = model, .output = folder_ / output, .score_threshold = 0.5}),
              "the output '" + (folder_ / output).native() +
                  "' would overwrite the model's weights\nhint: give another name with --output");
  }
  EXPECT_EQ(Contents(folder_ / "w.bin"), "01234567");
}

TEST_F(SetTest, RefusesForeignAndBrokenFiles) {
  graph::Graph g(11);
  g.Output(graph::Relu(g.Input("x", DType::kFloat32, {1})), "y");
  const fs::path foreign = folder_ / "foreign.onnx";
  WriteOnnx(g, {"1", "net"}, foreign);
  EXPECT_EQ(ErrorOf({.model = foreign, .score_threshold = 0.5}),
            "'" + foreign.native() +
                "': was not written by yoloport\n"
                "hint: its thresholds are not known; export it with yoloport");
  WriteOnnx(g, {"1", "net"}, foreign, [](const auto&) {
    return std::map<std::string, std::string>{{"yoloport", contract::ToJson(Info())}};
  });
  EXPECT_EQ(ErrorOf({.model = foreign, .iou_threshold = 0.5}),
            "'" + foreign.native() +
                "': its graph has no IoU threshold that can be changed\n"
                "hint: export it again");
}

// The plugins of TensorRT carry their thresholds as attributes.
fs::path WritePlugin(const fs::path& path, const char* op, bool batched, double score, double iou,
                     std::int64_t keep) {
  graph::Graph g(11);
  const graph::Value boxes = g.Input("in_boxes", DType::kFloat32, {2, 50, 4});
  const graph::Value scores = g.Input("in_scores", DType::kFloat32, {2, 50, 3});
  std::map<std::string, graph::Attribute> attributes;
  attributes["plugin_version"] = std::string("1");
  attributes[batched ? "scoreThreshold" : "score_threshold"] = static_cast<float>(score);
  attributes[batched ? "iouThreshold" : "iou_threshold"] = static_cast<float>(iou);
  attributes[batched ? "keepTopK" : "max_output_boxes"] = keep;
  if (batched) attributes["topK"] = std::max<std::int64_t>(50, keep);
  const auto outputs = graph::CustomOp("TRT", op, {boxes, scores}, attributes,
                                       {{DType::kInt32, {2, 1}},
                                        {DType::kFloat32, {2, keep, 4}},
                                        {DType::kFloat32, {2, keep}},
                                        {DType::kInt32, {2, keep}}});
  const char* names[] = {"num_dets", "boxes", "scores", "labels"};
  for (std::size_t i = 0; i < outputs.size(); ++i) g.Output(outputs[i], names[i]);
  contract::ModelCard info = Info();
  info.nms = {.score_threshold = score, .iou_threshold = iou, .pre_topk = 50, .keep_topk = keep};
  WriteOnnx(g, {"1", "net"}, path, [&](const auto&) { return exporting::MetadataKeys(info); });
  return path;
}

TEST_F(SetTest, ChangesTensorRtPlugins) {
  for (const bool batched : {false, true}) {
    const char* op = batched ? "BatchedNMSDynamic_TRT" : "EfficientNMS_TRT";
    const fs::path model = WritePlugin(folder_ / "model.onnx", op, batched, 0.25, 0.65, 100);
    const fs::path fresh = WritePlugin(folder_ / "fresh.onnx", op, batched, 0.5, 0.25, 20);
    const SetOptions change = {
        .model = model, .score_threshold = 0.5, .iou_threshold = 0.25, .keep_topk = 20};
    SetThresholds(change);
    EXPECT_TRUE(Contents(model) == Contents(fresh)) << op;
    EXPECT_EQ(ErrorOf({.model = model, .keep_topk = 5000}),
              "--keep-topk is 5000; TensorRT's plugins take at most 4096");
  }
}

TEST_F(SetTest, IncompleteFilesAreErrors) {
  const fs::path whole =
      WritePlugin(folder_ / "whole.onnx", "EfficientNMS_TRT", false, 0.2, 0.6, 9);
  const std::string bytes = Contents(whole);
  const fs::path cut = folder_ / "cut.onnx";
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    std::ofstream(cut, std::ios::binary | std::ios::trunc) << bytes.substr(0, length);
    EXPECT_NE(ErrorOf({.model = cut, .score_threshold = 0.5}), "no error") << length;
    try {
      InspectModel(cut, length % 2 == 0);
    } catch (const Error&) {  // or it says what is there
    }
  }
}

}  // namespace
}  // namespace yoloport
