// OpenVINO, as a library of its own (libyoloport_openvino.so): openvino_loader.cc loads it when
// somebody asks for this runtime, so that nobody else waits for OpenVINO to load.
#include <array>
#include <mutex>
#include <openvino/frontend/manager.hpp>
#include <openvino/openvino.hpp>
#include <sstream>

#include "base/mapped_file.h"
#include "base/text.h"
#include "onnx/outline/input_defaults.h"
#include "runtime/ir_file.h"
#include "runtime/openvino_library.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

using base::Quote;
using onnx::outline::InputDefaults;
using tensor::DType;
using tensor::Tensor;
using TypePair = std::pair<DType, ov::element::Type_t>;
constexpr std::array<TypePair, 13> kTypes = {{
    {DType::kFloat32, ov::element::Type_t::f32},
    {DType::kFloat64, ov::element::Type_t::f64},
    {DType::kFloat16, ov::element::Type_t::f16},
    {DType::kBFloat16, ov::element::Type_t::bf16},
    {DType::kInt8, ov::element::Type_t::i8},
    {DType::kInt16, ov::element::Type_t::i16},
    {DType::kInt32, ov::element::Type_t::i32},
    {DType::kInt64, ov::element::Type_t::i64},
    {DType::kUInt8, ov::element::Type_t::u8},
    {DType::kUInt16, ov::element::Type_t::u16},
    {DType::kUInt32, ov::element::Type_t::u32},
    {DType::kUInt64, ov::element::Type_t::u64},
    {DType::kBool, ov::element::Type_t::boolean},
}};

ov::element::Type ToOpenVino(DType dtype) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == dtype) return theirs;
  }
  return ov::element::dynamic;
}

DType FromOpenVino(const ov::element::Type& type, const std::string& name) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  throw RuntimeError(Quote(name) + " has an element type that is not supported (" +
                     type.get_type_name() + ")");
}

// "2026.4.1" of "2026.4.1-22982-e213a147257-releases/2026/4".
std::string VersionText() {
  const std::string build = ov::get_openvino_version().buildNumber;
  return build.substr(0, build.find('-'));
}

// One for the process: it owns what all sessions share. Never destroyed, since sessions in statics
// of a caller may outlive anything of ours.
ov::Core& Core() {
  static auto* core = new ov::Core;
  return *core;
}

ov::AnyMap MakeOptions(const SessionOptions& options) {
  ov::AnyMap properties = {
      ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
      ov::num_streams(options.streams),
      ov::inference_num_threads(options.threads * options.streams),
      // Pinned threads of several processes would all sit on the same first cores.
      ov::hint::enable_cpu_pinning(false),
  };
  if (options.precision == "f32")
    properties.insert(ov::hint::inference_precision(ov::element::f32));
  if (options.precision == "bf16") {
    properties.insert(ov::hint::inference_precision(ov::element::bf16));
  }
  return properties;
}

// Requests of one network that no run is using. A request runs one inference at a time and owns the
// memory of its results.
class RequestPool {
 public:
  explicit RequestPool(ov::CompiledModel network) : network_(std::move(network)) {}

  ov::InferRequest Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return network_.create_infer_request();
    ov::InferRequest request = std::move(idle_.back());
    idle_.pop_back();
    return request;
  }
  void Return(ov::InferRequest request) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(request));
  }

 private:
  ov::CompiledModel network_;
  std::mutex mutex_;
  std::vector<ov::InferRequest> idle_;
};

// A request for as long as its results are looked at.
class Lease {
 public:
  explicit Lease(std::shared_ptr<RequestPool> pool)
      : pool_(std::move(pool)), request_(pool_->Take()) {}
  ~Lease() { pool_->Return(std::move(request_)); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  ov::InferRequest& request() { return request_; }

 private:
  std::shared_ptr<RequestPool> pool_;
  ov::InferRequest request_;
};

ValueInfo Describe(const ov::Output<const ov::Node>& port) {
  ValueInfo info{port.get_names().empty() ? "" : port.get_any_name(), {}, {}};
  info.dtype = FromOpenVino(port.get_element_type(), info.name);
  const ov::PartialShape& shape = port.get_partial_shape();
  if (shape.rank().is_dynamic()) {
    throw RuntimeError(Quote(info.name) + " has an unknown number of dimensions");
  }
  for (const ov::Dimension& extent : shape) {
    info.shape.push_back(extent.is_static() ? extent.get_length() : -1);
  }
  return info;
}

// By the reader of ONNX and no other: left to choose, OpenVINO has all of its readers try the file,
// and some complain on stderr. An input for which the file has values would become a constant; it
// stays an input because the reader does not get to see the values.
std::shared_ptr<ov::Model> ReadModel(const std::string& path, const InputDefaults& defaults) {
  const ov::frontend::FrontEnd::Ptr reader =
      ov::frontend::FrontEndManager().load_by_framework("onnx");
  if (defaults.values.empty()) return reader->convert(reader->load(path));
  std::istringstream model(defaults.model);
  return reader->convert(reader->load(static_cast<std::istream*>(&model)));
}

// OpenVINO keeps the metadata_props of an ONNX file that it converts under this key.
std::map<std::string, std::string> MetadataOf(const ov::Model& model) {
  std::map<std::string, std::string> metadata;
  if (!model.has_rt_info("framework")) return metadata;
  for (const auto& [key, value] : model.get_rt_info<ov::AnyMap>("framework")) {
    if (value.is<std::string>()) metadata.emplace(key, value.as<std::string>());
  }
  return metadata;
}

class OpenVinoSession final : public Session {
 public:
  OpenVinoSession(const std::filesystem::path& model, const SessionOptions& options)
      : model_(model.native()) {
    InputDefaults defaults;
    std::shared_ptr<ov::Model> read;
    if (IsIrFile(model)) {
      CheckIrFiles(model);
      read = Core().read_model(model_, IrWeightsPath(model).native());
      metadata_ = MetadataOf(*read);
    } else {
      const auto file = base::MappedFile::Open(model);  // says best what is wrong with a file
      defaults = onnx::outline::TakeInputDefaults(file->text());
      read = ReadModel(model_, defaults);
    }
    const ov::CompiledModel network = Core().compile_model(read, "CPU", MakeOptions(options));
    for (std::size_t i = 0; i < network.inputs().size(); ++i)
      AddInput(network.input(i), i, defaults);
    for (const auto& port : network.outputs()) outputs_.push_back(Describe(port));
    pool_ = std::make_shared<RequestPool>(network);
    description_ = "OpenVINO " + VersionText() + ", " +
                   network.get_property(ov::hint::inference_precision).to_string();
  }

  std::vector<Tensor> Run(std::span<const Tensor> inputs,
                          std::span<const Tensor> optional) override {
    CheckInputs(inputs, optional, model_);
    try {
      return RunChecked(inputs, optional);
    } catch (const ov::Exception& error) {
      throw RuntimeError(Quote(model_) + ": OpenVINO failed: " + Quote(error.what(), 600));
    }
  }

 private:
  void AddInput(const ov::Output<const ov::Node>& port, std::size_t index,
                const InputDefaults& defaults) {
    const ValueInfo info = Describe(port);
    const auto found = defaults.values.find(info.name);
    if (found == defaults.values.end()) {
      inputs_.push_back(info);
      ports_.push_back(index);
    } else {
      optional_inputs_.push_back(info);
      optional_ports_.push_back(index);
      defaults_.push_back(found->second);
    }
  }

  static void SetInput(ov::InferRequest& request, std::size_t port, const Tensor& input) {
    const ov::Shape shape(input.shape().begin(), input.shape().end());
    // OpenVINO has no tensor of const; it only reads its inputs.
    request.set_input_tensor(port, ov::Tensor(ToOpenVino(input.dtype()), shape,
                                              const_cast<std::byte*>(input.bytes().data())));
  }

  std::vector<Tensor> RunChecked(std::span<const Tensor> inputs,
                                 std::span<const Tensor> optional) const {
    const auto lease = std::make_shared<Lease>(pool_);
    ov::InferRequest& request = lease->request();
    for (std::size_t i = 0; i < inputs.size(); ++i) SetInput(request, ports_[i], inputs[i]);
    for (std::size_t i = 0; i < defaults_.size(); ++i) {
      const bool given = !optional.empty() && !optional[i].is_null();
      SetInput(request, optional_ports_[i], given ? optional[i] : defaults_[i]);
    }
    request.infer();
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const ov::Tensor tensor = request.get_output_tensor(i);
      const ov::Shape& shape = tensor.get_shape();
      outputs.emplace_back(outputs_[i].dtype, tensor::Shape(shape.begin(), shape.end()), lease,
                           static_cast<const std::byte*>(tensor.data()));
    }
    return outputs;
  }

  std::string model_;
  std::vector<std::size_t> ports_;  // of inputs_ among the network's
  std::vector<std::size_t> optional_ports_;
  std::vector<Tensor> defaults_;  // of optional_inputs_
  std::shared_ptr<RequestPool> pool_;
};

}  // namespace

Session* YoloportOpenVinoOpen(const std::filesystem::path& model, const SessionOptions& options) {
  try {
    return new OpenVinoSession(model, options);
  } catch (const ov::Exception& error) {
    throw RuntimeError(Quote(model.native()) +
                       ": OpenVINO does not take this file: " + Quote(error.what(), 600));
  }
}

}  // namespace yoloport::runtime
