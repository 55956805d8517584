// Building engines; part of libyoloport_tensorrt.so.
#include <NvInfer.h>
#include <NvOnnxParser.h>

#include <memory>

#include "base/mapped_file.h"
#include "base/text.h"
#include "runtime/tensorrt_context.h"
#include "runtime/tensorrt_cuda.h"
#include "runtime/tensorrt_library.h"
#include "runtime/tensorrt_log.h"
#include "runtime/tensorrt_version.h"
#include "yoloport/error.h"

namespace yoloport::runtime {

using base::Quote;
namespace tensorrt {
namespace {

template <typename T>
std::unique_ptr<T> Own(T* made, const char* what) {
  if (made != nullptr) return std::unique_ptr<T>(made);
  throw RuntimeError("TensorRT does not give " + std::string(what) + SharedLog().TakeErrors());
}

std::vector<std::byte> CopyOf(const nvinfer1::IHostMemory& memory) {
  const auto* data = static_cast<const std::byte*>(memory.data());
  return {data, data + memory.size()};
}

// The first errors of the parser with their nodes; what its log says where it has none.
std::string ParserErrors(const nvonnxparser::IParser& parser) {
  constexpr int kMost = 3;
  std::string text;
  for (int i = 0; i < parser.getNbErrors() && i < kMost; ++i) {
    const nvonnxparser::IParserError& error = *parser.getError(i);
    text += (text.empty() ? "node " : "; node ") + std::to_string(error.node()) + ": " +
            Quote(error.desc(), 300);
  }
  const std::string logged = SharedLog().TakeErrors();
  return text.empty() ? logged : ": " + text;
}

void Parse(nvonnxparser::IParser& parser, const std::filesystem::path& model) {
  const auto file = base::MappedFile::Open(model);
  if (parser.parse(file->bytes().data(), file->bytes().size(), model.c_str())) return;
  throw RuntimeError(
      Quote(model.native()) + ": TensorRT does not take this file" + ParserErrors(parser),
      "export for TensorRT with --backend tensorrt8");
}

class EngineBuild {
 public:
  explicit EngineBuild(const EngineRequest& request) : request_(request) {
    RegisterPlugins();
    SharedLog().TakeErrors();
    builder_ = Own(nvinfer1::createInferBuilder(SharedLog()), "a builder");
    const PrecisionFlags flags = FlagsFor(request);
    network_ = Own(builder_->createNetworkV2(flags.network), "a network");
    config_ = Own(builder_->createBuilderConfig(), "a configuration");
    if (flags.builder_fp16) SetFp16(*config_);
    ShareProfiles(*config_);
    if (request.workspace > 0) {
      config_->setMemoryPoolLimit(nvinfer1::MemoryPoolType::kWORKSPACE, request.workspace);
    }
    // It is to live until the engine is built: weights are read from what it holds.
    parser_ = Own(nvonnxparser::createParser(*network_, SharedLog()), "an ONNX parser");
    Parse(*parser_, request.model);
  }

  void SetProfile() {
    if (!request_.profile) return;
    // Owned by the builder.
    nvinfer1::IOptimizationProfile* const profile = builder_->createOptimizationProfile();
    const auto set = [&](nvinfer1::OptProfileSelector which, const tensor::Shape& shape) {
      return profile->setDimensions(request_.input.c_str(), which, ToDims(shape));
    };
    using Which = nvinfer1::OptProfileSelector;
    const bool is_set = profile != nullptr && set(Which::kMIN, request_.profile->min) &&
                        set(Which::kOPT, request_.profile->opt) &&
                        set(Which::kMAX, request_.profile->max) && profile->isValid() &&
                        config_->addOptimizationProfile(profile) >= 0;
    if (is_set) return;
    throw RuntimeError(Quote(request_.model.native()) + ": TensorRT does not take the shapes " +
                       base::ShapeText(request_.profile->min) + " to " +
                       base::ShapeText(request_.profile->max) + " of " + Quote(request_.input) +
                       SharedLog().TakeErrors());
  }

  void SetTimingCache(std::vector<std::string>& notes) {
    const std::vector<std::byte>& bytes = request_.timing_cache;
    cache_.reset(config_->createTimingCache(bytes.data(), bytes.size()));
    if (cache_ != nullptr && config_->setTimingCache(*cache_, false)) return;
    notes.emplace_back("the timing cache is of another TensorRT or GPU, and is begun anew");
    SharedLog().TakeErrors();
    cache_ = Own(config_->createTimingCache(nullptr, 0), "a timing cache");
    config_->setTimingCache(*cache_, false);
  }

  std::vector<std::byte> Build() {
    const std::unique_ptr<nvinfer1::IHostMemory> engine(
        builder_->buildSerializedNetwork(*network_, *config_));
    if (engine != nullptr) return CopyOf(*engine);
    throw RuntimeError(Quote(request_.model.native()) + ": TensorRT cannot build an engine" +
                       SharedLog().TakeErrors());
  }

  std::vector<std::byte> TimingCache() const {
    const nvinfer1::ITimingCache* const cache = config_->getTimingCache();
    if (cache == nullptr) return {};
    const std::unique_ptr<nvinfer1::IHostMemory> memory(cache->serialize());
    return memory == nullptr ? std::vector<std::byte>() : CopyOf(*memory);
  }

 private:
  const EngineRequest& request_;
  // In the order in which they need one another.
  std::unique_ptr<nvinfer1::IBuilder> builder_;
  std::unique_ptr<nvinfer1::INetworkDefinition> network_;
  std::unique_ptr<nvinfer1::ITimingCache> cache_;
  std::unique_ptr<nvinfer1::IBuilderConfig> config_;
  std::unique_ptr<nvonnxparser::IParser> parser_;
};

}  // namespace
}  // namespace tensorrt

void YoloportTensorRtBuild(const EngineRequest& request, BuiltEngine& built) {
  tensorrt::CheckLibraryVersion();
  CheckPrecision(request, DecodeTensorRtVersion(::getInferLibVersion()));
  tensorrt::SelectDevice(request.device);
  built.machine = tensorrt::DescribeMachine(request.device);
  tensorrt::EngineBuild build(request);
  build.SetProfile();
  build.SetTimingCache(built.notes);
  built.engine = build.Build();
  built.timing_cache = build.TimingCache();
}

}  // namespace yoloport::runtime
