// The outputs of an end-to-end file as lists that tests compare.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport::test_support {

struct Row {
  std::int64_t label;
  float score;
  std::array<float, 4> box;
};

// The detections of image `image`, best first, at most `limit`. `outputs`: by name.
std::vector<Row> Rows(const std::map<std::string, tensor::Tensor>& outputs, std::int64_t image,
                      std::int64_t limit);

struct Tolerance {
  float score;
  float corner;  // pixels
};

// Those of `expected` that have no partner of their own in `actual`.
std::vector<Row> Unmatched(const std::vector<Row>& expected, std::vector<Row> actual,
                           const Tolerance& tolerance);

// How many of `expected` have one.
std::size_t Matched(const std::vector<Row>& expected, std::vector<Row> actual,
                    const Tolerance& tolerance);

}  // namespace yoloport::test_support
