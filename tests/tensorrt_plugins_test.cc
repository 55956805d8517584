// The plugin nodes of exported files against TensorRT's own plugin library, in a build with
// TensorRT. No GPU is needed to ask its creators which attributes they take, and to have them make
// the plugin.
#include <NvInfer.h>
#include <NvInferPlugin.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "onnx/read/reader.h"
#include "testing/cases/cases.h"
#include "yoloport/export.h"

namespace yoloport {
namespace {

class SilentLogger final : public nvinfer1::ILogger {
  void log(Severity severity, const char* text) noexcept override {
    if (severity <= Severity::kERROR) ADD_FAILURE() << text;
  }
};

class TensorRtPluginsTest : public testing::TestWithParam<std::string> {
 protected:
  static graph::Node NodeFor(const std::string& backend) {
    ExportOptions options;
    options.config =
        test_support::CasesFolder() / test_support::NetworkNames().front() / "config.py";
    options.checkpoint =
        test_support::CasesFolder() / test_support::NetworkNames().front() / "checkpoint.pth";
    options.output = std::filesystem::path(testing::TempDir()) / ("plugins_" + backend + ".onnx");
    options.backend = backend;
    Export(options);
    const onnx::read::OnnxFile file = onnx::read::ReadOnnx(options.output);
    std::filesystem::remove(options.output);
    const auto& nodes = file.graph->nodes();
    return *std::find_if(nodes.begin(), nodes.end(),
                         [](const graph::Node& node) { return !node.domain.empty(); });
  }
};

TEST_P(TensorRtPluginsTest, TheCreatorTakesTheNodesAttributes) {
  const graph::Node node = NodeFor(GetParam());
  static SilentLogger logger;
  ASSERT_TRUE(initLibNvInferPlugins(&logger, ""));
  nvinfer1::IPluginCreator* creator = getPluginRegistry()->getPluginCreator(node.op.c_str(), "1");
  ASSERT_NE(creator, nullptr) << node.op;

  std::map<std::string, nvinfer1::PluginFieldType> known;
  const nvinfer1::PluginFieldCollection& names = *creator->getFieldNames();
  for (int i = 0; i < names.nbFields; ++i) known[names.fields[i].name] = names.fields[i].type;

  std::vector<nvinfer1::PluginField> fields;
  std::list<std::int32_t> numbers;  // that fields point to
  for (const auto& [name, attribute] : node.attributes) {
    if (name == "plugin_version") continue;  // the ONNX importer's own
    ASSERT_TRUE(known.contains(name)) << name;
    const void* value = nullptr;
    if (const auto* number = std::get_if<std::int64_t>(&attribute)) {
      EXPECT_EQ(known[name], nvinfer1::PluginFieldType::kINT32) << name;
      value = &numbers.emplace_back(static_cast<std::int32_t>(*number));
    } else {
      EXPECT_EQ(known[name], nvinfer1::PluginFieldType::kFLOAT32) << name;
      value = &std::get<float>(attribute);
    }
    fields.emplace_back(name.c_str(), value, known[name], 1);
  }
  nvinfer1::PluginFieldCollection collection;
  collection.nbFields = static_cast<std::int32_t>(fields.size());
  collection.fields = fields.data();
  auto* plugin = creator->createPlugin("nms", &collection);
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(plugin->getNbOutputs(), static_cast<int>(node.outputs.size()));
  plugin->destroy();
}

INSTANTIATE_TEST_SUITE_P(Backends, TensorRtPluginsTest, testing::Values("tensorrt7", "tensorrt8"));

}  // namespace
}  // namespace yoloport
