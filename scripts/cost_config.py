"""Configs that are made to cost: inputs for scripts/cost.py.

`inputs(random, count)` yields (name, bytes, arguments): a file of up to 1 MB and the arguments of yoloport, in
which "{file}" stands for the file. Each is a random mixture of what costs more than it shows: keys and values that are
long or alike, searches, formats, loops, iterators, names that come and go, templates, nesting.
"""

import re

MOST_BYTES = 1_000_000

# <NAME> stands for one of a row; <n>, <k> and <m> for a large, middle and small number.
GRAMMAR = {
    "n": ["1000", "30000", "180000", "400000", "999999"],
    "k": ["60", "1000", "9000", "65000"],
    "m": ["2", "7", "30", "300"],
    "text": ["'a'*<k>", "'ab'*<m>", "'\\x01'*<k>", "'é'*<k>", "'a'*<k> + 'b'", "' '*<k>", "str(i)", "f'{i:0<m>}'", "'0'*<k>", "'{}'*<m>"],
    "key": ["i", "-31*i", "(i, -31*i)", "<text>", "('k',)*<m> + (i,)", "i*2**32", "float(i)", "(<text>, i)", "str(i)", "f'{i}'"],
    "value": ["i", "[]", "{}", "<text>", "[0]*<m>", "(i,)*<m>", "None", "dict(a=i)", "range(<m>)"],
    "work": [
        "a == b", "a in d", "d.get(a)", "a[:1]", "len(a)", "a.strip(b)", "a.split(b)", "a.replace(b, 'c')", "b in a", "f'{a:.1}'", "f'{i:<m>}'",
        "f'{1e308:.<m>f}'", "round(1e-300, <m>)", "int('0'*<m>)", "float(a) if 0 else 1", "a + b", "repr(a)[:1]", "'{k1}'.format(**d)",
        "sorted(l)", "l + l", "l == m", "l.count(a)", "l.index(0)", "list(zip(l, m))", "dict(d)", "d == d.copy()", "list(d.items())", "sum(l)",
        "max(l)", "any(l)", "[x for x in l]", "tuple(l)", "set(l)", "a.join(['', ''])", "l[::-1]", "d.update(d)", "l.insert(0, i)", "l.pop()",
        "list(enumerate(l))", "reversed(l)", "str(l)[:1]", "a < b", "(a,)*<m> in d", "d.setdefault(a, i)", "dict(zip(l, m))", "a.upper()[:1]"],
    "loop": [
        "x = len([<work> for i in range(<n>)])", "x = {<key>: <value> for i in range(<n>)}", "for i in range(<n>):\n    y = <work>",
        "x = [<work> for i in range(<m>) for j in range(<m>)]", "for i in range(<n>): a += 'a'", "for i in range(<n>): l += [i]",
        "for i in l: l.append(i)", "x = sorted([<key> for i in range(<n>)])", "x = [<value> for i in range(<n>)]",
        "for i in range(<n>): d[<key>] = <value>", "for i in range(<n>):\n    import q\n    q = i", "for i in range(<m>): l = [l, l]",
        "z = l\nfor i in range(<n>): z = zip(z)", "x = (lambda: 0) if 0 else 1", "x = {i: {j: 0 for j in range(<m>)} for i in range(<n>)}"],
    "start": ["a = <text>\nb = <text>\nl = [<value>]*<m>\nm = [<value>]*<m>\nd = {'k1': 1, <text>: 2}\n"],
    "row": ["n#=0\n", "import n#\n", "x=n0=#\n", "del n0\nn0=0\n", "0\n", "n#={'a':#}\n", "if 0: pass\n", "x=[]\n", "n0=''\n", "n#=dict(b=dict(c=#))\n",
            "d#: int = 1\n", "x='a' 'b'\n", "# {{fileDirname}}\n", "# {{ fileDirnam }}\n", "x={{$Q:1}}\n"],
    "element": ["0,", "[],", "{},", "'',", "f'{1}',", "dict(),", "i,", "{{$Q:1}},", "-1,", "1.5,", "(),", "not 1,", "1+1,", "#,", "'#',", "'#':0,", "#:0,", "*[],", "[x for x in []],",
                "1<2<3,", "0 or", "'a'", "{{$Q:1", "{{", "}}", "\\x41", "1 if 0 else", "a#=0,", "**{},", "(", "[", "{", "["],
    "around": ["x=[ ]", "x={ }", "x=( )", "x=''' '''", "x=f''' '''", "x=dict( )", "x=max( )", "x=[*[ ]]", "x= 0", "# ", "x=[0 for y in [ ]]", "x='{}'.format( )"],
    "keys": ["model=dict(test_cfg={ })", "model=dict(test_cfg=dict(nms={ }))", "model=dict(data_preprocessor={ })", "model=dict(bbox_head={ })",
             "model=dict(bbox_head=dict(bbox_coder={ }))", "model=dict(backbone={ })", "model={ }", "test_pipeline=[ ]"],
    "key_element": ["'#':1,", "'scorethr#':1,", "'#':{},", "dict(type='LoadImageFromFile',to_float32=True),", "dict(type='Pad',n#=1),", "\n'#':1,"],
    "json": ['{"a":[ 0]}', '{ "z":0}', '{"a":{ "z":0}}', '{"a":" "}', '{"a": 0'],
    "json_element": ["0,", "[],", "{},", '"",', '"#":#,', '"k":0,', "[", '{"a":', "1e5,", "\\u0041", "NaN,", '"#":[],', "-"],
}


class Maker:
    def __init__(self, random):
        self.random = random

    def expand(self, text, depth=0):
        def choose(match):
            return self.expand(self.random.choice(GRAMMAR[match[1]]), depth + 1) if depth < 8 else "0"

        return re.sub(r"<([a-z_]+)>", choose, text)

    def repeated(self, text):
        """`text` again and again, up to some size, with its # counted."""
        size = self.random.choice([2_000, 50_000, 400_000, MOST_BYTES - 1_000])
        return "".join(text.replace("#", str(i)) for i in range(size // (len(text) + 5 * text.count("#"))))

    def loops(self):
        random = self.random
        return self.expand("<start>") + "".join(self.expand("<loop>") + "\n" for _ in range(random.randrange(1, 4)))

    def rows(self):
        return "i = 1\n" + self.repeated(self.expand("<row>")) + self.random.choice(["", "x = " + "u" * 60, self.expand("<start><loop>\n")])

    def display(self):
        before, after = self.expand("<around>").split(" ", 1)
        return "i = 1\n" + before + self.repeated(self.expand("<element>")) + after + "\n"

    def keys(self):
        before, after = self.expand("<keys>").split(" ", 1)
        return "_base_ = './config.py'\n" + before + self.repeated(self.expand("<key_element>")) + after + "\n"

    def nested(self):
        random = self.random
        opening, closing = random.choice(["[]", "()", ("{0:", "}"), ("not ", ""), ("-", ""), ("list(", ")"), ("[x for x in ", "]"), ("0 if ", " else 0"), ("f'{", "}'")])
        depth = random.choice([190, 199, 201, 5_000, 100_000])
        inner = random.choice(["1", "[]", self.repeated("0,")])
        return f"x = {opening * depth}{inner}{closing * depth}\n"

    def json(self):
        before, after = self.expand("<json>").split(" ", 1)
        return before + self.repeated(self.expand("<json_element>")) + after


def inputs(random, count):
    maker = Maker(random)
    kinds = [maker.loops, maker.loops, maker.rows, maker.display, maker.keys, maker.nested, maker.json]
    for i in range(count):
        kind = random.choice(kinds)
        text = kind()[:MOST_BYTES]
        name = f"{kind.__name__}{i}.{'json' if kind == maker.json else 'py'}"
        arguments = ["inspect", "{file}"] + random.choice([[], ["--format", "python"], ["--cfg-options", "x.a=[(1,2),3]"]])
        if kind == maker.keys:
            arguments = ["export", "{file}", "digits.pth", "--from-test-cfg", "--output", "out.onnx"]
        elif i % 5 == 0:
            arguments = ["export", "{file}", "digits.pth", "--output", "out.onnx"]
        yield name, text.encode("utf-8"), arguments
