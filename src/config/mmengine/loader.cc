#include "config/mmengine/loader.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "config/mmengine/bases.h"
#include "config/mmengine/lazy.h"
#include "config/mmengine/merge.h"
#include "config/mmengine/missing_base.h"
#include "config/mmengine/text_file.h"
#include "config/python/evaluator.h"
#include "config/python/limits.h"
#include "yoloport/error.h"

namespace yoloport::config::mmengine {
namespace {

namespace fs = std::filesystem;
using base::Quote;
using python::Entry;
using python::Evaluator;
using python::Expression;
using python::Kind;
using python::kMaxTotalFileBytes;
using python::Module;
using python::Syntax;
using python::TemplateText;
using python::Value;

constexpr std::string_view kBase = "_base_";
constexpr std::string_view kDeprecation = "_deprecation_";

// MMEngine's Config keeps these names for itself.
constexpr std::array<std::string_view, 4> kReserved = {"filename", "text", "pretty_text",
                                                       "env_variables"};

// What `_base_ = ...` gives in the first place where it stands, or nothing.
const Expression* BaseExpression(const Module& module) {
  for (const python::Statement& statement : module.statements) {
    if (statement.action != python::Action::kAssign) continue;
    const Expression& target = *statement.targets[0];
    if (target.syntax == Syntax::kName && target.name == kBase) return statement.value;
  }
  return nullptr;
}

// A module or a function: MMEngine keeps neither as a key.
bool IsCode(const Value& value) {
  if (!value.Is(Kind::kUnknown)) return false;
  const python::Nature nature = value.unknown().nature;
  return nature == python::Nature::kModule || nature == python::Nature::kFunction;
}

bool IsUrl(std::string_view text) { return text.find("://") != std::string_view::npos; }

}  // namespace

Value Loader::LoadFile(const fs::path& path) {
  std::string text = ReadTextFile(path);
  return LoadChecked(path, std::move(text));
}

Value Loader::LoadText(std::string text, std::string name) {
  CheckText(text, name);
  const std::uint32_t source = sources_.Add(std::move(name), std::move(text));
  const TemplateText unchanged(sources_, source, {});
  const Module module = python::ParseModule(heap_, unchanged);
  const Expression* base = BaseExpression(module);
  const python::Statement* read_base = FindReadBase(module);
  if (base != nullptr || read_base != nullptr) {
    heap_.Fail(base != nullptr ? base->position : read_base->position,
               "this text is no file, so it cannot have a _base_", "give the config file itself");
  }
  if (IsLazy(module)) return FinishedLazy(EvaluateLazy(module, {}));
  return Finished(Evaluator(heap_, std::nullopt).Run(module), heap_.ConfigDict({}));
}

// The text of a config file, checked and with its templates filled in.
TemplateText Loader::Open(const fs::path& path, std::string text) {
  const std::string extension = path.extension().string();
  if (extension == ".json" && text.starts_with("\xEF\xBB\xBF")) {
    throw ConfigError(Quote(path.native()) + ": a byte order mark, which JSON does not allow",
                      "save it as UTF-8 without one");
  }
  CheckText(text, path.native());
  if (extension == ".yaml" || extension == ".yml") {
    throw ConfigError(Quote(path.native()) + ": a YAML config, which is not supported",
                      "save it with MMEngine: Config.fromfile(FILE).dump('config.py')");
  }
  if (extension != ".py" && extension != ".json") {
    throw ConfigError(Quote(path.native()) + ": a config must be a .py or a .json file");
  }
  const std::uint32_t source = sources_.AddFile(path.string(), std::move(text));
  const std::size_t room = kMaxTotalFileBytes - bytes_;
  TemplateText substituted(sources_, source, fs::absolute(path).lexically_normal(), room);
  bytes_ += std::max(substituted.text().size(), sources_.text(source).size());
  if (bytes_ > kMaxTotalFileBytes) {
    throw ConfigError(Quote(path.native()) + ": the files of this config take more than " +
                      base::SizeText(kMaxTotalFileBytes));
  }
  return substituted;
}

Value Loader::LoadChecked(const fs::path& path, std::string text) {
  const TemplateText substituted = Open(path, std::move(text));
  chain_.push_back(path.lexically_normal());
  const Value result = path.extension() == ".json" ? EvaluateJson(substituted, path)
                                                   : EvaluatePython(substituted, path);
  chain_.pop_back();
  return result;
}

Value Loader::EvaluatePython(const TemplateText& text, const fs::path& path) {
  const Module module = python::ParseModule(heap_, text);
  if (IsLazy(module)) {
    if (chain_.size() > 1) {
      heap_.Fail(text.At(0),
                 "a lazy config (with read_base) cannot be the _base_ of one that is not",
                 "import it in the same way: with read_base(): from .NAME import *");
    }
    return FinishedLazy(EvaluateLazyText(text, path));
  }
  const Expression* spelled = BaseExpression(module);
  std::optional<Value> base;
  if (spelled != nullptr) {
    base = LoadBases(FindBases(Evaluator(heap_, std::nullopt).Evaluate(*spelled), path));
  }
  const Value own = Evaluator(heap_, base).Run(module);
  return Finished(own, base ? *base : heap_.ConfigDict({}));
}

Value Loader::EvaluateJson(const TemplateText& text, const fs::path& path) {
  const Module module = python::ParseJson(heap_, text);
  const Expression& document = *module.statements[0].value;
  if (document.syntax != Syntax::kDict) {
    heap_.Fail(document.position, "a config must be an object with keys");
  }
  // The bases come first: the rest may refer to them.
  std::optional<Value> base;
  for (std::size_t i = 0; i + 1 < document.children.size(); i += 2) {
    const Expression& key = *document.children[i];
    const bool is_base = key.syntax == Syntax::kConstant && key.constant.Is(Kind::kString) &&
                         key.constant.text() == kBase;
    if (!is_base) continue;
    const Value spelled = Evaluator(heap_, std::nullopt).Evaluate(*document.children[i + 1]);
    base = LoadBases(FindBases(spelled, path));
  }
  const Value own = Evaluator(heap_, base).Evaluate(document);
  return Finished(own, base ? *base : heap_.ConfigDict({}));
}

// The file's own names over its bases, without what is not for readers.
Value Loader::Finished(const Value& own, const Value& base) {
  const Value child = heap_.Dict(own.position());
  for (const Entry& entry : own.mapping().entries()) {
    const bool is_name = entry.key.Is(Kind::kString);
    const std::string_view name = is_name ? std::string_view(entry.key.text()) : "";
    if (!is_name) heap_.Fail(entry.key.position(), "a key of the config itself must be a string");
    if (name == kBase || name == kDeprecation || name.starts_with("__")) continue;
    if (IsCode(entry.value)) continue;
    heap_.Put(child.mapping(), entry.key, entry.value, entry.key.position());
  }
  child.mapping().others = own.mapping().others;
  NoteOthers(own);
  const bool is_plain = !base.Is(Kind::kUnknown) && !own.mapping().others;
  const Value copy = CopyTree(heap_, child);
  const Value result =
      is_plain ? Merge(heap_, copy, base, ListKeys::kRefused) : MergeUnsure(copy, base);
  if (chain_.size() <= 1) RefuseReserved(result);
  return result;
}

// Where code that is not run may have changed the base or bound any name of the child: names of the
// base may be of the child now, too, and what is merged with something unknown is not known.
Value Loader::MergeUnsure(const Value& child, const Value& base) {
  const std::optional<Value>& others = child.mapping().others;
  const Value why = base.Is(Kind::kUnknown) ? heap_.CopyUnknown(base.unknown()) : *others;
  const Value blurred = heap_.ConfigDict({});
  for (const Entry& entry : base.mapping().entries()) {
    const bool is_known = !base.Is(Kind::kUnknown) && child.mapping().Find(entry.key) != nullptr;
    heap_.Put(blurred.mapping(), entry.key, is_known ? entry.value : why, entry.key.position());
  }
  if (base.Is(Kind::kUnknown)) blurred.mapping().others = why;
  const Value result = Merge(heap_, child, blurred, ListKeys::kRefused);
  if (others) result.mapping().others = others;
  return result;
}

void Loader::NoteOthers(const Value& names) {
  const std::optional<Value>& others = names.mapping().others;
  if (!others) return;
  const python::Cause& cause = *others->unknown().cause;
  notes_.push_back(sources_.Place(cause.at) + ": " + cause.text +
                   ": all names are unknown, except those that are assigned afterwards");
}

// Names of a lazy config without those that are no keys.
Value Loader::FinishedLazy(const LazyConfig& lazy) {
  const Value result = heap_.ConfigDict({});
  for (const Entry& entry : lazy.names.mapping().entries()) {
    const std::string& name = entry.key.text();
    if (lazy.imported.contains(name) || IsCode(entry.value)) continue;
    heap_.Put(result.mapping(), entry.key, entry.value, entry.key.position());
  }
  result.mapping().others = lazy.names.mapping().others;
  NoteOthers(result);
  RefuseReserved(result);
  return result;
}

void Loader::RefuseReserved(const Value& config) const {
  for (const Entry& entry : config.mapping().entries()) {
    const std::string& name = entry.key.text();
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
      heap_.Fail(entry.key.position(), "the name " + Quote(name) + " is reserved by MMEngine");
    }
  }
}

// Lazy configs have no templates.
Loader::LazyConfig Loader::EvaluateLazyText(const TemplateText& text, const fs::path& path) {
  const TemplateText unchanged(sources_, text.At(0).source, {});
  return EvaluateLazy(python::ParseModule(heap_, unchanged), path);
}

Loader::LazyConfig Loader::EvaluateLazy(const Module& module, const fs::path& path) {
  if (const Expression* base = BaseExpression(module)) {
    heap_.Fail(base->position, "'_base_' in a lazy config, which imports its bases",
               "write with read_base(): from .NAME import *");
  }
  LazyConfig config{heap_.Dict({}), {}};
  std::map<std::string_view, LazyConfig> bases;
  if (const python::Statement* read_base = FindReadBase(module)) {
    for (const python::Statement& import : read_base->body) {
      if (import.action != python::Action::kImport || import.module.empty()) {
        heap_.Fail(import.position, "with read_base() holds imports of configs only",
                   "write from .NAME import *");
      }
      const auto found = bases.find(import.module);
      const LazyConfig& base =
          found != bases.end()
              ? found->second
              : bases.emplace(import.module, LoadLazyBase(import, path)).first->second;
      config.imported.insert(base.imported.begin(), base.imported.end());
      ImportFromBase(import, base.names, config.names);
    }
  }
  std::set<std::string_view> modules;
  for (const auto& [name, base] : bases) modules.insert(name);
  for (const std::string_view name : ImportedNames(module, modules)) config.imported.emplace(name);
  const Value own = Evaluator(heap_, std::nullopt).RunLazy(module, config.names, modules);
  config.names = heap_.ConfigDict({});
  config.names.mapping().others = own.mapping().others;
  for (const Entry& entry : own.mapping().entries()) {
    if (entry.key.text().starts_with("__")) continue;
    heap_.Put(config.names.mapping(), entry.key, CopyTree(heap_, entry.value),
              entry.key.position());
  }
  return config;
}

Loader::LazyConfig Loader::LoadLazyBase(const python::Statement& import, const fs::path& path) {
  if (++files_ > python::kMaxFiles) {
    heap_.Fail(import.position, "more than " + std::to_string(python::kMaxFiles) + " base files");
  }
  const fs::path base = FindModuleFile(sources_, import, path, packages_);
  CheckChain({base, "", import.position});
  std::string text;
  try {
    text = ReadTextFile(base);
  } catch (const FileError& error) {
    FailMissing(import.position, error.message() + Chain(base), "put it there");
  }
  const TemplateText opened = Open(base, std::move(text));
  chain_.push_back(base.lexically_normal());
  LazyConfig result = EvaluateLazyText(opened, base);
  chain_.pop_back();
  return result;
}

// from .base import *; from .base import a, b as c
void Loader::ImportFromBase(const python::Statement& import, const Value& base, const Value& into) {
  for (const python::NamedPlace& name : import.names) {
    if (name.name == "*") {
      into.mapping().others = base.mapping().others;
      for (const Entry& entry : base.mapping().entries()) {
        heap_.Put(into.mapping(), entry.key, entry.value, name.position);
      }
      return;
    }
    const std::string_view wanted = name.origin.substr(name.origin.rfind('.') + 1);
    const Value bound = heap_.String(std::string(name.name), name.position);
    const Entry* entry = heap_.Find(base.mapping(), wanted, name.position);
    if (const auto& others = base.mapping().others; entry == nullptr && others) {
      heap_.Put(into.mapping(), bound, *others, name.position);
      continue;
    }
    if (entry == nullptr) {
      heap_.Fail(name.position, "the config " + Quote(import.module) + " has no " + Quote(wanted));
    }
    heap_.Put(into.mapping(), bound, entry->value, name.position);
  }
}

Value Loader::LoadBases(const std::vector<Base>& bases) {
  const Value all = heap_.ConfigDict({});
  for (const Base& base : bases) {
    const Value loaded = CopyWithScope(heap_, LoadBase(base), base.scope);
    for (const Entry& entry : loaded.mapping().entries()) {
      if (const Entry* other = heap_.Find(all.mapping(), entry.key, base.at)) {
        heap_.Fail(base.at, "two bases have the key " + Quote(entry.key.text()) + ": " +
                                sources_.Place(other->key.position()) + " and " +
                                sources_.Place(entry.key.position()));
      }
      heap_.Put(all.mapping(), entry.key, entry.value, base.at);
    }
    if (const auto& others = loaded.mapping().others) heap_.Blur(all, *others, *others);
  }
  return all;
}

Value Loader::LoadBase(const Base& base) {
  CheckChain(base);
  std::string text;
  try {
    text = ReadTextFile(base.path);
  } catch (const FileError& error) {
    FailMissing(base.at, error.message() + Chain(base.path),
                "put it there, or say where the configs of its package are: --package-path " +
                    PackageOfPath(base.path.generic_string()) + "=DIR");
  }
  return LoadChecked(base.path, std::move(text));
}

void Loader::CheckChain(const Base& base) const {
  const fs::path path = base.path.lexically_normal();
  if (std::find(chain_.begin(), chain_.end(), path) != chain_.end()) {
    heap_.Fail(base.at, "the bases go in a circle" + Chain(path));
  }
  if (chain_.size() >= python::kMaxBaseDepth) {
    heap_.Fail(base.at, "more than " + std::to_string(python::kMaxBaseDepth) +
                            " files based on one another" + Chain(path));
  }
}

// " (a.py -> b.py -> c.py)", the files that led here.
std::string Loader::Chain(const fs::path& last) const {
  std::string out = " (";
  for (const fs::path& path : chain_) out += Quote(path.native()) + " -> ";
  return out + Quote(last.native()) + ")";
}

std::vector<Loader::Base> Loader::FindBases(const Value& spelled, const fs::path& path) {
  std::vector<Base> bases;
  if (!spelled.Is(Kind::kList)) return {FindBase(spelled, path)};
  for (const Value& item : spelled.items()) bases.push_back(FindBase(item, path));
  return bases;
}

Loader::Base Loader::FindBase(const Value& spelled, const fs::path& path) {
  if (++files_ > python::kMaxFiles) {
    heap_.Fail(spelled.position(),
               "more than " + std::to_string(python::kMaxFiles) + " base files");
  }
  if (spelled.Is(Kind::kUnknown)) {
    const python::Cause& cause = *spelled.unknown().cause;
    heap_.Fail(cause.at, "this decides which file is the base: " + cause.text,
               "write the path itself");
  }
  if (!spelled.Is(Kind::kString)) {
    heap_.Fail(spelled.position(),
               "a base must be a path, a str, not " + python::KindText(spelled.kind()));
  }
  const std::string& text = spelled.text();
  if (IsUrl(text)) {
    heap_.Fail(spelled.position(), "a base from the network is not fetched" + Chain(text),
               "download it and give its path");
  }
  const std::size_t mark = text.find(kPackageMark);
  if (mark != std::string::npos) {
    return {FindPackageFile(sources_, spelled, path, packages_), text.substr(0, mark),
            spelled.position()};
  }
  return {FindRelative(text, path), "", spelled.position()};
}

// Where it is not there, it may be a file of a package that was copied out of it, or come from
// another machine.
fs::path Loader::FindRelative(const std::string& spelled, const fs::path& path) {
  fs::path plain = (path.parent_path() / spelled).lexically_normal();
  std::error_code error;
  if (fs::exists(plain, error)) return plain;
  fs::path found = FindElsewhere(spelled, path, packages_);
  if (found.empty()) return plain;
  notes_.push_back("the base " + Quote(spelled) + " was not found; " + Quote(found.native()) +
                   " is taken for it");
  return found;
}

void Loader::FailMissing(python::Position at, const std::string& what, std::string hint) const {
  const std::string message = "the base cannot be read: " + what;
  throw MissingBase(sources_.Locate(at, message), std::move(hint));
}

}  // namespace yoloport::config::mmengine
