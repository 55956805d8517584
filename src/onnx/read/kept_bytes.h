// What the bytes refer to that a graph keeps as they are: graphs within nodes and the like.
#pragma once

#include <string_view>
#include <vector>

namespace yoloport::onnx::read {

struct References {
  std::vector<std::string_view> names;  // of values that graphs within read or give; some twice
  bool has_external_data = false;       // a tensor whose elements lie in another file
};

// Adds the references of an AttributeProto, a FunctionProto, a TensorProto or a SparseTensorProto.
// CheckOnnxStructure() must have passed, which bounds how deep graphs are nested.
void AddReferencesOfAttribute(std::string_view message, References& references);
void AddReferencesOfFunction(std::string_view message, References& references);
void AddReferencesOfTensor(std::string_view message, References& references);
void AddReferencesOfSparseTensor(std::string_view message, References& references);

}  // namespace yoloport::onnx::read
