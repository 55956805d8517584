// What easydeploy's model types mean: one constant table.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/head_spec.h"
#include "yoloport/types.h"

namespace yoloport::contract {

// How a type's head codes boxes, and how its images are prepared.
struct ModelType {
  const char* name;
  BoxCoding coding;
  bool objectness;
  int bins;             // of a side's distribution
  double prior_offset;  // in strides
  bool rgb;             // the network's channels are red, green, blue
  std::array<float, 3> mean;
  std::array<float, 3> std;
};

// Null for a name that is none of easydeploy's.
const ModelType* FindModelType(std::string_view name);

// yolov5, yolox ...
std::vector<std::string> ModelTypeNames();

// YOLOv5's or YOLOv7's anchors for three levels; nothing for types without anchors.
std::vector<std::vector<AnchorSize>> DefaultAnchors(const ModelType& type);

// How the type's images are prepared for an input of height x width: kStretch as easydeploy's
// demo, kLetterbox as the test pipelines of MMYOLO's own configs.
Preprocess PreparationOf(const ModelType& type, ResizeKind resize);

// The 80 classes of COCO, which easydeploy's demo takes for granted.
std::span<const char* const> CocoClasses();

// Their names where there are as many classes, else none.
std::vector<std::string> CocoNames(std::size_t classes);

}  // namespace yoloport::contract
