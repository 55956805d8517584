#include "checkpoint/module_tree.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/float_convert.h"
#include "checkpoint/limits.h"
#include "checkpoint/saved_objects.h"
#include "checkpoint/tensor_reader.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using base::Quote;
using formats::pickle::Describe;
using formats::pickle::Value;
using formats::pickle::ValueKind;

constexpr const char* kDamagedHint = "the file is damaged, or was changed after it was saved";

[[noreturn]] void FailIn(const SavedObjects& objects, const std::string& what,
                         const std::string& hint) {
  objects.file.file->CheckUnchanged();  // a better reason for what looks damaged
  throw CheckpointError(Quote(objects.file.path.native()) + ": " + what, hint);
}

std::optional<double> NumberOf(const Value& value) {
  if (value.is_int()) return static_cast<double>(value.integer);
  if (value.kind == ValueKind::kFloat) return value.real;
  return std::nullopt;
}

std::string Below(const std::string& place, std::string_view name) {
  return place.empty() ? std::string(name) : place + "." + std::string(name);
}

std::string_view LastPart(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

bool SavedValue::exists() const { return value_ != nullptr && value_->kind != ValueKind::kNone; }

void SavedValue::Fail(const std::string& what, const std::string& hint) const {
  FailIn(*file_, Quote(place_) + " " + what, hint);
}

const Value& SavedValue::Existing(const char* expected) const {
  if (!exists()) Fail("is missing: expected " + std::string(expected), kDamagedHint);
  return *value_;
}

std::int64_t SavedValue::Int() const {
  const Value& value = Existing("a whole number");
  if (!value.is_int()) Fail("is " + Describe(value) + ": expected a whole number", kDamagedHint);
  return value.integer;
}

double SavedValue::Number() const {
  const Value& value = Existing("a number");
  const std::optional<double> number = NumberOf(value);
  if (!number) Fail("is " + Describe(value) + ": expected a number", kDamagedHint);
  return *number;
}

bool SavedValue::Flag() const {
  const Value& value = Existing("True or False");
  if (value.kind != ValueKind::kBool) {
    Fail("is " + Describe(value) + ": expected True or False", kDamagedHint);
  }
  return value.integer != 0;
}

std::string SavedValue::Text() const {
  const Value& value = Existing("a text");
  if (!value.is_text()) Fail("is " + Describe(value) + ": expected a text", kDamagedHint);
  if (value.text.size() > kMaxSavedText) {
    Fail("is a text of " + base::SizeText(value.text.size()) + ": expected at most " +
             base::SizeText(kMaxSavedText),
         kDamagedHint);
  }
  return std::string(value.text);
}

std::vector<double> SavedValue::Numbers() const {
  const Value& value = Existing("numbers");
  const auto check_count = [&](std::size_t count) {
    if (count <= kMaxSavedNumbers) return;
    Fail("has " + std::to_string(count) + " entries: expected at most " +
             std::to_string(kMaxSavedNumbers),
         kDamagedHint);
  };
  if (IsTensor(value)) {
    TensorReader reader(file_->file.loader);
    TensorOrProblem read;
    try {
      read = reader.Read(value);
      if (read.storage != nullptr) read.storage->Verify();
    } catch (const CheckpointError& error) {
      Fail("is a damaged tensor: " + error.message(), error.hint());
    }
    if (!read.problem.empty()) Fail("is " + read.problem);
    check_count(static_cast<std::size_t>(read.tensor.size()));
    const tensor::Tensor floats = ToFloat32(read.tensor);
    const auto values = floats.values<float>();
    return {values.begin(), values.end()};
  }
  if (const auto number = NumberOf(value)) return {*number};
  if (!value.is_sequence()) Fail("is " + Describe(value) + ": expected numbers", kDamagedHint);
  check_count(value.items.size());
  std::vector<double> numbers;
  for (const Value* item : value.items) {
    const auto number = NumberOf(*item);
    if (!number) Fail("holds " + Describe(*item) + ": expected numbers", kDamagedHint);
    numbers.push_back(*number);
  }
  return numbers;
}

SavedValue SavedValue::operator[](std::string_view key) const {
  const Value* found = value_ == nullptr ? nullptr : formats::pickle::FindKey(*value_, key);
  return {file_, found, Below(place_, key)};
}

std::vector<SavedValue> SavedValue::Items() const {
  std::vector<SavedValue> items;
  if (!is_list()) return items;
  for (const Value* item : value_->items) {
    items.emplace_back(file_, item, Below(place_, std::to_string(items.size())));
  }
  return items;
}

std::vector<std::pair<SavedValue, SavedValue>> SavedValue::Pairs() const {
  std::vector<std::pair<SavedValue, SavedValue>> pairs;
  if (value_ == nullptr) return pairs;
  const auto items = formats::pickle::DictItems(*value_);
  for (std::size_t i = 1; i < items.size(); i += 2) {
    pairs.emplace_back(SavedValue(file_, items[i - 1], place_),
                       SavedValue(file_, items[i], place_));
  }
  return pairs;
}

std::string_view Module::name() const { return LastPart(path_); }
std::string_view Module::class_name() const { return data_->class_name; }
std::string_view Module::type() const { return LastPart(data_->class_name); }

std::vector<Module> Module::Children() const {
  std::vector<Module> children;
  for (const auto& [name, data] : data_->children) {
    children.emplace_back(file_, data, Below(path_, name));
  }
  return children;
}

std::size_t Module::size() const { return data_->children.size(); }

bool Module::Has(std::string_view child) const {
  return std::any_of(data_->children.begin(), data_->children.end(),
                     [&](const auto& each) { return each.first == child; });
}

Module Module::operator[](std::string_view child) const {
  for (const auto& [name, data] : data_->children) {
    if (name == child) return {file_, data, Below(path_, child)};
  }
  Fail("has no module " + Quote(child), kDamagedHint);
}

SavedValue Module::Get(std::string_view attribute) const {
  const auto& attributes = data_->attributes;
  const auto behind =
      std::upper_bound(attributes.begin(), attributes.end(), attribute,
                       [](std::string_view name, const auto& each) { return name < each.first; });
  const bool is_there = behind != attributes.begin() && std::prev(behind)->first == attribute;
  return {file_, is_there ? std::prev(behind)->second : nullptr, Below(path_, attribute)};
}

void Module::Fail(const std::string& what, const std::string& hint) const {
  const std::string type_text = Quote(type(), 60);
  const std::string where = path_.empty() ? "the model, of the class " + Quote(class_name()) + ","
                                          : Quote(path_) + ", of the class " + type_text + ",";
  FailIn(*file_, where + " " + what, hint);
}

}  // namespace yoloport::checkpoint
