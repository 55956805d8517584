#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "yoloport/detector.h"
#include "yoloport/image.h"
#include "yoloport/version.h"
#include "yoloport/yoloport.h"

namespace yoloport::c_api {
namespace {

namespace fs = std::filesystem;

const char* kPage = "demo/page1.png";

// The demo's detector, exported once through the interface itself.
class CApiTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    model_ = fs::path(testing::TempDir()) / ("c_api_" + std::to_string(::getpid()) + ".onnx");
    ASSERT_EQ(yoloport_export("demo/config.py", "demo/digits.pth", model_.c_str(),
                              R"({"from_test_cfg": true, "height": 320, "width": 320})"),
              YOLOPORT_OK)
        << yoloport_last_error();
  }
  static void TearDownTestSuite() { fs::remove(model_); }

  CApiTest() : detector_(yoloport_open(model_.c_str(), nullptr)) {}
  ~CApiTest() override { yoloport_close(detector_); }

  // Detections of the page's pixels in another format, with bytes behind each row.
  std::vector<Detection> InFormat(yoloport_format format, std::vector<int> order) const {
    const Image page = ReadImage(kPage);
    const std::size_t stride = static_cast<std::size_t>(page.width()) * order.size() + 7;
    std::vector<std::uint8_t> pixels(stride * static_cast<std::size_t>(page.height()));
    for (int y = 0; y < page.height(); ++y) {
      for (int x = 0; x < page.width(); ++x) {
        const std::uint8_t* from =
            page.data() + page.stride() * static_cast<std::size_t>(y) + 3 * x;
        for (std::size_t c = 0; c < order.size(); ++c) {
          const std::size_t at =
              stride * static_cast<std::size_t>(y) + static_cast<std::size_t>(x) * order.size() + c;
          pixels[at] = order[c] < 0 ? 99 : from[order[c]];
        }
      }
    }
    yoloport_detections found;
    EXPECT_EQ(yoloport_detect(detector_, pixels.data(), page.width(), page.height(), stride, format,
                              &found),
              YOLOPORT_OK)
        << yoloport_last_error();
    return Taken(found);
  }

  static std::vector<Detection> Taken(yoloport_detections& found) {
    std::vector<Detection> detections;
    for (std::size_t i = 0; i < found.count; ++i) {
      const yoloport_detection& d = found.items[i];
      detections.push_back({d.label, d.score, {d.x1, d.y1, d.x2, d.y2}});
    }
    yoloport_free_detections(&found);
    EXPECT_EQ(found.items, nullptr);
    return detections;
  }

  static void ExpectSame(const std::vector<Detection>& a, const std::vector<Detection>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].label, b[i].label);
      EXPECT_EQ(a[i].score, b[i].score);
      EXPECT_EQ(a[i].box, b[i].box);
    }
  }

  static inline fs::path model_;
  yoloport_detector* detector_;
};

TEST_F(CApiTest, FindsWhatTheLibraryFinds) {
  ASSERT_NE(detector_, nullptr) << yoloport_last_error();
  const auto expected = Detector(model_).Detect(ReadImage(kPage).view());
  ASSERT_GT(expected.size(), 5U);
  yoloport_detections found;
  ASSERT_EQ(yoloport_detect_file(detector_, kPage, &found), YOLOPORT_OK) << yoloport_last_error();
  ExpectSame(Taken(found), expected);
  ExpectSame(InFormat(YOLOPORT_BGR, {0, 1, 2}), expected);
  ExpectSame(InFormat(YOLOPORT_RGB, {2, 1, 0}), expected);
  ExpectSame(InFormat(YOLOPORT_BGRA, {0, 1, 2, -1}), expected);
  ExpectSame(InFormat(YOLOPORT_RGBA, {2, 1, 0, -1}), expected);
  EXPECT_FALSE(InFormat(YOLOPORT_GRAY, {1}).empty());  // the page is gray anyway
}

TEST_F(CApiTest, ClassesHaveNames) {
  EXPECT_EQ(yoloport_class_count(detector_), 10U);
  const std::string first = yoloport_class_name(detector_, 0);
  EXPECT_EQ(first, Detector(model_).classes()[0]);
  EXPECT_EQ(yoloport_class_name(detector_, 77), std::string("class_77"));
  EXPECT_EQ(yoloport_class_count(nullptr), 0U);
}

TEST_F(CApiTest, OptionsHaveTheNamesOfTheHeaders) {
  yoloport_detector* strict = yoloport_open(model_.c_str(), R"({"score_threshold": 0.999})");
  ASSERT_NE(strict, nullptr) << yoloport_last_error();
  yoloport_detections few;
  yoloport_detections all;
  yoloport_detect_file(strict, kPage, &few);
  yoloport_detect_file(detector_, kPage, &all);
  EXPECT_LT(few.count, all.count);
  yoloport_free_detections(&few);
  yoloport_free_detections(&all);
  yoloport_close(strict);
  const auto error = [&](const char* options) {
    EXPECT_EQ(yoloport_open(model_.c_str(), options), nullptr);
    return std::string(yoloport_last_error());
  };
  EXPECT_EQ(error(R"({"score_treshold": 0.5})"),
            "options: there is no option 'score_treshold'\n"
            "hint: did you mean score_threshold?");
  EXPECT_EQ(error(R"({"threads": "two"})"), "options: 'threads' must be a whole number");
  EXPECT_EQ(error(R"({"threads": 1e300})"), "options: 'threads' must be a whole number");
  EXPECT_EQ(error(R"({"mean": [1, "a", 3]})"), "options: 'mean' must be a list");
  EXPECT_EQ(error(R"({"resize": "crop"})"),
            "options: 'resize' must be \"letterbox\" or \"stretch\"");
  EXPECT_EQ(error("[]"),
            "options: not a JSON object\n"
            "hint: {\"name\": value, ...}, or nothing for the defaults");
  EXPECT_EQ(error("{"), error("[]"));
}

TEST_F(CApiTest, ErrorsAreCodesAndTexts) {
  EXPECT_EQ(yoloport_export(nullptr, "missing.pth", "x.onnx", nullptr), YOLOPORT_FILE_ERROR);
  EXPECT_EQ(yoloport_last_error(), std::string("'missing.pth': no such file"));
  EXPECT_EQ(yoloport_export(nullptr, nullptr, "x.onnx", nullptr), YOLOPORT_USAGE_ERROR);
  EXPECT_EQ(yoloport_last_error(), std::string("checkpoint is NULL"));
  EXPECT_EQ(yoloport_export("demo/digits.pth", "demo/digits.pth", "x.onnx", nullptr),
            YOLOPORT_CONFIG_ERROR);
  EXPECT_EQ(yoloport_export(nullptr, "demo/page1.png", "x.onnx", nullptr),
            YOLOPORT_CHECKPOINT_ERROR);
  EXPECT_EQ(yoloport_export("demo/config.py", "demo/digits.pth", "x.onnx", R"({"legacy": true})"),
            YOLOPORT_USAGE_ERROR);  // which is about YOLOX's own checkpoints
  EXPECT_FALSE(fs::exists("x.onnx"));
  EXPECT_EQ(yoloport_open("demo/page1.png", nullptr), nullptr);
  yoloport_detections found = {3, nullptr};
  EXPECT_EQ(yoloport_detect_file(detector_, "demo/config.py", &found), YOLOPORT_IMAGE_ERROR);
  EXPECT_EQ(found.count, 0U);
  EXPECT_EQ(yoloport_detect_file(nullptr, kPage, &found), YOLOPORT_USAGE_ERROR);
  EXPECT_EQ(yoloport_detect_file(detector_, kPage, nullptr), YOLOPORT_USAGE_ERROR);
  const std::uint8_t pixel[3] = {};
  EXPECT_EQ(yoloport_detect(detector_, pixel, 0, 1, 0, YOLOPORT_BGR, &found), YOLOPORT_IMAGE_ERROR);
  EXPECT_EQ(yoloport_detect(detector_, pixel, 1, 1, 2, YOLOPORT_BGR, &found), YOLOPORT_USAGE_ERROR);
  EXPECT_EQ(yoloport_last_error(), std::string("stride is 2 bytes, and a row has 3"));
  EXPECT_EQ(yoloport_detect(detector_, pixel, 1, 1, 0, 9, &found), YOLOPORT_USAGE_ERROR);
  EXPECT_EQ(yoloport_detect(detector_, nullptr, 1, 1, 0, YOLOPORT_BGR, &found),
            YOLOPORT_USAGE_ERROR);
  yoloport_close(nullptr);
  yoloport_free_detections(nullptr);
}

TEST_F(CApiTest, EachThreadHasItsOwnError) {
  yoloport_open("missing.onnx", nullptr);
  std::string other;
  std::thread([&] { other = yoloport_last_error(); }).join();
  EXPECT_EQ(other, "");
  EXPECT_EQ(yoloport_last_error(), std::string("'missing.onnx': no such file"));
}

TEST(VersionTest, TheMacrosAreTheVersion) {
  const std::string macros = std::to_string(YOLOPORT_VERSION_MAJOR) + "." +
                             std::to_string(YOLOPORT_VERSION_MINOR) + "." +
                             std::to_string(YOLOPORT_VERSION_PATCH);
  EXPECT_EQ(macros, Version());
  EXPECT_EQ(macros, yoloport_version());
}

}  // namespace
}  // namespace yoloport::c_api
