// Runs a syntax tree: expressions to values, statements to a dict of names.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "config/python/ast.h"
#include "config/python/builtins.h"
#include "config/python/effects.h"
#include "config/python/value.h"

namespace yoloport::config::python {

// What is not evaluated - calls of functions that are not known, definitions, `try` - gives unknown
// values, and so does all that depends on them. What code that is not run may have changed becomes
// unknown, too (effects.h): a value that is known is the one that Python has.
class Evaluator {
 public:
  // `base` is what `_base_` stands for (a ConfigDict), or nothing.
  Evaluator(Heap& heap, std::optional<Value> base);

  // The names a config binds, in the order they were first bound; `others` of the dict where it may
  // have bound more. Assignments to `_base_` are left
  // out: they say which files to read first and are evaluated by themselves. Throws ConfigError.
  Value Run(const Module& module);

  // A lazy config of MMEngine: `names` are those that it imports from other configs, which are
  // `bases`, with their values. What it imports otherwise is data, its dotted name.
  Value RunLazy(const Module& module, const Value& names, std::set<std::string_view> bases);

  Value Evaluate(const Expression& expression);

 private:
  // How a block ends. kUnsure: perhaps by break or continue, so that the loop around it is not run.
  enum class Flow { kNext, kBreak, kContinue, kUnsure };

  // Takes the elements of a comprehension; false: no more are wanted.
  using Taker = std::function<bool(const Value& element, const Value& value)>;

  // A name of a comprehension; without a value until its clause is reached.
  struct Local {
    std::string_view name;
    std::optional<Value> value;
  };

  Value Compute(const Expression& expression);
  Value LookUp(const Expression& name);
  Value Undefined(const Expression& name);
  Value BaseReference(const Expression& expression);
  Value JoinedString(const Expression& expression);
  std::vector<Value> Elements(const Expression& expression);
  Value SetDisplay(const Expression& expression);
  Value DictDisplay(const Expression& expression);
  Value Boolean(const Expression& expression);
  Value Comparison(const Expression& expression);
  Value Conditional(const Expression& expression);
  Value Named(const Expression& expression);
  Value Unrun(const Expression& expression);
  Value Call(const Expression& expression);
  Value CallOfBuiltin(const Expression& call);
  Value CallOfMethod(const Expression& call);
  Value CallOfPart(const Expression& call, const Value& object);
  Value CallOfModule(const Expression& call, const std::string& name);
  Value CallOfUnknown(const Expression& call, const Value& function);
  Value LetGoOfCall(const Value& function, const Arguments& arguments, const Value& why);
  Arguments ReadArguments(const Expression& call);
  Value Attribute(const Expression& expression);
  Value SubscriptOf(const Expression& expression);
  Value Comprehension(const Expression& expression);
  void Comprehend(const Expression& expression, const Taker& take);
  bool RunClauses(const Expression& expression, std::size_t clause, const Value& iterable,
                  const Taker& take);
  void DeclareLocals(const Expression& target);
  Local* FindLocal(const Expression& name);
  Value AnyOrAll(const Expression& call);
  Value ExtendBy(const Expression& call, const Value& list);
  void CheckTakesAll(const Expression& call);

  Flow Execute(const Statement& statement);
  Flow Do(const Statement& statement);
  Flow ExecuteAll(const std::vector<Statement>& statements);
  Flow ExecuteIf(const Statement& statement);
  Flow ExecuteFor(const Statement& statement);
  Flow ExecuteWhile(const Statement& statement);
  void Import(const Statement& statement);
  void Define(const Statement& statement);
  void Check(const Statement& statement);
  void Augment(const Statement& statement);
  Value Augmented(const Statement& statement, const Value& old, const Value& operand);
  Value AugmentedKnown(const Statement& statement, const Value& old, const Value& operand);
  Value AugmentedUnsure(const Value& old, const Value& operand, const Value& why);
  void Assign(const Expression& target, const Value& value);
  void Store(const Expression& target, const Value& object, const Value& key, const Value& value);
  void StoreKnown(const Expression& target, const Value& object, const Value& key,
                  const Value& value);
  void StoreUnsure(const Expression& target, const Value& object, const Value& value);
  void AssignName(const Expression& target, const Value& value);
  void AssignElements(const Expression& target, const Value& value);
  Value AttributeOf(const Expression& expression, const Value& object);
  Value TargetKey(const Expression& target);
  void Delete(const Expression& target);
  void DeletePart(const Expression& target);
  void DeleteKnown(const Expression& target, const Value& object, const Value& key);

  // Code that is not run. `why`: an unknown value.
  template <typename Code>
  const Effects& EffectsFor(const Code& code);
  Flow Skip(const Statement& statement, const Value& why);
  Value Skip(const Expression& expression, const Value& why);
  Value Derived(const Expression& expression, const Value& why);
  Value Joined(const Value& why, std::vector<Value> sources);
  void Apply(const Effects& effects, const Value& why);
  void ApplyLater(const Value& why);
  bool ReachesAll(const Effects& effects);
  bool MayBeBound(std::string_view builtin);
  void ImportAll(const Value& why);
  void ForgetNames(const Value& why);
  void ForgetAll(const Value& why);
  void LetGoOf(const Effects& effects, const Value& why);
  void LetGoOfParts(const std::vector<Value>& containers, const Value& why);
  void Forget(const Effects& effects, const Value& why, std::vector<Value> sources);
  std::vector<Value> Mentioned(const Effects& effects);
  std::optional<Value> ValueOf(std::string_view name);
  Value MakeFunction(std::string_view name, Position at, const Effects& body,
                     std::vector<Value> defaults);
  void AddLater(const Effects& effects, const std::set<std::string_view>& bound);

  Heap& heap_;
  std::optional<Value> base_;
  Value globals_;
  std::vector<Local> locals_;  // names of comprehensions, innermost last
  Value unsure_;               // why a loop is Flow::kUnsure
  bool is_lazy_ = false;
  std::set<std::string_view> bases_;        // modules whose names a lazy config has from the start
  bool keeps_modules_ = true;               // nothing was stored in a module
  std::map<const void*, Effects> effects_;  // of code that was not run
  bool reaches_all_later_ = false;          // of such functions one may reach all names
  Effects later_;  // of functions that were defined: whoever runs unknown code may call them
};

}  // namespace yoloport::config::python
