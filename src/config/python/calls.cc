// The part of Evaluator that calls functions and methods, or does not.
#include <string>

#include "base/text.h"
#include "config/python/evaluator.h"
#include "config/python/iteration.h"
#include "config/python/names.h"

namespace yoloport::config::python {
namespace {

bool HasGenerator(const Expression& call) {
  return call.children.size() == 2 && call.children[1]->is_generator;
}

// "np.linspace", as far as it is made of names.
std::string CalleeText(const Expression& function) {
  if (function.syntax == Syntax::kName) return std::string(function.name);
  if (function.syntax != Syntax::kAttribute) return "...";
  return CalleeText(*function.children[0]) + "." + std::string(function.name);
}

Value WhyNotRun(Heap& heap, const Expression& call) {
  return heap.MakeUnknown(CalleeText(*call.children[0]) + "() is not run", call.position);
}

}  // namespace

Value Evaluator::Call(const Expression& expression) {
  const Expression& function = *expression.children[0];
  if (function.syntax == Syntax::kAttribute) return CallOfMethod(expression);
  const bool is_free =
      function.syntax == Syntax::kName && FindLocal(function) == nullptr && !ValueOf(function.name);
  if (is_free) return CallOfBuiltin(expression);
  const Value value = Evaluate(function);
  if (!value.Is(Kind::kUnknown)) {
    heap_.Fail(function.position, KindText(value.kind()) + " cannot be called");
  }
  return CallOfUnknown(expression, value);
}

Value Evaluator::CallOfBuiltin(const Expression& call) {
  const Expression& function = *call.children[0];
  const std::string_view name = function.name;
  if (MayBeBound(name) || ReachesAllNames(name)) {
    return CallOfUnknown(call, Undefined(function));
  }
  if (!IsBuiltin(name)) {
    const Value unknown = Undefined(function);
    const Arguments arguments = ReadArguments(call);
    if (name == "print") return Value::None(call.position);
    const Value why = WhyNotRun(heap_, call);
    return IsHarmlessBuiltin(name) ? Derived(call, why) : LetGoOfCall(unknown, arguments, why);
  }
  if (HasGenerator(call)) {
    if (name == "any" || name == "all") return AnyOrAll(call);
    CheckTakesAll(call);
  }
  const Arguments arguments = ReadArguments(call);
  try {
    return CallBuiltin(heap_, name, arguments);
  } catch (const Unevaluated& unevaluated) {
    if (arguments.Keyword("key") != nullptr) LetGoOfParts(arguments.values, unevaluated.value);
    return Derived(call, unevaluated.value);
  }
}

Value Evaluator::CallOfMethod(const Expression& call) {
  const Expression& function = *call.children[0];
  const Value object = Evaluate(*function.children[0]);
  if (object.Is(Kind::kUnknown)) return CallOfPart(call, object);
  const bool is_config_dict = object.Is(Kind::kDict) && object.mapping().is_config_dict;
  if (is_config_dict && !IsDictMethod(function.name)) {  // one of its keys
    const Entry* entry = heap_.Find(object.mapping(), function.name, function.position);
    if (entry != nullptr && entry->value.Is(Kind::kUnknown)) {
      return CallOfUnknown(call, entry->value);
    }
  }
  if (HasGenerator(call)) {
    if (object.Is(Kind::kList) && function.name == "extend") return ExtendBy(call, object);
    CheckTakesAll(call);
  }
  const Arguments arguments = ReadArguments(call);
  if (object.Is(Kind::kUnknown)) return LetGoOfCall(object, arguments, object);  // by an argument
  try {
    return CallMethod(heap_, object, function.name, arguments);
  } catch (const Unevaluated& unevaluated) {
    const Value result = Derived(call, unevaluated.value);
    if (IsReadingMethod(function.name)) return result;
    heap_.Blur(object, unevaluated.value, result);
    // Some change what is inside, or hand it to a function.
    const bool goes_inside = is_config_dict || !arguments.keywords.empty();
    if (goes_inside) heap_.LetGo(object, unevaluated.value);
    return result;
  }
}

// A method of something unknown, perhaps a function of a module.
Value Evaluator::CallOfPart(const Expression& call, const Value& object) {
  const Expression& function = *call.children[0];
  const std::string& origin = object.unknown().origin;
  if (origin.empty()) return CallOfUnknown(call, object);
  const std::string name = origin + "." + std::string(function.name);
  if (!keeps_modules_ || !IsModuleFunction(name)) {
    return CallOfUnknown(call, AttributeOf(function, object));
  }
  return CallOfModule(call, name);
}

Value Evaluator::CallOfModule(const Expression& call, const std::string& name) {
  const Arguments arguments = ReadArguments(call);
  try {
    return *CallModuleFunction(heap_, name, arguments);
  } catch (const Unevaluated& unevaluated) {
    return Derived(call, unevaluated.value);
  }
}

// It may change and keep all that it gets.
Value Evaluator::CallOfUnknown(const Expression& call, const Value& function) {
  const Unknown& unknown = function.unknown();
  if (keeps_modules_ && IsModuleFunction(unknown.origin)) return CallOfModule(call, unknown.origin);
  const Arguments arguments = ReadArguments(call);
  const bool has_name = !unknown.origin.empty() || unknown.nature != Nature::kAny;
  return LetGoOfCall(function, arguments, has_name ? WhyNotRun(heap_, call) : function);
}

// What comes of it may also be what a function of the config gives.
Value Evaluator::LetGoOfCall(const Value& function, const Arguments& arguments, const Value& why) {
  std::vector<Value> sources = arguments.values;
  for (const auto& [key, value] : arguments.keywords) sources.push_back(value);
  sources.push_back(function);
  for (const Value& source : sources) heap_.LetGo(source, why);
  ApplyLater(why);
  const std::vector<Value> mentioned = Mentioned(later_);
  sources.insert(sources.end(), mentioned.begin(), mentioned.end());
  return Joined(why, std::move(sources));
}

Arguments Evaluator::ReadArguments(const Expression& call) {
  Arguments arguments;
  arguments.at = call.position;
  bool has_mapping = false;
  const auto add = [&](const Value& key, const Value& value) {
    if (!key.Is(Kind::kString)) heap_.Fail(call.position, "the keys of '**' must be strings");
    heap_.ChargeSteps(1, call.position);
    arguments.keywords.emplace_back(key, value);
  };
  for (std::size_t i = 1; i < call.children.size(); ++i) {
    const Expression& child = *call.children[i];
    if (child.syntax == Syntax::kKeyword) {
      add(heap_.String(std::string(child.name), child.position), Evaluate(*child.children[0]));
    } else if (child.syntax == Syntax::kDoubleStarred) {
      has_mapping = true;
      const Value more = Evaluate(*child.children[0]);
      heap_.RequireKnown(more);
      if (!more.Is(Kind::kDict)) {
        heap_.Fail(child.position, "'**' needs a dict, not " + KindText(more.kind()));
      }
      for (const Entry& entry : more.mapping().entries()) add(entry.key, entry.value);
    } else if (child.syntax == Syntax::kStarred) {
      const Value inner = Evaluate(*child.children[0]);
      const std::vector<Value> items = Iterate(heap_, inner, child.position);
      arguments.values.insert(arguments.values.end(), items.begin(), items.end());
    } else {
      arguments.values.push_back(Evaluate(child));
    }
  }
  if (has_mapping) RefuseRepeatedKeywords(heap_, arguments);  // else the parser did
  return arguments;
}

}  // namespace yoloport::config::python
