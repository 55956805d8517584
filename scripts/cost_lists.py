"""Lists of inputs for cost.py: lines of `detect list.txt`, among them addresses, cameras, devices and folders. They
name no picture of the folder that exists: each would cost what it costs."""

from cost_parts import LARGEST, budget as any_budget, names, size, text


def line(random):
    return random.choice([
        lambda: b"missing%d.png" % random.randrange(10**6), lambda: b"./" * size(random, 1000) + b"missing.png",
        lambda: text(random, size(random, 5000)), lambda: b"a/" * size(random, 2000) + b"b.png",
        lambda: b"missing" + b"*" * size(random, 100), lambda: b"[" * size(random, 100) + b"a*",
        lambda: b"missing" + b"?" * size(random, 300),
        lambda: b"list.txt", lambda: b"# " + b"x" * size(random, 1000), lambda: b"", lambda: b"missing.mp4",
        lambda: b"*/" * size(random, 20) + b"missing*.png",
        lambda: b"x://y", lambda: b"file:///dev/null", lambda: b"99", lambda: b"/dev/null", lambda: b"/usr/share",
    ])().replace(b"\n", b" ")


def inputs(random, count):
    for index in range(count):
        budget = any_budget(random, 10)
        if random.random() < 0.3:
            lines = [name.replace(b"\n", b"") + b".png" for name in names(random, size(random, max(1, budget // 30)))]
        else:
            few = [line(random) for _ in range(random.randint(1, 5))]
            lines = [random.choice(few) for _ in range(size(random, max(1, budget // (sum(map(len, few)) // len(few) + 1))))]
        end = random.choice([b"\n", b"\r\n"])
        yield "list.txt", end.join(lines)[:LARGEST], ["detect", "{file}", "digits.onnx", "--out-dir", "out"]
