#include "image/letterbox.h"

#include <algorithm>
#include <cmath>

namespace yoloport::image {
namespace {

double FitRatio(Extent from, Extent into) {
  return std::min(static_cast<double>(into.height) / from.height,
                  static_cast<double>(into.width) / from.width);
}

// mmcv's rescale_size and YOLOv5KeepRatioResize: as large as fits when either may be turned by 90
// degrees.
double EdgeRatio(Extent from, Extent into) {
  const auto [into_short, into_long] = std::minmax(into.width, into.height);
  const auto [from_short, from_long] = std::minmax(from.width, from.height);
  return std::min(static_cast<double>(into_long) / from_long,
                  static_cast<double>(into_short) / from_short);
}

// An extent of a fraction of a pixel is where MMYOLO fails; we keep one pixel.
template <typename Round>
Extent Scaled(Extent from, double ratio, const Round& round) {
  return {std::max(1, static_cast<int>(round(from.width * ratio))),
          std::max(1, static_cast<int>(round(from.height * ratio)))};
}

void Place(Letterbox& letterbox, const Preprocess& preprocess) {
  if (preprocess.pad_side != PadSide::kCenter) return;
  const int columns = letterbox.input.width - letterbox.content.width;
  const int rows = letterbox.input.height - letterbox.content.height;
  letterbox.left = columns / 2;
  letterbox.top = rows / 2;
  letterbox.offset_x = preprocess.half_padding ? columns / 2.0 : letterbox.left;
  letterbox.offset_y = preprocess.half_padding ? rows / 2.0 : letterbox.top;
  if (!preprocess.half_padding || !preprocess.one_scale) return;
  // Of the extents before they were rounded to whole pixels.
  letterbox.offset_x = (letterbox.input.width - letterbox.image.width * letterbox.scale_x) / 2;
  letterbox.offset_y = (letterbox.input.height - letterbox.image.height * letterbox.scale_y) / 2;
}

// What the edges of an image may measure, in either orientation.
Extent EdgesOf(const Preprocess& preprocess) {
  if (preprocess.long_edge == 0) return {preprocess.width, preprocess.height};
  return {preprocess.long_edge, preprocess.short_edge};
}

class Planner {
 public:
  Planner(Extent image, const Preprocess& preprocess)
      : preprocess_(preprocess), input_{preprocess.width, preprocess.height} {
    plan_.image = image;
    plan_.input = input_;
    plan_.content = image;
  }

  Letterbox Plan() {
    if (preprocess_.resize == ResizeKind::kStretch) {
      const bool shrinks = FitRatio(plan_.image, input_) < 1;
      Resize(input_, shrinks ? preprocess_.shrink : preprocess_.enlarge);
      return plan_;
    }
    switch (preprocess_.rounding) {
      case Rounding::kTruncate:
        KeepRatioResize();
        LetterResize(preprocess_.enlarge, preprocess_.enlarge);
        break;
      case Rounding::kHalfEven:
        LetterResize(preprocess_.shrink, preprocess_.enlarge);
        break;
      case Rounding::kHalfUp:
        RescaleSize();
        break;
      case Rounding::kDown:
        FitDown();
        break;
    }
    if (preprocess_.one_scale) plan_.scale_x = plan_.scale_y = ratio_;
    Place(plan_, preprocess_);
    return plan_;
  }

 private:
  void Resize(Extent size, Interpolation interpolation) {
    // Resizing to the same size copies pixels under every interpolation.
    if (size == plan_.content) return;
    plan_.scale_x *= static_cast<double>(size.width) / plan_.content.width;
    plan_.scale_y *= static_cast<double>(size.height) / plan_.content.height;
    plan_.content = size;
    plan_.steps.push_back({size, interpolation});
  }

  void KeepRatioResize() {  // mmyolo.YOLOv5KeepRatioResize
    const double ratio = EdgeRatio(plan_.content, EdgesOf(preprocess_));
    if (ratio == 1) return;
    ratio_ *= ratio;
    const Extent size = Scaled(plan_.content, ratio, [](double x) { return std::trunc(x); });
    Resize(size, ratio < 1 ? preprocess_.shrink : preprocess_.enlarge);
  }

  void LetterResize(Interpolation shrink, Interpolation enlarge) {  // mmyolo.LetterResize
    double ratio = FitRatio(plan_.content, input_);
    if (!preprocess_.allow_scale_up) ratio = std::min(ratio, 1.0);
    ratio_ *= ratio;
    const Extent size = Scaled(plan_.content, ratio, [](double x) { return std::nearbyint(x); });
    Resize(size, ratio < 1 ? shrink : enlarge);
  }

  void RescaleSize() {  // mmdet.Resize(keep_ratio=True)
    const auto scaled = [&](double ratio) {
      return Scaled(plan_.content, ratio, [](double x) { return std::trunc(x + 0.5); });
    };
    double ratio = EdgeRatio(plan_.content, EdgesOf(preprocess_));
    Extent size = scaled(ratio);
    if (size.width > input_.width || size.height > input_.height) {
      ratio = FitRatio(plan_.content, input_);
      size = scaled(ratio);
    }
    ratio_ *= ratio;
    Resize(size, ratio < 1 ? preprocess_.shrink : preprocess_.enlarge);
  }

  void FitDown() {  // preproc() of YOLOX's repository
    const double ratio = FitRatio(plan_.content, input_);
    ratio_ *= ratio;
    const Extent size = Scaled(plan_.content, ratio, [](double x) { return std::trunc(x); });
    Resize(size, ratio < 1 ? preprocess_.shrink : preprocess_.enlarge);
  }

  const Preprocess& preprocess_;
  Extent input_;
  double ratio_ = 1;  // that the image was to be resized by
  Letterbox plan_;
};

// What the image is padded to, but for the stride.
Extent Padded(Extent content, const Preprocess& preprocess) {
  switch (preprocess.pad_to) {
    case PadTo::kStride:
      break;
    case PadTo::kInput:
      return {std::max(content.width, preprocess.width),
              std::max(content.height, preprocess.height)};
    case PadTo::kSquare: {
      const int side = std::max(content.width, content.height);
      return {side, side};
    }
  }
  return content;
}

}  // namespace

Letterbox PlanLetterbox(Extent image, const Preprocess& preprocess) {
  return Planner(image, preprocess).Plan();
}

void TightenInput(std::span<Letterbox> letterboxes, int stride, const Preprocess& preprocess) {
  const auto whole = [stride](int extent) { return (extent + stride - 1) / stride * stride; };
  Extent input;
  for (const Letterbox& letterbox : letterboxes) {
    const Extent padded = Padded(letterbox.content, preprocess);
    input.width = std::max(input.width, whole(padded.width));
    input.height = std::max(input.height, whole(padded.height));
  }
  for (Letterbox& letterbox : letterboxes) {
    letterbox.input = input;
    Place(letterbox, preprocess);
  }
}

void MapBoxesBack(const Letterbox& letterbox, std::span<Detection> detections) {
  const auto back = [](float at, double pad, double scale, int extent) {
    const float moved = (at - static_cast<float>(pad)) / static_cast<float>(scale);
    return std::clamp(moved, 0.0F, static_cast<float>(extent));
  };
  const auto& [width, height] = letterbox.image;
  for (Detection& detection : detections) {
    auto& [x1, y1, x2, y2] = detection.box;
    x1 = back(x1, letterbox.offset_x, letterbox.scale_x, width);
    y1 = back(y1, letterbox.offset_y, letterbox.scale_y, height);
    x2 = back(x2, letterbox.offset_x, letterbox.scale_x, width);
    y2 = back(y2, letterbox.offset_y, letterbox.scale_y, height);
  }
}

}  // namespace yoloport::image
