// What an ONNX file may claim before a runtime sees it.
#pragma once

#include <cstdint>

namespace yoloport::onnx::outline {

// Of ONNX 1.21. Runtimes refuse opsets that they do not know, or warn and guess.
inline constexpr std::uint64_t kNewestOpset = 26;

// Graphs within nodes within graphs: the branches of If and the bodies of Loop. Real ones have 3.
inline constexpr int kMaxGraphDepth = 32;

}  // namespace yoloport::onnx::outline
