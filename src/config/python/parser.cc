#include "config/python/parser.h"

#include <array>
#include <string>
#include <utility>

#include "config/python/limits.h"
#include "config/python/statement_parser.h"

namespace yoloport::config::python {
namespace {

struct AugmentedOperator {
  std::string_view text;
  Op op;
};

constexpr std::array<AugmentedOperator, 13> kAugmented = {{{"+=", Op::kAdd},
                                                           {"-=", Op::kSubtract},
                                                           {"*=", Op::kMultiply},
                                                           {"/=", Op::kDivide},
                                                           {"//=", Op::kFloorDivide},
                                                           {"%=", Op::kModulo},
                                                           {"**=", Op::kPower},
                                                           {"<<=", Op::kShiftLeft},
                                                           {">>=", Op::kShiftRight},
                                                           {"&=", Op::kBitAnd},
                                                           {"|=", Op::kBitOr},
                                                           {"^=", Op::kBitXor},
                                                           {"@=", Op::kMatrixMultiply}}};

}  // namespace

StatementParser::StatementParser(Heap& heap, const TemplateText& text, Module& module)
    : heap_(heap),
      parser_(heap, text, Tokenize(heap.sources(), text, 0, text.text().size(), false), module) {}

std::vector<Statement> StatementParser::ReadFile() {
  std::vector<Statement> statements;
  while (!parser_.AtEnd()) ReadStatement(statements);
  return statements;
}

void StatementParser::ReadStatement(std::vector<Statement>& into) {
  if (parser_.current().token == Token::kIndent) {
    parser_.Fail(parser_.Here(), "unexpected indentation");
  }
  if (IsCompound()) return ReadCompound(into);
  do {
    into.push_back(ReadSimple());
  } while (parser_.TakeOperator(";") && parser_.current().token != Token::kNewline);
  if (parser_.current().token != Token::kNewline) parser_.FailExpected("the end of the line");
  parser_.Advance();
}

Statement StatementParser::ReadSimple() {
  if (parser_.IsKeyword("pass")) return ReadJump(Action::kPass);
  if (parser_.IsKeyword("break")) return ReadJump(Action::kBreak);
  if (parser_.IsKeyword("continue")) return ReadJump(Action::kContinue);
  if (parser_.IsKeyword("import")) return ReadImport();
  if (parser_.IsKeyword("from")) return ReadFromImport();
  if (parser_.IsKeyword("del")) return ReadDelete();
  if (parser_.IsKeyword("raise")) return ReadCheck(Action::kRaise);
  if (parser_.IsKeyword("assert") || parser_.IsKeyword("return")) return ReadCheck(Action::kCheck);
  if (parser_.IsKeyword("global") || parser_.IsKeyword("nonlocal")) return ReadGlobal();
  Statement statement{Action::kAugment, parser_.Here()};
  const Expression* first = parser_.ReadExpressionList();
  for (const AugmentedOperator& augmented : kAugmented) {
    if (!parser_.TakeOperator(augmented.text)) continue;
    statement.op = augmented.op;
    if (first->syntax == Syntax::kTuple || first->syntax == Syntax::kList) {
      parser_.Fail(first->position, "this cannot be assigned to");
    }
    parser_.CheckTarget(*first);
    statement.targets = {first};
    statement.value = parser_.ReadExpressionList();
    return statement;
  }
  return ReadAssignment(first);
}

Statement StatementParser::ReadJump(Action action) {
  Statement statement{action, parser_.Here()};
  if (action != Action::kPass && !inside_.loop) {
    parser_.Fail(parser_.Here(), "'" + std::string(parser_.current().text) + "' outside of a loop");
  }
  parser_.Advance();
  return statement;
}

// `raise` [VALUE [from VALUE]], `assert` VALUE [, VALUE], `return` [VALUES]
Statement StatementParser::ReadCheck(Action action) {
  Statement statement{action, parser_.Here()};
  if (parser_.IsKeyword("return") && !inside_.function) {
    parser_.Fail(parser_.Here(), "'return' outside of a function");
  }
  const bool is_assertion = parser_.IsKeyword("assert");
  parser_.Advance();
  const bool ends = parser_.current().token == Token::kNewline || parser_.IsOperator(";");
  if (ends && !is_assertion) return statement;
  statement.value = is_assertion ? parser_.ReadExpression() : parser_.ReadExpressionList();
  if (parser_.TakeKeyword("from") || (is_assertion && parser_.TakeOperator(","))) {
    parser_.ReadExpression();  // for those who read the error
  }
  return statement;
}

Statement StatementParser::ReadGlobal() {
  Statement statement{Action::kGlobal, parser_.Here()};
  parser_.Advance();
  do {
    const Lexeme name = TakeName();
    statement.names.push_back({name.text, parser_.At(name)});
  } while (parser_.TakeOperator(","));
  return statement;
}

Statement StatementParser::ReadDelete() {
  Statement statement{Action::kDelete, parser_.Here()};
  parser_.Advance();
  const Expression* targets = parser_.ReadExpressionList();
  statement.targets = {targets};
  if (targets->syntax == Syntax::kTuple) statement.targets = targets->children;
  for (const Expression* target : statement.targets) CheckDeletion(*target);
  return statement;
}

void StatementParser::CheckDeletion(const Expression& target) const {
  const bool is_row = target.syntax == Syntax::kTuple || target.syntax == Syntax::kList;
  if (!is_row) return parser_.CheckTarget(target);
  for (const Expression* part : target.children) CheckDeletion(*part);
}

// `first` [: annotation] [= ...] [= value]
Statement StatementParser::ReadAssignment(const Expression* first) {
  Statement statement{Action::kExpression, first->position};
  statement.value = first;
  const bool is_annotated = parser_.TakeOperator(":");
  if (is_annotated) {
    parser_.CheckTarget(*first);
    statement.annotation = parser_.ReadExpression();
    if (!parser_.IsOperator("=")) {
      statement.action = Action::kPass;
      statement.value = nullptr;
    }
  }
  while (parser_.TakeOperator("=")) {
    parser_.CheckTarget(*statement.value);
    statement.action = Action::kAssign;
    statement.targets.push_back(statement.value);
    statement.value = parser_.ReadExpressionList();
    if (is_annotated) break;
  }
  return statement;
}

Lexeme StatementParser::TakeName() {
  const Lexeme lexeme = parser_.current();
  if (lexeme.token != Token::kName || IsReservedWord(lexeme.text)) parser_.FailExpected("a name");
  parser_.Advance();
  return lexeme;
}

// `a.b.c`, with the dots of a relative import before it: as one piece of the text, where no space
// is within.
std::string_view StatementParser::ReadModule() {
  std::string module;
  while (parser_.IsOperator(".") || parser_.IsOperator("...")) {
    module += parser_.current().text;
    parser_.Advance();
  }
  if (module.empty() || !parser_.IsKeyword("import")) module += TakeName().text;
  while (parser_.TakeOperator(".")) (module += '.') += TakeName().text;
  return heap_.String(std::move(module), parser_.Here()).text();  // the heap outlives the tree
}

void StatementParser::ReadAlias(Lexeme bound, std::string_view origin, Statement& statement) {
  if (parser_.TakeKeyword("as")) bound = TakeName();
  statement.names.push_back({bound.text, parser_.At(bound), origin});
}

// `import a.b as c, d`: binds c and d, or a where there is no `as`.
Statement StatementParser::ReadImport() {
  Statement statement{Action::kImport, parser_.Here()};
  parser_.Advance();
  do {
    Lexeme bound = parser_.current();
    std::string_view origin = ReadModule();
    if (!parser_.IsKeyword("as")) origin = bound.text;
    ReadAlias(bound, origin, statement);
  } while (parser_.TakeOperator(","));
  return statement;
}

Statement StatementParser::ReadFromImport() {
  Statement statement{Action::kImport, parser_.Here()};
  parser_.Advance();
  statement.module = ReadModule();
  if (!parser_.TakeKeyword("import")) parser_.FailExpected("'import'");
  if (parser_.IsOperator("*")) {
    statement.names.push_back({parser_.current().text, parser_.Here()});
    parser_.Advance();
    return statement;
  }
  const bool in_brackets = parser_.TakeOperator("(");
  do {
    if (in_brackets && parser_.IsOperator(")")) break;
    const Lexeme name = TakeName();
    const std::string_view dot = statement.module.ends_with('.') ? "" : ".";
    std::string origin(statement.module);
    (origin += dot) += name.text;
    ReadAlias(name, heap_.String(std::move(origin), parser_.At(name)).text(), statement);
  } while (parser_.TakeOperator(","));
  if (in_brackets) parser_.ExpectOperator(")");
  return statement;
}

Module ParseModule(Heap& heap, const TemplateText& text) {
  Module module;
  module.statements = StatementParser(heap, text, module).ReadFile();
  return module;
}

}  // namespace yoloport::config::python
