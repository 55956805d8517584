// The network of a checkpoint of YOLOX's repository: its size told from keys and shapes, since
// these files carry nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "checkpoint/checkpoint.h"
#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "graph/head.h"

namespace yoloport::sources::yolox {

struct Network {
  std::int64_t stem_channels = 0;              // 64 times the width
  std::array<std::int64_t, 4> stage_blocks{};  // of dark2 to dark5
  std::int64_t neck_blocks = 0;                // of each CSP layer
  std::int64_t feat_channels = 0;              // of the head
  int num_classes = 0;
  bool depthwise = false;  // nano: all 3 x 3 convolutions but the stem's
};

// Whether the keys are those of YOLOX's repository.
bool HasYoloxKeys(const checkpoint::Checkpoint& checkpoint);

// Throws CheckpointError where the keys that tell the network are missing or make no sense, and for
// the backbone of YOLOv3, which the repository has, too.
Network ReadNetwork(const checkpoint::Checkpoint& checkpoint);

// "YOLOX-s", or "YOLOX of width 0.4" where it is none of the repository's sizes.
std::string SizeName(const Network& network);

// Height and width that the repository tests this size at.
std::int64_t TestSide(const Network& network);

inline constexpr int kLargestStride = 32;

// Builds it on `image`, taking weights from `w`, all of the checkpoint's.
graph::HeadOutput BuildNetwork(const Network& network, const checkpoint::Weights& w,
                               graph::Value image, graph::HeadMode mode);

}  // namespace yoloport::sources::yolox
