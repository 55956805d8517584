#include "tasks/detect/host/raw_boxes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tasks/detect/host/sigmoid.h"

namespace yoloport::tasks::detect::host {
namespace {

// Boxes are decoded so many at a time, each number of theirs in a row of its own: the compiler then
// computes several boxes at once.
constexpr std::size_t kTile = 32;
using Row = std::array<float, kTile>;

constexpr float kLowestExponent = -87;  // e^-87 is about the smallest normal float

// e^x for kLowestExponent <= x <= 0, within two units of the last place; 0 becomes exactly 1.
// Neither call nor branch, so loops over it vectorise.
inline float ExpOfNegative(float x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2High =
      0.693145752F;  // a few bits, so that products with whole numbers are exact
  constexpr float kLn2Low = 1.42860677e-6F;
  constexpr float kRound =
      12582912.0F;  // 1.5 * 2^23: adding it leaves a whole number in the low bits
  const float shifted = x * kLog2E + kRound;
  const float whole = shifted - kRound;
  const float r = (x - whole * kLn2High) - whole * kLn2Low;
  // Taylor's series: |r| <= ln 2 / 2.
  float series = 1.0F / 5040;
  series = series * r + 1.0F / 720;
  series = series * r + 1.0F / 120;
  series = series * r + 1.0F / 24;
  series = series * r + 1.0F / 6;
  series = series * r + 0.5F;
  series = series * r + 1.0F;
  series = series * r + 1.0F;
  const auto exponent = std::bit_cast<std::uint32_t>(shifted) << 23;
  return series * std::bit_cast<float>(exponent + 0x3F800000U);
}

// The means of softmax distributions over 0, 1 .. bins - 1, one a column.
void MeansOfDistributions(const Row* logits, int bins, Row& means) {
  Row largest = logits[0];
  for (int bin = 1; bin < bins; ++bin) {
    for (std::size_t i = 0; i < kTile; ++i) {
      largest[i] = logits[bin][i] > largest[i] ? logits[bin][i] : largest[i];
    }
  }
  Row sum{};
  Row weighted{};
  for (int bin = 0; bin < bins; ++bin) {
    const auto distance = static_cast<float>(bin);
    Row exponents;  // what is no number stays none
    for (std::size_t i = 0; i < kTile; ++i) {
      const float exponent = logits[bin][i] - largest[i];
      exponents[i] = exponent < kLowestExponent ? kLowestExponent : exponent;
    }
    for (std::size_t i = 0; i < kTile; ++i) {
      const float weight = ExpOfNegative(exponents[i]);
      sum[i] += weight;
      weighted[i] += weight * distance;
    }
  }
  for (std::size_t i = 0; i < kTile; ++i) means[i] = weighted[i] / sum[i];
}

Corners FromCenter(float x, float y, float width, float height) {
  return {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
}

// `v` are the anchor's four box channels, distributions already reduced to their means.
Corners DecodeBox(const contract::HeadSpec& head, const RawAnchor& anchor,
                  const std::array<float, 4>& v) {
  const RawBlock& block = *anchor.block;
  const auto column = static_cast<float>(anchor.cell % block.width);
  const int whole_rows = anchor.cell / block.width;
  const auto row = static_cast<float>(whole_rows);
  const auto [stride_x, stride_y] = block.stride;
  if (head.coding == contract::BoxCoding::kAnchor) {
    const float width = Sigmoid(v[2]) * 2;
    const float height = Sigmoid(v[3]) * 2;
    return FromCenter((Sigmoid(v[0]) * 2 - 0.5F + column) * stride_x,
                      (Sigmoid(v[1]) * 2 - 0.5F + row) * stride_y, width * width * block.anchor[0],
                      height * height * block.anchor[1]);
  }
  const auto offset = static_cast<float>(head.prior_offset);
  const float x = column + offset;
  const float y = row + offset;
  if (head.coding == contract::BoxCoding::kCenterSize) {
    return FromCenter((x + v[0]) * stride_x, (y + v[1]) * stride_y, std::exp(v[2]) * stride_x,
                      std::exp(v[3]) * stride_y);
  }
  return {(x - v[0]) * stride_x, (y - v[1]) * stride_y, (x + v[2]) * stride_x,
          (y + v[3]) * stride_y};
}

// Channel after channel, since neighbouring cells of a channel share cache lines.
void Gather(std::span<const RawAnchor> anchors, std::vector<Row>& channels) {
  std::array<const float*, kTile> at;
  std::array<std::ptrdiff_t, kTile> step;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const RawNumbers& box = anchors[i].block->box;
    at[i] = box.first + anchors[i].cell * box.cell_step;
    step[i] = box.channel_step;
  }
  for (std::size_t channel = 0; channel < channels.size(); ++channel) {
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      channels[channel][i] = at[i][static_cast<std::ptrdiff_t>(channel) * step[i]];
    }
  }
}

}  // namespace

std::vector<Corners> DecodeBoxes(const contract::HeadSpec& head,
                                 std::span<const RawAnchor> anchors) {
  std::vector<Corners> boxes;
  boxes.reserve(anchors.size());
  std::vector<Row> channels(static_cast<std::size_t>(4 * head.bins));
  std::array<Row, 4> sides{};
  while (!anchors.empty()) {
    const auto tile = anchors.first(std::min(kTile, anchors.size()));
    anchors = anchors.subspan(tile.size());
    Gather(tile, channels);
    for (int side = 0; side < 4; ++side) {
      const Row* logits = channels.data() + std::ptrdiff_t{side} * head.bins;
      if (head.bins == 1) {
        sides[side] = *logits;
      } else {
        MeansOfDistributions(logits, head.bins, sides[side]);
      }
    }
    for (std::size_t i = 0; i < tile.size(); ++i) {
      boxes.push_back(
          DecodeBox(head, tile[i], {sides[0][i], sides[1][i], sides[2][i], sides[3][i]}));
    }
  }
  return boxes;
}

}  // namespace yoloport::tasks::detect::host
