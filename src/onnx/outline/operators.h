// The operators of ONNX's own domain.
#pragma once

#include <string_view>

namespace yoloport::onnx::outline {

// Whether ONNX, in any opset up to kNewestOpset, has an operator of this name.
bool IsOnnxOperator(std::string_view name);

}  // namespace yoloport::onnx::outline
