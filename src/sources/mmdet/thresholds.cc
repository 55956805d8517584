#include "sources/mmdet/thresholds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "models/config_reading.h"
#include "sources/mmdet/network.h"
#include "sources/mmengine/threshold_reader.h"
#include "yoloport/limits.h"

namespace yoloport::sources::mmdet {
namespace {

using mmengine::ThresholdReader;

constexpr std::int64_t kEveryPair = 100000;  // nms_pre, where it is missing
// The nms_pre of RTMDet's configs: with as many pairs, more than max_per_img are left at the end.
constexpr std::int64_t kUsualPairs = 30000;
// Of an image, of which YOLOX keeps all: as many as MMDetection's COCO metric counts.
constexpr std::int64_t kMostOfYolox = 1000;

// BaseDenseHead: pairs of position and class, the best of each level.
void ApplyToDenseHead(ThresholdReader& reader, std::size_t levels) {
  const std::int64_t pairs = reader.CountOf("nms_pre", kEveryPair);
  const std::int64_t positions =
      std::min<std::int64_t>(kLargestTopk, pairs * static_cast<std::int64_t>(levels));
  reader.SetPreTopk(pairs == kEveryPair ? kEveryPair : positions);
  reader.SetKeepTopk(reader.CountOf("max_per_img"));
  reader.TakeMinBoxSize();
  reader.TakeNms();
  if (pairs < kUsualPairs) {
    reader.Note(fmt::format(
        "nms_pre {0}: MMDetection takes the best {0} pairs of position and class of each level, "
        "the file the best {1} positions of the image: it may keep more low-scored detections",
        pairs, positions));
  }
  reader.NoteUnknownKeys({"score_thr", "nms_pre", "max_per_img", "nms", "min_bbox_size"});
}

// YOLOXHead: every position as its best class.
void ApplyToYolox(ThresholdReader& reader) {
  const std::int64_t most = reader.CountOf("max_per_img", kMostOfYolox);
  reader.SetPreTopk(kEveryPair);
  reader.SetKeepTopk(most);
  reader.TakeNms();
  reader.Note(fmt::format(
      "MMDetection's YOLOXHead keeps all detections of an image, the file the best {}", most));
  reader.NoteUnknownKeys({"score_thr", "nms", "max_per_img"});
}

}  // namespace

std::vector<std::string> ApplyTestCfg(const config::ConfigNode& model, ExportOptions& options,
                                      bool& multi_label) {
  ThresholdReader reader(model["test_cfg"], "MMDetection", options);
  const config::ConfigNode head = model["bbox_head"];
  multi_label = models::WithoutScope(head["type"].AsString()) != "YOLOXHead";
  reader.TakeScoreThreshold();
  if (multi_label) {
    ApplyToDenseHead(reader, Strides(model).size());
  } else {
    ApplyToYolox(reader);
  }
  return reader.TakeChanges();
}

}  // namespace yoloport::sources::mmdet
