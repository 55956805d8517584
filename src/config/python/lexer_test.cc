#include "config/python/lexer.h"

#include <algorithm>
#include <sstream>

#include "config/python/literal.h"
#include "testing/config_texts.h"

namespace yoloport::config::python {
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

// What is wrong with a text that is cut after `length` bytes or more, up to the next entry's.
struct Cut {
  std::size_t length;
  std::size_t line;
  std::size_t column;
  std::string message;
  std::string hint = {};
};

std::vector<Cut> Cuts() {
  const std::string unknown = "the name 'a' is not defined";
  const std::string no_block = "expected an indented block, found the end";
  const std::string no_value = "expected a value, found the end of the line";
  const std::string open_text = "this triple-quoted string is never closed";
  const std::string no_template = "'{{' does not start a template that is known";
  const std::string templates =
      "\nhint: known are {{ _base_.NAME }}, {{ fileDirname }}, {{ fileBasename }}, "
      "{{ fileBasenameNoExtension }}, {{ fileExtname }} and {{ $VARIABLE:default }}";
  return {{1, 1, 1, "the name 'i' is not defined"},
          {2, 1, 3, no_value},
          {3, 1, 4, no_value},
          {4, 1, 5, "expected ':', found the end of the line"},
          {5, 1, 6, no_block},
          {6, 2, 1, no_block},
          {7, 2, 2, no_block},
          {8, 2, 3, no_block},
          {9, 1, 4, unknown},
          {11, 2, 6, no_value},
          {12, 2, 7, no_value},
          {13, 1, 4, unknown},
          {14, 2, 7, "this string is not closed on its line"},
          {15, 1, 4, unknown},
          {16, 2, 7, open_text},
          {27, 1, 4, unknown},
          {29, 2, 23, "a backslash that does not end its line"},
          {30, 2, 23, "a backslash at the end of the file"},
          {31, 1, 4, unknown},
          {32, 3, 3, no_value},
          {33, 3, 4, no_value},
          {34, 3, 4, "'{' is never closed"},
          {35, 3, 4, no_template, templates},
          {47, 1, 4, unknown},
          {48, 3, 18, "'[' is never closed"},
          {52, 1, 4, unknown}};
}

std::string Line(const std::string& text, std::size_t number) {
  std::istringstream in(text);
  std::string line;
  for (std::size_t i = 0; i < number; ++i) {
    line.clear();
    std::getline(in, line);
  }
  return line;
}

TEST(LexerTest, TruncatedInputIsRefusedWhereItEnds) {
  const std::string text = "if a:\n  x = f'''{b!r:>5}''' \\\n + {{ _base_.c }}[1:2] # é\n";
  EXPECT_EQ(test_support::EvaluationError(""), "no error");
  const std::vector<Cut> cuts = Cuts();
  for (std::size_t length = 1; length <= text.size(); ++length) {
    const std::string part = text.substr(0, length);
    if (static_cast<unsigned char>(part.back()) == 0xC3) continue;  // half of the é
    const Cut& cut = *std::prev(std::find_if(
        cuts.begin(), cuts.end(), [&](const Cut& each) { return each.length > length; }));
    EXPECT_EQ(test_support::EvaluationError(part),
              "t.py:" + std::to_string(cut.line) + ":" + std::to_string(cut.column) + ": " +
                  cut.message + "\n" + Line(part, cut.line) + "\n" +
                  std::string(cut.column - 1, ' ') + "^" + cut.hint)
        << length;
  }
}

}  // namespace
}  // namespace yoloport::config::python
