#include "contract/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "testing/error_of.h"
#include "yoloport/error.h"

namespace yoloport::contract {
namespace {

using Json = nlohmann::ordered_json;
using test_support::MessageOf;
using testing::HasSubstr;

ModelCard SomeInfo() {
  ModelCard info;
  info.type = "yolov5";
  info.detector = "YOLODetector: YOLOv5CSPDarknet, YOLOv5PAFPN, YOLOv5Head";
  info.backend = "onnxruntime";
  info.batch = -1;
  info.classes = {"person", "traffic \"light\"", "größe"};
  info.palette = {{220, 20, 60}, {119, 11, 32}, {0, 0, 142}};
  info.strides = {{8, 8}, {16, 16}};
  info.anchors = {{{10, 13}, {16.5, 30}}, {{30, 61}}};
  info.reg_max = 16;
  info.preprocess.rounding = Rounding::kHalfEven;
  info.preprocess.mean = {103.53F, 116.28F, 123.675F};
  info.preprocess.rgb = false;
  info.preprocess.type = InputType::kUint8;
  info.preprocess.layout = InputLayout::kNhwc;
  info.nms.class_agnostic = true;
  info.nms.multi_label = false;
  info.checkpoint = SourceFile{"a.pth", "00ff"};
  info.yoloport_version = "0.1.0";
  return info;
}

// The error that the document gives after `change`.
std::string ErrorAfter(const std::function<void(Json&)>& change) {
  Json json = Json::parse(ToJson(SomeInfo()));
  change(json);
  return MessageOf<ModelError>([&] { ModelCardFromJson(json.dump()); });
}

TEST(ModelCardTest, WhatFewConfigsAskForSurvivesTheRoundTrip) {
  ModelCard info = SomeInfo();
  for (const char* key : {"long_edge", "short_edge", "pad_to", "pad_domain", "half_padding",
                          "orientation", "min_box_size", "clips_boxes"}) {
    EXPECT_THAT(ToJson(info), testing::Not(HasSubstr(key)));
  }
  info.preprocess.long_edge = 1333;
  info.preprocess.short_edge = 800;
  info.preprocess.pad_to = PadTo::kSquare;
  info.preprocess.pad_domain = PadDomain::kInput;
  info.preprocess.pad_value = {-2.5F, 0, 300};
  info.preprocess.half_padding = true;
  info.preprocess.orientation = Orientation::kAsStored;
  info.nms.min_box_size = 0;
  info.clips_boxes = true;
  const ModelCard read = ModelCardFromJson(ToJson(info));
  EXPECT_EQ(ToJson(read), ToJson(info));
  EXPECT_EQ(read.preprocess.long_edge, 1333);
  EXPECT_EQ(read.preprocess.short_edge, 800);
  EXPECT_EQ(read.preprocess.pad_to, PadTo::kSquare);
  EXPECT_EQ(read.preprocess.pad_domain, PadDomain::kInput);
  EXPECT_EQ(read.preprocess.pad_value, info.preprocess.pad_value);
  EXPECT_TRUE(read.preprocess.half_padding);
  EXPECT_EQ(read.preprocess.orientation, Orientation::kAsStored);
  EXPECT_EQ(read.nms.min_box_size, 0);
  EXPECT_TRUE(read.clips_boxes);
}

TEST(ModelCardTest, SurvivesTheRoundTrip) {
  const std::string text = ToJson(SomeInfo());
  EXPECT_EQ(ToJson(ModelCardFromJson(text)), text);
  const ModelCard info = ModelCardFromJson(text);
  EXPECT_EQ(info.classes, SomeInfo().classes);
  EXPECT_EQ(info.anchors, SomeInfo().anchors);
  EXPECT_EQ(info.preprocess.mean, SomeInfo().preprocess.mean);
  EXPECT_EQ(info.preprocess.rounding, Rounding::kHalfEven);
  EXPECT_FALSE(info.config.has_value());
  EXPECT_EQ(info.checkpoint->sha256, "00ff");
}

TEST(ModelCardTest, FloatsAreWrittenAsTheConfigStatesThem) {
  EXPECT_THAT(ToJson(SomeInfo()), HasSubstr(R"("mean":[103.53,116.28,123.675])"));
}

TEST(ModelCardTest, KeysKeepTheirOrder) {
  EXPECT_THAT(ToJson(SomeInfo()), testing::StartsWith(R"({"format":1,"type":"yolov5","detector")"));
}

TEST(ModelCardTest, ErrorsNameTheKey) {
  EXPECT_EQ(ErrorAfter([](Json& json) { json.erase("classes"); }), "metadata: classes: is missing");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["recipe"].erase("std"); }),
            "metadata: recipe.std: is missing");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["recipe"]["std"][1] = 0; }),
            "metadata: recipe.std[1]: is 0, which is out of range");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["recipe"]["width"] = 1e9; }),
            "metadata: recipe.width: is not an integer");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["recipe"]["width"] = 1000000; }),
            "metadata: recipe.width: is 1000000, not within 1..32768");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["recipe"]["resize"] = "fit"; }),
            "metadata: recipe.resize: is 'fit', not one of letterbox, stretch");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["recipe"]["type"] = "int8"; }),
            "metadata: recipe.type: is 'int8', not one of float, uint8");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["recipe"]["layout"] = "hwc"; }),
            "metadata: recipe.layout: is 'hwc', not one of nchw, nhwc");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["thresholds"]["runtime"] = 1; }),
            "metadata: thresholds.runtime: is not true or false");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["palette"].erase(0); }),
            "metadata: palette: has 2 colours for 3 classes");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["anchors"][0][1] = "x"; }),
            "metadata: anchors[0][1]: is not a list");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["classes"][1] = 3; }),
            "metadata: classes[1]: is not a string");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["batch"] = 0; }), "metadata: batch: is 0");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["recipe"]["shear"] = 1; }),
            "metadata: recipe.'shear': is not known");
  EXPECT_EQ(ErrorAfter([](Json& json) { json["format"] = 2; }),
            "metadata: format: is 2; this yoloport reads 1");
  EXPECT_EQ(MessageOf<ModelError>([] { ModelCardFromJson("{\"a\":"); }),
            "metadata: is not JSON: '{\"a\":'");
  EXPECT_EQ(MessageOf<ModelError>([] { ModelCardFromJson("[]"); }),
            "metadata: yoloport: is not an object");
}

TEST(ModelCardTest, DepthIsLookedAtBeforeItIsParsed) {
  const std::string deep = "metadata: is nested deeper than 16";
  EXPECT_EQ(MessageOf<ModelError>([] { ModelCardFromJson(std::string(17, '[')); }), deep);
  EXPECT_EQ(MessageOf<ModelError>([] { ModelCardFromJson(std::string(16, '[')); }),
            "metadata: is not JSON: '[[[[[[[[[[[[[[[['");
  const std::string brackets(100, '[');
  EXPECT_EQ(ErrorAfter([&](Json& json) { json["detector"] = "\\\"" + brackets; }), "no error");
  EXPECT_EQ(ErrorAfter([&](Json& json) {
              json["classes"] = Json::parse(brackets + std::string(100, ']'));
            }),
            deep);
}

TEST(ModelCardTest, WhatIsWrittenIsCheckedByTheSameRanges) {
  EXPECT_EQ(ToCheckedJson(SomeInfo()), ToJson(SomeInfo()));
  const auto error_with = [](const auto& change) {
    ModelCard info = SomeInfo();
    change(info);
    return MessageOf<ModelError>([&] { ToCheckedJson(info); });
  };
  const std::string start = "the file would not be read again: metadata: ";
  EXPECT_EQ(error_with([](ModelCard& info) { info.preprocess.std[2] = 1e-30F; }),
            start + "recipe.std[2]: is 1e-30, which is out of range");
  EXPECT_EQ(error_with([](ModelCard& info) {
              info.preprocess.mean[0] = std::numeric_limits<float>::infinity();
            }),
            start + "recipe.mean[0]: is not a number");
  EXPECT_EQ(error_with([](ModelCard& info) { info.anchors[0][0][1] = 1e308; }),
            start + "anchors[0][0][1]: is 1e+308, which is out of range");
  EXPECT_EQ(error_with([](ModelCard& info) { info.classes.clear(); }), start + "classes: is empty");
}

}  // namespace
}  // namespace yoloport::contract
