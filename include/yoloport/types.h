// The values that cross the public interface: images in, how to prepare them, detections out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace yoloport {

// A view of 8-bit pixels that the caller owns: rows of interleaved channels, blue first (BGR), as
// OpenCV reads them.
struct ImageView {
  const std::uint8_t* data = nullptr;
  int width = 0;           // pixels
  int height = 0;          // pixels
  int channels = 3;        // 3 (BGR) or 1 (grey)
  std::size_t stride = 0;  // bytes from one row to the next; 0 means width * channels
};

// One detected object.
struct Detection {
  int label = -1;                 // index into the model's classes
  float score = 0;                // 0..1
  std::array<float, 4> box = {};  // x1, y1, x2, y2 in pixels of the original image
};

// A colour as the class palette states it.
struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
};

enum class ResizeKind { kLetterbox, kStretch };  // keep the aspect ratio and pad, or do not keep it
enum class Interpolation { kNearest, kBilinear, kBicubic, kArea, kLanczos };  // OpenCV's

// Which of MMYOLO's transforms fits an image into a letterbox, and so how extents become whole
// pixels. docs/metadata.md spells them out.
enum class Rounding {
  // int(x): mmyolo.YOLOv5KeepRatioResize, which also enlarges, then mmyolo.LetterResize (with
  // `enlarge`) on what that gave.
  kTruncate,
  kHalfUp,    // int(x + 0.5): mmcv's rescale_size, behind mmdet.Resize; it enlarges too
  kHalfEven,  // Python's round(): mmyolo.LetterResize alone, and LetterBox() of Ultralytics
  kDown,      // int(x): preproc() of YOLOX's repository; it enlarges too
};

// How the network wants the prepared image: as (x - mean) / std in floats, or as the 8-bit pixels
// themselves, because the file does the rest.
enum class InputType { kFloat, kUint8 };
enum class InputLayout { kNchw, kNhwc };  // planes of a channel, or pixels of three channels

enum class PadSide { kCenter, kRightBottom };  // LetterResize; mmdet.Pad

// What the padding is: a pixel of the image (mmdet.Pad, LetterResize), or a number that the input
// gets as it is (MMEngine's data preprocessor, which pads what is already normalized). Inputs of
// 8-bit pixels have kPixel.
enum class PadDomain { kPixel, kInput };

// What an input of any size is padded to, that turns with the image: the next multiples of the
// stride, at least the preprocessing's height x width (mmdet.Pad's size), or a square (its
// pad_to_square).
enum class PadTo { kStride, kInput, kSquare };

// Which way up an image file is read: turned as its EXIF orientation says, or as it is stored
// (LoadImageFromFile's color_type "color_ignore_orientation" and "unchanged").
enum class Orientation { kUpright, kAsStored };

// How to prepare an image, as the config's test pipeline states it, for a network input of
// height x width: resize, pad, order channels, then (x - mean) / std.
struct Preprocess {
  int height = 640;  // pixels of the network's input
  int width = 640;
  ResizeKind resize = ResizeKind::kLetterbox;
  Interpolation shrink = Interpolation::kArea;       // where the image gets smaller
  Interpolation enlarge = Interpolation::kBilinear;  // where it gets larger
  Rounding rounding = Rounding::kTruncate;
  bool allow_scale_up = true;  // LetterResize's
  // What the longer and the shorter edge of an image may measure, whichever way it is turned: the
  // `scale` of mmdet.Resize(keep_ratio=True) and YOLOv5KeepRatioResize. 0: the edges of the input.
  int long_edge = 0;  // pixels
  int short_edge = 0;
  PadSide pad_side = PadSide::kCenter;
  PadTo pad_to = PadTo::kStride;
  PadDomain pad_domain = PadDomain::kPixel;
  // kPixel: blue, green, red, 0..255; kInput: in the order of the input's channels.
  std::array<float, 3> pad_value = {114, 114, 114};
  // LetterResize's half_pad_param: boxes come back by half of all padding, not by whole pixels.
  bool half_padding = false;
  // Boxes come back by the ratio that the image was to be resized by, in both directions, not by
  // the whole pixels that came of it: YOLOX's repository.
  bool one_scale = false;
  Orientation orientation = Orientation::kUpright;  // of image files
  bool rgb = true;                                  // channel order of the network's input
  std::array<float, 3> mean = {0, 0, 0};            // in the order of the input's channels
  std::array<float, 3> std = {255, 255, 255};       // kUint8 has mean 0 and std 1
  InputType type = InputType::kFloat;
  InputLayout layout = InputLayout::kNchw;
  // Of the network's input. 1: images are made gray, and the first of pad_value, mean and std
  // counts.
  int channels = 3;

  // mmdet.Resize turns its scale with the image, and so does an input of any size. LetterResize's
  // does not turn.
  bool turns() const { return long_edge > short_edge && pad_side == PadSide::kRightBottom; }
};

}  // namespace yoloport
