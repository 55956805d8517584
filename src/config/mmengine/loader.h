// A config file and its bases, read and merged.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/mmengine/bases.h"
#include "config/python/parser.h"
#include "config/python/value.h"

namespace yoloport::config::mmengine {

class Loader {
 public:
  Loader(python::Heap& heap, python::Sources& sources, const PackagePaths& packages)
      : heap_(heap), sources_(sources), packages_(packages) {}

  // What Config.fromfile gives: a dict, shared with nothing. Throws FileError when `path` cannot be
  // read and ConfigError for all else.
  python::Value LoadFile(const std::filesystem::path& path);

  // The same for a text that is no file; it can have no bases.
  python::Value LoadText(std::string text, std::string name);

  // What whoever reads the config should know of how it was found.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  // What a lazy config has under its names, and which of them it imports.
  struct LazyConfig {
    python::Value names;
    std::set<std::string, std::less<>> imported;
  };
  struct Base {
    std::filesystem::path path;
    std::string scope;    // the package it comes from, or empty
    python::Position at;  // where it is asked for
  };

  python::TemplateText Open(const std::filesystem::path& path, std::string text);
  python::Value LoadChecked(const std::filesystem::path& path, std::string text);
  python::Value LoadBase(const Base& base);
  python::Value LoadBases(const std::vector<Base>& bases);
  python::Value EvaluatePython(const python::TemplateText& text, const std::filesystem::path& path);
  python::Value EvaluateJson(const python::TemplateText& text, const std::filesystem::path& path);
  python::Value Finished(const python::Value& own, const python::Value& base);
  python::Value MergeUnsure(const python::Value& child, const python::Value& base);
  void NoteOthers(const python::Value& names);
  void RefuseReserved(const python::Value& config) const;

  LazyConfig EvaluateLazyText(const python::TemplateText& text, const std::filesystem::path& path);
  LazyConfig EvaluateLazy(const python::Module& module, const std::filesystem::path& path);
  LazyConfig LoadLazyBase(const python::Statement& import, const std::filesystem::path& path);
  void ImportFromBase(const python::Statement& import, const python::Value& base,
                      const python::Value& into);
  python::Value FinishedLazy(const LazyConfig& lazy);

  std::vector<Base> FindBases(const python::Value& spelled, const std::filesystem::path& path);
  Base FindBase(const python::Value& spelled, const std::filesystem::path& path);
  std::filesystem::path FindRelative(const std::string& spelled, const std::filesystem::path& path);
  [[noreturn]] void FailMissing(python::Position at, const std::string& what,
                                std::string hint) const;
  std::string Chain(const std::filesystem::path& last) const;
  void CheckChain(const Base& base) const;

  python::Heap& heap_;
  python::Sources& sources_;
  const PackagePaths& packages_;
  std::vector<std::filesystem::path> chain_;  // files being read, the first first
  std::vector<std::string> notes_;
  std::size_t files_ = 0;
  std::size_t bytes_ = 0;  // of their texts
};

}  // namespace yoloport::config::mmengine
