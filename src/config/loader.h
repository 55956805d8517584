// A config file and its bases, read and merged.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/parser.h"
#include "config/value.h"

namespace yoloport::config {

// Where the configs of other packages lie.
struct PackagePaths {
  std::map<std::string, std::filesystem::path> packages;
  std::vector<std::filesystem::path> search;
};

// Between package and path in "mmdet::_base_/default_runtime.py".
inline constexpr std::string_view kPackageMark = "::";

// The file that `spelled`, a string with kPackageMark in the config `path`, names. Whether it is
// there is not looked at.
std::filesystem::path FindPackageFile(const Sources& sources, const Value& spelled,
                                      const std::filesystem::path& path,
                                      const PackagePaths& packages);

class Loader {
 public:
  Loader(Heap& heap, Sources& sources, const PackagePaths& packages)
      : heap_(heap), sources_(sources), packages_(packages) {}

  // What Config.fromfile gives: a dict, shared with nothing. Throws FileError when `path` cannot be
  // read and ConfigError for all else.
  Value LoadFile(const std::filesystem::path& path);

  // The same for a text that is no file; it can have no bases.
  Value LoadText(std::string text, std::string name);

 private:
  struct Base {
    std::filesystem::path path;
    std::string scope;  // the package it comes from, or empty
    Position at;        // where it is asked for
  };

  Value LoadChecked(const std::filesystem::path& path, std::string text);
  Value LoadBase(const Base& base);
  Value LoadBases(const std::vector<Base>& bases);
  Value EvaluatePython(const TemplateText& text, const std::filesystem::path& path);
  Value EvaluateJson(const TemplateText& text, const std::filesystem::path& path);
  Value Finished(const Value& own, const Value& base);

  std::vector<Base> FindBases(const Value& spelled, const std::filesystem::path& path);
  Base FindBase(const Value& spelled, const std::filesystem::path& path);
  std::string Chain(const std::filesystem::path& last) const;
  void CheckChain(const Base& base) const;

  Heap& heap_;
  Sources& sources_;
  const PackagePaths& packages_;
  std::vector<std::filesystem::path> chain_;  // files being read, the first first
  std::size_t files_ = 0;
  std::size_t bytes_ = 0;  // of their texts
};

}  // namespace yoloport::config
