"""Checkpoints for cost.py: pickles in zip archives and in the legacy container."""

import io
import struct
import zlib
import zipfile

from cost_parts import LARGEST, budget as any_budget, names, size, text

INFLATED = 60_000_000  # bytes that a deflated pickle may have here


def unicode_of(value):
    return b"X" + struct.pack("<I", len(value)) + value


def integer(value):
    return b"\x8a\x08" + struct.pack("<q", value)


def storage(key, elements, kind=b"FloatStorage"):
    return b"(" + unicode_of(b"storage") + b"ctorch\n" + kind + b"\n" + unicode_of(key) + unicode_of(b"cpu") + integer(
        elements) + b"tQ"


def tensor(random, key, elements, flags=b""):
    """A view of a storage: usually all of it, else a part, or one element many times."""
    shape, stride = (elements,), (1,)
    if random.random() < 0.1:
        shape, stride = random.choice([((1,), (1,)), ((size(random, 10**6),), (0,)), ((), ()), ((0,), (1,)),
                                       ((2,) * random.randint(1, 16), (0,) * 16)])
    stride = stride[:len(shape)]
    numbers = b"".join(b"(" + b"".join(map(integer, each)) + b"t" for each in (shape, stride))
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage(key, elements) + b"K\0" + numbers + b"\x89N" + flags + b"tR"


class Pickle:
    """Instructions that push one value each, of about `budget` bytes."""

    def __init__(self, random, keys):
        self.random = random
        self.keys = keys  # of storages of 6 floats

    def value(self, budget, depth=0):
        kinds = [self.memo_far, self.memo_near, self.text, self.strings, self.deep, self.wide, self.shared, self.names,
                 self.globals, self.same_global, self.pairs, self.numbers, self.objects, self.stack, self.dict_of]
        if depth < 3:
            kinds += [self.list_of] * 3
        return self.random.choice(kinds)(budget, depth)

    def count(self, budget, each):
        return size(self.random, max(1, budget // each))

    def list_of(self, budget, depth):
        parts = self.random.randint(1, 4)
        return b"](" + b"".join(self.value(budget // parts, depth + 1) for _ in range(parts)) + b"e"

    def dict_of(self, budget, depth):
        keys = names(self.random, self.count(budget, 30))
        value = self.random.choice([b"N", b"K\1", b"]", b")", self.value(20, 9)])
        return b"}(" + b"".join(unicode_of(key) + value for key in keys) + b"u"

    def memo_far(self, budget, depth):
        step = self.random.choice([1, 2, 3, 64, 1000])
        first = self.random.randrange(budget)
        return b"]" + b"".join(b"r" + struct.pack("<I", (first + i * step) % (1 << 32))
                               for i in range(self.count(budget, 5)))

    def memo_near(self, budget, depth):
        return b"](" + b"]\x94" * self.count(budget, 4) + b"h\0" * self.count(budget, 4) + b"e"

    def text(self, budget, depth):
        return unicode_of(text(self.random, budget))

    def strings(self, budget, depth):
        return b"](" + b"".join([b"S'" + b"\\x41" * self.random.randint(0, 40) + b"'\n"] * self.count(budget, 100)) + b"e"

    def deep(self, budget, depth):
        return self.random.choice([
            lambda n: b"]" * n + b"a" * (n - 1), lambda n: b")" + b"\x85" * n, lambda n: b"(" * n,
            lambda n: b"ca\nB\n)\x81" * n + b"b" * (n - 1), lambda n: b"N" + b"Q" * n,
        ])(self.count(budget, 10))

    def wide(self, budget, depth):
        each = self.random.choice([b"N", b"]", b"K\1", b")", b"G" + b"\x7f" * 8, b"M\1\2"])
        return b"](" + each * (budget // len(each)) + b"e"

    def shared(self, budget, depth):
        """Lists that hold the one before many times."""
        times = self.random.randint(1, 200)
        return b"]q\1" + (b"0](" + b"h\1" * times + b"eq\1") * self.count(budget, 8 + 2 * times)

    def names(self, budget, depth):
        return b"](" + b"".join(map(unicode_of, names(self.random, self.count(budget, 30)))) + b"e"

    def globals(self, budget, depth):
        return b"](" + b"".join(b"cm\nN%d%s\n" % (i, b"y" * self.random.randint(0, 900))
                                for i in range(self.count(budget, 500))) + b"e"

    def same_global(self, budget, depth):
        name = b"z" * self.random.randint(1, 990)
        return unicode_of(b"m") + b"q\1" + unicode_of(name) + b"q\2](" + b"h\1h\2\x93" * self.count(
            budget, 5) + b"e\x87"

    def pairs(self, budget, depth):
        """One list of pairs, made a dict many times."""
        half = budget // 2
        return b"](" + b"NN\x86" * self.count(half, 3) + b"eq\1" + b"0ccollections\nOrderedDict\nh\1\x85R" * self.count(
            half, 36)

    def numbers(self, budget, depth):
        long = self.count(budget, 2)
        return self.random.choice([
            b"\x8b" + struct.pack("<I", long) + b"\xff" * long, b"L" + b"9" * long + b"L\n", b"I" + b"1" * long + b"\n",
            b"F" + b"1" * long + b"e-300\n", b"F0." + b"0" * long + b"1\n"])

    def objects(self, budget, depth):
        one = b"cmmengine.logging.history_buffer\nHistoryBuffer\n)\x81}" + unicode_of(b"k") + b"Nsb"
        return b"](" + one * self.count(budget, len(one)) + b"e"

    def stack(self, budget, depth):
        return b"N" + self.random.choice([b"2", b"(1", b"(t0", b"20", b"N\x86", b"(0"]) * self.count(budget, 2)

    def weights(self, budget):
        """What a state_dict may be: many tensors on few storages, with shared parts."""
        count = self.count(budget, 180)
        keys = [key if self.random.random() < 0.9 else b"module." + key for key in names(self.random, count)]
        if self.random.random() < 0.3:  # one tensor under all names
            return tensor(self.random, self.keys[0], 6) + b"q\7}(" + b"".join(
                unicode_of(key) + b"h\7" for key in keys) + b"u\x86q\10" + b"0}(" + b"".join(
                    unicode_of(key) + b"h\7" for key in keys) + b"u"
        flags = b"}(" + b"NN" * self.random.choice([0, 2, 2, 16, 16, 1000]) + b"uq\7"
        body = b"".join(
            unicode_of(key) + tensor(self.random, self.random.choice(self.keys), 6, b"h\7")
            for key in keys)
        return flags + b"0}(" + body + b"u"


def pickle_of(random, keys, budget):
    make = Pickle(random, keys)
    kind = random.random()
    if kind < 0.15:
        return make.value(budget)
    weights = make.weights(budget // 2) if kind < 0.8 else b"}" + unicode_of(b"w") + tensor(random, keys[0], 6) + b"s"
    meta = b"}(" + b"".join(
        unicode_of(random.choice([b"cfg", b"time", b"epoch", b"classes", b"dataset_meta", b"mmyolo_version"])) +
        make.value(budget // 6) for _ in range(random.randint(0, 3))) + b"u"
    return b"}(" + unicode_of(b"state_dict") + weights + unicode_of(b"meta") + meta + unicode_of(
        b"optimizer") + make.value(budget // 4) + b"u"


def archive(random, pickle, keys, deflated):
    out = io.BytesIO()
    top = b"t" * size(random, 1000)
    with zipfile.ZipFile(out, "w") as target:
        def add(name, contents, method=zipfile.ZIP_STORED):
            target.writestr(zipfile.ZipInfo(f"{top.decode()}/{name}"), contents, method)

        add("data.pkl", pickle, zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED)
        add("byteorder", random.choice([b"little", b"little", b"big"]))
        for key in keys:
            add("data/" + key.decode("latin-1"), b"\0" * 24)
        for i in range(size(random, 2000) if random.random() < 0.1 else 0):
            add(f"extra/{i}", b"")
    return out.getvalue()


def legacy(random, pickle, keys):
    head = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + b"\x80\x02M\xe9\x03." + b"\x80\x02}" + unicode_of(
        b"little_endian") + b"\x88s."
    listed = b"\x80\x02](" + b"".join(map(unicode_of, keys)) + b"e."
    return head + pickle + listed + b"".join(struct.pack("<q", 6) + b"\0" * 24 for _ in keys)


def bomb(random):
    """A pickle that deflate makes small: one piece again and again."""
    piece = random.choice([
        lambda: unicode_of(text(random, size(random, 2000))) + b"0", lambda: b"N0", lambda: b"N", lambda: b"(N1",
        lambda: b"h\0", lambda: b"r" + struct.pack("<I", random.randrange(1 << 26)), lambda: b"S'\\x41'\n0",
        lambda: b"h\0h\0\x93" + b"0"])()
    times = size(random, 8_000_000 // (len(piece) + 1))
    body = unicode_of(text(random, size(random, INFLATED))) + b"q\0" + piece * times
    if random.random() < 0.5:
        return body
    return b"}" + unicode_of(b"meta") + b"(" + body + b"1Ns" + unicode_of(b"w") + tensor(random, b"0", 6) + b"s"


def inputs(random, count):
    for index in range(count):
        budget = any_budget(random)
        keys = [b"%d" % i for i in range(random.randint(1, 5))]
        if random.random() < 0.02:
            keys.append(random.choice([b"k" * 60_000, b"k" * 200]))
        deflated = random.random() < 0.3
        if deflated and random.random() < 0.2:
            body = bomb(random)
        else:
            body = pickle_of(random, keys, budget * (4 if deflated else 1))
        pickle = b"\x80\x02" + body + b"."
        if deflated or random.random() < 0.6:
            contents = archive(random, pickle, keys, deflated)
        else:
            contents = legacy(random, pickle, keys)
        if random.random() < 0.1 and contents:  # and damaged
            at = random.randrange(len(contents))
            contents = contents[:at] + bytes([random.randrange(256)]) + contents[at + 1:]
        command = random.choice([["inspect", "{file}"], ["inspect", "{file}", "--json"],
                                 ["export", "config.py", "{file}", "--output", "out.onnx"],
                                 ["export", "{file}", "--output", "out.onnx", "--strict"]])
        yield "model.pth", contents[:LARGEST], command
