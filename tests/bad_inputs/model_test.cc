// Entries 49 to 54 and 87 of the catalogue in docs/security.md: ONNX files for `detect` and `set`.
#include "bad_inputs/bad_input.h"
#include "testing/files/tiny_onnx.h"

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;
using test_support::tiny_onnx::Bytes;
using test_support::tiny_onnx::Model;
using test_support::tiny_onnx::Number;

class BadModel : public BadInput {
 protected:
  BadModel() { fs::copy_file(source_ / "demo/page1.png", folder_ / "page.png"); }

  void ExpectBadModel(const std::string& model, const std::string& message) const {
    Write("model.onnx", model);
    ExpectRefused({"detect", "page.png", "model.onnx", "--out-dir", "out"}, message);
  }

  // A model of one weight whose data lie in another file.
  static std::string External(const std::string& location, const std::string& offset = "0",
                              const std::string& length = "16") {
    const auto entry = [](const std::string& key, const std::string& value) {
      return Bytes(13, Bytes(1, key) + Bytes(2, value));
    };
    const std::string tensor = Number(1, 4) + Number(2, 1) + Bytes(8, "w") +
                               entry("location", location) + entry("offset", offset) +
                               entry("length", length) + Number(14, 1);
    return Number(1, 7) + Bytes(8, Number(2, 11)) + Bytes(7, Bytes(5, tensor) + Bytes(2, "g"));
  }

  static Model Image() {
    return Model().Input("images", test_support::tiny_onnx::kFloat, {1, 3, 32, 32});
  }
};

TEST_F(BadModel, E49ExternalDataOutsideTheFolder) {
  ExpectBadModel(External("/etc/passwd"),
                 "error: 'model.onnx': the data of tensor 'w' are said to be in '/etc/passwd', "
                 "outside the model's folder\n"
                 "hint: files that a model names are read from the model's own folder only\n");
  ExpectBadModel(External("../data.bin"),
                 "error: 'model.onnx': the data of tensor 'w' are said to be in '../data.bin', "
                 "outside the model's folder\n"
                 "hint: files that a model names are read from the model's own folder only\n");
  ExpectBadModel(External("a/../../data.bin"),
                 "error: 'model.onnx': the data of tensor 'w' are said to be in "
                 "'a/../../data.bin', outside the model's folder\n"
                 "hint: files that a model names are read from the model's own folder only\n");
  ExpectBadModel(External(""),
                 "error: 'model.onnx': the data of tensor 'w' are said to be in '', outside the "
                 "model's folder\n"
                 "hint: files that a model names are read from the model's own folder only\n");
  fs::create_symlink("/etc/passwd", folder_ / "link.bin");
  ExpectBadModel(External("link.bin"),
                 "error: 'model.onnx': the data of tensor 'w' are in 'link.bin', a link out of the "
                 "model's folder\n"
                 "hint: files that a model names are read from the model's own folder only\n");
  fs::create_directory_symlink("/etc", folder_ / "linked");
  ExpectBadModel(External("linked/passwd"),
                 "error: 'model.onnx': the data of tensor 'w' are in 'linked/passwd', a link out "
                 "of the model's folder\n"
                 "hint: files that a model names are read from the model's own folder only\n");
  ExpectBadModel(External("missing.bin"),
                 "error: 'model.onnx': the data of tensor 'w' are in 'missing.bin': No such file "
                 "or directory\n");
}

TEST_F(BadModel, E50ExternalOffsets) {
  Write("data.bin", std::string(16, '\0'));
  ExpectBadModel(
      External("data.bin", "-1"),
      "error: 'model.onnx': the data of tensor 'w' are said to be '16' bytes at byte '-1' of "
      "'data.bin', which has 16\n"
      "hint: the model or its data file is damaged or incomplete: export or download both again\n");
  ExpectBadModel(
      External("data.bin", "9223372036854775807"),
      "error: 'model.onnx': the data of tensor 'w' are said to be '16' bytes at byte "
      "'9223372036854775807' of 'data.bin', which has 16\n"
      "hint: the model or its data file is damaged or incomplete: export or download both again\n");
  ExpectBadModel(
      External("data.bin", "0", "17"),
      "error: 'model.onnx': the data of tensor 'w' are said to be '17' bytes at byte '0' of "
      "'data.bin', which has 16\n"
      "hint: the model or its data file is damaged or incomplete: export or download both again\n");
  ExpectBadModel(
      External("data.bin", "99999999999999999999999"),
      "error: 'model.onnx': the data of tensor 'w' are said to be '16' bytes at byte "
      "'99999999999999999999999' of 'data.bin', which has 16\n"
      "hint: the model or its data file is damaged or incomplete: export or download both again\n");
}

TEST_F(BadModel, E52OpsetsAndOperators) {
  std::string model = Image().Node("Relu", {"images"}, "y").Serialised();
  const std::string opset = Bytes(8, Number(2, 11));
  model.replace(model.find(opset), opset.size(), Bytes(8, Number(2, 99)));
  ExpectBadModel(model,
                 "error: 'model.onnx': needs opset 99 of ONNX, which is not known\n"
                 "hint: known are 1 to 26\n");
  ExpectBadModel(Image().Node("Frobnicate", {"images"}, "y").Serialised(),
                 "error: 'model.onnx': node '' is of type 'Frobnicate', an operator that ONNX does "
                 "not have\n");
}

TEST_F(BadModel, E52Circles) {
  ExpectBadModel(Image().Node("Add", {"images", "b"}, "a").Node("Relu", {"a"}, "b").Serialised(),
                 "error: 'model.onnx': is no graph: node '' ('Add') waits for its own result\n");
  ExpectBadModel(Image().Node("Add", {"a", "images"}, "a").Serialised(),
                 "error: 'model.onnx': is no graph: node '' ('Add') waits for its own result\n");
}

TEST_F(BadModel, E52NestedGraphs) {
  std::string graph = Bytes(2, "g");
  for (int i = 0; i < 5'000; ++i) graph = Bytes(1, Bytes(4, "If") + Bytes(5, Bytes(6, graph)));
  ExpectBadModel(Number(1, 7) + Bytes(8, Number(2, 11)) + Bytes(7, graph),
                 "error: 'model.onnx': has graphs nested deeper than 32\n");
}

TEST_F(BadModel, E53OutputsThatNoTypeFits) {
  const auto features = [](const char* op, const std::vector<std::int64_t>& shape) {
    return Image()
        .Node(op, {"images"}, "features")
        .Output("features", test_support::tiny_onnx::kFloat, shape)
        .Serialised();
  };
  ExpectBadModel(features("Flatten", {1, 3072}),
                 "error: 'model.onnx': has neither the outputs num_dets, boxes, scores and labels "
                 "nor maps of raw heads; it has 'features' 1x3072\n");
  Write("model.onnx", features("Relu", {1, 3, 32, 32}));
  ExpectRefused({"detect", "page.png", "model.onnx"},
                "error: 'model.onnx': ends with raw heads and does not say of which type; its "
                "outputs are 'features' 1x3x32x32\n"
                "hint: give --type, one of yolov5, yolox, yolov6, ppyoloe, ppyoloep, yolov7, "
                "rtmdet, yolov8\n",
                2);
  ExpectRefused({"detect", "page.png", "model.onnx", "--type", "yolov8"},
                "error: 'model.onnx': its outputs are not those of yolov8 with 80 classes: needed "
                "are Nx144x4x4 (80 classes + 4 x 16 bins); the file has 'features' 1x3x32x32\n"
                "hint: which type, classes, anchors and strides it has is said by --type, "
                "--num-classes or --class-names, --anchors and --strides\n");
}

TEST_F(BadModel, E54BrokenMetadata) {
  std::string model = test_support::Contents(source_ / "testdata/detect/brightness.onnx");
  const std::size_t at = model.find("\"format\":1");
  ASSERT_NE(at, std::string::npos);
  model[at] = 'x';
  Write("model.onnx", model);
  const test_support::Outcome outcome =
      Run({"detect", "page.png", "model.onnx", "--json", "-", "--no-save"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err.find("warning: 'model.onnx': metadata: "), 0U) << outcome.err;
  EXPECT_NE(outcome.out.find("\"class\":\"class_1\""), std::string::npos) << outcome.out;
}

TEST_F(BadModel, NoOnnxAtAll) {
  ExpectBadModel("", "error: 'model.onnx': is not an ONNX file: it is empty\n");
  ExpectBadModel("PK\x03\x04",
                 "error: 'model.onnx': is not an ONNX file: it looks like a zip archive, such as a "
                 ".pth checkpoint\n");
}

// `set` reads the whole graph.
TEST_F(BadModel, E87WhatIsNotAGraph) {
  const auto expect = [&](const Model& model, const std::string& what) {
    Write("model.onnx", model.Serialised());
    ExpectRefused({"set", "model.onnx", "--score-threshold", "0.5"},
                  "error: 'model.onnx': " + what +
                      "\nhint: the file is damaged: export or download it again\n");
  };
  expect(Image().Node("Add", {"images", "b"}, "a"),
         "the node '' ('Add') reads 'b', which no input, weight or node gives");
  expect(Image().Output("b", test_support::tiny_onnx::kFloat, {1}),
         "no input, weight or node gives the output 'b'");
  expect(Image().Node("Relu", {"images"}, "a").Node("Relu", {"images"}, "a"),
         "two inputs, weights or results are called 'a'");
  expect(Image().Constant<float>("w", test_support::tiny_onnx::kFloat, {std::int64_t{1} << 40},
                                 {1, 2}),
         "the tensor 'w', float32 of shape 1099511627776, has 8 bytes of elements; expected "
         "4398046511104");
}

}  // namespace
}  // namespace yoloport::bad_inputs
