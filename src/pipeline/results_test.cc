#include "yoloport/results.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "yoloport/error.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;

TEST(JsonLineTest, WritesTheShortestNumbers) {
  const ImageResult result = {
      "a \"b\"\xff.jpg", 640, 480, {{1, 0.3F, {218, 1.0F / 3, 0, 479.5F}}, {4, 1, {}}}};
  EXPECT_EQ(JsonLine(result, std::vector<std::string>{"person", "bike"}),
            R"({"image":"a \"b\"�.jpg","width":640,"height":480,"detections":[)"
            R"({"label":1,"class":"bike","score":0.3,"box":[218,0.33333334,0,479.5]},)"
            R"({"label":4,"class":"class_4","score":1,"box":[0,0,0,0]}]})");
}

TEST(JsonLinesFileTest, AppearsWholeOrNotAtAll) {
  const fs::path path = fs::path(testing::TempDir()) / "results_test.jsonl";
  fs::remove(path);
  { JsonLinesFile(path).Add({"a", 1, 1, {}}, {}); }
  EXPECT_FALSE(fs::exists(path));
  JsonLinesFile file(path);
  file.Add({"a", 1, 1, {}}, {});
  file.Add({"b", 2, 1, {}}, {});
  file.Commit();
  std::ifstream in(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}),
            "{\"image\":\"a\",\"width\":1,\"height\":1,\"detections\":[]}\n"
            "{\"image\":\"b\",\"width\":2,\"height\":1,\"detections\":[]}\n");
  fs::remove(path);
  EXPECT_THROW(JsonLinesFile("/missing/a.jsonl"), FileError);
}

}  // namespace
}  // namespace yoloport
