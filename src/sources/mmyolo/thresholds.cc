#include "sources/mmyolo/thresholds.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/model_ranges.h"
#include "base/text.h"
#include "models/config_reading.h"
#include "sources/mmyolo/config_arguments.h"
#include "yoloport/limits.h"
#include "yoloport/text.h"

namespace yoloport::sources::mmyolo {
namespace {

using base::kMostNotes;
using base::kThresholdRange;
using config::ConfigNode;

// What MMYOLO takes where test_cfg does not say.
constexpr double kEveryScore = 0;            // its -1: sigmoids are above 0
constexpr std::int64_t kEveryPair = 100000;  // nms_pre
constexpr double kNoSuppression = 1;         // nms=None: no IoU is greater
// The nms_pre of most configs: with as many pairs, more than max_per_img are left at the end.
constexpr std::int64_t kUsualPairs = 30000;

template <typename T>
void Change(std::vector<std::string>& changes, std::string_view what, T& value, T wanted) {
  if (value == wanted) return;
  changes.push_back(fmt::format("{} {} -> {} (model.test_cfg)", what, value, wanted));
  value = wanted;
}

// A count of detections. The checks of the options would name these, not the config.
std::int64_t TopkIn(const ConfigNode& node) {
  const std::int64_t count = node.AsInt();
  if (count >= 1 && count <= kLargestTopk) return count;
  node.Fail(fmt::format("must be from 1 to {}, not {}", kLargestTopk, count));
}

std::int64_t TopkIn(const ConfigNode& config, std::string_view key, std::int64_t fallback) {
  const auto node = config.Find(key);
  return node && !node->IsNone() ? TopkIn(*node) : fallback;
}

// A threshold that may be below what anything reaches, but not above.
double AtMost(double high, const ConfigNode& config, std::string_view key, double fallback) {
  const double number = config.Get(key, fallback);
  if (!(number <= high)) config[key].Fail(fmt::format("must be at most {:g}", high));
  return std::max(number, fallback);
}

// Keys that MMYOLO would pass over, too; whoever wrote them expects something of them.
void NoteUnknownKeys(const ConfigNode& test_cfg, std::vector<std::string>& notes) {
  const std::vector<std::string> known = {"score_thr",     "nms_pre",     "max_per_img", "nms",
                                          "min_bbox_size", "multi_label", "yolox_style"};
  std::size_t unknown = 0;
  for (const std::string& key : test_cfg.Keys()) {
    if (key == "_scope_" || std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (++unknown > kMostNotes) continue;  // finding a place takes a look at the whole file
    const std::string near = NearestName(key, known);
    notes.push_back(fmt::format("{}: model.test_cfg has no key {} and it changes nothing{}",
                                test_cfg[key].place(), base::Quote(key),
                                near.empty() ? "" : "; did you mean " + near + "?"));
  }
  if (unknown > kMostNotes) {
    notes.push_back(fmt::format("and {} more keys of model.test_cfg that change nothing",
                                unknown - kMostNotes));
  }
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

void ApplyNms(const ConfigNode& nms, ExportOptions& options, std::vector<std::string>& changes) {
  if (nms.IsNone()) {
    Change(changes, "--iou-threshold", options.iou_threshold, kNoSuppression);
    return;
  }
  const std::string type = models::WithoutScope(nms.Get("type", "nms"));
  if (type != "nms")
    nms["type"].Fail("only plain NMS is supported, not " + base::Quote(type), "set it to 'nms'");
  RequireKnownKeys(nms, "nms",
                   {"iou_threshold", "iou_thr", "class_agnostic", "score_threshold", "max_num",
                    "offset", "split_thr"});
  if (nms.Get("offset", 0) != 0) {
    nms["offset"].Fail("boxes whose last pixel counts are not supported", "set it to 0");
  }
  Change(changes, "--iou-threshold", options.iou_threshold, ReadIouThreshold(nms));
  const bool class_agnostic = nms.Get("class_agnostic", false);
  Change(changes, "--class-agnostic", options.class_agnostic, class_agnostic);
  // It also applies to what score_thr left.
  const double score = AtMost(kThresholdRange.high, nms, "score_threshold", kEveryScore);
  Change(changes, "--score-threshold", options.score_threshold,
         std::max(options.score_threshold, score));
  const std::int64_t most = nms.Get("max_num", -1);
  if (most > 0) {
    Change(changes, "--keep-topk", options.keep_topk, std::min(options.keep_topk, most));
  }
  // From so many boxes on MMYOLO suppresses each class by itself: the same, but for this.
  const std::int64_t split = nms.Get("split_thr", 10000);
  if (class_agnostic && split <= options.pre_topk) {
    changes.push_back(
        fmt::format("split_thr {}{}: with as many boxes MMYOLO's classes no longer suppress each "
                    "other; here they do",
                    split, nms.Has("split_thr") ? "" : ", mmcv's default"));
  }
}

}  // namespace

std::vector<std::string> ApplyTestCfg(const ConfigNode& test_cfg, ExportOptions& options,
                                      bool& multi_label) {
  std::vector<std::string> changes;
  Change(changes, "--score-threshold", options.score_threshold,
         AtMost(kThresholdRange.high, test_cfg, "score_thr", kEveryScore));
  Change(changes, "--pre-topk", options.pre_topk, TopkIn(test_cfg, "nms_pre", kEveryPair));
  Change(changes, "--keep-topk", options.keep_topk, TopkIn(test_cfg["max_per_img"]));
  Change(changes, "--min-box-size", options.min_box_size,
         AtMost(kLargestSide, test_cfg, "min_bbox_size", -1));
  ApplyNms(test_cfg["nms"], options, changes);
  multi_label = test_cfg.Get("multi_label", true);
  if (test_cfg.Get("yolox_style", false)) {
    changes.push_back(
        fmt::format("yolox_style: MMYOLO then keeps all detections of an image, not max_per_img; "
                    "the file keeps the best {}",
                    options.keep_topk));
  }
  if (multi_label && options.pre_topk < kUsualPairs) {
    changes.push_back(
        fmt::format("nms_pre {}: MMYOLO counts pairs of anchor and class (multi_label), the file "
                    "counts anchors: of several classes it may keep more low-scored detections",
                    options.pre_topk));
  }
  NoteUnknownKeys(test_cfg, changes);
  return changes;
}

}  // namespace yoloport::sources::mmyolo
