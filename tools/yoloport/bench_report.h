// What `yoloport bench` says.
#pragma once

#include <string>
#include <vector>

namespace yoloport::tool {

// Of many runs one after another, in milliseconds, and of as many at once as are quickest.
struct Figures {
  double median = 0;
  double p90 = 0;
  double p99 = 0;
  double cpu = 0;         // processor time of a run, by all its threads
  double per_second = 0;  // images
};

// `milliseconds` of at least one run; cpu and per_second are left alone.
Figures Percentiles(std::vector<double> milliseconds);

struct Measurement {
  std::string runtime;      // its name
  std::string description;  // with version and precision
  int threads = 0;
  int streams = 0;  // runs at once behind per_second
  int batch = 0;
  Figures network;   // a run of the network: `batch` images
  Figures pipeline;  // an image: decode, prepare, infer, decode, draw, encode
};

std::string Table(const std::vector<Measurement>& measurements);

// One line of JSON.
std::string Json(const Measurement& measurement, const std::string& model);

}  // namespace yoloport::tool
