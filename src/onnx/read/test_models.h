// Files as others write them, made with libonnx: for tests.
#pragma once

#include <string>

namespace yoloport::onnx::read {

// A valid model of opset 9 to 22 that takes `x`, float32 1 x 3 x 4 x 4, and gives `out`: weights of
// each element type and in each form, an If and a Loop whose graphs read values from around them,
// inputs and outputs that are left out, an initializer that is an input, nodes without names, doc
// strings.
std::string RunnableModel(int opset);

// What a runtime need not run: operators of a domain of its own, all kinds of attributes, texts as
// weights, sequences, values without types, functions, a sparse weight.
std::string OddModel();

// Both of `bytes` with what may differ between files that compute the same brought to one form:
// order of attributes, weights, types and imports; elements as raw data. For messages about
// differences, as text.
std::string NormalText(const std::string& bytes);

}  // namespace yoloport::onnx::read
