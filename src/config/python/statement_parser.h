// Statements; ExpressionParser reads what they are made of.
#pragma once

#include <string_view>
#include <vector>

#include "config/python/expression_parser.h"

namespace yoloport::config::python {

class StatementParser {
 public:
  StatementParser(Heap& heap, const TemplateText& text, Module& module);

  std::vector<Statement> ReadFile();

 private:
  // What a block is in: whether `break` or `return` may stand there.
  struct Inside {
    bool loop = false;
    bool function = false;
  };

  // A line, which may hold several statements, or a compound statement.
  void ReadStatement(std::vector<Statement>& into);
  bool IsCompound() const;
  void ReadCompound(std::vector<Statement>& into);
  std::vector<Statement> ReadBlock();
  std::vector<Statement> ReadBlock(Inside inside);
  Statement ReadIf();
  Statement ReadFor();
  Statement ReadWhile();
  Statement ReadTry();
  void ReadHandler(std::vector<Statement>& into);
  Statement ReadWith();
  bool TakeReadBase();
  Statement ReadDecorated();
  Statement ReadFunction();
  Statement ReadClass();
  bool StartsMatch() const;
  Statement ReadMatch();
  void ReadCase(const Expression* subject, std::vector<Statement>& into);

  Statement ReadSimple();
  Statement ReadDelete();
  Statement ReadJump(Action action);
  Statement ReadCheck(Action action);
  Statement ReadGlobal();
  Statement ReadAssignment(const Expression* first);
  Statement ReadImport();
  Statement ReadFromImport();
  void ReadAlias(Lexeme bound, std::string_view origin, Statement& statement);
  std::string_view ReadModule();
  void CheckDeletion(const Expression& target) const;
  Lexeme TakeName();
  void CheckDepth(int depth) const;

  Heap& heap_;
  ExpressionParser parser_;
  Inside inside_;
  int depth_ = 0;
};

}  // namespace yoloport::config::python
