#include <algorithm>

#include "base/text.h"
#include "config/config.h"
#include "config/config_data.h"
#include "config/python/own_stack.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::config {
namespace {

using base::Quote;
using python::Entry;
using python::Kind;
using python::Use;
using python::Value;

constexpr std::size_t kMaxListedKeys = 10;

std::string JoinPath(const std::string& path, const Value& key) {
  if (!key.Is(Kind::kString)) return path + "[...]";
  return path.empty() ? key.text() : path + "." + key.text();
}

// A key nobody asked for.
struct Leftover {
  std::string path;
  python::Position at;
  const Value* dict;
  const Value* key;
};

void CollectUnused(const Value& value, const std::string& path, std::vector<Leftover>& found) {
  if (value.IsSequence()) {
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      CollectUnused(value.items()[i], path + "[" + std::to_string(i) + "]", found);
    }
  }
  if (!value.Is(Kind::kDict)) return;
  for (const Entry& entry : value.mapping().entries()) {
    if (entry.use == Use::kIgnored) continue;
    // Says only in which package MMEngine looks up `type`; merging adds it to bases of packages.
    if (entry.key.Is(Kind::kString) && entry.key.text() == "_scope_") continue;
    const std::string inner = JoinPath(path, entry.key);
    if (entry.use == Use::kUnasked) {
      found.push_back({inner, entry.key.position(), &value, &entry.key});
    } else {
      CollectUnused(entry.value, inner, found);
    }
  }
}

// Configs are no deeper than kMaxValueDepth.
bool HasUnknownIn(const Value& value) {
  if (value.Is(Kind::kUnknown)) return value.unknown().nature != python::Nature::kLazy;
  if (value.IsSequence()) {
    return std::any_of(value.items().begin(), value.items().end(), HasUnknownIn);
  }
  if (!value.Is(Kind::kDict)) return false;
  const std::vector<Entry>& entries = value.mapping().entries();
  return std::any_of(entries.begin(), entries.end(),
                     [](const Entry& entry) { return HasUnknownIn(entry.value); });
}

// Where and why the first value of a tree is not known, an imported one included.
const python::Cause* FindCause(const Value& value) {
  if (value.Is(Kind::kUnknown)) return value.unknown().cause;
  const python::Cause* found = nullptr;
  const auto look_into = [&found](const Value& part) {
    found = FindCause(part);
    return found != nullptr;
  };
  if (value.IsSequence()) {
    std::any_of(value.items().begin(), value.items().end(), look_into);
  } else if (value.Is(Kind::kDict)) {
    const std::vector<Entry>& entries = value.mapping().entries();
    std::any_of(entries.begin(), entries.end(),
                [&](const Entry& entry) { return look_into(entry.value); });
  }
  return found;
}

// What a key that nobody asked for may mean: one that its dict was asked for, there or not.
std::string Hint(const ConfigData& data, const Leftover& leftover) {
  if (!leftover.key->Is(Kind::kString)) return "";
  std::vector<std::string> names;
  for (const Entry& entry : leftover.dict->mapping().entries()) {
    const bool asked = entry.use != Use::kUnasked && entry.key.Is(Kind::kString);
    if (asked) names.push_back(entry.key.text());
  }
  if (const auto missed = data.missed.find(leftover.dict); missed != data.missed.end()) {
    names.insert(names.end(), missed->second.begin(), missed->second.end());
  }
  const std::string near = NearestName(leftover.key->text(), names);
  return near.empty() ? "" : "did you mean " + near + "?";
}

}  // namespace

bool ConfigNode::IsImported() const {
  return value_->Is(Kind::kUnknown) && value_->unknown().nature == python::Nature::kLazy;
}
bool ConfigNode::IsUnknown() const { return value_->Is(Kind::kUnknown) && !IsImported(); }
bool ConfigNode::HasUnknown() const { return HasUnknownIn(*value_); }
std::string ConfigNode::WhyUnknown() const {
  const python::Cause* cause = FindCause(*value_);
  return cause == nullptr ? "" : data_->sources.Place(cause->at) + ": " + cause->text;
}
bool ConfigNode::IsNone() const { return Known().Is(Kind::kNone); }
bool ConfigNode::IsBool() const { return Known().Is(Kind::kBool); }
bool ConfigNode::IsInt() const { return Known().Is(Kind::kInt); }
bool ConfigNode::IsDouble() const { return Known().Is(Kind::kDouble); }
bool ConfigNode::IsNumber() const { return IsInt() || IsDouble(); }
bool ConfigNode::IsString() const { return Known().Is(Kind::kString) || IsImported(); }
bool ConfigNode::IsList() const { return Known().IsSequence(); }
bool ConfigNode::IsTuple() const { return Known().Is(Kind::kTuple); }
bool ConfigNode::IsDict() const { return Known(false).Is(Kind::kDict); }

void ConfigNode::RequireKnown(bool is_plain) const {
  if (!IsUnknown()) return;
  const python::Cause& cause = *value_->unknown().cause;
  const std::string subject = path_.empty() ? "" : Quote(path_) + " is needed, and ";
  // An option replaces no element of a list, and gives no dict.
  const bool has_option = is_plain && path_.find('[') == std::string::npos;
  data_->sources.Fail(cause.at, subject + "it is not known: " + cause.text,
                      has_option
                          ? "write the value itself, or say it: --cfg-options " + path_ + "=VALUE"
                          : "write the value itself");
}

const Value& ConfigNode::Known(bool is_plain) const {
  RequireKnown(is_plain);
  return *value_;
}

bool ConfigNode::AsBool() const {
  if (!IsBool()) FailKind("a bool");
  return value_->boolean();
}

std::int64_t ConfigNode::AsInt() const {
  if (!IsInt()) FailKind("an int");
  return value_->integer();
}

double ConfigNode::AsDouble() const {
  if (!IsNumber()) FailKind("a number");
  return value_->number();
}

const std::string& ConfigNode::AsString() const {
  if (!IsString()) FailKind("a str");
  return IsImported() ? value_->unknown().origin : value_->text();
}

std::vector<std::int64_t> ConfigNode::AsInts() const {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < RequireList().items().size(); ++i) {
    result.push_back((*this)[i].AsInt());
  }
  return result;
}

std::vector<double> ConfigNode::AsDoubles() const {
  std::vector<double> result;
  for (std::size_t i = 0; i < RequireList().items().size(); ++i) {
    result.push_back((*this)[i].AsDouble());
  }
  return result;
}

std::vector<std::string> ConfigNode::AsStrings() const {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < RequireList().items().size(); ++i) {
    result.push_back((*this)[i].AsString());
  }
  return result;
}

bool ConfigNode::Has(std::string_view key) const { return Find(key).has_value(); }

std::optional<ConfigNode> ConfigNode::Find(std::string_view key) const {
  const Entry* entry = RequireDict().mapping().Find(key);
  if (const auto& others = value_->mapping().others; entry == nullptr && others) {
    return ConfigNode(data_, &*others,
                      path_.empty() ? std::string(key) : path_ + "." + std::string(key));
  }
  if (entry == nullptr) {
    data_->missed[value_].emplace(key);
    return std::nullopt;
  }
  if (entry->use == Use::kUnasked) entry->use = Use::kAsked;
  return ConfigNode(data_, &entry->value, JoinPath(path_, entry->key));
}

std::optional<ConfigNode> ConfigNode::FindGiven(std::string_view key) const {
  std::optional<ConfigNode> found = Find(key);
  if (found && found->IsNone()) found.reset();
  return found;
}

ConfigNode ConfigNode::operator[](std::string_view key) const {
  std::optional<ConfigNode> found = Find(key);
  if (!found) FailMissing(key);
  return *found;
}

std::vector<std::string> ConfigNode::Keys() const {
  std::vector<std::string> keys;
  for (const Entry& entry : RequireDict().mapping().entries()) {
    if (entry.key.Is(Kind::kString)) keys.push_back(entry.key.text());
  }
  return keys;
}

bool ConfigNode::Get(std::string_view key, bool fallback) const {
  const auto found = FindGiven(key);
  return found ? found->AsBool() : fallback;
}

std::int64_t ConfigNode::Get(std::string_view key, std::int64_t fallback) const {
  const auto found = FindGiven(key);
  return found ? found->AsInt() : fallback;
}

std::int64_t ConfigNode::Get(std::string_view key, int fallback) const {
  return Get(key, static_cast<std::int64_t>(fallback));
}

double ConfigNode::Get(std::string_view key, double fallback) const {
  const auto found = FindGiven(key);
  return found ? found->AsDouble() : fallback;
}

std::string ConfigNode::Get(std::string_view key, const std::string& fallback) const {
  const auto found = FindGiven(key);
  return found ? found->AsString() : fallback;
}

std::string ConfigNode::Get(std::string_view key, const char* fallback) const {
  return Get(key, std::string(fallback));
}

std::size_t ConfigNode::size() const {
  if (IsDict()) return value_->mapping().size();
  return RequireList().items().size();
}

ConfigNode ConfigNode::operator[](std::size_t index) const {
  const auto& items = RequireList().items();
  if (index >= items.size()) {
    Fail("element " + std::to_string(index) + " is needed, and there are " +
         std::to_string(items.size()));
  }
  return ConfigNode(data_, &items[index], path_ + "[" + std::to_string(index) + "]");
}

void ConfigNode::Ignore(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    if (const Entry* entry = RequireDict().mapping().Find(key)) {
      entry->use = Use::kIgnored;
    } else {
      data_->missed[value_].emplace(key);
    }
  }
}

void ConfigNode::RequireAllUsed() const {
  std::vector<Leftover> found;
  python::OnLargeStack([&] { CollectUnused(*value_, path_, found); });
  if (found.empty()) return;
  std::string message = Quote(found[0].path) + " is not understood: it would change the network";
  std::string text = data_->sources.Locate(found[0].at, message);
  for (std::size_t i = 1; i < std::min(found.size(), kMaxListedKeys); ++i) {
    text += "\nand " + Quote(found[i].path) + " at " + data_->sources.Place(found[i].at);
  }
  if (found.size() > kMaxListedKeys) {
    text += "\n... and " + std::to_string(found.size() - kMaxListedKeys) + " more";
  }
  throw ConfigError(std::move(text), Hint(*data_, found[0]));
}

std::string ConfigNode::place() const { return data_->sources.Place(value_->position()); }

std::vector<std::filesystem::path> ConfigNode::files() const {
  std::vector<std::filesystem::path> files;
  for (std::uint32_t source = 0; source < data_->sources.size(); ++source) {
    if (data_->sources.is_file(source)) files.emplace_back(data_->sources.name(source));
  }
  return files;
}

void ConfigNode::Fail(std::string_view message, std::string hint) const {
  const std::string subject = path_.empty() ? "" : Quote(path_) + ": ";
  data_->sources.Fail(value_->position(), subject + std::string(message), std::move(hint));
}

const Value& ConfigNode::RequireDict() const {
  if (!IsDict()) FailKind("a dict");
  return *value_;
}

const Value& ConfigNode::RequireList() const {
  if (!IsList()) FailKind("a list");
  return *value_;
}

void ConfigNode::FailKind(std::string_view expected) const {
  Fail("expected " + std::string(expected) + ", found " + python::KindText(value_->kind()));
}

void ConfigNode::FailMissing(std::string_view key) const {
  const std::vector<std::string> known = Keys();
  const std::string nearest = NearestName(key, known);
  Fail("the key " + Quote(key) + " is missing",
       nearest.empty() ? "" : "there is a key " + Quote(nearest));
}

}  // namespace yoloport::config
