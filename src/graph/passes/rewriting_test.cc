#include "graph/passes/rewriting.h"

#include <gtest/gtest.h>

#include "graph/ops.h"
#include "graph/passes/test_convs.h"

namespace yoloport::graph::passes {
namespace {

TEST(RewritingTest, ScopesOfNames) {
  EXPECT_EQ(ScopeOf("neck.layers.0/Mul_1"), "neck.layers.0");
  EXPECT_EQ(ScopeOf("neck.layers.0.conv"), "neck.layers.0");
  EXPECT_EQ(ScopeOf("neck.layers.0.conv.1"), "neck.layers.0");
  EXPECT_EQ(ScopeOf("conv.12"), "");
  EXPECT_EQ(ScopeOf("Mul"), "");
  EXPECT_EQ(ScopeOf("7"), "");
  EXPECT_EQ(ScopeOf(""), "");
}

TEST(RewritingTest, ConstantsTakeThePlaceOfOthers) {
  Graph graph(13);
  const auto constant = [&](const char* name) {
    return graph.Constant(tensor::Tensor::Scalar(1.0F), name).id();
  };
  const int a = constant("a");
  const int b = constant("b");
  const int c = constant("c");
  constant("d");
  const int e = constant("e");
  const int f = constant("f");
  PlaceConstants(graph, {{a, {f, a}}, {b, {}}, {c, {e}}});
  EXPECT_EQ(ConstantNames(graph), (std::vector<std::string>{"f", "a", "e", "d"}));
}

}  // namespace
}  // namespace yoloport::graph::passes
