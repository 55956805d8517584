#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "base/text.h"
#include "image/mat.h"
#include "tasks/detect/host/colors.h"
#include "tasks/detect/host/label_layout.h"
#include "tasks/detect/host/letters.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

using tasks::detect::host::Box;
using tasks::detect::host::Drawable;
using tasks::detect::host::DrawLetters;
using tasks::detect::host::IsAscii;
using tasks::detect::host::TextPicture;

// Of texts in ASCII: OpenCV's stroke font, drawn several times too large and shrunk, since its own
// anti-aliasing at letter size is hard to read. Others are drawn by letters.h.
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr int kOversampling = 4;
constexpr double kCapitalHeight = 21;  // pixels of a capital letter at font scale 1
constexpr int kSmallestText = 6;       // pixels of a capital letter that can still be read

// Sizes in pixels that grow with the picture.
struct Style {
  int line;  // width of a box's line
  int text;  // height of a capital letter
};

Style StyleFor(int width, int height) {
  const double size = std::sqrt(static_cast<double>(width) * height);
  // Letters of 8 pixels would be too large where the picture is hardly larger than an icon.
  const double text = std::max(std::clamp(size / 24, double{kSmallestText}, 8.0), size / 64);
  return {std::max(1, static_cast<int>(std::lround(size / 240))),
          static_cast<int>(std::lround(text))};
}

int TextPadding(int text) { return std::max(2, (text * 2 + 2) / 5); }

double FontScale(int text) { return text * kOversampling / kCapitalHeight; }
int FontThickness(int text) {
  return std::max(1, static_cast<int>(std::lround(text * kOversampling * 0.13)));
}

int TextWidth(const std::string& text, int height) {
  if (!IsAscii(text)) return DrawLetters(text, height).width;
  int baseline = 0;
  const cv::Size size =
      cv::getTextSize(text, kFont, FontScale(height), FontThickness(height), &baseline);
  return (size.width + kOversampling - 1) / kOversampling;
}

Box PixelBox(const Detection& detection) {
  const int x1 = static_cast<int>(std::lround(detection.box[0]));
  const int y1 = static_cast<int>(std::lround(detection.box[1]));
  return {x1, y1, static_cast<int>(std::lround(detection.box[2])) - x1,
          static_cast<int>(std::lround(detection.box[3])) - y1};
}

struct Label {
  std::string text;
  int height = 0;  // of a capital letter; 0: there is no room for a label
  Box box;         // with padding
};

// The texts of a label, the most informative first.
std::vector<std::string> LabelTexts(const Detection& detection, std::span<const std::string> names,
                                    const DrawOptions& options) {
  if (!options.labels) return {};
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "%.2f", static_cast<double>(detection.score));
  const std::string name = Drawable(ClassName(names, detection.label));
  if (!options.scores) return {name};
  return {name + " " + number.data(), name};
}

// The most informative text, and of that the largest, that fits across the picture and hides no
// other object or label; there may be none. Letters are smaller for a small object.
Label MakeLabel(const std::vector<std::string>& texts, int text, const Box& object,
                int picture_width, const tasks::detect::host::LabelLayout& layout) {
  constexpr double kMostHidden = 0.25;
  if (std::max(object.width, object.height) < 5 * text) {
    text = std::max(std::min(7, text), text * 4 / 5);
  }
  for (const std::string& candidate : texts) {
    for (int height = text; height >= kSmallestText; height -= std::max(1, height / 8)) {
      const int padding = TextPadding(height);
      const int width = TextWidth(candidate, height) + 2 * padding;
      if (width > picture_width) continue;
      const Box box = layout.Find(object, width, height + 2 * padding);
      if (layout.Hidden(box) <= kMostHidden) return {candidate, height, box};
    }
  }
  return {};
}

// Copies letters so that they stand on the row `line`, from the column `left` on.
void PutLetters(const TextPicture& letters, int left, int line, cv::Mat& mask) {
  for (int y = 0; y < letters.height; ++y) {
    const int row = line - letters.ascent + y;
    if (row < 0 || row >= mask.rows) continue;
    const int width = std::min(letters.width, mask.cols - left);
    const auto* from = letters.alpha.data() + static_cast<std::ptrdiff_t>(y) * letters.width;
    if (width > 0) std::copy_n(from, width, mask.ptr(row) + left);
  }
}

// Where letters are, 0..255, for a label's whole box.
cv::Mat TextMask(const Label& label) {
  const int padding = TextPadding(label.height);
  cv::Mat mask(label.box.height, label.box.width, CV_8U, cv::Scalar(0));
  if (!IsAscii(label.text)) {
    PutLetters(DrawLetters(label.text, label.height), padding, padding + label.height, mask);
    return mask;
  }
  cv::Mat large(mask.rows * kOversampling, mask.cols * kOversampling, CV_8U, cv::Scalar(0));
  cv::putText(large, label.text,
              {padding * kOversampling, (padding + label.height) * kOversampling}, kFont,
              FontScale(label.height), 255, FontThickness(label.height), cv::LINE_8);
  cv::resize(large, mask, mask.size(), 0, 0, cv::INTER_AREA);
  return mask;
}

// Labels and their places. The best detections come first and choose first.
std::vector<Label> MakeLabels(std::span<const Detection* const> detections,
                              std::span<const std::string> classes, int text, const cv::Size& size,
                              const DrawOptions& options) {
  std::vector<Box> objects;
  for (const Detection* each : detections) objects.push_back(PixelBox(*each));
  tasks::detect::host::LabelLayout layout(size.width, size.height, objects);
  std::vector<Label> labels;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    labels.push_back(MakeLabel(LabelTexts(*detections[i], classes, options), text, objects[i],
                               size.width, layout));
    if (labels.back().height > 0) layout.Add(labels.back().box);
  }
  return labels;
}

void DrawLabel(cv::Mat& canvas, const Label& label, Rgb colour) {
  const cv::Rect picture(0, 0, canvas.cols, canvas.rows);
  const cv::Rect wanted(label.box.x, label.box.y, label.box.width, label.box.height);
  const cv::Rect place = wanted & picture;
  if (place.empty()) return;
  const cv::Mat mask = TextMask(label);
  const Rgb text = tasks::detect::host::TextColour(colour);
  const std::array<int, 3> ink = {text.b, text.g, text.r};
  const std::array<int, 3> ground = {colour.b, colour.g, colour.r};
  for (int y = 0; y < place.height; ++y) {
    std::uint8_t* pixel = canvas.ptr(place.y + y) + 3 * place.x;
    const std::uint8_t* alpha = mask.ptr(y);
    for (int x = 0; x < place.width; ++x, pixel += 3) {
      const bool rim = x == 0 || y == 0 || x == place.width - 1 || y == place.height - 1;
      for (int c = 0; c < 3; ++c) {
        const int base = rim ? ground[c] * 6 / 10 : ground[c];  // keeps neighbours apart
        pixel[c] = static_cast<std::uint8_t>((ink[c] * alpha[x] + base * (255 - alpha[x])) / 255);
      }
    }
  }
}

// Fills the pixels along the inside of `edge` to a depth of `width`.
void DrawRing(cv::Mat& canvas, const cv::Rect& edge, int width, const cv::Scalar& colour) {
  const cv::Rect picture(0, 0, canvas.cols, canvas.rows);
  const std::array<cv::Rect, 4> sides = {{
      {edge.x, edge.y, edge.width, width},
      {edge.x, edge.y + edge.height - width, edge.width, width},
      {edge.x, edge.y, width, edge.height},
      {edge.x + edge.width - width, edge.y, width, edge.height},
  }};
  for (const cv::Rect& side : sides) canvas(side & picture).setTo(colour);
}

// A box's outline along the box's edges, with a thin dark rim on both sides that keeps it visible
// on a ground of its own colour. On whole pixels: upright lines need no anti-aliasing to look
// sharp, and OpenCV's anti-aliased rectangle takes ten times as long.
void DrawBox(cv::Mat& canvas, const Box& box, Rgb colour, int line) {
  const auto grown = [&](int by) {
    return cv::Rect(box.x - by, box.y - by, std::max(0, box.width) + 2 * by,
                    std::max(0, box.height) + 2 * by);
  };
  const int outside = line / 2;
  const cv::Scalar bgr(colour.b, colour.g, colour.r);
  if (line > 1) DrawRing(canvas, grown(outside + 1), line + 2, bgr * 0.35);
  DrawRing(canvas, grown(outside), line, bgr);
}

bool IsDrawable(const Detection& detection) {
  constexpr float kFar = 1 << 20;  // beyond any picture, and safe to round
  return std::all_of(detection.box.begin(), detection.box.end(),
                     [](float x) { return std::abs(x) < kFar; });
}

}  // namespace

void DrawDetections(Image& image, std::span<const Detection> detections,
                    std::span<const std::string> classes, std::span<const Rgb> palette,
                    const DrawOptions& options) {
  image::CheckView(image.view());
  cv::Mat canvas = image::MatView(image.view());
  Style style = StyleFor(canvas.cols, canvas.rows);
  if (options.line_width > 0) style.line = options.line_width;
  std::vector<const Detection*> order;
  for (const Detection& detection : detections) {
    if (IsDrawable(detection)) order.push_back(&detection);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Detection* a, const Detection* b) { return a->score > b->score; });

  const std::vector<Label> labels = MakeLabels(order, classes, style.text, canvas.size(), options);
  for (std::size_t i = order.size(); i-- > 0;) {  // and are drawn last
    DrawBox(canvas, PixelBox(*order[i]), tasks::detect::host::ClassColour(order[i]->label, palette),
            style.line);
  }
  for (std::size_t i = order.size(); i-- > 0;) {
    if (labels[i].height == 0) continue;
    DrawLabel(canvas, labels[i], tasks::detect::host::ClassColour(order[i]->label, palette));
  }
}

std::string DrawingWarning(std::span<const std::string> classes) {
  std::vector<std::string> names;
  for (const std::string& name : classes) {
    if (Drawable(name) != name) names.push_back(base::Quote(name, 40));
  }
  if (names.empty()) return "";
  constexpr std::size_t kNamed = 5;
  return std::string("the class name") + (names.size() == 1 ? " " : "s ") +
         base::JoinText(names, kNamed) +
         " cannot be drawn: pictures show ? for letters that no font of this machine has; all "
         "other results have the name" +
         (names.size() == 1 ? " as it is" : "s as they are") +
         "\nhint: install a font that has them (on Debian fonts-dejavu-core or fonts-noto-core, "
         "for "
         "Chinese, Japanese and Korean fonts-noto-cjk or the smaller fonts-droid-fallback); or "
         "--class-names FILE gives the classes other names, one a line";
}

}  // namespace yoloport
