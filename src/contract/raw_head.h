// The outputs of a network that ends with its heads: which level and which part of it each is. For
// whoever goes on with them, on the host or as nodes of a graph.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contract/head_spec.h"
#include "contract/model_card.h"

namespace yoloport::contract {

// What is known of a head before its outputs are seen.
struct RawHeadInfo {
  std::string type;  // one of ModelTypeNames(); empty: not known
  int num_classes = 0;
  int bins = 0;
  double prior_offset = 0;
  std::vector<std::array<int, 2>> strides;  // x, y per level; empty: what the outputs' sizes say
  std::vector<std::vector<AnchorSize>> anchors;
};

// From the type alone, as easydeploy's demo takes it. `type` is one of ModelTypeNames().
RawHeadInfo RawHeadOfType(const std::string& type, int num_classes);
RawHeadInfo RawHeadOf(const ModelCard& card);

// A map that a network gives: batch x channels x height x width, or channels last. -1: not known.
struct RawOutput {
  std::string name;
  std::vector<std::int64_t> shape;
};

// Where one part of a level lies: channel `c` of anchor `a` is channel
// first_channel + a * anchor_step + c of the output.
struct RawPart {
  std::size_t output = 0;
  std::int64_t first_channel = 0;
  std::int64_t anchor_step = 0;
};

struct RawLevel {
  int height = 0;  // cells
  int width = 0;
  RawPart classes = {};
  RawPart boxes = {};                      // number = side * bins + bin
  std::optional<RawPart> objectness = {};  // none: the head has none
};

// How outputs and head fit together.
struct RawHeadFit {
  HeadSpec head = {};
  bool channels_last = false;
  std::vector<RawLevel> levels = {};  // as many as those of `head`
  // Parts of a level that have equally many channels: classes come first, then boxes, objectness.
  bool parts_by_order = false;
  // Heights and widths are not known: outputs of a part come finest level first.
  bool levels_by_order = false;
};

// The most outputs that are taken for a head's: three for each of 16 levels.
inline constexpr std::size_t kMostRawOutputs = 48;

// Finds the levels of `head` among `outputs`, which must be of four axes, for an input of height x
// width pixels. A level is one output - easydeploy's: classes, boxes, objectness; with anchors for
// each of them boxes, objectness, classes - or one for each of these parts, as MMYOLO's head
// modules give them. Throws ModelError, beginning with `model` in quotes, that shows what `head`
// needs and what there is where these do not fit.
RawHeadFit FitRawHead(const RawHeadInfo& head, int height, int width,
                      std::span<const RawOutput> outputs, const std::string& model);

// The same for outputs that are known to be one a level: of height x width cells each.
RawHeadFit JoinedRawHead(const HeadSpec& head, std::span<const std::array<int, 2>> extents,
                         bool channels_last);

}  // namespace yoloport::contract
