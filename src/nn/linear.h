// torch's Linear.
#pragma once

#include <cstdint>

#include "checkpoint/weights.h"
#include "graph/graph.h"

namespace yoloport::nn {

// x times the matrix `weight` (out x in), plus `bias` where there is one. x: any axes, and the
// inputs last.
graph::Value Linear(const checkpoint::Weights& w, graph::Value x, std::int64_t out_features,
                    bool has_bias = true);

}  // namespace yoloport::nn
