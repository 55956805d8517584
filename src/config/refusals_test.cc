// What expressions are refused for, and where the caret stands.
#include <gtest/gtest.h>

#include "testing/config_texts.h"

namespace yoloport::config {
namespace {

struct Refusal {
  const char* expression;
  int column;  // of "x = EXPRESSION"
  const char* message;
};

constexpr Refusal kRefusals[] = {
    {"[1].index(2)", 9, "2 is not in this list"},
    {"(1,).index(2)", 10, "2 is not in this tuple"},
    {"[1].remove(2)", 9, "2 is not in this list"},
    {"int('x')", 5, "int() cannot read 'x'"},
    {"int([])", 5, "int() cannot convert a list"},
    {"float('x')", 5, "float() cannot read 'x'"},
    {"float([])", 5, "float() cannot convert a list"},
    {"'a'.split('')", 9, "split() with an empty separator"},
    {"'a'.split('b', 'c')", 9, "split() needs an int second"},
    {"1 in 'a'", 7, "only a str can be 'in' a str, not an int"},
    {"1 in 2", 7, "nothing can be 'in' an int"},
    {"1 + 'a'", 7, "an int and a str cannot be combined with '+'"},
    {"'a' - 1", 9, "a str and an int cannot be combined with '-'"},
    {"[] / 2", 8, "a list and an int cannot be combined with '/'"},
    {"{} @ {}", 8, "a dict and a dict cannot be combined with '@'"},
    {"1 << 'a'", 7, "an int and a str cannot be combined with '<<'"},
    {"'a' ** 2", 9, "a str and an int cannot be combined with '**'"},
    {"None // 1", 10, "None and an int cannot be combined with '//'"},
    {"2.5 & 1", 9, "a float and an int cannot be combined with '&'"},
    {"1 | 2.5", 7, "an int and a float cannot be combined with '|'"},
    {"'a' ^ 1", 9, "a str and an int cannot be combined with '^'"},
    {"1 % 'a'", 7, "an int and a str cannot be combined with '%'"},
    {"[1] >> 1", 9, "a list and an int cannot be combined with '>>'"},
    {"1 // 0", 7, "a division by zero"},
    {"1 % 0", 7, "a division by zero"},
    {"1 < 'a'", 7, "an int and a str have no order"},
    {"-'a'", 5, "a str has no sign"},
    {"~1.5", 5, "a float has no sign"},
    {"'{a}'.format()", 11, "format() has no value for the field 'a'"},
    {"'{} {}'.format(1)", 13, "format() has no value for the field ''"},
    {"'{'.format()", 9, "format() found a single brace"},
    {"len(1)", 5, "an int has no length"},
    {"sum(['a'])", 5, "an int and a str cannot be combined with '+'"},
    {"min([])", 5, "min() or max() of nothing"},
    {"abs('a')", 5, "abs() of a str"},
    {"{}['a']", 8, "there is no key 'a' in this dict"},
    {"[1][2]", 9, "the index 2 is out of range: there are 1 elements"},
    {"'abc'[5]", 11, "the index 5 is out of range: there are 3 elements"},
    {"[1]['a']", 9, "an index must be an int, not a str"},
    {"range(1, 2, 0)", 5, "the step of range() is 0"},
    {"list(1)", 5, "an int has no elements"},
    {"dict(1)", 5, "an int has no elements"},
    {"zip(1)", 5, "an int has no elements"},
    {"round('a')", 5, "round() of a str"},
    {"1 << -1", 7, "a negative shift"},
    {"nope", 5, "the name 'nope' is not defined"},
    {"[].nope()", 8, "a list has no method 'nope'"},
    {"1 .real", 8, "an int has no attribute 'real'"},
};

TEST(RefusalsTest, EachSaysWhatAndWhere) {
  for (const Refusal& each : kRefusals) {
    const std::string line = std::string("x = ") + each.expression;
    EXPECT_EQ(test_support::EvaluationError(line),
              "t.py:1:" + std::to_string(each.column) + ": " + each.message + "\n" + line + "\n" +
                  std::string(static_cast<std::size_t>(each.column) - 1, ' ') + "^");
  }
}

}  // namespace
}  // namespace yoloport::config
