#include "sources/mmyolo/thresholds.h"

#include <fmt/format.h>

#include "sources/mmengine/threshold_reader.h"

namespace yoloport::sources::mmyolo {
namespace {

// What MMYOLO takes where test_cfg does not say.
constexpr std::int64_t kEveryPair = 100000;  // nms_pre
// The nms_pre of most configs: with as many pairs, more than max_per_img are left at the end.
constexpr std::int64_t kUsualPairs = 30000;

}  // namespace

std::vector<std::string> ApplyTestCfg(const config::ConfigNode& test_cfg, ExportOptions& options,
                                      bool& multi_label) {
  mmengine::ThresholdReader reader(test_cfg, "MMYOLO", options);
  reader.TakeScoreThreshold();
  reader.SetPreTopk(reader.CountOf("nms_pre", kEveryPair));
  reader.SetKeepTopk(reader.CountOf("max_per_img"));
  reader.TakeMinBoxSize();
  reader.TakeNms();
  multi_label = test_cfg.Get("multi_label", true);
  if (test_cfg.Get("yolox_style", false)) {
    reader.Note(
        fmt::format("yolox_style: MMYOLO then keeps all detections of an image, not max_per_img; "
                    "the file keeps the best {}",
                    options.keep_topk));
  }
  if (multi_label && options.pre_topk < kUsualPairs) {
    reader.Note(
        fmt::format("nms_pre {}: MMYOLO counts pairs of anchor and class (multi_label), the file "
                    "counts anchors: of several classes it may keep more low-scored detections",
                    options.pre_topk));
  }
  reader.NoteUnknownKeys({"score_thr", "nms_pre", "max_per_img", "nms", "min_bbox_size",
                          "multi_label", "yolox_style"});
  return reader.TakeChanges();
}

}  // namespace yoloport::sources::mmyolo
