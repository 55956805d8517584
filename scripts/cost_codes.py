"""Coders for cost_images.py that make much work of few bytes: arithmetic decisions that are always the same, and blocks
of JPEG 2000 that claim many coding passes."""


class Decisions:
    """Encodes decisions as ITU-T T.81 annex D says, of contexts each of which always decides alike: they become ever
    more probable, until a thousand take a bit."""

    PROBABILITIES = (0x5A1D, 0x2586, 0x1114, 0x080B, 0x03D8, 0x01DA, 0x00E5, 0x006F, 0x0036, 0x001A, 0x000D, 6, 3, 1)

    def __init__(self):
        self.low, self.range, self.pending = 0, 0x10000, 0
        self.states = {}
        self.out = bytearray()

    def decide(self, context, bit=0):
        """A context None, of signs, learns nothing."""
        state = self.states.get(context, 0)
        less = self.PROBABILITIES[state]
        self.range -= less
        is_less = bit == 1 and state == 0  # 0 is expected at first
        if is_less != (self.range < less):
            self.low += self.range
            self.range = less
        if self.range >= 0x8000:
            return
        if context is not None:
            self.states[context] = min(state + 1, len(self.PROBABILITIES) - 1)
        while self.range < 0x8000:
            self.range, self.low, self.pending = self.range << 1, self.low << 1, self.pending + 1
            if self.pending == 8:
                self.emit()

    def emit(self):
        byte, self.low, self.pending = self.low >> 16, self.low & 0xFFFF, 0
        at = len(self.out) - 1
        if byte > 0xFF:  # carries
            while self.out[at] == 0xFF:
                self.out[at], at = 0, at - 1
            self.out[at] += 1
        self.out.append(byte & 0xFF)

    def repeat(self, decisions, times=1):
        """All of these (context, bit), so often; those that change nothing but the range at once."""
        while times > 0:
            states = [self.states.get(context, 0) for context, _ in decisions]
            cost = sum(self.PROBABILITIES[state] for state in states)
            quick = min(times, (self.range - 0x8000) // cost) if 0 not in states else 0
            self.range -= quick * cost
            times -= quick
            if quick == 0:
                for context, bit in decisions:
                    self.decide(context, bit)
                times -= 1

    def bytes(self):
        for _ in range(3):
            self.low <<= 8 - self.pending
            self.emit()
        return bytes(self.out)


def same_dc(blocks):
    coder = Decisions()
    coder.repeat([(0, 0)], blocks)
    return coder.bytes()


def last_coefficients(blocks):
    """The first scan of coefficients 1 to 63: the last one of each block is 1."""
    coder = Decisions()
    zeros = [(3 * k + 1, 0) for k in range(62)]
    for _ in range(blocks):
        coder.repeat([(0, 0), *zeros, (3 * 62 + 1, 1)])
        coder.decide(None)
        coder.decide(3 * 62 + 2)
    return coder.bytes()


def refined_coefficients(blocks):
    """A scan that refines them by nothing: a decision for each coefficient, and hardly a byte."""
    coder = Decisions()
    coder.repeat([(3 * k + 1, 0) for k in range(62)] + [(3 * 62 + 2, 0)], blocks)
    return coder.bytes()


class PacketBits:
    """A packet's header: behind a byte of ones there is a bit of stuffing."""

    def __init__(self):
        self.out, self.byte, self.count = bytearray(), 0, 0

    def add(self, value, bits):
        for place in reversed(range(bits)):
            self.byte, self.count = self.byte << 1 | value >> place & 1, self.count + 1
            if self.count == (7 if self.out and self.out[-1] == 0xFF else 8):
                self.out.append(self.byte)
                self.byte = self.count = 0

    def bytes(self):
        while self.count or (self.out and self.out[-1] == 0xFF):
            self.add(0, 1)
        return bytes(self.out)


def packet(columns, rows, passes, data):
    """One of `columns` x `rows` blocks, all with 37 to 164 coding passes and the bytes `data`."""
    bits = PacketBits()
    bits.add(1, 1)
    known = set()
    rank = passes.bit_length() - 1
    more = max(0, len(data).bit_length() - 3 - rank)  # bits of a length beside those that are there
    for block in range(columns * rows):
        y, x = divmod(block, columns)
        depth = max(columns - 1, rows - 1).bit_length()
        new = {(x >> i, y >> i, i) for i in range(depth + 1)} - known
        known |= new
        # Two trees of zeros: the layer of a block, and its empty bit planes.
        bits.add((1 << 2 * len(new)) - 1, 2 * len(new))
        bits.add(0x1FF, 9)
        bits.add(passes - 37, 7)
        bits.add(((1 << more) - 1) << 1, more + 1)
        bits.add(len(data), 3 + more + rank)
    return bits.bytes() + data * (columns * rows)
