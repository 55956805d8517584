#include "targets/network_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/text.h"
#include "graph/ops.h"
#include "yoloport/error.h"

namespace yoloport::targets {
namespace {

using graph::Value;
using tensor::DType;
using tensor::Shape;

void RequireOneOf(const char* option, const std::string& value,
                  const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  throw UsageError("unknown " + std::string(option) + " " + base::Quote(value),
                   "known are: " + base::JoinText(known));
}

// N x C x H x W or N x H x W x C.
Shape InputShape(const ExportOptions& options, bool nhwc, const Preprocess& preprocess) {
  const std::int64_t batch = options.dynamic_batch ? graph::kDynamic : options.batch;
  const bool is_open = options.dynamic_size;
  const std::int64_t height = is_open ? graph::kDynamic : preprocess.height;
  const std::int64_t width = is_open ? graph::kDynamic : preprocess.width;
  const std::int64_t channels = preprocess.channels;
  return nhwc ? Shape{batch, height, width, channels} : Shape{batch, channels, height, width};
}

Value ByChannel(graph::Graph& graph, const std::array<float, 3>& values, int channels) {
  return graph::Floats(graph, {channels, 1, 1}, {values.begin(), values.begin() + channels});
}

bool AreAll(const std::array<float, 3>& values, float value) {
  return std::all_of(values.begin(), values.end(), [&](float x) { return x == value; });
}

// What the file's input gets as padding so that the network gets `preprocess`'s.
std::array<float, 3> GivenPadding(const Preprocess& preprocess, const GivenPixels& given) {
  std::array<float, 3> padding = preprocess.pad_value;
  for (std::size_t i = 0; i < 3; ++i) {
    padding[i] = (padding[i] * preprocess.std[i] + preprocess.mean[i]) / given.divisor;
  }
  if (given.rgb != preprocess.rgb) std::swap(padding[0], padding[2]);
  return padding;
}

// `pixels` as `given` - of 8 bits or floats - as the network wants them.
NetworkInput Normalise(Value pixels, const GivenPixels& given, const Preprocess& preprocess) {
  graph::Graph& graph = pixels.graph();
  const graph::NameScope scope(graph, "images");
  NetworkInput input;
  input.preprocess = preprocess;
  graph::passes::Normalization& normalization = input.normalization;
  const int channels = preprocess.channels;
  normalization.swaps_channels = channels == 3 && given.rgb != preprocess.rgb;
  if (preprocess.pad_domain == PadDomain::kInput)
    input.preprocess.pad_value = GivenPadding(preprocess, given);
  input.preprocess.rgb = given.rgb;
  input.preprocess.mean = {0, 0, 0};
  input.preprocess.std.fill(given.divisor);
  std::array<float, 3> mean = preprocess.mean;
  normalization.std = preprocess.std;
  for (float& value : mean) value /= given.divisor;
  for (float& value : normalization.std) value /= given.divisor;
  if (normalization.swaps_channels) {
    std::swap(mean[0], mean[2]);
    std::swap(normalization.std[0], normalization.std[2]);
  }
  Value image = graph::Cast(pixels, DType::kFloat32);
  if (!AreAll(mean, 0)) image = image - ByChannel(graph, mean, channels);
  normalization.centered = image;
  if (!AreAll(normalization.std, 1)) image = image / ByChannel(graph, normalization.std, channels);
  if (normalization.swaps_channels)
    image = graph::Gather(image, graph::Int64s(graph, {2, 1, 0}), 1);
  input.image = normalization.image = image;
  return input;
}

// The padding that the network was to get need not be a byte before it is normalized.
void RequireBytes(NetworkInput& input) {
  input.preprocess.type = InputType::kUint8;
  if (input.preprocess.pad_domain == PadDomain::kPixel) return;
  input.preprocess.pad_domain = PadDomain::kPixel;
  std::array<float, 3>& padding = input.preprocess.pad_value;
  if (input.preprocess.rgb) std::swap(padding[0], padding[2]);  // pixels are blue first
  const std::array<float, 3> exact = padding;
  for (float& value : padding) value = std::clamp(std::nearbyint(value), 0.0F, 255.0F);
  if (padding == exact) return;
  input.notes.push_back(fmt::format(
      "the padding of data_preprocessor is {:g} {:g} {:g} as a pixel, of which --input uint8 makes "
      "{:g} {:g} {:g}",
      exact[0], exact[1], exact[2], padding[0], padding[1], padding[2]));
}

}  // namespace

void CheckInputOptions(const ExportOptions& options) {
  RequireOneOf("--input", options.input, {"float32", "uint8"});
  if (options.input == "float32") {
    if (options.input_layout.empty() && options.input_color.empty()) return;
    throw UsageError("--input-layout and --input-color are for --input uint8");
  }
  if (!options.input_layout.empty()) {
    RequireOneOf("--input-layout", options.input_layout, {"nchw", "nhwc"});
  }
  if (!options.input_color.empty()) {
    RequireOneOf("--input-color", options.input_color, {"bgr", "rgb"});
  }
}

NetworkInput AddInput(graph::Graph& graph, const ExportOptions& options,
                      const Preprocess& preprocess, std::optional<GivenPixels> given) {
  const bool is_uint8 = options.input == "uint8";
  if (is_uint8) given = GivenPixels{1, options.input_color == "rgb"};
  const bool nhwc = options.input_layout == "nhwc";
  const Value images = graph.Input(
      "images", is_uint8 ? DType::kUInt8 : DType::kFloat32, InputShape(options, nhwc, preprocess),
      nhwc ? std::vector<std::string>{kBatchDim, kHeightDim, kWidthDim, ""}
           : std::vector<std::string>{kBatchDim, "", kHeightDim, kWidthDim});
  NetworkInput input;
  input.image = images;
  input.preprocess = preprocess;
  if (given) {
    const graph::NameScope scope(graph, "images");
    const Value planes = nhwc ? graph::Transpose(images, {0, 3, 1, 2}) : images;
    input = Normalise(planes, *given, preprocess);
    if (is_uint8) RequireBytes(input);
    if (nhwc) input.preprocess.layout = InputLayout::kNhwc;
  }
  if (options.half) {
    // Weights divided by std would be too small for float16, so nothing is moved into them.
    input.image = graph::Cast(input.image, DType::kFloat16);
    input.normalization.centered = Value();
  }
  return input;
}

}  // namespace yoloport::targets
