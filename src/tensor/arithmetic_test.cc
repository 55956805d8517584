#include "tensor/arithmetic.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace yoloport::tensor {
namespace {

std::vector<float> Values(const Tensor& tensor) {
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

TEST(ArithmeticTest, ScalesEachRow) {
  const Tensor weight = Tensor::Of<float>({2, 1, 1, 2}, {1, 2, 3, 4});
  const Tensor scaled = ScaleRows(weight, std::vector<float>{2, -1});
  EXPECT_EQ(Values(scaled), (std::vector<float>{2, 4, -3, -4}));
  EXPECT_EQ(scaled.shape(), weight.shape());
}

TEST(ArithmeticTest, CountsNonFinite) {
  std::vector<float> values(3'000'000, 1.0F);
  EXPECT_EQ(CountNonFinite(Tensor::Of<float>({3'000'000}, values)), 0U);
  values[0] = values[2'999'999] = std::numeric_limits<float>::infinity();
  values[1'500'000] = -std::numeric_limits<float>::quiet_NaN();
  values[7] = std::numeric_limits<float>::max();
  const Tensor odd = Tensor::Of<float>({3'000'000}, values);
  EXPECT_EQ(CountNonFinite(odd), 3U);
  EXPECT_EQ(CountNonFinite(odd.To(DType::kFloat16)), 4U);  // where the largest float is infinite
  EXPECT_EQ(CountNonFinite(Tensor::Of<std::int64_t>({1}, {-1})), 0U);
}

TEST(ArithmeticTest, CountsNonFiniteInFullBlocks) {
  const std::vector<float> values(100'000, std::numeric_limits<float>::quiet_NaN());
  const Tensor odd = Tensor::Of<float>({100'000}, values);
  EXPECT_EQ(CountNonFinite(odd), 100'000U);
  EXPECT_EQ(CountNonFinite(odd.To(DType::kFloat16)), 100'000U);
}

// As weights lie in a file.
TEST(ArithmeticTest, CountsNonFiniteWhereTheyLieUnaligned) {
  const std::vector<float> values = {1, std::numeric_limits<float>::infinity(), 2};
  const auto bytes = std::make_shared<std::vector<std::byte>>(1 + 3 * sizeof(float));
  std::memcpy(bytes->data() + 1, values.data(), 3 * sizeof(float));
  EXPECT_EQ(CountNonFinite(Tensor(DType::kFloat32, {3}, bytes, bytes->data() + 1)), 1U);
}

TEST(ArithmeticTest, PermutesRowsAndMayLeaveSomeOut) {
  const Tensor weight = Tensor::Of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  const Tensor permuted = PermuteRows(weight, std::vector<std::int64_t>{2, 0});
  EXPECT_EQ(Values(permuted), (std::vector<float>{5, 6, 1, 2}));
  EXPECT_EQ(permuted.shape(), (Shape{2, 2}));
}

TEST(ArithmeticTest, PermuteInputsTakesKernelsOfEachOutput) {
  const Tensor weight = Tensor::Of<float>({2, 3, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const Tensor permuted = PermuteInputs(weight, std::vector<std::int64_t>{2, 0});
  EXPECT_EQ(permuted.shape(), (Shape{2, 2, 1, 2}));
  EXPECT_EQ(Values(permuted), (std::vector<float>{4, 5, 0, 1, 10, 11, 6, 7}));
}

TEST(ArithmeticTest, AddsSmallerKernelsInTheMiddle) {
  const Tensor large = Tensor::Of<float>({1, 2, 3, 3}, std::vector<float>(18, 1));
  const Tensor small = Tensor::Of<float>({1, 2, 1, 1}, {5, 7});
  EXPECT_EQ(Values(AddKernels(large, small)),
            (std::vector<float>{1, 1, 1, 1, 6, 1, 1, 1, 1, 1, 1, 1, 1, 8, 1, 1, 1, 1}));
}

TEST(ArithmeticTest, AddsKernelsOfOneSize) {
  const Tensor a = Tensor::Of<float>({1, 1, 1, 2}, {1, 2});
  const Tensor b = Tensor::Of<float>({1, 1, 1, 2}, {10, 20});
  EXPECT_EQ(Values(AddKernels(a, b)), (std::vector<float>{11, 22}));
}

}  // namespace
}  // namespace yoloport::tensor
