#include "bench_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace yoloport::tool {
namespace {

std::string Row(const Figures& figures) {
  char text[128];
  std::snprintf(text, sizeof(text), "  %8.2f %8.2f %8.2f %8.2f %9.1f", figures.median, figures.p90,
                figures.p99, figures.cpu, figures.per_second);
  return text;
}

nlohmann::ordered_json ToJson(const Figures& figures) {
  const auto rounded = [](double value) { return std::round(value * 1000) / 1000; };
  return {{"median_ms", rounded(figures.median)},
          {"p90_ms", rounded(figures.p90)},
          {"p99_ms", rounded(figures.p99)},
          {"cpu_ms", rounded(figures.cpu)},
          {"images_per_second", rounded(figures.per_second)}};
}

}  // namespace

Figures Percentiles(std::vector<double> milliseconds) {
  std::sort(milliseconds.begin(), milliseconds.end());
  // The smallest value that so large a share does not exceed.
  const auto at = [&](double share) {
    const double rank = std::ceil(share * static_cast<double>(milliseconds.size()));
    return milliseconds[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
  };
  return {at(0.5), at(0.9), at(0.99), 0, 0};
}

std::string Table(const std::vector<Measurement>& measurements) {
  constexpr const char* kColumns = "    median      p90      p99      cpu  images/s";
  std::string out = std::string(29, ' ') + "network alone, ms a run                          " +
                    "whole pipeline, ms an image\nruntime      threads  batch" + kColumns +
                    kColumns + "\n";
  for (const Measurement& each : measurements) {
    char head[128];
    std::snprintf(head, sizeof(head), "%-12s %7d %6d", each.runtime.c_str(), each.threads,
                  each.batch);
    out += head + Row(each.network) + Row(each.pipeline) + "\n";
  }
  return out;
}

std::string Json(const Measurement& measurement, const std::string& model) {
  const nlohmann::ordered_json document = {{"model", model},
                                           {"runtime", measurement.runtime},
                                           {"description", measurement.description},
                                           {"threads", measurement.threads},
                                           {"streams", measurement.streams},
                                           {"batch", measurement.batch},
                                           {"network", ToJson(measurement.network)},
                                           {"pipeline", ToJson(measurement.pipeline)}};
  return document.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace yoloport::tool
