// The shapes that an engine is built for.
#pragma once

#include <optional>
#include <string>

#include "contract/model_card.h"
#include "onnx/outline/summary.h"
#include "runtime/engine_build.h"
#include "yoloport/engine.h"

namespace yoloport::engine {

// Of `input`, which the file has; nothing where it leaves no extent open. `info`, where the file
// has one, states the usual size. Throws UsageError when options contradict the file or one
// another, or one is needed.
std::optional<runtime::ShapeProfile> PlanShapes(const EngineOptions& options,
                                                const onnx::outline::OnnxValue& input,
                                                const std::optional<contract::ModelCard>& info);

}  // namespace yoloport::engine
