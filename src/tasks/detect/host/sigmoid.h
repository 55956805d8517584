#pragma once

#include <cmath>

namespace yoloport::tasks::detect::host {

inline float Sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

}  // namespace yoloport::tasks::detect::host
