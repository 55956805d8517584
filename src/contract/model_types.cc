#include "contract/model_types.h"

#include <array>
#include <cstring>

#include "yoloport/model_description.h"

namespace yoloport::contract {
namespace {

constexpr std::array<float, 3> kNone = {0, 0, 0};
constexpr std::array<float, 3> kOnes = {1, 1, 1};
constexpr std::array<float, 3> k255 = {255, 255, 255};
constexpr std::array<float, 3> kImageNetMean = {123.675F, 116.28F, 103.53F};
constexpr std::array<float, 3> kImageNetStd = {58.395F, 57.12F, 57.375F};

// RTMDet's network takes blue first, and so its mean and std start with blue's.
constexpr std::array<ModelType, 8> kTypes = {{
    {"yolov5", BoxCoding::kAnchor, true, 1, 0, true, kNone, k255},
    {"yolox", BoxCoding::kCenterSize, true, 1, 0, false, kNone, kOnes},
    {"yolov6", BoxCoding::kDistance, false, 1, 0.5, true, kNone, k255},
    {"ppyoloe", BoxCoding::kDistance, false, 17, 0.5, true, kImageNetMean, kImageNetStd},
    {"ppyoloep", BoxCoding::kDistance, false, 17, 0.5, true, kNone, k255},
    {"yolov7", BoxCoding::kAnchor, true, 1, 0, true, kNone, k255},
    {"rtmdet",
     BoxCoding::kDistance,
     false,
     1,
     0,
     false,
     {103.53F, 116.28F, 123.675F},
     {57.375F, 57.12F, 58.395F}},
    {"yolov8", BoxCoding::kDistance, false, 16, 0.5, true, kNone, k255},
}};

constexpr std::array<const char*, 80> kCoco = {"person",        "bicycle",      "car",
                                               "motorcycle",    "airplane",     "bus",
                                               "train",         "truck",        "boat",
                                               "traffic light", "fire hydrant", "stop sign",
                                               "parking meter", "bench",        "bird",
                                               "cat",           "dog",          "horse",
                                               "sheep",         "cow",          "elephant",
                                               "bear",          "zebra",        "giraffe",
                                               "backpack",      "umbrella",     "handbag",
                                               "tie",           "suitcase",     "frisbee",
                                               "skis",          "snowboard",    "sports ball",
                                               "kite",          "baseball bat", "baseball glove",
                                               "skateboard",    "surfboard",    "tennis racket",
                                               "bottle",        "wine glass",   "cup",
                                               "fork",          "knife",        "spoon",
                                               "bowl",          "banana",       "apple",
                                               "sandwich",      "orange",       "broccoli",
                                               "carrot",        "hot dog",      "pizza",
                                               "donut",         "cake",         "chair",
                                               "couch",         "potted plant", "bed",
                                               "dining table",  "toilet",       "tv",
                                               "laptop",        "mouse",        "remote",
                                               "keyboard",      "cell phone",   "microwave",
                                               "oven",          "toaster",      "sink",
                                               "refrigerator",  "book",         "clock",
                                               "vase",          "scissors",     "teddy bear",
                                               "hair drier",    "toothbrush"};

}  // namespace

const ModelType* FindModelType(std::string_view name) {
  for (const ModelType& type : kTypes) {
    if (name == type.name) return &type;
  }
  return nullptr;
}

std::vector<std::string> ModelTypeNames() {
  std::vector<std::string> names;
  for (const ModelType& type : kTypes) names.emplace_back(type.name);
  return names;
}

std::vector<std::vector<AnchorSize>> DefaultAnchors(const ModelType& type) {
  if (type.coding != BoxCoding::kAnchor) return {};
  if (std::strcmp(type.name, "yolov7") == 0) {
    return {{{12, 16}, {19, 36}, {40, 28}},
            {{36, 75}, {76, 55}, {72, 146}},
            {{142, 110}, {192, 243}, {459, 401}}};
  }
  return {{{10, 13}, {16, 30}, {33, 23}},
          {{30, 61}, {62, 45}, {59, 119}},
          {{116, 90}, {156, 198}, {373, 326}}};
}

Preprocess PreparationOf(const ModelType& type, ResizeKind resize) {
  Preprocess preprocess;
  preprocess.resize = resize;
  preprocess.rgb = type.rgb;
  preprocess.mean = type.mean;
  preprocess.std = type.std;
  preprocess.allow_scale_up = false;
  if (resize == ResizeKind::kStretch) preprocess.shrink = Interpolation::kBilinear;
  if (type.coding == BoxCoding::kCenterSize) {  // YOLOX: mmdet.Resize and mmdet.Pad
    preprocess.rounding = Rounding::kHalfUp;
    preprocess.pad_side = PadSide::kRightBottom;
    preprocess.shrink = Interpolation::kBilinear;
  }
  return preprocess;
}

std::span<const char* const> CocoClasses() { return kCoco; }

std::vector<std::string> CocoNames(std::size_t classes) {
  const auto coco = CocoClasses();
  if (classes != coco.size()) return {};
  return {coco.begin(), coco.end()};
}

}  // namespace yoloport::contract

namespace yoloport {

std::vector<std::string> ModelTypes() { return contract::ModelTypeNames(); }

}  // namespace yoloport
