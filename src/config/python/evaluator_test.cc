#include "config/python/evaluator.h"

#include "config/python/limits.h"
#include "testing/config_texts.h"

namespace yoloport::config::python {
namespace {

using test_support::Evaluated;
using test_support::EvaluationError;

TEST(EvaluatorTest, IntegersAreExactOrUnknown) {
  EXPECT_EQ(Evaluated("x = -9223372036854775807 - 1"), "-9223372036854775808");
  EXPECT_EQ(Evaluated("x = 3037000499 ** 2"), "9223372030926249001");
  EXPECT_EQ(Evaluated("x = (-2) ** 63"), "-9223372036854775808");
  EXPECT_EQ(Evaluated("x = (-9223372036854775807 - 1) // -1"),
            "unknown('t.py:1:32: the result does not fit 64 bits')");
  EXPECT_EQ(Evaluated("x = (-9223372036854775807 - 1) % -1"), "0");
  EXPECT_EQ(Evaluated("x = 2 ** 63"), "unknown('t.py:1:7: the result does not fit 64 bits')");
  EXPECT_EQ(Evaluated("x = 10 ** 400"), "unknown('t.py:1:8: the result does not fit 64 bits')");
  EXPECT_EQ(Evaluated("x = (-1) ** 9223372036854775807"), "-1");
}

TEST(EvaluatorTest, QuotientsOfFloatsAreFlooredAsPythonDoes) {
  EXPECT_EQ(
      Evaluated("x = [7.0 // 2, -7 // 2.0, 7 // -2.0, 1 // 0.1, 0.0 // -3, 0 // 1e-3, -0.0 // 5]"),
      "[3.0, -4.0, -4.0, 9.0, -0.0, 0.0, -0.0]");
  EXPECT_EQ(Evaluated("x = [-1e-300 // 1e300, 4503599627370497.0 // 1, 9007199254740991.0 // 1]"),
            "[-1.0, 4503599627370497.0, 9007199254740991.0]");
}

TEST(EvaluatorTest, APointBehindAFractionLeadsToAnAttribute) {
  EXPECT_EQ(Evaluated("x = [1 if True else 3.0.join([]), 1 if True else 1e5.real]"), "[1, 1]");
  EXPECT_NE(EvaluationError("x = 3.0.join([])"), "no error");
  EXPECT_NE(EvaluationError("x = 1.2.3"), "no error");
}

TEST(EvaluatorTest, FloatsPrintAsPythonPrintsThem) {
  EXPECT_EQ(Evaluated("x = [1e16, 1e15, 1e-4, 1e-5, 0.1 + 0.2, -0.0, 1/3]"),
            "[1e+16, 1000000000000000.0, 0.0001, 1e-05, 0.30000000000000004, -0.0, "
            "0.3333333333333333]");
  EXPECT_EQ(Evaluated("x = [float('inf'), -float('inf'), float('nan')]"),
            "[float('inf'), float('-inf'), float('nan')]");
}

TEST(EvaluatorTest, ContainersAreShared) {
  EXPECT_EQ(Evaluated("x = []\ny = x\ny.append(1)"), "{'x': [1], 'y': [1]}");
  EXPECT_EQ(Evaluated("x = [[]] * 2\nx[0].append(1)"), "[[1], [1]]");
  EXPECT_EQ(Evaluated("x = dict(a=[])\ny = dict(**x)\ny['a'].append(1)"),
            "{'x': {'a': [1]}, 'y': {'a': [1]}}");
  EXPECT_EQ(Evaluated("x = d = dict(a=1)\nd.update(d)\nd.update(b=2)\ndel d"), "{'a': 1, 'b': 2}");
}

TEST(EvaluatorTest, ComprehensionsHaveTheirOwnNames) {
  EXPECT_EQ(Evaluated("x = [i for i in range(2)]\ni = 5"), "{'x': [0, 1], 'i': 5}");
  EXPECT_EQ(Evaluated("i = 5\nx = [i for i in [i]]"), "{'i': 5, 'x': [5]}");
  EXPECT_EQ(Evaluated("x = [[j for j in range(i)] for i in range(3)]"), "[[], [0], [0, 1]]");
}

TEST(EvaluatorTest, ShortCircuits) {
  EXPECT_EQ(Evaluated("x = [0 and 1/0, 1 or 1/0, 1 if 1 else 1/0]"), "[0, 1, 1]");
}

TEST(EvaluatorTest, DeletedNamesMoveToTheEnd) {
  EXPECT_EQ(Evaluated("a = 1\nb = 2\ndel a\na = 3"), "{'b': 2, 'a': 3}");
}

TEST(EvaluatorTest, StringsAreCharacters) {
  EXPECT_EQ(Evaluated("x = [len('grün'), 'grün'[2], 'grün'[::-1], list('ü')]"),
            "[4, 'ü', 'nürg', ['ü']]");
}

TEST(EvaluatorTest, ManyKeysAreFoundQuickly) {
  EXPECT_EQ(Evaluated("d = {i: i * i for i in range(1000)}\nx = d[999]\ndel d[999]\ny = 999 in d\n"
                      "z = d[998]\ndel d"),
            "{'x': 998001, 'y': False, 'z': 996004}");
}

TEST(EvaluatorTest, WorkIsBounded) {
  for (const char* text : {"x = '' \nfor i in range(100000): x += 'aaaaaaaaaaaaaaaa'",
                           "x = [0]\nfor i in range(60): x += x",
                           "for i in range(900000):\n  for j in 'abc':\n    pass",
                           "x = {i: [j for j in range(1000)] for i in range(1000)}",
                           "x = 'a' * 60000\nfor i in range(100000):\n  y = x == x + ''",
                           "x = str([[0] * 1000] * 1000)",
                           "x = [[0] * 1000] * 1000 == 1\nx = sorted([[0]*999]*999)"}) {
    const std::string error = EvaluationError(text);
    EXPECT_TRUE(error.find("more than") != std::string::npos || error == "no error") << error;
  }
}

TEST(EvaluatorTest, AMillionFailuresLeaveNothingBehind) {
  // Cycles and depth are freed with the heap.
  for (int i = 0; i < 100; ++i) {
    EXPECT_NE(EvaluationError("a = []\na.append(a)\nfor i in range(1000): a = [a]\nb = 1 / 0"), "");
  }
}

TEST(EvaluatorTest, MethodsRefuseWhatTheyCannotUse) {
  EXPECT_EQ(EvaluationError("x = ','.join([1])"),
            "t.py:1:9: expected a str, not an int\n"
            "x = ','.join([1])\n"
            "        ^");
  EXPECT_EQ(EvaluationError("x = [1].pop(3)"),
            "t.py:1:9: the index 3 is out of range: there are 1 elements\n"
            "x = [1].pop(3)\n"
            "        ^");
  EXPECT_EQ(EvaluationError("x = dict(a=1).get()"),
            "t.py:1:15: get() takes 1 to 2 arguments, not 0\n"
            "x = dict(a=1).get()\n"
            "              ^");
}

}  // namespace
}  // namespace yoloport::config::python
