#include "pipeline/test_cfg.h"

#include <fmt/format.h>

#include "base/text.h"

namespace yoloport {
namespace {

template <typename T>
void Change(std::vector<std::string>& changes, std::string_view what, T& value, T wanted) {
  if (value == wanted) return;
  changes.push_back(fmt::format("{} {} -> {} (model.test_cfg)", what, value, wanted));
  value = wanted;
}

}  // namespace

std::vector<std::string> ApplyTestCfg(const ConfigNode& test_cfg, ExportOptions& options,
                                      bool& multi_label) {
  std::vector<std::string> changes;
  Change(changes, "--score-threshold", options.score_threshold,
         test_cfg.Get("score_thr", options.score_threshold));
  Change(changes, "--pre-topk", options.pre_topk, test_cfg.Get("nms_pre", options.pre_topk));
  Change(changes, "--keep-topk", options.keep_topk, test_cfg.Get("max_per_img", options.keep_topk));
  if (const auto nms = test_cfg.Find("nms"); nms && !nms->IsNone()) {
    const std::string type = nms->Get("type", std::string("nms"));
    if (type != "nms") (*nms)["type"].Fail("only plain NMS is supported, not " + Quote(type));
    Change(changes, "--iou-threshold", options.iou_threshold,
           nms->Get("iou_threshold", options.iou_threshold));
    if (nms->Get("class_agnostic", false))
      Change(changes, "--class-agnostic", options.class_agnostic, true);
  }
  multi_label = test_cfg.Get("multi_label", true);
  return changes;
}

}  // namespace yoloport
