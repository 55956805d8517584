// Ranges of the numbers that describe a model. They hold where a config gives a number, so that its
// line can be named, and where a file's metadata gives it, so that no file is written that is then
// refused.
#pragma once

namespace yoloport::base {

struct Range {
  double low;
  double high;
  constexpr bool Holds(double value) const { return value >= low && value <= high; }  // not NaN
};

// Preparing images.
inline constexpr Range kMeanRange = {-1e6, 1e6};
inline constexpr Range kStdRange = {1e-6, 1e6};
inline constexpr Range kPadValueRange = {0, 255};
inline constexpr Range kInputPaddingRange = {-1e30, 1e30};  // times a std, plus a mean
inline constexpr Range kInputSideRange = {1, 1 << 15};      // pixels; options allow less

// Heads.
inline constexpr Range kStrideRange = {1, 1 << 15};  // whole pixels
inline constexpr Range kAnchorRange = {1e-6, 1e6};   // pixels
inline constexpr Range kPriorOffsetRange = {0, 1};   // strides
inline constexpr Range kRegMaxRange = {0, 1 << 10};  // bins beyond the first

inline constexpr Range kThresholdRange = {0, 1};
inline constexpr Range kMinBoxSizeRange = {0, 1 << 15};  // pixels of the image

// Layers.
inline constexpr Range kNormEpsRange = {0, 1};  // beside a variance; 1e-3 and 1e-5 are usual
inline constexpr Range kSlopeRange = {-1e6, 1e6};

}  // namespace yoloport::base
