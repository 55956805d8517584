#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tasks/detect/host/colors.h"
#include "tasks/detect/host/label_layout.h"
#include "yoloport/image.h"

namespace yoloport::tasks::detect::host {
namespace {

Box Placed(LabelLayout& layout, const Box& object, int width, int height) {
  const Box label = layout.Find(object, width, height);
  layout.Add(label);
  return label;
}

int OverlapArea(const Box& a, const Box& b) {
  const int width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const int height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return std::max(0, width) * std::max(0, height);
}

TEST(LabelLayoutTest, PrefersAboveThenInside) {
  LabelLayout layout(200, 100, {});
  EXPECT_EQ(Placed(layout, {50, 50, 60, 40}, 40, 10), (Box{50, 40, 40, 10}));
  EXPECT_EQ(Placed(layout, {50, 50, 60, 40}, 40, 10), (Box{50, 50, 40, 10}));
  EXPECT_EQ(Placed(layout, {120, 2, 60, 60}, 40, 10), (Box{120, 2, 40, 10}));
}

TEST(LabelLayoutTest, StaysInThePictureAndOffOtherLabels) {
  LabelLayout layout(300, 200, {});
  std::vector<Box> labels;
  for (int i = 0; i < 8; ++i) labels.push_back(Placed(layout, {280 - i, 10, 30, 20}, 50, 10));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    EXPECT_GE(labels[i].x, 0);
    EXPECT_LE(labels[i].x + labels[i].width, 300);
    EXPECT_GE(labels[i].y, 0);
    for (std::size_t j = 0; j < i && i < 4; ++j) EXPECT_EQ(OverlapArea(labels[i], labels[j]), 0);
  }
}

TEST(LabelLayoutTest, KeepsOffSmallObjects) {
  const Box neighbour{50, 38, 20, 10};
  LabelLayout layout(200, 200, {neighbour});
  EXPECT_EQ(OverlapArea(Placed(layout, {50, 50, 60, 40}, 40, 10), neighbour), 0);
}

TEST(LabelLayoutTest, TellsHowMuchALabelHides) {
  LabelLayout layout(200, 200, {{0, 0, 40, 10}, {100, 100, 10, 10}});
  EXPECT_EQ(layout.Hidden({50, 50, 30, 10}), 0);
  EXPECT_EQ(layout.Hidden({30, 0, 40, 10}), 0.25);  // of the first
  EXPECT_EQ(layout.Hidden({30, 0, 100, 200}), 1);   // all of the second
  layout.Add({0, 50, 20, 10});
  EXPECT_EQ(layout.Hidden({10, 50, 100, 10}), 0.5);  // of a label
}

TEST(ColoursTest, PaletteFirstThenGenerated) {
  const std::vector<Rgb> palette = {{1, 2, 3}};
  EXPECT_EQ(ClassColour(0, palette).g, 2);
  std::set<std::tuple<int, int, int>> seen;
  for (int label = 0; label < 80; ++label) {
    const Rgb colour = ClassColour(label, {});
    seen.insert({colour.r, colour.g, colour.b});
    const Rgb next = ClassColour(label + 1, {});
    const int difference =
        std::abs(colour.r - next.r) + std::abs(colour.g - next.g) + std::abs(colour.b - next.b);
    EXPECT_GT(difference, 100) << label;
  }
  EXPECT_EQ(seen.size(), 80U);
}

TEST(ColoursTest, TextCanBeRead) {
  EXPECT_EQ(TextColour({255, 255, 0}).r, 20);
  EXPECT_EQ(TextColour({0, 0, 142}).r, 255);
}

TEST(DrawTest, DrawsAtAnySizeWithoutLeavingThePicture) {
  const float infinite = std::numeric_limits<float>::infinity();
  const std::vector<Detection> detections = {{0, 0.9F, {0, 0, 5000, 5000}},
                                             {7, 0.8F, {-10, -10, 3, 3}},
                                             {-1, 0.5F, {2, 2, 2, 2}},
                                             {1, 0.4F, {infinite, 0, 1, NAN}},
                                             {1, 0.4F, {30, 30, 1, 1}}};
  const std::vector<std::string> classes = {std::string(400, 'w'), "größe"};
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 300}, {300, 1}, {64, 48}, {2000, 700}}) {
    Image image(width, height);
    DrawDetections(image, detections, classes);
  }
}

std::vector<std::uint8_t> PictureOf(const std::string& name) {
  Image image(320, 240);
  DrawDetections(image, std::vector<Detection>{{0, 0.5F, {100, 80, 200, 160}}}, {{name}});
  return {image.data(), image.data() + image.stride() * 240};
}

TEST(DrawTest, ALetterThatCannotBeDrawnIsOneQuestionMark) {
  EXPECT_EQ(PictureOf("\u0915\u0916\u0917"), PictureOf("???"));  // of a script that is composed
  EXPECT_EQ(PictureOf("\xff\x80"), PictureOf("??"));
  EXPECT_NE(PictureOf("???"), PictureOf("??"));
}

TEST(DrawTest, LettersBeyondAsciiAreDrawn) {
  EXPECT_NE(PictureOf("\u043c\u0440\u0430\u043a"), PictureOf("????"));
  EXPECT_NE(PictureOf("\u043c\u0440\u0430\u043a"), PictureOf("\u043c\u0440\u0430\u043b"));
  EXPECT_NE(PictureOf("caf\u00e9"), PictureOf("caf?"));
}

TEST(DrawTest, TheBoxIsWhereTheObjectIs) {
  Image image(320, 240);
  DrawDetections(image, std::vector<Detection>{{0, 0.5F, {100, 80, 200, 160}}}, {},
                 std::vector<Rgb>{{250, 100, 50}});
  const std::uint8_t* pixel = image.data() + image.stride() * 120 + 3 * 100;
  EXPECT_NEAR(pixel[0], 50, 25);  // anti-aliased
  EXPECT_NEAR(pixel[1], 100, 25);
  EXPECT_NEAR(pixel[2], 250, 25);
  EXPECT_EQ(image.data()[image.stride() * 120 + 3 * 150], 0);
}

std::vector<std::uint8_t> Drawn(const std::vector<Detection>& detections, int width, int height,
                                const DrawOptions& options) {
  Image image(width, height);
  DrawDetections(image, detections, {{"thing"}}, {}, options);
  return {image.data(), image.data() + image.stride() * static_cast<std::size_t>(height)};
}

std::size_t Touched(const std::vector<std::uint8_t>& pixels) {
  return pixels.size() - static_cast<std::size_t>(std::count(pixels.begin(), pixels.end(), 0));
}

TEST(DrawTest, LabelsScoresAndLinesAreChosen) {
  const std::vector<Detection> one = {{0, 0.5F, {100, 80, 200, 160}}};
  const std::size_t all = Touched(Drawn(one, 320, 240, {}));
  const std::size_t without_score = Touched(Drawn(one, 320, 240, {.scores = false}));
  const std::size_t box = Touched(Drawn(one, 320, 240, {.labels = false}));
  EXPECT_GT(all, without_score);
  EXPECT_GT(without_score, box);
  EXPECT_GT(Touched(Drawn(one, 320, 240, {.labels = false, .line_width = 5})), box);
}

// 6 x 6 things of 20 x 20 pixels, 24 apart: their labels would hide one another.
TEST(DrawTest, LabelsDoNotBuryACrowd) {
  std::vector<Detection> crowd;
  for (int row = 0; row < 6; ++row) {
    for (int column = 0; column < 6; ++column) {
      const auto x = static_cast<float>(column * 24 + 40);
      const auto y = static_cast<float>(row * 24 + 40);
      crowd.push_back({0, 0.9F - static_cast<float>(crowd.size()) * 0.01F, {x, y, x + 20, y + 20}});
    }
  }
  const std::vector<std::uint8_t> drawn = Drawn(crowd, 224, 224, {});
  EXPECT_GT(Touched(drawn), Touched(Drawn(crowd, 224, 224, {.labels = false})));  // at the rim
  std::vector<std::uint8_t> inside;  // of the boxes' lines
  for (const Detection& each : crowd) {
    for (int y = 3; y < 17; ++y) {
      for (int x = 3; x < 17; ++x) {
        const int row = static_cast<int>(each.box[1]) + y;
        const int column = static_cast<int>(each.box[0]) + x;
        inside.push_back(drawn[std::size_t{3} * static_cast<std::size_t>(row * 224 + column)]);
      }
    }
  }
  EXPECT_LT(Touched(inside), inside.size() / 5);
}

TEST(DrawTest, ClassNames) {
  const std::vector<std::string> classes = {"a"};
  EXPECT_EQ(ClassName(classes, 0), "a");
  EXPECT_EQ(ClassName(classes, 3), "class_3");
  EXPECT_EQ(ClassName(classes, -1), "class_-1");
}

TEST(DrawingWarningTest, NamesWhatHasNoLetters) {
  const auto warning = [](const std::vector<std::string>& classes) {
    return DrawingWarning(classes);
  };
  const std::string hint =
      "\nhint: install a font that has them (on Debian fonts-dejavu-core or fonts-noto-core, for "
      "Chinese, Japanese and Korean fonts-noto-cjk or the smaller fonts-droid-fallback); or "
      "--class-names FILE gives the classes other names, one a line";
  EXPECT_EQ(warning({}), "");
  EXPECT_EQ(warning({"person", "traffic light", "~!", "caf\u00e9", "\u0430"}), "");
  EXPECT_EQ(warning({"person", "\u0915"}),
            "the class name '\u0915' cannot be drawn: pictures show ? for letters that no font of "
            "this machine has; all other results have the name as it is" +
                hint);
  EXPECT_EQ(warning({"\u0915", "b\tc", "\xff", "d\x7f", "ok", "\u0f40", "a\u0917", "\u1000"}),
            "the class names '\u0915', 'b\\tc', '\\xff', 'd\\x7f', '\u0f40', ... and 2 more "
            "cannot be drawn: pictures show ? for letters that no font of this machine has; all "
            "other results have the names as they are" +
                hint);
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
