#include "models/plugins.h"

#include <gtest/gtest.h>

#include "models/test_configs.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::models {
namespace {

std::vector<Plugin> Read(const std::string& text, std::size_t stages) {
  return ReadPlugins(Head("plugins=" + text), stages);
}

TEST(PluginsTest, StandInTheStagesThatTheyName) {
  const auto plugins = Read(
      "[dict(cfg=dict(type='CBAM'), stages=(False, True)), dict(cfg=dict(type='mmyolo.CBAM'))]", 2);
  ASSERT_EQ(plugins.size(), 2U);
  EXPECT_EQ(plugins[0].stages, (std::vector<bool>{false, true}));
  EXPECT_EQ(plugins[1].stages, (std::vector<bool>{true, true}));
  EXPECT_EQ(PluginName(plugins[1].config), "cbam");
  EXPECT_TRUE(Read("None", 4).empty());
}

TEST(PluginsTest, StagesAreAsManyAsTheBackbones) {
  EXPECT_EQ(ErrorOf([] { Read("[dict(cfg=dict(type='CBAM'), stages=(True, True))]", 4); }),
            "t.py:1:57: 'head.plugins[0].stages': needs an entry for each of the 4 stages, but "
            "has 2");
}

TEST(PluginsTest, OthersAreRefusedByName) {
  const auto plugins = Read("[dict(cfg=dict(type='NonLocal2d', reduction=2))]", 4);
  const test_support::TemporaryFile file(test_support::TorchFloats({{"other", {1}, {0}}}));
  const checkpoint::Weights weights(checkpoint::Checkpoint::Open(file.path()));
  graph::Graph graph(11);
  const graph::Value x = graph.Input("x", tensor::DType::kFloat32, {1, 8, 4, 4});
  EXPECT_EQ(ErrorOf([&] { BuildPlugin(plugins[0].config, weights, x); }),
            "t.py:1:41: 'head.plugins[0].cfg.type': the plugin 'NonLocal2d' is not supported");
}

}  // namespace
}  // namespace yoloport::models
