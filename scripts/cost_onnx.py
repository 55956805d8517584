"""ONNX files for cost.py: graphs of many nodes, names, levels and circles, metadata_props, and inputs of any size."""

import json
import struct

import cost_metadata
from cost_parts import LARGEST, budget as any_budget, message, names, number, size, text


def attribute(random, budget, depth):
    kind = random.randrange(6)
    name = message(1, b"a")
    if kind == 0 and depth < 40:
        return name + message(6, graph(random, budget, depth + 1))
    if kind == 1:
        return name + b"".join(message(11, graph(random, budget // 3, depth + 1)) for _ in range(2)) if depth < 5 else name
    if kind == 2:
        return name + b"".join([number(8, random.getrandbits(62))] * size(random, max(1, budget // 10)))
    if kind == 3:
        return name + message(5, tensor(random, b"t", budget))
    if kind == 4:
        return name + message(4, text(random, size(random, max(1, budget // 2))))
    return name + b"".join([message(5, tensor(random, b"t", 50))] * random.randint(1, 3))


def tensor(random, name, budget):
    kind = random.randrange(5)
    out = number(2, random.choice([1, 7, 10, 99])) + message(8, name)
    if kind == 0:
        return out + number(1, 0) * size(random, max(1, budget // 2))
    if kind == 1:  # packed
        return out + message(1, b"\1" * size(random, max(1, budget)))
    if kind == 2:
        place = message(13, message(1, b"location") + message(2, random.choice([b"config.py", b"./" * 50 + b"config.py", b"/x"])))
        return out + place + number(14, 1)
    if kind == 3:
        return out + b"".join([message(13, message(1, b"offset") + message(2, b"0"))] * size(random, max(1, budget // 14)))
    return out + number(1, size(random, max(1, budget // 4))) + message(9, b"\0" * size(random, max(1, budget)))


def node(random, inputs, output, extra=b""):
    kind = random.choice([b"Add", b"Relu", b"Relu", b"Identity", b"Concat"])
    return message(1, b"".join(message(1, name) for name in inputs) + message(2, output) + message(4, kind) + extra)


def given(random, read):
    """Half of the time: inputs of these names, so that a runtime reads on."""
    return b"".join(message(11, value(name, 1, [1])) for name in read) if random.random() < 0.5 else b""


def graph(random, budget, depth=0):
    kind = random.randrange(8)
    if kind == 0 and depth < 60:
        levels = size(random, max(1, budget // 30))
        inner = b""
        for _ in range(min(levels, 2000)):
            inner = message(1, message(4, b"If") + message(5, message(1, b"b") + message(6, inner)))
        return inner
    if kind == 1:  # a chain, from either end, perhaps closed
        count = size(random, max(2, budget // 60), 2)
        each = names(random, count + 1)
        if random.random() < 0.3:
            each[-1] = each[0]
        order = list(range(len(each) - 1))
        if random.random() < 0.5:
            order.reverse()
        return given(random, each[:1]) + b"".join(node(random, [each[i]], each[i + 1]) for i in order)
    if kind == 2:  # one result for all
        each = names(random, size(random, max(1, budget // 40)))
        return given(random, [b"x"]) + b"".join(node(random, [b"x"] * random.randint(1, 3), name) for name in each)
    if kind == 3:  # one node of many inputs
        each = names(random, size(random, max(1, budget // 20)))
        return given(random, each[1:]) + node(random, each, b"y") + node(random, [b"y"], each[0])
    if kind == 4:
        each = names(random, size(random, max(1, budget // 60)))
        return b"".join(message(5, tensor(random, name, 50)) for name in each)
    if kind == 5:
        each = names(random, size(random, max(1, budget // 60)))
        dims = message(2, b"".join([message(1, random.choice([number(1, 3), message(2, b"n" * 30)]))] * random.randint(0, 5)))
        value = message(2, message(1, number(1, 1) + dims))
        field = random.choice([11, 12, 13])
        return b"".join(message(field, message(1, name) + value) for name in each) + b"".join(
            message(5, tensor(random, name, 20)) for name in each[:100])
    if kind == 6:
        return node(random, [b"x"], b"y", message(5, attribute(random, budget, depth)))
    parts = random.randint(1, 4)
    return b"".join(graph(random, budget // (parts + 1), depth + 1) for _ in range(parts))


def properties(random, budget):
    each = names(random, size(random, max(1, budget // 30)))
    value = text(random, size(random, 100))
    return b"".join(message(14, message(1, name) + message(2, value)) for name in each)


def model(random, budget):
    out = number(1, 8) + message(8, number(2, random.choice([11, 17, 17, 17, 99])))
    parts = random.choice([[0], [0], [1], [0, 1], [0, 0], [2], [0, 3]])
    for part in parts:
        share = budget // len(parts)
        if part == 0:
            out += message(7, graph(random, share))
        elif part == 1:
            out += message(7, message(2, b"g")) + properties(random, share)
        elif part == 2:
            each = names(random, size(random, max(1, share // 60)))
            out += message(7, message(2, b"g")) + b"".join(
                message(25, message(1, name) + message(7, message(4, name))) for name in each)
        else:
            each = names(random, size(random, max(1, share // 60)))
            out += b"".join(message(8, message(1, name) + number(2, 1)) for name in each)
    return out


def tensor_of(name, shape, kind, data):
    return b"".join(number(1, each) for each in shape) + number(2, kind) + message(8, name) + message(9, data)


def value(name, kind, shape):
    """An input or output; a text among the extents is a name for any."""
    extents = b"".join(message(1, number(1, each) if isinstance(each, int) else message(2, each)) for each in shape)
    return message(1, name) + message(2, message(1, number(1, kind) + message(2, extents)))


def detector(random):
    """A whole one, of constant results, which asks for an input of any size by its shape, its metadata or its strides."""
    side = random.choice([32, 1280, 4096, 7000, 8192, 16384, 32768])
    batch = random.choice([1, 1, 32, 1024])
    extents = random.choice([[side, side], [b"h", b"w"], [b"h", b"w"]])
    recipe = cost_metadata.RECIPE | {"height": side, "width": random.choice([side, 32])}
    if random.random() < 0.3:
        recipe |= {"long_edge": side, "short_edge": side, "pad_side": "right_bottom", "rounding": "half_up"}
    facts = cost_metadata.DOCUMENT | {"recipe": recipe, "strides": [[random.choice([8, side])] * 2]}
    outputs = ((b"num_dets", 7, [1, 1], struct.pack("<q", 1)), (b"boxes", 1, [1, 1, 4], struct.pack("<4f", 0, 0, 9, 9)),
               (b"scores", 1, [1, 1], struct.pack("<f", 0.9)), (b"labels", 6, [1, 1], struct.pack("<i", 0)))
    out = message(2, b"g") + message(11, value(b"images", 1, [batch, 3, *extents]))
    for name, kind, shape, data in outputs:
        out += message(1, message(1, b"c" + name) + message(2, name) + message(4, b"Identity"))
        out += message(5, tensor_of(b"c" + name, shape, kind, data)) + message(12, value(name, kind, shape))
    properties = message(14, message(1, b"yoloport") + message(2, json.dumps(facts).encode()))
    return number(1, 8) + message(7, out) + message(8, number(2, 17)) + properties


def whole_part(random, budget, count):
    """Fields of a graph in which every name is given that is read: `count` results of one kind of cost."""
    kind = random.randrange(8)
    each = list(dict.fromkeys(names(random, max(1, count))))
    if kind == 0:  # a chain, from either end
        links = list(zip([b"in", *each], each))
        return b"".join(node(random, [a], b) for a, b in random.choice([links, links[::-1]]))
    if kind == 1:  # all read all, as far as that goes
        some = each[: max(1, int(min(len(each), budget / 40) ** 0.5))]
        return b"".join(node(random, [b"in", *some[:i]], name) for i, name in enumerate(some))
    if kind == 2:  # one node of many results and many inputs that are left out
        return node(random, [b"in"] + [b""] * (budget // 8), each[0], b"".join(message(2, name) for name in each[1:]))
    if kind == 3:  # many attributes
        value_of = random.choice([number(3, 1) + number(20, 2), message(4, b"t") + number(20, 3), message(6, b""), b""])
        found = b"".join(message(5, message(1, name) + value_of) for name in each)
        return node(random, [b"in"], b"attributes", found)
    if kind == 4:  # a graph that reads what is around it, again and again
        inner = b"".join(message(1, message(1, random.choice([b"in", name])) + message(4, b"Relu")) for name in each)
        return node(random, [b"in"], b"inner", message(5, message(1, b"g") + message(random.choice([6, 11]), inner)))
    if kind == 5:  # weights in all forms
        data = random.choice([number(1, 0) + number(1, 1 << 40), number(1, 3) + message(9, b"abc"),
                              number(1, 4) + message(5, b"\1\2\3\0"), number(1, 2) + number(5, 1) + number(5, 0)])
        return b"".join(message(5, data + number(2, random.choice([2, 3, 8, 9])) + message(8, name)) for name in each)
    if kind == 6:  # one weight of small numbers that grow
        count = budget - 100
        return message(5, number(1, count) + number(2, random.choice([7, 13])) + message(8, b"w") + message(7, b"\1" * count)
                       + message(11, b"\1" * count))
    types = message(2, message(1, number(1, 1) + message(2, message(1, message(2, b"n")) * random.randint(0, 30))))
    return b"".join(message(1, message(2, name) + message(4, b"Relu")) + message(13, message(1, name) + types) for name in each)


def whole(random, budget):
    """A file that `set` reads, changes and writes."""
    share = budget // 2
    out = message(2, b"g") + message(11, value(b"in", 1, [1])) + whole_part(random, share, size(random, max(1, share // 30)))
    out += message(5, tensor_of(b"nms/score_threshold", [1], 1, bytes(4))) + message(12, value(b"in", 1, [1]))
    out += random.choice([b"", message(10, b"d" * share), message(14, b"\x0a\0") * (share // 4), number(99, 1) * (share // 3)])
    document = message(14, message(1, b"yoloport") + message(2, json.dumps(cost_metadata.DOCUMENT).encode()))
    return number(1, 8) + message(7, out) + message(8, number(2, 17)) + document


def inputs(random, count):
    for index in range(count):
        if random.random() < 0.1:
            command = random.choice([["detect", "page.png", "{file}", "--no-save"],
                                     ["detect", "page.png", "{file}", "--no-save", "--rect"]])
            yield "model.onnx", detector(random), command
            continue
        if random.random() < 0.3:
            change = random.choice([["--score-threshold", "0.3"], ["--score-threshold", "0.3"], ["--keep-topk", "1000000"]])
            yield "model.onnx", whole(random, any_budget(random))[:LARGEST], ["set", "{file}", *change]
            continue
        contents = model(random, any_budget(random))
        if random.random() < 0.1:
            contents = contents[:random.randrange(len(contents))]
        # A runtime that takes the file on may cost what it likes: see docs/security.md.
        command = random.choice([["inspect", "{file}"], ["inspect", "{file}", "--json"],
                                 ["set", "{file}", "--score-threshold", "0.3"],
                                 ["package", "{file}", "--target", "ovms", "--output", "served"],
                                 ["detect", "page.png", "{file}", "--no-save"]])
        yield "model.onnx", contents[:LARGEST], command
