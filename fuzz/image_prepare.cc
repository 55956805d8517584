// Preparing an image by any preprocessing: extents, sides and resizing come from the input's first
// bytes, the pixels from the rest.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "image/prepare.h"
#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHeader = 15;
  if (size < kHeader) return 0;
  std::uint16_t extents[4] = {};
  std::memcpy(extents, data, sizeof(extents));
  yoloport::Preprocess preprocess;
  preprocess.height = 1 + extents[2] % 256;
  preprocess.width = 1 + extents[3] % 256;
  preprocess.resize = static_cast<yoloport::ResizeKind>(data[8] % 2);
  preprocess.shrink = static_cast<yoloport::Interpolation>(data[9] % 5);
  preprocess.enlarge = static_cast<yoloport::Interpolation>(data[10] % 5);
  preprocess.rounding = static_cast<yoloport::Rounding>(data[11] % 3);
  preprocess.allow_scale_up = data[12] % 2 != 0;
  preprocess.pad_side = static_cast<yoloport::PadSide>(data[13] % 2);
  preprocess.pad_domain = static_cast<yoloport::PadDomain>(data[13] / 2 % 2);
  preprocess.half_padding = data[13] / 4 % 2 != 0;
  preprocess.long_edge = data[13] / 8 * 16;
  preprocess.short_edge = preprocess.long_edge / (1 + data[14] / 2 % 4);
  yoloport::ImageView image = {.width = extents[0] % 2048, .height = extents[1] % 2048};
  image.channels = data[14] % 2 != 0 ? 1 : 3;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(image.width) * image.height *
                                   image.channels);
  std::copy_n(data + kHeader, std::min(pixels.size(), size - kHeader), pixels.begin());
  image.data = pixels.data();
  std::vector<float> planes(std::size_t{3} * preprocess.height * preprocess.width);
  try {
    yoloport::image::PrepareImage(image, preprocess, planes);
  } catch (const yoloport::ImageError&) {
    // Expected of malformed input.
  }
  return 0;
}
