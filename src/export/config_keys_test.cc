// Exports the demo's network with each key of docs/config_keys.md changed, and looks at what comes
// of it: a file that says so, the same file, a note, or an error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <variant>

#include "contract/model_card.h"
#include "onnx/outline/read_metadata.h"
#include "sources/mmyolo/thresholds.h"
#include "testing/contents.h"
#include "yoloport/error.h"
#include "yoloport/export.h"

namespace yoloport::exporting {
namespace {

namespace fs = std::filesystem;
using config::Config;
using nlohmann::json;
using sources::mmyolo::ApplyTestCfg;

enum class Fate { kUsed, kHarmless, kNoted, kRefused };

struct Key {
  std::variant<std::vector<std::string>, std::string>
      change;  // --cfg-options, or lines of a config
  Fate fate;
  // kUsed: where in the metadata, with `value` there. kNoted, kRefused: a part of the text.
  std::string expected = {};
  json value = nullptr;
};

// `changes` of the transform at `place` of the demo's pipeline.
std::vector<std::string> Step(int place, const std::vector<std::string>& changes) {
  std::vector<std::string> options;
  for (const std::string& change : changes) {
    options.push_back("test_dataloader.dataset.pipeline." + std::to_string(place) + "." + change);
  }
  return options;
}

std::vector<std::string> Load(const std::string& change) { return Step(0, {change}); }
std::vector<std::string> KeepRatio(const std::string& change) { return Step(1, {change}); }
std::vector<std::string> Letter(const std::string& change) { return Step(2, {change}); }
std::vector<std::string> TestCfg(const std::string& change) { return {"model.test_cfg." + change}; }
std::vector<std::string> Nms(const std::string& change) { return TestCfg("nms." + change); }
std::vector<std::string> Preprocessor(const std::string& change) {
  return {"model.data_preprocessor." + change};
}

// Configs that replace what --cfg-options cannot.
std::string Pipeline(const std::string& transforms) {
  return "test_dataloader = dict(dataset=dict(pipeline=[dict(type='LoadImageFromFile'), " +
         transforms + "]))\n";
}
std::string Resize(const std::string& arguments) {
  return Pipeline("dict(type='mmdet.Resize', scale=(320, 320), " + arguments + ")");
}
std::string FixShape(const std::string& arguments) {
  return Pipeline("dict(type='mmdet.FixShapeResize', width=320, height=320, " + arguments + ")");
}
std::string Pad(const std::string& arguments) {
  return Pipeline(
      "dict(type='mmdet.Resize', scale=(320, 320), keep_ratio=True), dict(type='mmdet.Pad', " +
      arguments + ")");
}
std::string ReplacedNms(const std::string& arguments) {
  return "model = dict(test_cfg=dict(nms=dict(_delete_=True, " + arguments + ")))\n";
}
std::string Coder(const std::string& arguments) {
  return "model = dict(bbox_head=dict(bbox_coder=dict(" + arguments + ")))\n";
}

std::vector<Key> PipelineKeys() {
  return {
      {Load("color_type=color"), Fate::kHarmless},
      {Load("color_type=color_ignore_orientation"), Fate::kUsed, "/recipe/orientation",
       "as_stored"},
      {Load("color_type=unchanged"), Fate::kNoted, "color_type 'unchanged'"},
      {Load("color_type=grayscale"), Fate::kRefused, "images are read gray"},
      {Load("imdecode_backend=pillow"), Fate::kNoted, "imdecode_backend 'pillow'"},
      {Load("imdecode_backend=tifffile"), Fate::kRefused, "'tifffile'"},
      {Load("to_float32=True"), Fate::kNoted, "to_float32"},
      {Load("backend_args=None"), Fate::kHarmless},
      {Load("file_client_args=None"), Fate::kHarmless},
      {Load("ignore_empty=True"), Fate::kHarmless},
      {Load("colour_type=color"), Fate::kRefused, "is not a known argument"},
      {KeepRatio("scale=(256,256)"), Fate::kUsed, "/recipe/long_edge", 256},
      {KeepRatio("scale=(640,640)"), Fate::kUsed, "/recipe/long_edge", 640},
      {KeepRatio("interpolation=nearest"), Fate::kHarmless},
      {KeepRatio("clip_object_border=False"), Fate::kHarmless},
      {KeepRatio("scale_factor=0.5"), Fate::kHarmless},
      {KeepRatio("keep_ratio=False"), Fate::kRefused, "must be True"},
      {KeepRatio("backend=pillow"), Fate::kRefused, "'pillow'"},
      {Letter("scale=(640,640)"), Fate::kNoted, "--img-size 640 640, not 320 320"},
      {Letter("pad_val.img=7"), Fate::kUsed, "/recipe/pad_value", {7.0, 7.0, 7.0}},
      {Letter("pad_val.imag=7"), Fate::kRefused, "did you mean img?"},
      {Letter("allow_scale_up=True"), Fate::kUsed, "/recipe/allow_scale_up", true},
      {Letter("half_pad_param=True"), Fate::kUsed, "/recipe/half_padding", true},
      {Letter("stretch_only=True"), Fate::kUsed, "/recipe/resize", "stretch"},
      {Letter("use_mini_pad=True"), Fate::kNoted, "use_mini_pad"},
      {Letter("interpolation=nearest"), Fate::kNoted, "the interpolation of LetterResize"},
      {Letter("clip_object_border=False"), Fate::kHarmless},
      {Letter("backend=pillow"), Fate::kRefused, "'pillow'"},
      {Letter("pad_value=3"), Fate::kRefused, "did you mean pad_val?"},
      {Resize("keep_ratio=False"), Fate::kUsed, "/recipe/resize", "stretch"},
      {Resize("keep_ratio=True"), Fate::kUsed, "/recipe/rounding", "half_up"},
      {Resize("interpolation='lanczos'"), Fate::kUsed, "/recipe/shrink", "lanczos"},
      {FixShape("keep_ratio=True, pad_val=9"), Fate::kUsed, "/recipe/pad_value", {9.0, 9.0, 9.0}},
      {FixShape("scale=(1, 1)"), Fate::kRefused, "is not a known argument"},
      {Pipeline("dict(type='mmdet.FixShapeResize', width=-320, height=320)"), Fate::kRefused,
       "must be from 1 to 32768 pixels"},
      {FixShape("interpolation='area'"), Fate::kUsed, "/recipe/enlarge", "area"},
      {Pad("size=(320, 320), pad_val=dict(img=8)"),
       Fate::kUsed,
       "/recipe/pad_value",
       {8.0, 8.0, 8.0}},
      {Pad("size_divisor=32"), Fate::kUsed, "/recipe/pad_side", "right_bottom"},
      {Pad("size=(160, 160)"), Fate::kNoted, "makes none smaller"},
      {Pad("pad_to_square=True"), Fate::kUsed, "/recipe/pad_side", "right_bottom"},
      {Pad("size=320, padding_mode='edge'"), Fate::kRefused, "'edge'"},
      {Step(3, {"with_mask=True", "anything=1"}), Fate::kHarmless},
      {Step(4, {"meta_keys=('ori_shape','scale_factor','pad_param')"}), Fate::kHarmless},
      {Step(4, {"meta_keys=('ori_shape','scale_factor')"}), Fate::kNoted, "without 'pad_param'"},
      {Step(4, {"meta_keys=('ori_shape','pad_param')"}), Fate::kNoted, "without 'scale_factor'"},
      {Load("type=mmcv.LoadImageFromFile"), Fate::kHarmless},
      {Pipeline("dict(type='LetterResize', scale=320), dict(type='LoadImageFromFile')"),
       Fate::kRefused, "what loads the image comes first"},
      {Pipeline("dict(type='PackDetInputs'), dict(type='LetterResize', scale=320)"), Fate::kRefused,
       "PackDetInputs comes last"},
      {Pipeline("dict(type='Resize', scale=320), dict(type='PackDetInputs'), dict(type='Pad')"),
       Fate::kRefused, "PackDetInputs comes last"},
      {Pipeline("dict(type='LetterResize', scale=320), dict(type='RemoveDataElement', "
                "keys=['gt_bboxes', 'pad_param'])"),
       Fate::kNoted, "RemoveDataElement takes 'pad_param' away"},
      {Pipeline("dict(type='LetterResize', scale=320), dict(type='RemoveDataElement', keys='img')"),
       Fate::kNoted, "RemoveDataElement takes 'img' away"},
      {FixShape("keep_ratio=True"), Fate::kNoted, "by one factor for both axes"},
      {Pad("size_divisor=32"), Fate::kNoted, "detect --rect give MMYOLO's padding"},
      {Step(3, {"type=mmdet.RandomFlip", "prob=0.5"}), Fate::kRefused, "RandomFlip"},
      {Step(3, {"type=mmdet.Albu"}), Fate::kRefused, "'Albu' is not known"},
  };
}

std::vector<Key> ModelKeys() {
  return {
      {Preprocessor("mean=[1, 2, 3]"), Fate::kUsed, "/recipe/mean", {1.0, 2.0, 3.0}},
      {Preprocessor("std=[4, 5, 6]"), Fate::kUsed, "/recipe/std", {4.0, 5.0, 6.0}},
      {Preprocessor("bgr_to_rgb=False"), Fate::kUsed, "/recipe/rgb", false},
      {Preprocessor("pad_size_divisor=64"), Fate::kHarmless},
      {Preprocessor("pad_size_divisor=100"), Fate::kNoted, "multiples of 100"},
      {Preprocessor("pad_value=5"), Fate::kHarmless},  // LetterResize pads
      {Preprocessor("rgb_to_bgr=True"), Fate::kRefused, "beside bgr_to_rgb"},
      {Preprocessor("mean=None"), Fate::kRefused, "is stated without mean"},
      {Preprocessor("batch_augments=[dict(type='Any')]"), Fate::kHarmless},
      {Preprocessor("boxtype2tensor=False"), Fate::kHarmless},
      {Preprocessor("non_blocking=True"), Fate::kHarmless},
      {Preprocessor("pad_mask=True"), Fate::kHarmless},
      {Preprocessor("mask_pad_value=1"), Fate::kHarmless},
      {Preprocessor("pad_seg=True"), Fate::kHarmless},
      {Preprocessor("seg_pad_value=1"), Fate::kHarmless},
      {Preprocessor("type=mmdet.DetDataPreprocessor"), Fate::kHarmless},
      {Preprocessor("type=SomeOther"), Fate::kRefused, "unknown type 'SomeOther'"},
      {Preprocessor("to_rgb=True"), Fate::kRefused, "is not a known argument"},
      {Preprocessor("maen=[0, 0, 0]"), Fate::kRefused, "did you mean mean?"},
      {Preprocessor("type=DetDataPreprocesor"), Fate::kRefused,
       "did you mean DetDataPreprocessor?"},
      {Coder("type='YOLOv5BBoxCoder', clip_border=False"), Fate::kHarmless},
      {Coder("type='DistancePointBBoxCoder'"), Fate::kRefused, "'DistancePointBBoxCoder'"},
      {Coder("type='YOLOv5BBoxCoder', factor=2"), Fate::kRefused, "is not understood"},
      {Coder("type='YOLOv5BBoxCoder', clip_boder=True"), Fate::kRefused,
       "did you mean clip_border?"},
      {std::vector<std::string>{"model.bbox_head.prior_generatr.type=X"}, Fate::kRefused,
       "did you mean prior_generator?"},
      {Pipeline("dict(type='FixShapeResize', widht=320, height=320)"), Fate::kRefused,
       "did you mean width?"},
      {TestCfg("score_thr=0.125"), Fate::kUsed, "/thresholds/score", 0.125},
      {TestCfg("nms_pre=500"), Fate::kUsed, "/thresholds/pre_topk", 500},
      {std::vector<std::string>{"model.test_cfg.nms_pre=500", "model.test_cfg.multi_label=True"},
       Fate::kNoted, "nms_pre 500: MMYOLO counts pairs"},
      {TestCfg("max_per_img=50"), Fate::kUsed, "/thresholds/keep_topk", 50},
      {TestCfg("max_per_img=0"), Fate::kRefused, "model.test_cfg.max_per_img"},
      {TestCfg("min_bbox_size=3"), Fate::kUsed, "/thresholds/min_box_size", 3.0},
      {TestCfg("min_bbox_size=0"), Fate::kUsed, "/thresholds/min_box_size", 0.0},
      {TestCfg("multi_label=True"), Fate::kUsed, "/thresholds/multi_label", true},
      {TestCfg("yolox_style=True"), Fate::kNoted, "yolox_style: MMYOLO then keeps all"},
      {TestCfg("score_thresh=0.5"), Fate::kNoted,
       "model.test_cfg has no key 'score_thresh' and it changes nothing; did you mean score_thr?"},
      {TestCfg("nms=None"), Fate::kUsed, "/thresholds/iou", 1.0},
      {Nms("iou_threshold=0.25"), Fate::kUsed, "/thresholds/iou", 0.25},
      {ReplacedNms("iou_thr=0.25"), Fate::kUsed, "/thresholds/iou", 0.25},
      {Nms("iou_thr=0.25"), Fate::kRefused, "is the old name of iou_threshold"},
      {Nms("class_agnostic=True"), Fate::kUsed, "/thresholds/class_agnostic", true},
      {Nms("score_threshold=0.5"), Fate::kUsed, "/thresholds/score", 0.5},
      {Nms("max_num=20"), Fate::kUsed, "/thresholds/keep_topk", 20},
      {Nms("split_thr=100"), Fate::kHarmless},
      {std::vector<std::string>{"model.test_cfg.nms.class_agnostic=True",
                                "model.test_cfg.nms_pre=10000"},
       Fate::kNoted, "split_thr 10000, mmcv's default: with as many boxes"},
      {std::vector<std::string>{"model.test_cfg.nms.class_agnostic=True",
                                "model.test_cfg.nms_pre=9999"},
       Fate::kUsed, "/thresholds/class_agnostic", true},
      {Nms("offset=0"), Fate::kHarmless},
      {Nms("offset=1"), Fate::kRefused, "whose last pixel counts"},
      {Nms("type=soft_nms"), Fate::kRefused, "hint: set it to 'nms'"},
      {Nms("iou_treshold=0.4"), Fate::kRefused, "did you mean iou_threshold?"},
  };
}

class ConfigKeysTest : public testing::TestWithParam<Key> {
 protected:
  // The demo's config, with `lines` behind it.
  fs::path Config(const std::string& lines) const {
    fs::create_directories(folder_);
    fs::path path = folder_ / "config.py";
    std::ofstream(path) << "_base_ = '" << fs::absolute("demo/config.py").native() << "'\n"
                        << lines;
    return path;
  }

  ExportReport ExportWith(const Key& key, const std::string& name) const {
    const auto* lines = std::get_if<std::string>(&key.change);
    const auto* options = std::get_if<std::vector<std::string>>(&key.change);
    return Export({.config = Config(lines != nullptr ? *lines : ""),
                   .checkpoint = "demo/digits.pth",
                   .output = folder_ / name,
                   .cfg_options = options != nullptr ? *options : std::vector<std::string>(),
                   .height = 320,
                   .width = 320,
                   .from_test_cfg = true});
  }

  // The bytes of a file, but for the digest of the config that it was made from.
  std::string Written(const std::string& name) const {
    std::string bytes = test_support::Contents(folder_ / name);
    const std::string digest = Document(name)["config"]["sha256"];
    bytes.replace(bytes.find(digest), digest.size(), digest.size(), '0');
    return bytes;
  }

  json Document(const std::string& name) const {
    return json::parse(onnx::outline::ReadOnnxMetadata(folder_ / name).at("yoloport"));
  }

  // Tests run side by side, each in a process of its own.
  fs::path folder_ = fs::path(testing::TempDir()) / ("config_keys_" + std::to_string(::getpid()));
};

std::string NameOf(const testing::TestParamInfo<Key>& test) {
  return "Key" + std::to_string(test.index);
}

TEST_P(ConfigKeysTest, IsUsedHarmlessNotedOrRefused) {
  const Key& key = GetParam();
  SCOPED_TRACE(testing::PrintToString(key.change));
  if (key.fate == Fate::kRefused) {
    try {
      ExportWith(key, "changed.onnx");
      FAIL() << "accepted";
    } catch (const ConfigError& error) {
      EXPECT_THAT(std::string(error.what()) + error.hint(), testing::HasSubstr(key.expected));
      EXPECT_FALSE(fs::exists(folder_ / "changed.onnx"));
    }
    return;
  }
  const ExportReport report = ExportWith(key, "changed.onnx");
  if (key.fate == Fate::kHarmless) {
    const ExportReport plain = ExportWith({std::string(), Fate::kHarmless}, "plain.onnx");
    EXPECT_EQ(report.notes, plain.notes);
    EXPECT_TRUE(Written("plain.onnx") == Written("changed.onnx"));
  } else if (key.fate == Fate::kNoted) {
    EXPECT_THAT(report.notes, testing::Contains(testing::HasSubstr(key.expected)));
  } else {
    EXPECT_EQ(Document("changed.onnx").at(json::json_pointer(key.expected)), key.value);
  }
  fs::remove_all(folder_);
}

// Pairs of anchor and class are anchors where each stands for its best class only.
TEST(ConfigThresholdsTest, WhatIsCountedIsNotedWhereItMatters) {
  const auto changes = [](const std::string& more) {
    const Config config = Config::FromText(
        "test_cfg = dict(max_per_img=100, score_thr=0.25, nms=dict(iou_threshold=0.65), " + more +
            ")",
        "c.py");
    ExportOptions options;
    bool multi_label = false;
    return ApplyTestCfg(config.root()["test_cfg"], options, multi_label);
  };
  EXPECT_THAT(changes("nms_pre=1000"), testing::ElementsAre(testing::HasSubstr("counts anchors")));
  EXPECT_THAT(changes("nms_pre=1000, multi_label=False"), testing::IsEmpty());
  EXPECT_THAT(changes("nms_pre=30000"), testing::ElementsAre(testing::StartsWith("--pre-topk")));
}

TEST_F(ConfigKeysTest, TestCfgThatIsNotReadIsNoted) {
  const auto notes = [&](const std::string& change, bool from_test_cfg) {
    return Export({.config = Config(""),
                   .checkpoint = "demo/digits.pth",
                   .output = folder_ / "unread.onnx",
                   .cfg_options = {change},
                   .height = 320,
                   .width = 320,
                   .from_test_cfg = from_test_cfg})
        .notes;
  };
  const auto unread = testing::HasSubstr("test_cfg is read with --from-test-cfg only");
  EXPECT_THAT(notes("model.test_cfg.score_thr=0.5", false), testing::ElementsAre(unread));
  EXPECT_THAT(notes("model.test_cfg=None", false), testing::ElementsAre(unread));
  EXPECT_THAT(notes("model.test_cfg.score_thr=0.5", true), testing::Not(testing::Contains(unread)));
  EXPECT_THAT(notes("model.train_cfg=None", false), testing::IsEmpty());
  fs::remove_all(folder_);
}

INSTANTIATE_TEST_SUITE_P(Pipeline, ConfigKeysTest, testing::ValuesIn(PipelineKeys()), NameOf);
INSTANTIATE_TEST_SUITE_P(Model, ConfigKeysTest, testing::ValuesIn(ModelKeys()), NameOf);

// What test_cfg leaves out is as MMYOLO takes it, not as the options were.
TEST(ConfigThresholdsTest, WhatIsLeftOutIsAsInMmyolo) {
  const Config config = Config::FromText(
      "test_cfg = dict(max_per_img=300, nms=dict(iou_threshold=0.5, class_agnostic=True, "
      "split_thr=900))",
      "c.py");
  ExportOptions options;
  bool multi_label = false;
  const std::vector<std::string> changes =
      ApplyTestCfg(config.root()["test_cfg"], options, multi_label);
  EXPECT_TRUE(multi_label);
  EXPECT_EQ(options.score_threshold, 0);
  EXPECT_EQ(options.min_box_size, -1);
  EXPECT_THAT(changes, testing::ElementsAre("--score-threshold 0.25 -> 0 (model.test_cfg)",
                                            "--pre-topk 1000 -> 100000 (model.test_cfg)",
                                            "--keep-topk 100 -> 300 (model.test_cfg)",
                                            "--iou-threshold 0.65 -> 0.5 (model.test_cfg)",
                                            "--class-agnostic false -> true (model.test_cfg)",
                                            "split_thr 900: with as many boxes MMYOLO's classes no "
                                            "longer suppress each other; here they do"));
}

TEST(ConfigThresholdsTest, WhatNoFileHoldsIsRefusedInItsPlace) {
  const auto error_of = [](const std::string& cfg) {
    const Config config = Config::FromText("test_cfg = dict(" + cfg + ")", "c.py");
    ExportOptions options;
    bool multi_label = false;
    try {
      ApplyTestCfg(config.root()["test_cfg"], options, multi_label);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const std::string nms = ", nms=dict(iou_threshold=0.5)";
  EXPECT_THAT(error_of("max_per_img=0" + nms),
              testing::StartsWith("c.py:1:29: 'test_cfg.max_per_img': must be from 1 to "));
  EXPECT_THAT(error_of("nms_pre=-1, max_per_img=9" + nms),
              testing::StartsWith("c.py:1:25: 'test_cfg.nms_pre': must be from 1 to "));
  EXPECT_THAT(error_of("score_thr=2.0, max_per_img=9" + nms),
              testing::StartsWith("c.py:1:27: 'test_cfg.score_thr': must be at most 1"));
  EXPECT_THAT(error_of("max_per_img=9, nms=dict(iou_threshold=1.5)"),
              testing::StartsWith("c.py:1:55: 'test_cfg.nms.iou_threshold': must be from 0 to 1"));
  EXPECT_THAT(error_of("max_per_img=9, nms=dict(iou_thr=-1)"), testing::HasSubstr("nms.iou_thr'"));
  EXPECT_THAT(error_of("max_per_img=9, nms=dict(iou_threshold=1, score_threshold=2)"),
              testing::HasSubstr("'test_cfg.nms.score_threshold': must be at most 1"));
  EXPECT_THAT(error_of("max_per_img=9, min_bbox_size=1e9" + nms),
              testing::HasSubstr("'test_cfg.min_bbox_size': must be at most 8192"));
  EXPECT_EQ(error_of("score_thr=-1, max_per_img=9, min_bbox_size=-5" + nms), "accepted");
}

TEST(ConfigThresholdsTest, KeysThatChangeNothingAreToldWithTheirPlace) {
  const Config config = Config::FromText(
      "test_cfg = dict(max_per_img=300, nms=dict(iou_threshold=0.65),\n"
      "                score_thr=0.25, nms_pre=1000, max_per_image=100)",
      "c.py");
  ExportOptions options;
  bool multi_label = false;
  EXPECT_THAT(ApplyTestCfg(config.root()["test_cfg"], options, multi_label),
              testing::ElementsAre("--keep-topk 100 -> 300 (model.test_cfg)",
                                   "nms_pre 1000: MMYOLO counts pairs of anchor and class "
                                   "(multi_label), the file counts anchors: of several classes it "
                                   "may keep more low-scored detections",
                                   "c.py:2:61: model.test_cfg has no key 'max_per_image' and it "
                                   "changes nothing; did you mean max_per_img?"));
}

}  // namespace
}  // namespace yoloport::exporting
