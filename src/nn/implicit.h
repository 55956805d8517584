// YOLOv7's implicit knowledge: trained vectors added before and multiplied behind the predicting
// convolution, folded into it.
#pragma once

#include <span>

#include "checkpoint/weights.h"
#include "nn/folded_conv.h"

namespace yoloport::nn {

// What adds `added` (one number an input channel) to the input of `conv` first. The kernel must be
// 1 x 1: padding would not be shifted. Reads the weight at once.
FoldedConv After(std::span<const float> added, FoldedConv conv);

// ImplicitA, a 1 x 1 convolution, ImplicitM; the key of a vector is `implicit`.
FoldedConv WithImplicit(const checkpoint::Weights& added, FoldedConv conv,
                        const checkpoint::Weights& factors);

// The same of three layers in a row. Keys: `FIRST.implicit`, `FIRST+1.weight` and
// `bias`, `FIRST+2.implicit`: where they stand in the Sequential `w`.
FoldedConv TakeImplicitConv(const checkpoint::Weights& w, std::size_t first,
                            std::int64_t in_channels, std::int64_t out_channels);

}  // namespace yoloport::nn
