#include "config/python/expression_parser.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/python/limits.h"

namespace yoloport::config::python {
namespace {

struct BinaryOperator {
  std::string_view text;
  Op op;
  int strength;  // stronger binds first
};

constexpr std::array<BinaryOperator, 12> kBinaryOperators = {{
    {"|", Op::kBitOr, 1},
    {"^", Op::kBitXor, 2},
    {"&", Op::kBitAnd, 3},
    {"<<", Op::kShiftLeft, 4},
    {">>", Op::kShiftRight, 4},
    {"+", Op::kAdd, 5},
    {"-", Op::kSubtract, 5},
    {"*", Op::kMultiply, 6},
    {"/", Op::kDivide, 6},
    {"//", Op::kFloorDivide, 6},
    {"%", Op::kModulo, 6},
    {"@", Op::kMatrixMultiply, 6},
}};

struct NamedOperator {
  std::string_view text;
  Op op;
};

constexpr std::array<NamedOperator, 6> kComparisons = {{{"==", Op::kEqual},
                                                        {"!=", Op::kNotEqual},
                                                        {"<", Op::kLess},
                                                        {"<=", Op::kLessEqual},
                                                        {">", Op::kGreater},
                                                        {">=", Op::kGreaterEqual}}};

constexpr std::array<NamedOperator, 3> kUnaryOperators = {
    {{"-", Op::kNegate}, {"+", Op::kPlus}, {"~", Op::kInvert}}};

constexpr std::array<std::string_view, 35> kReservedWords = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

std::string Shown(const Lexeme& lexeme) {
  switch (lexeme.token) {
    case Token::kEnd:
      return "the end";
    case Token::kNewline:
      return "the end of the line";
    case Token::kIndent:
      return "more indentation";
    case Token::kDedent:
      return "less indentation";
    default:
      return base::Quote(lexeme.text, 40);
  }
}

}  // namespace

bool IsReservedWord(std::string_view name) {
  return std::find(kReservedWords.begin(), kReservedWords.end(), name) != kReservedWords.end();
}

ExpressionParser::ExpressionParser(Heap& heap, const TemplateText& text,
                                   std::vector<Lexeme> lexemes, Module& module)
    : heap_(heap), text_(text), lexemes_(std::move(lexemes)), module_(module) {}

void ExpressionParser::Fail(Position at, std::string_view message, std::string hint) const {
  heap_.Fail(at, message, std::move(hint));
}

void ExpressionParser::FailExpected(std::string_view what) const {
  Fail(Here(), "expected " + std::string(what) + ", found " + Shown(current()));
}

void ExpressionParser::CheckDepth(int depth, Position at) const {
  if (depth <= kMaxSyntaxDepth) return;
  Fail(at, "expressions within one another more than " + std::to_string(kMaxSyntaxDepth) +
               " levels deep");
}

const Lexeme& ExpressionParser::Ahead(std::size_t count) const {
  return lexemes_[std::min(at_ + count, lexemes_.size() - 1)];
}

bool ExpressionParser::IsOperator(std::string_view op) const {
  return current().token == Token::kOperator && current().text == op;
}

bool ExpressionParser::IsKeyword(std::string_view name) const {
  return current().token == Token::kName && current().text == name;
}

bool ExpressionParser::TakeOperator(std::string_view op) {
  if (!IsOperator(op)) return false;
  Advance();
  return true;
}

bool ExpressionParser::TakeKeyword(std::string_view name) {
  if (!IsKeyword(name)) return false;
  Advance();
  return true;
}

void ExpressionParser::ExpectOperator(std::string_view op) {
  if (!TakeOperator(op)) FailExpected(base::Quote(op));
}

// All nodes are made here, so that a tree built by a loop (1+1+1+...) is no deeper than the
// evaluator may recurse either.
Expression& ExpressionParser::Make(Syntax syntax, Position at, Children children) {
  int depth = 0;
  for (const Expression* child : children) {
    if (child != nullptr) depth = std::max<int>(depth, child->depth);
  }
  CheckDepth(depth + 1, at);
  Expression& made = module_.expressions.emplace_back();
  made.syntax = syntax;
  made.position = at;
  made.depth = static_cast<std::uint16_t>(depth + 1);
  made.children = std::move(children);
  return made;
}

const Expression* ExpressionParser::MakeString(std::string value, Position at) {
  Expression& made = Make(Syntax::kConstant, at, {});
  made.constant = heap_.String(std::move(value), at);
  return &made;
}

const Expression* ExpressionParser::ReadExpressionList() {
  const Position at = Here();
  Children elements = {ReadStarOrExpression()};
  if (!IsOperator(",")) {
    if (elements[0]->syntax == Syntax::kStarred) Fail(at, "a starred expression stands alone");
    return elements[0];
  }
  const auto ends = [&] {
    return current().token == Token::kNewline || AtEnd() || IsOperator("=") || IsOperator(")") ||
           IsOperator("]") || IsOperator(";") || IsOperator(":");
  };
  while (TakeOperator(",") && !ends()) elements.push_back(ReadStarOrExpression());
  return &Make(Syntax::kTuple, at, std::move(elements));
}

const Expression* ExpressionParser::ReadTargetList() {
  const Position at = Here();
  const auto read = [&]() -> const Expression* {
    const Position star = Here();
    if (TakeOperator("*")) return &Make(Syntax::kStarred, star, {ReadPostfix()});
    return ReadPostfix();
  };
  Children targets = {read()};
  if (!IsOperator(",")) return targets[0];
  while (TakeOperator(",") && !IsKeyword("in")) targets.push_back(read());
  return &Make(Syntax::kTuple, at, std::move(targets));
}

void ExpressionParser::CheckTarget(const Expression& target) const {
  const bool is_row = target.syntax == Syntax::kTuple || target.syntax == Syntax::kList;
  const bool is_fine = is_row || target.syntax == Syntax::kAttribute ||
                       target.syntax == Syntax::kSubscript ||
                       (target.syntax == Syntax::kName && target.name != "__debug__");
  if (!is_fine) Fail(target.position, "this cannot be assigned to");
  if (!is_row) return;
  int stars = 0;
  for (const Expression* part : target.children) {
    const bool is_starred = part->syntax == Syntax::kStarred;
    stars += is_starred ? 1 : 0;
    CheckTarget(is_starred ? *part->children[0] : *part);
  }
  if (stars > 1) Fail(target.position, "two starred names in one assignment");
}

const Expression* ExpressionParser::ReadStarOrExpression() {
  const Position at = Here();
  if (TakeOperator("*")) return &Make(Syntax::kStarred, at, {ReadBinary(1)});
  return ReadNamedExpression();
}

const Expression* ExpressionParser::ReadExpression() {
  const DepthGuard guard(*this);
  if (IsKeyword("lambda")) return ReadLambda();
  if (IsKeyword("yield")) return ReadYield();
  const Expression* value = ReadOr();
  if (!IsKeyword("if")) return value;
  const Position question = Here();
  Advance();
  const Expression* condition = ReadOr();
  if (!TakeKeyword("else")) FailExpected("'else'");
  const Expression* otherwise = ReadExpression();
  return &Make(Syntax::kConditional, question, {value, condition, otherwise});
}

const Expression* ExpressionParser::ReadNamedExpression() {
  const bool is_named = current().token == Token::kName && !IsReservedWord(current().text) &&
                        Ahead(1).token == Token::kOperator && Ahead(1).text == ":=";
  if (!is_named) return ReadExpression();
  const Position at = Here();
  const std::string_view name = current().text;
  Advance();
  Advance();
  Expression& made = Make(Syntax::kNamed, at, {ReadExpression()});
  made.name = name;
  return &made;
}

const Expression* ExpressionParser::ReadLambda() {
  const Position at = Here();
  Advance();
  std::vector<std::string_view> names;
  Children parts;
  ReadParameters(":", names, parts);
  ExpectOperator(":");
  parts.push_back(ReadExpression());
  Expression& made = Make(Syntax::kFunction, at, std::move(parts));
  made.names = std::move(names);
  return &made;
}

// `yield`, `yield value`, `yield from value`.
const Expression* ExpressionParser::ReadYield() {
  const Position at = Here();
  Advance();
  TakeKeyword("from");
  const bool ends = current().token == Token::kNewline || AtEnd() || IsOperator(")") ||
                    IsOperator("]") || IsOperator("}") || IsOperator(";");
  if (ends) return &Make(Syntax::kWait, at, {});
  return &Make(Syntax::kWait, at, {ReadExpressionList()});
}

// a, /, b: int = 1, *args, c, **kwargs
void ExpressionParser::ReadParameters(std::string_view end, std::vector<std::string_view>& names,
                                      std::vector<const Expression*>& parts) {
  const bool is_lambda = end == ":";
  while (!IsOperator(end)) {
    const bool is_mark = TakeOperator("/");
    const bool is_starred = !is_mark && (TakeOperator("*") || TakeOperator("**"));
    const bool stands_alone = is_mark || (is_starred && IsOperator(","));
    if (!stands_alone) {
      if (current().token != Token::kName || IsReservedWord(current().text)) {
        FailExpected("a parameter");
      }
      names.push_back(current().text);
      Advance();
      if (!is_lambda && TakeOperator(":")) parts.push_back(ReadExpression());
      if (TakeOperator("=")) parts.push_back(ReadExpression());
    }
    if (!TakeOperator(",") && !IsOperator(end)) FailExpected("',' or " + base::Quote(end));
  }
}

const Expression* ExpressionParser::MakeCall(const Expression* function) {
  return &Make(Syntax::kCall, function->position, {function});
}

const Expression* ExpressionParser::ReadOr() {
  const Expression* first = ReadAnd();
  if (!IsKeyword("or")) return first;
  const Position at = Here();
  Children operands = {first};
  while (TakeKeyword("or")) operands.push_back(ReadAnd());
  Expression& made = Make(Syntax::kBoolean, at, std::move(operands));
  made.op = Op::kOr;
  return &made;
}

const Expression* ExpressionParser::ReadAnd() {
  const Expression* first = ReadNot();
  if (!IsKeyword("and")) return first;
  const Position at = Here();
  Children operands = {first};
  while (TakeKeyword("and")) operands.push_back(ReadNot());
  Expression& made = Make(Syntax::kBoolean, at, std::move(operands));
  made.op = Op::kAnd;
  return &made;
}

const Expression* ExpressionParser::ReadNot() {
  if (!IsKeyword("not")) return ReadComparison();
  const DepthGuard guard(*this);
  const Position at = Here();
  Advance();
  Expression& made = Make(Syntax::kUnary, at, {ReadNot()});
  made.op = Op::kNot;
  return &made;
}

Op ExpressionParser::TakeComparison() {
  for (const NamedOperator& comparison : kComparisons) {
    if (TakeOperator(comparison.text)) return comparison.op;
  }
  if (TakeKeyword("in")) return Op::kIn;
  if (TakeKeyword("is")) return TakeKeyword("not") ? Op::kIsNot : Op::kIs;
  if (IsKeyword("not") && Ahead(1).text == "in") {
    Advance();
    Advance();
    return Op::kNotIn;
  }
  return Op::kNone;
}

const Expression* ExpressionParser::ReadComparison() {
  const Expression* first = ReadBinary(1);
  const Position at = Here();
  Children operands = {first};
  std::vector<Op> operators;
  for (Op op = TakeComparison(); op != Op::kNone; op = TakeComparison()) {
    operators.push_back(op);
    operands.push_back(ReadBinary(1));
  }
  if (operators.empty()) return first;
  Expression& made = Make(Syntax::kCompare, at, std::move(operands));
  made.operators = std::move(operators);
  return &made;
}

const Expression* ExpressionParser::ReadBinary(int weakest) {
  const Expression* left = ReadUnary();
  while (current().token == Token::kOperator) {
    const auto* const found =
        std::find_if(kBinaryOperators.begin(), kBinaryOperators.end(),
                     [&](const BinaryOperator& op) { return op.text == current().text; });
    if (found == kBinaryOperators.end() || found->strength < weakest) return left;
    const Position at = Here();
    Advance();
    const Expression* right = ReadBinary(found->strength + 1);
    Expression& made = Make(Syntax::kBinary, at, {left, right});
    made.op = found->op;
    left = &made;
  }
  return left;
}

const Expression* ExpressionParser::ReadUnary() {
  for (const NamedOperator& unary : kUnaryOperators) {
    if (!IsOperator(unary.text)) continue;
    const DepthGuard guard(*this);
    const Position at = Here();
    Advance();
    Expression& made = Make(Syntax::kUnary, at, {ReadUnary()});
    made.op = unary.op;
    return &made;
  }
  return ReadPower();
}

const Expression* ExpressionParser::ReadPower() {
  const Position start = Here();
  const bool waits = TakeKeyword("await");
  const Expression* base = ReadPostfix();
  if (waits) base = &Make(Syntax::kWait, start, {base});
  if (!IsOperator("**")) return base;
  const DepthGuard guard(*this);
  const Position at = Here();
  Advance();
  Expression& made = Make(Syntax::kBinary, at, {base, ReadUnary()});
  made.op = Op::kPower;
  return &made;
}

const Expression* ExpressionParser::ReadPostfix() {
  const Expression* value = ReadAtom();
  while (true) {
    if (IsOperator("(")) {
      value = ReadCall(value);
    } else if (IsOperator("[")) {
      value = ReadSubscript(value);
    } else if (IsOperator(".")) {
      Advance();
      if (current().token != Token::kName || IsReservedWord(current().text)) {
        FailExpected("a name");
      }
      const Position at = Here();
      Expression& made = Make(Syntax::kAttribute, at, {value});
      made.name = current().text;
      Advance();
      value = &made;
    } else {
      return value;
    }
  }
}

const Expression* ExpressionParser::ReadAtom() {
  const Position at = Here();
  switch (current().token) {
    case Token::kName:
      return ReadName();
    case Token::kNumber: {
      Expression& made = Make(Syntax::kConstant, at, {});
      made.constant = NumberLiteral(heap_, current(), at);
      Advance();
      return &made;
    }
    case Token::kString:
      return ReadStrings();
    case Token::kBaseReference: {
      Expression& made = Make(Syntax::kBaseReference, at, {});
      made.name = MatchBaseReference(current().text)->name;
      Advance();
      return &made;
    }
    case Token::kOperator:
      if (IsOperator("(")) return ReadParenthesized();
      if (IsOperator("[")) return ReadListDisplay();
      if (IsOperator("{")) return ReadBraces();
      if (TakeOperator("...")) {
        Expression& made = Make(Syntax::kConstant, at, {});
        made.constant = Value::Ellipsis(at);
        return &made;
      }
      break;
    default:
      break;
  }
  FailExpected("a value");
}

const Expression* ExpressionParser::ReadName() {
  const Position at = Here();
  const std::string_view name = current().text;
  const auto constant = [&](Value value) {
    Advance();
    Expression& made = Make(Syntax::kConstant, at, {});
    made.constant = value;
    return &made;
  };
  if (name == "None") return constant(Value::None(at));
  if (name == "True") return constant(Value::Bool(true, at));
  if (name == "False") return constant(Value::Bool(false, at));
  if (IsReservedWord(name)) FailExpected("a value");
  Expression& made = Make(Syntax::kName, at, {});
  made.name = name;
  Advance();
  return &made;
}

}  // namespace yoloport::config::python
