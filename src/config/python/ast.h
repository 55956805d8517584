// The syntax tree of a config.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "config/python/value.h"

namespace yoloport::config::python {

enum class Op : std::uint8_t {
  kNone,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kPower,  // binary
  kShiftLeft,
  kShiftRight,
  kBitAnd,
  kBitOr,
  kBitXor,
  kMatrixMultiply,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,  // comparison
  kIs,
  kIsNot,
  kIn,
  kNotIn,
  kNegate,
  kPlus,
  kInvert,
  kNot,  // unary
  kAnd,
  kOr,
};

enum class Syntax : std::uint8_t {
  kConstant,       // constant
  kName,           // name
  kBaseReference,  // name: the dotted path of {{ _base_.NAME }}
  kJoinedString,   // children: constants and kFormatted
  kFormatted,      // {value!r:spec} - children: value; name: spec; conversion
  kList,
  kTuple,
  kSet,   // children: elements, which may be kStarred
  kDict,  // children: key, value, key, value ... or kDoubleStarred, nullptr
  kStarred,
  kDoubleStarred,  // children: value
  kUnary,          // op; children: operand
  kBinary,         // op; children: left, right
  kBoolean,        // op; children: two or more operands
  kCompare,        // children: the operands; operators: one between each two
  kConditional,    // children: value, condition, otherwise
  kCall,           // children: function, then arguments: values, kStarred, kKeyword, kDoubleStarred
  kKeyword,        // name; children: value
  kAttribute,      // name; children: object
  kSubscript,      // children: object, index
  kSlice,          // children: start, stop, step, each of which may be nullptr
  kFunction,       // a lambda: names: parameters; children: defaults, the body last
  kGenerator,      // children: element; clauses - one that is not used up at once
  kNamed,          // NAME := value - name; children: value
  kWait,           // await, yield: children: values
  kListComprehension,
  kSetComprehension,   // children: element; clauses
  kDictComprehension,  // children: key, value; clauses
};

struct Expression;

// `for target in iterable if condition if ...`
struct Clause {
  const Expression* target;
  const Expression* iterable;
  std::vector<const Expression*> conditions;
};

struct Expression {
  Syntax syntax;
  Op op = Op::kNone;
  bool is_generator = false;  // a comprehension without brackets: f(x for x in y)
  char conversion = 0;        // of kFormatted: 'r', 's' or 0
  std::uint16_t depth = 1;    // levels of expressions below, this one included
  Position position;
  std::string_view name;  // a view into the text
  Value constant;
  std::vector<const Expression*> children;
  std::vector<Op> operators;
  std::vector<Clause> clauses;
  std::vector<std::string_view> names;
};

enum class Action : std::uint8_t {
  kExpression,  // value
  kAssign,      // targets = value
  kAugment,     // targets[0] op= value
  kDelete,      // targets
  kIf,          // value; body, otherwise
  kFor,         // targets[0] in value; body, otherwise
  kWhile,       // value; body, otherwise
  kBreak,
  kContinue,
  kImport,    // names, with the module of `from` in `module`
  kReadBase,  // `with read_base():` - body: imports
  kFunction,  // names[0], then the parameters; otherwise: defaults, decorators; body
  kClass,     // names[0]; otherwise: bases, decorators; body
  kBlock,     // `with`, `try`, `match`: targets; body: all that is in it
  kGlobal,    // names
  kRaise,     // value, or nullptr
  kCheck,     // `assert`, `return`: value, or nullptr
  kPass,
};

struct NamedPlace {
  std::string_view name;
  Position position;
  std::string_view origin = {};  // of what is imported: a dotted name
};

struct Statement {
  Action action;
  Position position;
  Op op = Op::kNone;
  std::vector<const Expression*> targets = {};
  const Expression* value = nullptr;
  const Expression* annotation = nullptr;
  std::vector<Statement> body = {};
  std::vector<Statement> otherwise = {};
  std::vector<NamedPlace> names = {};
  std::string_view module = {};  // of kImport: behind `from`; of kBlock, kClass: the word itself
  bool is_decorated = false;     // a function
};

// `_base_ = ...`, which says which files to read first, wherever it stands.
inline bool IsBaseAssignment(const Statement& statement) {
  return statement.action == Action::kAssign && statement.targets[0]->syntax == Syntax::kName &&
         statement.targets[0]->name == "_base_";
}

// Expressions live as long as the module; strings of constants live in the heap the parser was
// given.
struct Module {
  std::deque<Expression> expressions;
  std::vector<Statement> statements;
};

}  // namespace yoloport::config::python
