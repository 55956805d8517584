#include "config/config.h"

#include "config/config_data.h"
#include "config/mmengine/dump.h"
#include "config/mmengine/loader.h"
#include "config/mmengine/merge.h"
#include "config/mmengine/overrides.h"
#include "config/python/own_stack.h"
#include "yoloport/error.h"

namespace yoloport::config {
namespace {

using python::Heap;
using python::Value;

// Applies the overrides and keeps the result apart from all that evaluation made.
void Finish(ConfigData& data, Heap& scratch, Value root, const ConfigOptions& options) {
  if (!options.overrides.empty()) {
    const Value overrides = mmengine::ReadOverrides(scratch, data.sources, options.overrides);
    root = mmengine::Merge(scratch, overrides, root, mmengine::ListKeys::kAllowed);
  }
  data.root = mmengine::CopyTree(data.heap, root);
}

}  // namespace

Config Config::Load(const std::filesystem::path& path, const ConfigOptions& options) {
  auto data = std::make_shared<ConfigData>();
  python::OnLargeStack([&] {
    Heap scratch(data->sources);
    const mmengine::PackagePaths packages{options.packages, options.package_search};
    mmengine::Loader loader(scratch, data->sources, packages);
    const Value root = loader.LoadFile(path);
    data->notes = loader.notes();
    Finish(*data, scratch, root, options);
  });
  return Config(std::move(data));
}

Config Config::FromText(std::string text, std::string name, const ConfigOptions& options) {
  auto data = std::make_shared<ConfigData>();
  python::OnLargeStack([&] {
    Heap scratch(data->sources);
    const mmengine::PackagePaths packages{options.packages, options.package_search};
    mmengine::Loader loader(scratch, data->sources, packages);
    const Value root = loader.LoadText(std::move(text), std::move(name));
    data->notes = loader.notes();
    Finish(*data, scratch, root, options);
  });
  return Config(std::move(data));
}

Config Config::LoadNamed(const ConfigNode& name, const ConfigOptions& options) {
  if (name.AsString().find(mmengine::kPackageMark) == std::string::npos) {
    name.Fail("a config is named PACKAGE::PATH");
  }
  const python::Sources& sources = name.data_->sources;
  const std::filesystem::path from = sources.name(name.value_->position().source);
  ConfigOptions unchanged = options;
  unchanged.overrides.clear();
  const std::filesystem::path path = mmengine::FindPackageFile(
      sources, *name.value_, from, {options.packages, options.package_search});
  try {
    return Load(path, unchanged);
  } catch (const FileError& error) {
    name.Fail("the config cannot be read: " + error.message());
  }
}

std::vector<std::filesystem::path> Config::files() const { return root().files(); }

const std::vector<std::string>& Config::notes() const { return data_->notes; }

ConfigNode Config::root() const { return ConfigNode(data_, &data_->root, ""); }

std::string Config::ToJson(int indent) const {
  std::string text;
  python::OnLargeStack([&] { text = mmengine::DumpJson(data_->sources, data_->root, indent); });
  return text;
}

std::string Config::ToPython(int indent) const {
  std::string text;
  python::OnLargeStack([&] { text = mmengine::DumpPython(data_->sources, data_->root, indent); });
  return text;
}

}  // namespace yoloport::config
