#include "nn/style.h"

#include <gtest/gtest.h>

#include <vector>

#include "graph/ops.h"
#include "graph/passes/split_conv.h"

namespace yoloport::nn {
namespace {

// The blocks of YOLOv8 split what comes out of an activation.
TEST(StyleTest, EveryActivationIsSplitWithItsConvolution) {
  for (int kind = 0; kind <= static_cast<int>(ActivationKind::kMish); ++kind) {
    graph::Graph graph(13);
    const graph::Value x = graph.Input("images", tensor::DType::kFloat32, {1, 2, 4, 4});
    const auto make = [] { return tensor::Tensor::Of<float>({2, 2, 1, 1}, {1, 2, 3, 4}); };
    const graph::Value weight =
        graph.Constant({tensor::DType::kFloat32, {2, 2, 1, 1}, make}, "weight");
    const graph::Value conv = graph::Conv(x, weight, {}, {}, "conv");
    const std::vector<graph::Value> parts =
        graph::Split(Activate(conv, {.kind = static_cast<ActivationKind>(kind)}), 1, {1, 1});
    graph.Output(parts[0] + parts[1], "sum");
    graph::passes::SplitConv(graph);
    int convolutions = 0;
    for (const graph::Node& node : graph.nodes()) {
      EXPECT_NE(node.op, "Split") << "activation " << kind;
      convolutions += node.op == "Conv" ? 1 : 0;
    }
    EXPECT_EQ(convolutions, 2) << "activation " << kind;
  }
}

}  // namespace
}  // namespace yoloport::nn
