// mmdet's Focus, the stem of YOLOX.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/conv_module.h"
#include "nn/style.h"
#include "tensor/tensor.h"

namespace yoloport::nn {

// The image's even and odd rows and columns as four stacked images of half its size, and a
// ConvModule of stride 1 on them (`conv`): together one convolution of twice the kernel and stride
// 2 on the image itself, which is what is emitted. `spec` is the ConvModule's; its kernel must be
// odd. image: N x C x H x W, H and W even.
graph::Value Focus(const checkpoint::Weights& w, graph::Value image, const ConvModuleSpec& spec,
                   const Style& style);

// The kernel of that convolution: out x 4C x k x k to out x C x 2k x 2k, each weight moved to the
// place of the pixel that it meets.
tensor::Tensor FocusKernel(const tensor::Tensor& weight);

}  // namespace yoloport::nn
