// MMEngine configs as data: what Config.fromfile(FILE).to_dict() gives, without running anything.
//
//   const Config config = Config::Load("yolov5_s.py");
//   const ConfigNode backbone = config.root()["model"]["backbone"];
//   const double widen = backbone.Get("widen_factor", 1.0);
//   backbone.Ignore({"init_cfg"});
//   backbone.RequireAllUsed();
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/mmengine/missing_base.h"

namespace yoloport::config::python {
class Value;
}

namespace yoloport::config {

using mmengine::MissingBase;

struct ConfigOptions {
  // `--cfg-options`: "model.backbone.widen_factor=0.25", applied in this order after the file.
  std::vector<std::string> overrides;
  // Where the configs of a package lie, for bases like mmdet::_base_/default_runtime.py: the folder
  // of its configs, or one in which `.mim/configs` or `configs` is that.
  std::map<std::string, std::filesystem::path> packages;
  // Folders in which PACKAGE/.mim/configs may be, such as a site-packages. Where the config itself
  // lies in an installed package, that package's neighbours are found without being told.
  std::vector<std::filesystem::path> package_search;
};

struct ConfigData;
class ConfigNode;

// A config, read, merged and immutable. Copies share it. One thread at a time may use a config and
// its nodes: nodes remember which keys were asked for.
class Config {
 public:
  // Reads `path` (.py or .json) and its bases. Throws FileError when `path` cannot be read,
  // UsageError for overrides that make no sense, ConfigError for all else.
  static Config Load(const std::filesystem::path& path, const ConfigOptions& options = {});

  // Reads a text without bases: the config that a checkpoint carries. `name` is for messages.
  static Config FromText(std::string text, std::string name, const ConfigOptions& options = {});

  // Reads the config that a string of another config names as PACKAGE::PATH, found like a base of
  // the file in which the string stands. Overrides of `options` are for that other config: they are
  // not applied.
  static Config LoadNamed(const ConfigNode& name, const ConfigOptions& options = {});

  ConfigNode root() const;

  // The files it was read from: itself and its bases.
  std::vector<std::filesystem::path> files() const;

  // What whoever reads the config should know: bases that were found elsewhere than it says.
  const std::vector<std::string>& notes() const;

  // `indent` spaces a level; -1: all in one line. Tuples and sets become arrays, keys that are no
  // strings become their Python text, and what JSON cannot say becomes "NaN", "Infinity",
  // "-Infinity", and {"unknown": WHY} where a value is not known.
  std::string ToJson(int indent = 2) const;

  // A Python literal that keeps types. (Not-a-number and infinity are float('nan') and
  // float('inf'), what is not known is unknown(WHY).)
  std::string ToPython(int indent = 4) const;

 private:
  explicit Config(std::shared_ptr<const ConfigData> data) : data_(std::move(data)) {}
  std::shared_ptr<const ConfigData> data_;
};

// One value of a config and its path. Cheap to copy; keeps the config alive.
//
// Whatever is asked for and has the wrong kind is a ConfigError that shows where it was written; so
// is whatever is asked of a value that is not known but IsUnknown().
class ConfigNode {
 public:
  // Whether the config calculates it in a way that is not evaluated.
  bool IsUnknown() const;
  bool HasUnknown() const;  // or one within it is
  // "yolov5_s.py:12:5: np.mean() is not run" of the first of them, also of what is imported; empty
  // where all is known.
  std::string WhyUnknown() const;
  bool IsNone() const;
  bool IsBool() const;
  bool IsInt() const;       // a bool is no int
  bool IsDouble() const;    // an int is no double, though AsDouble() converts it
  bool IsNumber() const;    // int or double
  bool IsString() const;    // also of an imported class, which is its dotted name
  bool IsImported() const;  // such a name, of whatever a lazy config imports
  bool IsList() const;      // list or tuple
  bool IsTuple() const;
  bool IsDict() const;

  bool AsBool() const;
  std::int64_t AsInt() const;
  double AsDouble() const;  // also of an int
  const std::string& AsString() const;
  std::vector<std::int64_t> AsInts() const;  // of a list or tuple
  std::vector<double> AsDoubles() const;
  std::vector<std::string> AsStrings() const;

  // Keys of a dict. Asking for a key marks it as used. A key that is there with the value None is
  // there. operator[] throws when the key is missing.
  bool Has(std::string_view key) const;
  std::optional<ConfigNode> Find(std::string_view key) const;
  ConfigNode operator[](std::string_view key) const;
  std::vector<std::string> Keys() const;  // in order; those that are strings; marks nothing

  // The value of a key, or `fallback` where the key is missing or None: MMYOLO's constructors take
  // None for "not given".
  bool Get(std::string_view key, bool fallback) const;
  std::int64_t Get(std::string_view key, std::int64_t fallback) const;
  std::int64_t Get(std::string_view key, int fallback) const;
  double Get(std::string_view key, double fallback) const;
  std::string Get(std::string_view key, const std::string& fallback) const;
  std::string Get(std::string_view key, const char* fallback) const;

  // Elements of a list or tuple, or the number of a dict's keys.
  std::size_t size() const;
  ConfigNode operator[](std::size_t index) const;
  ConfigNode operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }

  // Says that these keys of a dict, with all below them, do not change the network.
  void Ignore(std::initializer_list<std::string_view> keys) const;

  // Throws ConfigError unless every key below this node has been asked for or ignored.
  void RequireAllUsed() const;

  // "model.backbone.out_indices[1]"; empty for the root.
  const std::string& path() const { return path_; }

  // "yolov5_s.py:12:5": where the value was written.
  std::string place() const;

  // The files that its config was read from, as Config::files().
  std::vector<std::filesystem::path> files() const;

  // Throws ConfigError where this value is not known: it says why, and what to do. `is_plain`: an
  // option could say it, so it is no dict.
  void RequireKnown(bool is_plain = true) const;

  // Throws ConfigError "FILE:LINE:COLUMN: PATH: MESSAGE" with the source line and a caret.
  [[noreturn]] void Fail(std::string_view message, std::string hint = {}) const;

 private:
  friend class Config;
  ConfigNode(std::shared_ptr<const ConfigData> data, const python::Value* value, std::string path)
      : data_(std::move(data)), value_(value), path_(std::move(path)) {}

  std::optional<ConfigNode> FindGiven(std::string_view key) const;
  const python::Value& RequireDict() const;
  const python::Value& RequireList() const;
  const python::Value& Known(bool is_plain = true) const;
  [[noreturn]] void FailKind(std::string_view expected) const;
  [[noreturn]] void FailMissing(std::string_view key) const;

  std::shared_ptr<const ConfigData> data_;
  const python::Value* value_;
  std::string path_;
};

}  // namespace yoloport::config
