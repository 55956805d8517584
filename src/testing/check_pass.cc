#include "testing/check_pass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "graph/listing.h"
#include "testing/run_graph.h"

namespace yoloport::test_support {
namespace {

using tensor::Tensor;

constexpr int kOpset = 13;
constexpr std::int64_t kUnknownExtent = 2;

std::vector<Tensor> MadeUpInputs(const graph::Graph& graph) {
  std::vector<Tensor> inputs;
  for (const int id : graph.inputs()) {
    tensor::Shape shape = graph.value(id).shape;
    for (std::int64_t& extent : shape) extent = extent == graph::kDynamic ? kUnknownExtent : extent;
    std::vector<float> values(static_cast<std::size_t>(tensor::ElementCount(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = 2 * std::sin(static_cast<float>(i * i + 3 * inputs.size()));
    }
    inputs.push_back(Tensor::Of<float>(shape, std::move(values)));
  }
  return inputs;
}

}  // namespace

PassListings CheckPass(const std::function<void(graph::Graph&)>& build,
                       const std::function<void(graph::Graph&)>& pass, float tolerance) {
  graph::Graph plain(kOpset);
  build(plain);
  graph::Graph passed(kOpset);
  build(passed);
  PassListings listings;
  listings.before = graph::Listing(passed);
  pass(passed);
  listings.after = graph::Listing(passed);
  const std::vector<Tensor> inputs = MadeUpInputs(plain);
  const std::vector<Tensor> expected = RunAsItIs(plain, inputs);
  const std::vector<Tensor> actual = RunAsItIs(passed, inputs);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
    EXPECT_EQ(actual[i].shape(), expected[i].shape()) << "output " << i;
    EXPECT_THAT(actual[i].values<float>(),
                testing::Pointwise(testing::FloatNear(tolerance), expected[i].values<float>()))
        << "output " << i;
  }
  return listings;
}

}  // namespace yoloport::test_support
