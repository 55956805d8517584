// The part of Evaluator that runs statements.
#include <string>

#include "base/text.h"
#include "config/python/evaluator.h"
#include "config/python/iteration.h"

namespace yoloport::config::python {
Value Evaluator::Run(const Module& module) {
  ExecuteAll(module.statements);
  return globals_;
}

Value Evaluator::RunLazy(const Module& module, const Value& names,
                         std::set<std::string_view> bases) {
  is_lazy_ = true;
  bases_ = std::move(bases);
  for (const Entry& entry : names.mapping().entries()) {
    heap_.Put(globals_.mapping(), entry.key, entry.value, entry.key.position());
  }
  globals_.mapping().others = names.mapping().others;
  return Run(module);
}

Evaluator::Flow Evaluator::ExecuteAll(const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) {
    if (IsBaseAssignment(statement)) continue;
    const Flow flow = Execute(statement);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Evaluator::Flow Evaluator::Execute(const Statement& statement) {
  heap_.ChargeSteps(1, statement.position);
  try {
    return Do(statement);
  } catch (const Unevaluated& unevaluated) {
    return Skip(statement, unevaluated.value);
  }
}

Evaluator::Flow Evaluator::Do(const Statement& statement) {
  switch (statement.action) {
    case Action::kExpression:
      Evaluate(*statement.value);
      break;
    case Action::kAssign: {
      const Value value = Evaluate(*statement.value);
      for (const Expression* target : statement.targets) Assign(*target, value);
      break;
    }
    case Action::kAugment:
      Augment(statement);
      break;
    case Action::kDelete:
      for (const Expression* target : statement.targets) Delete(*target);
      break;
    case Action::kIf:
      return ExecuteIf(statement);
    case Action::kFor:
      return ExecuteFor(statement);
    case Action::kWhile:
      return ExecuteWhile(statement);
    case Action::kBreak:
      return Flow::kBreak;
    case Action::kContinue:
      return Flow::kContinue;
    case Action::kImport:
      Import(statement);
      break;
    case Action::kFunction:
      Define(statement);
      break;
    case Action::kRaise:
    case Action::kCheck:
      Check(statement);
      break;
    case Action::kReadBase:
      for (const Statement& import : statement.body) Execute(import);
      break;
    case Action::kClass:
    case Action::kBlock: {
      const std::string what = base::Quote(statement.module);
      return Skip(statement, heap_.MakeUnknown(what + " is not run", statement.position));
    }
    case Action::kGlobal:
    case Action::kPass:
      break;
  }
  if (statement.annotation != nullptr) Evaluate(*statement.annotation);
  return Flow::kNext;
}

Evaluator::Flow Evaluator::ExecuteIf(const Statement& statement) {
  const Value condition = Evaluate(*statement.value);
  return ExecuteAll(IsTrue(heap_, condition) ? statement.body : statement.otherwise);
}

Evaluator::Flow Evaluator::ExecuteFor(const Statement& statement) {
  const Value iterable = Evaluate(*statement.value);
  Loop loop(heap_, iterable, statement.value->position);
  for (Value item; loop.Next(item);) {
    Assign(*statement.targets[0], item);
    const Flow flow = ExecuteAll(statement.body);
    if (flow == Flow::kUnsure) return Skip(statement, unsure_);
    if (flow == Flow::kBreak) return Flow::kNext;
  }
  return ExecuteAll(statement.otherwise);
}

Evaluator::Flow Evaluator::ExecuteWhile(const Statement& statement) {
  while (IsTrue(heap_, Evaluate(*statement.value))) {
    heap_.ChargeSteps(1, statement.position);
    const Flow flow = ExecuteAll(statement.body);
    if (flow == Flow::kUnsure) return Skip(statement, unsure_);
    if (flow == Flow::kBreak) return Flow::kNext;
  }
  return ExecuteAll(statement.otherwise);
}

// `raise`, or an `assert` that does not hold, in what is run: Python fails here, too.
void Evaluator::Check(const Statement& statement) {
  if (statement.action == Action::kRaise)
    heap_.Fail(statement.position, "the config raises an error");
  const Value value = Evaluate(*statement.value);
  if (!value.Is(Kind::kUnknown) && !IsTrue(heap_, value)) {
    heap_.Fail(statement.value->position, "this assertion does not hold");
  }
}

}  // namespace yoloport::config::python
