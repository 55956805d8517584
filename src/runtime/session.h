// Running an ONNX file. Knows bytes and tensors only, so it also runs files that yoloport did not
// write.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport::runtime {

// An input or output of the network.
struct ValueInfo {
  std::string name;  // empty where the file gives it none, as OpenVINO's may
  tensor::DType dtype = tensor::DType::kFloat32;
  tensor::Shape shape;  // -1: dynamic
};

struct SessionOptions {
  std::string runtime = "onnxruntime";
  int threads = 0;  // that one run may use; 0: its share of the cores there are to use
  int streams = 1;  // runs that go at once
  // What the network computes in: "f32", or what the runtime finds quickest ("auto"), or "bf16"
  // (openvino, on processors that have it; else as "f32"). See docs/nms.md for what it costs.
  std::string precision = "f32";
  // "cpu", "cuda" or "cuda:N"; empty: where the runtime runs if nobody says, which is cuda:0 for
  // tensorrt and cpu for the others.
  std::string device = {};
};

// A network loaded into a runtime. Run() may be called from several threads at once.
class Session {
 public:
  virtual ~Session() = default;

  const std::vector<ValueInfo>& inputs() const { return inputs_; }
  const std::vector<ValueInfo>& outputs() const { return outputs_; }

  // Further inputs, for which the file has values: they may be left out.
  const std::vector<ValueInfo>& optional_inputs() const { return optional_inputs_; }

  // What an OpenVINO model keeps of the metadata of the ONNX file that it was converted from; empty
  // for other files, which are read without a runtime (onnx/outline/read_metadata.h).
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  // What runs the network and how it computes, for people: "ONNX Runtime 1.32.0, float32".
  const std::string& description() const { return description_; }

  // Takes dense tensors in the order, and of the element types, of inputs(), and gives one for each
  // of outputs(). Nothing is copied: inputs are read where they lie, and outputs keep the runtime's
  // memory alive. Throws RuntimeError.
  std::vector<tensor::Tensor> Run(std::span<const tensor::Tensor> inputs) {
    return Run(inputs, {});
  }

  // The same with `optional`: nothing, or for each of optional_inputs() a tensor or, to leave it
  // out, a null one.
  virtual std::vector<tensor::Tensor> Run(std::span<const tensor::Tensor> inputs,
                                          std::span<const tensor::Tensor> optional) = 0;

 protected:
  // Throws RuntimeError that begins with `model` unless `tensors` fit inputs() and `optional` fit
  // optional_inputs().
  void CheckInputs(std::span<const tensor::Tensor> tensors,
                   std::span<const tensor::Tensor> optional, const std::string& model) const;

  std::vector<ValueInfo> inputs_;
  std::vector<ValueInfo> optional_inputs_;
  std::vector<ValueInfo> outputs_;
  std::map<std::string, std::string> metadata_;
  std::string description_;
};

// A file whose name ends in .engine or .plan is a TensorRT engine, one in .xml an OpenVINO model:
// tensorrt and openvino run it, whether they or the default runtime were asked for. Throws
// UsageError for a runtime that is not known, does not run such a file or lacks the precision or
// the device; RuntimeError when it is not built in, or refuses the file.
std::unique_ptr<Session> OpenSession(const std::filesystem::path& model,
                                     const SessionOptions& options);

// The runtimes by name, the default one first, whether or not they are built in.
std::vector<std::string> RuntimeNames();

}  // namespace yoloport::runtime
