#include "config/lexer.h"

#include "config/literal.h"
#include "config/test_support.h"

namespace yoloport::config {
namespace {

// Tokens as one word each, with what they are.
std::string Tokens(const std::string& text) {
  Sources sources;
  const std::uint32_t source = sources.Add("t.py", text);
  const TemplateText substituted(sources, source, "/folder/t.py");
  std::string out;
  for (const Lexeme& lexeme : Tokenize(sources, substituted, 0, substituted.text().size(), false)) {
    if (!out.empty()) out += ' ';
    switch (lexeme.token) {
      case Token::kEnd:
        out += "END";
        break;
      case Token::kNewline:
        out += "NEWLINE";
        break;
      case Token::kIndent:
        out += "INDENT";
        break;
      case Token::kDedent:
        out += "DEDENT";
        break;
      default:
        out += lexeme.text;
    }
  }
  return out;
}

TEST(LexerTest, SplitsWhatPythonSplits) {
  EXPECT_EQ(Tokens("a=-1.5e-3**b//2"), "a = - 1.5e-3 ** b // 2 NEWLINE END");
  EXPECT_EQ(Tokens("x = f'a'rb'b' # c"), "x = f'a' rb'b' NEWLINE END");
  EXPECT_EQ(Tokens("x = '''a'b\n''' 'it\\'s'"), "x = '''a'b\n''' 'it\\'s' NEWLINE END");
}

TEST(LexerTest, LinesEndOutsideOfBracketsOnly) {
  EXPECT_EQ(Tokens("\n# c\na = (1,\n  2)\n\nb = 1 + \\\n 2"),
            "a = ( 1 , 2 ) NEWLINE b = 1 + 2 NEWLINE END");
  EXPECT_EQ(Tokens("a\r\nb\r\n"), "a NEWLINE b NEWLINE END");
}

TEST(LexerTest, Indentation) {
  EXPECT_EQ(Tokens("if a:\n  b\n\n  # c\n  c\nd"),
            "if a : NEWLINE INDENT b NEWLINE c NEWLINE DEDENT d NEWLINE END");
  EXPECT_EQ(Tokens("if a:\n if b:\n  c"),
            "if a : NEWLINE INDENT if b : NEWLINE INDENT c NEWLINE DEDENT DEDENT END");
}

TEST(LexerTest, Templates) {
  EXPECT_EQ(Tokens("a = {{ _base_.b.c }}"), "a = {{ _base_.b.c }} NEWLINE END");
  EXPECT_EQ(Tokens("a = '{{fileBasename}}/{{ fileDirname }}'"), "a = 't.py//folder' NEWLINE END");
  EXPECT_EQ(Tokens("a = {{'$YOLOPORT_TEST_UNSET:8'}} + {{$YOLOPORT_TEST_UNSET:(1,2)}}"),
            "a = 8 + ( 1 , 2 ) NEWLINE END");
}

TEST(LexerTest, PositionsAreThoseOfTheOriginal) {
  Sources sources;
  const std::uint32_t source = sources.Add("t.py", "a = '{{ fileBasenameNoExtension }}' + b");
  const TemplateText text(sources, source, "/t.py");
  EXPECT_EQ(text.text(), "a = 't' + b");
  EXPECT_EQ(text.At(0).offset, 0U);
  EXPECT_EQ(text.At(5).offset, 5U);
  EXPECT_EQ(text.At(10).offset, 38U);
}

TEST(LexerTest, NamesMayHaveForeignLetters) {
  EXPECT_EQ(Tokens("größe = 类别"), "größe = 类别 NEWLINE END");
}

TEST(LexerTest, EnvironmentVariablesReplaceText) {
  ASSERT_EQ(setenv("YOLOPORT_TEST_SET", "7", 1), 0);
  EXPECT_EQ(Tokens("a = {{$YOLOPORT_TEST_SET:1}}"), "a = 7 NEWLINE END");
  unsetenv("YOLOPORT_TEST_SET");
}

TEST(LexerTest, TruncatedInputNeverCrashes) {
  const std::string text = "if a:\n  x = f'''{b!r:>5}''' \\\n + {{ _base_.c }}[1:2] # é\n";
  for (std::size_t length = 0; length < text.size(); ++length) {
    std::string cut = text.substr(0, length);
    if (!cut.empty() && static_cast<unsigned char>(cut.back()) == 0xC3) continue;
    ErrorOf([&] { Config::FromText(cut, "t.py"); });
  }
}

}  // namespace
}  // namespace yoloport::config
