// Norms by statistics of the map itself, which are computed when the network runs.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

// GroupNorm or InstanceNorm, with the keys `weight` and `bias` where it is affine. In float32 also
// in a network of halves, whose sums would overflow. x: N x C x H x W. Throws ModelError where the
// channels are not a multiple of the groups.
graph::Value Normalize(const checkpoint::Weights& w, graph::Value x, const NormSpec& norm);

// GroupNorm, whose weight and bias have this shape in the checkpoint: C elements.
graph::Value GroupNorm(const checkpoint::Weights& w, graph::Value x, const NormSpec& norm,
                       const tensor::Shape& shape);

// torch's LayerNorm over the last axis, keys `weight` and `bias`, in float32 likewise.
graph::Value LayerNorm(const checkpoint::Weights& w, graph::Value x, double eps);

// The same over the channels of a map N x C x H x W.
graph::Value LayerNorm2d(const checkpoint::Weights& w, graph::Value x, double eps);

}  // namespace yoloport::nn
