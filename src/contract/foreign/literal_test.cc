#include "contract/foreign/literal.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "yoloport/error.h"

namespace yoloport::contract::foreign {
namespace {

std::string ErrorOf(const std::function<Literal()>& parse) {
  try {
    parse();
  } catch (const ModelError& error) {
    return error.message();
  }
  return "no error";
}
std::string PythonError(const std::string& text) {
  return ErrorOf([&] { return ParsePythonLiteral(text); });
}
std::string YamlError(const std::string& text) {
  return ErrorOf([&] { return ParseYaml(text); });
}

Literal Text(const char* text) { return {std::string(text)}; }
Literal Number(std::int64_t number) { return {number}; }

TEST(PythonLiteralTest, ReadsWhatReprWrites) {
  EXPECT_EQ(ParsePythonLiteral("{0: 'person', 1: \"it's\"}"),
            (Literal{LiteralDict{{Number(0), Text("person")}, {Number(1), Text("it's")}}}));
  EXPECT_EQ(ParsePythonLiteral(" [640, (-3,), 1e-3, ] "),
            (Literal{LiteralList{Number(640), {LiteralList{Number(-3)}}, {1e-3}}}));
  const Literal args = ParsePythonLiteral("{'nms': True, 'half': False, 'data': None, 'e': {}}");
  EXPECT_TRUE(args.Find("nms")->is_true());
  EXPECT_FALSE(args.Find("half")->is_true());
  EXPECT_EQ(*args.Find("data"), Literal{});
  EXPECT_EQ(*args.Find("e"), Literal{LiteralDict{}});
  EXPECT_EQ(args.Find("other"), nullptr);
  EXPECT_EQ(Number(1).Find("nms"), nullptr);
}

TEST(PythonLiteralTest, EscapesAreCharacters) {
  EXPECT_EQ(ParsePythonLiteral(R"('\\ \' \" \n\t\r \x41\xe4 \u4e9e \U0001f600')"),
            Text("\\ ' \" \n\t\r A\u00e4 \u4e9e \U0001f600"));
  EXPECT_EQ(ParsePythonLiteral("'\u4eba'"), Text("\u4eba"));
  const char* const what = ": expected an escape sequence of a character, not ";
  EXPECT_EQ(PythonError(R"('\q')"), std::string("byte 1") + what + R"('\\q\'')");
  EXPECT_EQ(PythonError(R"('\ud800')"), std::string("byte 1") + what + R"('\\ud800\'')");
  EXPECT_EQ(PythonError(R"('\x4')"), std::string("byte 1") + what + R"('\\x4\'')");
  EXPECT_EQ(PythonError("'a\\"), "byte 2" + std::string(what) + R"('\\')");
}

TEST(PythonLiteralTest, RefusesAllElse) {
  EXPECT_EQ(PythonError(""), "byte 0: expected a Python literal, not the end");
  EXPECT_EQ(PythonError("__import__('os')"),
            "byte 0: expected a Python literal, not '__import__(\\'os\\')'");
  EXPECT_EQ(PythonError("{0: 'a'"), "byte 7: expected , or }, not the end");
  EXPECT_EQ(PythonError("{0 'a'}"), "byte 3: expected :, not '\\'a\\'}'");
  EXPECT_EQ(PythonError("[1 2]"), "byte 3: expected , or ], not '2]'");
  EXPECT_EQ(PythonError("[,]"), "byte 1: expected a Python literal, not ',]'");
  EXPECT_EQ(PythonError("1 + 1"), "byte 2: expected the end, not '+ 1'");
  EXPECT_EQ(PythonError("'abc"), "byte 4: expected ', not the end");
  EXPECT_EQ(PythonError("'\xff'"), "byte 1: expected UTF-8, not '\\xff\\''");
  EXPECT_EQ(PythonError("1e999"), "byte 0: expected a Python literal, not '1e999'");
  EXPECT_EQ(PythonError("9223372036854775808e"),
            "byte 0: expected a Python literal, not '9223372036854775808e'");
}

TEST(PythonLiteralTest, CostsLittle) {
  EXPECT_EQ(PythonError(std::string(100'000, '[')),
            "byte 17: brackets within more than 16 others, "
            "not '[[[[[[[[[[[[[[[[[[[[...'");
  std::string many = "[";
  for (int i = 0; i < 300'000; ++i) many += "0,";
  EXPECT_TRUE(PythonError(many).find("expected at most 262144 values") != std::string::npos);
  EXPECT_EQ(PythonError(std::string(5 << 20, ' ')),
            "has 5.0 MiB, more than the 4.0 MiB that are read");
}

TEST(YamlTest, ReadsWhatPyYamlWrites) {
  const Literal yaml = ParseYaml(
      "# made by a program\n---\ndescription: 'Ultralytics YOLOv8n model '\nstride: 32\n"
      "imgsz:\n- 320\n- 448\nnames:\n  0: it's\n  1: 'yes'\n  2: 'a: b'\n  3: \"\\a\\u4e9e\"\n"
      "args:\n  nms: true\n  data: null\n  fraction: 1.0\nempty: {}\nshape: [17, 3]\n"
      "nested:\n- - 2\n  - 3\n- a: 1\n  b: 2\nlast:\n");
  EXPECT_EQ(*yaml.Find("description"), Text("Ultralytics YOLOv8n model "));
  EXPECT_EQ(*yaml.Find("stride"), Number(32));
  EXPECT_EQ(*yaml.Find("imgsz"), (Literal{LiteralList{Number(320), Number(448)}}));
  EXPECT_EQ(*yaml.Find("names"), (Literal{LiteralDict{{Number(0), Text("it's")},
                                                      {Number(1), Text("yes")},
                                                      {Number(2), Text("a: b")},
                                                      {Number(3), Text("\a\u4e9e")}}}));
  EXPECT_TRUE(yaml.Find("args")->Find("nms")->is_true());
  EXPECT_EQ(*yaml.Find("args")->Find("fraction"), Literal{1.0});
  EXPECT_EQ(*yaml.Find("empty"), Literal{LiteralDict{}});
  EXPECT_EQ(*yaml.Find("shape"), (Literal{LiteralList{Number(17), Number(3)}}));
  EXPECT_EQ(*yaml.Find("nested"),
            (Literal{LiteralList{{LiteralList{Number(2), Number(3)}},
                                 {LiteralDict{{Text("a"), Number(1)}, {Text("b"), Number(2)}}}}}));
  EXPECT_EQ(*yaml.Find("last"), Literal{});
  EXPECT_EQ(ParseYaml("\n# nothing\n"), Literal{});
}

// PyYAML breaks lines after 80 columns.
TEST(YamlTest, LongTextsFold) {
  EXPECT_EQ(*ParseYaml("a: one\n  two\n  three # no more\nb: 1\n").Find("a"),
            Text("one two three"));
  EXPECT_EQ(*ParseYaml("a: 'one\n\n  it''s two'\nb: 1\n").Find("a"), Text("one\nit's two"));
  EXPECT_EQ(*ParseYaml("a: \"one\\\n  \\ two\n  three\"\n").Find("a"), Text("one two three"));
}

TEST(YamlTest, RefusesAllElse) {
  EXPECT_EQ(YamlError("a: |\n  text\n"), "line 1: has '|', which is not read here");
  EXPECT_EQ(YamlError("a: &x 1\nb: *x\n"), "line 1: has '&x 1', which is not read here");
  EXPECT_EQ(YamlError("a: !!python/object:os.system {}\n"),
            "line 1: has '!!python/object:os.s...', which is not read here");
  EXPECT_EQ(YamlError("a: 1\nb\n"), "line 2: expected KEY: VALUE");
  EXPECT_EQ(YamlError("a: 1\n  b: 2\n"), "no error");  // a folded text: "1 b: 2"
  EXPECT_EQ(YamlError("a:\n    b: 1\n  c: 2\n"), "line 3: is indented unlike the lines before it");
  EXPECT_EQ(YamlError("a: 'x\n"), "line 1: expected '");
  EXPECT_EQ(YamlError("a: 'x' y\n"), "line 1: has more behind the closing quote");
  EXPECT_EQ(YamlError("a: \"\\q\"\n"), "line 1: has an escape sequence that is not a character");
  EXPECT_EQ(YamlError("a: \xff\n"), "line 1: is not UTF-8");
  EXPECT_EQ(YamlError("a: [1\n"), "line 1: byte 2: expected , or ], not the end");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "- ";
  EXPECT_EQ(YamlError(deep + "a"), "line 1: is within more than 16 others");
  EXPECT_EQ(YamlError(std::string(5 << 20, '\n')),
            "has 5.0 MiB, more than the 4.0 MiB that are read");
}

}  // namespace
}  // namespace yoloport::contract::foreign
