#include "yoloport/coco_annotations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "testing/contents.h"
#include "yoloport/error.h"
#include "yoloport/results.h"

namespace yoloport::results {
namespace {

namespace fs = std::filesystem;
using testing::Optional;

// The annotation file, and the results, of a test.
class CocoAnnotationsTest : public testing::Test {
 protected:
  CocoAnnotationsTest() { fs::create_directories(folder_); }
  ~CocoAnnotationsTest() override { fs::remove_all(folder_); }

  CocoAnnotations Read(const std::string& text) const {
    std::ofstream(path_) << text;
    return CocoAnnotations::Read(path_);
  }
  // The first line of the error, without the file's name.
  std::string ErrorOf(const std::string& text) const {
    try {
      Read(text);
    } catch (const Error& error) {
      return error.message().substr(path_.native().size() + 4);
    }
    return "no error";
  }

  fs::path folder_ =
      fs::path(testing::TempDir()) / ("coco_annotations_test_" + std::to_string(::getpid()));
  fs::path path_ = folder_ / "a.json";
};

constexpr const char* kDocument = R"({
  "info": {"id": 5, "images": [{"id": 1}]},
  "images": [{"id": 139, "file_name": "000139.jpg", "license": {"id": 2, "file_name": "no"}},
             {"file_name": "x/b.jpg", "id": 7}, {"file_name": "y\\b.jpg", "id": 8}],
  "annotations": [{"id": 1, "image_id": 139, "category_id": 3, "bbox": [1, 2, 3, 4.5]}],
  "categories": [{"id": 1, "name": "person", "keypoints": ["nose"]}, {"id": 90, "name": "\u72d7"}]
})";

TEST_F(CocoAnnotationsTest, FindsImagesByFileNameAndCategoriesByName) {
  const CocoAnnotations ids = Read(kDocument);
  EXPECT_THAT(ids.ImageId("000139.jpg"), Optional(139));
  EXPECT_THAT(ids.ImageId("/data/val2017/000139.jpg"), Optional(139));
  EXPECT_EQ(ids.ImageId("000140.jpg"), std::nullopt);
  EXPECT_EQ(ids.ImageId("no"), std::nullopt);
  EXPECT_THAT(ids.CategoryId("person"), Optional(1));
  EXPECT_THAT(ids.CategoryId("\u72d7"), Optional(90));
  EXPECT_EQ(ids.CategoryId("nose"), std::nullopt);
}

TEST_F(CocoAnnotationsTest, FoldersDecideBetweenImagesOfOneName) {
  const CocoAnnotations ids = Read(kDocument);
  EXPECT_THAT(ids.ImageId("/data/x/b.jpg"), Optional(7));
  EXPECT_THAT(ids.ImageId("/data/y/b.jpg"), Optional(8));
  try {
    ids.ImageId("b.jpg");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_EQ(error.message(), "'b.jpg': may be two images of '" + path_.native() +
                                   "': 'x/b.jpg' (id 7) or 'y\\\\b.jpg' (id 8)");
  }
}

TEST_F(CocoAnnotationsTest, WhatIsNoAnnotationFile) {
  EXPECT_EQ(ErrorOf(""), "is not JSON: byte 1 does not fit what stands before it");
  EXPECT_EQ(ErrorOf(R"({"images": [{"id": 1)"),
            "is not JSON: byte 21 does not fit what stands before it");
  EXPECT_EQ(ErrorOf("[]"), "is not a COCO annotation file: it has no 'images'");
  EXPECT_EQ(ErrorOf(R"({"categories": []})"), "is not a COCO annotation file: it has no 'images'");
  EXPECT_EQ(ErrorOf(R"({"images": [{"id": "a", "file_name": "a.jpg"}]})"),
            "an entry of 'images' has no whole number 'id' or no text 'file_name'");
  EXPECT_EQ(ErrorOf(R"({"images": [{"id": 18446744073709551615, "file_name": "a.jpg"}]})"),
            "an entry of 'images' has no whole number 'id' or no text 'file_name'");
  EXPECT_EQ(ErrorOf(R"({"images": [], "categories": [{"id": 1}]})"),
            "an entry of 'categories' has no whole number 'id' or no text 'name'");
  EXPECT_EQ(ErrorOf(R"({"images": [], "categories": [{"id": 1, "name": "a"},
                                                     {"id": 2, "name": "a"}]})"),
            "two categories are called 'a'");
  EXPECT_THROW(CocoAnnotations::Read(folder_ / "missing.json"), FileError);
}

TEST_F(CocoAnnotationsTest, DeepNestingNeedsNoStack) {
  const std::string deep(200'000, '[');
  EXPECT_EQ(ErrorOf(deep), "is not JSON: byte 200001 does not fit what stands before it");
}

TEST_F(CocoAnnotationsTest, ResultsAreAListWithTheFilesIds) {
  const CocoAnnotations ids = Read(kDocument);
  const fs::path path = folder_ / "results.json";
  ResultFile file(ids, path, {"\u72d7", "unicorn", "person"});
  file.Add({"val/000139.jpg", 640, 480, {{2, 0.5F, {1, 2, 11, 22}}, {1, 0.4F, {0, 0, 1, 1}}}});
  file.Add({"other.jpg", 640, 480, {{2, 0.5F, {1, 2, 11, 22}}}});
  file.Add({"y/b.jpg", 64, 48, {{0, 0.25F, {1, 2, 3, 4.5F}}, {7, 1, {0, 0, 1, 1}}}});
  file.Commit();
  EXPECT_EQ(test_support::Contents(path), R"([
{"image_id":139,"category_id":1,"bbox":[1,2,10,20],"score":0.5},
{"image_id":8,"category_id":90,"bbox":[1,2,2,2.5],"score":0.25}
]
)");
}

TEST_F(CocoAnnotationsTest, NoResultsAreAnEmptyList) {
  const fs::path path = folder_ / "results.json";
  ResultFile(Read(kDocument), path, {"person"}).Commit();
  EXPECT_EQ(test_support::Contents(path), "[\n]\n");
}

}  // namespace
}  // namespace yoloport::results
