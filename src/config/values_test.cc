// Values that are easily got wrong are Python's, or refused.
#include "config/mmengine/overrides.h"
#include "testing/config_texts.h"

namespace yoloport::config {
namespace {

using test_support::Evaluated;
using test_support::EvaluationError;

// The first line of an error without its place, or why the one value is unknown.
std::string Refusal(const std::string& text) {
  const std::string error = EvaluationError(text);
  std::string line = error.substr(0, error.find('\n'));
  if (error == "no error") {
    const std::string shown = Evaluated(text);
    line = shown.substr(0, shown.size() - 2);  // unknown('t.py:1:5: WHY')
  }
  const std::size_t place = line.find(": ");
  return place == std::string::npos ? line : line.substr(place + 2);
}

TEST(ValuesTest, AugmentedListsAreSharedByTheirNames) {
  EXPECT_EQ(Evaluated("a = [1]\nb = a\na *= 2"), "{'a': [1, 1], 'b': [1, 1]}");
  EXPECT_EQ(Evaluated("a = [1]\nb = a\na += 'xy'"), "{'a': [1, 'x', 'y'], 'b': [1, 'x', 'y']}");
  EXPECT_EQ(Evaluated("a = (1,)\nb = a\na *= 2"), "{'a': (1, 1), 'b': (1,)}");
  EXPECT_EQ(Evaluated("a = [[1]]\nb = a[0]\na[0] *= 2"), "{'a': [[1, 1]], 'b': [1, 1]}");
  EXPECT_EQ(Evaluated("d = dict(x=[1])\nb = d['x']\nd['x'] += [2]\ndel d"), "{'b': [1, 2]}");
  EXPECT_EQ(Evaluated("d = {'a': 1}\nb = d\nd |= {'c': 2}\ndel d"), "{'b': {'a': 1, 'c': 2}}");
  EXPECT_EQ(Evaluated("l = [dict(a=1), dict(a=5)]\nl.pop()['a'] += 1\nx = l\ndel l"), "[{'a': 1}]");
}

TEST(ValuesTest, IteratorsAreUsedUp) {
  EXPECT_EQ(Evaluated("z = zip([1, 2], 'ab')\nx = [list(z), list(z), bool(z)]\ndel z"),
            "[[(1, 'a'), (2, 'b')], [], True]");
  EXPECT_EQ(Evaluated("z = reversed([1, 2])\nx = [list(z), list(z)]\ndel z"), "[[2, 1], []]");
  EXPECT_EQ(Evaluated("z = enumerate('ab', 1)\nx = [2 in [i for i, c in z], list(z)]\ndel z"),
            "[True, []]");
  EXPECT_EQ(Evaluated("z = enumerate('abc')\nx = [(1, 'b') in z, list(z)]\ndel z"),
            "[True, [(2, 'c')]]");
  EXPECT_EQ(Evaluated("z = enumerate('abcd')\nx = list(zip(z, z))\ndel z"),
            "[((0, 'a'), (1, 'b')), ((2, 'c'), (3, 'd'))]");
  EXPECT_EQ(Evaluated("z = zip([0, 1, 2])\nx = [any(z), list(z)]\ndel z"), "[True, [(1,), (2,)]]");
  EXPECT_EQ(Evaluated("l = [1]\nz = zip(l)\nl.append(2)\nx = list(z)\ndel l, z"), "[(1,), (2,)]");
  EXPECT_EQ(Evaluated("x = [1 if zip() else 0, zip([1]) == [(1,)]]"), "[1, False]");
  EXPECT_EQ(Refusal("x = len(zip([1]))"), "an iterator has no length");
  EXPECT_EQ(Refusal("x = zip([1])[0]"), "an iterator has no elements");
  EXPECT_EQ(Refusal("x = str(zip([1]))"), "an iterator prints as where it lies in memory");
  EXPECT_EQ(Refusal("x = zip([1]) == zip([1])"), "comparing an iterator and an iterator");
  EXPECT_EQ(Refusal("x = reversed(zip([1]))"), "an iterator cannot be reversed");
  EXPECT_EQ(Refusal("x = zip([1])"), "an iterator");
}

TEST(ValuesTest, GeneratorsAreTakenWhereTheyEqualLists) {
  EXPECT_EQ(Evaluated("l = [1, 2, 3]\nx = [any(l.pop() for i in l), l]\ndel l"), "[True, [1, 2]]");
  EXPECT_EQ(Evaluated("x = [0]\nx.extend(len(x) for i in range(2))"), "[0, 1, 2]");
  EXPECT_EQ(Evaluated("x = [sum(i for i in [1, 2]), ','.join(c for c in 'ab')]"), "[3, 'a,b']");
  EXPECT_EQ(Refusal("x = bool(i for i in [])"), "bool() of a generator is not computed");
  EXPECT_EQ(Refusal("x = sum(i for i in [], 1)"), "expected ')', found ','");
}

TEST(ValuesTest, RangesAreTheirOwnType) {
  EXPECT_EQ(Evaluated("x = [range(3) == [0, 1, 2], range(0, 3, 2) == range(0, 4, 2)]"),
            "[False, True]");
  EXPECT_EQ(Evaluated("x = [str(range(3)), str(range(1, 9, 2)), str(range(9)[::-2]), range(5)[1]]"),
            "['range(0, 3)', 'range(1, 9, 2)', 'range(8, -1, -2)', 1]");
  EXPECT_EQ(Evaluated("x = [2 in range(3), 2.0 in range(3), len(range(2, 9)), bool(range(0))]"),
            "[True, True, 7, False]");
  EXPECT_EQ(Evaluated("x = range(2, 5)"), "range(2, 5)");
  EXPECT_EQ(Config::FromText("x = range(2, 5)", "t.py").ToJson(-1), "{\"x\": [2, 3, 4]}");
  EXPECT_EQ(Config::FromText("x = range(2, 4)", "t.py").root()["x"].AsInts(),
            (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(Refusal("x = range(2) + [3]"), "a range and a list cannot be combined with '+'");
  EXPECT_EQ(Refusal("x = range(2) * 2"), "a range and an int cannot be combined with '*'");
}

TEST(ValuesTest, ViewsShowWhatTheDictHolds) {
  EXPECT_EQ(Evaluated("d = {'a': 1}\nv = [d.keys(), d.values(), d.items()]\nd['b'] = 2\n"
                      "x = [list(v[0]), list(v[1]), list(v[2]), len(v[0])]\ndel d, v"),
            "[['a', 'b'], [1, 2], [('a', 1), ('b', 2)], 2]");
  EXPECT_EQ(
      Evaluated(
          "d = {'a': 1}\nx = ['a' in d.keys(), 1 in d.values(), ('a', 2) in d.items()]\ndel d"),
      "[True, True, False]");
  EXPECT_EQ(
      Evaluated("d = {'a': 1}\nx = [str(d.keys()), str(d.items()), d.keys() == ['a']]\ndel d"),
      "[\"dict_keys(['a'])\", \"dict_items([('a', 1)])\", False]");
  EXPECT_EQ(Refusal("x = {}.keys() == {1}"), "comparing a view of a dict and a set");
  EXPECT_EQ(Refusal("x = {}.keys()[0]"), "a view of a dict has no elements");
}

TEST(ValuesTest, ContainersThatChangeInTheirOwnLoop) {
  EXPECT_EQ(Evaluated("x = [1, 2, 3]\nfor i in x:\n  if i < 3: x.append(i + 2)\ndel i"),
            "[1, 2, 3, 3, 4]");
  EXPECT_EQ(Evaluated("x = [1, 2, 3, 4]\nfor i in x: x.remove(i)\ndel i"), "[2, 4]");
  EXPECT_EQ(Evaluated("x = {'a': 1}\nfor k in x: x[k] = 2\ndel k"), "{'a': 2}");
  EXPECT_EQ(Refusal("x = {'a': 1}\nfor k in x: x['b'] = 2"),
            "the keys of a dict change while a loop goes over them");
  EXPECT_EQ(Refusal("x = {'a': 1}\nx.update(enumerate(x))"),
            "the keys of a dict change while a loop goes over them");
  EXPECT_NE(Refusal("x = [0]\nfor i in x: x.append(i)").find("more than"), std::string::npos);
}

TEST(ValuesTest, NumbersPastFiftyThreeBits) {
  EXPECT_EQ(Evaluated("x = [2**53 + 1 > 2.0**53, 2**53 + 1 == 2.0**53, 2**53 == 2.0**53]"),
            "[True, False, True]");
  EXPECT_EQ(Evaluated("x = [9223372036854775807 < 2.0**63, -9223372036854775807 - 1 == -2.0**63]"),
            "[True, True]");
  EXPECT_EQ(Evaluated("x = [9007199254740993 / 3, 9223372036854775807 / 9223372036854775806]"),
            "[3002399751580331.0, 1.0]");
  EXPECT_EQ(Evaluated("x = [9007199254740993 / 1, -9007199254740995 / 2, 1 / 9223372036854775807]"),
            "[9007199254740992.0, -4503599627370498.0, 1.0842021724855044e-19]");
  EXPECT_EQ(Evaluated("x = [9223372036854775807 / -3, (-9223372036854775807 - 1) / 7]"),
            "[-3.0744573456182584e+18, -1.3176245766935393e+18]");
  EXPECT_EQ(Evaluated("x = [max(2.0**53, 2**53 + 1), sorted([2**53 + 1, 2.0**53])]"),
            "[9007199254740993, [9007199254740992.0, 9007199254740993]]");
  EXPECT_EQ(Evaluated("x = len({2**53: 1, 2.0**53: 2, 2**53 + 1: 3})"), "2");
  EXPECT_EQ(Evaluated("x = [0." + std::string(400, '0') + "1, 1" + std::string(400, '0') + ".0]"),
            "[0.0, float('inf')]");
  EXPECT_EQ(Evaluated("x = [abs(-0.0), abs(-2.5), abs(True)]"), "[0.0, 2.5, 1]");
}

TEST(ValuesTest, NotANumber) {
  EXPECT_EQ(
      Evaluated("n = float('nan')\nx = [n == n, n < 1, [n] < [1], [n] <= [1], 1 in [n]]\ndel n"),
      "[False, False, False, False, False]");
  EXPECT_EQ(Evaluated("n = float('nan')\nl = [n]\nx = [l == l, str(-n), f'{-n:.1f}']\ndel n, l"),
            "[True, 'nan', 'nan']");
  const std::string message = "whether one nan is the other depends on how Python stores them";
  for (const char* expression :
       {"n in [n]", "[n] == [n]", "[n].count(n)", "[n].index(n)", "(n,) < (n,)"}) {
    EXPECT_EQ(Refusal(std::string("n = float('nan')\nx = ") + expression + "\ndel n"), message)
        << expression;
  }
  EXPECT_EQ(Refusal("x = {float('nan'): 1}"), "nan as a key of a dict");
  EXPECT_EQ(Refusal("x = sorted([1, float('nan')])"), "nan has no order");
}

TEST(ValuesTest, WhiteSpaceIsPythons) {
  EXPECT_EQ(
      Evaluated("x = ['\\x1c\\x1fa\\x85'.strip(), '\\xa0a\\u3000b'.split(), '\\u200ba'.strip()]"),
      "['a', ['a', 'b'], '\\u200ba']");
  EXPECT_EQ(Evaluated("x = [int('\\xa05\\x85'), float('\\u30002.5'), ' \\t'.split()]"),
            "[5, 2.5, []]");
  EXPECT_EQ(Refusal("x = int('\\u0663')"), "int() cannot read '\xD9\xA3'");
  EXPECT_EQ(Refusal("x = float('\\x1f1')"), "float() cannot read '\\x1f1'");
  EXPECT_EQ(Refusal("x = float('nan(1)')"), "float() cannot read 'nan(1)'");
}

TEST(ValuesTest, ReprEscapesWhatIsNotPrinted) {
  EXPECT_EQ(Evaluated("x = len(repr('\\u200b\\xad\\xa0\\ue000\\U000e0001'))"), "32");
  EXPECT_EQ(Evaluated("x = repr('\\u200b\\xad\\xa0')"), "\"'\\\\u200b\\\\xad\\\\xa0'\"");
  EXPECT_EQ(Evaluated("x = repr('\xC3\xBC\xF0\x9F\x98\x80')"), "\"'\xC3\xBC\xF0\x9F\x98\x80'\"");
  EXPECT_EQ(Refusal("x = repr('\\u0378')"),
            "whether '\xCD\xB8' is printed or escaped depends on the Python");
  EXPECT_EQ(Refusal("x = str({1, 2})"), "the elements of a set have no order");
}

TEST(ValuesTest, Formats) {
  EXPECT_EQ(Evaluated("x = [f'{3:*<05}', f'{3:<05}', f'{3:05}', f'{-3:05}', f\"{'a':<03}\"]"),
            "['3****', '30000', '00003', '-0003', 'a00']");
  EXPECT_EQ(Refusal("x = f\"{'a':05}\""), "what '05' means for a str depends on the Python");
  EXPECT_EQ(Evaluated("x = ['{0}{a}'.format(1, a=2), '{0}'.format(1, **{'0': 2})]"), "['12', '1']");
  EXPECT_EQ(Refusal("x = '{}{0}'.format(1)"), "format() mixes {} and {0}");
  EXPECT_EQ(Refusal("x = '{ 0}'.format(1)"), "format() has no value for the field ' 0'");
  EXPECT_EQ(Refusal("x = '{a.b}'.format(**{'a.b': 1})"), "format() with the field 'a.b'");
  EXPECT_EQ(Refusal("x = '{:{<5}'.format(1)"), "format() with a field within a field");
  EXPECT_EQ(Refusal("x = f'{1#}'"), "this field of an f-string is not closed");
}

TEST(ValuesTest, WhatPythonRefuses) {
  EXPECT_EQ(Refusal("x = [1] in {1}"), "a list cannot be a key here");
  EXPECT_EQ(Refusal("x = {}.get([])"), "a list cannot be a key here");
  EXPECT_EQ(Refusal("x = dict(a=1, [])"), "an argument without a name behind one with a name");
  EXPECT_EQ(Refusal("x = dict(**{}, *[])"), "an argument without a name behind one with a name");
  EXPECT_EQ(Refusal("x = ur''"), "expected the end of the line, found '\\'\\''");
  EXPECT_EQ(Refusal("x = rr''"), "expected the end of the line, found '\\'\\''");
  EXPECT_EQ(Refusal("x = 1._0"), "'1._0' is not a number");
  EXPECT_EQ(Refusal("x = 1_.0"), "'1_.0' is not a number");
  EXPECT_EQ(Refusal("x = 1_e5"), "'1_e5' is not a number");
  EXPECT_EQ(Evaluated("x = [0x_1, 0_0, 1_0.5_0]"), "[1, 0, 10.5]");
  EXPECT_EQ(Refusal("x = sum(['a'], '')"), "sum() of strings");
  EXPECT_EQ(Refusal("x = {}.get('a', default=1)"), "get() takes no 'default'");
  EXPECT_EQ(Refusal("if 0: len(a) = 1"), "this cannot be assigned to");
  EXPECT_EQ(Refusal("for 1 in []: pass"), "this cannot be assigned to");
  EXPECT_EQ(Refusal("if 0: x = dict(a=1, a=2)"), "the key 'a' is given twice");
  EXPECT_EQ(Refusal("x = [*a for a in []]"), "a starred expression cannot be in a comprehension");
  EXPECT_EQ(Refusal("c = [1]\nx = [a for a in [1] for b in c for c in [1]]"),
            "the name 'c' has no value yet");
  EXPECT_EQ(Refusal("x = [len([]) for len in [1]]"), "an int cannot be called");
  EXPECT_EQ(Refusal("from a import len\nx = len([])"), "len() is not run");
  EXPECT_EQ(Refusal("x = (1).if"), "expected a name, found 'if'");
  EXPECT_EQ(Refusal("x: Undefined = 1"), "the name 'Undefined' is not defined");
  EXPECT_EQ(Refusal("x: int = y = 1"), "expected the end of the line, found '='");
  EXPECT_EQ(Evaluated("import typing\nx: typing.List[int] = 1\ny: list[int] = 2\nz: 'any' = 3"),
            "{'x': 1, 'y': 2, 'z': 3}");
  EXPECT_EQ(Refusal("x = 1 \\\n"), "a backslash at the end of the file");
}

TEST(ValuesTest, TabsAndBlanks) {
  EXPECT_EQ(Evaluated("if 1:\n\ty = 1\n\tx = y\ndel y"), "1");
  EXPECT_EQ(
      EvaluationError("if 1:\n\tx = 1\n        y = 2"),
      "t.py:3:9: tabs and blanks are mixed so that the indentation depends on the width of a tab\n"
      "        y = 2\n"
      "        ^\n"
      "hint: indent with blanks only");
  EXPECT_EQ(Refusal("if 1:\n        if 1:\n\t x = 1"),
            "tabs and blanks are mixed so that the indentation depends on the width of a tab");
}

TEST(ValuesTest, ACarriageReturnEndsALine) {
  EXPECT_EQ(Evaluated("# a\rx = 1"), "1");
  EXPECT_EQ(Evaluated("x = '''a\rb\r\nc'''"), "'a\\nb\\nc'");
  EXPECT_EQ(Refusal("x = 'a\rb'"), "this string is not closed on its line");
}

TEST(ValuesTest, IntegersOfOptions) {
  const auto with = [](const std::string& value) {
    ConfigOptions options;
    options.overrides = {"x=" + value};
    return test_support::ErrorOf<Error>([&] { Config::FromText("", "t.py", options); });
  };
  EXPECT_EQ(with("99999999999999999999"),
            "--cfg-options:1:3: the integer '99999999999999999999' does not fit 64 bits\n"
            "x=99999999999999999999\n"
            "  ^");
  EXPECT_EQ(with("\xD9\xA3"),
            "--cfg-options:1:3: a digit that is not ASCII: '\xD9\xA3'\n"
            "x=\xD9\xA3\n"
            "  ^");
  EXPECT_EQ(with("9999999999999999999.0"), "no error");
}

class JsonTest : public test_support::FolderTest {
 protected:
  std::string Read(const std::string& value) const {
    const auto path = Write("a.json", "{\"x\": " + value + "}");
    try {
      const std::string all = Config::Load(path).ToPython(-1);
      return all.substr(6, all.size() - 7);
    } catch (const ConfigError& error) {
      const std::string text = WithoutFolder(error.what());
      return text.substr(0, text.find('\n'));
    }
  }
};

TEST_F(JsonTest, IsReadByItsOwnGrammar) {
  EXPECT_EQ(Read("[1, -0, -0.5e1, 1E5, true, null, \"\\u00fc\\ud83d\\ude00\\/\\n\"]"),
            "[1, 0, -5.0, 100000.0, True, None, '\xC3\xBC\xF0\x9F\x98\x80/\\n']");
  EXPECT_EQ(Read("[NaN, Infinity, -Infinity, 1e400]"),
            "[float('nan'), float('inf'), float('-inf'), float('inf')]");
  EXPECT_EQ(Read("{\"a\": 1, \"b\": 2, \"a\": 3}"), "{'a': 3, 'b': 2}");
  EXPECT_EQ(Read("99999999999999999999"), "FOLDER/a.json:1:7: this integer does not fit 64 bits");
  for (const char* text : {"1+1",         "True",
                           "None",        "0x10",
                           "01",          "1.",
                           ".5",          "+1",
                           "'a'",         "(1)",
                           "[1,]",        "{1: 2}",
                           "1_0",         "[i for i in [1]]",
                           "1 // c",      "# c",
                           "\"a\" \"b\"", "r\"a\"",
                           "nan",         "\"\\x41\"",
                           "\"\\ud800\"", "\"a\tb\"",
                           "- 1",         "not true",
                           "{\"a\": 1,}", "1 if 1 else 2",
                           "\xC2\xA0 1",  "[1 2]",
                           "-NaN"}) {
    EXPECT_EQ(Read(text).substr(0, 14), "FOLDER/a.json:") << text;
  }
  EXPECT_EQ(Read("True"), "FOLDER/a.json:1:7: this is not JSON: expected a value, found 'T'");
  EXPECT_EQ(Read("[1 2]"), "FOLDER/a.json:1:10: this is not JSON: expected ',' or ']', found '2'");
  EXPECT_EQ(LoadError(Write("b.json", "\xEF\xBB\xBF{}")),
            "'FOLDER/b.json': a byte order mark, which JSON does not allow\n"
            "hint: save it as UTF-8 without one");
}

}  // namespace
}  // namespace yoloport::config
