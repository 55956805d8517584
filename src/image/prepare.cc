#include "image/prepare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <utility>
#include <vector>

#include "image/mat.h"
#include "yoloport/error.h"

namespace yoloport::image {
namespace {

int ToOpenCv(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kNearest:
      return cv::INTER_NEAREST;
    case Interpolation::kBilinear:
      return cv::INTER_LINEAR;
    case Interpolation::kBicubic:
      return cv::INTER_CUBIC;
    case Interpolation::kArea:
      return cv::INTER_AREA;
    case Interpolation::kLanczos:
      return cv::INTER_LANCZOS4;
  }
  return cv::INTER_LINEAR;
}

// One channel of the network's input.
struct Plane {
  float* data;  // height x width
  float mean;
  float std;
  float padding;  // what the pad value becomes

  float Normalised(float value) const { return (value - mean) / std; }
};

// The planes by the channel of the image that they take: blue, green, red; or gray alone.
std::vector<Plane> MakePlanes(const Preprocess& preprocess, std::span<float> out) {
  const auto channels = static_cast<std::size_t>(preprocess.channels);
  const std::size_t area = out.size() / channels;
  std::vector<Plane> planes(channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::size_t at = channels == 3 && preprocess.rgb ? 2 - channel : channel;
    Plane& plane = planes[channel];
    plane = {out.data() + at * area, preprocess.mean[at], preprocess.std[at], 0};
    // A pixel of padding is one of the 8-bit image: MMYOLO's goes through OpenCV's rounding, too.
    plane.padding =
        preprocess.pad_domain == PadDomain::kInput
            ? preprocess.pad_value[at]
            : plane.Normalised(cv::saturate_cast<std::uint8_t>(preprocess.pad_value[channel]));
  }
  return planes;
}

#if CV_SIMD
// A register's worth of 8-bit values, normalised.
void StoreNormalised(const cv::v_uint8& values, const Plane& plane, float* out) {
  const cv::v_float32 mean = cv::vx_setall_f32(plane.mean);
  const cv::v_float32 std = cv::vx_setall_f32(plane.std);
  cv::v_uint16 low, high;
  cv::v_expand(values, low, high);
  for (const cv::v_uint16& half : {low, high}) {
    cv::v_uint32 words[2];
    cv::v_expand(half, words[0], words[1]);
    for (const cv::v_uint32& word : words) {
      const cv::v_float32 wide = cv::v_cvt_f32(cv::v_reinterpret_as_s32(word));
      cv::v_store(out, (wide - mean) / std);
      out += cv::v_float32::nlanes;
    }
  }
}
#endif

// One row of `count` pixels, taken apart into the planes at offset `at`. Divides rather than
// multiplying by a reciprocal: that would differ from MMYOLO in the last bit.
void NormaliseRow(const std::uint8_t* pixels, int count, const std::vector<Plane>& planes,
                  std::size_t at) {
  int x = 0;
  if (planes.size() == 1) {
    for (; x < count; ++x) planes[0].data[at + x] = planes[0].Normalised(pixels[x]);
    return;
  }
#if CV_SIMD
  for (; x + cv::v_uint8::nlanes <= count; x += cv::v_uint8::nlanes) {
    cv::v_uint8 blue, green, red;
    cv::v_load_deinterleave(pixels + 3 * x, blue, green, red);
    StoreNormalised(blue, planes[0], planes[0].data + at + x);
    StoreNormalised(green, planes[1], planes[1].data + at + x);
    StoreNormalised(red, planes[2], planes[2].data + at + x);
  }
#endif
  for (; x < count; ++x) {
    for (std::size_t c = 0; c < 3; ++c) {
      planes[c].data[at + x] = planes[c].Normalised(pixels[3 * x + static_cast<int>(c)]);
    }
  }
}

void Fill(const std::vector<Plane>& planes, std::size_t at, std::size_t count) {
  for (const Plane& plane : planes) std::fill_n(plane.data + at, count, plane.padding);
}

// Of `channels`, blue first.
cv::Mat Resized(const ImageView& image, const Letterbox& letterbox, int channels) {
  cv::Mat content = MatView(image);
  // Into a new matrix each time: the first one is the caller's pixels.
  const auto step_into = [&](const auto& operation) {
    cv::Mat next;
    operation(next);
    content = std::move(next);
  };
  if (image.channels != channels) {
    const int change = channels == 3 ? cv::COLOR_GRAY2BGR : cv::COLOR_BGR2GRAY;
    step_into([&](cv::Mat& next) { cv::cvtColor(content, next, change); });
  }
  for (const ResizeStep& step : letterbox.steps) {
    step_into([&](cv::Mat& next) {
      cv::resize(content, next, {step.size.width, step.size.height}, 0, 0,
                 ToOpenCv(step.interpolation));
    });
  }
  return content;
}

// A pixel of padding: MMYOLO's goes through OpenCV's rounding, too.
cv::Scalar Padding(const Preprocess& preprocess) {
  const auto byte = [&](std::size_t channel) {
    return cv::saturate_cast<std::uint8_t>(preprocess.pad_value[channel]);
  };
  return {static_cast<double>(byte(0)), static_cast<double>(byte(1)), static_cast<double>(byte(2))};
}

}  // namespace

Letterbox PlanImage(const ImageView& image, const Preprocess& preprocess) {
  CheckView(image);
  return PlanLetterbox({image.width, image.height}, preprocess);
}

void PrepareImage(const ImageView& image, const Preprocess& preprocess, const Letterbox& letterbox,
                  std::span<std::uint8_t> out) {
  const auto& [width, height] = letterbox.input;
  const cv::Mat content = Resized(image, letterbox, preprocess.channels);
  const int bottom = height - letterbox.top - content.rows;
  const int right = width - letterbox.left - content.cols;
  const bool is_final =
      preprocess.channels == 1 || (preprocess.layout == InputLayout::kNhwc && !preprocess.rgb);
  cv::Mat padded;
  if (is_final) padded = cv::Mat(height, width, CV_8UC(preprocess.channels), out.data());
  cv::copyMakeBorder(content, padded, letterbox.top, bottom, letterbox.left, right,
                     cv::BORDER_CONSTANT, Padding(preprocess));
  if (is_final) return;
  if (preprocess.layout == InputLayout::kNhwc) {
    cv::cvtColor(padded, cv::Mat(height, width, CV_8UC3, out.data()), cv::COLOR_BGR2RGB);
    return;
  }
  const std::size_t area = out.size() / 3;
  std::vector<cv::Mat> planes;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    std::uint8_t* plane = out.data() + area * (preprocess.rgb ? 2 - channel : channel);
    planes.emplace_back(height, width, CV_8UC1, plane);
  }
  cv::split(padded, planes);
}

void PrepareImage(const ImageView& image, const Preprocess& preprocess, const Letterbox& letterbox,
                  std::span<float> out) {
  const cv::Mat content = Resized(image, letterbox, preprocess.channels);
  const auto planes = MakePlanes(preprocess, out);
  const auto width = static_cast<std::size_t>(letterbox.input.width);
  const std::size_t left = static_cast<std::size_t>(letterbox.left);
  const std::size_t right = left + static_cast<std::size_t>(content.cols);
  const int bottom = letterbox.top + content.rows;
  Fill(planes, 0, width * static_cast<std::size_t>(letterbox.top));
  for (int y = letterbox.top; y < bottom; ++y) {
    const std::size_t row = width * static_cast<std::size_t>(y);
    Fill(planes, row, left);
    NormaliseRow(content.ptr(y - letterbox.top), content.cols, planes, row + left);
    Fill(planes, row + right, width - right);
  }
  Fill(planes, width * static_cast<std::size_t>(bottom),
       width * static_cast<std::size_t>(letterbox.input.height - bottom));
}

Letterbox PrepareImage(const ImageView& image, const Preprocess& preprocess,
                       std::span<float> planes) {
  Letterbox letterbox = PlanImage(image, preprocess);
  PrepareImage(image, preprocess, letterbox, planes);
  return letterbox;
}

Letterbox PrepareImage(const ImageView& image, const Preprocess& preprocess,
                       std::span<std::uint8_t> out) {
  Letterbox letterbox = PlanImage(image, preprocess);
  PrepareImage(image, preprocess, letterbox, out);
  return letterbox;
}

}  // namespace yoloport::image
