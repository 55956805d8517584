#include "models/style_reading.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "models/test_configs.h"

namespace yoloport::models {
namespace {

using nn::Activation;
using nn::ActivationKind;
using nn::NormKind;

Activation Read(const std::string& text) { return ReadActivation(Head(text)); }

TEST(ActivationTest, SlopesAreTheArguments) {
  const Activation leaky = Read("type='LeakyReLU', negative_slope=0.1");
  EXPECT_EQ(leaky.kind, ActivationKind::kLeakyRelu);
  EXPECT_EQ(leaky.slope, 0.1);
  EXPECT_EQ(Read("type='LeakyReLU'").slope, 0.01);
  EXPECT_EQ(Read("type='ELU'").slope, 1);
  EXPECT_EQ(Read("type='ELU', alpha=0.25").slope, 0.25);
}

TEST(ActivationTest, RreluIsTheMeanOfItsRange) {
  const Activation act = Read("type='RReLU'");
  EXPECT_EQ(act.kind, ActivationKind::kLeakyRelu);
  EXPECT_DOUBLE_EQ(act.slope, 11.0 / 48);
  EXPECT_DOUBLE_EQ(Read("type='RReLU', lower=0.1, upper=0.3").slope, 0.2);
}

TEST(ActivationTest, ClipsHaveTheirBounds) {
  const auto bounds = [](const std::string& text) {
    const Activation act = Read(text);
    EXPECT_EQ(act.kind, ActivationKind::kClip);
    return std::pair(act.low, act.high);
  };
  EXPECT_EQ(bounds("type='ReLU6'"), (std::pair{0.0, 6.0}));
  EXPECT_EQ(bounds("type='Clamp'"), (std::pair{-1.0, 1.0}));
  EXPECT_EQ(bounds("type='Clip', min=-2, max=3"), (std::pair{-2.0, 3.0}));
}

TEST(ActivationTest, HardSigmoidDividesBiasAndInput) {
  const Activation act =
      Read("type='HSigmoid', bias=1.0, divisor=2.0, min_value=0.25, max_value=0.75");
  EXPECT_EQ(act.kind, ActivationKind::kHardSigmoid);
  EXPECT_EQ(act.alpha, 0.5);
  EXPECT_EQ(act.beta, 0.5);
  EXPECT_EQ(act.low, 0.25);
  EXPECT_EQ(act.high, 0.75);
  EXPECT_EQ(Read("type='HSigmoid'").beta, 0.5);
  EXPECT_EQ(ErrorOf([] { Read("type='HSigmoid', divisor=0"); }),
            "t.py:1:38: 'head.divisor': must not be 0");
}

TEST(ActivationTest, GeluMayBeApproximate) {
  EXPECT_EQ(Read("type='GELU'").kind, ActivationKind::kGelu);
  EXPECT_EQ(Read("type='GELU', approximate='tanh'").kind, ActivationKind::kGeluTanh);
  EXPECT_EQ(ErrorOf([] { Read("type='GELU', approximate='exp'"); }),
            "t.py:1:38: 'head.approximate': unknown approximation 'exp'");
}

TEST(ActivationTest, PreluHasOneSlopeOrOneAChannel) {
  EXPECT_EQ(Read("type='PReLU'").num_parameters, 1);
  EXPECT_EQ(Read("type='PReLU', num_parameters=8, init=0.3").num_parameters, 8);
}

TEST(ActivationTest, APackagesPrefixIsNoMatter) {
  EXPECT_EQ(Read("type='mmcv.Swish'").kind, ActivationKind::kSilu);
}

TEST(ActivationTest, UnknownNamesAndArgumentsAreErrors) {
  EXPECT_EQ(ErrorOf([] { Read("type='Softsign'"); }),
            "t.py:1:18: 'head.type': unknown activation 'Softsign'");
  EXPECT_EQ(ErrorOf([] {
              const config::ConfigNode act = Head("type='ReLU', negative_slope=0.1");
              ReadActivation(act);
              act.RequireAllUsed();
            }),
            "t.py:1:26: 'head.negative_slope' is not understood: it would change the network");
}

nn::NormSpec Norm(const std::string& text) { return ReadStyle(Head("norm_cfg=" + text), {}).norm; }

TEST(NormTest, NormsHaveTheirOwnEps) {
  const nn::Style defaults = {{NormKind::kBatch, 1e-3}, {ActivationKind::kSilu}};
  EXPECT_EQ(ReadStyle(Head("x=1"), defaults).norm.eps, 1e-3);
  EXPECT_EQ(ReadStyle(Head("norm_cfg=dict(type='BN', eps=0.01)"), defaults).norm.eps, 0.01);
  EXPECT_EQ(ReadStyle(Head("norm_cfg=dict(type='BN')"), defaults).norm.eps, 1e-5);
  EXPECT_EQ(ReadStyle(Head("norm_cfg=None"), defaults).norm.kind, NormKind::kNone);
}

TEST(NormTest, GroupsAreTold) {
  const nn::NormSpec norm = Norm("dict(type='GN', num_groups=8, eps=1e-3)");
  EXPECT_EQ(norm.kind, NormKind::kGroup);
  EXPECT_EQ(std::string(norm.name), "gn");
  EXPECT_EQ(norm.num_groups, 8);
  EXPECT_EQ(norm.eps, 1e-3);
  EXPECT_TRUE(norm.affine);
  EXPECT_EQ(ErrorOf([] { Norm("dict(type='GN')"); }),
            "t.py:1:22: 'head.norm_cfg': the key 'num_groups' is missing");
}

TEST(NormTest, BatchNormsAreOneKind) {
  for (const char* type : {"BN", "BN2d", "SyncBN", "MMSyncBN", "mmdet.FrozenBN"}) {
    const nn::NormSpec norm = Norm(std::string("dict(type='") + type + "', momentum=0.03)");
    EXPECT_EQ(norm.kind, NormKind::kBatch) << type;
    EXPECT_EQ(std::string(norm.name), "bn") << type;
  }
}

TEST(NormTest, InstanceNormHasNoWeightsUnlessItIsToldSo) {
  EXPECT_EQ(Norm("dict(type='IN')").kind, NormKind::kInstance);
  EXPECT_FALSE(Norm("dict(type='IN')").affine);
  EXPECT_TRUE(Norm("dict(type='IN2d', affine=True)").affine);
}

TEST(NormTest, StatisticsOfTheTrainingMakeItABatchNorm) {
  const nn::NormSpec norm = Norm("dict(type='IN', track_running_stats=True)");
  EXPECT_EQ(norm.kind, NormKind::kBatch);
  EXPECT_EQ(std::string(norm.name), "in");
  EXPECT_EQ(ErrorOf([] { Norm("dict(type='BN', track_running_stats=False)"); }),
            "t.py:1:58: 'head.norm_cfg.track_running_stats': without statistics of the training a "
            "result depends on the other images of its batch");
}

TEST(NormTest, OthersAreErrors) {
  EXPECT_EQ(ErrorOf([] { Norm("dict(type='LN')"); }),
            "t.py:1:32: 'head.norm_cfg.type': the norm 'LN' does not fit behind a convolution");
  EXPECT_EQ(ErrorOf([] { Norm("dict(type='WN')"); }),
            "t.py:1:32: 'head.norm_cfg.type': unknown norm 'WN'");
}

// Scopes of registries, and the modules of lazy configs.
TEST(StyleTest, TheLastComponentOfATypeDecides) {
  EXPECT_EQ(Read("type='torch.nn.modules.activation.ReLU'").kind, ActivationKind::kRelu);
  EXPECT_EQ(Read("type='mmcv.Swish'").kind, ActivationKind::kSilu);
  for (const char* norm : {"torch.nn.modules.batchnorm.BatchNorm2d", "mmengine.SyncBN"}) {
    const std::string cfg = std::string("norm_cfg=dict(type='") + norm + "')";
    EXPECT_EQ(ReadStyle(Head(cfg), {.norm = {.kind = NormKind::kNone}, .act = {}}).norm.kind,
              NormKind::kBatch)
        << norm;
  }
  EXPECT_EQ(ErrorOf([] { Read("type='my.Softsign'"); }),
            "t.py:1:18: 'head.type': unknown activation 'Softsign'");
}

}  // namespace
}  // namespace yoloport::models
