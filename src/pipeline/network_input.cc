#include "pipeline/network_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/text.h"
#include "graph/ops.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

using graph::Value;

void RequireOneOf(const char* option, const std::string& value,
                  const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  throw UsageError("unknown " + std::string(option) + " " + Quote(value),
                   "known are: " + JoinText(known));
}

// N x 3 x H x W or N x H x W x 3.
Shape InputShape(const ExportOptions& options, bool nhwc) {
  const std::int64_t batch = options.dynamic_batch ? graph::kDynamic : options.batch;
  const std::int64_t height = options.dynamic_size ? graph::kDynamic : options.height;
  const std::int64_t width = options.dynamic_size ? graph::kDynamic : options.width;
  return nhwc ? Shape{batch, height, width, 3} : Shape{batch, 3, height, width};
}

Value ByChannel(graph::Graph& graph, const std::array<float, 3>& values) {
  return graph::Floats(graph, {3, 1, 1}, {values.begin(), values.end()});
}

bool AreAll(const std::array<float, 3>& values, float value) {
  return std::all_of(values.begin(), values.end(), [&](float x) { return x == value; });
}

// What the file's input gets as padding so that the network gets `recipe`'s.
std::array<float, 3> GivenPadding(const ImageRecipe& recipe, const GivenPixels& given) {
  std::array<float, 3> padding = recipe.pad_value;
  for (std::size_t i = 0; i < 3; ++i) {
    padding[i] = (padding[i] * recipe.std[i] + recipe.mean[i]) / given.divisor;
  }
  if (given.rgb != recipe.rgb) std::swap(padding[0], padding[2]);
  return padding;
}

// `pixels` as `given` - of 8 bits or floats - as the network wants them.
NetworkInput Normalise(Value pixels, const GivenPixels& given, const ImageRecipe& recipe) {
  graph::Graph& graph = pixels.graph();
  const graph::NameScope scope(graph, "images");
  NetworkInput input;
  input.recipe = recipe;
  input.swaps_channels = given.rgb != recipe.rgb;
  if (recipe.pad_domain == PadDomain::kInput) input.recipe.pad_value = GivenPadding(recipe, given);
  input.recipe.rgb = given.rgb;
  input.recipe.mean = {0, 0, 0};
  input.recipe.std.fill(given.divisor);
  std::array<float, 3> mean = recipe.mean;
  input.std = recipe.std;
  for (float& value : mean) value /= given.divisor;
  for (float& value : input.std) value /= given.divisor;
  if (input.swaps_channels) {
    std::swap(mean[0], mean[2]);
    std::swap(input.std[0], input.std[2]);
  }
  Value image = graph::Cast(pixels, DType::kFloat32);
  if (!AreAll(mean, 0)) image = image - ByChannel(graph, mean);
  input.centred = image;
  if (!AreAll(input.std, 1)) image = image / ByChannel(graph, input.std);
  if (input.swaps_channels) image = graph::Gather(image, graph::Int64s(graph, {2, 1, 0}), 1);
  input.image = image;
  return input;
}

// The padding that the network was to get need not be a byte before it is normalized.
void RequireBytes(NetworkInput& input) {
  input.recipe.type = InputType::kUint8;
  if (input.recipe.pad_domain == PadDomain::kPixel) return;
  input.recipe.pad_domain = PadDomain::kPixel;
  std::array<float, 3>& padding = input.recipe.pad_value;
  if (input.recipe.rgb) std::swap(padding[0], padding[2]);  // pixels are blue first
  const std::array<float, 3> exact = padding;
  for (float& value : padding) value = std::clamp(std::nearbyint(value), 0.0F, 255.0F);
  if (padding == exact) return;
  input.notes.push_back(fmt::format(
      "the padding of data_preprocessor is {:g} {:g} {:g} as a pixel, of which --input uint8 makes "
      "{:g} {:g} {:g}",
      exact[0], exact[1], exact[2], padding[0], padding[1], padding[2]));
}

// `weight` (O x 3 x kH x kW) for channels that are swapped and not divided by std.
Tensor FoldIntoWeight(const Tensor& weight, const NetworkInput& input) {
  const auto from = weight.values<float>();
  const auto window = static_cast<std::size_t>(weight.shape()[2] * weight.shape()[3]);
  std::vector<float> to(from.size());
  for (std::size_t row = 0; row < to.size() / window; ++row) {
    const std::size_t channel = row % 3;
    const std::size_t source = row - channel + (input.swaps_channels ? 2 - channel : channel);
    for (std::size_t i = 0; i < window; ++i) {
      to[row * window + i] = from[source * window + i] / input.std[channel];
    }
  }
  return Tensor::Of<float>(weight.shape(), std::move(to));
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

NetworkInput AddInput(graph::Graph& graph, const ExportOptions& options, const ImageRecipe& recipe,
                      std::optional<GivenPixels> given) {
  const bool is_uint8 = options.input == "uint8";
  if (is_uint8) given = GivenPixels{1, options.input_color == "rgb"};
  const bool nhwc = options.input_layout == "nhwc";
  const Value images =
      graph.Input("images", is_uint8 ? DType::kUInt8 : DType::kFloat32, InputShape(options, nhwc),
                  nhwc ? std::vector<std::string>{kBatchDim, kHeightDim, kWidthDim, ""}
                       : std::vector<std::string>{kBatchDim, "", kHeightDim, kWidthDim});
  NetworkInput input;
  input.image = images;
  input.recipe = recipe;
  if (given) {
    const graph::NameScope scope(graph, "images");
    const Value planes = nhwc ? graph::Transpose(images, {0, 3, 1, 2}) : images;
    input = Normalise(planes, *given, recipe);
    if (is_uint8) RequireBytes(input);
    if (nhwc) input.recipe.layout = InputLayout::kNhwc;
  }
  if (options.half) {
    // Weights divided by std would be too small for float16, so nothing is moved into them.
    input.image = graph::Cast(input.image, DType::kFloat16);
    input.centred = Value();
  }
  return input;
}

void FoldNormalisation(graph::Graph& graph, const NetworkInput& input) {
  if (!input.centred || input.centred.id() == input.image.id()) return;
  std::vector<std::size_t> readers;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const graph::Node& node = graph.nodes()[i];
    if (std::count(node.inputs.begin(), node.inputs.end(), input.image.id()) == 0) continue;
    const bool folds = node.op == "Conv" && std::holds_alternative<graph::LazyTensor>(
                                                graph.value(node.inputs[1]).constant);
    if (!folds) return;
    readers.push_back(i);
  }
  for (const std::size_t reader : readers) {
    const int weight = graph.nodes()[reader].inputs[1];
    graph::LazyTensor lazy = std::get<graph::LazyTensor>(graph.value(weight).constant);
    lazy.make = [make = lazy.make, input] { return FoldIntoWeight(make(), input); };
    graph.ReplaceConstant(weight, std::move(lazy));
    graph.ReplaceInput(reader, 0, input.centred);
  }
}

}  // namespace yoloport
