// What a config says of a detector's head, for a network that is not built here.
#pragma once

#include "config/config.h"
#include "contract/raw_head.h"

namespace yoloport::models {

struct HeadDescription {
  contract::RawHeadInfo head;
  // Of a head with distributions whose raw outputs are their means with easydeploy and in our
  // files, and the distributions elsewhere: the bins of these. Else those of `head`.
  int trained_bins = 1;
};

// Reads `bbox_head` of `model`, whose other parts do not matter. Throws ConfigError where the head
// is none of MMYOLO's, or is coded as none of them is.
HeadDescription DescribeHead(const config::ConfigNode& model);

// The same for a head of another name that works like those of easydeploy's `type`, one of
// contract::ModelTypeNames().
HeadDescription DescribeHeadAs(const config::ConfigNode& model, const std::string& type);

}  // namespace yoloport::models
