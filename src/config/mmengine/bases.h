// Where the files lie that a config is based on.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/python/ast.h"
#include "config/python/value.h"

namespace yoloport::config::mmengine {

// Where the configs of other packages lie.
struct PackagePaths {
  std::map<std::string, std::filesystem::path> packages;
  std::vector<std::filesystem::path> search;
};

// Between package and path in "mmdet::_base_/default_runtime.py".
inline constexpr std::string_view kPackageMark = "::";

// The file that `spelled`, a string with kPackageMark in the config `path`, names. Whether it is
// there is not looked at.
std::filesystem::path FindPackageFile(const python::Sources& sources, const python::Value& spelled,
                                      const std::filesystem::path& path,
                                      const PackagePaths& packages);

// The file that `from .a.b import ...` in the lazy config `path` names: relative to the config with
// leading dots, else in a package.
std::filesystem::path FindModuleFile(const python::Sources& sources,
                                     const python::Statement& import,
                                     const std::filesystem::path& path,
                                     const PackagePaths& packages);

// A file that `spelled`, a path in the config `path` where nothing is, may mean: the end of a path
// of Windows beside the config; a file of a package's configs, below the same folder or, where one
// package alone has such a name, below any. Empty where there is none.
std::filesystem::path FindElsewhere(const std::string& spelled, const std::filesystem::path& path,
                                    const PackagePaths& packages);

// The package whose configs a path most likely belongs to: that of a folder in it, or "PACKAGE".
std::string PackageOfPath(const std::string& path);

// site-packages of the active Python environment (VIRTUAL_ENV, CONDA_PREFIX), if there is one.
std::vector<std::filesystem::path> ActiveSitePackages();

}  // namespace yoloport::config::mmengine
