#include "sources/mmengine/evaluated_dataset.h"

#include <fmt/format.h>

#include "models/config_reading.h"

namespace yoloport::sources::mmengine {
namespace {

using config::ConfigNode;

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

// The test dataset and those that it wraps, the outermost first.
std::vector<ConfigNode> TestDatasets(const ConfigNode& root) {
  std::vector<ConfigNode> datasets;
  const std::optional<ConfigNode> loader = FirstOf(root.Find("test_dataloader"));
  if (!loader || !loader->IsDict()) return datasets;
  std::optional<ConfigNode> dataset = loader->Find("dataset");
  while (dataset && dataset->IsDict()) {
    datasets.push_back(*dataset);
    dataset = WrappedBy(*dataset);
  }
  return datasets;
}

}  // namespace

std::optional<ConfigNode> FindInTestDataset(const ConfigNode& root, std::string_view key) {
  for (const ConfigNode& dataset : TestDatasets(root)) {
    if (auto found = dataset.Find(key)) return found;
  }
  return std::nullopt;
}

std::vector<std::string> TestDatasetTypes(const ConfigNode& root) {
  std::vector<std::string> types;
  for (const ConfigNode& dataset : TestDatasets(root)) {
    const std::optional<ConfigNode> type = dataset.Find("type");
    if (type && type->IsString()) types.push_back(models::WithoutScope(type->AsString()));
  }
  return types;
}

std::vector<std::string> TestDatasetNotes(const ConfigNode& root) {
  std::vector<std::string> notes;
  for (const ConfigNode& dataset : TestDatasets(root)) {
    const std::optional<ConfigNode> wrapped = dataset.Find("datasets");
    if (!wrapped || !wrapped->IsList() || wrapped->size() < 2) continue;
    notes.push_back(
        fmt::format("{}: the first of these {} data sets counts; the test pipelines and class "
                    "names of the others are not read",
                    wrapped->path(), wrapped->size()));
  }
  return notes;
}

}  // namespace yoloport::sources::mmengine
