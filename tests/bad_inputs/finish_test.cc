// ONNX files for `finish`: entries 88 to 90 of the catalogue in docs/security.md.
#include "bad_inputs/bad_input.h"
#include "bad_inputs/costly_names.h"
#include "testing/files/tiny_onnx.h"

namespace yoloport::bad_inputs {
namespace {

using test_support::tiny_onnx::kFloat;
using test_support::tiny_onnx::Model;

class BadRawFile : public BadInput {
 protected:
  static Model Image() { return Model().Input("images", kFloat, {1, 3, 32, 32}); }

  void ExpectBad(const Model& model, const std::string& message) const {
    Write("raw.onnx", model.Serialised());
    ExpectRefused({"finish", "raw.onnx", "--type", "rtmdet", "--num-classes", "2"},
                  "error: 'raw.onnx': " + message);
  }
};

constexpr const char* kNoHeads =
    "does not end with raw heads: expected outputs of floats, N x channels x height x width; it "
    "has ";
constexpr const char* kOutputsHint =
    "\nhint: --outputs names the values within the file that are the heads\n";

// Types are inferred by libonnx, which divides by these.
TEST_F(BadRawFile, E88AttributesThatWouldBeDividedBy) {
  const auto conv = [](const std::string& attributes) {
    return Image()
        .Constant<float>("w", kFloat, {6, 3, 1, 1}, std::vector<float>(18))
        .Node("Conv", {"images", "w"}, "x", attributes)
        .Node("Relu", {"x"}, "y")
        .Output("y", kFloat, {});
  };
  const std::string y = std::string(kNoHeads) + "'y' float32 scalar" + kOutputsHint;
  ExpectBad(conv(Model::Ints("strides", {0, 0})), y);
  ExpectBad(conv(Model::Ints("strides", {-1, 1})), y);
  ExpectBad(conv(Model::Ints("dilations", {std::int64_t{1} << 62, 1})), y);
  ExpectBad(conv(Model::Int("group", 0)), y);
  ExpectBad(Image()
                .Node("DepthToSpace", {"images"}, "y", Model::Int("blocksize", 0))
                .Output("y", kFloat, {}),
            y);
}

TEST_F(BadRawFile, E89WhatTheFileClaims) {
  const auto claims = [](const std::vector<std::int64_t>& shape) {
    return Image().Node("Relu", {"images"}, "y").Output("y", kFloat, shape);
  };
  ExpectBad(claims({1, std::int64_t{1} << 62, 4, 4}),
            std::string(kNoHeads) + "'y' of unknown type of unknown shape" + kOutputsHint);
  ExpectBad(claims({1, std::int64_t{1} << 40, 4, 4}),
            "its outputs are not those of rtmdet with 2 classes: needed are Nx6x4x4 (2 classes + "
            "4); the file has 'y' 1x1099511627776x4x4\n"
            "hint: which type, classes, anchors and strides it has is said by the config, or by "
            "--type, --num-classes or --class-names, --anchors and --strides; --outputs names "
            "other values\n");
  Model many = Image();
  for (int i = 0; i < 49; ++i) {
    const std::string name = "y" + std::to_string(i);
    many.Node("Relu", {"images"}, name).Output(name, kFloat, {1, 6, 4, 4});
  }
  ExpectBad(many, "has 49 outputs; the heads of a detector are 48 at most\n");
  ExpectBad(Model().Input("images", kFloat, {1, 3, 1 << 20, 32}).Node("Relu", {"images"}, "y"),
            std::string(kNoHeads) + "none" + kOutputsHint);
}

TEST_F(BadRawFile, E90CostlyGraphs) {
  const auto names = CollidingNames(20'000);
  Model model = Image();
  model.Node("Relu", {"images"}, names.front());
  for (std::size_t i = 0; i + 1 < names.size(); ++i) model.Node("Relu", {names[i]}, names[i + 1]);
  model.Output(names.back(), kFloat, {1, 6, 4, 4});
  Write("raw.onnx", model.Serialised());
  const std::vector<std::string> arguments = {"finish", "raw.onnx",      "--type",
                                              "rtmdet", "--num-classes", "2"};
  EXPECT_EQ(RunCheaply(arguments).code, 0);  // whoever runs it will find that it does not add up
  model.Output("none", kFloat, {1});
  Write("raw.onnx", model.Serialised());
  ExpectCheaplyRefused(arguments,
                       "error: 'raw.onnx': no input, weight or node gives the output 'none'\n"
                       "hint: the file is damaged: export or download it again\n");
}

}  // namespace
}  // namespace yoloport::bad_inputs
