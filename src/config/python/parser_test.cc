#include "config/python/parser.h"

#include "config/python/limits.h"
#include "testing/config_texts.h"

namespace yoloport::config::python {
namespace {

using test_support::Evaluated;
using test_support::EvaluationError;

std::string Repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ParserTest, Precedence) {
  EXPECT_EQ(Evaluated("x = 1 + 2 * 3 ** 2"), "19");
  EXPECT_EQ(Evaluated("x = -2 ** -2"), "-0.25");
  EXPECT_EQ(Evaluated("x = 2 ** 3 ** 2"), "512");
  EXPECT_EQ(Evaluated("x = 1 | 2 ^ 3 & 4 << 1"), "3");
  EXPECT_EQ(Evaluated("x = not 1 == 2 and 3 or 4"), "3");
  EXPECT_EQ(Evaluated("x = 1 if 0 else 2 if 0 else 3"), "3");
  EXPECT_EQ(Evaluated("x = 10 - 3 - 2"), "5");
}

TEST(ParserTest, TrailingCommas) {
  EXPECT_EQ(Evaluated("x = [1, 2,], (1,), {1: 2,}, dict(a=1,), {3,}"),
            "([1, 2], (1,), {1: 2}, {'a': 1}, {3})");
  EXPECT_EQ(Evaluated("x = 1,"), "(1,)");
}

TEST(ParserTest, NestingIsBounded) {
  EXPECT_EQ(Evaluated("x = " + Repeated("(", 150) + "1" + Repeated(")", 150)), "1");
  EXPECT_EQ(EvaluationError("x = " + Repeated("[", 100000)).substr(0, 60),
            "t.py:1:205: more than 200 brackets within one another\n...[[[");
  const std::string too_deep = "expressions within one another more than 200 levels deep";
  for (const std::string& text :
       {"x = " + Repeated("-", 100000) + "1", "x = " + Repeated("not ", 100000) + "1",
        "x = 1" + Repeated(" + 1", 100000), "x = 1" + Repeated("**1", 100000),
        "x = a" + Repeated(".b", 100000), "x = a" + Repeated("[0]", 100000),
        "x = " + Repeated("1 if 1 else ", 80000) + "1"}) {
    EXPECT_NE(EvaluationError(text).find(too_deep), std::string::npos) << text.substr(0, 20);
  }
}

TEST(ParserTest, BlocksAreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "if 1:\n";
  EXPECT_NE(EvaluationError(text), "no error");
  std::string chain = "if 0: x = 1\n";
  for (int i = 0; i < 1000; ++i) chain += "elif 0: x = 2\n";
  EXPECT_NE(EvaluationError(chain).find("blocks nested too deeply"), std::string::npos);
}

TEST(ParserTest, DeepClausesCountAsDepth) {
  // Parsing each level takes few frames; evaluating them one within the other must stay bounded
  // too.
  const std::string row = Repeated("1 + ", 150);
  std::string text = "[1]";
  for (int i = 0; i < 100; ++i) {
    text.insert(0, "[y for y in ").append("]");
    if (i % 3 == 0) text.insert(0, row);
  }
  EXPECT_NE(EvaluationError("x = " + text).find("levels deep"), std::string::npos);
}

TEST(ParserTest, Json) {
  Sources sources;
  Heap heap(sources);
  const std::uint32_t source = sources.Add("t.json", "{\"a\": [1, null, true]} 2");
  const TemplateText text(sources, source, {});
  EXPECT_EQ(test_support::ErrorOf([&] { ParseJson(heap, text); }),
            "t.json:1:24: this is not JSON: expected the end, found '2'\n"
            "{\"a\": [1, null, true]} 2\n"
            "                       ^");
}

}  // namespace
}  // namespace yoloport::config::python
