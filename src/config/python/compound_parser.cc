// The part of StatementParser that reads statements with blocks.
#include <algorithm>
#include <array>
#include <utility>

#include "config/python/limits.h"
#include "config/python/statement_parser.h"

namespace yoloport::config::python {
namespace {

// `expression` as a statement, or `target = expression`.
Statement Evaluation(const Expression* expression, const Expression* target = nullptr) {
  Statement statement{target == nullptr ? Action::kExpression : Action::kAssign,
                      expression->position};
  statement.value = expression;
  if (target != nullptr) statement.targets = {target};
  return statement;
}

void Append(std::vector<Statement>& to, std::vector<Statement> more) {
  for (Statement& statement : more) to.push_back(std::move(statement));
}

}  // namespace

bool StatementParser::IsCompound() const {
  constexpr std::array<std::string_view, 8> kWords = {"if",   "for", "while", "try",
                                                      "with", "def", "class", "async"};
  return parser_.IsOperator("@") || StartsMatch() ||
         (parser_.current().token == Token::kName &&
          std::find(kWords.begin(), kWords.end(), parser_.current().text) != kWords.end());
}

void StatementParser::ReadCompound(std::vector<Statement>& into) {
  parser_.TakeKeyword("async");
  if (parser_.IsKeyword("if")) {
    into.push_back(ReadIf());
  } else if (parser_.IsKeyword("for")) {
    into.push_back(ReadFor());
  } else if (parser_.IsKeyword("while")) {
    into.push_back(ReadWhile());
  } else if (parser_.IsKeyword("try")) {
    into.push_back(ReadTry());
  } else if (parser_.IsKeyword("with")) {
    into.push_back(ReadWith());
  } else if (parser_.IsKeyword("def")) {
    into.push_back(ReadFunction());
  } else if (parser_.IsKeyword("class")) {
    into.push_back(ReadClass());
  } else if (parser_.IsKeyword("match")) {
    into.push_back(ReadMatch());
  } else {
    into.push_back(ReadDecorated());
  }
}

void StatementParser::CheckDepth(int depth) const {
  if (depth > kMaxSyntaxDepth) parser_.Fail(parser_.Here(), "blocks nested too deeply");
}

std::vector<Statement> StatementParser::ReadBlock(Inside inside) {
  const Inside outside = std::exchange(inside_, inside);
  std::vector<Statement> body = ReadBlock();
  inside_ = outside;
  return body;
}

std::vector<Statement> StatementParser::ReadBlock() {
  parser_.ExpectOperator(":");
  std::vector<Statement> body;
  if (parser_.current().token != Token::kNewline) {
    if (IsCompound()) parser_.FailExpected("a new line");
    ReadStatement(body);
    return body;
  }
  parser_.Advance();
  if (parser_.current().token != Token::kIndent) parser_.FailExpected("an indented block");
  CheckDepth(++depth_);
  parser_.Advance();
  while (parser_.current().token != Token::kDedent) ReadStatement(body);
  parser_.Advance();
  --depth_;
  return body;
}

// From `if` or `elif`.
Statement StatementParser::ReadIf() {
  Statement statement{Action::kIf, parser_.Here()};
  parser_.Advance();
  statement.value = parser_.ReadNamedExpression();
  statement.body = ReadBlock();
  if (parser_.IsKeyword("elif")) {
    CheckDepth(++depth_);
    statement.otherwise.push_back(ReadIf());
    --depth_;
  } else if (parser_.TakeKeyword("else")) {
    statement.otherwise = ReadBlock();
  }
  return statement;
}

Statement StatementParser::ReadFor() {
  Statement statement{Action::kFor, parser_.Here()};
  parser_.Advance();
  statement.targets.push_back(parser_.ReadTargetList());
  parser_.CheckTarget(*statement.targets[0]);
  if (!parser_.TakeKeyword("in")) parser_.FailExpected("'in'");
  statement.value = parser_.ReadExpressionList();
  statement.body = ReadBlock({true, inside_.function});
  if (parser_.TakeKeyword("else")) statement.otherwise = ReadBlock();
  return statement;
}

Statement StatementParser::ReadWhile() {
  Statement statement{Action::kWhile, parser_.Here()};
  parser_.Advance();
  statement.value = parser_.ReadNamedExpression();
  statement.body = ReadBlock({true, inside_.function});
  if (parser_.TakeKeyword("else")) statement.otherwise = ReadBlock();
  return statement;
}

Statement StatementParser::ReadTry() {
  Statement statement{Action::kBlock, parser_.Here()};
  statement.module = parser_.current().text;
  parser_.Advance();
  statement.body = ReadBlock();
  while (parser_.IsKeyword("except")) ReadHandler(statement.body);
  if (parser_.TakeKeyword("else")) Append(statement.body, ReadBlock());
  if (parser_.TakeKeyword("finally")) Append(statement.body, ReadBlock());
  return statement;
}

// except [*] TYPES [as NAME]:
void StatementParser::ReadHandler(std::vector<Statement>& into) {
  parser_.Advance();
  parser_.TakeOperator("*");
  if (!parser_.IsOperator(":")) {
    const Expression* types = parser_.ReadExpressionList();
    const Expression* target = parser_.TakeKeyword("as") ? parser_.ReadTarget() : nullptr;
    if (target != nullptr) parser_.CheckTarget(*target);
    into.push_back(Evaluation(types, target));
  }
  Append(into, ReadBlock());
}

// `with read_base():` marks the configs that a lazy config is based on.
bool StatementParser::TakeReadBase() {
  const bool is_read_base = parser_.IsKeyword("read_base") && parser_.Ahead(1).text == "(" &&
                            parser_.Ahead(2).text == ")" && parser_.Ahead(3).text == ":";
  for (int i = 0; is_read_base && i < 3; ++i) parser_.Advance();
  return is_read_base;
}

// with A as a, B as b: - whose brackets may enclose all of that.
Statement StatementParser::ReadWith() {
  Statement statement{Action::kBlock, parser_.Here()};
  statement.module = parser_.current().text;
  parser_.Advance();
  if (TakeReadBase()) {
    statement.action = Action::kReadBase;
    statement.body = ReadBlock();
    return statement;
  }
  const bool in_brackets = parser_.StartsWithItems();
  if (in_brackets) parser_.ExpectOperator("(");
  do {
    if (in_brackets && parser_.IsOperator(")")) break;
    const Expression* context = parser_.ReadExpression();
    const Expression* target = parser_.TakeKeyword("as") ? parser_.ReadTarget() : nullptr;
    if (target != nullptr) parser_.CheckTarget(*target);
    statement.body.push_back(Evaluation(context, target));
  } while (parser_.TakeOperator(","));
  if (in_brackets) parser_.ExpectOperator(")");
  Append(statement.body, ReadBlock());
  return statement;
}

Statement StatementParser::ReadDecorated() {
  std::vector<Statement> decorators;
  if (!parser_.IsOperator("@")) parser_.FailExpected("'def', 'for' or 'with'");
  while (parser_.TakeOperator("@")) {
    decorators.push_back(Evaluation(parser_.MakeCall(parser_.ReadNamedExpression())));
    if (parser_.current().token != Token::kNewline) parser_.FailExpected("the end of the line");
    parser_.Advance();
  }
  parser_.TakeKeyword("async");
  const bool is_class = parser_.IsKeyword("class");
  if (!is_class && !parser_.IsKeyword("def")) parser_.FailExpected("'def' or 'class'");
  Statement statement = is_class ? ReadClass() : ReadFunction();
  statement.is_decorated = true;
  Append(statement.otherwise, std::move(decorators));
  return statement;
}

Statement StatementParser::ReadFunction() {
  Statement statement{Action::kFunction, parser_.Here()};
  parser_.Advance();
  const Lexeme name = TakeName();
  statement.names.push_back({name.text, parser_.At(name)});
  parser_.ExpectOperator("(");
  std::vector<std::string_view> parameters;
  std::vector<const Expression*> parts;
  parser_.ReadParameters(")", parameters, parts);
  parser_.ExpectOperator(")");
  if (parser_.TakeOperator("->")) parts.push_back(parser_.ReadExpression());
  for (const std::string_view parameter : parameters) {
    statement.names.push_back({parameter, statement.position});
  }
  for (const Expression* part : parts) statement.otherwise.push_back(Evaluation(part));
  statement.body = ReadBlock({false, true});
  return statement;
}

Statement StatementParser::ReadClass() {
  Statement statement{Action::kClass, parser_.Here()};
  statement.module = parser_.current().text;
  parser_.Advance();
  const Lexeme name = TakeName();
  statement.names.push_back({name.text, parser_.At(name)});
  if (parser_.IsOperator("(")) {
    statement.otherwise.push_back(Evaluation(parser_.ReadBases()));
  }
  statement.body = ReadBlock({false, false});
  return statement;
}

}  // namespace yoloport::config::python
