// What is computed from good weights and a config, and must not be written as if it were good:
// entries 84 and 85 of the catalogue in docs/security.md.
#include "bad_inputs/bad_input.h"
#include "bad_inputs/changed_checkpoint.h"

namespace yoloport::bad_inputs {
namespace {

using test_support::Outcome;

using namespace std::string_literals;

class BadResult : public BadInput {
 protected:
  // An export with one of the config's values replaced must be refused at that value. `message`
  // begins behind the key.
  void ExpectRefusedAt(const std::string& key, const std::string& value,
                       const std::string& message) const {
    const std::string setting = key + "=" + value;
    ExpectRefused({"export", "config.py", "digits.pth", "--cfg-options", setting},
                  "error: --cfg-options:1:" + std::to_string(key.size() + 2) + ": '" + key +
                      message + "\n" + setting + "\n" + std::string(key.size() + 1, ' ') + "^\n");
  }
};

TEST_F(BadResult, E84WeightsThatAreNotNumbers) {
  // Each number of the checkpoint is finite; folded, those of one channel are not.
  const std::string huge = ChangedCheckpoint(test_support::Contents(source_ / "demo/digits.pth"),
                                             [](test_support::ZipSpec& entry) {
                                               if (entry.name == "digits/data/1")
                                                 entry.data.replace(0, 4, "\xff\xff\x7f\x7f"s);
                                               if (entry.name == "digits/data/4")
                                                 entry.data.replace(0, 4, "\0\0\0\0"s);
                                             });
  Write("huge.pth", huge);
  const std::string text =
      "2 folded weights hold NaN or infinite values: 'backbone.stem.conv.bias' (1), "
      "'backbone.stem.conv.weight' (108)";
  ExpectRefused(
      {"export", "config.py", "huge.pth", "--img-size", "64", "--output", "out.onnx", "--strict"},
      "error: 'huge.pth': " + text + "\nhint: without --strict this is only said\n");
  const Outcome outcome =
      Run({"export", "config.py", "huge.pth", "--img-size", "64", "--output", "out.onnx"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("note: " + text + "\n"), std::string::npos) << outcome.out;
  // A good one has no such note.
  const Outcome good = Run({"export", "config.py", "digits.pth", "--img-size", "64", "--output",
                            "out.onnx", "--strict"});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_EQ(good.out.find("infinite"), std::string::npos) << good.out;
}

TEST_F(BadResult, E84HalvesThatAreNotNumbers) {
  Write("huge.pth", ChangedCheckpoint(test_support::Contents(source_ / "demo/digits.pth"),
                                      [](test_support::ZipSpec& entry) {
                                        if (entry.name == "digits/data/0")
                                          entry.data.replace(0, 4, "\0\0\xc0\x7f"s);
                                      }));
  const Outcome outcome = Run(
      {"export", "config.py", "huge.pth", "--img-size", "64", "--output", "out.onnx", "--half"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("note: 1 folded weight holds NaN or infinite values: "
                             "'backbone.stem.conv.weight' (1)\n"),
            std::string::npos)
      << outcome.out;
}

TEST_F(BadResult, E85EpsOfNorms) {
  const std::string key = "model.backbone.norm_cfg.eps";
  ExpectRefusedAt(key, "-1", "': must be from 0 to 1, not -1");
  ExpectRefusedAt(key, "-1e-3", "': must be from 0 to 1, not -0.001");
  ExpectRefusedAt(key, "2", "': must be from 0 to 1, not 2");
  ExpectRefusedAt(key, "1e400", "': must be from 0 to 1, not inf");
}

TEST_F(BadResult, E85NumbersThatMetadataWouldRefuse) {
  const std::string mean = "model.data_preprocessor.mean";
  ExpectRefusedAt(mean, "[1e400,0,0]", "[0]': must be from -1e+06 to 1e+06, not inf");
  ExpectRefusedAt(mean, "[0,0,-2000000]", "[2]': must be from -1e+06 to 1e+06, not -2e+06");
  const std::string std = "model.data_preprocessor.std";
  ExpectRefusedAt(std, "[1e-30,1,1]", "[0]': must be from 1e-06 to 1e+06, not 1e-30");
  ExpectRefusedAt(std, "[1,0,1]", "[1]': must be from 1e-06 to 1e+06, not 0");
  ExpectRefusedAt("model.bbox_head.prior_generator.base_sizes", "[[(9,1e308)]]",
                  "[0][0][1]': must be from 1e-06 to 1e+06, not 1e+308");
  const std::string strides = "model.bbox_head.head_module.featmap_strides";
  ExpectRefusedAt(strides, "[8,16,0.5]", "[2]': must be from 1 to 32768, not 0.5");
  ExpectRefusedAt(strides, "[8,16.5,32]", "[1]': a stride is a whole number of pixels");
}

TEST_F(BadResult, E85TheConfigsLineIsShown) {
  Write("mean.py",
        "_base_ = './config.py'\n"
        "model = dict(data_preprocessor=dict(mean=[0., 1e400, 0.]))\n");
  ExpectRefused({"export", "mean.py", "digits.pth"},
                "error: mean.py:2:47: 'model.data_preprocessor.mean[1]': must be from -1e+06 to "
                "1e+06, not inf\n"
                "model = dict(data_preprocessor=dict(mean=[0., 1e400, 0.]))\n"
                "                                              ^\n");
}

}  // namespace
}  // namespace yoloport::bad_inputs
