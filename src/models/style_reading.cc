#include "models/style_reading.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/model_ranges.h"
#include "base/text.h"
#include "models/config_reading.h"

namespace yoloport::models {
namespace {

using base::KnownHint;
using base::Quote;
using config::ConfigNode;
using nn::Activation;
using nn::ActivationKind;
using nn::NormKind;

double Argument(const ConfigNode& act, std::string_view key, double fallback) {
  return NumberIn(act, key, fallback, base::kSlopeRange);
}

// --- arguments of activations, by the names of their constructors ---

void ReadSlope(const ConfigNode& act, Activation& result) {
  result.slope = Argument(act, "negative_slope", 0.01);
}

void ReadAlpha(const ConfigNode& act, Activation& result) {
  result.slope = Argument(act, "alpha", 1);
}

// RReLU draws slopes in training; afterwards it is the mean of the range.
void ReadMeanSlope(const ConfigNode& act, Activation& result) {
  result.slope = (Argument(act, "lower", 1.0 / 8) + Argument(act, "upper", 1.0 / 3)) / 2;
}

void ReadParameters(const ConfigNode& act, Activation& result) {
  constexpr base::Range kCount = {1, 1 << 16};
  result.num_parameters = WholeNumberIn(act, "num_parameters", 1, kCount);
  act.Ignore({"init"});  // what slopes are before training
}

void SetRelu6(const ConfigNode&, Activation& result) {
  result.low = 0;
  result.high = 6;
}

void ReadClamp(const ConfigNode& act, Activation& result) {
  result.low = Argument(act, "min", -1);
  result.high = Argument(act, "max", 1);
}

void ReadHardSigmoid(const ConfigNode& act, Activation& result) {
  const double divisor = Argument(act, "divisor", 6);
  if (divisor == 0) act["divisor"].Fail("must not be 0");
  result.alpha = 1 / divisor;
  result.beta = Argument(act, "bias", 3) / divisor;
  result.low = Argument(act, "min_value", 0);
  result.high = Argument(act, "max_value", 1);
}

void ReadApproximation(const ConfigNode& act, Activation& result) {
  const std::string approximate = act.Get("approximate", "none");
  if (approximate == "tanh") {
    result.kind = ActivationKind::kGeluTanh;
  } else if (approximate != "none") {
    act["approximate"].Fail("unknown approximation " + Quote(approximate),
                            "known are none and tanh");
  }
}

struct NamedActivation {
  const char* name;
  ActivationKind kind;
  void (*read)(const ConfigNode& act, Activation& result) = nullptr;
};

constexpr std::array<NamedActivation, 18> kActivations = {{
    {"ReLU", ActivationKind::kRelu},
    {"LeakyReLU", ActivationKind::kLeakyRelu, ReadSlope},
    {"PReLU", ActivationKind::kPrelu, ReadParameters},
    {"RReLU", ActivationKind::kLeakyRelu, ReadMeanSlope},
    {"ReLU6", ActivationKind::kClip, SetRelu6},
    {"ELU", ActivationKind::kElu, ReadAlpha},
    {"Sigmoid", ActivationKind::kSigmoid},
    {"Tanh", ActivationKind::kTanh},
    {"SiLU", ActivationKind::kSilu},
    {"Swish", ActivationKind::kSilu},
    {"Clamp", ActivationKind::kClip, ReadClamp},
    {"Clip", ActivationKind::kClip, ReadClamp},
    {"GELU", ActivationKind::kGelu, ReadApproximation},
    {"HSigmoid", ActivationKind::kHardSigmoid, ReadHardSigmoid},
    {"HSwish", ActivationKind::kHardSwish},
    // torch's own names, which not every version registers
    {"Hardsigmoid", ActivationKind::kHardSigmoid},
    {"Hardswish", ActivationKind::kHardSwish},
    {"Mish", ActivationKind::kMish},
}};

// --- norms ---

// Those of one and three axes are for other maps than a network's, and so is LN, which counts from
// the last axis: the width.
constexpr std::array<const char*, 6> kOtherNorms = {"LN", "BN1d", "BN3d", "IN1d", "IN3d", "LN2d"};

struct NamedNorm {
  const char* name;
  nn::NormSpec spec;
};

constexpr nn::NormSpec kBatchNorm = {.kind = NormKind::kBatch, .name = "bn"};
constexpr nn::NormSpec kInstanceNorm = {.kind = NormKind::kInstance, .name = "in", .affine = false};

constexpr std::array<NamedNorm, 9> kNorms = {{{"BN", kBatchNorm},
                                              {"BN2d", kBatchNorm},
                                              {"BatchNorm2d", kBatchNorm},
                                              {"SyncBN", kBatchNorm},
                                              {"MMSyncBN", kBatchNorm},
                                              {"FrozenBN", kBatchNorm},
                                              {"GN", {.kind = NormKind::kGroup, .name = "gn"}},
                                              {"IN", kInstanceNorm},
                                              {"IN2d", kInstanceNorm}}};

nn::NormSpec FindNorm(const ConfigNode& type) {
  const std::string name = WithoutScope(type.AsString());
  std::vector<std::string> known;
  for (const NamedNorm& each : kNorms) {
    if (each.name == name) return each.spec;
    known.emplace_back(each.name);
  }
  if (std::find(kOtherNorms.begin(), kOtherNorms.end(), name) != kOtherNorms.end()) {
    type.Fail("the norm " + Quote(name) + " does not fit behind a convolution",
              "norms of convolutions are " + base::JoinText(known));
  }
  type.Fail("unknown norm " + Quote(name), KnownHint(name, known));
}

// Statistics of the training are what makes a BatchNorm fold, and an InstanceNorm a BatchNorm.
void ReadStatistics(const ConfigNode& norm, nn::NormSpec& spec) {
  const bool is_batch = spec.kind == NormKind::kBatch;
  if (norm.Get("track_running_stats", is_batch) == is_batch) return;
  if (is_batch) {
    norm["track_running_stats"].Fail(
        "without statistics of the training a result depends on the other images of its batch");
  }
  spec.kind = NormKind::kBatch;
}

nn::NormSpec NormOf(const ConfigNode& norm) {
  if (norm.IsNone()) return {.kind = NormKind::kNone};
  nn::NormSpec spec = FindNorm(norm["type"]);
  spec.eps = NumberIn(norm, "eps", 1e-5, base::kNormEpsRange);
  norm.Ignore({"requires_grad"});
  spec.affine = norm.Get("affine", spec.affine);
  if (spec.kind == NormKind::kGroup) {
    constexpr base::Range kCount = {1, 1 << 16};
    NumberIn(norm["num_groups"], kCount);
    spec.num_groups = norm["num_groups"].AsInt();
    return spec;
  }
  ReadStatistics(norm, spec);
  norm.Ignore({"momentum"});
  return spec;
}

}  // namespace

Activation ReadActivation(const ConfigNode& act) {
  if (act.IsNone()) return {ActivationKind::kNone};
  const ConfigNode type = act["type"];
  const std::string name = WithoutScope(type.AsString());
  std::vector<std::string> known;
  for (const NamedActivation& each : kActivations) {
    if (each.name != name) {
      known.emplace_back(each.name);
      continue;
    }
    Activation result = {.kind = each.kind};
    if (each.read != nullptr) each.read(act, result);
    act.Ignore({"inplace"});
    return result;
  }
  type.Fail("unknown activation " + Quote(name), KnownHint(name, known));
}

double ReadLayerNorm(const ConfigNode& config, double default_eps) {
  const auto norm = config.Find("norm_cfg");
  if (!norm) return default_eps;
  RequireType(*norm, {"LN", "LN2d"});
  norm->Ignore({"requires_grad"});
  return NumberIn(*norm, "eps", 1e-5, base::kNormEpsRange);
}

nn::NormSpec ReadNorm(const ConfigNode& config, const nn::NormSpec& defaults) {
  const auto norm = config.Find("norm_cfg");
  return norm ? NormOf(*norm) : defaults;
}

nn::Style ReadStyle(const ConfigNode& config, const nn::Style& defaults) {
  nn::Style style = defaults;
  style.norm = ReadNorm(config, defaults.norm);
  if (const auto act = config.Find("act_cfg")) style.act = ReadActivation(*act);
  return style;
}

}  // namespace yoloport::models
