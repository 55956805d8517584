#include "config/mmengine/lazy.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "config/python/names.h"

namespace yoloport::config::mmengine {
namespace {

using python::Action;
using python::NamedPlace;
using python::Statement;

// MMEngine's own configs module is run, as Python's modules are.
bool IsRun(std::string_view module) {
  return python::IsPythonModule(module) || module.starts_with("mmengine.config");
}

bool ImportsOthers(const Statement& statement) {
  const std::string_view from = statement.module;
  if (from.empty()) {
    return std::any_of(statement.names.begin(), statement.names.end(),
                       [](const NamedPlace& name) { return !IsRun(name.origin); });
  }
  const bool is_config_class =
      from == "mmengine" && statement.names.size() == 1 && statement.names[0].name == "Config";
  return !is_config_class && !IsRun(from);
}

// Whether this statement decides what the config is.
std::optional<bool> Decides(const Statement& statement) {
  if (python::IsBaseAssignment(statement)) return false;
  if (statement.action == Action::kReadBase) return true;
  if (statement.action == Action::kImport && ImportsOthers(statement)) return true;
  return std::nullopt;
}

template <typename Visitor>
void VisitAll(const std::vector<Statement>& statements, const Visitor& visit) {
  for (const Statement& statement : statements) {
    visit(statement);
    VisitAll(statement.body, visit);
    VisitAll(statement.otherwise, visit);
  }
}

}  // namespace

// Level by level, as MMEngine looks.
bool IsLazy(const python::Module& module) {
  std::deque<const std::vector<Statement>*> blocks = {&module.statements};
  for (; !blocks.empty(); blocks.pop_front()) {
    for (const Statement& statement : *blocks.front()) {
      if (const auto decided = Decides(statement)) return *decided;
      blocks.push_back(&statement.body);
      blocks.push_back(&statement.otherwise);
    }
  }
  return false;
}

const Statement* FindReadBase(const python::Module& module) {
  const auto found = std::find_if(
      module.statements.begin(), module.statements.end(),
      [](const Statement& statement) { return statement.action == Action::kReadBase; });
  return found == module.statements.end() ? nullptr : &*found;
}

std::set<std::string_view> ImportedNames(const python::Module& module,
                                         const std::set<std::string_view>& bases) {
  std::set<std::string_view> names;
  VisitAll(module.statements, [&](const Statement& statement) {
    if (statement.action != Action::kImport || bases.contains(statement.module)) return;
    for (const NamedPlace& name : statement.names) {
      // MMEngine leaves `import os` among the keys; as a module it is none here.
      names.insert(name.name);
    }
  });
  return names;
}

}  // namespace yoloport::config::mmengine
