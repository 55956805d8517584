// Functions of Python's modules that turn data into data: math, os.path, copy.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>
#include <string>

#include "config/python/builtins.h"
#include "config/python/iteration.h"
#include "config/python/operators.h"

namespace yoloport::config::python {
namespace {

double Number(Heap& heap, const Value& value, Position at) {
  if (!value.IsNumber()) heap.Fail(at, "expected a number, not " + KindText(value.kind()));
  return value.number();
}

const std::string& Path(Heap& heap, const Value& value, Position at) {
  if (!value.Is(Kind::kString)) heap.Fail(at, "expected a str, not " + KindText(value.kind()));
  heap.ChargeBytes(value.text().size(), at);
  return value.text();
}

// A function of real numbers that Python raises for where the result is none.
template <double (*kFunction)(double)>
Value Real(Heap& heap, const Arguments& arguments) {
  const double from = Number(heap, arguments.values[0], arguments.at);
  const double result = kFunction(from);
  if (std::isfinite(from) && !std::isfinite(result)) {
    heap.Fail(arguments.at, "this function has no value there");
  }
  return Value::Double(result, arguments.at);
}

// floor(), ceil() and trunc() give ints.
template <double (*kFunction)(double)>
Value Whole(Heap& heap, const Arguments& arguments) {
  const Value& value = arguments.values[0];
  if (value.IsIntegral()) return Value::Int(value.integer(), arguments.at);
  const double result = kFunction(Number(heap, value, arguments.at));
  Arguments number{{Value::Double(result, arguments.at)}, {}, arguments.at};
  return CallBuiltin(heap, "int", number);
}

Value Power(Heap& heap, const Arguments& arguments) {
  const double base = Number(heap, arguments.values[0], arguments.at);
  const double exponent = Number(heap, arguments.values[1], arguments.at);
  const double result = std::pow(base, exponent);
  if (std::isfinite(base) && std::isfinite(exponent) && !std::isfinite(result)) {
    heap.Fail(arguments.at, "math.pow() has no value there");
  }
  return Value::Double(result, arguments.at);
}

Value Logarithm(Heap& heap, const Arguments& arguments) {
  if (arguments.values.size() > 1) heap.GiveUp(arguments.at, "math.log() to a base");
  return Real<std::log>(heap, arguments);
}

// Paths as Python has them where it is not Windows.
Value JoinPath(Heap& heap, const Arguments& arguments) {
  std::string path = Path(heap, arguments.values[0], arguments.at);
  for (std::size_t i = 1; i < arguments.values.size(); ++i) {
    const std::string& part = Path(heap, arguments.values[i], arguments.at);
    if (part.starts_with('/')) {
      path = part;
    } else {
      if (!path.empty() && !path.ends_with('/')) path += '/';
      path += part;
    }
    heap.CheckStringSize(path.size(), arguments.at);
  }
  return heap.String(std::move(path), arguments.at);
}

std::size_t NameBegin(const std::string& path) { return path.rfind('/') + 1; }

Value BaseName(Heap& heap, const Arguments& arguments) {
  const std::string& path = Path(heap, arguments.values[0], arguments.at);
  return heap.String(path.substr(NameBegin(path)), arguments.at);
}

Value DirectoryName(Heap& heap, const Arguments& arguments) {
  const std::string& path = Path(heap, arguments.values[0], arguments.at);
  std::string head = path.substr(0, NameBegin(path));
  const std::size_t last = head.find_last_not_of('/');
  if (last != std::string::npos) head.resize(last + 1);
  return heap.String(std::move(head), arguments.at);
}

Value SplitExtension(Heap& heap, const Arguments& arguments) {
  const std::string& path = Path(heap, arguments.values[0], arguments.at);
  std::size_t dot = path.rfind('.');
  // Dots before the name's first other character begin no extension.
  const std::size_t first = path.find_first_not_of('.', NameBegin(path));
  if (dot == std::string::npos || first == std::string::npos || dot < first) dot = path.size();
  const Position at = arguments.at;
  return heap.Tuple({heap.String(path.substr(0, dot), at), heap.String(path.substr(dot), at)}, at);
}

Value DeepCopyOf(Heap& heap, const Arguments& arguments) {
  return DeepCopy(heap, arguments.values[0], arguments.at);
}

Value ShallowCopyOf(Heap& heap, const Arguments& arguments) {
  const Value& value = arguments.values[0];
  const bool has_copy = value.Is(Kind::kDict) || value.Is(Kind::kList);
  if (has_copy) return CallMethod(heap, value, "copy", {{}, {}, arguments.at});
  if (value.Is(Kind::kIterator) || value.Is(Kind::kView) || value.Is(Kind::kSet)) {
    heap.GiveUp(arguments.at, "copy.copy() of " + KindText(value.kind()));
  }
  return value;
}

struct Function {
  std::string_view name;
  Value (*function)(Heap&, const Arguments&);
  std::size_t least, most;
};

constexpr std::array<Function, 21> kFunctions = {{
    {"math.sqrt", Real<std::sqrt>, 1, 1},
    {"math.exp", Real<std::exp>, 1, 1},
    {"math.log", Logarithm, 1, 2},
    {"math.log2", Real<std::log2>, 1, 1},
    {"math.log10", Real<std::log10>, 1, 1},
    {"math.sin", Real<std::sin>, 1, 1},
    {"math.cos", Real<std::cos>, 1, 1},
    {"math.tan", Real<std::tan>, 1, 1},
    {"math.atan", Real<std::atan>, 1, 1},
    {"math.tanh", Real<std::tanh>, 1, 1},
    {"math.fabs", Real<std::fabs>, 1, 1},
    {"math.floor", Whole<std::floor>, 1, 1},
    {"math.ceil", Whole<std::ceil>, 1, 1},
    {"math.trunc", Whole<std::trunc>, 1, 1},
    {"math.pow", Power, 2, 2},
    {"os.path.join", JoinPath, 1, kMaxValues},
    {"os.path.basename", BaseName, 1, 1},
    {"os.path.dirname", DirectoryName, 1, 1},
    {"os.path.splitext", SplitExtension, 1, 1},
    {"copy.deepcopy", DeepCopyOf, 1, 1},
    {"copy.copy", ShallowCopyOf, 1, 1},
}};

struct Constant {
  std::string_view name;
  double value;
};

constexpr std::array<Constant, 5> kConstants = {
    {{"math.pi", std::numbers::pi},
     {"math.e", std::numbers::e},
     {"math.tau", 2 * std::numbers::pi},
     {"math.inf", std::numeric_limits<double>::infinity()},
     {"math.nan", std::numeric_limits<double>::quiet_NaN()}}};

const Function* FindFunction(std::string_view name) {
  const auto* const found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                         [name](const Function& f) { return f.name == name; });
  return found == kFunctions.end() ? nullptr : found;
}

class DeepCopier {
 public:
  DeepCopier(Heap& heap, Position at) : heap_(heap), at_(at) {}

  Value Copy(const Value& value, int depth) {
    heap_.CheckDepth(depth, at_);
    heap_.ChargeSteps(1, at_);
    switch (value.kind()) {
      case Kind::kUnknown:
        if (depth == 0) heap_.Unsure(value);
        return value;
      case Kind::kIterator:
      case Kind::kView:
        heap_.GiveUp(at_, "copy.deepcopy() of " + KindText(value.kind()));
      case Kind::kList:
      case Kind::kTuple:
      case Kind::kSet:
      case Kind::kDict:
        break;
      default:
        return value;
    }
    if (const auto done = done_.find(value.identity()); done != done_.end()) return done->second;
    return value.IsListOrTuple() ? CopySequence(value, depth) : CopyMapping(value, depth);
  }

 private:
  Value CopySequence(const Value& value, int depth) {
    const Value list = heap_.List({}, value.position());
    if (value.Is(Kind::kList)) done_.emplace(value.identity(), list);
    for (const Value& item : value.items()) {
      heap_.ChargeValues(1, at_);
      list.items().push_back(Copy(item, depth + 1));
    }
    if (value.Is(Kind::kList)) return list;
    const Value tuple = heap_.Tuple(list.items(), value.position());
    done_.emplace(value.identity(), tuple);
    return tuple;
  }

  Value CopyMapping(const Value& value, int depth) {
    const bool is_config_dict = value.mapping().is_config_dict;
    const Position at = value.position();
    const Value result = value.Is(Kind::kSet) ? heap_.Set(at)
                         : is_config_dict     ? heap_.ConfigDict(at)
                                              : heap_.Dict(at);
    done_.emplace(value.identity(), result);
    for (const Entry& entry : value.mapping().entries()) {
      heap_.Put(result.mapping(), entry.key, Copy(entry.value, depth + 1), at_);
    }
    return result;
  }

  Heap& heap_;
  Position at_;
  std::map<const void*, Value> done_;
};

}  // namespace

Value DeepCopy(Heap& heap, const Value& value, Position at) {
  return DeepCopier(heap, at).Copy(value, 0);
}

bool IsModuleFunction(std::string_view name) { return FindFunction(name) != nullptr; }

bool LeadsToModuleFunction(std::string_view name) {
  const auto leads = [name](const auto& row) {
    return row.name.starts_with(name) &&
           (row.name.size() == name.size() || row.name[name.size()] == '.');
  };
  return std::any_of(kFunctions.begin(), kFunctions.end(), leads) ||
         std::any_of(kConstants.begin(), kConstants.end(), leads);
}

std::optional<Value> CallModuleFunction(Heap& heap, std::string_view name,
                                        const Arguments& arguments) {
  const Function* found = FindFunction(name);
  if (found == nullptr) return std::nullopt;
  for (const Value& value : arguments.values) heap.RequireKnown(value);
  if (!arguments.keywords.empty()) heap.GiveUp(arguments.at, std::string(name) + "() by keyword");
  CheckArguments(heap, name, arguments, found->least, found->most);
  heap.ChargeSteps(1, arguments.at);
  return found->function(heap, arguments);
}

std::optional<Value> ModuleConstant(std::string_view name, Position at) {
  for (const Constant& constant : kConstants) {
    if (constant.name == name) return Value::Double(constant.value, at);
  }
  return std::nullopt;
}

}  // namespace yoloport::config::python
