"""What the inputs of cost_*.py are made of: sizes, names, JSON and protocol buffers."""

LARGEST = 1_000_000  # bytes of an input, as the promise says


def size(random, most, least=1):
    """A number between `least` and `most`: half of them are nearly as large as one may be, the others as often in the
    tens as in the ten thousands."""
    if most <= least:
        return least
    if random.random() < 0.5:
        return random.randint(max(least, most // 2), most)
    return min(most, int(least * (most / least) ** random.random()))


def budget(random, least=100):
    """Bytes for an input, with some room for what stands around them."""
    return size(random, LARGEST - 10_000, least)


def colliding_names(random, count):
    """Names of 16 bytes that libstdc++'s std::hash gives the same value (see tests/bad_inputs/costly_names.h)."""
    multiplier, inverse, mask = 0xC6A4A7935BD1E995, 0x5F7A0EA7E59B19BD, (1 << 64) - 1

    def shift(word):
        return word ^ word >> 47

    start = 0xC70F6907 ^ 16 * multiplier & mask
    first = random.getrandbits(40)
    for word in range(first, first + count):
        mixed = shift(word * multiplier & mask) * multiplier & mask
        other = (start ^ mixed) * multiplier & mask
        second = shift(other * inverse & mask) * inverse & mask
        yield word.to_bytes(8, "little") + second.to_bytes(8, "little")


def names(random, count):
    """Names of one of the kinds that cost a table or a map the most; a few are the same."""
    kind = random.randrange(20)
    if kind < 5:
        return list(colliding_names(random, count))
    if kind < 10:
        return [b"backbone.stage%d.%d.conv.weight" % (i % 4, i) for i in range(count)]
    if kind < 15:  # long ones that differ at their ends
        prefix = b"x" * size(random, 2000)
        return [prefix + b"%d" % i for i in range(max(1, min(count, LARGEST // len(prefix))))]
    if kind < 19:
        return [b"%d" % i for i in range(count)]
    return [b"%d" % random.randrange(count) for _ in range(count)]


def text(random, length):
    """Letters of a kind that grows when it is escaped or shown, or does not."""
    return random.choice([b"a", b"\x01", b"\\", b'"', "\u00e9".encode(), b"\xff", b"\n", b"'"]) * length


# --- protocol buffers ---

def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, contents):
    return varint(field << 3 | 2) + varint(len(contents)) + contents


# --- JSON ---

def json_string(random, length):
    return b'"' + random.choice([b"a", b"\\u0001", b"\\\\", b"\\ud83d\\ude00", "\u00e9".encode()]) * length + b'"'


def json_value(random, budget, depth=0):
    """Any value of about `budget` bytes."""
    kind = random.randrange(9)
    if kind == 0 or depth > 6:
        return random.choice([b"0", b"1e308", b"-1", b"1e-400", b"null", b"true", b"9" * min(budget, 5000)])
    if kind == 1:
        return json_string(random, size(random, max(1, budget // 12)))
    if kind == 2:  # deep
        levels = size(random, max(1, budget // 2))
        return random.choice([b"[", b'{"":'])* levels
    if kind == 3:
        levels = size(random, max(1, budget // 2))
        return b"[" * levels + b"]" * levels
    if kind == 4:  # wide
        return b"[" + b",".join([random.choice([b"0", b"[]", b"{}", b'""', b"1.5e-7"])] * max(1, budget // 4)) + b"]"
    if kind == 5:  # many keys
        count = size(random, max(1, budget // 8))
        return b"{" + b",".join(b'"%d":0' % i for i in range(count)) + b"}"
    if kind == 6:  # one key many times
        return b"{" + b",".join([b'"k":[0]'] * max(1, budget // 8)) + b"}"
    parts = [json_value(random, budget // 4, depth + 1) for _ in range(random.randint(1, 4))]
    return b"[" + b",".join(parts) + b"]"
