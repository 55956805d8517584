// What is not evaluated is unknown, and so is all that it may have changed. Each row is a config as
// `Config::ToPython(-1)` writes it, with "?" for what is unknown; what stands there without one is
// what Python gives.
#include <regex>

#include "testing/config_texts.h"

namespace yoloport::config::python {
namespace {

using test_support::ErrorOf;
using test_support::EvaluationError;

std::string Known(const std::string& text) {
  static const std::regex kUnknown(R"(unknown\((?:'[^']*'|"[^"]*")\))");
  return std::regex_replace(test_support::Evaluated(text), kUnknown, "?");
}

TEST(UnknownTest, WhatIsNotEvaluated) {
  EXPECT_EQ(Known("import time\nx = time.strftime('%Y')"), "?");
  EXPECT_EQ(Known("import numpy as np\nx = [1, np.linspace(0, 1, 5), 2]"), "[1, ?, 2]");
  EXPECT_EQ(Known("import os\nx = [os.environ['HOME'], os.getenv('A', 1)]"), "[?, ?]");
  EXPECT_EQ(Known("def f(a, *b, c: int = 1, **d) -> int:\n  return a\nx = f(1)"), "?");
  EXPECT_EQ(Known("class A(object, metaclass=type):\n  b = 1\nx = A()"), "{'A': ?, 'x': ?}");
  EXPECT_EQ(Known("f = lambda a, b=1: a\nx = dict(k=lambda: 0, n=1)"), "{'k': ?, 'n': 1}");
  EXPECT_EQ(Known("with open('a') as f, open('b'):\n  y = f.read()\nx = 1"),
            "{'f': ?, 'y': ?, 'x': 1}");
  EXPECT_EQ(Known("print('a', 1)\nx = print"), "?");
  EXPECT_EQ(Known("x = (i for i in [1])"), "?");
  EXPECT_EQ(Known("x = [b'a', 1j, 2 ** 63, 9223372036854775808, 'a' % 1]"), "[?, ?, ?, ?, ?]");
  EXPECT_EQ(Known("x = ['a'.title(), {1} | {2}, {1, 2}.pop(), int, __name__]"), "[?, ?, ?, ?, ?]");
  EXPECT_EQ(Known("x = [1 << 100, (-8) ** 0.5, 2 ** 1000, int(1e30), int('9' * 20)]"),
            "[?, ?, ?, ?, ?]");
  EXPECT_EQ(Known("x = {'a': ..., 'b': [...]}"), "{'a': Ellipsis, 'b': [Ellipsis]}");
}

TEST(UnknownTest, WhatDependsOnIt) {
  const std::string u = "import a\nu = a.b()\n";
  EXPECT_EQ(
      Known(u + "x = [u + 1, 1 - u, -u, not u, u == 1, 1 in u, u.c, u[0], u(1), u[1:]]\ndel u"),
      "[?, ?, ?, ?, ?, ?, ?, ?, ?, ?]");
  EXPECT_EQ(Known(u + "x = [f'{u}', f'{1}', '{}'.format(u), str([u]), len([u]), len(u)]\ndel u"),
            "[?, '1', ?, ?, 1, ?]");
  EXPECT_EQ(
      Known(u + "x = [u and 1, 0 and u, 1 or u, u or 1, 1 if u else 2, 3 if 1 else u]\ndel u"),
      "[?, 0, 1, ?, ?, 3]");
  EXPECT_EQ(Known(u + "x = [{u: 1}, {1: u}, dict(a=u), {**u}, [*u], dict(u), {u}, (u,)]\ndel u"),
            "[?, {1: ?}, {'a': ?}, ?, ?, ?, ?, (?,)]");
  EXPECT_EQ(Known(u + "x = [[i for i in u], [i for i in [1] if u], [u for i in (1, 2)]]\ndel u"),
            "[?, ?, [?, ?]]");
  EXPECT_EQ(Known(u + "x = [1 == 2 == u, 1 == 1 == u, [1, u] == [2, 1], [u] == [1]]\ndel u"),
            "[False, ?, False, ?]");
  EXPECT_EQ(Known(u + "x, (y, *z) = u\ndel u"), "{'x': ?, 'y': ?, 'z': ?}");
  EXPECT_EQ(Known(u + "x = [max(1, u), sorted([2, u]), sum([u]), list(zip([1], [u]))]\ndel u"),
            "[?, ?, ?, [(1, ?)]]");
}

TEST(UnknownTest, WhatItDecides) {
  const std::string u = "import a\nu = a.b()\nx = 1\ny = 2\n";
  EXPECT_EQ(Known(u + "if u: x = 3\ndel u"), "{'x': ?, 'y': 2}");
  EXPECT_EQ(Known(u + "if u:\n  pass\nelif y:\n  x = 3\nelse:\n  z = 1\ndel u"),
            "{'x': ?, 'y': 2, 'z': ?}");
  EXPECT_EQ(Known(u + "for x in u: y += 1\ndel u"), "{'x': ?, 'y': ?}");
  EXPECT_EQ(Known(u + "while u > x: x += 1\ndel u"), "{'x': ?, 'y': 2}");
  EXPECT_EQ(Known(u + "try:\n  x = 3\nexcept ImportError as e:\n  z = 1\nfinally:\n  pass\ndel u"),
            "{'x': ?, 'y': 2, 'e': ?, 'z': ?}");
  EXPECT_EQ(Known(u + "for i in range(3):\n  if u: break\n  x = 3\ndel u"),
            "{'x': ?, 'y': 2, 'i': ?}");
  EXPECT_EQ(Known(u + "for i in range(3):\n  if u: x = i\n  y = i\ndel u"),
            "{'x': ?, 'y': 2, 'i': 2}");
  EXPECT_EQ(Known(u + "if u:\n  def x(): pass\n  import z\ndel u"), "{'x': ?, 'y': 2}");
  EXPECT_EQ(Known(u + "if u: del x\ndel u"), "{'x': ?, 'y': 2}");
}

TEST(UnknownTest, LoopsThatAreKnownAreRun) {
  EXPECT_EQ(Known("x = []\nwhile len(x) < 3:\n  x.append(0)\nelse:\n  x.append(1)"),
            "[0, 0, 0, 1]");
  EXPECT_EQ(Known("x = []\nfor i in range(9):\n  if i == 1: continue\n  if i == 3: break\n"
                  "  x.append(i)\nelse:\n  x = 0\ndel i"),
            "[0, 2]");
  EXPECT_EQ(EvaluationError("while True: pass").substr(0, 28), "t.py:1:1: evaluating this co");
}

// Whoever gets an object may change it, and keep it for later.
TEST(UnknownTest, WhatCodeThatIsNotRunMayChange) {
  const std::string u = "import a\nl = [1]\nm = l\nd = dict(k=l, n=1)\n";
  EXPECT_EQ(Known(u + "a.f(l)"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "a.f(d)"), "{'l': ?, 'm': ?, 'd': ?}");
  EXPECT_EQ(Known(u + "a.f(1, 'b', (2,))"), "{'l': [1], 'm': [1], 'd': {'k': [1], 'n': 1}}");
  EXPECT_EQ(Known(u + "l.append(a.f())"), "{'l': [1, ?], 'm': [1, ?], 'd': {'k': [1, ?], 'n': 1}}");
  EXPECT_EQ(Known(u + "d.update(a.f())"), "{'l': [1], 'm': [1], 'd': ?}");
  EXPECT_EQ(Known(u + "d[a.f()] = 1"), "{'l': [1], 'm': [1], 'd': ?}");
  EXPECT_EQ(Known(u + "l[a.f()] = 1"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "l += a.f()"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "l.sort(key=a.f)"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "if a.f(): m.append(2)"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "x = l if a.f() else 0\nx.append(2)\ndel x"),
            "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "x = l if a.f() else 0\ndel x"),
            "{'l': [1], 'm': [1], 'd': {'k': [1], 'n': 1}}");
  EXPECT_EQ(Known(u + "try:\n  x = d\n  x['k'].append(1)\nexcept E: pass\ndel x"),
            "{'l': ?, 'm': ?, 'd': ?}");
  EXPECT_EQ(Known(u + "a.f(d)\nn = [2]\nd['z'] = n"), "{'l': ?, 'm': ?, 'd': ?, 'n': ?}");
  EXPECT_EQ(Known(u + "a.b.c = l\na.f()"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "b = l.append\nb(2)\ndel b"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "[a.f(i) for i in [m]]"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "(a.f() or l).append(2)"), "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "for x in l: l.append(a.f(l))\ndel x"),
            "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}}");
  EXPECT_EQ(Known(u + "d.get(a.f(), l).append(1)"), "{'l': ?, 'm': ?, 'd': ?}");
  EXPECT_EQ(Known(u + "z = zip(l)\na.f(z)\nx = list(z)\ndel z"),
            "{'l': ?, 'm': ?, 'd': {'k': ?, 'n': 1}, 'x': ?}");
}

TEST(UnknownTest, WhatItLeavesAsItIs) {
  const std::string u = "import a\nnames = ['b', 'c']\n";
  EXPECT_EQ(Known(u + "x = [a.f(n) for n in names]"), "{'names': ['b', 'c'], 'x': [?, ?]}");
  EXPECT_EQ(Known(u + "for i, n in enumerate(names):\n  if a.f(): a.g(n, i)\ndel i, n"),
            "{'names': ['b', 'c']}");
  EXPECT_EQ(Known(u + "def f(i):\n  return [a.g(0, 255) for _ in range(len(names))]\nx = f(1)"),
            "{'names': ['b', 'c'], 'x': ?}");
  EXPECT_EQ(Known(u + "if a.f(): print(names, len(names), sorted(names))"),
            "{'names': ['b', 'c']}");
  EXPECT_EQ(Known(u + "x = sorted(names, key=lambda n: -len(n))"), "{'names': ['b', 'c'], 'x': ?}");
}

// A function may change what its body names, whenever code is run that is not known.
TEST(UnknownTest, FunctionsOfTheConfig) {
  EXPECT_EQ(Known("l = [1]\ndef f(): l.append(2)\nx = 1\nf()"), "{'l': ?, 'x': 1}");
  EXPECT_EQ(Known("import a\ndef f(): l.append(2)\nl = [1]\na.b(f)"), "{'l': ?}");
  EXPECT_EQ(Known("y = 1\ndef f():\n  global y\n  y = 2\nf()\nz = y"), "{'y': ?, 'z': ?}");
  EXPECT_EQ(Known("l = [1]\ndef f(l): l.append(2)\nf([2])"), "{'l': [1]}");
  EXPECT_EQ(Known("l = [1]\nlist(map(lambda i: l.append(i), [2]))"), "{'l': ?}");
  EXPECT_EQ(Known("l = [1]\nclass A:\n  l.append(2)"), "{'l': ?, 'A': ?}");
}

TEST(UnknownTest, FunctionsThatAreComputed) {
  EXPECT_EQ(Known("import math\nx = [math.floor(2.5), math.ceil(2.1), math.sqrt(2), math.pi]"),
            "[2, 3, 1.4142135623730951, 3.141592653589793]");
  EXPECT_EQ(Known("from math import log2 as l, inf\nx = l(8) + 0\ndel inf"), "3.0");
  EXPECT_EQ(
      Known("import os.path as osp, os\nx = [osp.join('a', 'b/', 'c'), os.path.join('a', '/b')]"),
      "['a/b/c', '/b']");
  EXPECT_EQ(
      Known("from os.path import basename as b, dirname as d, splitext as s\n"
            "x = [b('/a/b.py'), d('/a//b.py'), d('/b'), s('a.b/.c'), s('.a.b'), s('a/b.c.d')]"),
      "['b.py', '/a', '/', ('a.b/.c', ''), ('.a', '.b'), ('a/b.c', '.d')]");
  EXPECT_EQ(Known("import copy\nl = [1]\nx = copy.deepcopy([l, l])\nx[0].append(2)"),
            "{'l': [1], 'x': [[1, 2], [1, 2]]}");
  EXPECT_EQ(Known("import math\nmath.pi = 3\nx = math.pi"), "?");
  EXPECT_EQ(Known("import os\nos.environ['A'] = '1'\nx = os.path.join('a', 'b')"), "'a/b'");
}

TEST(UnknownTest, BracketsThatCloseOnALineOfTheirOwn) {
  EXPECT_EQ(Known("x = [\n    1,\n] + [2]"), "[1, 2]");
  EXPECT_EQ(Known("x = (1 +\n 2) * 3"), "9");
  EXPECT_EQ(Known("n = 1\nx = dict(\n  a=1\n) if n else None\ndel n"), "{'a': 1}");
  EXPECT_EQ(Known("if 1:\n  x = [\n1\n] + [\n    2\n  ] + [3]"), "[1, 2, 3]");
}

TEST(UnknownTest, WhoNeedsItSaysWhy) {
  const Config config = Config::FromText(
      "import numpy as np\nm = dict(\n    w=np.mean([1, 2]) * 2,\n    n=[np.e])", "t.py");
  const ConfigNode m = config.root()["m"];
  EXPECT_TRUE(m["w"].IsUnknown());
  EXPECT_TRUE(m.HasUnknown());
  const std::string expected =
      "t.py:3:10: 'm.w' is needed, and it is not known: np.mean() is not run\n"
      "    w=np.mean([1, 2]) * 2,\n"
      "         ^\n"
      "hint: write the value itself, or say it: --cfg-options m.w=VALUE";
  EXPECT_EQ(ErrorOf([&] { m["w"].AsDouble(); }), expected);
  EXPECT_EQ(ErrorOf([&] { m.Get("w", 1.0); }), expected);
  EXPECT_EQ(ErrorOf([&] { m["w"].IsNone(); }), expected);
  ConfigOptions options;
  options.overrides = {"m.w=3"};
  EXPECT_EQ(
      Config::FromText("import a\nm = dict(w=a.b())", "t.py", options).root()["m"]["w"].AsInt(), 3);
}

// What may assign every name leaves those known that are assigned afterwards, and no others.
TEST(UnknownTest, WhatReachesAllNames) {
  for (const char* call :
       {"exec('y = 2')", "eval('y')", "globals()", "locals()", "vars()", "exec"}) {
    EXPECT_EQ(Known(std::string("l = [1]\n") + call + "\nx = dict(a=1)\nm = l"),
              "{'l': ?, 'x': {'a': 1}, 'm': ?}")
        << call;
  }
  EXPECT_EQ(Known("x = eval('1')"), "?");
  EXPECT_EQ(Known("exec('y = 2')\nx = [y, y + 1]\nz = 3"), "{'x': [?, ?], 'z': 3}");
  EXPECT_EQ(Known("l = [1]\nm = [l]\nexec('l.append(2)')\nl = [3]"), "{'l': [3], 'm': ?}");
  EXPECT_EQ(Known("x = [[i, exec('i.append(1)')] for i in [[1], [2]]]"), "[[?, ?], [?, ?]]");
}

// What it left behind may be run again by whatever is not known.
TEST(UnknownTest, WhatReachesAllNamesMayDoSoLater) {
  EXPECT_EQ(Known("exec('def f(): ...')\nx = [1]\nf()\nz = 3"), "{'x': ?, 'z': 3}");
  EXPECT_EQ(Known("g = globals()\nx = [1]\ng['x'] = 2\nz = 3"), "{'g': ?, 'x': ?, 'z': 3}");
  EXPECT_EQ(Known("def f(): exec('x = 2')\nx = 1\nz = x"), "{'x': 1, 'z': 1}");
  EXPECT_EQ(Known("def f(): exec('x = 2')\nx = 1\nf()\nz = 3"), "{'x': ?, 'z': 3}");
  EXPECT_EQ(Known("import a\nx = 1\n@a.b\ndef f(): exec('x = 2')\nz = 3").substr(0, 7), "{'x': ?");
  EXPECT_EQ(Known("x = 1\ntry:\n  exec('x = 2')\nexcept E: pass\nz = 3"), "{'x': ?, 'z': 3}");
  EXPECT_EQ(Known("import a\nx = 1\nif a.b(): globals()['x'] = 2\nz = 3").substr(0, 7), "{'x': ?");
  EXPECT_EQ(Known("x = 1\nh = lambda: vars()\nh()\nz = 3"), "{'x': ?, 'z': 3}");
  EXPECT_EQ(Known("x = 1\nh = lambda vars: vars\nh(2)\nz = 3"), "{'x': 1, 'z': 3}");
  EXPECT_EQ(Known("vars = dict(a=1)\nx = 1\ntry:\n  y = vars\nfinally: pass\nz = x"),
            "{'vars': {'a': 1}, 'x': 1, 'y': ?, 'z': 1}");
}

// Builtins may be replaced then, but for the types that every config is made of.
TEST(UnknownTest, BuiltinsWhereEveryNameMayBeBound) {
  EXPECT_EQ(Known("from math import *\nx = 1\ny = [max(1, 2), sqrt(4), pi]\nz = list(range(2))"),
            "{'x': 1, 'y': [?, ?, ?], 'z': [0, 1]}");
  EXPECT_EQ(Known("l = [1]\nm = l\nfrom math import *\nm.append(2)\nx = 1"),
            "{'l': ?, 'm': ?, 'x': 1}");
  EXPECT_EQ(Known("x = 1\ntry:\n  from math import *\nfinally: pass\nz = 3"), "{'x': ?, 'z': 3}");
}

TEST(UnknownTest, KeysThatMayHaveBeenAssigned) {
  const Config config = Config::FromText("exec('y = 2')\nx = dict(a=1)", "t.py");
  EXPECT_EQ(config.root()["x"]["a"].AsInt(), 1);
  EXPECT_FALSE(config.root()["x"].Find("b").has_value());
  ASSERT_TRUE(config.root().Find("y").has_value());
  EXPECT_EQ(ErrorOf([&] { config.root()["y"].AsInt(); }),
            "t.py:1:1: 'y' is needed, and it is not known: exec() is not run, and may change every "
            "name of the config\n"
            "exec('y = 2')\n"
            "^\n"
            "hint: write the value itself, or say it: --cfg-options y=VALUE");
  EXPECT_EQ(config.notes(),
            std::vector<std::string>{"t.py:1:1: exec() is not run, and may change every name of "
                                     "the config: all names are unknown, except those that are "
                                     "assigned afterwards"});
  ConfigOptions options;
  options.overrides = {"y.a=1", "z=2"};
  const Config changed = Config::FromText("exec('y = 2')", "t.py", options);
  EXPECT_TRUE(changed.root()["y"].IsUnknown());  // over whatever y is
  EXPECT_EQ(changed.root()["z"].AsInt(), 2);
}

TEST(UnknownTest, DecoratorsMayCallWhatTheyDecorate) {
  EXPECT_EQ(Known("import a\nl = [1]\n@a.b\ndef f(): l.append(2)").substr(0, 7), "{'l': ?");
}

TEST(UnknownTest, MatchIsNotRun) {
  const std::string u = "x = 1\ny = [2]\nz = [3]\n";
  EXPECT_EQ(Known(u + "match x:\n  case 1:\n    y = 4\n  case _:\n    pass\ndel _"),
            "{'x': 1, 'y': ?, 'z': [3]}");
  EXPECT_EQ(Known(u + "match z:\n  case [a, *b] if a > 1: b.append(1)"),
            "{'x': 1, 'y': [2], 'z': ?, 'a': ?, 'b': ?}");
  EXPECT_EQ(Known(u + "match x, y:\n  case (1, {'k': v, **w}) | [v, w]:\n    pass\ndel v, w"),
            "{'x': 1, 'y': [2], 'z': [3]}");
  EXPECT_EQ(Known("match = 1\ncase = [match]\nmatch += 1\nx: int = match"),
            "{'match': 2, 'case': [1], 'x': 2}");
  EXPECT_EQ(EvaluationError("x = 1\nmatch x:\n  case 1\n    y = 2").substr(0, 38),
            "t.py:3:9: expected ':', found the end ");
  EXPECT_EQ(EvaluationError("x = 1\nmatch x:\n  case 1: pass\n  y = 2").substr(0, 34),
            "t.py:4:3: expected 'case', found '");
}

}  // namespace
}  // namespace yoloport::config::python
