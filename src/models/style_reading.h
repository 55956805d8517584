// Reading `norm_cfg` and `act_cfg`.
#pragma once

#include "config/config.h"
#include "nn/style.h"

namespace yoloport::models {

// `norm_cfg` and `act_cfg` of a component, or `defaults` where they are not given. A type or an
// argument that is not known is an error.
nn::Style ReadStyle(const config::ConfigNode& config, const nn::Style& defaults);
// mmyolo's own defaults: BN with eps 0.001, SiLU.
inline constexpr nn::Style kYoloStyle = {{nn::NormKind::kBatch, 1e-3}, {nn::ActivationKind::kSilu}};

// `norm_cfg` of a component without `act_cfg`, or `defaults`.
nn::NormSpec ReadNorm(const config::ConfigNode& config, const nn::NormSpec& defaults);

// `act_cfg`-like dict: the activations that mmcv registers, with their arguments.
nn::Activation ReadActivation(const config::ConfigNode& act);

// `norm_cfg` of a component whose norms are LayerNorms (LN, or MMPretrain's LN2d): their eps.
double ReadLayerNorm(const config::ConfigNode& config, double default_eps);

}  // namespace yoloport::models
