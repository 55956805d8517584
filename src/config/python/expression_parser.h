// The expressions of a config; parser.cc adds the statements.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/python/ast.h"
#include "config/python/lexer.h"
#include "config/python/literal.h"

namespace yoloport::config::python {

// Reads one expression after the other from a row of tokens. Each function reads what its name says
// at the current token and leaves the next one current.
class ExpressionParser {
 public:
  ExpressionParser(Heap& heap, const TemplateText& text, std::vector<Lexeme> lexemes,
                   Module& module);

  const Expression* ReadExpression();       // no bare tuple
  const Expression* ReadExpressionList();   // `a, b`: a tuple; elements may be starred
  const Expression* ReadNamedExpression();  // NAME := value, where that may stand
  // The parameters of a function up to `end`: their names, defaults and annotations.
  void ReadParameters(std::string_view end, std::vector<std::string_view>& names,
                      std::vector<const Expression*>& parts);
  // A call of `function` without arguments, as a decorator is one.
  const Expression* MakeCall(const Expression* function);
  const Expression* ReadTargetList();                       // what may stand between `for` and `in`
  const Expression* ReadTarget() { return ReadPostfix(); }  // behind `as`
  const Expression* ReadName();                             // or None, True, False
  const Expression* ReadBases();  // of a class: a call of nothing with them
  bool StartsWithItems() const;   // whether brackets with `as` in them begin here

  const Lexeme& current() const { return lexemes_[at_]; }
  // Refuses what cannot be assigned to (deleted).
  void CheckTarget(const Expression& target) const;

  bool AtEnd() const { return current().token == Token::kEnd; }
  bool IsOperator(std::string_view op) const;
  bool IsKeyword(std::string_view name) const;
  bool TakeOperator(std::string_view op);
  bool TakeKeyword(std::string_view name);
  void ExpectOperator(std::string_view op);
  void Advance() { ++at_; }
  const Lexeme& Ahead(std::size_t count) const;

  Position Here() const { return text_.At(current().offset); }
  Position At(const Lexeme& lexeme) const { return text_.At(lexeme.offset); }
  [[noreturn]] void Fail(Position at, std::string_view message, std::string hint = {}) const;
  // "expected X, found Y" at the current token.
  [[noreturn]] void FailExpected(std::string_view what) const;

 private:
  // Counts levels of recursion.
  class DepthGuard {
   public:
    explicit DepthGuard(ExpressionParser& parser) : parser_(parser) {
      parser_.CheckDepth(++parser_.depth_, parser_.Here());
    }
    ~DepthGuard() { --parser_.depth_; }
    DepthGuard(const DepthGuard&) = delete;
    DepthGuard& operator=(const DepthGuard&) = delete;

   private:
    ExpressionParser& parser_;
  };
  using Children = std::vector<const Expression*>;

  void CheckDepth(int depth, Position at) const;
  Expression& Make(Syntax syntax, Position at, Children children);
  const Expression* MakeString(std::string value, Position at);

  const Expression* ReadOr();
  const Expression* ReadAnd();
  const Expression* ReadNot();
  const Expression* ReadComparison();
  Op TakeComparison();
  const Expression* ReadBinary(int weakest);
  const Expression* ReadUnary();
  const Expression* ReadPower();
  const Expression* ReadLambda();
  const Expression* ReadYield();
  const Expression* ReadPostfix();
  const Expression* ReadAtom();
  const Expression* ReadStarOrExpression();
  const Expression* ReadParenthesized();
  const Expression* ReadListDisplay();
  const Expression* ReadBraces();
  const Expression* ReadDictDisplay(Position at);
  const Expression* ReadCall(const Expression* function);
  const Expression* ReadArgument();
  const Expression* ReadGenerator(const Expression& element, bool is_first);
  void RefuseStar(const Expression& element) const;
  void CheckOrder(const Children& call) const;
  const Expression* ReadSubscript(const Expression* object);
  const Expression* ReadIndex();
  void ReadClauses(Expression& comprehension);

  const Expression* ReadStrings();
  void ReadFormat(const Lexeme& lexeme, const StringParts& parts, Children& children);
  std::size_t ReadFormatField(std::size_t offset, std::string_view rest, Children& children);
  const Expression* ReferenceOrString(std::string value, Position at);

  Heap& heap_;
  const TemplateText& text_;
  std::vector<Lexeme> lexemes_;
  Module& module_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

bool IsReservedWord(std::string_view name);

}  // namespace yoloport::config::python
