// The part of ExpressionParser that reads brackets: displays, comprehensions, calls, subscripts.
#include <algorithm>
#include <span>

#include "base/text.h"
#include "config/python/expression_parser.h"
#include "config/python/repeated_name.h"

namespace yoloport::config::python {

void ExpressionParser::ReadClauses(Expression& comprehension) {
  int depth = comprehension.depth;
  const auto count = [&](const Expression* part) { depth = std::max(depth, part->depth + 1); };
  while (TakeKeyword("for")) {
    Clause clause{};
    clause.target = ReadTargetList();
    CheckTarget(*clause.target);
    if (!TakeKeyword("in")) FailExpected("'in'");
    clause.iterable = ReadOr();
    while (TakeKeyword("if")) clause.conditions.push_back(ReadOr());
    count(clause.target);
    count(clause.iterable);
    for (const Expression* condition : clause.conditions) count(condition);
    ++depth;  // the evaluator runs each clause within the one before
    CheckDepth(depth, comprehension.position);
    comprehension.clauses.push_back(std::move(clause));
  }
  comprehension.depth = static_cast<std::uint16_t>(depth);
}

// (), (a), (a, b): an empty tuple, a, a tuple.
const Expression* ExpressionParser::ReadParenthesized() {
  const Position at = Here();
  Advance();
  if (TakeOperator(")")) return &Make(Syntax::kTuple, at, {});
  const Expression* value = ReadExpressionList();
  if (IsKeyword("for")) {
    RefuseStar(*value);
    Expression& made = Make(Syntax::kGenerator, at, {value});
    ReadClauses(made);
    ExpectOperator(")");
    return &made;
  }
  ExpectOperator(")");
  if (value->syntax == Syntax::kTuple && value->position.offset > at.offset) {
    module_.expressions.back().position = at;  // a tuple just made: shown from its bracket
  }
  return value;
}

const Expression* ExpressionParser::ReadListDisplay() {
  const Position at = Here();
  Advance();
  Children elements;
  while (!IsOperator("]")) {
    elements.push_back(ReadStarOrExpression());
    if (elements.size() == 1 && IsKeyword("for")) {
      RefuseStar(*elements[0]);
      Expression& made = Make(Syntax::kListComprehension, at, std::move(elements));
      ReadClauses(made);
      ExpectOperator("]");
      return &made;
    }
    if (!TakeOperator(",") && !IsOperator("]")) FailExpected("',' or ']'");
  }
  Advance();
  return &Make(Syntax::kList, at, std::move(elements));
}

const Expression* ExpressionParser::ReadBraces() {
  const Position at = Here();
  Advance();
  if (IsOperator("}") || IsOperator("**")) return ReadDictDisplay(at);
  const Expression* first = ReadStarOrExpression();
  if (TakeOperator(":")) {
    const Expression* value = ReadExpression();
    if (IsKeyword("for")) {
      Expression& made = Make(Syntax::kDictComprehension, at, {first, value});
      ReadClauses(made);
      ExpectOperator("}");
      return &made;
    }
    if (!TakeOperator(",") && !IsOperator("}")) FailExpected("',' or '}'");
    const Expression* rest = ReadDictDisplay(at);
    Children children = {first, value};
    children.insert(children.end(), rest->children.begin(), rest->children.end());
    return &Make(Syntax::kDict, at, std::move(children));
  }
  Children elements = {first};
  if (IsKeyword("for")) {
    RefuseStar(*first);
    Expression& made = Make(Syntax::kSetComprehension, at, std::move(elements));
    ReadClauses(made);
    ExpectOperator("}");
    return &made;
  }
  while (TakeOperator(",") && !IsOperator("}")) elements.push_back(ReadStarOrExpression());
  ExpectOperator("}");
  return &Make(Syntax::kSet, at, std::move(elements));
}

// Entries up to the closing brace.
const Expression* ExpressionParser::ReadDictDisplay(Position at) {
  Children children;
  while (!IsOperator("}")) {
    const Position here = Here();
    if (TakeOperator("**")) {
      children.push_back(&Make(Syntax::kDoubleStarred, here, {ReadBinary(1)}));
      children.push_back(nullptr);
    } else {
      children.push_back(ReadExpression());
      ExpectOperator(":");
      children.push_back(ReadExpression());
    }
    if (!TakeOperator(",") && !IsOperator("}")) FailExpected("',' or '}'");
  }
  Advance();
  return &Make(Syntax::kDict, at, std::move(children));
}

void ExpressionParser::RefuseStar(const Expression& element) const {
  if (element.syntax == Syntax::kStarred) {
    Fail(element.position, "a starred expression cannot be in a comprehension");
  }
}

const Expression* ExpressionParser::ReadCall(const Expression* function) {
  const Position at = function->position;
  Advance();
  Children children = {function};
  while (!IsOperator(")")) {
    const Expression* argument = ReadArgument();
    if (IsKeyword("for")) {
      children.push_back(ReadGenerator(*argument, children.size() == 1));
      break;
    }
    children.push_back(argument);
    if (!TakeOperator(",") && !IsOperator(")")) FailExpected("',' or ')'");
  }
  ExpectOperator(")");
  CheckOrder(children);
  return &Make(Syntax::kCall, at, std::move(children));
}

const Expression* ExpressionParser::ReadBases() {
  return ReadCall(&Make(Syntax::kConstant, Here(), {}));
}

bool ExpressionParser::StartsWithItems() const {
  int depth = 0;
  for (std::size_t i = 0; Ahead(i).token != Token::kEnd; ++i) {
    const std::string_view text = Ahead(i).text;
    if (Ahead(i).token == Token::kOperator) {
      depth += text == "(" || text == "[" || text == "{" ? 1 : 0;
      depth -= text == ")" || text == "]" || text == "}" ? 1 : 0;
    }
    if (depth == 0) return false;
    if (depth == 1 && Ahead(i).token == Token::kName && text == "as") return true;
  }
  return false;
}

// f(x for x in y): the one argument.
const Expression* ExpressionParser::ReadGenerator(const Expression& element, bool is_first) {
  const bool is_value = element.syntax != Syntax::kStarred && element.syntax != Syntax::kKeyword &&
                        element.syntax != Syntax::kDoubleStarred;
  if (!is_first || !is_value) {
    Fail(Here(), "a generator must be the only argument",
         "write a list comprehension in square brackets");
  }
  Expression& made = Make(Syntax::kListComprehension, element.position, {&element});
  made.is_generator = true;
  ReadClauses(made);
  return &made;
}

// Values, then keywords, each once; `*` not behind `**`.
void ExpressionParser::CheckOrder(const Children& call) const {
  bool has_mapping = false;
  std::vector<std::string_view> names;
  std::vector<Position> places;
  for (const Expression* argument : std::span(call).subspan(1)) {
    if (argument->syntax == Syntax::kKeyword) {
      names.push_back(argument->name);
      places.push_back(argument->position);
    } else if (argument->syntax == Syntax::kDoubleStarred) {
      has_mapping = true;
    } else if (has_mapping || (!names.empty() && argument->syntax != Syntax::kStarred)) {
      Fail(argument->position, "an argument without a name behind one with a name");
    }
  }
  if (const auto repeated = RepeatedName(names)) {
    Fail(places[*repeated], "the key " + base::Quote(names[*repeated]) + " is given twice");
  }
}

const Expression* ExpressionParser::ReadArgument() {
  const Position at = Here();
  if (TakeOperator("*")) return &Make(Syntax::kStarred, at, {ReadExpression()});
  if (TakeOperator("**")) return &Make(Syntax::kDoubleStarred, at, {ReadExpression()});
  const bool is_keyword =
      current().token == Token::kName && Ahead(1).token == Token::kOperator && Ahead(1).text == "=";
  if (!is_keyword) return ReadNamedExpression();
  const std::string_view name = current().text;
  if (IsReservedWord(name)) Fail(at, base::Quote(name) + " is a word of the language, not a key");
  Advance();
  Advance();
  Expression& made = Make(Syntax::kKeyword, at, {ReadExpression()});
  made.name = name;
  return &made;
}

const Expression* ExpressionParser::ReadSubscript(const Expression* object) {
  const Position at = Here();
  Advance();
  Children indices = {ReadIndex()};
  const bool is_tuple = IsOperator(",");
  while (TakeOperator(",") && !IsOperator("]")) indices.push_back(ReadIndex());
  ExpectOperator("]");
  const Expression* index = indices[0];
  if (is_tuple) index = &Make(Syntax::kTuple, at, std::move(indices));
  return &Make(Syntax::kSubscript, at, {object, index});
}

// An expression, or a slice start:stop:step of which each part may be missing.
const Expression* ExpressionParser::ReadIndex() {
  const Position at = Here();
  const auto part = [&]() -> const Expression* {
    return IsOperator(":") || IsOperator("]") || IsOperator(",") ? nullptr : ReadExpression();
  };
  const Expression* start = part();
  if (!TakeOperator(":")) {
    if (start == nullptr) FailExpected("an index");
    return start;
  }
  const Expression* stop = part();
  const Expression* step = TakeOperator(":") ? part() : nullptr;
  return &Make(Syntax::kSlice, at, {start, stop, step});
}

}  // namespace yoloport::config::python
