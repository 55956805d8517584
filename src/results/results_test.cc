#include "yoloport/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "testing/contents.h"
#include "yoloport/error.h"

namespace yoloport::results {
namespace {

namespace fs = std::filesystem;
using test_support::Contents;

TEST(JsonLineTest, WritesTheShortestNumbers) {
  const ImageResult result = {
      "a \"b\"\xff.jpg", 640, 480, {{1, 0.3F, {218, 1.0F / 3, 0, 479.5F}}, {4, 1, {}}}};
  EXPECT_EQ(JsonLine(result, std::vector<std::string>{"person", "bike"}),
            R"({"image":"a \"b\"�.jpg","width":640,"height":480,"detections":[)"
            R"({"label":1,"class":"bike","score":0.3,"box":[218,0.33333334,0,479.5]},)"
            R"({"label":4,"class":"class_4","score":1,"box":[0,0,0,0]}],)"
            R"("image_escaped":"a%20%22b%22%FF.jpg"})");
}

// stdout may be a terminal.
TEST(JsonLineTest, ControlCharactersAreEscaped) {
  EXPECT_EQ(
      JsonLine({"a\u009b2J\x1b.jpg", 1, 1, {{0, 1, {}}}}, std::vector<std::string>{"\u0085\x7f"}),
      R"({"image":"a\u009b2J\u001b.jpg","width":1,"height":1,"detections":[)"
      R"({"label":0,"class":"\u0085\u007f","score":1,"box":[0,0,0,0]}]})");
}

TEST(JsonLineTest, AFrameHasItsNumberAndTime) {
  ImageResult result = {"a.mp4", 64, 48, {}};
  result.frame = 3;
  result.time = 0.12;
  EXPECT_EQ(JsonLine(result, {}),
            R"({"image":"a.mp4","width":64,"height":48,"frame":3,"time":0.12,"detections":[]})");
}

class ResultFileTest : public testing::Test {
 protected:
  ~ResultFileTest() override { fs::remove(path_); }

  std::string Write(ResultFormat format, const std::vector<ImageResult>& results) const {
    ResultFile file(format, path_, {"person", "bike"});
    for (const ImageResult& result : results) file.Add(result);
    file.Commit();
    return Contents(path_);
  }

  fs::path path_ = fs::path(testing::TempDir()) / ("results_test_" + std::to_string(::getpid()));
};

ImageResult Frame(std::int64_t number) {
  ImageResult frame = {"b.mp4", 64, 48, {{0, 0.25F, {1, 2, 3, 4.5F}}}};
  frame.frame = number;
  frame.time = 0.5;
  return frame;
}

TEST_F(ResultFileTest, AppearsWholeOrNotAtAll) {
  { ResultFile(ResultFormat::kCsv, path_, {}).Add({"a", 1, 1, {}}); }
  EXPECT_FALSE(fs::exists(path_));
  ResultFile file(ResultFormat::kJsonLines, path_, {});
  file.Add({"a", 1, 1, {}});
  file.Add({"b", 1, 1, {}});
  EXPECT_FALSE(fs::exists(path_));
  file.Commit();
  EXPECT_EQ(Contents(path_),
            "{\"image\":\"a\",\"width\":1,\"height\":1,\"detections\":[]}\n"
            "{\"image\":\"b\",\"width\":1,\"height\":1,\"detections\":[]}\n");
}

TEST_F(ResultFileTest, Csv) {
  EXPECT_EQ(Write(ResultFormat::kCsv,
                  {{"a,\"\xff\".jpg", 640, 480, {{1, 0.5F, {0, 1, 2, 3}}, {7, 1, {4, 5, 6, 7}}}},
                   {"empty.jpg", 1, 1, {}},
                   Frame(9)}),
            "image,width,height,frame,time,label,class,score,x1,y1,x2,y2\n"
            "\"a,\"\"\uFFFD\"\".jpg\",640,480,,,1,bike,0.5,0,1,2,3\n"
            "\"a,\"\"\uFFFD\"\".jpg\",640,480,,,7,class_7,1,4,5,6,7\n"
            "b.mp4,64,48,9,0.5,0,person,0.25,1,2,3,4.5\n");
}

TEST_F(ResultFileTest, Coco) {
  EXPECT_EQ(
      Write(ResultFormat::kCoco,
            {{"a.jpg", 640, 480, {{1, 0.5F, {1, 2, 11, 22}}, {7, 1, {0, 0, 1, 1}}}}, Frame(9)}),
      R"({"annotations":[
{"id":1,"image_id":1,"category_id":2,"bbox":[1,2,10,20],"area":200,"iscrowd":0,"score":0.5},
{"id":2,"image_id":1,"category_id":8,"bbox":[0,0,1,1],"area":1,"iscrowd":0,"score":1},
{"id":3,"image_id":2,"category_id":1,"bbox":[1,2,2,2.5],"area":5,"iscrowd":0,"score":0.25}
],"images":[
{"id":1,"file_name":"a.jpg","width":640,"height":480},
{"id":2,"file_name":"b.mp4","width":64,"height":48,"frame":9}
],"categories":[
{"id":1,"name":"person"},
{"id":2,"name":"bike"},
{"id":8,"name":"class_7"}
]}
)");
}

TEST_F(ResultFileTest, CocosFileNamesMayBeAnyBytes) {
  EXPECT_THAT(Write(ResultFormat::kCoco, {{"caf\xe9/\u4eba.jpg", 64, 48, {}}}),
              testing::HasSubstr("{\"id\":1,\"file_name\":\"caf\uFFFD/\u4eba.jpg\",\"width\":64,"
                                 "\"height\":48,\"file_name_escaped\":"
                                 "\"caf%E9/%E4%BA%BA.jpg\"}"));
}

TEST_F(ResultFileTest, Yolo) {
  WriteYoloFile({"a.jpg", 100, 50, {{1, 0.5F, {10, 10, 30, 20}}, {0, 0.25F, {0, 0, 100, 50}}}},
                path_);
  EXPECT_EQ(Contents(path_), "1 0.2 0.3 0.2 0.2 0.5\n0 0.5 0.5 1 1 0.25\n");
  WriteYoloFile({"a.jpg", 100, 50, {}}, path_);
  EXPECT_EQ(Contents(path_), "");
}

TEST_F(ResultFileTest, WhatIsNoDetectionIsAnError) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const char* message =
      "'a.jpg': a detection cannot be written: its box or score is NaN, infinite or beyond 1e15, "
      "or "
      "its label is negative";
  const Detection wrong[] = {{0, nan, {}},
                             {0, infinity, {}},
                             {0, 1, {0, 0, infinity, 1}},
                             {0, 1, {-1e38F, 0, 1e38F, 1}},
                             {-1, 1, {}}};
  for (const Detection& each : wrong) {
    const ImageResult result = {"a.jpg", 1, 1, {each}};
    const auto error_of = [](const auto& action) -> std::string {
      try {
        action();
      } catch (const UsageError& error) {
        return error.what();
      }
      return "no error";
    };
    EXPECT_EQ(error_of([&] { JsonLine(result, {}); }), message);
    EXPECT_EQ(error_of([&] { WriteYoloFile(result, path_); }), message);
    EXPECT_FALSE(fs::exists(path_));
    for (const auto format : {ResultFormat::kJsonLines, ResultFormat::kCoco, ResultFormat::kCsv}) {
      EXPECT_EQ(error_of([&] { Write(format, {result}); }), message);
    }
  }
}

TEST_F(ResultFileTest, TheLargestLabelHasACategory) {
  EXPECT_THAT(Write(ResultFormat::kCoco, {{"a.jpg", 1, 1, {{2147483647, 1, {0, 0, 1, 1}}}}}),
              testing::HasSubstr("\"category_id\":2147483648,"));
}

TEST_F(ResultFileTest, WhatCannotBeWrittenIsAnError) {
  EXPECT_THROW(WriteText("text", "/missing/folder/x.txt"), FileError);
  EXPECT_THROW(ResultFile(ResultFormat::kCsv, "/missing/folder/x.csv", {}), FileError);
}

}  // namespace
}  // namespace yoloport::results
