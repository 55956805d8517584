#include "config/python/parser.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "config/python/expression_parser.h"
#include "config/python/limits.h"

namespace yoloport::config::python {
namespace {

struct AugmentedOperator {
  std::string_view text;
  Op op;
};

constexpr std::array<AugmentedOperator, 12> kAugmented = {{{"+=", Op::kAdd},
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
                                                           {"^=", Op::kBitXor}}};

struct Refusal {
  std::string_view word;
  std::string_view message;
};

constexpr std::array<Refusal, 16> kRefused = {{
    {"def", "a function cannot be defined"},
    {"class", "a class cannot be defined"},
    {"async", "nothing can be run"},
    {"while", "a 'while' loop cannot be evaluated"},
    {"try", "'try' cannot be evaluated"},
    {"raise", "'raise' cannot be evaluated"},
    {"assert", "'assert' cannot be evaluated"},
    {"return", "'return' outside of a function"},
    {"yield", "'yield' outside of a function"},
    {"global", "'global' outside of a function"},
    {"nonlocal", "'nonlocal' outside of a function"},
    {"break", "'break' cannot be evaluated"},
    {"continue", "'continue' cannot be evaluated"},
    {"with", "'with' cannot be evaluated"},
    {"await", "nothing can be run"},
    {"lambda", "a lambda cannot be evaluated"},
}};

constexpr std::string_view kDataHint = "a config is data: write the value itself";
constexpr std::string_view kLazyMessage =
    "this is a config of MMEngine's new (lazy) style, which is not supported";
constexpr std::string_view kLazyHint =
    "load it once with MMEngine and save it flattened: Config.fromfile(FILE).dump('flat.py')";

class StatementParser {
 public:
  StatementParser(Heap& heap, const TemplateText& text, Module& module)
      : parser_(heap, text, Tokenize(heap.sources(), text, 0, text.text().size(), false), module) {}

  std::vector<Statement> ReadFile() {
    std::vector<Statement> statements;
    while (!parser_.AtEnd()) ReadStatement(statements);
    return statements;
  }

 private:
  // A line, which may hold several statements, or a compound statement.
  void ReadStatement(std::vector<Statement>& into) {
    if (parser_.current().token == Token::kIndent) {
      parser_.Fail(parser_.Here(), "unexpected indentation");
    }
    if (parser_.IsKeyword("if")) {
      into.push_back(ReadIf());
      return;
    }
    if (parser_.IsKeyword("for")) {
      into.push_back(ReadFor());
      return;
    }
    RefuseWhatIsNoData();
    do {
      into.push_back(ReadSimple());
    } while (parser_.TakeOperator(";") && parser_.current().token != Token::kNewline);
    if (parser_.current().token != Token::kNewline) parser_.FailExpected("the end of the line");
    parser_.Advance();
  }

  void RefuseWhatIsNoData() const {
    if (parser_.current().token != Token::kName) {
      if (parser_.IsOperator("@")) {
        parser_.Fail(parser_.Here(), "a decorator cannot be evaluated", std::string(kDataHint));
      }
      return;
    }
    if (parser_.IsKeyword("with") && parser_.Ahead(1).text == "read_base") {
      parser_.Fail(parser_.Here(), kLazyMessage, std::string(kLazyHint));
    }
    for (const Refusal& refusal : kRefused) {
      if (parser_.IsKeyword(refusal.word)) {
        parser_.Fail(parser_.Here(), refusal.message, std::string(kDataHint));
      }
    }
  }

  std::vector<Statement> ReadBlock() {
    parser_.ExpectOperator(":");
    std::vector<Statement> body;
    if (parser_.current().token != Token::kNewline) {
      if (parser_.IsKeyword("if") || parser_.IsKeyword("for")) parser_.FailExpected("a new line");
      ReadStatement(body);
      return body;
    }
    parser_.Advance();
    if (parser_.current().token != Token::kIndent) parser_.FailExpected("an indented block");
    if (++depth_ > kMaxSyntaxDepth) parser_.Fail(parser_.Here(), "blocks nested too deeply");
    parser_.Advance();
    while (parser_.current().token != Token::kDedent) ReadStatement(body);
    parser_.Advance();
    --depth_;
    return body;
  }

  // From `if` or `elif`.
  Statement ReadIf() {
    Statement statement{Action::kIf, parser_.Here()};
    parser_.Advance();
    statement.value = parser_.ReadExpression();
    statement.body = ReadBlock();
    if (parser_.IsKeyword("elif")) {
      if (++depth_ > kMaxSyntaxDepth) parser_.Fail(parser_.Here(), "blocks nested too deeply");
      statement.otherwise.push_back(ReadIf());
      --depth_;
    } else if (parser_.TakeKeyword("else")) {
      statement.otherwise = ReadBlock();
    }
    return statement;
  }

  Statement ReadFor() {
    Statement statement{Action::kFor, parser_.Here()};
    parser_.Advance();
    statement.targets.push_back(parser_.ReadTargetList());
    parser_.CheckTarget(*statement.targets[0]);
    if (!parser_.TakeKeyword("in")) parser_.FailExpected("'in'");
    statement.value = parser_.ReadExpressionList();
    statement.body = ReadBlock();
    if (parser_.TakeKeyword("else")) statement.otherwise = ReadBlock();
    return statement;
  }

  Statement ReadSimple() {
    Statement statement{Action::kPass, parser_.Here()};
    if (parser_.TakeKeyword("pass")) return statement;
    if (parser_.TakeKeyword("import")) return ReadImport();
    if (parser_.TakeKeyword("from")) return ReadFromImport();
    if (parser_.TakeKeyword("del")) {
      statement.action = Action::kDelete;
      const Expression* targets = parser_.ReadExpressionList();
      statement.targets = {targets};
      if (targets->syntax == Syntax::kTuple) statement.targets = targets->children;
      for (const Expression* target : statement.targets) CheckDeletion(*target);
      return statement;
    }
    const Expression* first = parser_.ReadExpressionList();
    for (const AugmentedOperator& augmented : kAugmented) {
      if (!parser_.TakeOperator(augmented.text)) continue;
      statement.action = Action::kAugment;
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

  void CheckDeletion(const Expression& target) const {
    const bool is_row = target.syntax == Syntax::kTuple || target.syntax == Syntax::kList;
    if (!is_row) return parser_.CheckTarget(target);
    for (const Expression* part : target.children) CheckDeletion(*part);
  }

  // `first` [: annotation] [= ...] [= value]
  Statement ReadAssignment(const Expression* first) {
    Statement statement{Action::kExpression, first->position};
    statement.value = first;
    const bool is_annotated = parser_.TakeOperator(":");
    if (is_annotated) {
      if (first->syntax != Syntax::kName) {
        parser_.Fail(first->position, "only a name can have an annotation");
      }
      statement.annotation = parser_.ReadExpression();
      if (!parser_.IsOperator("=")) statement.action = Action::kPass;
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

  Lexeme TakeName() {
    const Lexeme lexeme = parser_.current();
    if (lexeme.token != Token::kName || IsReservedWord(lexeme.text)) parser_.FailExpected("a name");
    parser_.Advance();
    return lexeme;
  }

  void ReadAlias(Lexeme bound, Statement& statement) {
    if (parser_.TakeKeyword("as")) bound = TakeName();
    statement.names.push_back({bound.text, parser_.At(bound)});
  }

  // `import a.b as c, d`: binds c and d, or a where there is no `as`.
  Statement ReadImport() {
    Statement statement{Action::kImport, parser_.Here()};
    do {
      const Lexeme bound = TakeName();
      while (parser_.TakeOperator(".")) TakeName();
      ReadAlias(bound, statement);
    } while (parser_.TakeOperator(","));
    return statement;
  }

  Statement ReadFromImport() {
    Statement statement{Action::kImport, parser_.Here()};
    if (parser_.IsOperator(".") || parser_.IsOperator("...")) {
      parser_.Fail(parser_.Here(), kLazyMessage, std::string(kLazyHint));
    }
    TakeName();
    while (parser_.TakeOperator(".")) TakeName();
    if (!parser_.TakeKeyword("import")) parser_.FailExpected("'import'");
    if (parser_.IsOperator("*")) {
      parser_.Fail(parser_.Here(), "everything that a module has cannot be imported",
                   std::string(kDataHint));
    }
    const bool in_brackets = parser_.TakeOperator("(");
    do {
      if (in_brackets && parser_.IsOperator(")")) break;
      const Lexeme name = TakeName();
      if (name.text == "read_base") {
        parser_.Fail(parser_.At(name), kLazyMessage, std::string(kLazyHint));
      }
      ReadAlias(name, statement);
    } while (parser_.TakeOperator(","));
    if (in_brackets) parser_.ExpectOperator(")");
    return statement;
  }

  ExpressionParser parser_;
  int depth_ = 0;
};

}  // namespace

Module ParseModule(Heap& heap, const TemplateText& text) {
  Module module;
  module.statements = StatementParser(heap, text, module).ReadFile();
  return module;
}

}  // namespace yoloport::config::python
