#include "runtime/session.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "runtime/backends.h"
#include "runtime/cores.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

struct Backend {
  const char* name;
  std::unique_ptr<Session> (*open)(const std::filesystem::path&, const SessionOptions&);
};
constexpr std::array<Backend, 2> kBackends = {{
    {"onnxruntime", OpenOnnxRuntime},
    {"openvino", OpenOpenVino},
}};

std::string Describe(DType dtype, std::span<const std::int64_t> shape) {
  return std::string(DTypeName(dtype)) + " " + ShapeText(shape);
}

bool Fits(const Tensor& tensor, const ValueInfo& info) {
  if (tensor.dtype() != info.dtype || tensor.shape().size() != info.shape.size()) return false;
  for (std::size_t i = 0; i < info.shape.size(); ++i) {
    if (info.shape[i] >= 0 && info.shape[i] != tensor.shape()[i]) return false;
  }
  return tensor.is_dense();
}

}  // namespace

void Session::CheckInputs(std::span<const Tensor> tensors, const std::string& model) const {
  if (tensors.size() != inputs_.size()) {
    throw RuntimeError(Quote(model) + ": takes " + std::to_string(inputs_.size()) +
                       " inputs, got " + std::to_string(tensors.size()));
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (Fits(tensors[i], inputs_[i])) continue;
    throw RuntimeError(Quote(model) + ": input " + Quote(inputs_[i].name) + " is " +
                       Describe(inputs_[i].dtype, inputs_[i].shape) + ", got " +
                       Describe(tensors[i].dtype(), tensors[i].shape()));
  }
}

std::unique_ptr<Session> OpenSession(const std::filesystem::path& model,
                                     const SessionOptions& options) {
  SessionOptions settled = options;
  settled.streams = std::max(1, options.streams);
  if (options.threads <= 0) settled.threads = std::max(1, AvailableCores() / settled.streams);
  for (const Backend& backend : kBackends) {
    if (options.runtime == backend.name) return backend.open(model, settled);
  }
  throw UsageError("there is no runtime " + Quote(options.runtime) + "; the runtimes are " +
                   JoinText(RuntimeNames()));
}

std::vector<std::string> RuntimeNames() {
  std::vector<std::string> names;
  for (const Backend& backend : kBackends) names.emplace_back(backend.name);
  return names;
}

}  // namespace yoloport
