// The part of Evaluator that assigns, changes and deletes.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "config/python/evaluator.h"
#include "config/python/iteration.h"
#include "config/python/operators.h"

namespace yoloport::config::python {

// `old` op= `operand`, where one of them, or the result, is not known.
Value Evaluator::AugmentedUnsure(const Value& old, const Value& operand, const Value& why) {
  ApplyLater(why);
  if (old.Is(Kind::kUnknown)) {
    heap_.LetGo(old, why);
    heap_.LetGo(operand, why);
  } else if (old.Is(Kind::kList) || old.Is(Kind::kDict) || old.Is(Kind::kSet)) {
    heap_.Blur(old, why, operand);
    return old;
  }
  return Joined(why, {old, operand});
}

Value Evaluator::Augmented(const Statement& statement, const Value& old, const Value& operand) {
  try {
    heap_.RequireKnown(old);
    return AugmentedKnown(statement, old, operand);
  } catch (const Unevaluated& unevaluated) {
    heap_.BlurIterators(operand, unevaluated.value);
    return AugmentedUnsure(old, operand, unevaluated.value);
  }
}

// Lists and dicts change in place, so that all who share them see it; all else is bound anew.
Value Evaluator::AugmentedKnown(const Statement& statement, const Value& old,
                                const Value& operand) {
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
  if (index.syntax == Syntax::kSlice) heap_.GiveUp(index.position, "changing a slice");
  return Evaluate(index).At(index.position);
}

// What is put into something unknown may be changed by whoever else holds that.
void Evaluator::StoreUnsure(const Expression& target, const Value& object, const Value& value) {
  const std::string& origin = object.unknown().origin;
  if (target.syntax == Syntax::kAttribute && !origin.empty()) {
    keeps_modules_ &= !LeadsToModuleFunction(origin + "." + std::string(target.name));
  }
  heap_.LetGo(object, object);
  heap_.LetGo(value, object);
  ApplyLater(object);
}

void Evaluator::Store(const Expression& target, const Value& object, const Value& key,
                      const Value& value) {
  if (object.Is(Kind::kUnknown)) return StoreUnsure(target, object, value);
  try {
    StoreKnown(target, object, key, value);
  } catch (const Unevaluated& unevaluated) {  // which element is stored is not known
    heap_.Blur(object, unevaluated.value, value);
  }
}

void Evaluator::StoreKnown(const Expression& target, const Value& object, const Value& key,
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
  const auto& targets = target.children;
  const auto is_starred = [](const Expression* part) { return part->syntax == Syntax::kStarred; };
  if (value.Is(Kind::kUnknown)) {
    for (const Expression* part : targets) {
      Assign(is_starred(part) ? *part->children[0] : *part, Joined(value, {value}));
    }
    return;
  }
  const std::vector<Value> items = Iterate(heap_, value, target.position);
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
    if (!was_there) {
      LookUp(target);  // says what is wrong
      heap_.Fail(target.position, "this cannot be deleted");
    }
  } else {
    DeletePart(target);
  }
}

void Evaluator::DeletePart(const Expression& target) {
  const Value object = Evaluate(*target.children[0]);
  const Value key = TargetKey(target);
  if (object.Is(Kind::kUnknown)) return StoreUnsure(target, object, object);
  try {
    DeleteKnown(target, object, key);
  } catch (const Unevaluated& unevaluated) {
    heap_.Blur(object, unevaluated.value, unevaluated.value);
  }
}

void Evaluator::DeleteKnown(const Expression& target, const Value& object, const Value& key) {
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
