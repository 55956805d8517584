// The weights of a file that is read: tensors that view it, or the files beside it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "graph/graph.h"
#include "onnx/wire/tensor_header.h"

namespace yoloport::onnx::read {

inline constexpr std::uint64_t kMostHeldBytes = std::uint64_t{1} << 16;  // of a constant

// All of these throw ModelError for elements that do not fit the tensor's shape.
class FileWeights {
 public:
  explicit FileWeights(std::shared_ptr<const base::MappedFile> file) : sources_{std::move(file)} {}

  // The elements of a TensorProto where they lie, perhaps unaligned; nothing where they are numbers
  // of their own, which have to be decoded.
  std::optional<tensor::Tensor> View(const wire::OnnxTensor& header, tensor::DType dtype,
                                     std::string_view message);

  // A TensorProto as a constant, without its name: held in memory if `is_inline` and up to
  // kMostHeldBytes, kept as bytes if a graph has no type for it, else lazy.
  graph::Graph::ValueData Constant(const wire::OnnxTensor& header, std::string_view message,
                                   bool is_inline);

  // The file, then the others that were opened.
  const std::vector<std::shared_ptr<const base::MappedFile>>& sources() const { return sources_; }

 private:
  const std::shared_ptr<const base::MappedFile>& file() const { return sources_.front(); }
  tensor::Tensor ExternalView(const wire::OnnxTensor& header, tensor::DType dtype,
                              const wire::ExternalData& external, std::uint64_t bytes);
  void RequireTypedElements(const wire::OnnxTensor& header, tensor::DType dtype,
                            std::string_view message, std::uint64_t bytes) const;

  std::vector<std::shared_ptr<const base::MappedFile>> sources_;
  std::map<std::string_view, std::shared_ptr<const base::MappedFile>> data_files_;  // by location
};

}  // namespace yoloport::onnx::read
