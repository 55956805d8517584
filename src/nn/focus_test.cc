#include "nn/focus.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace yoloport::nn {
namespace {

using tensor::Shape;
using tensor::Tensor;

// A plain convolution of one image (C x H x W) by out x C x k x k, with zeros around it.
std::vector<float> Convolve(const Tensor& image, const Tensor& weight, std::int64_t stride,
                            std::int64_t padding) {
  const Shape& in = image.shape();
  const Shape& shape = weight.shape();
  const auto pixels = image.values<float>();
  const auto weights = weight.values<float>();
  const std::int64_t height = (in[1] + 2 * padding - shape[2]) / stride + 1;
  const std::int64_t width = (in[2] + 2 * padding - shape[3]) / stride + 1;
  std::vector<float> result;
  for (std::int64_t o = 0; o < shape[0]; ++o) {
    for (std::int64_t at = 0; at < height * width; ++at) {
      const std::int64_t top = at / width * stride - padding;
      const std::int64_t left = at % width * stride - padding;
      float sum = 0;
      for (std::int64_t i = 0; i < shape[1] * shape[2] * shape[3]; ++i) {
        const std::int64_t c = i / (shape[2] * shape[3]);
        const std::int64_t y = top + i / shape[3] % shape[2];
        const std::int64_t x = left + i % shape[3];
        if (y < 0 || y >= in[1] || x < 0 || x >= in[2]) continue;
        sum += pixels[static_cast<std::size_t>((c * in[1] + y) * in[2] + x)] *
               weights[static_cast<std::size_t>(o * shape[1] * shape[2] * shape[3] + i)];
      }
      result.push_back(sum);
    }
  }
  return result;
}

// The four stacked images: even and odd rows of the even columns, then those of the odd ones.
Tensor Stack(const Tensor& image) {
  const Shape& in = image.shape();
  const auto pixels = image.values<float>();
  std::vector<float> stacked;
  for (const auto& [row, column] : {std::pair{0, 0}, {1, 0}, {0, 1}, {1, 1}}) {
    for (std::int64_t c = 0; c < in[0]; ++c) {
      for (std::int64_t y = row; y < in[1]; y += 2) {
        for (std::int64_t x = column; x < in[2]; x += 2) {
          stacked.push_back(pixels[static_cast<std::size_t>((c * in[1] + y) * in[2] + x)]);
        }
      }
    }
  }
  return Tensor::Of<float>({4 * in[0], in[1] / 2, in[2] / 2}, std::move(stacked));
}

// Small whole numbers, so that sums are exact in any order.
Tensor Numbers(const Shape& shape, int factor, int modulus) {
  std::vector<float> values(static_cast<std::size_t>(tensor::ElementCount(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int value = static_cast<int>(i) * factor % modulus - modulus / 2;
    values[i] = static_cast<float>(value);
  }
  return Tensor::Of<float>(shape, std::move(values));
}

TEST(FocusTest, OneKernelOnTheImageIsTheKernelOnTheStackedImages) {
  const Tensor image = Numbers({3, 6, 8}, 7, 23);
  for (const std::int64_t kernel : {1, 3, 5}) {
    const Tensor weight = Numbers({2, 12, kernel, kernel}, 5, 17);
    const Tensor folded = FocusKernel(weight);
    EXPECT_EQ(folded.shape(), (Shape{2, 3, 2 * kernel, 2 * kernel}));
    EXPECT_EQ(Convolve(image, folded, 2, kernel - 1),
              Convolve(Stack(image), weight, 1, (kernel - 1) / 2))
        << "kernel " << kernel;
  }
}

}  // namespace
}  // namespace yoloport::nn
