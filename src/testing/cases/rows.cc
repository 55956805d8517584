#include "testing/cases/rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace yoloport::test_support {
namespace {

using tensor::DType;
using tensor::Tensor;

bool Same(const Row& a, const Row& b, const Tolerance& tolerance) {
  if (a.label != b.label || std::abs(a.score - b.score) > tolerance.score) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (std::abs(a.box[i] - b.box[i]) > tolerance.corner) return false;
  }
  return true;
}

}  // namespace

std::vector<Row> Rows(const std::map<std::string, Tensor>& outputs, std::int64_t image,
                      std::int64_t limit) {
  const auto floats = [&](const char* name) { return outputs.at(name).To(DType::kFloat32); };
  const Tensor boxes = floats("boxes");
  const Tensor scores = floats("scores");
  const Tensor labels = outputs.at("labels").To(DType::kInt64);
  const std::int64_t rows = scores.shape().back();
  std::int64_t count = rows;
  if (outputs.contains("num_dets")) {
    count = outputs.at("num_dets")
                .To(DType::kInt64)
                .values<std::int64_t>()[static_cast<std::size_t>(image)];
  }
  std::vector<Row> result;
  for (std::int64_t i = 0; i < std::min({count, limit, rows}); ++i) {
    const auto at = static_cast<std::size_t>(image * rows + i);
    Row row{labels.values<std::int64_t>()[at], scores.values<float>()[at], {}};
    std::copy_n(boxes.values<float>().begin() + static_cast<std::ptrdiff_t>(4 * at), 4,
                row.box.begin());
    result.push_back(row);
  }
  return result;
}

std::vector<Row> Unmatched(const std::vector<Row>& expected, std::vector<Row> actual,
                           const Tolerance& tolerance) {
  std::vector<Row> unmatched;
  for (const Row& row : expected) {
    const auto found = std::find_if(actual.begin(), actual.end(),
                                    [&](const Row& other) { return Same(row, other, tolerance); });
    if (found == actual.end()) {
      unmatched.push_back(row);
    } else {
      actual.erase(found);
    }
  }
  return unmatched;
}

std::size_t Matched(const std::vector<Row>& expected, std::vector<Row> actual,
                    const Tolerance& tolerance) {
  return expected.size() - Unmatched(expected, std::move(actual), tolerance).size();
}

}  // namespace yoloport::test_support
