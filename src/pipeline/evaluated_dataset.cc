#include "pipeline/evaluated_dataset.h"

namespace yoloport {

std::optional<ConfigNode> FindInTestDataset(const ConfigNode& root, std::string_view key) {
  const auto loader = root.Find("test_dataloader");
  if (!loader || !loader->IsDict()) return std::nullopt;
  std::optional<ConfigNode> dataset = loader->Find("dataset");
  while (dataset && dataset->IsDict()) {
    if (auto found = dataset->Find(key)) return found;
    dataset = dataset->Find("dataset");
  }
  return std::nullopt;
}

}  // namespace yoloport
