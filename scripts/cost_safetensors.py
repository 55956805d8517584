"""Files of safetensors for cost.py: headers that are long, deep, wide or wrong."""

import struct

from cost_parts import LARGEST, budget, json_string, json_value, names, size

ENTRY = b'{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}'


def key_text(name):
    return b'"' + name.decode("latin-1").encode("unicode_escape").replace(b'"', b'\\"').replace(b"\\x", b"\\u00") + b'"'


def entry(random, wrong):
    dtype = random.choice([b"F32", b"I8", b"F8_E4M3", b"BF16", b"x" * size(random, 500)])
    shape = random.choice([b"0", b"0,1,1,1", b"0", b"0," * 15 + b"0"])
    if random.random() < wrong:
        return random.choice([json_value(random, 200), ENTRY % (dtype, b"9223372036854775807,0", 0, 0),
                              ENTRY % (dtype, b"", 0, 0), ENTRY % (dtype, shape, 5, 4)])
    return ENTRY % (dtype, shape, 0, 0)


def header(random, budget):
    kind = random.randrange(10)
    if kind == 0:
        return json_value(random, budget)
    if kind == 1:
        return b"{" + b",".join(key_text(name) + b":{}" for name in names(random, size(random, budget // 10))) + b"}"
    if kind == 2:
        pairs = b",".join(b'"%d":""' % i for i in range(size(random, budget // 8)))
        return b'{"__metadata__":{' + pairs + b"}}"
    if kind == 3:
        return b'{"__metadata__":{"config":' + json_string(random, size(random, budget // 12)) + b"}}"
    if kind == 4:
        return b'{"w":' + random.choice([b"[", b"{", b'{"shape":[']) * (budget // 10)
    wrong = random.choice([0, 0, 0, 0.001])
    fixed = entry(random, 0) if random.random() < 0.5 else None
    parts = [key_text(name) + b":" + (fixed or entry(random, wrong))
             for name in names(random, size(random, budget // 70))]
    return b"{" + b",".join(parts) + b"}" + b" " * size(random, 1000)


def inputs(random, count):
    for index in range(count):
        text = header(random, budget(random))[:LARGEST - 8]
        length = len(text) if random.random() < 0.95 else random.getrandbits(random.choice([16, 24, 25, 39]))
        command = random.choice([["inspect", "{file}"], ["inspect", "{file}", "--json"],
                                 ["export", "config.py", "{file}", "--output", "out.onnx"]])
        yield "model.safetensors", struct.pack("<Q", length) + text, command
