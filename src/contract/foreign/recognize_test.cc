#include "contract/foreign/recognize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yoloport/error.h"

namespace yoloport::contract::foreign {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Of 640 x 640 pixels: 8400 cells at strides 8, 16 and 32.
Outline With(std::vector<Output> outputs, const std::map<std::string, std::string>& metadata = {}) {
  Outline outline{"'m'", 640, 640, std::move(outputs), {}};
  for (const auto& [key, value] : metadata) outline.metadata.emplace(key, Literal{value});
  return outline;
}

// Of Ultralytics' export of a detector with two classes.
std::map<std::string, std::string> Keys(const std::string& key = {},
                                        const std::string& value = {}) {
  std::map<std::string, std::string> keys = {{"author", "Ultralytics"},
                                             {"task", "detect"},
                                             {"head", "Detect"},
                                             {"stride", "32"},
                                             {"imgsz", "[320, 448]"},
                                             {"names", "{0: 'cat', 1: 'dog'}"},
                                             {"channels", "3"},
                                             {"end2end", "False"},
                                             {"args", "{'nms': None, 'dynamic': False}"}};
  if (!key.empty()) keys[key] = value;
  return keys;
}

const Output kRows = {"output0", {1, 6, 8400}};

Recognized MustRecognize(const Outline& outline, const ModelDescription& said = {}) {
  auto recognized = Recognize(outline, said);
  EXPECT_TRUE(recognized.has_value());
  return recognized.value_or(Recognized());
}

std::string ErrorOf(const Outline& outline, const ModelDescription& said = {}) {
  try {
    Recognize(outline, said);
  } catch (const Error& error) {
    return error.message() + (error.hint().empty() ? "" : "\n" + error.hint());
  }
  return "no error";
}

TEST(UltralyticsTest, MetadataSayAll) {
  const Recognized found = MustRecognize(With({kRows}, Keys()));
  EXPECT_THAT(found.notes,
              ElementsAre("'m': is taken for Ultralytics' detector, 1x6x8400 before suppression"));
  ASSERT_TRUE(found.description.rows);
  EXPECT_TRUE(found.description.rows->channels_first);
  EXPECT_FALSE(found.description.rows->objectness);
  EXPECT_EQ(found.description.rows->num_classes, 2);
  const ModelCard& card = *found.description.card;
  EXPECT_EQ(card.type, "yolov8");
  EXPECT_THAT(card.classes, ElementsAre("cat", "dog"));
  EXPECT_THAT(card.strides, ElementsAre(ElementsAre(32, 32)));
  EXPECT_EQ(card.preprocess.height, 640);  // the file's own input
  EXPECT_TRUE(card.preprocess.rgb);
  EXPECT_EQ(card.preprocess.channels, 3);
  EXPECT_EQ(card.preprocess.shrink, Interpolation::kBilinear);
  EXPECT_EQ(card.preprocess.rounding, Rounding::kHalfEven);
  EXPECT_THAT(card.preprocess.pad_value, ElementsAre(114, 114, 114));
  EXPECT_EQ(card.nms.score_threshold, 0.25);
  EXPECT_EQ(card.nms.iou_threshold, 0.7);
  EXPECT_EQ(card.nms.keep_topk, 300);
  EXPECT_FALSE(card.nms.multi_label);
  EXPECT_FALSE(card.nms.class_agnostic);
}

TEST(UltralyticsTest, AnyShape) {
  Outline open = With({{"output0", {-1, 6, -1}}}, Keys());
  open.height = open.width = -1;
  const Recognized found = MustRecognize(open);
  EXPECT_EQ(found.description.card->preprocess.height, 320);
  EXPECT_EQ(found.description.card->preprocess.width, 448);
  EXPECT_EQ(found.description.rows->num_classes, 2);
  Outline all_open = open;
  all_open.outputs[0].shape = {-1, -1, -1};
  EXPECT_EQ(MustRecognize(all_open).description.rows->num_classes, 2);
  EXPECT_EQ(
      MustRecognize(With({kRows}, Keys("channels", "1"))).description.card->preprocess.channels, 1);
}

TEST(UltralyticsTest, SuppressedRows) {
  const std::vector<Output> suppressed = {{"", {1, 300, 6}}};
  for (const auto& keys :
       {Keys("args", "{'nms': True}"), Keys("end2end", "True"), Keys("args", "{}")}) {
    const Recognized found = MustRecognize(With(suppressed, keys));
    EXPECT_FALSE(found.description.rows);
    EXPECT_TRUE(found.description.card->end_to_end);
    EXPECT_THAT(found.description.card->classes, ElementsAre("cat", "dog"));
    EXPECT_EQ(found.description.card->nms.score_threshold, 0);
    EXPECT_THAT(found.notes, ElementsAre("'m': is taken for Ultralytics' detector that suppresses "
                                         "boxes itself, 1x300x6"));
  }
  const auto keys = Keys("end2end", "True");
  EXPECT_FALSE(MustRecognize(With({{"o", {-1, -1, -1}}}, keys)).description.rows);
  EXPECT_TRUE(MustRecognize(With({kRows}, keys)).description.rows);  // its shape says otherwise
}

TEST(UltralyticsTest, OtherTasksAreRefused) {
  EXPECT_EQ(ErrorOf(With({kRows}, Keys("task", "pose"))),
            "'m': is an Ultralytics model for pose estimation (task pose), not a detector\n"
            "yoloport detect runs models whose task is detect");
  EXPECT_THAT(ErrorOf(With({kRows}, Keys("task", "segment"))), HasSubstr("instance segmentation"));
  EXPECT_THAT(ErrorOf(With({kRows}, Keys("task", "obb"))), HasSubstr("rotated boxes"));
  EXPECT_THAT(ErrorOf(With({kRows}, Keys("task", "classify"))), HasSubstr("classification"));
  EXPECT_THAT(ErrorOf(With({kRows}, Keys("task", "\x1b[31m"))),
              HasSubstr("for the task '\\x1b[31m', not a detector"));
  EXPECT_EQ(ErrorOf(With({{"output0", {1, 300, 6}}}, Keys("head", "RTDETRDecoder"))),
            "'m': is Ultralytics' RT-DETR, which yoloport detect does not run");
  auto without_task = Keys();
  without_task.erase("task");
  EXPECT_EQ(ErrorOf(With({kRows, {"output1", {1, 32, 160, 160}}}, without_task)),
            "'m': is an Ultralytics model with the outputs 1x6x8400, 1x32x160x160, not a "
            "detector's one\na detector has one, Nx(4 + classes)xP or NxKx6; two are those of "
            "segmentation");
}

TEST(UltralyticsTest, NamesMustFit) {
  const auto error = [](const std::string& names) {
    return ErrorOf(With({kRows}, Keys("names", names)));
  };
  EXPECT_EQ(error("{0: 'cat'}"),
            "'m': is an Ultralytics model with 1 class names, and the output 1x6x8400: expected "
            "Nx(4 + 1)xP, or NxKx6\nnames and network belong to different models, or the task is "
            "not detection");
  EXPECT_THAT(error("{0: 'a', 2: 'b'}"),
              HasSubstr("'m': metadata: names: the labels are not 0 to 1, each once"));
  EXPECT_THAT(error("{0: 'a', 0: 'b'}"), HasSubstr("the labels are not 0 to 1, each once"));
  EXPECT_THAT(error("{'0': 'a'}"), HasSubstr("the labels are not 0 to 0, each once"));
  EXPECT_THAT(error("{0: 1, 1: 2}"), HasSubstr("the name of class 0 is not a text"));
  EXPECT_THAT(error("{}"), HasSubstr("names: has no names"));
  EXPECT_THAT(error("3"), HasSubstr("names: has no names"));
  EXPECT_EQ(error("{0: __import__('os').system('x')}"),
            "'m': metadata: names: byte 4: expected a Python literal, not "
            "'__import__(\\'os\\').sys...'\nthe file is damaged, or was not made by the program "
            "that it names");
  EXPECT_THAT(error(std::string(1000, '{')), HasSubstr("brackets within more than 16 others"));
  EXPECT_THAT(MustRecognize(With({kRows}, Keys("names", "['a', 'b']"))).description.card->classes,
              ElementsAre("a", "b"));
}

TEST(UltralyticsTest, GarbageInOtherKeys) {
  const auto error = [](const std::string& key, const std::string& value) {
    return ErrorOf(With({kRows}, Keys(key, value)));
  };
  EXPECT_THAT(error("stride", "-1"), HasSubstr("metadata: stride: is not a number of pixels"));
  EXPECT_THAT(error("stride", "1e300"), HasSubstr("metadata: stride: is not a number of pixels"));
  EXPECT_THAT(error("stride", "x"), HasSubstr("metadata: stride: byte 0: expected"));
  EXPECT_THAT(error("imgsz", "[0, 640]"), HasSubstr("metadata: imgsz: is not a height and"));
  EXPECT_THAT(error("imgsz", "['640']"), HasSubstr("metadata: imgsz: is not a height and"));
  EXPECT_THAT(error("args", "{"), HasSubstr("no error"));  // its shape needs no word of it
  EXPECT_THAT(ErrorOf(With({{"o", {1, 300, 6}}}, Keys("args", "{"))), HasSubstr("metadata: args"));
}

TEST(Yolov5Test, ObjectnessAndNames) {
  const std::map<std::string, std::string> keys = {{"stride", "32"}, {"names", "{0: 'cat'}"}};
  const Recognized found = MustRecognize(With({{"output0", {1, 25200, 6}}}, keys));
  EXPECT_THAT(found.notes, ElementsAre("'m': is taken for YOLOv5 of its own repository, "
                                       "1x25200x6 before suppression"));
  ASSERT_TRUE(found.description.rows);
  EXPECT_TRUE(found.description.rows->objectness);
  EXPECT_FALSE(found.description.rows->channels_first);
  EXPECT_EQ(found.description.card->nms.iou_threshold, 0.45);
  EXPECT_EQ(found.description.card->nms.keep_topk, 1000);
  EXPECT_EQ(ErrorOf(With({{"output0", {1, 25200, 85}}}, keys)),
            "'m': is a YOLOv5 with 1 class names, and the output 1x25200x85: expected NxPx(5 + "
            "1)\nnames and network belong to different models");
  // The first files of the later package had no other keys either.
  EXPECT_TRUE(
      MustRecognize(With({{"output0", {1, 5, 8400}}}, keys)).description.rows->channels_first);
}

TEST(Yolov5Test, ByWordOfTheCaller) {
  const Outline rows = With({{"output", {1, 25200, 85}}});
  const Recognized found = MustRecognize(rows, {.type = "yolov5"});
  EXPECT_THAT(found.description.card->classes, SizeIs(80));
  EXPECT_EQ(found.description.card->classes[16], "dog");
  EXPECT_THAT(found.notes,
              ElementsAre("'m': is taken for YOLOv5 of its own repository, 1x25200x85 before "
                          "suppression",
                          "'m': its 80 classes are taken for COCO's; --class-names gives others"));
  EXPECT_EQ(MustRecognize(rows, {.type = "yolov7"}).description.card->type, "yolov7");
  const Outline two = With({{"output", {1, 25200, 7}}});
  EXPECT_THAT(
      MustRecognize(two, {.type = "yolov5", .class_names = {"a", "b"}}).description.card->classes,
      ElementsAre("a", "b"));
  const Recognized numbered = MustRecognize(two, {.type = "yolov5"});
  EXPECT_THAT(numbered.description.card->classes, ElementsAre("class_0", "class_1"));
  EXPECT_EQ(numbered.notes.back(),
            "'m': its classes have numbers for names; --class-names gives them");
  EXPECT_EQ(ErrorOf(two, {.type = "yolov5", .class_names = {"a"}}),
            "'m': has 2 classes by its output 1x25200x7, not 1");
  EXPECT_EQ(ErrorOf(two, {.type = "yolov5", .num_classes = 3}),
            "'m': has 2 classes by its output 1x25200x7, not 3");
  Outline open = With({{"output", {-1, -1, -1}}});
  EXPECT_EQ(MustRecognize(open, {.type = "yolov5", .num_classes = 3}).description.rows->num_classes,
            3);
  EXPECT_THAT(ErrorOf(open, {.type = "yolov5"}), HasSubstr("give --num-classes or --class-names"));
}

constexpr const char* kHead = "Concat(Conv,Sigmoid,Sigmoid)";

Outline Yolox(std::set<std::string> last) {
  Outline outline = With({{"output", {1, 8400, 7}}});
  outline.last_operators = [last = std::move(last)] { return last; };
  return outline;
}

TEST(YoloxTest, TheGraphShowsWhetherBoxesAreDecoded) {
  const Recognized raw = MustRecognize(Yolox({"Concat", kHead, "Reshape", "Sigmoid", "Transpose"}));
  EXPECT_THAT(raw.description.rows->grid_strides, ElementsAre(8, 16, 32));
  EXPECT_EQ(raw.notes[0],
            "'m': is taken for YOLOX of its own repository, 1x8400x7 not decoded, of "
            "images in BGR from 0 to 255 (--mean and --std for others)");
  const ModelCard& card = *raw.description.card;
  EXPECT_FALSE(card.preprocess.rgb);
  EXPECT_THAT(card.preprocess.std, ElementsAre(1, 1, 1));
  EXPECT_EQ(card.preprocess.pad_side, PadSide::kRightBottom);
  EXPECT_EQ(card.preprocess.rounding, Rounding::kDown);
  EXPECT_TRUE(card.nms.class_agnostic);
  EXPECT_EQ(card.nms.iou_threshold, 0.45);
  const Recognized decoded =
      MustRecognize(Yolox({"Add", "Concat", kHead, "Exp", "Mul", "Sigmoid", "Transpose"}));
  EXPECT_THAT(decoded.description.rows->grid_strides, IsEmpty());
}

TEST(YoloxTest, BoxesAreNotSaidToBeWhatTheGraphDoesNotShow) {
  const Outline raw = Yolox({"Concat", kHead, "Sigmoid"});
  EXPECT_EQ(ErrorOf(raw, {.decoded = true}),
            "'m': its graph shows that its boxes are not decoded\nleave --boxes out");
  EXPECT_THAT(MustRecognize(raw, {.decoded = false}).description.rows->grid_strides, SizeIs(3));
  EXPECT_THAT(ErrorOf(Yolox({kHead, "Exp", "Sigmoid"}), {.decoded = false}),
              HasSubstr("shows that its boxes are decoded"));
}

// Of its --dynamic, which leaves all open.
TEST(YoloxTest, AnyShape) {
  Outline open = Yolox({kHead, "Reshape", "Sigmoid"});
  open.outputs[0].shape = {-1, -1, -1};
  EXPECT_THAT(ErrorOf(open), HasSubstr("give --num-classes or --class-names"));
  EXPECT_EQ(MustRecognize(open, {.num_classes = 2}).description.rows->num_classes, 2);
  EXPECT_EQ(MustRecognize(open, {.class_names = {"a"}}).description.rows->num_classes, 1);
  Outline unknown = With({{"o", {-1, -1, -1}}});
  EXPECT_FALSE(Recognize(unknown, {}));
}

TEST(YoloxTest, AGraphThatDoesNotShowItNeedsAWord) {
  const Outline unclear = Yolox({kHead, "Mul", "Sigmoid"});
  EXPECT_EQ(ErrorOf(unclear, {.type = "yolox"}),
            "'m': does not show whether its boxes are decoded\ngive --boxes pixels for a file "
            "exported with --decode_in_inference, else --boxes offsets");
  EXPECT_THAT(
      MustRecognize(unclear, {.type = "yolox", .decoded = true}).description.rows->grid_strides,
      IsEmpty());
  EXPECT_THAT(
      MustRecognize(unclear, {.type = "yolox", .decoded = false}).description.rows->grid_strides,
      SizeIs(3));
  EXPECT_THAT(
      MustRecognize(unclear, {.type = "yolox", .strides = {8, 16, 32, 64}, .decoded = false})
          .description.rows->grid_strides,
      SizeIs(4));
  EXPECT_THAT(ErrorOf(Yolox({kHead, "Exp", "Pow", "Sigmoid"}), {.type = "yolox"}),
              HasSubstr("--boxes"));
}

// NanoDet, for one: its classes come first, and its boxes are distributions.
TEST(YoloxTest, HeadsOfOtherNetworksAreNotTakenForIts) {
  EXPECT_THAT(ErrorOf(Yolox({"Concat", "Concat(Sigmoid,Conv)", "Sigmoid", "Transpose"})),
              HasSubstr("does not say what its output 1x8400x7 is"));
}

TEST(RecognizeTest, WhatMayBeSeveralThingsIsAnError) {
  EXPECT_EQ(ErrorOf(With({{"o", {1, 8400, 85}}})),
            "'m': does not say what its output 1x8400x85 is; it may be YOLOX of 80 classes, or a "
            "pose or rotated model of other numbers, which is not a detector\nsay which by --type "
            "yolox");
  Outline open = With({{"o", {1, -1, 85}}});
  open.height = open.width = -1;
  EXPECT_EQ(ErrorOf(open),
            "'m': does not say what its output 1x-1x85 is; it may be YOLOv5 or YOLOv7 of 80 "
            "classes, YOLOX of 80 classes, or a pose or rotated model of other numbers, which is "
            "not a detector\nsay which by --type yolov5 or yolov7, --type yolox");
  EXPECT_THAT(ErrorOf(With({{"o", {1, 84, 8400}}})),
              HasSubstr("it may be Ultralytics' detector of 80 classes, or a pose"));
  EXPECT_EQ(
      MustRecognize(With({{"o", {1, 84, 8400}}}), {.type = "yolov8"}).description.rows->num_classes,
      80);
}

TEST(RecognizeTest, SixNumbersMayBeOneClass) {
  const Recognized rows = MustRecognize(With({{"output0", {1, 300, 6}}}));
  EXPECT_FALSE(rows.description.card);
  EXPECT_THAT(rows.notes, ElementsAre("'m': is taken for rows that are suppressed already, "
                                      "1x300x6"));
  EXPECT_THAT(ErrorOf(With({{"output0", {1, 25200, 6}}})),
              HasSubstr("it may be YOLOv5 or YOLOv7 of 1 classes"));
  Outline open = With({{"output0", {1, -1, 6}}});
  EXPECT_THAT(ErrorOf(open), HasSubstr("it may be YOLOv5 or YOLOv7 of 1 classes, YOLOX of 1"));
  open.last_operators = [] { return std::set<std::string>{"Gather", "TopK", kHead, "Exp"}; };
  EXPECT_FALSE(MustRecognize(open).description.card);
}

TEST(RecognizeTest, OutputsOfOtherPrograms) {
  const Recognized easydeploy = MustRecognize(With(
      {{"num_dets", {1, 1}}, {"boxes", {1, 100, 4}}, {"scores", {1, 100}}, {"labels", {1, 100}}}));
  EXPECT_FALSE(easydeploy.description.card);
  EXPECT_EQ(easydeploy.notes[0],
            "'m': is taken for an end-to-end file of easydeploy (num_dets, "
            "boxes, scores, labels)");
  const std::vector<Output> dets = {{"dets", {1, 100, 5}}, {"labels", {1, 100}}};
  EXPECT_EQ(MustRecognize(With(dets)).notes[0],
            "'m': is taken for a detector of mmdeploy (dets, labels)");
  EXPECT_EQ(ErrorOf(With({dets[0], dets[1], {"masks", {1, 100, 28, 28}}})),
            "'m': is an instance segmentation model of mmdeploy (it has the output masks), not a "
            "detector");
  EXPECT_FALSE(Recognize(With({{"o", {1, 255, 80, 80}}, {"p", {1, 255, 40, 40}}}), {}));
  EXPECT_FALSE(Recognize(With({}), {}));
  EXPECT_FALSE(Recognize(With({{"o", {1, 1000}}}), {}));
}

TEST(RecognizeTest, ShapesOfAnyNumbers) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t a : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{6}, kMost}) {
    for (const std::int64_t b : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{6}, kMost}) {
      for (const char* const type : {"", "yolov5", "yolov8", "yolox"}) {
        ErrorOf(With({{"output0", {1, a, b}}}), {.type = type});
        ErrorOf(With({{"output0", {1, a, b}}}, Keys()), {.type = type});
      }
    }
  }
}

}  // namespace
}  // namespace yoloport::contract::foreign
