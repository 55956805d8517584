// What easydeploy's model types mean: one constant table.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vision/raw_head.h"
#include "yoloport/types.h"

namespace yoloport {

// How a type's head codes boxes, and how its images are prepared.
struct HeadType {
  const char* name;
  RawCoding coding;
  bool objectness;
  int bins;            // of a side's distribution
  float prior_offset;  // in strides
  bool rgb;            // the network's channels are red, green, blue
  std::array<float, 3> mean;
  std::array<float, 3> std;
};

// Null for a name that is none of easydeploy's.
const HeadType* FindHeadType(std::string_view name);

// yolov5, yolox ...
std::vector<std::string> HeadTypeNames();

// YOLOv5's or YOLOv7's anchors for three levels; nothing for types without anchors.
std::vector<std::vector<AnchorSize>> DefaultAnchors(const HeadType& type);

// How the type's images are prepared for an input of height x width: kStretch as easydeploy's
// demo, kLetterbox as the test pipelines of MMYOLO's own configs.
ImageRecipe PreparationOf(const HeadType& type, ResizeKind resize);

// The 80 classes of COCO, which easydeploy's demo takes for granted.
std::span<const char* const> CocoClasses();

}  // namespace yoloport
