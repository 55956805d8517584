#include "tasks/detect/host/raw_decode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "tasks/detect/host/sigmoid.h"

namespace yoloport::tasks::detect::host {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A logit that what scores above `threshold` lies above, too: a little below its own logit, for the
// last bits of Sigmoid().
float LogitFloor(double threshold) {
  constexpr double kSlack = 1e-6;
  const double low = threshold - kSlack;
  if (low <= 0) return -kInfinity;
  return static_cast<float>(std::log(low / (1 - low)));
}

// An anchor whose best class may score above the threshold.
struct Anchor {
  const RawBlock* block;
  int cell;
  float best_logit;
  float objectness = 1;  // as a factor
  float score = 0;       // of the best class
};

// Finds the anchors that are above the threshold.
class Scan {
 public:
  Scan(const contract::HeadSpec& head, const contract::NmsPolicy& policy)
      : classes_(head.num_classes),
        threshold_(static_cast<float>(policy.score_threshold)),
        floor_(LogitFloor(policy.score_threshold)) {}

  void Add(const RawBlock& block) {
    const std::size_t before = anchors_.size();
    if (block.objectness.first != nullptr) {
      ByObjectness(block);
    } else if (block.classes.channel_step == 1) {
      CellByCell(block);
    } else {
      ByTile(block);
    }
    FinishScores(before);
  }

  std::vector<Anchor> TakeAnchors() { return std::move(anchors_); }
  std::int64_t not_numbers() const { return not_numbers_; }

 private:
  // Few cells hold an object at all: only their classes are looked at, class by class, since a
  // class's cells lie side by side.
  void ByObjectness(const RawBlock& block) {
    const std::size_t before = anchors_.size();
    for (int cell = 0; cell < block.cells(); ++cell) {
      const float logit = block.objectness.first[cell * block.objectness.cell_step];
      not_numbers_ += IsNan(logit);
      if (logit > floor_) anchors_.push_back({&block, cell, -kInfinity, Sigmoid(logit)});
    }
    for (int c = 0; c < classes_; ++c) {
      const float* row = block.classes.first + c * block.classes.channel_step;
      for (std::size_t i = before; i < anchors_.size(); ++i) {
        const float logit = row[anchors_[i].cell * block.classes.cell_step];
        not_numbers_ += IsNan(logit);
        Raise(anchors_[i].best_logit, logit);
      }
    }
  }

  void CellByCell(const RawBlock& block) {
    for (int cell = 0; cell < block.cells(); ++cell) {
      const float* logits = block.classes.first + cell * block.classes.cell_step;
      float best = -kInfinity;
      int not_numbers = 0;
      for (int c = 0; c < classes_; ++c) {
        not_numbers += IsNan(logits[c]);
        Raise(best, logits[c]);
      }
      not_numbers_ += not_numbers;
      if (best > floor_) anchors_.push_back({&block, cell, best});
    }
  }

  // The maximum over the classes of many cells at once: each row is read front to back, and the
  // maxima stay in the nearest cache.
  void ByTile(const RawBlock& block) {
    std::array<float, 1024> best;
    for (int begin = 0; begin < block.cells(); begin += static_cast<int>(best.size())) {
      const int count = std::min(static_cast<int>(best.size()), block.cells() - begin);
      std::fill_n(best.begin(), count, -kInfinity);
      for (int c = 0; c < classes_; ++c) {
        const float* row = block.classes.first + c * block.classes.channel_step + begin;
        int not_numbers = 0;
        for (int i = 0; i < count; ++i) {
          not_numbers += IsNan(row[i]);
          Raise(best[i], row[i]);
        }
        not_numbers_ += not_numbers;
      }
      for (int i = 0; i < count; ++i) {
        if (best[i] > floor_) anchors_.push_back({&block, begin + i, best[i]});
      }
    }
  }

  // Added up without a branch, in loops that stay vectors.
  static int IsNan(float value) { return static_cast<int>(value != value); }

  // What is no number never raises.
  static void Raise(float& best, float value) { best = value > best ? value : best; }

  void FinishScores(std::size_t before) {
    std::size_t kept = before;
    for (std::size_t i = before; i < anchors_.size(); ++i) {
      Anchor anchor = anchors_[i];
      if (!(anchor.best_logit > floor_)) continue;
      anchor.score = Sigmoid(anchor.best_logit) * anchor.objectness;
      if (anchor.score > threshold_) anchors_[kept++] = anchor;
    }
    anchors_.erase(anchors_.begin() + static_cast<std::ptrdiff_t>(kept), anchors_.end());
  }

  int classes_;
  float threshold_;
  float floor_;
  std::vector<Anchor> anchors_;
  std::int64_t not_numbers_ = 0;
};

// Leaves the best `pre_topk` anchors, in their order as before, and numbers them by rank: the best
// score first where the image has more anchors than that, else the order of the anchors.
std::vector<int> Rank(std::vector<Anchor>& anchors, std::int64_t all, std::int64_t pre_topk) {
  std::vector<int> order(anchors.size());
  std::iota(order.begin(), order.end(), 0);
  if (all <= pre_topk) return order;
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return anchors[a].score > anchors[b].score; });
  constexpr int kOut = -1;
  std::vector<int> ranks(anchors.size(), kOut);
  const auto count = std::min<std::int64_t>(pre_topk, static_cast<std::int64_t>(order.size()));
  for (int rank = 0; rank < count; ++rank) ranks[order[rank]] = rank;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (ranks[i] == kOut) continue;
    anchors[kept] = anchors[i];
    ranks[kept++] = ranks[i];
  }
  anchors.erase(anchors.begin() + static_cast<std::ptrdiff_t>(kept), anchors.end());
  ranks.resize(kept);
  return ranks;
}

bool IsFinite(const Corners& box) {
  return std::all_of(box.begin(), box.end(), [](float x) { return std::isfinite(x); });
}

std::vector<Corners> DecodeBoxes(const contract::HeadSpec& head,
                                 const std::vector<Anchor>& anchors) {
  std::vector<RawAnchor> places;
  places.reserve(anchors.size());
  for (const Anchor& anchor : anchors) places.push_back({anchor.block, anchor.cell});
  return DecodeBoxes(head, places);
}

// The anchors of one block, which stand side by side.
struct Group {
  const RawBlock* block;
  std::size_t begin, end;
};

std::vector<Group> GroupByBlock(const std::vector<Anchor>& anchors) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (groups.empty() || groups.back().block != anchors[i].block) {
      groups.push_back({anchors[i].block, i, i});
    }
    ++groups.back().end;
  }
  return groups;
}

// The classes that each anchor stands for, label by label.
std::vector<ScoredBox> ScoreClasses(const contract::HeadSpec& head,
                                    const std::vector<Anchor>& anchors,
                                    const std::vector<int>& ranks,
                                    const contract::NmsPolicy& policy) {
  const auto threshold = static_cast<float>(policy.score_threshold);
  const float floor = LogitFloor(policy.score_threshold);
  const bool best_only = policy.class_agnostic || !policy.multi_label;
  std::vector<std::ptrdiff_t> offsets;
  offsets.reserve(anchors.size());
  for (const Anchor& anchor : anchors) {
    offsets.push_back(anchor.cell * anchor.block->classes.cell_step);
  }
  const std::vector<Group> groups = GroupByBlock(anchors);
  std::vector<ScoredBox> scored;
  scored.reserve(2 * anchors.size());
  // Class after class: the cells of a class share cache lines.
  for (int label = 0; label < head.num_classes; ++label) {
    for (const Group& group : groups) {
      const RawNumbers& classes = group.block->classes;
      const float* row = classes.first + label * classes.channel_step;
      for (std::size_t i = group.begin; i < group.end; ++i) {
        const float logit = row[offsets[i]];
        if (!(logit > floor)) continue;
        const float score = Sigmoid(logit) * anchors[i].objectness;
        if (!(score > threshold) || (best_only && score != anchors[i].score)) continue;
        scored.push_back({score, label, static_cast<int>(i), ranks[i]});
      }
    }
  }
  return scored;
}

bool IsLargeEnough(const Corners& box, const MinBox& min_box) {
  if (min_box[0] < 0) return true;
  return box[2] - box[0] > min_box[0] && box[3] - box[1] > min_box[1];
}

// As mmdet's coders cut boxes, to the input of the network, which any block covers.
void ClipToInput(const RawBlock& block, std::vector<Corners>& boxes) {
  const std::array<float, 2> edges = {static_cast<float>(block.width) * block.stride[0],
                                      static_cast<float>(block.height) * block.stride[1]};
  for (Corners& box : boxes) {
    for (std::size_t i = 0; i < box.size(); ++i) box[i] = std::clamp(box[i], 0.0F, edges[i % 2]);
  }
}

void DropWrongBoxes(RawCandidates& candidates) {
  const auto box_of = [&](const ScoredBox& each) { return candidates.boxes[each.candidate]; };
  const auto count = std::erase_if(candidates.scored,
                                   [&](const ScoredBox& each) { return !IsFinite(box_of(each)); });
  candidates.wrong_boxes = static_cast<std::int64_t>(count);
}

void DropSmallBoxes(RawCandidates& candidates, const MinBox& min_box) {
  std::erase_if(candidates.scored, [&](const ScoredBox& each) {
    return !IsLargeEnough(candidates.boxes[each.candidate], min_box);
  });
}

// Each candidate as the first of its best classes only.
void KeepOneClassEach(std::vector<ScoredBox>& scored) {
  std::stable_sort(scored.begin(), scored.end(), [](const ScoredBox& a, const ScoredBox& b) {
    return a.candidate < b.candidate;
  });
  const auto same = [](const ScoredBox& a, const ScoredBox& b) {
    return a.candidate == b.candidate;
  };
  scored.erase(std::unique(scored.begin(), scored.end(), same), scored.end());
  std::stable_sort(scored.begin(), scored.end(),
                   [](const ScoredBox& a, const ScoredBox& b) { return a.label < b.label; });
}

}  // namespace

RawCandidates FindCandidates(const contract::RawHeadFit& fit, std::span<const RawMap> maps,
                             const contract::NmsPolicy& policy, const MinBox& min_box) {
  const contract::HeadSpec& head = fit.head;
  const std::vector<RawBlock> blocks = SplitIntoBlocks(fit, maps);
  Scan scan(head, policy);
  std::int64_t all = 0;
  for (const RawBlock& block : blocks) {
    scan.Add(block);
    all += block.cells();
  }
  std::vector<Anchor> anchors = scan.TakeAnchors();
  const std::vector<int> ranks = Rank(anchors, all, policy.pre_topk);
  RawCandidates candidates;
  candidates.wrong_scores = scan.not_numbers();
  candidates.boxes = DecodeBoxes(head, anchors);
  candidates.scored = ScoreClasses(head, anchors, ranks, policy);
  DropWrongBoxes(candidates);
  if (head.clips_boxes) ClipToInput(blocks.front(), candidates.boxes);
  DropSmallBoxes(candidates, min_box);
  if (policy.class_agnostic || !policy.multi_label) KeepOneClassEach(candidates.scored);
  return candidates;
}

}  // namespace yoloport::tasks::detect::host
