// Networks of random weights whose detections can be compared one by one.
//
// A network of random weights gives hundreds of scores that are 1 to the last bit, and boxes inside
// out or of no size: which of them an NMS keeps is chance. With its last layers scaled it behaves
// like a trained network: scores differ, and no decision hangs on the last bits of a float.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "tensor/tensor.h"
#include "yoloport/export.h"
#include "yoloport/types.h"

namespace yoloport::test_support {

// How many pairs of position and class score above 0.25 in an image, on average.
inline constexpr std::size_t kSpreadBoxes = 80;

// Batches, N x 3 x H x W, as the preprocessing given wants them; of the size of a file, or of any
// sizes where its input is dynamic.
using ImagesOf = std::function<std::vector<tensor::Tensor>(const Preprocess&)>;

// Writes folder/spread.safetensors: the network of `plain` (config, checkpoint, batch, size, what
// is dynamic) with the last convolutions of its head scaled and shifted. On `images`, all of them
// together, class logits then have a deviation of 1.2, boxes have sizes above 0, and kSpreadBoxes
// score above 0.25, with a gap around that threshold. Returns the file's path.
std::filesystem::path WriteSpreadCheckpoint(const ExportOptions& plain, const ImagesOf& images,
                                            const std::filesystem::path& folder);

}  // namespace yoloport::test_support
