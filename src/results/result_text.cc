#include "results/result_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "base/text.h"
#include "base/utf8.h"
#include "yoloport/error.h"

namespace yoloport::results {

std::string JsonText(std::string_view text) {
  return base::WithEscapedControls(
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string EscapedPath(std::string_view key, std::string_view path) {
  if (base::IsUtf8(path)) return "";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~/";
  std::string out = ",\"";
  out.append(key).append("\":\"");
  for (const char c : path) {
    const bool is_letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_letter || kPlain.find(c) != kPlain.npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out + '"';
}

std::string CsvText(std::string_view text) {
  // Through JSON and back: the one place that knows how to replace what is no UTF-8.
  auto valid = nlohmann::json::parse(JsonText(text)).get<std::string>();
  if (valid.find_first_of(",\"\r\n") == std::string::npos) return valid;
  std::string out;
  out += '"';
  for (const char c : valid) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
  return out;
}

void CheckWritable(const ImageResult& result) {
  constexpr float kLargest = 1e15F;  // areas are floats, too
  for (const Detection& each : result.detections) {
    const bool is_box = std::all_of(each.box.begin(), each.box.end(),
                                    [](float x) { return std::abs(x) <= kLargest; });
    if (is_box && std::isfinite(each.score) && each.label >= 0) continue;
    throw UsageError(base::Quote(result.image) +
                     ": a detection cannot be written: its box or score is NaN, infinite or beyond "
                     "1e15, or its label is negative");
  }
}

void AppendNumber(std::string& out, float value) { out += base::NumberText(value); }
void AppendNumber(std::string& out, double value) { out += base::NumberText(value); }

}  // namespace yoloport::results
