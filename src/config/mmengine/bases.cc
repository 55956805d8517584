#include "config/mmengine/bases.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"
#include "config/mmengine/missing_base.h"

namespace yoloport::config::mmengine {
namespace {

namespace fs = std::filesystem;
using base::Quote;
using python::Value;

// Packages whose configs others are based on, the likeliest first.
constexpr std::array<const char*, 4> kPackages = {"mmyolo", "mmdet", "mmpretrain", "mmrotate"};

// A folder that is called so belongs to the package: a checkout, or a family that it alone has.
struct PackageFolder {
  std::string_view folder;
  std::string_view package;
};

constexpr std::array<PackageFolder, 27> kPackageFolders = {{{"mmdetection", "mmdet"},
                                                            {"mmdet", "mmdet"},
                                                            {"mmyolo", "mmyolo"},
                                                            {"mmpretrain", "mmpretrain"},
                                                            {"mmclassification", "mmpretrain"},
                                                            {"mmcls", "mmpretrain"},
                                                            {"mmrotate", "mmrotate"},
                                                            {"mmpose", "mmpose"},
                                                            {"mmrazor", "mmrazor"},
                                                            {"mmselfsup", "mmselfsup"},
                                                            {"mmsegmentation", "mmseg"},
                                                            {"mmseg", "mmseg"},
                                                            {"ppyoloe", "mmyolo"},
                                                            {"yolov5", "mmyolo"},
                                                            {"yolov6", "mmyolo"},
                                                            {"yolov7", "mmyolo"},
                                                            {"yolov8", "mmyolo"},
                                                            {"faster_rcnn", "mmdet"},
                                                            {"mask_rcnn", "mmdet"},
                                                            {"cascade_rcnn", "mmdet"},
                                                            {"retinanet", "mmdet"},
                                                            {"atss", "mmdet"},
                                                            {"dino", "mmdet"},
                                                            {"rotated_rtmdet", "mmrotate"},
                                                            {"oriented_rcnn", "mmrotate"},
                                                            {"body_2d_keypoint", "mmpose"},
                                                            {"resnet", "mmpretrain"}}};

bool IsFile(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool IsFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// The configs folder of a package folder: an installed one keeps them in .mim, a checkout beside
// it.
fs::path ConfigFolder(const fs::path& folder) {
  for (const fs::path& inside : {folder / ".mim" / "configs", folder / "configs"}) {
    if (IsFolder(inside)) return inside;
  }
  return folder;
}

// The folder that holds the package `path` is installed in (site-packages), or an empty path.
fs::path InstallFolder(const fs::path& path) {
  for (fs::path at = path.parent_path(); at.has_relative_path(); at = at.parent_path()) {
    if (at.filename() == ".mim") return at.parent_path().parent_path();
  }
  return {};
}

std::vector<fs::path> SearchFolders(const fs::path& path, const PackagePaths& packages) {
  std::vector<fs::path> folders = packages.search;
  const fs::path installed = InstallFolder(fs::absolute(path).lexically_normal());
  if (!installed.empty()) folders.push_back(installed);
  const std::vector<fs::path> active = ActiveSitePackages();
  folders.insert(folders.end(), active.begin(), active.end());
  return folders;
}

// The folders of configs of a package, that which was given first.
std::vector<fs::path> ConfigFoldersOf(const std::string& package, const fs::path& path,
                                      const PackagePaths& packages) {
  const auto given = packages.packages.find(package);
  if (given != packages.packages.end()) return {ConfigFolder(given->second)};
  std::vector<fs::path> found;
  for (const fs::path& folder : SearchFolders(path, packages)) {
    const fs::path configs = folder / package / ".mim" / "configs";
    if (IsFolder(configs)) found.push_back(configs);
  }
  return found;
}

// "D:\\work\\a.py" as "work/a.py"; other paths as they are.
std::string WithSlashes(std::string path) {
  std::replace(path.begin(), path.end(), '\\', '/');
  const bool has_drive = path.size() > 2 && path[1] == ':' && path[2] == '/';
  return has_drive ? path.substr(3) : path;
}

// A path without its first part, or nothing.
std::string WithoutFirst(const std::string& path) {
  const std::size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(slash + 1);
}

// Below `configs`, or, if there is but one, below one of its folders.
fs::path FindBelow(const fs::path& configs, const std::string& name) {
  if (IsFile(configs / name)) return configs / name;
  fs::path found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(configs, error)) {
    if (!IsFile(entry.path() / name)) continue;
    if (!found.empty()) return {};
    found = entry.path() / name;
  }
  return found;
}

// What a path is called below a folder of configs: without the steps up and, where that names a
// folder `configs`, what is below it; of an absolute one each end that has a folder.
std::vector<std::string> NamesBelowConfigs(const std::string& path, bool is_of_windows) {
  std::string name = fs::path(path).lexically_normal().generic_string();
  while (name.starts_with("../")) name = name.substr(3);
  std::vector<std::string> names;
  constexpr std::string_view kConfigs = "configs/";
  const std::size_t configs = ("/" + name).rfind("/" + std::string(kConfigs));
  if (!is_of_windows && !name.starts_with('/')) {
    names = {name};
    if (configs != std::string::npos) names.push_back(name.substr(configs + kConfigs.size()));
    return names;
  }
  for (; name.find('/') != std::string::npos; name = WithoutFirst(name)) names.push_back(name);
  return names;
}

[[noreturn]] void FailPackage(const python::Sources& sources, python::Position at,
                              const std::string& package) {
  const std::string what = "this config belongs to the package " + Quote(package);
  throw MissingBase(sources.Locate(at, what + ", which was not found"),
                    "say where its configs are with --package-path " + package + "=DIR");
}

}  // namespace

std::string PackageOfPath(const std::string& path) {
  for (const PackageFolder& known : kPackageFolders) {
    const std::string folder = "/" + std::string(known.folder) + "/";
    if (("/" + path).find(folder) != std::string::npos) return std::string(known.package);
  }
  return "PACKAGE";
}

std::vector<fs::path> ActiveSitePackages() {
  std::vector<fs::path> found;
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    const char* prefix = std::getenv(variable);
    if (prefix == nullptr || *prefix == '\0') continue;
    std::error_code error;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(fs::path(prefix) / "lib", error)) {
      const bool is_python = entry.path().filename().string().starts_with("python");
      if (is_python && IsFolder(entry.path() / "site-packages")) {
        found.push_back(entry.path() / "site-packages");
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

fs::path FindPackageFile(const python::Sources& sources, const Value& spelled, const fs::path& path,
                         const PackagePaths& packages) {
  const std::string& text = spelled.text();
  const std::size_t mark = text.find(kPackageMark);
  const std::string package = text.substr(0, mark);
  const std::vector<fs::path> folders = ConfigFoldersOf(package, path, packages);
  if (folders.empty()) FailPackage(sources, spelled.position(), package);
  return folders[0] / text.substr(mark + kPackageMark.size());
}

fs::path FindModuleFile(const python::Sources& sources, const python::Statement& import,
                        const fs::path& path, const PackagePaths& packages) {
  const std::size_t dots = import.module.find_first_not_of('.');
  std::string name(import.module.substr(std::min(dots, import.module.size())));
  if (name.empty()) {
    sources.Fail(import.position, "a config is imported by its name", "write from .NAME import *");
  }
  std::replace(name.begin(), name.end(), '.', '/');
  name += ".py";
  if (dots > 0) {
    fs::path folder = path.parent_path();
    for (std::size_t up = 1; up < dots; ++up) folder /= "..";
    return (folder / name).lexically_normal();
  }
  const std::string package = name.substr(0, name.find_first_of("/."));
  const std::string inner = WithoutFirst(name);
  std::vector<fs::path> tried;
  if (const auto given = packages.packages.find(package); given != packages.packages.end()) {
    tried = {given->second / inner, given->second / name, given->second / WithoutFirst(inner)};
  }
  for (const fs::path& folder : SearchFolders(path, packages)) tried.push_back(folder / name);
  const auto found = std::find_if(tried.begin(), tried.end(), IsFile);
  if (found == tried.end()) FailPackage(sources, import.position, package);
  return *found;
}

fs::path FindElsewhere(const std::string& spelled, const fs::path& path,
                       const PackagePaths& packages) {
  const std::string slashed = WithSlashes(spelled);
  if (slashed != spelled) {
    for (std::string end = slashed; !end.empty(); end = WithoutFirst(end)) {
      const fs::path beside = (path.parent_path() / end).lexically_normal();
      if (IsFile(beside)) return beside;
    }
  }
  const std::vector<std::string> names = NamesBelowConfigs(slashed, slashed != spelled);
  std::vector<std::string> likely(kPackages.begin(), kPackages.end());
  for (const auto& [package, folder] : packages.packages) likely.push_back(package);
  for (const std::string& package : likely) {
    for (const fs::path& configs : ConfigFoldersOf(package, path, packages)) {
      for (const std::string& name : names) {
        const fs::path found = FindBelow(configs, name);
        if (!found.empty()) return found;
      }
    }
  }
  return {};
}

}  // namespace yoloport::config::mmengine
