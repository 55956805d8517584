// Runs a syntax tree: expressions to values, statements to a dict of names.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "config/python/ast.h"
#include "config/python/builtins.h"
#include "config/python/value.h"

namespace yoloport::config::python {

class Evaluator {
 public:
  // `base` is what `_base_` stands for (a ConfigDict), or nothing.
  Evaluator(Heap& heap, std::optional<Value> base);

  // The names a config binds, in the order they were first bound. Assignments to `_base_` are left
  // out: they say which files to read first and are evaluated by themselves. Throws ConfigError.
  Value Run(const Module& module);

  Value Evaluate(const Expression& expression);

 private:
  // Takes the elements of a comprehension; false: no more are wanted.
  using Taker = std::function<bool(const Value& element, const Value& value)>;

  // A name of a comprehension; without a value until its clause is reached.
  struct Local {
    std::string_view name;
    std::optional<Value> value;
  };

  Value Compute(const Expression& expression);
  Value LookUp(const Expression& name);
  [[noreturn]] void FailUndefined(const Expression& name);
  Value BaseReference(const Expression& expression);
  Value JoinedString(const Expression& expression);
  std::vector<Value> Elements(const Expression& expression);
  Value SetDisplay(const Expression& expression);
  Value DictDisplay(const Expression& expression);
  Value Boolean(const Expression& expression);
  Value Comparison(const Expression& expression);
  Value Call(const Expression& expression);
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
  void CheckTakesAll(const Expression& call) const;

  void Execute(const Statement& statement);
  void CheckAnnotation(const Expression& annotation);
  void ExecuteAll(const std::vector<Statement>& statements);
  void ExecuteFor(const Statement& statement);
  void Augment(const Statement& statement);
  Value Augmented(const Statement& statement, const Value& old, const Value& operand);
  void Assign(const Expression& target, const Value& value);
  void Store(const Expression& target, const Value& object, const Value& key, const Value& value);
  void AssignName(const Expression& target, const Value& value);
  void AssignElements(const Expression& target, const Value& value);
  Value AttributeOf(const Expression& expression, const Value& object);
  Value TargetKey(const Expression& target);
  void Delete(const Expression& target);
  void DeletePart(const Expression& target);

  Heap& heap_;
  std::optional<Value> base_;
  Value globals_;
  std::vector<Local> locals_;  // names of comprehensions, innermost last
  std::set<std::string_view> imported_;
};

}  // namespace yoloport::config::python
