// What an ONNX graph does last.
#pragma once

#include <set>
#include <string>

namespace yoloport::base {
class MappedFile;
}

namespace yoloport::onnx::outline {

// The types of the nodes that the outputs are calculated by, back to the convolutions: "Concat",
// "Sigmoid" ... Nodes before a convolution are seen only where they get to an output beside it. A
// Concat of a few values is there once more with what makes these, in their order:
// "Concat(Conv,Sigmoid)". Nothing in a file that is broken.
std::set<std::string> OperatorsAfterConvolutions(const base::MappedFile& file);

}  // namespace yoloport::onnx::outline
