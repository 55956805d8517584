#include "tasks/detect/host/colors.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace yoloport::tasks::detect::host {
namespace {

double ToLinear(double value) {  // sRGB, 0..1
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

std::uint8_t FromLinear(double value) {
  value = std::clamp(value, 0.0, 1.0);
  const double encoded =
      value <= 0.0031308 ? value * 12.92 : 1.055 * std::pow(value, 1 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(encoded * 255));
}

// Oklch: equal steps of hue look equally far apart, which in HSV they do not.
Rgb FromOklch(double lightness, double chroma, double hue_degrees) {
  const double hue = hue_degrees * 3.14159265358979 / 180;
  const double a = chroma * std::cos(hue);
  const double b = chroma * std::sin(hue);
  const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
  return {FromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          FromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          FromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

}  // namespace

Rgb ClassColour(int label, std::span<const Rgb> palette) {
  const int index = std::max(label, 0);
  if (static_cast<std::size_t>(index) < palette.size()) return palette[index];
  // The golden angle keeps any number of hues apart; lightness tells those that come close.
  constexpr double kGoldenAngle = 137.50776405;
  constexpr std::array<double, 3> kLightness = {0.70, 0.58, 0.82};
  return FromOklch(kLightness[index / 3 % 3], 0.17, std::fmod(28 + index * kGoldenAngle, 360));
}

Rgb TextColour(Rgb background) {
  const double luminance = 0.2126 * ToLinear(background.r / 255.0) +
                           0.7152 * ToLinear(background.g / 255.0) +
                           0.0722 * ToLinear(background.b / 255.0);
  // Where white's contrast ratio (WCAG) still reads well it looks calmer than black.
  const bool white = 1.05 / (luminance + 0.05) >= 3.4;
  return white ? Rgb{255, 255, 255} : Rgb{20, 20, 20};
}

}  // namespace yoloport::tasks::detect::host
