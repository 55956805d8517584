#include "pipeline/evaluated_dataset.h"

namespace yoloport {
namespace {

// The first element of a list; anything else stands for itself.
std::optional<ConfigNode> FirstOf(const std::optional<ConfigNode>& node) {
  if (!node || !node->IsList()) return node;
  if (node->size() == 0) return std::nullopt;
  return (*node)[0];
}

// What a dataset wraps, as mmdet's get_test_pipeline_cfg() goes on.
std::optional<ConfigNode> WrappedBy(const ConfigNode& dataset) {
  if (auto wrapped = dataset.Find("dataset")) return wrapped;
  return FirstOf(dataset.Find("datasets"));
}

}  // namespace

std::optional<ConfigNode> FindInTestDataset(const ConfigNode& root, std::string_view key) {
  const std::optional<ConfigNode> loader = FirstOf(root.Find("test_dataloader"));
  if (!loader || !loader->IsDict()) return std::nullopt;
  std::optional<ConfigNode> dataset = loader->Find("dataset");
  while (dataset && dataset->IsDict()) {
    if (auto found = dataset->Find(key)) return found;
    dataset = WrappedBy(*dataset);
  }
  return std::nullopt;
}

}  // namespace yoloport
