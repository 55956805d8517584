// What a checkpoint says that tells its network itself, and what exporting it gives.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace yoloport::inspect {

struct WholeNetwork {
  std::string class_name;  // "ultralytics.nn.tasks.DetectionModel"; of a state_dict none
  std::string detector;    // "YOLOv8n of Ultralytics"; empty where it is not supported
  int num_classes = 0;
  std::vector<std::string> classes;  // untrusted; none where the file has no names
  std::int64_t height = 0;           // of the input that an export has without --img-size
  std::int64_t width = 0;
  int stride = 0;  // of which sides are multiples
  bool suppresses = true;
  std::string problem;  // why it cannot be exported; empty where it can
};

// Of a checkpoint that needs no config. Builds the network, as an export would.
WholeNetwork InspectNetwork(const checkpoint::Checkpoint& checkpoint);

// For people: lines of what and value.
std::vector<std::pair<std::string, std::string>> NetworkLines(const WholeNetwork& network);

nlohmann::ordered_json NetworkJson(const WholeNetwork& network);

}  // namespace yoloport::inspect
