// What the heads share: keys of their configs, strides and levels.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "graph/head.h"

namespace yoloport::models {

// The keys of a head that are about training, and `test_cfg`.
void IgnoreTrainingKeys(const config::ConfigNode& head);

// `bbox_coder`, where it is given, must be the head's own: `type`.
void RequireCoder(const config::ConfigNode& head, std::string_view type);

// Strides of the levels, x and y, from `featmap_strides` of the head module and `strides` of the
// prior generator, which must agree; `defaults` where neither is given.
std::vector<std::array<double, 2>> ReadStrides(const config::ConfigNode& head,
                                               const std::vector<double>& defaults);

// One stride, a number of pixels or a pair of them: x, y.
std::array<double, 2> ReadStridePair(const config::ConfigNode& node);

// `num_base_priors` of a head without anchors must be 1.
void RequireOnePrior(const config::ConfigNode& head_module);

// `offset` of the head's MlvlPointGenerator.
double ReadPriorOffset(const config::ConfigNode& head, double default_offset);

// The bins of a side's distribution by `reg_max` of the head module, which each family counts in
// its own way; 1: the distance itself.
int ReadYolov6Bins(const config::ConfigNode& head_module);
int ReadYolov8Bins(const config::ConfigNode& head_module);
int ReadPpyoloeBins(const config::ConfigNode& head_module);

// Adds a level without anchors to `output`: maps N x C x H x W of logits, boxes and, if there is
// one, objectness.
void AddPointLevel(graph::HeadOutput& output, graph::HeadMode mode, graph::Value classes,
                   graph::Value boxes, graph::Value objectness, std::array<double, 2> stride);

}  // namespace yoloport::models
