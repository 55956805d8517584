// The part of Evaluator that runs statements.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "config/evaluator.h"
#include "config/operators.h"

namespace yoloport::config {
namespace {

bool IsBaseAssignment(const Statement& statement) {
  return statement.action == Action::kAssign && statement.targets[0]->syntax == Syntax::kName &&
         statement.targets[0]->name == "_base_";
}

}  // namespace

Value Evaluator::Run(const Module& module) {
  ExecuteAll(module.statements);
  return globals_;
}

void Evaluator::ExecuteAll(const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) {
    if (!IsBaseAssignment(statement)) Execute(statement);
  }
}

void Evaluator::Execute(const Statement& statement) {
  heap_.ChargeSteps(1, statement.position);
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
      ExecuteAll(IsTrue(Evaluate(*statement.value)) ? statement.body : statement.otherwise);
      break;
    case Action::kFor:
      ExecuteFor(statement);
      break;
    case Action::kImport:
      imported_.insert(imported_.end(), statement.names.begin(), statement.names.end());
      for (const ImportedName& name : statement.names) {
        globals_.mapping().Erase(heap_.String(std::string(name.name), name.position));
      }
      break;
    case Action::kPass:
      break;
  }
}

void Evaluator::ExecuteFor(const Statement& statement) {
  const Value iterable = Evaluate(*statement.value);
  for (const Value& item : Iterate(heap_, iterable, statement.value->position)) {
    Assign(*statement.targets[0], item);
    ExecuteAll(statement.body);
  }
  ExecuteAll(statement.otherwise);
}

// Lists and dicts change in place, so that all who share them see it; all else is bound anew.
Value Evaluator::Augmented(const Statement& statement, const Value& old, const Value& operand) {
  Arguments arguments{{operand}, {}, statement.position};
  if (old.Is(Kind::kList) && statement.op == Op::kAdd) {
    CallMethod(heap_, old, "extend", arguments);
    return old;
  }
  if (old.Is(Kind::kDict) && statement.op == Op::kBitOr && !old.mapping().is_config_dict) {
    CallMethod(heap_, old, "update", arguments);
    return old;
  }
  return Binary(heap_, statement.op, old, operand, statement.position);
}

void Evaluator::Augment(const Statement& statement) {
  const Expression& target = *statement.targets[0];
  if (target.syntax == Syntax::kName || target.syntax == Syntax::kAttribute) {
    const Value old = Evaluate(target);
    Assign(target, Augmented(statement, old, Evaluate(*statement.value)));
    return;
  }
  if (target.syntax != Syntax::kSubscript || target.children[1]->syntax == Syntax::kSlice) {
    heap_.Fail(target.position, "this cannot be assigned to");
  }
  const Value object = Evaluate(*target.children[0]);
  const Expression& index = *target.children[1];
  const Value key = Evaluate(index);
  const Value old = Subscript(heap_, object, key, index.position);
  const Value result = Augmented(statement, old, Evaluate(*statement.value));
  if (object.Is(Kind::kDict)) {
    StoreItem(heap_, object, key.At(index.position), result, index.position);
  } else if (object.Is(Kind::kList)) {
    object.items()[ListIndex(heap_, key, object.items().size(), index.position)] = result;
  } else {
    heap_.Fail(target.position, KindText(object.kind()) + " cannot be changed");
  }
}

void Evaluator::Assign(const Expression& target, const Value& value) {
  switch (target.syntax) {
    case Syntax::kName:
      AssignName(target, value);
      break;
    case Syntax::kTuple:
    case Syntax::kList:
      AssignElements(target, value);
      break;
    case Syntax::kAttribute:
      AssignAttribute(target, value);
      break;
    case Syntax::kSubscript:
      AssignSubscript(target, value);
      break;
    default:
      heap_.Fail(target.position, "this cannot be assigned to");
  }
}

void Evaluator::AssignName(const Expression& target, const Value& value) {
  if (in_comprehension_) {
    locals_.emplace_back(target.name, value);
    return;
  }
  const Value name = heap_.String(std::string(target.name), target.position);
  heap_.Put(globals_.mapping(), name, value, target.position);
}

// a, *b, c = value
void Evaluator::AssignElements(const Expression& target, const Value& value) {
  const std::vector<Value> items = Iterate(heap_, value, target.position);
  const auto& targets = target.children;
  const auto is_starred = [](const Expression* part) { return part->syntax == Syntax::kStarred; };
  const auto stars = std::count_if(targets.begin(), targets.end(), is_starred);
  if (stars > 1) heap_.Fail(target.position, "two starred names in one assignment");
  const std::size_t least = targets.size() - static_cast<std::size_t>(stars);
  if (stars == 0 ? items.size() != least : items.size() < least) {
    heap_.Fail(target.position, std::to_string(items.size()) + " values for " +
                                    std::to_string(targets.size()) + " names");
  }
  std::size_t at = 0;
  for (const Expression* part : targets) {
    if (!is_starred(part)) {
      Assign(*part, items[at++]);
      continue;
    }
    const auto begin = items.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t count = items.size() - least;
    std::vector<Value> taken(begin, begin + static_cast<std::ptrdiff_t>(count));
    Assign(*part->children[0], heap_.List(std::move(taken), part->position));
    at += count;
  }
}

void Evaluator::AssignAttribute(const Expression& target, const Value& value) {
  const Value object = Evaluate(*target.children[0]);
  const bool is_config_dict = object.Is(Kind::kDict) && object.mapping().is_config_dict;
  if (!is_config_dict || IsDictMethod(target.name) || target.name.starts_with("__")) {
    heap_.Fail(target.position, "the attribute " + Quote(target.name) + " cannot be assigned to");
  }
  const Value key = heap_.String(std::string(target.name), target.position);
  StoreItem(heap_, object, key, value, target.position);
}

void Evaluator::AssignSubscript(const Expression& target, const Value& value) {
  const Value object = Evaluate(*target.children[0]);
  const Expression& index = *target.children[1];
  if (index.syntax == Syntax::kSlice) {
    heap_.Fail(index.position, "a slice cannot be assigned to");
  }
  const Value key = Evaluate(index);
  if (object.Is(Kind::kDict)) {
    StoreItem(heap_, object, key.At(index.position), value, index.position);
  } else if (object.Is(Kind::kList)) {
    object.items()[ListIndex(heap_, key, object.items().size(), index.position)] = value;
  } else {
    heap_.Fail(target.position, KindText(object.kind()) + " cannot be changed");
  }
}

void Evaluator::Delete(const Expression& target) {
  switch (target.syntax) {
    case Syntax::kName: {
      const Value name = heap_.String(std::string(target.name), target.position);
      heap_.ChargeSteps(globals_.mapping().size(), target.position);
      if (!globals_.mapping().Erase(name)) LookUp(target);  // says what is wrong
      break;
    }
    case Syntax::kAttribute:
      DeleteAttribute(target);
      break;
    case Syntax::kSubscript:
      DeleteSubscript(target);
      break;
    default:
      heap_.Fail(target.position, "this cannot be deleted");
  }
}

void Evaluator::DeleteAttribute(const Expression& target) {
  Attribute(target);  // says what is wrong
  const Value object = Evaluate(*target.children[0]);
  heap_.ChargeSteps(object.mapping().size(), target.position);
  object.mapping().Erase(heap_.String(std::string(target.name), target.position));
}

void Evaluator::DeleteSubscript(const Expression& target) {
  const Value object = Evaluate(*target.children[0]);
  const Expression& index = *target.children[1];
  if (index.syntax == Syntax::kSlice || !(object.Is(Kind::kDict) || object.Is(Kind::kList))) {
    heap_.Fail(target.position, "this cannot be deleted");
  }
  const Value key = Evaluate(index);
  Subscript(heap_, object, key, index.position);  // says what is wrong
  if (object.Is(Kind::kDict)) {
    heap_.ChargeSteps(object.mapping().size(), target.position);
    object.mapping().Erase(key);
  } else {
    std::vector<Value>& items = object.items();
    const std::size_t at = ListIndex(heap_, key, items.size(), index.position);
    heap_.ChargeSteps(items.size(), target.position);
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace yoloport::config
