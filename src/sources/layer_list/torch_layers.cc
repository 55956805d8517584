#include "sources/layer_list/torch_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/model_ranges.h"
#include "base/text.h"
#include "graph/ops.h"

namespace yoloport::sources::layer_list {
namespace {

using base::Quote;
using checkpoint::Module;
using checkpoint::SavedValue;
using graph::Value;
using nn::Activation;
using nn::ActivationKind;

constexpr std::int64_t kMostChannels = 1 << 20;
constexpr std::int64_t kLargestKernel = 1 << 10;

std::int64_t IntIn(const SavedValue& value, std::int64_t low, std::int64_t high) {
  const std::int64_t number = value.Int();
  if (number < low || number > high) {
    value.Fail(fmt::format("is {}: expected {} to {}", number, low, high));
  }
  return number;
}

double SlopeOf(const SavedValue& value, double missing) {
  const double slope = value.Number(missing);
  if (!base::kSlopeRange.Holds(slope)) value.Fail(fmt::format("is {}", slope));
  return slope;
}

void ReadSlope(const Module& module, Activation& activation) {
  activation.slope = SlopeOf(module.Get("negative_slope"), 0.01);
}

void ReadAlpha(const Module& module, Activation& activation) {
  activation.slope = SlopeOf(module.Get("alpha"), 1);
}

void ReadRange(const Module& module, Activation& activation) {
  activation.low = SlopeOf(module.Get("min_val"), -1);
  activation.high = SlopeOf(module.Get("max_val"), 1);
}

void SetRelu6(const Module&, Activation& activation) {
  activation.low = 0;
  activation.high = 6;
}

void ReadApproximation(const Module& module, Activation& activation) {
  const std::string approximate = module.Get("approximate").Text("none");
  if (approximate == "tanh") {
    activation.kind = ActivationKind::kGeluTanh;
  } else if (approximate != "none") {
    module.Get("approximate").Fail("is " + Quote(approximate), "known are none and tanh");
  }
}

struct KnownActivation {
  std::string_view name;
  ActivationKind kind;
  void (*read)(const Module& module, Activation& activation) = nullptr;
};

constexpr auto kActivations = std::to_array<KnownActivation>({
    {"SiLU", ActivationKind::kSilu},
    {"Identity", ActivationKind::kNone},
    {"ReLU", ActivationKind::kRelu},
    {"LeakyReLU", ActivationKind::kLeakyRelu, ReadSlope},
    {"Hardswish", ActivationKind::kHardSwish},
    {"ReLU6", ActivationKind::kClip, SetRelu6},
    {"Hardtanh", ActivationKind::kClip, ReadRange},
    {"ELU", ActivationKind::kElu, ReadAlpha},
    {"GELU", ActivationKind::kGelu, ReadApproximation},
    {"Mish", ActivationKind::kMish},
    {"Sigmoid", ActivationKind::kSigmoid},
    {"Hardsigmoid", ActivationKind::kHardSigmoid},
    {"Tanh", ActivationKind::kTanh},
});

// torch's own, or those of YOLOv5 from before torch had them.
bool IsActivationClass(std::string_view class_name) {
  constexpr auto kPlaces = std::to_array<std::string_view>(
      {"torch.nn.modules.activation.", "torch.nn.modules.linear.", "utils.activations."});
  return std::any_of(kPlaces.begin(), kPlaces.end(),
                     [&](std::string_view place) { return class_name.starts_with(place); });
}

void RequireClass(const Module& module, std::string_view class_name) {
  if (module.class_name() == class_name) return;
  module.Fail("is of the class " + Quote(module.class_name()) + ": expected " + Quote(class_name),
              "networks with modules of their own are not supported");
}

}  // namespace

std::int64_t ReadSquare(const SavedValue& value, std::int64_t low, std::int64_t high) {
  if (value.is_int()) return IntIn(value, low, high);
  const std::vector<SavedValue> sides = value.Items();
  if (sides.size() != 2) value.Fail("is not a number or a pair of them");
  const std::int64_t first = IntIn(sides[0], low, high);
  const std::int64_t second = IntIn(sides[1], low, high);
  if (first != second) {
    value.Fail(fmt::format("is {} x {}: only equal sides are supported", first, second));
  }
  return first;
}

Conv2dSpec ReadConv2d(const Module& conv, Value x) {
  if (x.rank() != 4) {
    conv.Fail("has an input " + base::ShapeText(x.shape()) + ", which is no feature map");
  }
  return ReadConv2d(conv, x.dim(1));
}

Conv2dSpec ReadConv2d(const Module& conv, std::int64_t in_channels) {
  RequireClass(conv, "torch.nn.modules.conv.Conv2d");
  const std::int64_t in = IntIn(conv.Get("in_channels"), 1, kMostChannels);
  const std::int64_t out = IntIn(conv.Get("out_channels"), 1, kMostChannels);
  const std::int64_t groups = IntIn(conv.Get("groups"), 1, kMostChannels);
  const std::int64_t kernel = ReadSquare(conv.Get("kernel_size"), 1, kLargestKernel);
  if (in_channels != in) {
    conv.Fail(fmt::format("takes {} channels, and its input has {}", in, in_channels),
              "the network's layers do not fit together: the file is damaged");
  }
  if (in % groups != 0 || out % groups != 0) {
    conv.Fail(fmt::format("has {} groups of {} and {} channels", groups, in, out));
  }
  if (conv.Get("padding_mode").Text("zeros") != "zeros") {
    conv.Get("padding_mode").Fail("is not supported: only zeros are");
  }
  return {{out, in / groups, kernel, kernel},
          {.stride = ReadSquare(conv.Get("stride"), 1, kLargestKernel),
           .padding = ReadSquare(conv.Get("padding"), 0, kLargestKernel),
           .dilation = ReadSquare(conv.Get("dilation"), 1, kLargestKernel),
           .groups = groups}};
}

nn::FoldedConv TakeConv2d(const Block& conv, const Conv2dSpec& spec) {
  return nn::TakeConv(conv.w, spec.shape, conv.w.Has("bias"));
}

nn::ScaleShift TakeBatchNorm2d(const Block& norm, std::int64_t channels) {
  if (norm.module.class_name() != "torch.nn.modules.batchnorm.SyncBatchNorm") {
    RequireClass(norm.module, "torch.nn.modules.batchnorm.BatchNorm2d");
  }
  nn::NormSpec spec;
  const SavedValue eps = norm.module.Get("eps");
  spec.eps = eps.Number();
  if (!base::kNormEpsRange.Holds(spec.eps)) eps.Fail(fmt::format("is {}", spec.eps));
  spec.affine = norm.module.Get("affine").Flag(true);
  return nn::TakeBatchNorm(norm.w, channels, spec);
}

Value Conv2d(const Block& conv, Value x) {
  const Conv2dSpec spec = ReadConv2d(conv.module, x);
  return nn::Emit(x, TakeConv2d(conv, spec), spec.geometry, conv.w.prefix());
}

Activation ReadActivation(const Module& module) {
  const auto* const known =
      std::find_if(kActivations.begin(), kActivations.end(),
                   [&](const KnownActivation& each) { return each.name == module.type(); });
  if (known == kActivations.end() || !IsActivationClass(module.class_name())) {
    std::vector<std::string> names;
    for (const KnownActivation& each : kActivations) names.emplace_back(each.name);
    module.Fail("is the activation " + Quote(module.class_name()) + ", which is not supported",
                "known are " + base::JoinText(names, names.size()));
  }
  Activation activation{.kind = known->kind};
  if (known->read != nullptr) known->read(module, activation);
  return activation;
}

Value Upsample(const Module& layer, Value x) {
  RequireClass(layer, "torch.nn.modules.upsampling.Upsample");
  constexpr double kLargestFactor = 64;
  const std::string mode = layer.Get("mode").Text("nearest");
  if (mode != "nearest") {
    layer.Get("mode").Fail("is " + Quote(mode) + ": only nearest is supported");
  }
  const std::vector<double> factors = layer.Get("scale_factor").Numbers();
  const double factor = factors.empty() ? 0 : factors[0];
  const bool is_whole = factor >= 1 && factor <= kLargestFactor && factor == std::floor(factor);
  if (!is_whole || factors.back() != factor) {
    layer.Get("scale_factor").Fail("is not a whole number from 1 to 64");
  }
  return graph::Upsample(x, static_cast<std::int64_t>(factor));
}

Value MaxPool2d(const Module& layer, Value x) {
  RequireClass(layer, "torch.nn.modules.pooling.MaxPool2d");
  const std::int64_t kernel = ReadSquare(layer.Get("kernel_size"), 1, kLargestKernel);
  const SavedValue stride = layer.Get("stride");
  const bool is_plain = !layer.Get("ceil_mode").Flag(false) &&
                        (!layer.Get("dilation").exists() ||
                         ReadSquare(layer.Get("dilation"), 1, kLargestKernel) == 1);
  if (!is_plain) layer.Fail("has a ceil_mode or dilation, which is not supported");
  return graph::MaxPool(x, kernel, stride.exists() ? ReadSquare(stride, 1, kLargestKernel) : kernel,
                        ReadSquare(layer.Get("padding"), 0, kernel / 2));
}

}  // namespace yoloport::sources::layer_list
