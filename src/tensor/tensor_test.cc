#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/half.h"

namespace yoloport::tensor {
namespace {

std::vector<float> Floats(const Tensor& tensor) {
  const Tensor dense = tensor.To(DType::kFloat32);
  const auto values = dense.values<float>();
  return {values.begin(), values.end()};
}

TEST(TensorTest, OwnsItsValues) {
  const Tensor tensor = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(tensor.shape(), (Shape{2, 3}));
  EXPECT_EQ(tensor.size(), 6);
  EXPECT_EQ(tensor.byte_size(), 24U);
  EXPECT_TRUE(tensor.is_dense());
  EXPECT_TRUE(Tensor().is_null());
}

TEST(TensorTest, DenseFollowsStrides) {
  const auto values = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3, 4, 5, 6});
  const auto* data = reinterpret_cast<const std::byte*>(values->data());
  const Tensor transposed(DType::kFloat32, {3, 2}, {1, 3}, values, data);
  EXPECT_FALSE(transposed.is_dense());
  EXPECT_EQ(Floats(transposed), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  const Tensor repeated(DType::kFloat32, {2, 2}, {0, 1}, values, data);
  EXPECT_EQ(Floats(repeated), (std::vector<float>{1, 2, 1, 2}));
}

TEST(TensorTest, DenseAligns) {
  const auto bytes = std::make_shared<std::vector<std::byte>>(9);
  const float value = 1.5F;
  std::memcpy(bytes->data() + 1, &value, sizeof value);
  const Tensor tensor(DType::kFloat32, {1}, bytes, bytes->data() + 1);
  EXPECT_EQ(tensor.Dense().values<float>()[0], 1.5F);
}

TEST(TensorTest, ConvertsBetweenElementTypes) {
  const auto bits =
      std::make_shared<std::vector<std::uint16_t>>(std::vector<std::uint16_t>{0x3C00, 0xC000});
  const Tensor half(DType::kFloat16, {2}, bits, reinterpret_cast<const std::byte*>(bits->data()));
  EXPECT_EQ(Floats(half), (std::vector<float>{1, -2}));
  EXPECT_EQ(half.To(DType::kInt64).values<std::int64_t>()[1], -2);
  EXPECT_EQ(Floats(Tensor::Of<std::int64_t>({3}, {0, 7, -7}).To(DType::kBool)),
            (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(Tensor::Of<double>({1}, {0.1}).To(DType::kFloat32).values<float>()[0], 0.1F);
}

TEST(TensorTest, NamesAndSizes) {
  EXPECT_EQ(DTypeName(DType::kBFloat16), "bfloat16");
  EXPECT_EQ(ElementSize(DType::kFloat64), 8U);
  EXPECT_EQ(DTypeName(DType::kBool), "bool");
}

}  // namespace
}  // namespace yoloport::tensor
