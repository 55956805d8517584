// Taking thresholds from a config's model.test_cfg: what frameworks have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "yoloport/export.h"

namespace yoloport::sources::mmengine {

// Sets options to what a test_cfg says, and keeps a line for each that changed. What test_cfg
// leaves out is as the frameworks take it. docs/config_keys.md lists the keys.
class ThresholdReader {
 public:
  // `framework`: what notes call whoever evaluates with test_cfg.
  ThresholdReader(config::ConfigNode test_cfg, std::string framework, ExportOptions& options)
      : test_cfg_(std::move(test_cfg)), framework_(std::move(framework)), options_(options) {}

  // score_thr; every score where it is missing. Before TakeNms().
  void TakeScoreThreshold();
  // min_bbox_size; boxes of any size where it is missing.
  void TakeMinBoxSize();
  // nms. Throws ConfigError where it asks for another kind of NMS, or gives it an argument that it
  // does not take.
  void TakeNms();
  void SetPreTopk(std::int64_t count);
  void SetKeepTopk(std::int64_t count);

  // A count of detections, `fallback` where it is not stated. Throws ConfigError where no file can
  // hold so many.
  std::int64_t CountOf(std::string_view key, std::int64_t fallback) const;
  std::int64_t CountOf(std::string_view key) const;  // which must be stated

  void Note(std::string note) { changes_.push_back(std::move(note)); }
  // Keys that the framework would pass over, too; whoever wrote them expects something of them.
  void NoteUnknownKeys(const std::vector<std::string>& known);

  std::vector<std::string> TakeChanges() { return std::move(changes_); }

 private:
  template <typename T>
  void Change(std::string_view what, T& value, T wanted);
  void TakeNmsLimits(const config::ConfigNode& nms);

  config::ConfigNode test_cfg_;
  std::string framework_;
  ExportOptions& options_;
  std::vector<std::string> changes_;
};

}  // namespace yoloport::sources::mmengine
