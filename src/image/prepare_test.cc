#include "image/prepare.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "yoloport/error.h"

namespace yoloport::image {
namespace {

// The images of scripts/make_letterbox_golden.py.
std::vector<std::uint8_t> GoldenImage(int width, int height) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(width) * height * 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int smooth = (x * 5 + y * 3 + c * 40) / 4;
        const int noise = (x * x * 7 + y * y * 13 + x * y * (c + 3) + (x ^ y) * 31) >> 3;
        const int stripe = (x / 9 + y / 5) % 3 == c ? 90 : 0;
        pixels.push_back(static_cast<std::uint8_t>((smooth + stripe + noise % 61) % 256));
      }
    }
  }
  return pixels;
}

Preprocess PreprocessOf(const std::string& pipeline, int width, int height) {
  Preprocess preprocess;
  preprocess.width = width;
  preprocess.height = height;
  preprocess.allow_scale_up =
      pipeline != "yolov5" && pipeline != "twice" && pipeline != "letter_down";
  preprocess.rgb = false;  // without normalisation the planes are the 8-bit image
  preprocess.mean = {0, 0, 0};
  preprocess.std = {1, 1, 1};
  if (pipeline == "yolov5" || pipeline == "yolov8") return preprocess;
  if (pipeline == "twice") {
    preprocess.long_edge = 2 * std::max(width, height);
    preprocess.short_edge = 2 * std::min(width, height);
    return preprocess;
  }
  preprocess.shrink = Interpolation::kBilinear;
  if (pipeline == "letter" || pipeline == "letter_down") preprocess.rounding = Rounding::kHalfEven;
  if (pipeline == "rtmdet") {
    preprocess.rounding = Rounding::kHalfUp;
    preprocess.pad_side = PadSide::kRightBottom;
  }
  if (pipeline == "stretch" || pipeline == "ppyoloe") preprocess.resize = ResizeKind::kStretch;
  if (pipeline == "ppyoloe") preprocess.shrink = preprocess.enlarge = Interpolation::kBicubic;
  return preprocess;
}

// The checksum of planes as rows of blue, green, red.
std::uint32_t Checksum(const std::vector<float>& planes) {
  const std::size_t area = planes.size() / 3;
  std::vector<std::uint8_t> pixels(planes.size());
  for (std::size_t i = 0; i < area; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      pixels[3 * i + c] = static_cast<std::uint8_t>(planes[c * area + i]);
    }
  }
  return libdeflate_crc32(0, pixels.data(), pixels.size());
}

struct Case {
  std::string pipeline;
  int input_width, input_height, width, height, left, top;
  double scale_x, scale_y;
  std::uint32_t checksum;
};

std::vector<Case> GoldenCases() {
  std::ifstream file("testdata/letterbox/golden.txt");
  std::vector<Case> cases;
  for (Case c; file >> c.pipeline >> c.input_width >> c.input_height >> c.width >> c.height >>
               c.left >> c.top >> c.scale_x >> c.scale_y >> c.checksum;) {
    cases.push_back(c);
  }
  return cases;
}

TEST(PrepareTest, PixelsAreMmyolos) {
  const std::vector<Case> cases = GoldenCases();
  ASSERT_GT(cases.size(), 300U);
  std::map<std::pair<int, int>, std::vector<std::uint8_t>> images;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.pipeline + " " + std::to_string(c.input_width) + "x" +
                 std::to_string(c.input_height) + " of " + std::to_string(c.width) + "x" +
                 std::to_string(c.height));
    auto& pixels = images[{c.width, c.height}];
    if (pixels.empty()) pixels = GoldenImage(c.width, c.height);
    std::vector<float> planes(static_cast<std::size_t>(c.input_width) * c.input_height * 3, -1);
    const Letterbox letterbox =
        PrepareImage({pixels.data(), c.width, c.height},
                     PreprocessOf(c.pipeline, c.input_width, c.input_height), planes);
    EXPECT_EQ(letterbox.left, c.left);
    EXPECT_EQ(letterbox.top, c.top);
    EXPECT_EQ(letterbox.scale_x, c.scale_x);
    EXPECT_EQ(letterbox.scale_y, c.scale_y);
    EXPECT_EQ(Checksum(planes), c.checksum);
  }
}

// What fits is less than a pixel wide; MMYOLO fails there.
TEST(PrepareTest, ThinImagesKeepOnePixel) {
  for (const Rounding rounding : {Rounding::kTruncate, Rounding::kHalfUp, Rounding::kHalfEven}) {
    Preprocess preprocess;
    preprocess.rounding = rounding;
    EXPECT_EQ(PlanLetterbox({1, 5000}, preprocess).content, (Extent{1, 640}));
    EXPECT_EQ(PlanLetterbox({5000, 1}, preprocess).content, (Extent{640, 1}));
  }
}

TEST(PrepareTest, InputsBecomeAsTightAsTheStrideAllows) {
  Preprocess preprocess;
  std::vector<Letterbox> one = {PlanLetterbox({640, 427}, preprocess)};
  TightenInput(one, 32, preprocess);
  EXPECT_EQ(one[0].content, (Extent{640, 427}));
  EXPECT_EQ(one[0].input, (Extent{640, 448}));
  EXPECT_EQ(one[0].left, 0);
  EXPECT_EQ(one[0].top, 10);
  std::vector<Letterbox> two = {PlanLetterbox({640, 427}, preprocess),
                                PlanLetterbox({20, 40}, preprocess)};
  preprocess.pad_side = PadSide::kRightBottom;
  TightenInput(two, 64, preprocess);
  for (const Letterbox& letterbox : two) EXPECT_EQ(letterbox.input, (Extent{640, 640}));
  std::vector<float> planes(3 * 448 * 640);
  const std::vector<std::uint8_t> pixels(640 * 427 * 3, 255);
  PrepareImage({pixels.data(), 640, 427}, preprocess, one[0], planes);
  EXPECT_EQ(planes[9 * 640], planes[0]);  // padding
  EXPECT_NE(planes[10 * 640], planes[0]);
  EXPECT_EQ(planes[436 * 640], planes[10 * 640]);
  EXPECT_EQ(planes[437 * 640], planes[0]);
}

TEST(PrepareTest, ContentAlwaysFits) {
  for (const Rounding rounding : {Rounding::kTruncate, Rounding::kHalfUp, Rounding::kHalfEven}) {
    for (const auto& [width, height] : {std::pair{640, 640}, {640, 384}, {96, 1280}, {1, 1}}) {
      Preprocess preprocess;
      preprocess.rounding = rounding;
      preprocess.width = width;
      preprocess.height = height;
      for (int w = 1; w < 3000; w = w * 5 / 4 + 1) {
        for (int h = 1; h < 3000; h = h * 4 / 3 + 1) {
          const Letterbox plan = PlanLetterbox({w, h}, preprocess);
          ASSERT_LE(plan.left + plan.content.width, width) << w << "x" << h;
          ASSERT_LE(plan.top + plan.content.height, height) << w << "x" << h;
        }
      }
    }
  }
}

TEST(PrepareTest, NormalisesAsTorchDoes) {
  Preprocess preprocess;
  preprocess.width = 37;  // no multiple of a vector
  preprocess.height = 5;
  preprocess.resize = ResizeKind::kStretch;
  preprocess.mean = {123.675F, 116.28F, 103.53F};
  preprocess.std = {58.395F, 57.12F, 57.375F};
  const auto pixels = GoldenImage(37, 5);
  std::vector<float> planes(std::size_t{3} * 37 * 5);
  for (const bool rgb : {true, false}) {
    preprocess.rgb = rgb;
    PrepareImage({pixels.data(), 37, 5}, preprocess, planes);
    for (std::size_t at = 0; at < planes.size(); ++at) {
      const std::size_t plane = at / (37 * 5);
      const std::size_t channel = rgb ? 2 - plane : plane;
      const float value = pixels[at % (37 * 5) * 3 + channel];
      ASSERT_EQ(planes[at], (value - preprocess.mean[plane]) / preprocess.std[plane]) << at;
    }
  }
}

TEST(PrepareTest, PaddingIsNormalisedToo) {
  Preprocess preprocess;
  preprocess.width = preprocess.height = 8;
  preprocess.pad_value = {10, 20, 30};
  preprocess.mean = {1, 2, 3};
  preprocess.std = {2, 2, 2};
  const std::vector<std::uint8_t> pixels(std::size_t{3} * 8 * 4, 200);
  std::vector<float> planes(std::size_t{3} * 8 * 8);
  PrepareImage({pixels.data(), 8, 4}, preprocess, planes);
  EXPECT_EQ(planes[0], (30.0F - 1) / 2);
  EXPECT_EQ(planes[64], (20.0F - 2) / 2);
  EXPECT_EQ(planes[191], (10.0F - 3) / 2);
  EXPECT_EQ(planes[3 * 8], (200.0F - 1) / 2);
}

// The bytes of every layout and order are those that the float planes were made of.
TEST(PrepareTest, BytesAreThePlanesBeforeNormalisation) {
  const int width = 50, height = 30;
  const std::vector<std::uint8_t> pixels = GoldenImage(width, height);
  Preprocess preprocess;
  preprocess.width = preprocess.height = 64;
  preprocess.pad_value = {10, 20, 30};
  preprocess.mean = {0, 0, 0};
  preprocess.std = {1, 1, 1};
  const std::size_t area = std::size_t{64} * 64;
  for (const bool rgb : {false, true}) {
    preprocess.rgb = rgb;
    preprocess.type = InputType::kFloat;
    std::vector<float> planes(3 * area);
    const Letterbox expected = PrepareImage({pixels.data(), width, height}, preprocess, planes);
    preprocess.type = InputType::kUint8;
    for (const InputLayout layout : {InputLayout::kNchw, InputLayout::kNhwc}) {
      preprocess.layout = layout;
      std::vector<std::uint8_t> bytes(3 * area);
      const Letterbox actual = PrepareImage({pixels.data(), width, height}, preprocess, bytes);
      EXPECT_EQ(actual.top, expected.top);
      for (std::size_t i = 0; i < 3 * area; ++i) {
        const bool nhwc = layout == InputLayout::kNhwc;
        const std::size_t at = nhwc ? i % area * 3 + i / area : i;
        ASSERT_EQ(static_cast<float>(bytes[at]), planes[i]) << i;
      }
    }
  }
}

TEST(PrepareTest, GreyAndStridedViews) {
  Preprocess preprocess;
  preprocess.width = preprocess.height = 64;
  const int width = 50, height = 40, stride = 61;
  std::vector<std::uint8_t> grey(stride * height);
  std::vector<std::uint8_t> colour;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      grey[y * stride + x] = static_cast<std::uint8_t>(x * 3 + y);
      colour.insert(colour.end(), 3, grey[y * stride + x]);
    }
  }
  std::vector<float> from_grey(std::size_t{3} * 64 * 64), from_colour = from_grey;
  PrepareImage({grey.data(), width, height, 1, stride}, preprocess, from_grey);
  PrepareImage({colour.data(), width, height}, preprocess, from_colour);
  EXPECT_EQ(from_grey, from_colour);
}

// A gray image has the same numbers in one channel as in three.
TEST(PrepareTest, ANetworkOfOneChannelGetsGray) {
  std::vector<std::uint8_t> gray;
  std::vector<std::uint8_t> color;
  for (int i = 0; i < 40 * 20; ++i) {
    gray.push_back(static_cast<std::uint8_t>(i * i % 251));
    color.insert(color.end(), 3, gray.back());
  }
  Preprocess preprocess;
  preprocess.width = preprocess.height = 32;
  preprocess.rgb = false;
  preprocess.mean = {3, 3, 3};
  preprocess.std = {2, 2, 2};
  std::vector<float> three(3 * 32 * 32);
  PrepareImage({color.data(), 40, 20, 3, 0}, preprocess, std::span<float>(three));
  preprocess.channels = 1;
  std::vector<float> one(32 * 32);
  for (const ImageView& view :
       {ImageView{gray.data(), 40, 20, 1, 0}, ImageView{color.data(), 40, 20, 3, 0}}) {
    PrepareImage(view, preprocess, std::span<float>(one));
    EXPECT_TRUE(std::equal(one.begin(), one.end(), three.begin()));
  }
  std::vector<std::uint8_t> bytes(32 * 32);
  PrepareImage({color.data(), 40, 20, 3, 0}, preprocess, std::span<std::uint8_t>(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ASSERT_EQ((static_cast<float>(bytes[i]) - 3) / 2, one[i]) << i;
  }
}

// By the weights of ITU-R BT.601.
TEST(PrepareTest, ColorsBecomeTheirLuminance) {
  const std::vector<std::uint8_t> pixels = {200, 0, 0, 0, 200, 0, 0, 0, 200, 10, 20, 30};
  Preprocess preprocess;
  preprocess.width = 4;
  preprocess.height = 1;
  preprocess.channels = 1;
  preprocess.std = {1, 1, 1};
  std::vector<float> gray(4);
  PrepareImage({pixels.data(), 4, 1, 3, 0}, preprocess, std::span<float>(gray));
  EXPECT_EQ(gray, (std::vector<float>{23, 117, 60, 22}));
}

TEST(PrepareTest, RefusesWhatIsNoImage) {
  std::vector<float> planes(std::size_t{3} * 640 * 640);
  std::uint8_t pixel[12] = {};
  EXPECT_THROW(PrepareImage({}, {}, planes), ImageError);
  EXPECT_THROW(PrepareImage({pixel, 0, 1}, {}, planes), ImageError);
  EXPECT_THROW(PrepareImage({pixel, 1, 1, 4}, {}, planes), ImageError);
  EXPECT_THROW(PrepareImage({pixel, 2, 2, 3, 5}, {}, planes), ImageError);
}

TEST(PrepareTest, PaddingMayBeWhatTheNetworkGets) {
  Preprocess preprocess;
  preprocess.height = preprocess.width = 2;
  preprocess.rounding = Rounding::kHalfUp;
  preprocess.pad_side = PadSide::kRightBottom;
  preprocess.pad_domain = PadDomain::kInput;
  preprocess.pad_value = {0.5F, -1, 2};
  preprocess.rgb = false;
  preprocess.mean = {10, 20, 30};
  preprocess.std = {10, 10, 10};
  const std::vector<std::uint8_t> pixels = {20, 20, 20, 30, 40, 50};
  std::vector<float> planes(12);
  PrepareImage({pixels.data(), 2, 1}, preprocess, planes);
  EXPECT_EQ(planes, (std::vector<float>{1, 2, 0.5F, 0.5F, 0, 2, -1, -1, -1, 2, 2, 2}));
}

// mmdet.Pad's size does not turn with the image, and pad_to_square goes by it.
TEST(PrepareTest, TightInputsArePaddedAsTheConfigAsks) {
  Preprocess preprocess;
  preprocess.rounding = Rounding::kHalfUp;
  preprocess.pad_side = PadSide::kRightBottom;
  preprocess.long_edge = 640;
  preprocess.short_edge = 384;
  const auto input = [&](Extent image) {
    preprocess.height = 640;  // the plan's room holds both orientations
    std::vector<Letterbox> one = {PlanLetterbox(image, preprocess)};
    preprocess.height = 384;
    TightenInput(one, 32, preprocess);
    return one[0].input;
  };
  EXPECT_EQ(input({640, 300}), (Extent{640, 320}));
  EXPECT_EQ(input({300, 640}), (Extent{320, 640}));
  preprocess.pad_to = PadTo::kInput;
  EXPECT_EQ(input({640, 300}), (Extent{640, 384}));
  EXPECT_EQ(input({300, 640}), (Extent{640, 640}));
  EXPECT_EQ(input({480, 640}), (Extent{640, 512}));
  preprocess.pad_to = PadTo::kSquare;
  EXPECT_EQ(input({640, 300}), (Extent{640, 640}));
  EXPECT_EQ(input({480, 640}), (Extent{512, 512}));
}

TEST(LetterboxTest, EdgesAreTheSameInEitherOrientation) {
  Preprocess preprocess;  // 640x640
  preprocess.rounding = Rounding::kHalfUp;
  preprocess.long_edge = 640;
  preprocess.short_edge = 384;
  EXPECT_EQ(PlanLetterbox({640, 480}, preprocess).content, (Extent{512, 384}));
  EXPECT_EQ(PlanLetterbox({480, 640}, preprocess).content, (Extent{384, 512}));
  EXPECT_EQ(PlanLetterbox({2000, 500}, preprocess).content, (Extent{640, 160}));
  // An input that does not hold an upright one: as large as fits.
  preprocess.height = 384;
  EXPECT_EQ(PlanLetterbox({480, 640}, preprocess).content, (Extent{288, 384}));
  preprocess.rounding = Rounding::kTruncate;  // YOLOv5KeepRatioResize, in a larger canvas
  preprocess.height = 640;
  preprocess.allow_scale_up = false;
  EXPECT_EQ(PlanLetterbox({480, 640}, preprocess).content, (Extent{384, 512}));
}

// YOLOv5KeepRatioResize to more than LetterResize's scale, which then shrinks.
TEST(LetterboxTest, EdgesBeyondTheInputMakeTwoSteps) {
  Preprocess preprocess;  // 640x640
  preprocess.allow_scale_up = false;
  preprocess.long_edge = preprocess.short_edge = 1280;
  const Letterbox letterbox = PlanLetterbox({1000, 750}, preprocess);
  ASSERT_EQ(letterbox.steps.size(), 2U);
  EXPECT_EQ(letterbox.steps[0].size, (Extent{1280, 960}));
  EXPECT_EQ(letterbox.steps[0].interpolation, Interpolation::kBilinear);
  EXPECT_EQ(letterbox.steps[1].size, (Extent{640, 480}));
  EXPECT_EQ(letterbox.steps[1].interpolation, Interpolation::kBilinear);
  EXPECT_EQ(letterbox.content, (Extent{640, 480}));
}

}  // namespace
}  // namespace yoloport::image
