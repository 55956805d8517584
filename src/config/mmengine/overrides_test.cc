#include "config/mmengine/overrides.h"

#include "config/mmengine/dump.h"
#include "testing/config_texts.h"

namespace yoloport::config::mmengine {
namespace {

std::string Read(const std::string& value) {
  python::Sources sources;
  python::Heap heap(sources);
  sources.Add("--cfg-options", value);
  return DumpPython(sources, ReadOverrideValue(heap, value, {}), -1);
}

// The config `text` with overrides.
std::string With(const std::string& text, std::vector<std::string> overrides) {
  ConfigOptions options;
  options.overrides = std::move(overrides);
  return Config::FromText(text, "t.py", options).ToPython(-1);
}

TEST(OverridesTest, ValuesAreReadAsMmengineReadsThem) {
  EXPECT_EQ(Read("3"), "3");
  EXPECT_EQ(Read("-1_000"), "-1000");
  EXPECT_EQ(Read("1e-3"), "0.001");
  EXPECT_EQ(Read("inf"), "float('inf')");
  EXPECT_EQ(Read("True"), "True");
  EXPECT_EQ(Read("fALSE"), "False");
  EXPECT_EQ(Read("None"), "None");
  EXPECT_EQ(Read("none"), "'none'");
  EXPECT_EQ(Read("0x10"), "'0x10'");
  EXPECT_EQ(Read("abc"), "'abc'");
  EXPECT_EQ(Read("'a b'"), "'ab'");
  EXPECT_EQ(Read(""), "''");
  EXPECT_EQ(Read("1,2"), "[1, 2]");
  EXPECT_EQ(Read("1,"), "[1]");
  EXPECT_EQ(Read("[1]"), "[1]");
  EXPECT_EQ(Read("(1,2)"), "(1, 2)");
  EXPECT_EQ(Read("[]"), "[]");
  EXPECT_EQ(Read("\"[(a,b),(c,d)]\""), "[('a', 'b'), ('c', 'd')]");
  EXPECT_EQ(Read("[(1, 2, 3), [a, b], c]"), "[(1, 2, 3), ['a', 'b'], 'c']");
}

TEST(OverridesTest, AreMergedIntoTheConfig) {
  const std::string text = "model = dict(a=dict(b=1), l=[dict(t=1), 2])";
  EXPECT_EQ(With(text, {"model.a.b=2", "model.a.c.d=x"}),
            "{'model': {'a': {'b': 2, 'c': {'d': 'x'}}, 'l': [{'t': 1}, 2]}}");
  EXPECT_EQ(With(text, {"model.l.0.t=5", "model.l.1=7"}),
            "{'model': {'a': {'b': 1}, 'l': [{'t': 5}, 7]}}");
  EXPECT_EQ(With(text, {"model.a._delete_=True", "model.a.z=1"}),
            "{'model': {'a': {'z': 1}, 'l': [{'t': 1}, 2]}}");
  EXPECT_EQ(With("a = 1", {"b=1", "a=2", "b=3"}), "{'a': 2, 'b': 3}");
}

TEST(OverridesTest, Errors) {
  const auto error = [](const std::string& option) {
    return test_support::ErrorOf<Error>([&] { With("a = dict(b=1, l=[1])", {option}); });
  };
  EXPECT_EQ(error("a.b"),
            "--cfg-options:1:1: an option without '='\n"
            "a.b\n"
            "^\n"
            "hint: write KEY=VALUE, like model.neck.type=X");
  EXPECT_EQ(error("a.b.c=1"),
            "--cfg-options:1:3: 'b' is a dict here and an int in the base, at t.py:1:12\n"
            "a.b.c=1\n"
            "  ^\n"
            "hint: give a value for all of it: KEY=VALUE");
  EXPECT_EQ(error("a.l.1=1"),
            "--cfg-options:1:5: the index 1 is out of range: the list has 1 elements\n"
            "a.l.1=1\n"
            "    ^");
  EXPECT_EQ(error("a.b=[1,(2]"),
            "--cfg-options:1:5: the brackets of this value do not match\n"
            "a.b=[1,(2]\n"
            "    ^");
  EXPECT_EQ(error("a.b=(1,2),(3,4)"),
            "--cfg-options:1:5: the brackets of this value do not match\n"
            "a.b=(1,2),(3,4)\n"
            "    ^");
  EXPECT_THROW(With("a = 1", {"a"}), UsageError);
}

}  // namespace
}  // namespace yoloport::config::mmengine
