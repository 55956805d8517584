#include "tasks/detect/host/row_decode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tasks/detect/host/sigmoid.h"

namespace yoloport::tasks::detect::host {
namespace {

using contract::RowFormat;

// A row that may be a detection.
struct Candidate {
  std::int64_t row = 0;
  float score = 0;  // of the best class
  int label = 0;
};

class Reader {
 public:
  Reader(const RowFormat& format, const Rows& rows)
      : format_(format),
        rows_(rows),
        first_class_(format.objectness ? 5 : 4),
        row_step_(format.channels_first ? 1 : format.Numbers()),
        number_step_(format.channels_first ? rows.count : 1) {}

  float Number(std::int64_t row, int number) const {
    return rows_.data[row * row_step_ + number * number_step_];
  }
  float Objectness(std::int64_t row) const {
    return format_.objectness ? Probability(Number(row, 4)) : 1;
  }
  float ClassScore(std::int64_t row, int label) const {
    return Probability(Number(row, first_class_ + label));
  }
  int classes() const { return format_.num_classes; }
  std::int64_t rows() const { return rows_.count; }

 private:
  float Probability(float number) const { return format_.activated ? number : Sigmoid(number); }

  const RowFormat& format_;
  const Rows& rows_;
  int first_class_;
  std::int64_t row_step_;
  std::int64_t number_step_;
};

bool IsProbability(float score) { return score >= 0 && score <= 1; }

// The rows whose best class scores more than the threshold, in their order. Tile by tile, class by
// class: with channels first, rows lie side by side.
class Scan {
 public:
  Scan(const Reader& reader, double threshold)
      : reader_(reader), threshold_(static_cast<float>(threshold)) {
    for (std::int64_t begin = 0; begin < reader.rows(); begin += kTile) {
      AddTile(begin, std::min(kTile, reader.rows() - begin));
    }
  }

  std::vector<Candidate> candidates;
  std::int64_t wrong_scores = 0;

 private:
  static constexpr std::int64_t kTile = 1024;

  void AddTile(std::int64_t begin, std::int64_t count) {
    std::array<float, kTile> best;
    std::array<int, kTile> labels;
    std::array<bool, kTile> is_wrong;
    std::fill_n(best.begin(), count, -1.0F);
    std::fill_n(labels.begin(), count, 0);
    std::fill_n(is_wrong.begin(), count, false);
    for (int label = 0; label < reader_.classes(); ++label) {
      for (std::int64_t i = 0; i < count; ++i) {
        const float score = reader_.ClassScore(begin + i, label);
        is_wrong[i] |= !IsProbability(score);
        if (!(score > best[i])) continue;
        best[i] = score;
        labels[i] = label;
      }
    }
    for (std::int64_t i = 0; i < count; ++i) {
      const float objectness = reader_.Objectness(begin + i);
      if (is_wrong[i] || !IsProbability(objectness)) {
        ++wrong_scores;
      } else if (best[i] * objectness > threshold_) {
        candidates.push_back({begin + i, best[i] * objectness, labels[i]});
      }
    }
  }

  const Reader& reader_;
  float threshold_;
};

// Leaves the `pre_topk` best, in their order as before.
void KeepBest(std::vector<Candidate>& candidates, std::int64_t pre_topk) {
  if (static_cast<std::int64_t>(candidates.size()) <= pre_topk) return;
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  candidates.resize(static_cast<std::size_t>(pre_topk));
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.row < b.row; });
}

struct GridCell {
  float column = 0, row = 0, stride = 0;
};

// Of a row of a grid.
GridCell CellOf(std::span<const int> strides, int height, int width, std::int64_t row) {
  for (const int stride : strides) {
    const std::int64_t columns = (width + stride - 1) / stride;
    const std::int64_t cells = columns * ((height + stride - 1) / stride);
    if (row < cells) {
      const std::int64_t line = row / columns;
      return {static_cast<float>(row % columns), static_cast<float>(line),
              static_cast<float>(stride)};
    }
    row -= cells;
  }
  return {};
}

Corners BoxOf(const RowFormat& format, const Reader& reader, std::int64_t row, int height,
              int width) {
  std::array<float, 4> box;
  for (int i = 0; i < 4; ++i) box[i] = reader.Number(row, i);
  if (format.box == contract::BoxNumbers::kCorners) return box;
  if (!format.grid_strides.empty()) {
    const auto [column, line, stride] = CellOf(format.grid_strides, height, width, row);
    box = {(box[0] + column) * stride, (box[1] + line) * stride, std::exp(box[2]) * stride,
           std::exp(box[3]) * stride};
  }
  const auto [x, y, w, h] = box;
  return {x - w / 2, y - h / 2, x + w / 2, y + h / 2};
}

bool IsLargeEnough(const Corners& box, const MinBox& min_box) {
  if (min_box[0] < 0) return true;
  return box[2] - box[0] > min_box[0] && box[3] - box[1] > min_box[1];
}

}  // namespace

std::int64_t GridRows(std::span<const int> strides, int height, int width) {
  std::int64_t rows = 0;
  for (const int stride : strides) {
    rows += std::int64_t{(height + stride - 1) / stride} * ((width + stride - 1) / stride);
  }
  return rows;
}

RawCandidates FindRowCandidates(const RowFormat& format, const Rows& rows, int height, int width,
                                const contract::NmsPolicy& policy, const MinBox& min_box) {
  const Reader reader(format, rows);
  Scan scan(reader, policy.score_threshold);
  KeepBest(scan.candidates, policy.pre_topk);
  const bool best_only = policy.class_agnostic || !policy.multi_label;
  const auto threshold = static_cast<float>(policy.score_threshold);
  RawCandidates candidates;
  candidates.wrong_scores = scan.wrong_scores;
  for (const Candidate& candidate : scan.candidates) {
    const Corners box = BoxOf(format, reader, candidate.row, height, width);
    if (!std::all_of(box.begin(), box.end(), [](float x) { return std::isfinite(x); })) {
      ++candidates.wrong_boxes;
      continue;
    }
    if (!IsLargeEnough(box, min_box)) continue;
    const auto index = static_cast<int>(candidates.boxes.size());
    candidates.boxes.push_back(box);
    if (best_only) candidates.scored.push_back({candidate.score, candidate.label, index, index});
    for (int label = 0; !best_only && label < reader.classes(); ++label) {
      const float score =
          reader.ClassScore(candidate.row, label) * reader.Objectness(candidate.row);
      if (score > threshold) candidates.scored.push_back({score, label, index, index});
    }
  }
  std::stable_sort(candidates.scored.begin(), candidates.scored.end(),
                   [](const ScoredBox& a, const ScoredBox& b) { return a.label < b.label; });
  return candidates;
}

}  // namespace yoloport::tasks::detect::host
