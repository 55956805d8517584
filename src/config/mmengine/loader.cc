#include "config/mmengine/loader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/mmengine/merge.h"
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

// The configs folder of a package folder: an installed one keeps them in .mim, a checkout beside
// it.
fs::path ConfigFolder(const fs::path& folder) {
  std::error_code error;
  for (const fs::path& inside : {folder / ".mim" / "configs", folder / "configs"}) {
    if (fs::is_directory(inside, error)) return inside;
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
  if (const Expression* base = BaseExpression(module)) {
    heap_.Fail(base->position, "this text is no file, so it cannot have a _base_",
               "give the config file itself");
  }
  return Finished(Evaluator(heap_, std::nullopt).Run(module), heap_.ConfigDict({}));
}

Value Loader::LoadChecked(const fs::path& path, std::string text) {
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
  const TemplateText substituted(sources_, source, fs::absolute(path).lexically_normal(), room);
  bytes_ += std::max(substituted.text().size(), sources_.text(source).size());
  if (bytes_ > kMaxTotalFileBytes) {
    throw ConfigError(Quote(path.native()) + ": the files of this config take more than " +
                      base::SizeText(kMaxTotalFileBytes));
  }
  chain_.push_back(path.lexically_normal());
  const Value result =
      extension == ".json" ? EvaluateJson(substituted, path) : EvaluatePython(substituted, path);
  chain_.pop_back();
  return result;
}

Value Loader::EvaluatePython(const TemplateText& text, const fs::path& path) {
  const Module module = python::ParseModule(heap_, text);
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
    heap_.Put(child.mapping(), entry.key, entry.value, entry.key.position());
  }
  const Value result = Merge(heap_, CopyTree(heap_, child), base, ListKeys::kRefused);
  if (chain_.size() > 1) return result;
  for (const Entry& entry : result.mapping().entries()) {
    const std::string& name = entry.key.text();
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
      heap_.Fail(entry.key.position(), "the name " + Quote(name) + " is reserved by MMEngine");
    }
  }
  return result;
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
  }
  return all;
}

Value Loader::LoadBase(const Base& base) {
  CheckChain(base);
  std::string text;
  try {
    text = ReadTextFile(base.path);
  } catch (const FileError& error) {
    heap_.Fail(base.at, "the base cannot be read: " + error.message() + Chain(base.path));
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
  return {(path.parent_path() / text).lexically_normal(), "", spelled.position()};
}

fs::path FindPackageFile(const python::Sources& sources, const Value& spelled, const fs::path& path,
                         const PackagePaths& packages) {
  const std::string& text = spelled.text();
  const std::size_t mark = text.find(kPackageMark);
  const std::string package = text.substr(0, mark);
  const std::string name = text.substr(mark + kPackageMark.size());
  const auto given = packages.packages.find(package);
  if (given != packages.packages.end()) return ConfigFolder(given->second) / name;
  std::vector<fs::path> folders = packages.search;
  const fs::path installed = InstallFolder(fs::absolute(path).lexically_normal());
  if (!installed.empty()) folders.push_back(installed);
  std::error_code error;
  for (const fs::path& folder : folders) {
    const fs::path configs = folder / package / ".mim" / "configs";
    if (fs::is_directory(configs, error)) return configs / name;
  }
  sources.Fail(spelled.position(),
               "this config belongs to the package " + Quote(package) + ", which was not found",
               "say where its configs are with --package-path " + package + "=DIR");
}

}  // namespace yoloport::config::mmengine
