#include "models/point_head.h"

#include <string>

#include "base/text.h"
#include "contract/model_types.h"
#include "graph/ops.h"
#include "models/config_reading.h"
#include "models/head_levels.h"

namespace yoloport::models {

using config::ConfigNode;
using graph::Value;

// As a convolution, because a ReduceSum gives some wrong sums in OpenCV 4.8.
Value MeanDistances(Value x, std::int64_t bins) {
  const graph::NameScope scope(x.graph(), x.name());
  x = graph::Reshape(graph::Transpose(x, {0, 2, 3, 1}), tensor::Shape{0, 0, 0, 4, bins});
  x = graph::Softmax(graph::Cast(x, tensor::DType::kFloat32));
  x = graph::Transpose(graph::Reshape(x, tensor::Shape{0, 0, 0, 4 * bins}), {0, 3, 1, 2});
  std::vector<float> distances;
  for (int side = 0; side < 4; ++side) {
    for (std::int64_t bin = 0; bin < bins; ++bin) distances.push_back(static_cast<float>(bin));
  }
  const Value weight = graph::Floats(x.graph(), {4, bins, 1, 1}, distances);
  return graph::Conv(x, weight, {}, {.groups = 4});
}

graph::HeadOutput PointHead(const ConfigNode& config, const checkpoint::Weights& w,
                            const std::vector<Value>& features, graph::HeadMode mode,
                            const PointHeadSpec& spec) {
  const ConfigNode module = config["head_module"];
  const auto build = FindModule(module, &Family::point_modules);
  module.Ignore({"init_cfg"});
  IgnoreTrainingKeys(config);
  RequireCoder(config, spec.coder);
  RequireOnePrior(module);
  graph::HeadOutput output;
  output.type = spec.type;
  output.head.spec.coding = spec.coding;
  output.head.spec.num_classes = ReadNumClasses(module);
  output.head.spec.prior_offset = ReadPriorOffset(config, spec.prior_offset);
  const auto strides = ReadStrides(config, {8, 16, 32});
  RequireLevels(module, strides.size(), features.size());
  const bool objectness = contract::FindModelType(spec.type)->objectness;
  build(module, w["head_module"], features, [&](const PointLevel& level) {
    if (static_cast<bool>(level.objectness) != objectness) {
      module["type"].Fail(objectness ? "this head needs a module that predicts objectness"
                                     : "this head does not take a module that predicts objectness");
    }
    const bool reads_distances =
        mode == graph::kRawHead && level.bins > 1 && !spec.has_raw_distributions;
    output.head.spec.bins = reads_distances ? 1 : level.bins;
    AddPointLevel(output, mode, level.classes,
                  reads_distances ? MeanDistances(level.boxes, level.bins) : level.boxes,
                  level.objectness, strides[output.head.levels.size()]);
  });
  return output;
}

}  // namespace yoloport::models
