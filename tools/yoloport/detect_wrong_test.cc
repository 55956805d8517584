// `yoloport detect` with a network that answers nonsense beside one detection that is right:
// testdata/detect/wrong_answers.onnx, of src/detect/wrong_answers_test.cc.
#include <gtest/gtest.h>

#include "test_program.h"

namespace yoloport::tool {
namespace {

using DetectWrongTest = DetectProgramTest;
using test_support::Contents;

constexpr const char* kModel = " testdata/detect/wrong_answers.onnx ";

std::string Warning(int scores, int labels, int boxes) {
  return "warning: 'testdata/detect/wrong_answers.onnx': the network gave " +
         std::to_string(scores) + " scores that are not from 0 to 1, " + std::to_string(labels) +
         " labels that are not a class from 0 to 1, " + std::to_string(boxes) +
         " boxes that are NaN, infinite or far outside the image; such detections were left out\n"
         "hint: weights that are NaN or very large do this, which yoloport export --strict looks "
         "for, and float16 where float32 is needed\n";
}

TEST_F(DetectWrongTest, EveryFormatHasTheRightOneAlone) {
  MakeImage("a.png");
  const test_support::Outcome outcome =
      Run("~/a.png" + std::string(kModel) + "--out-dir ~/out --json - --format coco,csv,yolo");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, Warning(4, 3, 3));
  EXPECT_EQ(outcome.out, R"({"image":"~/a.png","width":32,"height":32,"detections":[)"
                         R"({"label":1,"class":"bright","score":0.75,"box":[8,8,24,16]}]})"
                         "\n");
  const std::string path = (folder_ / "a.png").native();
  EXPECT_EQ(Contents(folder_ / "out/detections.json"), R"({"annotations":[
{"id":1,"image_id":1,"category_id":2,"bbox":[8,8,16,8],"area":128,"iscrowd":0,"score":0.75}
],"images":[
{"id":1,"file_name":")" + path + R"(","width":32,"height":32}
],"categories":[
{"id":1,"name":"dark"},
{"id":2,"name":"bright"}
]}
)");
  EXPECT_EQ(Contents(folder_ / "out/detections.csv"),
            "image,width,height,frame,time,label,class,score,x1,y1,x2,y2\n" + path +
                ",32,32,,,1,bright,0.75,8,8,24,16\n");
  EXPECT_EQ(Contents(folder_ / "out/labels/a.txt"), "1 0.5 0.375 0.5 0.25 0.75\n");
}

TEST_F(DetectWrongTest, IsSaidOnceForAllImages) {
  for (const char* name : {"in/a.png", "in/b.png", "in/c.png"}) MakeImage(name);
  const test_support::Outcome outcome = Run("~/in" + std::string(kModel) + "--no-save");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, Warning(12, 9, 9));
  EXPECT_EQ(Run("~/in" + std::string(kModel) + "--no-save --quiet").err, "");
}

}  // namespace
}  // namespace yoloport::tool
