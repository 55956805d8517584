#include "sources/yolov7/head.h"

#include <utility>
#include <vector>

#include "models/anchor_head.h"
#include "nn/implicit.h"
#include "sources/layer_list/anchor_head.h"
#include "sources/layer_list/blocks.h"
#include "tensor/arithmetic.h"

namespace yoloport::sources::yolov7 {
namespace {

using graph::Value;
using layer_list::Block;
using layer_list::Head;

// Whether a position's objectness is its score: the repository's suppression does not read the
// class of a network that has one, since that is never trained.
bool HasOneClass(const models::AnchorHead& head) { return head.num_classes == 1; }

// Makes the class of each anchor certain.
nn::FoldedConv WithoutClass(nn::FoldedConv conv, const models::AnchorHead& head) {
  constexpr float kCertain = 100;  // whose sigmoid is 1, in float16, too
  std::vector<float> scale(conv.bias.size(), 1.0F);
  std::vector<float> shift(conv.bias.size(), 0.0F);
  for (std::size_t at = 5; at < scale.size();
       at += static_cast<std::size_t>(5 + head.num_classes)) {
    scale[at] = 0;
    shift[at] = kCertain;
  }
  return nn::Then(std::move(conv), {std::move(scale), std::move(shift)});
}

}  // namespace

graph::HeadOutput BuildHead(const Head& head, graph::HeadMode mode) {
  const Block& block = head.block;
  layer_list::RequireType(block.module, {"Detect", "IDetect", "IAuxDetect"});
  std::vector<Value> inputs = head.inputs;
  if (block.module.type() == "IAuxDetect") {
    inputs.resize(inputs.size() / 2);
    block.w.Ignore("m2");
  }
  // fuse() leaves the vectors where they are, which are in the convolutions then, and has another
  // function called.
  const bool has_implicit =
      block.module.type() != "Detect" && !block.module.Get("forward").exists();
  if (!has_implicit) {
    block.w.Ignore("ia");
    block.w.Ignore("im");
  }
  const models::AnchorHead spec =
      layer_list::ReadAnchorHead(block, inputs.size(), layer_list::AnchorBuffer::kAnchorGrid);
  graph::HeadOutput output = models::StartAnchorOutput(spec, "yolov7");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Block conv = block["m"][i];
    nn::FoldedConv folded = layer_list::TakeAnchorConv(conv, spec, inputs[i]);
    if (has_implicit) {
      folded = nn::WithImplicit(block.w["ia"][i], std::move(folded), block.w["im"][i]);
    }
    if (HasOneClass(spec)) folded = WithoutClass(std::move(folded), spec);
    models::AddAnchorLevel(output, mode, spec, inputs[i], std::move(folded), conv.w.prefix());
  }
  return output;
}

}  // namespace yoloport::sources::yolov7
