// A torch.nn.Module that was pickled as a whole, and all modules below it, as data: class names,
// children and attributes. Nothing is looked up or run. Its tensors are those of
// Checkpoint::tensors(), under the keys that the module's own state_dict() would give them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/pickle/pickle_value.h"

namespace yoloport::checkpoint {

struct ModuleData;
struct SavedObjects;

// A value of the file under its place, "model.22.nc", or the lack of one. Functions that read it
// throw CheckpointError that names the place where it is missing or of another type.
class SavedValue {
 public:
  SavedValue(std::shared_ptr<const SavedObjects> file, const formats::pickle::Value* value,
             std::string place)
      : file_(std::move(file)), value_(value), place_(std::move(place)) {}

  // Whether it is there and not None.
  bool exists() const;
  bool is_text() const { return value_ != nullptr && value_->is_text(); }
  bool is_int() const { return value_ != nullptr && value_->is_int(); }
  bool is_list() const { return value_ != nullptr && value_->is_sequence(); }
  bool is_dict() const { return value_ != nullptr && formats::pickle::IsDictLike(*value_); }

  std::int64_t Int() const;
  double Number() const;  // of an int or a float
  bool Flag() const;
  std::string Text() const;

  // The same, or `missing` where it does not exist.
  std::int64_t Int(std::int64_t missing) const { return exists() ? Int() : missing; }
  double Number(double missing) const { return exists() ? Number() : missing; }
  bool Flag(bool missing) const { return exists() ? Flag() : missing; }
  std::string Text(const std::string& missing) const { return exists() ? Text() : missing; }

  // Of a number, a list or tuple of numbers, or a tensor (in its order): up to 1000.
  std::vector<double> Numbers() const;

  // What stands under a key of a dict; for anything else what does not exist.
  SavedValue operator[](std::string_view key) const;
  // The entries of a list or tuple.
  std::vector<SavedValue> Items() const;
  // Those of a dict: key and value.
  std::vector<std::pair<SavedValue, SavedValue>> Pairs() const;

  const std::string& place() const { return place_; }
  [[noreturn]] void Fail(const std::string& what, const std::string& hint = {}) const;

 private:
  const formats::pickle::Value& Existing(const char* expected) const;

  std::shared_ptr<const SavedObjects> file_;
  const formats::pickle::Value* value_;  // null: none
  std::string place_;
};

// A module under its path. Cheap to copy; keeps the file alive.
class Module {
 public:
  Module(std::shared_ptr<const SavedObjects> file, const ModuleData* data, std::string path)
      : file_(std::move(file)), data_(data), path_(std::move(path)) {}

  const std::string& path() const { return path_; }  // "model.22.cv1"; "" for the whole
  std::string_view name() const;                     // its last part, "cv1"
  std::string_view class_name() const;               // "ultralytics.nn.modules.conv.Conv"
  std::string_view type() const;                     // its last part, "Conv"

  // In order. Those that are None are left out.
  std::vector<Module> Children() const;
  std::size_t size() const;  // how many these are
  bool Has(std::string_view child) const;
  // Throws CheckpointError where there is none.
  Module operator[](std::string_view child) const;
  Module operator[](std::size_t index) const { return (*this)[std::to_string(index)]; }

  SavedValue Get(std::string_view attribute) const;

  // Throws CheckpointError: "FILE: 'model.22.cv1', a Conv: WHAT".
  [[noreturn]] void Fail(const std::string& what, const std::string& hint = {}) const;

 private:
  std::shared_ptr<const SavedObjects> file_;
  const ModuleData* data_;
  std::string path_;
};

// What such a file holds.
struct ModuleTree {
  Module root;
  SavedValue file;  // what was saved, of which the module is a part: `train_args`, `epoch` ...
};

}  // namespace yoloport::checkpoint
