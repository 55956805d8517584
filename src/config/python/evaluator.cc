#include "config/python/evaluator.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "config/python/iteration.h"
#include "config/python/names.h"
#include "config/python/operators.h"
#include "config/python/python_text.h"
#include "yoloport/text.h"

namespace yoloport::config::python {
namespace {

using base::Quote;

constexpr std::string_view kBaseName = "_base_";

// Names of comprehensions that count as one step when one is looked up.
constexpr std::size_t kLocalsPerStep = 16;

bool IsDunder(std::string_view name) { return name.starts_with("__"); }

}  // namespace

Evaluator::Evaluator(Heap& heap, std::optional<Value> base)
    : heap_(heap), base_(base), globals_(heap.Dict({})) {}

Value Evaluator::Evaluate(const Expression& expression) {
  heap_.ChargeSteps(1, expression.position);
  try {
    return Compute(expression);
  } catch (const Unevaluated& unevaluated) {
    switch (expression.syntax) {
      case Syntax::kUnary:
      case Syntax::kBinary:
      case Syntax::kAttribute:
      case Syntax::kSubscript:
        return Derived(expression, unevaluated.value);  // all parts were evaluated
      default:
        return Skip(expression, unevaluated.value);
    }
  }
}

Value Evaluator::Compute(const Expression& expression) {
  const Position at = expression.position;
  switch (expression.syntax) {
    case Syntax::kConstant:
      return expression.constant;
    case Syntax::kName:
      return LookUp(expression);
    case Syntax::kBaseReference:
      return BaseReference(expression);
    case Syntax::kJoinedString:
      return JoinedString(expression);
    case Syntax::kList:
      return heap_.List(Elements(expression), at);
    case Syntax::kTuple:
      return heap_.Tuple(Elements(expression), at);
    case Syntax::kSet:
      return SetDisplay(expression);
    case Syntax::kDict:
      return DictDisplay(expression);
    case Syntax::kUnary:
      return Unary(heap_, expression.op, Evaluate(*expression.children[0]), at);
    case Syntax::kBinary: {
      const Value left = Evaluate(*expression.children[0]);
      return Binary(heap_, expression.op, left, Evaluate(*expression.children[1]), at);
    }
    case Syntax::kBoolean:
      return Boolean(expression);
    case Syntax::kCompare:
      return Comparison(expression);
    case Syntax::kConditional:
      return Conditional(expression);
    case Syntax::kNamed:
      return Named(expression);
    case Syntax::kFunction:
    case Syntax::kGenerator:
    case Syntax::kWait:
      return Unrun(expression);
    case Syntax::kCall:
      return Call(expression);
    case Syntax::kAttribute:
      return Attribute(expression);
    case Syntax::kSubscript:
      return SubscriptOf(expression);
    case Syntax::kListComprehension:
    case Syntax::kSetComprehension:
    case Syntax::kDictComprehension:
      return Comprehension(expression);
    default:
      heap_.Fail(at, "this cannot stand here");
  }
}

Value Evaluator::LookUp(const Expression& name) {
  if (const Local* local = FindLocal(name)) {
    if (local->value) return *local->value;
    heap_.Fail(name.position, "the name " + Quote(name.name) + " has no value yet");
  }
  if (const Entry* entry = heap_.Find(globals_.mapping(), name.name, name.position)) {
    return entry->value;
  }
  if (name.name == kBaseName && base_) return *base_;
  return Undefined(name);
}

Evaluator::Local* Evaluator::FindLocal(const Expression& name) {
  if (locals_.empty()) return nullptr;
  heap_.ChargeSteps(locals_.size() / kLocalsPerStep, name.position);
  for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
    if (local->name.size() != name.name.size()) continue;
    heap_.ChargeBytes(name.name.size(), name.position);
    if (local->name == name.name) return &*local;
  }
  return nullptr;
}

Value Evaluator::Undefined(const Expression& name) {
  const std::string shown = Quote(name.name);
  if (name.name == kBaseName) heap_.Fail(name.position, "there is no _base_ here");
  if (ReachesAllNames(name.name)) {
    const Value why = heap_.MakeUnknown(
        std::string(name.name) + "() is not run, and may change every name of the config",
        name.position);
    ForgetAll(why);
    return why;
  }
  if (const auto& others = globals_.mapping().others; others && !IsLastingBuiltin(name.name)) {
    return Joined(*others, {});
  }
  if (IsPythonBuiltin(name.name)) {
    return heap_.MakeUnknown(shown + " is a builtin; here it can only be called", name.position);
  }
  if (IsDunder(name.name)) {
    return heap_.MakeUnknown(shown + " is not available: a config is data", name.position);
  }
  std::vector<std::string> known;
  for (const Entry& entry : globals_.mapping().entries()) known.push_back(entry.key.text());
  const std::string nearest = NearestName(name.name, known);
  heap_.Fail(name.position, "the name " + shown + " is not defined",
             nearest.empty() ? "" : "did you mean " + nearest + "?");
}

Value Evaluator::BaseReference(const Expression& expression) {
  if (!base_) heap_.Fail(expression.position, "there is no _base_ here");
  Value value = *base_;
  std::string_view rest = expression.name;
  while (true) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    const std::string_view key = rest.substr(0, dot);
    heap_.RequireKnown(value);
    const Entry* entry =
        value.Is(Kind::kDict) ? heap_.Find(value.mapping(), key, expression.position) : nullptr;
    if (entry == nullptr) {
      heap_.Fail(expression.position, "the bases have no " + Quote(expression.name));
    }
    value = entry->value;
    if (dot == rest.size()) return value;
    rest.remove_prefix(dot + 1);
  }
}

Value Evaluator::JoinedString(const Expression& expression) {
  std::string out;
  for (const Expression* part : expression.children) {
    if (part->syntax == Syntax::kConstant) {
      out += part->constant.text();
    } else {
      Value value = Evaluate(*part->children[0]);
      if (part->op != Op::kNone) heap_.GiveUp(part->position, "this field of an f-string");
      if (part->conversion == 'r') value = heap_.String(Repr(heap_, value), part->position);
      if (part->conversion == 's') value = heap_.String(Str(heap_, value), part->position);
      out += Format(heap_, value, part->name, part->position);
    }
    heap_.CheckStringSize(out.size(), part->position);
  }
  return heap_.String(std::move(out), expression.position);
}

std::vector<Value> Evaluator::Elements(const Expression& expression) {
  std::vector<Value> values;
  values.reserve(expression.children.size());
  for (const Expression* child : expression.children) {
    if (child->syntax != Syntax::kStarred) {
      values.push_back(Evaluate(*child));
      continue;
    }
    const Value inner = Evaluate(*child->children[0]);
    const std::vector<Value> items = Iterate(heap_, inner, child->position);
    values.insert(values.end(), items.begin(), items.end());
    heap_.CheckRoom(values.size(), child->position);
  }
  return values;
}

Value Evaluator::SetDisplay(const Expression& expression) {
  const Value result = heap_.Set(expression.position);
  for (const Value& item : Elements(expression)) {
    heap_.Put(result.mapping(), item, Value(), item.position());
  }
  return result;
}

Value Evaluator::DictDisplay(const Expression& expression) {
  const Value result = heap_.Dict(expression.position);
  for (std::size_t i = 0; i < expression.children.size(); i += 2) {
    const Expression& first = *expression.children[i];
    if (first.syntax != Syntax::kDoubleStarred) {
      const Value key = Evaluate(first).At(first.position);
      heap_.Put(result.mapping(), key, Evaluate(*expression.children[i + 1]), first.position);
      continue;
    }
    const Value more = Evaluate(*first.children[0]);
    heap_.RequireKnown(more);
    if (!more.Is(Kind::kDict)) {
      heap_.Fail(first.position, "'**' needs a dict, not " + KindText(more.kind()));
    }
    for (const Entry& entry : more.mapping().entries()) {
      heap_.Put(result.mapping(), entry.key, entry.value, first.position);
    }
  }
  return result;
}

// Where it is not known which operand is the result, those that follow may or may not be evaluated.
Value Evaluator::Boolean(const Expression& expression) {
  const bool stops_at = expression.op == Op::kOr;
  Value value;
  for (std::size_t i = 0; i < expression.children.size(); ++i) {
    value = Evaluate(*expression.children[i]);
    if (value.Is(Kind::kUnknown) && i + 1 < expression.children.size()) {
      std::vector<Value> sources = {value};
      while (++i < expression.children.size()) {
        sources.push_back(Skip(*expression.children[i], value));
      }
      return Joined(value, std::move(sources));
    }
    if (i + 1 == expression.children.size() || IsTrue(heap_, value) == stops_at) break;
  }
  return value;
}

Value Evaluator::Conditional(const Expression& expression) {
  const Value condition = Evaluate(*expression.children[1]);
  if (condition.Is(Kind::kUnknown)) {
    return Joined(condition, {Skip(*expression.children[0], condition),
                              Skip(*expression.children[2], condition)});
  }
  return Evaluate(*expression.children[IsTrue(heap_, condition) ? 0 : 2]);
}

Value Evaluator::Comparison(const Expression& expression) {
  Value left = Evaluate(*expression.children[0]);
  for (std::size_t i = 0; i < expression.operators.size(); ++i) {
    const Value right = Evaluate(*expression.children[i + 1]);
    try {
      if (!Compare(heap_, expression.operators[i], left, right, expression.position)) {
        return Value::Bool(false, expression.position);
      }
    } catch (const Unevaluated& unevaluated) {
      for (i += 2; i < expression.children.size(); ++i) {
        Skip(*expression.children[i], unevaluated.value);
      }
      return Derived(expression, unevaluated.value);
    }
    left = right;
  }
  return Value::Bool(true, expression.position);
}

// NAME := value. What the name stood for before is let go of: the expression around it may hold it.
Value Evaluator::Named(const Expression& expression) {
  const Value value = Evaluate(*expression.children[0]);
  if (const auto old = ValueOf(expression.name)) {
    heap_.LetGo(*old, heap_.MakeUnknown("':=' replaces it", expression.position));
  }
  const Value name = heap_.String(std::string(expression.name), expression.position);
  heap_.Put(globals_.mapping(), name, value, expression.position);
  return value;
}

Value Evaluator::Attribute(const Expression& expression) {
  return AttributeOf(expression, Evaluate(*expression.children[0]));
}

Value Evaluator::AttributeOf(const Expression& expression, const Value& object) {
  const std::string shown = Quote(expression.name);
  if (object.Is(Kind::kUnknown)) {
    const Unknown& unknown = object.unknown();
    if (unknown.origin.empty()) heap_.Unsure(object);
    const std::string origin = unknown.origin + "." + std::string(expression.name);
    if (keeps_modules_) {
      if (const auto constant = ModuleConstant(origin, expression.position)) return *constant;
    }
    const bool is_lazy = unknown.nature == Nature::kLazy || unknown.nature == Nature::kLazyModule;
    return heap_.MakeImported(origin, is_lazy ? Nature::kLazy : Nature::kAny, expression.position);
  }
  if (IsDunder(expression.name)) {
    heap_.GiveUp(expression.position,
                 "the attribute " + shown + " is not available: a config is data");
  }
  if (IsMethod(object, expression.name)) {
    heap_.GiveUp(expression.position, shown + " is a method; here it can only be called");
  }
  if (!object.Is(Kind::kDict) || !object.mapping().is_config_dict) {
    heap_.Fail(expression.position, KindText(object.kind()) + " has no attribute " + shown,
               object.Is(Kind::kDict)
                   ? "only what _base_ gives has its keys as attributes; write [" + shown + "]"
                   : "");
  }
  const Entry* entry = heap_.Find(object.mapping(), expression.name, expression.position);
  if (entry != nullptr) return entry->value;
  std::vector<std::string> known;
  for (const Entry& other : object.mapping().entries()) {
    if (other.key.Is(Kind::kString)) known.push_back(other.key.text());
  }
  const std::string nearest = NearestName(expression.name, known);
  heap_.Fail(expression.position, "there is no key " + shown + " in this dict",
             nearest.empty() ? "" : "did you mean " + nearest + "?");
}

Value Evaluator::SubscriptOf(const Expression& expression) {
  const Value object = Evaluate(*expression.children[0]);
  const Expression& index = *expression.children[1];
  if (index.syntax != Syntax::kSlice) {
    return Subscript(heap_, object, Evaluate(index), index.position);
  }
  const auto part = [&](std::size_t i) {
    return index.children[i] == nullptr ? Value() : Evaluate(*index.children[i]);
  };
  const Value start = part(0);
  const Value stop = part(1);
  return Slice(heap_, object, start, stop, part(2), index.position);
}

}  // namespace yoloport::config::python
