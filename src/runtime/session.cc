#include "runtime/session.h"

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

using base::Quote;
using tensor::Tensor;

std::string Describe(tensor::DType dtype, std::span<const std::int64_t> shape) {
  return std::string(tensor::DTypeName(dtype)) + " " + base::ShapeText(shape);
}

bool Fits(const Tensor& tensor, const ValueInfo& info) {
  if (tensor.dtype() != info.dtype || tensor.shape().size() != info.shape.size()) return false;
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    if (info.shape[i] >= 0 && info.shape[i] != tensor.shape()[i]) return false;
  }
  return tensor.is_dense();
}

void Check(const Tensor& tensor, const ValueInfo& info, const std::string& model) {
  if (Fits(tensor, info)) return;
  throw RuntimeError(Quote(model) + ": input " + Quote(info.name) + " is " +
                     Describe(info.dtype, info.shape) + ", got " +
                     Describe(tensor.dtype(), tensor.shape()));
}

}  // namespace

void Session::CheckInputs(std::span<const Tensor> tensors, std::span<const Tensor> optional,
                          const std::string& model) const {
  const bool fits = tensors.size() == inputs_.size() &&
                    (optional.empty() || optional.size() == optional_inputs_.size());
  if (!fits) {
    throw RuntimeError(Quote(model) + ": takes " + std::to_string(inputs_.size()) +
                       " inputs, got " + std::to_string(tensors.size()));
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) Check(tensors[i], inputs_[i], model);
  for (std::size_t i = 0; i < optional.size(); ++i) {
    if (!optional[i].is_null()) Check(optional[i], optional_inputs_[i], model);
  }
}

}  // namespace yoloport::runtime
