"""ONNX files for cost.py: graphs of many nodes, names, levels and circles, and metadata_props."""

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
        return b"".join(node(random, [each[i]], each[i + 1]) for i in order)
    if kind == 2:  # one result for all
        each = names(random, size(random, max(1, budget // 40)))
        return b"".join(node(random, [b"x"] * random.randint(1, 3), name) for name in each)
    if kind == 3:  # one node of many inputs
        each = names(random, size(random, max(1, budget // 20)))
        return node(random, each, b"y") + node(random, [b"y"], each[0])
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


def inputs(random, count):
    for index in range(count):
        contents = model(random, any_budget(random))
        if random.random() < 0.1:
            contents = contents[:random.randrange(len(contents))]
        # A runtime that takes the file on may cost what it likes: see docs/security.md.
        command = random.choice([["inspect", "{file}"], ["inspect", "{file}", "--json"],
                                 ["set", "{file}", "--score-threshold", "0.3"],
                                 ["package", "{file}", "--target", "ovms", "--output", "served"],
                                 ["detect", "page.png", "{file}", "--no-save"]])
        yield "model.onnx", contents[:LARGEST], command
