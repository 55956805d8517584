#!/usr/bin/env python3
"""Compares yoloport's evaluator with this Python, on generated snippets in the evaluator's language.

    scripts/differential_python.py --dump build/yoloport_dump [--count N] [--seed S] [--json N]

Where Python gives values, yoloport must give the same ones (types, order of keys and all) or refuse;
where Python raises, yoloport must refuse. Snippets are about what is easily got wrong: aliases, iterators,
ranges, views, lists that change in their own loop, numbers past 53 bits, formats, white space, characters
that are not printed, not-a-number, indentation, and syntax with mistakes. With --json, as many JSON texts
are compared with Python's json module besides. Exit code 0: nothing differs.
"""

import json
import math
import os
import pathlib
import pickle
import random
import re
import resource
import warnings

import differential

NAMES = ("dict list tuple set len range int float str repr bool min max sum abs round sorted reversed "
         "enumerate zip any all").split()
BUILTINS = {name: getattr(__import__("builtins"), name) for name in NAMES}
SECONDS = 0.3
MOST_MEMORY = 32 << 20  # on top of what this script takes


# What a snippet is made of: <NAME> stands for one of the row NAME.
GRAMMAR = {
    "number": [
        "0", "1", "2", "-1", "3", "7", "0.5", "-0.0", "2.5", "1e3", "1e22", "1e400", "-1e400", "True", "False", "2**53",
        "2**53+1", "9007199254740993", "2.0**53", "9223372036854775807", "-9223372036854775807", "1e-400", "0x1F", "1_000",
        "n1", "n2", "float('nan')", "0.1", "1.5e300", "4503599627370497.5", "1._0", "1_.0", "0_0", "00", "07", "0b101", "1__0",
        "0x_1", "0." + "0" * 330 + "1", "len(l1)", "len(r1)", "sum(l1)", "i", "9.5", "1e5", "5e-324", "3.0", "09.5",
        "(<number> <operator> <number>)", "(<number> <operator> <number>)", "(<number> <operator> <number>)", "-<number>",
        "abs(<number>)", "round(<number>)", "round(<number>, 1)", "int(<number>)", "float(<number>)", "~<number>",
        "(<number> if <number> else <number>)", "min(<number>, <number>)", "max(<number>, <number>)",
        "(<number> < <number> <= <number>)", "int(<text>)", "float(<text>)", "(not <number>)", "<rows>.count(<value>)",
        "(<value> in <rows>)", "2**<small>", "(<number>)**2", "bool(<value>)", "<rows>.index(<value>)", "len(<rows>)",
        "<rows>[<index>]", "<number>**-1", "sum(<rows>)", "len(<text>)", "max(<rows>)", "min(<iterable>)"],
    "small": ["0", "3", "-2", "53", "62", "63", "0.5", "64"],
    "operator": ["+", "-", "*", "/", "//", "%", "/", "==", "<", "<=", "!=", ">", ">=", "&", "|", "^", "<<", ">>", "and", "or", "@"],
    "index": ["0", "-1", "1", "5", "True", "n1", "<number>"],
    "slice": ["::-1", "1:", ":1", "::2", "-1:", "1:3", "::", "<number>:", "::n1", "-9:9:2", "5:0:-2"],
    "text": [
        "'a'", "'b c'", "' \\x1c x\\x85'", "'\\xa0y\\u3000'", "'\\u200b\\xad'", "'ü'", "'\\t a\\n'", "''", "'1_0'", "' 12 '", "'nan'",
        "'-inf'", "'{}'", "'it\\'s'", "\"q'\"", "'\\U0001F600'", "'\\x00\\x7f'", "'a,b,,c'", "s1", "s2", "ur''", "rb''", "Rf'{1}'",
        "u'x'", "f'{n1}'", "'١'", "'\\x1f1'", "'\\u20281'", "'\\e'", "'\\101'", "'1e400'", "'0x10'", "'infinity'", "'\\u2003'", "'aba'",
        "'\\ue000\\u0378'", "uf''", "R'\\n'", "'a' 'b'", "'+5'", "'1e-400'", "'nan(1)'", "'１'",
        "(<text> + <text>)", "(<text> * <number>)", "<text>.strip()", "<text>.lstrip()", "<text>.rstrip()", "<text>.strip(<text>)",
        "str(<value>)", "repr(<value>)", "repr(<text>)", 'f"{<value>}"', 'f"{<number><spec>}"', 'f"{<number><spec>}"', 'f"{s1<spec>}"',
        'f"{<value>!r<spec>}"', 'f"a{{{n1}}}b"', "'{<spec>}'.format(<number>)", "'{<spec>}'.format(<text>)", "'{0}{1}'.format(<value>, 1)",
        "'{}{0}'.format(<value>)", "'{x}'.format(x=<value>)", "'{ 0}'.format(1)", "'{a.b}'.format(**{'a.b': 1})", "'{0}'.format(1, **{'0': 2})",
        "<text>[<index>]", "<text>[<slice>]", "<text>.replace(<text>, 'z')", "<text>.upper()", "<text>.join(<rows>)", "<text>.lower()",
        "(<text> if <value> else <text>)", "str(<lazy>)", "max(<text>, <text>)", "str(d1.items())", "f'{n1#}'", "f'{n1!s:>5}'", "f'{<rows>}'"],
    "spec": ["", ":5", ":<5", ":>5", ":^5", ":*<05", ":05", ":<05", ":.2f", ":.1", ":d", ":.3e", ":%", ":*^7", ":010.3f", ":s", ":g", ":.0f",
             ":=5", ":+", ":,", ":x", ":>+5", ":é<4", ":.0", ":-5", ":08.2%", ":0<5", ":f", ":.12g", ":^05", ":00005", ":.1f", ":1"],
    "rows": [
        "[]", "[1, 2]", "(1,)", "()", "l1", "l2", "t1", "r1", "[n1, n1]", "['a', 'b']", "range(3)", "range(1, 10, 3)", "range(5, 0, -2)",
        "[3, 1, 2]", "(1, 'a')", "[[1], [2]]", "[n1]", "[None]", "[True, 1, 1.0]", "[(1, 2), (1, 1)]", "(2, 1)", "range(0)",
        "[<value>, <value>]", "(<value>,)", "list(<iterable>)", "tuple(<iterable>)", "(<rows> + <rows>)", "(<rows> * <number>)",
        "sorted(<rows>)", "sorted(<rows>, reverse=True)", "sorted(<iterable>, reverse=<number>)", "[x for x in <iterable>]",
        "[x for x in <rows> if x]", "[*<rows>, <value>]", "[*<iterable>]", "<rows>[<slice>]", "<text>.split()", "<text>.split(',')",
        "[(x, y) for x in <rows> for y in <rows>]", "[y for x in <rows> for y in [x]]", "[x for x in <rows> for y in x]", "list(d1)",
        "[x in <rows> for x in <rows>]", "[x for x in y for y in <rows>]", "[x for x in x]", "[*x for x in <rows>]", "[l1.append(x) for x in <rows>]",
        "[len for len in <rows>]", "[len([]) for len in <rows>]", "[x for x in <rows> if x for x in [n1]]", "list(zip(*<rows>))", "sum(<rows>, [])"],
    "iterable": ["<rows>", "<rows>", "<text>", "<lazy>", "<lazy>", "z1", "z1", "v1", "d1", "r1", "l1", "<mapping>"],
    "lazy": [
        "zip(<source>, <source>)", "reversed(<source>)", "enumerate(<source>)", "enumerate(<source>, 1)", "enumerate(<source>, True)",
        "enumerate(<source>, 2.5)", "d1.keys()", "d1.values()", "d1.items()", "range(<number>)", "range(2, 5)", "range(5, 1, -1)", "zip(z1, z1)",
        "zip()", "range(9)[<slice>]", "r1[<slice>]", "reversed(<rows>)", "enumerate(<iterable>, start=2)", "zip(<iterable>)", "zip(*[<source>, <source>])"],
    "source": ["l1", "t1", "r1", "z1", "v1", "[1, 2]", "'ab'", "d1", "range(4)", "[3, 4, 5]", "<iterable>"],
    "mapping": [
        "{}", "{'a': 1}", "dict(a=1, b=2)", "d1", "{1: 'x', 1.0: 'y', True: 'z'}", "dict(zip('ab', r1))", "{n1: 1}", "{(1, 2): 3}", "{None: 0}",
        "dict([('k', 1)])", "dict(a=1, [])", "dict(**d1, *l1)", "dict(a=1, a=2)", "{[1]: 2}", "dict(d1, c=3)", "{2**53: 1, 2.0**53: 2}",
        "{**d1, 'a': 5}", "{<value>: <value>}", "dict(<mapping>, z=<value>)", "{x: <value> for x in <iterable>}", "(<mapping> | d1)", "d1.copy()",
        "dict(<lazy>)", "{k: v for k, v in d1.items()}", "dict(<iterable>)", "{x: y for x, y in <lazy>}", "dict(d1.items(), **{'q': 1})"],
    "value": ["<number>", "<number>", "<text>", "<rows>", "<mapping>", "None", "True", "{1}", "{1, 2}", "set()", "<condition>", "set(<rows>)",
              "d1.get(<value>)", "d1.get('a', <value>)", "d1.get('z', default=1)", "d1.setdefault(<value>, 1)", "d1.pop(<value>, 2)", "d1[<value>]"],
    "condition": [
        "<value> == <value>", "<value> != <value>", "<value> in <iterable>", "<lazy> == <rows>", "<value> is None", "<value> < <value>", "bool(<lazy>)",
        "<value> in {1, 'a'}", "<number> == <number>", "<number> < <number>", "d1.keys() == d1.keys()", "any(x for x in <iterable>)", "all(<iterable>)",
        "any(<lazy>)", "[1] in {1}", "<rows> == <rows>", "<rows> < <rows>", "<rows> >= <rows>", "<value> not in <rows>", "n1 in [n1]", "[n1] == [n1]",
        "(n1,) in [(n1,)]", "<text> in <text>", "l1 is not None", "not <lazy>", "<value> in d1", "<value> in v1", "<value> in r1", "<value> in z1",
        "n1 == <number>", "(1, <value>) in d1.items()", "any(l1.pop() for x in <rows>)", "r1 == <rows>", "<rows> <= <rows>", "{1: n1} == {1: n1}"],
    "change": ["l1.append(1)", "l1.pop()", "l1.insert(0, 5)", "d1['q'] = 1", "d1.pop('a', 0)", "l2.append(x)", "l1.remove(1)", "d1.update(a=9)",
               "l1.extend(l1)", "d1[x] = 2", "pass", "l1.reverse()", "l1.clear()", "del l1[0]", "l1.sort()", "l1 += [x]", "s2 += str(x)", "d1.clear()",
               "l1.pop(0)", "d1['a'] = x", "d1 = {}", "n2 = x", "z1 = zip(l1)"],
    "target": ["x1", "x2", "x3"],
    "augmented": ["+=", "*=", "-=", "|=", "//=", "/=", "%="],
    "statement": [
        "<target> = <value>", "<target> = <value>", "<target> = <value>", "<target> = <condition>", "<target> = <condition>", "<target> = <lazy>",
        "l2 = l1\nl1 *= <number>", "l2 = l1\nl1 += <iterable>", "l2 = l1 = [l1]\nl1 <augmented> <value>", "<named> <augmented> <value>",
        "d1['a'] = <value>", "d1[n1] <augmented> <value>", "d1['a'] <augmented> <value>", "l1[<index>] = <value>", "l1[0] <augmented> <value>",
        "z1 = <lazy>\n<target> = list(z1)\nx2 = list(z1)", "z1 = <lazy>\n<target> = bool(z1)", "z1 = <lazy>\n<change>\n<target> = list(z1)",
        "z1 = <lazy>\nx1 = <value> in z1\nx2 = list(z1)", "z1 = <lazy>\nx1 = any(z1)\nx2 = list(z1)",
        "v1 = <view>\nd1['new'] = 1\n<target> = list(v1)", "v1 = <view>\nd1['new'] = 1\n<target> = len(v1)", "v1 = <view>\n<change>\n<target> = str(v1)",
        "for x in <iterable>:\n    <change>", "for x in l1:\n    <change>", "for x in d1:\n    <change>", "for k, x in d1.items():\n    <change>",
        "for x in z1:\n    <change>\n    x3 = list(z1)", "for i, x in enumerate(<iterable>):\n    <change>", "for x in reversed(l1):\n    <change>",
        "<target>, *y1 = <iterable>", "<target>, y2 = <iterable>", "<change>", "x = <value>\n<change>", "l1.append(<value>)", "l1.extend(<iterable>)",
        "l1.extend(len(l1) for x in <rows>)", "l1.extend(enumerate(l1))", "l1.extend(zip(l1))", "l1.remove(<value>)", "d1.update(<mapping>)", "d1.update(<lazy>)",
        "if <condition>:\n\t<target> = 1\n\t<target> = 2", "if <condition>:\n\t<target> = 1\n        <target> = 2", "if n1:\n    <target> = 1\n\t<target> = 2",
        "<target>: int = <value>", "<target>: Undefined = <value>", "<target>: list[int] = <value>", "<target>: int = y1 = <value>", "d1['a']: int = <value>",
        "del x", "del l1[0]", "del d1['a']", "del (x, i)", "del len(l1)", "<target> = <taker>(<value> for x in <iterable>)", "<target> = x = <value>",
        "if 0:\n    <target> = <value>\n    1 = 2", "if 0: dict(a=1, a=2)", "for 1 in []: pass", "<target> = d1.if", "(x, y1) += 1", "<target> = 1 \\\n", "x, *y1, *y2 = l1"],
    "named": ["l1", "s1", "n1", "t1", "d1", "r1", "x"],
    "view": ["d1.keys()", "d1.values()", "d1.items()"],
    "taker": ["dict", "list", "set", "tuple", "sum", "max", "min", "any", "all", "zip", "enumerate", "sorted", "len", "bool", "str"],
}
START = """l1 = [1, 2, 3]
l2 = [0]
t1 = (1, 2)
d1 = {'a': 1, 'b': 2}
n1 = %s
n2 = 4
s1 = 'ab'
s2 = ''
r1 = range(3)
z1 = zip(l1, t1)
v1 = d1.keys()
i = x = 1
"""
FIRST = ["3", "1", "0", "2.5", "'a'", "float('nan')", "2**53 + 1", "True", "'b'"]
MISTAKES = list("()[]{},:=.'\"\\ \t\n\r#*_0a") + ["if ", "for ", "not ", " in ", "\f", "**", "\\\n", "\t ", "f'", "lambda"]


class Snippets:
    """Random statements over a few names, each of which mostly holds one kind of value."""

    def __init__(self, rng):
        self.rng = rng

    def expand(self, text, depth=0):
        """`text` with each <NAME> replaced; simple ones the deeper it gets."""
        def choose(match):
            row = GRAMMAR[match[1]]
            if depth > 3:
                row = [each for each in row if "<" not in each or "<<" in each or "< " in each or ":<" in each] or row
            return self.expand(self.rng.choice(row), depth + 1)

        return re.sub(r"<([a-z]+)>", choose, text)

    def spoiled(self, text):
        """`text` with a mistake or two."""
        rng = self.rng
        for _ in range(rng.randrange(1, 3)):
            at = rng.randrange(len(text) + 1)
            change = rng.randrange(3)
            if change == 0:
                text = text[:at] + text[at + 1:]
            elif change == 1:
                text = text[:at] + rng.choice(MISTAKES) + text[at:]
            else:
                text = text[:at] + text[at:at + 5] + text[at:]
        return text

    def snippet(self):
        rng = self.rng
        body = "".join(self.expand("<statement>") + "\n" for _ in range(rng.randrange(1, 4)))
        if rng.random() < 0.1:
            body = self.spoiled(body)
        return START % rng.choice(FIRST) + body + "z1 = v1 = 0\n"


class JsonTexts:
    """JSON, and what is nearly JSON."""

    def __init__(self, rng):
        self.rng = rng

    def value(self, depth=0):
        rng = self.rng
        kind = rng.randrange(9 if depth < 4 else 6)
        if kind == 0:
            return rng.choice(["true", "false", "null", "NaN", "Infinity", "-Infinity", "0", "-0", "1", "-0.0"])
        if kind == 1:
            return repr(rng.uniform(-1e3, 1e3)) if rng.random() < 0.5 else str(rng.randrange(-10**6, 10**6))
        if kind == 2:
            return rng.choice(["1e5", "1E-5", "2.5e+3", "1e400", "1e-400", "123456789012345678", "9223372036854775807",
                               "-9223372036854775808", "9223372036854775808", "0.1", "1.0", "5e-324", "0." + "0" * 340 + "1"])
        if kind == 3:
            return rng.choice(["True", "None", "nan", "inf", "1+1", "0x10", "01", "1.", ".5", "+1", "--1", "1e", "'a'", "(1)",
                               "[1,]", "{1: 2}", "[i for i in [1]]", "undefined", "// c", "/* c */ 1", "# c", "1_000", "{'a': 1}",
                               "-NaN", "+Infinity", "infinity", "NaNN", "tru", "nulll", "[1 2]", "1 if 1 else 2", "{,}", "[,]",
                               "\"a\" \"b\"", "f\"\"", "r\"a\"", "1j", "0b1", "0o7", "not true", "-true", "- 1", "\u00a01", "\ufeff1", "\f1"])
        if kind in (4, 5):
            body = "".join(rng.choice(["a", "ü", "\\n", "\\u0041", "\\ud83d\\ude00", "\\/", "\\\"", "\\\\", " ", "\U0001F600", "'", "\x7f", "\u2028",
                                       "\\x41", "\\u12", "\t", "\n", "\\ud800", "\\'", "\\a", "\\U00000041", "\\u+123", "\\u 123", "\\0"][:14 if rng.random() < 0.9 else 99])
                           for _ in range(rng.randrange(5)))
            return f'"{body}"'
        space = lambda: rng.choice(["", "", " ", "\n", "\t", "\r\n"])
        if kind == 6:
            keys = [rng.choice(['"a"', '"b"', '""', '"\\u0061"', '"ü"']) for _ in range(rng.randrange(4))]
            return "{" + space() + ",".join(f"{space()}{key}{space()}:{space()}{self.value(depth + 1)}{space()}" for key in keys) + "}"
        return "[" + space() + ",".join(space() + self.value(depth + 1) + space() for _ in range(rng.randrange(4))) + "]"

    def text(self):
        text = '{"x": ' + self.value() + "}"
        if self.rng.random() < 0.3:
            at = self.rng.randrange(len(text))
            text = self.rng.choice([text[:at] + text[at + 1:], text[:at] + self.rng.choice('{}[],:"\\ 0-.eE\n#/\'') + text[at:], text[:at] + text[at:at + 3] + text[at:]])
        return text


def same(a, b):
    """Equal with types, order of keys and signs of zeros; not-a-number is like not-a-number. `a` may be unknown."""
    if isinstance(a, Unknown):
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (a != a and b != b) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(same(k, m) and same(v, w) for (k, v), (m, w) in zip(a.items(), b.items()))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def bound_by(text):
    """The names that running `text` binds."""
    names = {"__builtins__": dict(BUILTINS)}
    exec(compile(text, "snippet", "exec"), names)
    return {name: value for name, value in names.items() if not name.startswith("__")}


def work(texts, pipe):
    """Sends what each text binds, pickled; the system ends this process at one that takes too long."""
    in_use = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + MOST_MEMORY, in_use + MOST_MEMORY))
    for text in texts:
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + SECONDS), resource.RLIM_INFINITY))
        try:
            answer = pickle.dumps((bound_by(text), ""))
        except BaseException as error:
            answer = pickle.dumps((None, f"{type(error).__name__}: {error}"))
        pipe.write(len(answer).to_bytes(8, "little") + answer)
        pipe.flush()


def run(texts):
    """For each text the names that Python binds, or (None, why). In processes of their own."""
    answers = []
    while len(answers) < len(texts):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                with os.fdopen(writing, "wb") as pipe:
                    work(texts[len(answers):], pipe)
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            while size := pipe.read(8):
                answers.append(pickle.loads(pipe.read(int.from_bytes(size, "little"))))
        os.waitpid(child, 0)
        if len(answers) < len(texts):
            answers.append((None, "takes too long"))
    return answers


def load(text):
    try:
        return json.loads(text.replace("\r\n", "\n").replace("\r", "\n")), ""  # read as text
    except (ValueError, RecursionError) as error:
        return None, str(error)


class Unknown:
    """What yoloport does not know, which may be anything."""

    def __init__(self, why):
        self.why = why


def literal(text):
    names = {"float": float, "set": set, "range": range, "Ellipsis": ..., "unknown": Unknown}
    return eval(text, {"__builtins__": names})


def compare(tally, paths, kind, dump, reference):
    texts = [path.read_bytes().decode("utf-8") for path in paths]
    for path, ours, (theirs, why) in zip(paths, differential.ask(dump, "config", paths), reference(texts)):
        error = ours.get("error")
        if theirs is None:
            if error is None and "unknown(" in ours["python"]:
                tally.add(f"{kind}: unknown, Python fails")
            elif error is None:
                tally.disagree(path, f"accepted, Python: {why}")
            else:
                tally.add(f"{kind}: both refuse")
        elif error is not None:
            tally.add(f"{kind}: yoloport alone refuses", error.split(": ", 1)[-1])
        elif same(literal(ours["python"]), theirs):
            tally.add(f"{kind}: equal")
        else:
            ours = literal(ours["python"])
            names = [name for name in theirs if not same(ours.get(name), theirs[name])]
            name = names[0] if names else "?"
            tally.disagree(path, f"{name}: {ours.get(name)!r:.200}, Python {theirs.get(name)!r:.200}")


def write(folder, name, text):
    path = pathlib.Path(folder) / name
    path.write_bytes(text.encode("utf-8"))
    return path


def main():
    parser = differential.parser(__doc__)
    parser.add_argument("--json", type=int, default=0, help="JSON texts to try")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    warnings.simplefilter("ignore")
    tally = differential.Tally(arguments.keep)
    with differential.folder() as folder:
        snippets = [write(folder, f"s{i}.py", Snippets(rng).snippet()) for i in range(arguments.count)]
        compare(tally, snippets, "Python", arguments.dump, run)
        texts = [write(folder, f"j{i}.json", JsonTexts(rng).text()) for i in range(arguments.json)]
        compare(tally, texts, "JSON", arguments.dump, lambda texts: map(load, texts))
    tally.finish()


if __name__ == "__main__":
    main()
