// Names that post-processing gives to what can be changed when its graph is written: by callers
// (the optional inputs) or in the file (the constants).
#pragma once

namespace yoloport::contract {

inline constexpr const char* kScoreInput = "score_threshold";         // float32, 1
inline constexpr const char* kIouInput = "iou_threshold";             // float32, 1
inline constexpr const char* kClassAgnosticInput = "class_agnostic";  // bool, 1

// float32, N x 2: the width and height, in pixels of the input, that boxes of an image must exceed.
// Where the batch is dynamic, kLargestBatch x 2, of which the first rows count.
inline constexpr const char* kMinBoxInput = "min_box_size";

inline constexpr const char* kScoreConstant = "nms/score_threshold";  // float32, 1
inline constexpr const char* kIouConstant = "nms/iou_threshold";      // float32, 1
inline constexpr const char* kKeepConstant = "nms/keep_topk";         // int64, 1
inline constexpr const char* kNoScoresConstant = "nms/no_scores";     // float32, N x keep_topk: 0
inline constexpr const char* kNoBoxesConstant = "nms/no_boxes";       // float32, keep_topk x 4: 0
inline constexpr const char* kNoLabelsConstant = "nms/no_labels";     // int64, keep_topk: -1

}  // namespace yoloport::contract
