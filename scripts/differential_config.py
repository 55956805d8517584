#!/usr/bin/env python3
"""Compares yoloport's reading of configs with MMEngine's, on generated ones. Run it with a Python that
has mmengine:

    VENV/bin/python scripts/differential_config.py --dump build/yoloport_dump [--count N] [--seed S]

The configs are made here, so that MMEngine may run them. Where MMEngine gives a config, yoloport must
give the same one: keys in the same order, the same types; or refuse with a reason of ON_PURPOSE. Where
MMEngine raises, yoloport must refuse. Exit code 0: nothing else.
"""

import contextlib
import io
import pathlib
import random
import warnings

from mmengine.config import Config

import compare_configs
import differential

warnings.filterwarnings("ignore")

ON_PURPOSE = {
    "does not fit 64 bits": "integers past 64 bits",
    "more than": "a value past its cap",
    "is not supported": "parts of Python that no config needs",
    "cannot be": "as above",
    "is not available": "methods and attributes that no config needs",
    "called": "as above",
    "only ASCII": "the case of letters beyond ASCII",
    "does not fit an int": "integers past 64 bits",
    "compares with None": "`is` on numbers and texts is up to Python's caching",
    "does not fit a": "formats of an f-string that no config needs",
}


class Generator:
    """Random configs. Expressions have a type most of the time, so that most configs mean something."""

    def __init__(self, rng):
        self.rng = rng
        self.names = {"num": [], "text": [], "list": [], "dict": []}
        self.depth = 0

    def pick(self, *choices):
        return self.rng.choice(choices)

    def lazy(self, *choices):
        return self.rng.choice(choices)()

    def any(self):
        return self.make(self.pick("num", "num", "text", "list", "dict", "other"))

    def make(self, kind):
        """An expression of `kind`; now and then of another one."""
        if self.rng.random() < 0.01:
            kind = self.pick("num", "text", "list", "dict", "other")
        named = self.names.get(kind)
        if named and self.rng.random() < 0.25:
            return self.rng.choice(named)
        self.depth += 1
        try:
            return getattr(self, kind)(self.depth > 4)
        finally:
            self.depth -= 1

    def other(self, flat):
        return self.pick("None", "True", "False", "()", "(1, 'a')", f"({self.make('num')}, {self.make('text')})" if not flat else "(2,)")

    def num(self, flat):
        simple = self.pick("0", "1", "-3", "7", "2.5", "1e-3", "1_000", "0x1F", "3.0", "10**3", "True", "100", "0.1", "1e22", "123456789")
        if flat or self.rng.random() < 0.3:
            return simple
        number = lambda: self.make("num")
        operator = self.pick("+", "-", "*", "*", "/", "//", "%", "==", "!=", "<", ">=", "and", "or")
        return self.lazy(
            lambda: simple,
            lambda: f"({number()} {operator} {number()})",
            lambda: f"({self.pick('-', 'not ', '+')}{number()})",
            lambda: f"({number()} if {number()} else {number()})",
            lambda: f"len({self.make(self.pick('text', 'list', 'dict'))})",
            lambda: f"{self.pick('int', 'float', 'abs', 'round', 'bool')}({number()})",
            lambda: f"{self.pick('max', 'min')}({number()}, {number()})",
            lambda: f"sum([{number()}, {number()}])",
            lambda: f"({self.make('num')} in {self.make('list')})",
            lambda: f"[{number()}, {number()}][{self.pick('0', '-1', '1')}]",
        )

    def text(self, flat):
        simple = self.pick("'a'", "'bc'", "''", "'é'", '"x y"', "r'\\d'", "'a' 'b'", "'''t\n'''", "'\\n\\x41'", '"it\'s"')
        if flat or self.rng.random() < 0.3:
            return simple
        return self.lazy(
            lambda: simple,
            lambda: f"({self.make('text')} + {self.make('text')})",
            lambda: f"({self.make('text')} * {self.pick('0', '2', '3')})",
            lambda: f"str({self.make('num')})",
            lambda: f"f'{{{self.pick('1', '2.5', 'True', repr(chr(97)).replace(chr(39), chr(34)))}}}-{{{self.pick('7', '100')}:>5}}'",
            lambda: f"{self.make('text')}.{self.pick('upper()', 'strip()', 'lower()', 'replace(' + repr('a') + ', ' + repr('b') + ')', 'title()')}",
            lambda: f"{self.make('text')}.join(['a', 'b'])",
            lambda: f"{self.make('text')}[{self.pick('1:', '::-1', ':2', ':-1')}]",
            lambda: f"({self.make('text')} if {self.make('num')} else {self.make('text')})",
            lambda: f"'{{}}-{{}}'.format({self.make('num')}, {self.make('text')})",
        )

    def list(self, flat):
        if flat:
            return self.pick("[]", "[1, 2]", "['a']")
        some = "[" + ", ".join(self.any() for _ in range(self.rng.randrange(4))) + "]"
        return self.lazy(
            lambda: some,
            lambda: some,
            lambda: f"({self.make('list')} + {self.make('list')})",
            lambda: f"({self.make('list')} * {self.pick('0', '2')})",
            lambda: f"[x {self.pick('', '* 2', 'if True else 0')} for x in {self.pick('range(3)', self.make('list'))} {self.pick('', 'if x', 'if not x')}]",
            lambda: f"list({self.pick('range(3)', '(1, 2.5)', self.make('text'), self.make('list'))})",
            lambda: f"{self.make('list')}[{self.pick('1:', '::-1', ':2')}]",
            lambda: f"sorted([{self.make('num')}, {self.make('num')}])",
            lambda: f"[*{self.make('list')}, {self.any()}]",
            lambda: f"{self.make('text')}.split()",
        )

    def dict(self, flat):
        if flat:
            return self.pick("{}", "dict()", "dict(a=1)")
        keys = self.rng.sample(["a", "b", "c", "type", "lr"], self.rng.randrange(4))
        some = "dict(" + ", ".join(f"{key}={self.any()}" for key in keys) + ")"
        return self.lazy(
            lambda: some,
            lambda: some,
            lambda: "{" + ", ".join(f"{self.pick(repr('k'), '1', '2.5', repr('m'))}: {self.any()}" for _ in range(self.rng.randrange(3))) + "}",
            lambda: f"dict({self.make('dict')}, z={self.any()})",
            lambda: f"{{**{self.make('dict')}, 'y': {self.any()}}}",
            lambda: f"{{k: {self.make('num')} for k in ['p', 'q']}}",
        )

    def statement(self):
        rng = self.rng
        kind = rng.randrange(12)
        lists, dicts, numbers = self.names["list"], self.names["dict"], self.names["num"]
        if kind == 0 and numbers:
            return f"{rng.choice(numbers)} {self.pick('+', '-', '*')}= {self.make('num')}"
        if kind == 1 and dicts:
            return f"{rng.choice(dicts)}[{self.pick(repr('n'), repr('a'))}] = {self.any()}"
        if kind == 2 and dicts:
            return f"{rng.choice(dicts)}.update({self.pick('z=1', self.make('dict'))})"
        if kind == 3 and lists:
            return f"{rng.choice(lists)}.{self.pick('append(1)', 'extend([1])', 'insert(0, 2)', 'reverse()')}"
        if kind == 4:
            value = self.make("num")
            return f"if {value}:\n    n9 = {self.make('num')}\nelse:\n    n9 = {self.make('num')}"
        if kind == 5:
            return f"for i in range({self.pick('2', '3')}):\n    n8 = {self.pick('i', 'i * 2', self.make('num'))}"
        if kind == 6:
            return f"x1, x2 = {self.any()}, {self.any()}"
        kind = self.pick(*self.names)
        name = f"{kind[0]}{rng.randrange(6)}"
        line = f"{name} = {self.make(kind)}"
        if name not in self.names[kind]:
            self.names[kind].append(name)
        return line

    def config(self):
        return "".join(self.statement() + "\n" for _ in range(self.rng.randrange(1, 9)))


def reference(path):
    """The config as MMEngine's to_dict() gives it, as a Python literal, or (None, why)."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return repr(Config.fromfile(str(path), import_custom_modules=False).to_dict()), ""
    except BaseException as error:
        return None, f"{type(error).__name__}: {error}"


def main():
    arguments = differential.arguments(__doc__)
    rng = random.Random(arguments.seed)
    tally = differential.Tally(arguments.keep)
    with differential.folder() as folder:
        paths = []
        for i in range(arguments.count):
            path = pathlib.Path(folder) / f"c{i}.py"
            text = Generator(rng).config()
            if i % 4 == 1:  # over the one before
                text = f"_base_ = './c{i - 1}.py'\n" + text
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        for path, ours in zip(paths, differential.ask(arguments.dump, "config", paths)):
            theirs, why = reference(path)
            error = ours.get("error")
            if theirs is None:
                if error is None and "unknown(" in ours["python"]:
                    tally.add("unknown, MMEngine fails")
                elif error is None:
                    tally.disagree(path, f"accepted, MMEngine: {why}")
                else:
                    tally.add("both refuse")
            elif error is None:
                try:
                    differ = compare_configs.difference(compare_configs.parse(ours["python"]), compare_configs.parse(theirs))
                except Exception as failure:  # MMEngine's repr need not be a literal
                    tally.add("not comparable", f"{failure}")
                    continue
                tally.disagree(path, differ) if differ else tally.add("equal")
            elif any(part in error for part in ON_PURPOSE):
                tally.add("refused on purpose", error.split(": ", 1)[-1])
            else:
                tally.disagree(path, f"refused, MMEngine reads it: {error.split(': ', 1)[-1].splitlines()[0]}")
    tally.finish()


if __name__ == "__main__":
    main()
