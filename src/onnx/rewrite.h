// Changing thresholds in a written file. What is changed stands in few places, which are found by
// the names that the exporter gives them; everything else is copied byte for byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace yoloport {

// Of TensorRT's plugins: more candidates they refuse.
inline constexpr std::int64_t kLargestPluginTopk = 4096;

struct ThresholdChanges {
  std::optional<double> score;
  std::optional<double> iou;
  std::optional<std::int64_t> keep_topk;
  std::int64_t pre_topk = 1;  // of the file, unchanged
  std::string metadata;       // the new document under the key `yoloport`
};

// Writes `from` with `changes` to `to`, atomically; both may be the same file. Throws FileError, or
// ModelError when `from` is no ONNX file or does not hold what is to be changed. Gives the size in
// bytes.
std::uint64_t RewriteThresholds(const std::filesystem::path& from, const std::filesystem::path& to,
                                const ThresholdChanges& changes);

}  // namespace yoloport
