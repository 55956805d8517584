// A config file and its bases, read and merged.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/python/parser.h"
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

class Loader {
 public:
  Loader(python::Heap& heap, python::Sources& sources, const PackagePaths& packages)
      : heap_(heap), sources_(sources), packages_(packages) {}

  // What Config.fromfile gives: a dict, shared with nothing. Throws FileError when `path` cannot be
  // read and ConfigError for all else.
  python::Value LoadFile(const std::filesystem::path& path);

  // The same for a text that is no file; it can have no bases.
  python::Value LoadText(std::string text, std::string name);

 private:
  struct Base {
    std::filesystem::path path;
    std::string scope;    // the package it comes from, or empty
    python::Position at;  // where it is asked for
  };

  python::Value LoadChecked(const std::filesystem::path& path, std::string text);
  python::Value LoadBase(const Base& base);
  python::Value LoadBases(const std::vector<Base>& bases);
  python::Value EvaluatePython(const python::TemplateText& text, const std::filesystem::path& path);
  python::Value EvaluateJson(const python::TemplateText& text, const std::filesystem::path& path);
  python::Value Finished(const python::Value& own, const python::Value& base);

  std::vector<Base> FindBases(const python::Value& spelled, const std::filesystem::path& path);
  Base FindBase(const python::Value& spelled, const std::filesystem::path& path);
  std::string Chain(const std::filesystem::path& last) const;
  void CheckChain(const Base& base) const;

  python::Heap& heap_;
  python::Sources& sources_;
  const PackagePaths& packages_;
  std::vector<std::filesystem::path> chain_;  // files being read, the first first
  std::size_t files_ = 0;
  std::size_t bytes_ = 0;  // of their texts
};

}  // namespace yoloport::config::mmengine
