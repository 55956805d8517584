// Runs a syntax tree: expressions to values, statements to a dict of names.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "config/ast.h"
#include "config/builtins.h"
#include "config/value.h"

namespace yoloport::config {

class Evaluator {
 public:
  // `base` is what `_base_` stands for (a ConfigDict), or nothing.
  Evaluator(Heap& heap, std::optional<Value> base);

  // The names a config binds, in the order they were first bound. Assignments to `_base_` are left
  // out: they say which files to read first and are evaluated by themselves. Throws ConfigError.
  Value Run(const Module& module);

  Value Evaluate(const Expression& expression);

 private:
  using Local = std::pair<std::string_view, Value>;

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
  void RunClauses(const Expression& expression, std::size_t clause, Value result);

  void Execute(const Statement& statement);
  void ExecuteAll(const std::vector<Statement>& statements);
  void ExecuteFor(const Statement& statement);
  void Augment(const Statement& statement);
  Value Augmented(const Statement& statement, const Value& old, const Value& operand);
  void Assign(const Expression& target, const Value& value);
  void AssignName(const Expression& target, const Value& value);
  void AssignElements(const Expression& target, const Value& value);
  void AssignAttribute(const Expression& target, const Value& value);
  void AssignSubscript(const Expression& target, const Value& value);
  void Delete(const Expression& target);
  void DeleteAttribute(const Expression& target);
  void DeleteSubscript(const Expression& target);

  Heap& heap_;
  std::optional<Value> base_;
  Value globals_;
  std::vector<Local> locals_;      // names of comprehensions, innermost last
  bool in_comprehension_ = false;  // targets bind locals
  std::vector<ImportedName> imported_;
};

}  // namespace yoloport::config
