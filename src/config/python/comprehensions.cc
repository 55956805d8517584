// The part of Evaluator that runs comprehensions and generators.
#include <algorithm>
#include <array>
#include <string>

#include "config/python/evaluator.h"
#include "config/python/iteration.h"

namespace yoloport::config::python {

Value Evaluator::Comprehension(const Expression& expression) {
  const Position at = expression.position;
  const Value result = expression.syntax == Syntax::kListComprehension  ? heap_.List({}, at)
                       : expression.syntax == Syntax::kSetComprehension ? heap_.Set(at)
                                                                        : heap_.Dict(at);
  Comprehend(expression, [&](const Value& element, const Value& value) {
    if (result.Is(Kind::kList)) {
      heap_.ChargeValues(1, at);
      result.items().push_back(element);
    } else {
      heap_.Put(result.mapping(), element, value, at);
    }
    return true;
  });
  return result;
}

// Only what the first clause goes over is evaluated outside: all names of the clauses are local.
void Evaluator::Comprehend(const Expression& expression, const Taker& take) {
  const Value first = Evaluate(*expression.clauses[0].iterable);
  const std::size_t outside = locals_.size();
  for (const Clause& clause : expression.clauses) DeclareLocals(*clause.target);
  heap_.ChargeSteps(locals_.size() - outside, expression.position);
  try {
    RunClauses(expression, 0, first, take);
  } catch (const Unevaluated&) {
    locals_.resize(outside);
    throw;
  }
  locals_.resize(outside);
}

void Evaluator::DeclareLocals(const Expression& target) {
  if (target.syntax == Syntax::kName) {
    locals_.push_back({target.name, std::nullopt});
  } else if (target.syntax == Syntax::kTuple || target.syntax == Syntax::kList ||
             target.syntax == Syntax::kStarred) {
    for (const Expression* part : target.children) DeclareLocals(*part);
  }
}

// Python's nested loops, one level a clause.
bool Evaluator::RunClauses(const Expression& expression, std::size_t clause, const Value& iterable,
                           const Taker& take) {
  const Clause& current = expression.clauses[clause];
  Loop loop(heap_, iterable, current.iterable->position);
  for (Value item; loop.Next(item);) {
    Assign(*current.target, item);
    const bool is_wanted = std::all_of(
        current.conditions.begin(), current.conditions.end(),
        [&](const Expression* condition) { return IsTrue(heap_, Evaluate(*condition)); });
    if (!is_wanted) continue;
    if (clause + 1 < expression.clauses.size()) {
      const Value inner = Evaluate(*expression.clauses[clause + 1].iterable);
      if (!RunClauses(expression, clause + 1, inner, take)) return false;
      continue;
    }
    const bool is_dict = expression.syntax == Syntax::kDictComprehension;
    const Value element = Evaluate(*expression.children[0]);
    if (!take(element, is_dict ? Evaluate(*expression.children[1]) : Value())) return false;
  }
  return true;
}

// What takes all elements of a generator at once cannot tell it from a list.
void Evaluator::CheckTakesAll(const Expression& call) {
  constexpr std::array<std::string_view, 9> kTakeAll = {"list", "tuple", "set", "dict", "sorted",
                                                        "sum",  "min",   "max", "join"};
  const std::string_view name = call.children[0]->name;
  if (std::find(kTakeAll.begin(), kTakeAll.end(), name) != kTakeAll.end()) return;
  heap_.GiveUp(call.children[1]->position, std::string(name) + "() of a generator is not computed");
}

Value Evaluator::ExtendBy(const Expression& call, const Value& list) {
  Comprehend(*call.children[1], [&](const Value& element, const Value&) {
    heap_.ChargeValues(1, call.position);
    list.items().push_back(element);
    return true;
  });
  return Value::None(call.position);
}

// any(... for ...) and all(... for ...) stop where the answer is known.
Value Evaluator::AnyOrAll(const Expression& call) {
  const bool stops_at = call.children[0]->name == "any";
  bool result = !stops_at;
  Comprehend(*call.children[1], [&](const Value& element, const Value&) {
    if (IsTrue(heap_, element) == stops_at) result = stops_at;
    return result != stops_at;
  });
  return Value::Bool(result, call.position);
}

}  // namespace yoloport::config::python
