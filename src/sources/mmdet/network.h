// From the `model` of a config of MMDetection to a graph.
#pragma once

#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"
#include "graph/head.h"

namespace yoloport::sources::mmdet {

// Builds `model` on `image`, taking weights from `w`. Throws ConfigError where the config names
// something that is not known or not supported, or has a key that would change the network and is
// not understood.
graph::HeadOutput BuildDetector(const config::ConfigNode& model, const checkpoint::Weights& w,
                                graph::Value image, graph::HeadMode mode);

// The strides of the levels that `model` states for its head, in pixels; one at least.
std::vector<double> Strides(const config::ConfigNode& model);

// Whether its head cuts boxes before NMS.
bool ClipsBoxes(const config::ConfigNode& model);

// Throws ConfigError where `model` has keys that only MMDetection 2 knows.
void RefuseOldConfig(const config::ConfigNode& model);

}  // namespace yoloport::sources::mmdet
