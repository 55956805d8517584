// The part of Evaluator that runs statements.
#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "config/python/evaluator.h"
#include "config/python/iteration.h"
#include "config/python/operators.h"

namespace yoloport::config::python {
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
      for (const ImportedName& name : statement.names) {
        imported_.insert(name.name);
        const Value key = heap_.String(std::string(name.name), name.position);
        heap_.Erase(globals_.mapping(), key, name.position);
      }
      break;
    case Action::kPass:
      break;
  }
  if (statement.annotation != nullptr) CheckAnnotation(*statement.annotation);
}

// An annotation gives no value, but Python evaluates it: what it names must be there.
void Evaluator::CheckAnnotation(const Expression& annotation) {
  constexpr std::array<std::string_view, 6> kScalars = {"int",  "float", "str",
                                                        "bool", "bytes", "object"};
  constexpr std::array<std::string_view, 5> kGenerics = {"list", "tuple", "dict", "set", "type"};
  const auto is_in = [](const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  switch (annotation.syntax) {
    case Syntax::kConstant:
      return;
    case Syntax::kName: {
      const std::string_view name = annotation.name;
      const bool is_known =
          imported_.contains(name) || is_in(kScalars, name) || is_in(kGenerics, name);
      if (!is_known) LookUp(annotation);  // says that it is not there
      return;
    }
    case Syntax::kTuple:
    case Syntax::kList:
      for (const Expression* part : annotation.children) CheckAnnotation(*part);
      return;
    case Syntax::kAttribute:
    case Syntax::kSubscript: {
      const bool is_subscript = annotation.syntax == Syntax::kSubscript;
      const Expression& outer = *annotation.children[0];
      const bool is_generic = is_subscript && is_in(kGenerics, outer.name);
      if (outer.syntax != Syntax::kName || imported_.contains(outer.name) || is_generic) {
        for (const Expression* part : annotation.children) CheckAnnotation(*part);
        return;
      }
      break;
    }
    default:
      break;
  }
  heap_.Fail(annotation.position, "this annotation cannot be evaluated", "leave it out");
}

void Evaluator::ExecuteFor(const Statement& statement) {
  const Value iterable = Evaluate(*statement.value);
  Loop loop(heap_, iterable, statement.value->position);
  for (Value item; loop.Next(item);) {
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
  if (old.Is(Kind::kList) && statement.op == Op::kMultiply && operand.IsIntegral()) {
    old.items() = Binary(heap_, statement.op, old, operand, statement.position).items();
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
  if (target.syntax == Syntax::kName) {
    const Value old = Evaluate(target);
    Assign(target, Augmented(statement, old, Evaluate(*statement.value)));
    return;
  }
  const Value object = Evaluate(*target.children[0]);
  const bool is_attribute = target.syntax == Syntax::kAttribute;
  const Value key = TargetKey(target);
  const Value old = is_attribute ? AttributeOf(target, object)
                                 : Subscript(heap_, object, key, target.children[1]->position);
  Store(target, object, key, Augmented(statement, old, Evaluate(*statement.value)));
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
    default: {
      const Value object = Evaluate(*target.children[0]);
      Store(target, object, TargetKey(target), value);
    }
  }
}

// What names the part of an object that `target`, an attribute or subscript, is.
Value Evaluator::TargetKey(const Expression& target) {
  if (target.syntax == Syntax::kAttribute) {
    return heap_.String(std::string(target.name), target.position);
  }
  const Expression& index = *target.children[1];
  if (index.syntax == Syntax::kSlice) heap_.Fail(index.position, "a slice cannot be changed");
  return Evaluate(index).At(index.position);
}

void Evaluator::Store(const Expression& target, const Value& object, const Value& key,
                      const Value& value) {
  const bool is_config_dict = object.Is(Kind::kDict) && object.mapping().is_config_dict;
  if (target.syntax == Syntax::kAttribute &&
      (!is_config_dict || IsDictMethod(target.name) || target.name.starts_with("__"))) {
    heap_.Fail(target.position,
               "the attribute " + base::Quote(target.name) + " cannot be assigned to");
  }
  if (object.Is(Kind::kDict)) {
    StoreItem(heap_, object, key, value, key.position());
  } else if (object.Is(Kind::kList)) {
    object.items()[ListIndex(heap_, key, object.items().size(), key.position())] = value;
  } else {
    heap_.Fail(target.position, KindText(object.kind()) + " cannot be changed");
  }
}

void Evaluator::AssignName(const Expression& target, const Value& value) {
  if (Local* local = FindLocal(target)) {
    local->value = value;
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

void Evaluator::Delete(const Expression& target) {
  if (target.syntax == Syntax::kTuple || target.syntax == Syntax::kList) {
    for (const Expression* part : target.children) Delete(*part);
  } else if (target.syntax == Syntax::kName) {
    const Value name = heap_.String(std::string(target.name), target.position);
    const bool was_there = heap_.Erase(globals_.mapping(), name, target.position);
    if (!was_there) LookUp(target);  // says what is wrong
  } else {
    DeletePart(target);
  }
}

void Evaluator::DeletePart(const Expression& target) {
  const Value object = Evaluate(*target.children[0]);
  const Value key = TargetKey(target);
  if (target.syntax == Syntax::kAttribute) {
    AttributeOf(target, object);  // says what is wrong
  } else if (object.Is(Kind::kDict) || object.Is(Kind::kList)) {
    Subscript(heap_, object, key, key.position());  // the same
  } else {
    heap_.Fail(target.position, "this cannot be deleted");
  }
  if (object.Is(Kind::kDict)) {
    heap_.Erase(object.mapping(), key, target.position);
    return;
  }
  std::vector<Value>& items = object.items();
  const std::size_t at = ListIndex(heap_, key, items.size(), key.position());
  heap_.ChargeSteps(items.size(), target.position);
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace yoloport::config::python
