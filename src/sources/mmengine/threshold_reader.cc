#include "sources/mmengine/threshold_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/model_ranges.h"
#include "base/text.h"
#include "models/config_reading.h"
#include "sources/mmengine/config_arguments.h"
#include "yoloport/limits.h"
#include "yoloport/text.h"

namespace yoloport::sources::mmengine {
namespace {

using base::kMostNotes;
using base::kThresholdRange;
using config::ConfigNode;

constexpr double kEveryScore = 0;     // the frameworks' -1: sigmoids are above 0
constexpr double kNoSuppression = 1;  // nms=None: no IoU is greater

// A count of detections. The checks of the options would name these, not the config.
std::int64_t TopkIn(const ConfigNode& node) {
  const std::int64_t count = node.AsInt();
  if (count >= 1 && count <= kLargestTopk) return count;
  node.Fail(fmt::format("must be from 1 to {}, not {}", kLargestTopk, count));
}

// A threshold that may be below what anything reaches, but not above.
double AtMost(double high, const ConfigNode& config, std::string_view key, double fallback) {
  const double number = config.Get(key, fallback);
  if (!(number <= high)) config[key].Fail(fmt::format("must be at most {:g}", high));
  return std::max(number, fallback);
}

// mmcv's old name of a key, or its new one.
double ReadIouThreshold(const ConfigNode& nms) {
  const auto old = nms.Find("iou_thr");
  if (!old) return models::NumberIn(nms["iou_threshold"], kThresholdRange);
  if (nms.Has("iou_threshold")) {
    old->Fail("is the old name of iou_threshold, which is stated, too", "remove one of them");
  }
  return models::NumberIn(*old, kThresholdRange);
}

}  // namespace

template <typename T>
void ThresholdReader::Change(std::string_view what, T& value, T wanted) {
  if (value == wanted) return;
  changes_.push_back(fmt::format("{} {} -> {} (model.test_cfg)", what, value, wanted));
  value = wanted;
}

std::int64_t ThresholdReader::CountOf(std::string_view key, std::int64_t fallback) const {
  const auto node = test_cfg_.Find(key);
  return node && !node->IsNone() ? TopkIn(*node) : fallback;
}

std::int64_t ThresholdReader::CountOf(std::string_view key) const { return TopkIn(test_cfg_[key]); }

void ThresholdReader::TakeScoreThreshold() {
  Change("--score-threshold", options_.score_threshold,
         AtMost(kThresholdRange.high, test_cfg_, "score_thr", kEveryScore));
}

void ThresholdReader::TakeMinBoxSize() {
  Change("--min-box-size", options_.min_box_size,
         AtMost(kLargestSide, test_cfg_, "min_bbox_size", -1));
}

void ThresholdReader::SetPreTopk(std::int64_t count) {
  Change("--pre-topk", options_.pre_topk, count);
}

void ThresholdReader::SetKeepTopk(std::int64_t count) {
  Change("--keep-topk", options_.keep_topk, count);
}

void ThresholdReader::TakeNms() {
  const ConfigNode nms = test_cfg_["nms"];
  if (nms.IsNone()) {
    Change("--iou-threshold", options_.iou_threshold, kNoSuppression);
    return;
  }
  const std::string type = models::WithoutScope(nms.Get("type", "nms"));
  if (type != "nms") {
    nms["type"].Fail("only plain NMS is supported, not " + base::Quote(type), "set it to 'nms'");
  }
  RequireKnownKeys(nms, "nms",
                   {"iou_threshold", "iou_thr", "class_agnostic", "score_threshold", "max_num",
                    "offset", "split_thr"});
  if (nms.Get("offset", 0) != 0) {
    nms["offset"].Fail("boxes whose last pixel counts are not supported", "set it to 0");
  }
  Change("--iou-threshold", options_.iou_threshold, ReadIouThreshold(nms));
  Change("--class-agnostic", options_.class_agnostic, nms.Get("class_agnostic", false));
  TakeNmsLimits(nms);
}

void ThresholdReader::TakeNmsLimits(const ConfigNode& nms) {
  // It also applies to what score_thr left.
  const double score = AtMost(kThresholdRange.high, nms, "score_threshold", kEveryScore);
  Change("--score-threshold", options_.score_threshold, std::max(options_.score_threshold, score));
  const std::int64_t most = nms.Get("max_num", -1);
  if (most > 0) SetKeepTopk(std::min(options_.keep_topk, most));
  // From so many boxes on mmcv suppresses each class by itself: the same, but for this.
  const std::int64_t split = nms.Get("split_thr", 10000);
  if (options_.class_agnostic && split <= options_.pre_topk) {
    Note(
        fmt::format("split_thr {}{}: with as many boxes {}'s classes no longer suppress each "
                    "other; here they do",
                    split, nms.Has("split_thr") ? "" : ", mmcv's default", framework_));
  }
}

void ThresholdReader::NoteUnknownKeys(const std::vector<std::string>& known) {
  std::size_t unknown = 0;
  for (const std::string& key : test_cfg_.Keys()) {
    if (key == "_scope_" || std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (++unknown > kMostNotes) continue;  // finding a place takes a look at the whole file
    const std::string near = NearestName(key, known);
    Note(fmt::format("{}: model.test_cfg has no key {} and it changes nothing{}",
                     test_cfg_[key].place(), base::Quote(key),
                     near.empty() ? "" : "; did you mean " + near + "?"));
  }
  if (unknown > kMostNotes) {
    Note(fmt::format("and {} more keys of model.test_cfg that change nothing",
                     unknown - kMostNotes));
  }
}

}  // namespace yoloport::sources::mmengine
