// The part of Evaluator that deals with code which is not run: what depends on it, and what it may
// have changed.
#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "config/python/evaluator.h"
#include "config/python/names.h"

namespace yoloport::config::python {
template <typename Code>
const Effects& Evaluator::EffectsFor(const Code& code) {
  const auto found = effects_.find(&code);
  if (found != effects_.end()) return found->second;
  const Effects& made = effects_.emplace(&code, EffectsOf(code)).first->second;
  heap_.ChargeSteps(made.cost, code.position);
  return made;
}

std::optional<Value> Evaluator::ValueOf(std::string_view name) {
  const auto is_it = [name](const Local& local) { return local.name == name; };
  const auto local = std::find_if(locals_.rbegin(), locals_.rend(), is_it);
  if (local != locals_.rend()) return local->value;
  if (const Entry* entry = globals_.mapping().Find(name)) return entry->value;
  return name == "_base_" ? base_ : std::nullopt;
}

std::vector<Value> Evaluator::Mentioned(const Effects& effects) {
  std::vector<Value> values;
  for (const std::string_view name : effects.mentioned) {
    if (auto value = ValueOf(name)) values.push_back(*value);
  }
  heap_.ChargeSteps(effects.mentioned.size(), {});
  return values;
}

// An unknown value that may be, or give access to, what `sources` do.
Value Evaluator::Joined(const Value& why, std::vector<Value> sources) {
  const auto is_plain = [](const Value& value) { return value.kind() < Kind::kUnknown; };
  std::erase_if(sources, is_plain);
  return heap_.MakeUnknown(why.unknown().cause, std::move(sources));
}

// Of an expression all parts of which were evaluated.
Value Evaluator::Derived(const Expression& expression, const Value& why) {
  std::vector<Value> sources = Mentioned(EffectsFor(expression));
  for (const Value& source : sources) heap_.BlurIterators(source, why);
  ApplyLater(why);
  sources.push_back(why);
  return Joined(why, std::move(sources));
}

Value Evaluator::Skip(const Expression& expression, const Value& why) {
  const Effects& effects = EffectsFor(expression);
  std::vector<Value> sources = Mentioned(effects);
  sources.push_back(why);
  Apply(effects, why);
  return Joined(why, std::move(sources));
}

Evaluator::Flow Evaluator::Skip(const Statement& statement, const Value& why) {
  const Effects& effects = EffectsFor(statement);
  Apply(effects, why);
  if (!effects.leaves_loop) return Flow::kNext;
  unsure_ = why;
  return Flow::kUnsure;
}

void Evaluator::Apply(const Effects& effects, const Value& why) {
  if (ReachesAll(effects)) {
    if (effects.defines) AddLater(effects, effects.bound_later);
    return ForgetAll(why);
  }
  if (effects.bound.contains("*")) ImportAll(why);
  const std::vector<Value> mentioned = Mentioned(effects);
  for (const Value& value : mentioned) heap_.BlurIterators(value, why);
  LetGoOf(effects, why);
  const bool was_replaced = std::any_of(effects.builtins.begin(), effects.builtins.end(),
                                        [&](std::string_view name) { return MayBeBound(name); });
  if (was_replaced) {
    for (const Value& value : mentioned) heap_.LetGo(value, why);
  }
  if (effects.defines) AddLater(effects, effects.bound_later);
  ApplyLater(why);
  Forget(effects, why, mentioned);
}

void Evaluator::LetGoOf(const Effects& effects, const Value& why) {
  for (const std::string_view name : effects.touched) {
    if (const auto value = ValueOf(name)) heap_.LetGo(*value, why);
  }
  std::vector<Value> containers;
  for (const std::string_view name : effects.parts_touched) {
    if (const auto value = ValueOf(name)) containers.push_back(*value);
  }
  LetGoOfParts(containers, why);
}

void Evaluator::LetGoOfParts(const std::vector<Value>& containers, const Value& why) {
  for (const Value& container : containers) {
    if (container.IsListOrTuple()) {
      for (const Value& item : std::vector<Value>(container.items())) heap_.LetGo(item, why);
    } else {
      heap_.LetGo(container, why);
    }
  }
}

// The names that code which is not run may have bound.
void Evaluator::Forget(const Effects& effects, const Value& why, std::vector<Value> sources) {
  if (effects.bound.empty()) return;
  sources.push_back(why);
  for (const std::string_view name : effects.bound) {
    if (const auto old = ValueOf(name)) sources.push_back(*old);
  }
  const Value forgotten = Joined(why, std::move(sources));
  for (const std::string_view name : effects.bound) {
    if (name == "*") continue;
    Value value = forgotten;
    // By an import or `def` alone: no key of a config.
    if (effects.defined.contains(name) && !ValueOf(name)) {
      value = heap_.MakeUnknown(why.unknown().cause, {forgotten});
      value.unknown().nature = Nature::kFunction;
    }
    const Position at = why.unknown().cause->at;
    heap_.Put(globals_.mapping(), heap_.String(std::string(name), at), value, at);
  }
}

// Whether code gets at all names of the config, by a builtin that the config has not replaced.
bool Evaluator::ReachesAll(const Effects& effects) {
  return std::any_of(effects.reaching.begin(), effects.reaching.end(),
                     [&](std::string_view name) { return !ValueOf(name); });
}

// Whether the config may have given the name of a builtin another meaning.
bool Evaluator::MayBeBound(std::string_view builtin) {
  const bool may_be_any = globals_.mapping().others.has_value() && !IsLastingBuiltin(builtin);
  return may_be_any || ValueOf(builtin).has_value();
}

// `from MODULE import *`, which MMEngine refuses in lazy configs.
void Evaluator::ImportAll(const Value& why) {
  if (is_lazy_) {
    heap_.Fail(why.unknown().cause->at, "a lazy config imports everything of its bases only",
               "write it below with read_base(), or name what is imported");
  }
  ForgetNames(why);
}

// Code that is not run may have bound any name.
void Evaluator::ForgetNames(const Value& why) {
  Mapping& names = globals_.mapping();
  heap_.ChargeSteps(names.size(), {});
  for (Entry& entry : names.entries()) {
    const bool was_forgotten = entry.value.Is(Kind::kUnknown) && entry.value.unknown().is_loose;
    if (!was_forgotten) entry.value = Joined(why, {entry.value, why});
  }
  if (!names.others) names.others = why;
}

// ... and have changed whatever they stand for, and may do so again whenever code is not run.
void Evaluator::ForgetAll(const Value& why) {
  ForgetNames(why);
  for (const Entry& entry : globals_.mapping().entries()) heap_.LetGo(entry.value, why);
  for (const Local& local : locals_) {
    if (local.value) heap_.LetGo(*local.value, why);
  }
  if (base_) heap_.LetGo(*base_, why);
  reaches_all_later_ = true;
}

// Whatever is not run may call a function that the config defined.
void Evaluator::ApplyLater(const Value& why) {
  if (reaches_all_later_) return ForgetAll(why);
  if (later_.touched.empty() && later_.parts_touched.empty() && later_.bound.empty()) return;
  heap_.ChargeSteps(later_.touched.size() + later_.parts_touched.size(), {});
  LetGoOf(later_, why);
  Forget(later_, why, {});
}

void Evaluator::AddLater(const Effects& effects, const std::set<std::string_view>& bound) {
  reaches_all_later_ |= ReachesAll(effects);
  later_.mentioned.insert(effects.mentioned.begin(), effects.mentioned.end());
  later_.touched.insert(effects.touched.begin(), effects.touched.end());
  later_.parts_touched.insert(effects.parts_touched.begin(), effects.parts_touched.end());
  later_.bound.insert(bound.begin(), bound.end());
}

Value Evaluator::MakeFunction(std::string_view name, Position at, const Effects& body,
                              std::vector<Value> defaults) {
  const Value why = heap_.MakeUnknown(base::Quote(name) + " is defined here, and not run", at);
  heap_.ChargeSteps(body.cost, at);
  AddLater(body, body.bound);
  const Value function = Joined(why, std::move(defaults));
  function.unknown().nature = Nature::kFunction;
  return function;
}

// A lambda, a generator, `await` and `yield`.
Value Evaluator::Unrun(const Expression& expression) {
  if (expression.syntax != Syntax::kFunction) {
    heap_.GiveUp(expression.position, "a generator, 'await' or 'yield' is not run");
  }
  std::vector<Value> defaults;
  for (std::size_t i = 0; i + 1 < expression.children.size(); ++i) {
    defaults.push_back(Evaluate(*expression.children[i]));
  }
  return MakeFunction("lambda", expression.position, EffectsOfBody(expression),
                      std::move(defaults));
}

// `def`: defaults and decorators are evaluated, the body is not.
void Evaluator::Define(const Statement& statement) {
  std::vector<Value> defaults;
  for (const Statement& part : statement.otherwise) defaults.push_back(Evaluate(*part.value));
  const NamedPlace& name = statement.names[0];
  const Value function =
      MakeFunction(name.name, name.position, EffectsOfBody(statement), std::move(defaults));
  if (statement.is_decorated) {  // the decorator may call it
    function.unknown().nature = Nature::kAny;
    ApplyLater(function);
  }
  heap_.Put(globals_.mapping(), heap_.String(std::string(name.name), name.position), function,
            name.position);
}

void Evaluator::Import(const Statement& statement) {
  if (bases_.contains(statement.module)) return;
  for (const NamedPlace& name : statement.names) {
    if (name.name == "*") {
      return ImportAll(heap_.MakeUnknown("everything of " + base::Quote(statement.module) +
                                             " is imported, and nothing of it is run",
                                         name.position));
    }
    const bool is_module = statement.module.empty();
    const bool is_config = name.origin.starts_with("mmengine.config");
    const bool is_lazy = is_lazy_ && !is_config && !IsPythonModule(name.origin);
    const bool is_function = is_config || IsModuleFunction(name.origin);
    const Nature nature = is_lazy     ? (is_module ? Nature::kLazyModule : Nature::kLazy)
                          : is_module ? Nature::kModule
                                      : (is_function ? Nature::kFunction : Nature::kAny);
    Value value = heap_.MakeImported(std::string(name.origin), nature, name.position);
    if (keeps_modules_ && !is_module) {
      value = ModuleConstant(name.origin, name.position).value_or(value);
    }
    heap_.Put(globals_.mapping(), heap_.String(std::string(name.name), name.position), value,
              name.position);
  }
}

}  // namespace yoloport::config::python
