// The part of StatementParser that reads `match`, whose words are names anywhere else.
#include <utility>

#include "config/python/statement_parser.h"

namespace yoloport::config::python {
namespace {

bool IsName(const Lexeme& lexeme, std::string_view name) {
  return lexeme.token == Token::kName && lexeme.text == name;
}

}  // namespace

// match SUBJECT:
//     case ...
bool StatementParser::StartsMatch() const {
  if (!IsName(parser_.current(), "match")) return false;
  std::size_t end = 1;
  while (parser_.Ahead(end).token != Token::kNewline && parser_.Ahead(end).token != Token::kEnd) {
    ++end;
  }
  return parser_.Ahead(end - 1).text == ":" && parser_.Ahead(end + 1).token == Token::kIndent &&
         IsName(parser_.Ahead(end + 2), "case");
}

Statement StatementParser::ReadMatch() {
  Statement statement{Action::kBlock, parser_.Here()};
  statement.module = parser_.current().text;
  parser_.Advance();
  Statement subject{Action::kExpression, parser_.Here()};
  subject.value = parser_.ReadExpressionList();
  statement.body.push_back(subject);
  parser_.ExpectOperator(":");
  parser_.Advance();  // the end of the line
  CheckDepth(++depth_);
  parser_.Advance();  // the indentation
  while (parser_.current().token != Token::kDedent) ReadCase(subject.value, statement.body);
  parser_.Advance();
  --depth_;
  return statement;
}

// case PATTERN [if CONDITION]: - where every name of the pattern may become a part of the subject.
void StatementParser::ReadCase(const Expression* subject, std::vector<Statement>& into) {
  if (!parser_.TakeKeyword("case")) parser_.FailExpected("'case'");
  for (int brackets = 0; brackets > 0 || !(parser_.IsOperator(":") || parser_.IsKeyword("if"));) {
    const Lexeme part = parser_.current();
    if (part.token == Token::kNewline || part.token == Token::kEnd) parser_.FailExpected("':'");
    const std::string_view text = part.token == Token::kOperator ? part.text : "";
    brackets += text == "(" || text == "[" || text == "{" ? 1 : 0;
    brackets -= text == ")" || text == "]" || text == "}" ? 1 : 0;
    if (part.token != Token::kName || IsReservedWord(part.text)) {
      parser_.Advance();
      continue;
    }
    Statement bound{Action::kAssign, parser_.Here()};
    bound.targets = {parser_.ReadName()};
    bound.value = subject;
    into.push_back(std::move(bound));
  }
  if (parser_.TakeKeyword("if")) {
    Statement condition{Action::kExpression, parser_.Here()};
    condition.value = parser_.ReadNamedExpression();
    into.push_back(condition);
  }
  for (Statement& statement : ReadBlock()) into.push_back(std::move(statement));
}

}  // namespace yoloport::config::python
