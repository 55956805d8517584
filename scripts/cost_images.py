"""Pictures that are built to cost a decoder much, for scripts/cost.py.

    for name, contents, arguments in inputs(random.Random(1), 1000): ...

`arguments` are yoloport's; "{file}" stands for the path of a file with that name and contents, "{folder}" for a folder
that may be written to. Each picture has at most a megabyte, and joins what a format allows in one file and no camera
writes: headers that are there twice, sizes beyond all data, hundreds of scans, odd samplings, deflate bombs, tiles and
strips that share their bytes.
"""

import struct
import zlib

from cost_codes import last_coefficients, packet, refined_coefficients, same_dc

LARGEST = 1_000_000  # bytes of a picture
MODEL = "testdata/detect/brightness.onnx"


def inputs(random, count):
    makers = (jpeg, jpeg, progressive_jpeg, png, tiff, tiff, webp, bmp, pnm, jpeg2000, arithmetic_jpeg, planes_jpeg2000)
    for number in range(count):
        make = makers[number % len(makers)]
        contents, extension = make(random)
        how = ["--no-save"] if random.random() < 0.7 else ["--out-dir", "{folder}/out"]
        name = f"{make.__name__}_{number}{extension}"
        yield name, contents[:LARGEST], ["detect", "{file}", MODEL, "--quiet", *how]


def mostly(random, usual, odd):
    """One of `usual`, and now and then one of `odd`: a file of many oddities is refused for the first."""
    return random.choice(usual if random.random() < 0.93 else odd)


def side(random):
    return random.choice([1, 16, 17, 640, 4096, 8192, 16383, 16384, 30000, 65500, 65535])


def extent(random):
    """Width and height: most just within what a small file may claim, some far beyond."""
    return mostly(random, [(5792, 5792), (8192, 4096), (1024, 32768), (65500, 512), (7900, 8000), (4096, 4096)],
                  [(side(random), side(random)), (16384, 16384), (16383, 16383), (30000, 30000)])


def filler(random, most):
    """Data of up to `most` bytes: little, random, or one byte again and again."""
    size = random.choice([0, 1, 20, most // 50, most])
    return random.choice([random.randbytes(size), bytes(size), b"\xaa" * size, b"\x55" * size])


# JPEG


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def stuffed(data):
    return data.replace(b"\xff", b"\xff\x00")


def quantization():
    return segment(0xDB, b"\0" + bytes([1] * 64)) + segment(0xDB, b"\1" + bytes([1] * 64))


def huffman(random):
    """Codes of one bit: 0 ends a block, so that an eighth of a byte does."""
    tables = b""
    for table in (0x00, 0x01, 0x10, 0x11):
        is_ac = table >= 0x10
        first = mostly(random, [0x00], [0x01, 0xE0]) if is_ac else 0
        other = random.choice([0x01, 0xE0, 0xF0] if is_ac else [1, 2, 11])
        tables += segment(0xC4, bytes([table, 1, 1] + [0] * 14) + bytes([first, other]))
    return tables


def frame(random, marker, width, height, components):
    data = struct.pack(">BHHB", mostly(random, [8], [12, 0, 16]), height, width, components)
    for index in range(components):
        sampling = mostly(random, [0x11, 0x11, 0x22, 0x21, 0x12], [0x41, 0x14, 0x42, 0x44, 0x31, 0x00])
        data += bytes([index + 1, sampling, index > 0])
    return segment(marker, data)


def scan(components, first, last, approximation, data):
    header = bytes([len(components)]) + b"".join(bytes([each, 0x00 if each == 1 else 0x11]) for each in components)
    return segment(0xDA, header + bytes([first, last, approximation])) + stuffed(data)


def markers(random):
    """Segments that say little or nothing, many of them."""
    kinds = [segment(0xFE, b"x" * random.randrange(60000)), segment(0xE1, b"Exif\0\0" + random.randbytes(40)),
             segment(0xDD, struct.pack(">H", random.randrange(65536))), b"\xff\x01", b"\xff\xd0", b"\xff" * 1000,
             segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), segment(0xEE, b"Adobe\0\x64\0\0\0\0" + random.choice([b"\0", b"\1", b"\2"]))]
    if random.random() < 0.05:  # libjpeg keeps a list of these
        empty = random.choice([segment(0xE1, b""), segment(0xE1, b"Exif\0\0")])
        return empty * random.choice([9_999, 10_000, 10_001, LARGEST // len(empty)])
    return random.choice(kinds) * random.choice([0, 0, 1, 1, 5, 100])


def jpeg(random):
    components = mostly(random, [1, 3, 3, 4], [2, 10])
    kind = mostly(random, [0xC0, 0xC0, 0xC1, 0xC9, 0xC2], [0xC3, 0xCB])
    width, height = extent(random)
    out = b"\xff\xd8" + markers(random) + quantization() + huffman(random)
    out += frame(random, kind, width, height, components) + markers(random)
    together = list(range(1, min(components, 4) + 1))
    scans = mostly(random, [1, 1, components, 20, 150], [1000])
    room = LARGEST // scans // 2
    for number in range(scans):
        which = together if scans == 1 or kind == 0xC2 else [number % components + 1]
        out += scan(which, 0, 0 if kind == 0xC2 else 63, 0, filler(random, room))
    if random.random() < 0.1:
        out += frame(random, kind, *random.choice([(16, 16), (30000, 30000)]), components)
    return out[:LARGEST - 2] + b"\xff\xd9", ".jpg"


def progressive_jpeg(random):
    """A scan of DC, then refinements of all that is there, each over the whole picture."""
    components = random.choice([1, 1, 3, 4])
    width, height = extent(random)
    out = b"\xff\xd8" + quantization() + huffman(random)
    out += frame(random, random.choice([0xC2, 0xC2, 0xCA]), width, height, components)
    scans = mostly(random, [10, 16, 50, 60, 120, 199, 200], [201, 5000])
    room = LARGEST // scans // 2
    out += scan(list(range(1, components + 1)), 0, 0, 0x0D, filler(random, room))
    for number in range(scans - 1):
        which = number % components + 1
        kind = random.choice(["dc", "ac", "ac", "refined", "refined"])
        if kind == "dc":
            out += scan(list(range(1, components + 1)), 0, 0, random.choice([0x00, 0x10, 0xDC]), filler(random, room))
        else:
            out += scan([which], 1, random.choice([5, 63]), 0x01 if kind == "ac" else 0x10, filler(random, room))
    return out[:LARGEST - 2] + b"\xff\xd9", ".jpg"


def arithmetic_jpeg(random):
    """A scan that sets a coefficient of each block, and others that refine it: decisions that cost no bytes."""
    width, height = random.choice([(512, 512), (1024, 1024), (2048, 1024), (2048, 2048)])
    blocks = width * height // 64
    out = b"\xff\xd8" + quantization() + segment(0xCA, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    out += scan([1], 0, 0, 0, same_dc(blocks)) + scan([1], 1, 63, 0x01, last_coefficients(blocks))
    out += scan([1], 1, 63, 0x10, refined_coefficients(blocks)) * random.choice([1, 10, 50, 110, 150, 197, 198])
    return out[:LARGEST - 2] + b"\xff\xd9", ".jpg"


# PNG


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def deflated(size, random):
    """A stream of at least `size` bytes of zeros, from one block again and again."""
    piece = 1 << 20
    packer = zlib.compressobj(9)
    block = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    times = min(size // piece, LARGEST // len(again) - 2)
    return block + again * max(times, 0) + random.choice([b"", b"\x03\x00", b"\x03\x00" + bytes(4)])


def png(random):
    width, height = extent(random)
    depth, kind = random.choice([(8, 2), (8, 6), (16, 6), (16, 2), (1, 0), (8, 0), (8, 3), (1, 3)])
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, random.choice([0, 0, 1])))
    texts = [chunk(kind, b"a\0\0" + deflated(1 << 23, random)) for kind in (b"zTXt", b"iCCP")]
    extra = [b"", texts[0] * 100, texts[1], chunk(b"tEXt", b"a\0b") * 20000, chunk(b"IDAT", b"") * 50000,
             chunk(b"iTXt", b"a\0\1\0\0\0" + deflated(1 << 23, random)) * 50, chunk(b"zTXt", b"a\0\0" + deflated(1 << 28, random)),
             chunk(b"acTL", struct.pack(">II", 1 << 30, 0)), chunk(b"eXIf", b"II*\0" + random.randbytes(30)), chunk(b"tRNS", bytes(6))]
    palette = chunk(b"PLTE", bytes(768)) * mostly(random, [1], [2, 500]) if kind == 3 else b""
    packed = deflated(width * height * (8 if depth == 16 else 4), random)
    step = random.choice([len(packed), len(packed), 1 << 16, 50])
    data = b"".join(chunk(b"IDAT", packed[at:at + step]) for at in range(0, len(packed), step))
    twice = [header, chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))]
    before, after = mostly(random, extra, twice), mostly(random, extra, twice)
    out = b"\x89PNG\r\n\x1a\n" + mostly(random, [b""], [before[:200]]) + header + before + palette + data + after
    return out[:LARGEST - 12] + chunk(b"IEND", b""), ".png"


# TIFF


def tiff_data(random, compression, size):
    """What decodes to zeros, as much as there is room for; or anything."""
    if random.random() < 0.1:
        return filler(random, 500_000)
    if compression in (8, 32946):
        return deflated(size, random)
    return bytes([129, 0]) * min(size // 128, 400_000) if compression == 32773 else bytes(min(size, 900_000))


def tiff(random):
    order = random.choice("<>")
    width, height = extent(random)
    samples = mostly(random, [1, 3, 3, 4], [2, 5, 100, 65535])
    bits = mostly(random, [8, 8, 8, 16, 32, 1], [4, 64, 12])
    compression = mostly(random, [1, 5, 8, 8, 32773, 32946], [2, 3, 4, 6, 7, 32809, 34676, 34712, 34887, 34925, 50000, 50001])
    data = tiff_data(random, compression, width * height * samples * (bits + 7) // 8)
    tiled = random.random() < 0.4
    rows = random.choice([1, 16, 256, height, 0xFFFFFFFF])
    tile = (mostly(random, [16, 256, 4096], [16384, 23984, 1 << 20]), mostly(random, [16, 256, 4096], [16384, 23984]))
    pieces = min(-(-width // tile[0]) * -(-height // tile[1]) if tiled else -(-height // rows), 100_000)
    start = 8
    shared = random.random() < 0.1
    offsets = [start if shared else start + len(data) * i // pieces for i in range(pieces)]
    size = len(data) if shared else max(1, len(data) // pieces)
    tags = [(256, 3 if width < 65536 else 4, [width]), (257, 3 if height < 65536 else 4, [height]), (258, 3, [bits] * min(samples, 8)),
            (259, 3, [compression]), (262, 3, [mostly(random, [2 if samples > 2 else 1], [0, 3, 5, 6, 8, 32844, 32845])]), (277, 3, [samples]),
            (284, 3, [mostly(random, [1], [2])]), (339, 3, [mostly(random, [1], [2, 3])] * min(samples, 8))]
    if tiled:
        tags += [(322, 4, [tile[0]]), (323, 4, [tile[1]]), (324, 4, offsets), (325, 4, [size] * pieces)]
    else:
        tags += [(273, 4, offsets), (278, 4, [rows]), (279, 4, [size] * pieces)]
    if random.random() < 0.07:
        tags += random.choice([[(256, 3, [16]), (257, 3, [16])], [(256, 16, [16])], [(257, 1, [16])], [(277, 3, [1])] * 100])
    if random.random() < 0.5:
        tags.append((317, 3, [random.choice([1, 2, 3])]))
    if random.random() < 0.95:
        tags.sort(key=lambda each: each[0])
    return directory(order, tags, data)[:LARGEST], ".tif"


def directory(order, tags, data):
    """A file of one directory behind `data`."""
    formats = {1: "B", 3: "H", 4: "I", 16: "Q"}
    data += b"\0" * (len(data) % 2)
    at = 8 + len(data)
    spill_at = at + 2 + 12 * len(tags) + 4
    entries, spill = b"", b""
    for tag, kind, values in tags:
        packed = struct.pack(f"{order}{len(values)}{formats[kind]}", *values)
        if len(packed) > 4:
            field = struct.pack(order + "I", spill_at + len(spill))
            spill += packed
        else:
            field = packed.ljust(4, b"\0")
        entries += struct.pack(order + "HHI", tag, kind, len(values)) + field
    mark = b"II*\0" if order == "<" else b"MM\0*"
    end = struct.pack(order + "I", 8 + len(data))  # the next directory: this one again
    return mark + struct.pack(order + "I", at) + data + struct.pack(order + "H", len(tags)) + entries + end + spill


# WebP


class Bits:
    """The least significant bit first."""

    def __init__(self):
        self.value, self.count = 0, 0

    def add(self, value, count):
        self.value |= value << self.count
        self.count += count

    def bytes(self):
        return self.value.to_bytes((self.count + 7) // 8, "little")


def one_colour(bits, cache):
    """Codes of no bits: whatever follows, each pixel is the same."""
    bits.add(0, 1) if not cache else bits.add(1 | cache << 1, 5)
    for _ in range(5):
        bits.add(1, 4)  # a simple code of one symbol, 0


def webp_lossless(random, width, height):
    bits = Bits()
    bits.add(min(width, 16384) - 1, 14)
    bits.add(min(height, 16384) - 1, 14)
    bits.add(random.choice([0, 1]), 1)
    bits.add(0, 3)
    for transform in random.sample(range(4), random.randrange(4)):
        bits.add(1 | transform << 1, 3)
        if transform < 2:
            bits.add(random.choice([0, 3, 7]), 3)  # the size of its blocks
            one_colour(bits, 0)
        elif transform == 3:
            bits.add(random.choice([0, 1, 15, 255]), 8)
            one_colour(bits, 0)
    bits.add(0, 1)
    cache = random.choice([0, 0, 11])
    bits.add(1 | cache << 1, 5) if cache else bits.add(0, 1)
    bits.add(0, 1)
    for _ in range(5):
        bits.add(1, 4)
    return b"\x2f" + bits.bytes() + filler(random, 200_000)


def webp(random):
    width, height = extent(random)
    lossless = webp_lossless(random, width, height)
    size = struct.pack("<HH", min(width, 16383), min(height, 16383))
    lossy = b"\x10\x02\x00\x9d\x01\x2a" + size + filler(random, 400_000)
    kind, data = random.choice([(b"VP8L", lossless), (b"VP8L", lossless), (b"VP8 ", lossy)])
    part = kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    if random.random() < 0.4:
        canvas = struct.pack("<I", mostly(random, [width], [16]) - 1)[:3] + struct.pack("<I", mostly(random, [height], [16]) - 1)[:3]
        flags = bytes([mostly(random, [0, 0x10], [0x02, 0x3E]), 0, 0, 0])
        part = b"VP8X" + struct.pack("<I", 10) + flags + canvas + part * random.choice([1, 1, 2])
        if random.random() < 0.3:
            part += (b"EXIF" + struct.pack("<I", 2) + b"\0\0") * 5000
    return b"RIFF" + struct.pack("<I", len(part) + 4) + b"WEBP" + part, ".webp"


# BMP, PNM and JPEG 2000


def bmp(random):
    width, height = extent(random)
    bits, compression = random.choice([(8, 1), (4, 2), (24, 0), (8, 0), (1, 0), (32, 3), (16, 0)])
    data = random.choice([filler(random, 900_000), b"\xff\x00" * 400_000, b"\x00\x02\xff\xff" * 1000 + b"\x00\x01", b"\x00\x00" * 100_000])
    height = random.choice([height, -height])
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, random.choice([0, 256]), 0)
    palette = bytes(1024) if bits <= 8 else b""
    body = info + palette + data
    return b"BM" + struct.pack("<IHHI", min(14 + len(body), LARGEST), 0, 0, 14 + len(info + palette)) + body, ".bmp"


def pnm(random):
    width, height = extent(random)
    kind = random.choice(["P1", "P2", "P3", "P4", "P5", "P6"])
    gap = random.choice([" ", "\n", "#\n", "#\r", "# x\n" * 50_000, "\t", "#\r%d %d #\n" % (width, height)])
    header = f"{kind} {gap}{mostly(random, [width], [16])} {mostly(random, [height], [16])} "
    header += "" if kind in ("P1", "P4") else f"{random.choice([1, 255, 65535])}\n"
    return header.encode() + random.choice([filler(random, 900_000), b"0 " * 450_000, b"1" * 900_000]), random.choice([".ppm", ".pgm", ".pbm"])


def box(kind, data):
    return struct.pack(">I", 8 + len(data)) + kind + data


def jpeg2000(random):
    width, height = extent(random)
    components = mostly(random, [1, 3, 3], [2, 4, 100, 16384])
    width, height = random.choice([(width, height), (width // 2, height // 2), (width // 4, height)])
    tile = mostly(random, [(width, height), (1024, 1024), (256, 256)], [(64, 64), (1, 1), (1 << 31, 1 << 31)])
    start = mostly(random, [0], [max(0, width - 16)])
    depth = mostly(random, [7], [15, 30, 37])
    size = struct.pack(">HIIIIIIIIH", 0, width, height, start, 0, *tile, 0, 0, components)
    size += b"".join(bytes([depth, mostly(random, [1], [2, 255]), 1]) for _ in range(components))
    levels = mostly(random, [0, 1, 5], [32, 33])
    layers = random.choice([1, 20, 65535])
    coding = struct.pack(">BBHBBBBBB", random.choice([0, 1]), random.randrange(5), layers, components == 3, levels,
                         *random.choice([(4, 4), (4, 4), (0, 0), (8, 0), (2, 2)]), 0, 1)
    if coding[0] & 1:
        coding += bytes([random.choice([0xFF, 0xFF, 0x88, 0x55, 0x11, 0x00])] * (levels + 1))
    quantized = b"\x40" + bytes([0x48] * (3 * levels + 1))
    data = filler(random, 300_000)
    part = segment(0x90, struct.pack(">HIBB", 0, 14 + len(data), 0, 1)) + b"\xff\x93" + data
    stream = b"\xff\x4f" + segment(0x51, size) + segment(0x52, coding) + segment(0x5C, quantized) + part + b"\xff\xd9"
    if random.random() < 0.3:
        return stream, ".j2k"
    claimed = mostly(random, [(width, height)], [(16, 16)])
    header = box(b"ihdr", struct.pack(">IIHBBBB", claimed[1], claimed[0], min(components, 65535), 7, 7, 0, 0))
    header += box(b"colr", b"\1\0\0" + struct.pack(">I", 16))
    decoy = random.choice([b"", b"", box(b"free", box(b"ihdr", struct.pack(">IIHBBBB", 16, 16, 3, 7, 7, 0, 0)))])
    return (b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"ftyp", b"jp2 \0\0\0\0jp2 ") + decoy + box(b"jp2h", header) +
            box(b"jp2c", stream)), ".jp2"


def planes_jpeg2000(random):
    """Blocks of few bytes that claim as many coding passes as there are bit planes."""
    side, components = random.choice([(512, 3), (1024, 3), (2048, 1), (2048, 3), (3000, 1), (5120, 3)])
    exponent = random.choice([13, 20, 29])
    blocks = -(-side // 64)
    data = random.choice([random.randbytes, bytes])(random.choice([1, 30, min(200, LARGEST // blocks ** 2 // components - 8)]))
    size = struct.pack(">HIIIIIIIIH", 0, side, side, 0, 0, side, side, 0, 0, components) + b"\7\1\1" * components
    body = packet(blocks, blocks, 3 * (exponent + 1) - 2, data.replace(b"\xff", b"\xfe")) * components
    part = segment(0x90, struct.pack(">HIBB", 0, 14 + len(body), 0, 1)) + b"\xff\x93" + body
    coding = struct.pack(">BBHBBBBBB", 0, 0, 1, 0, 0, 4, 4, 0, 1)
    stream = b"\xff\x4f" + segment(0x51, size) + segment(0x52, coding) + segment(0x5C, bytes([0x40, exponent << 3]))
    return stream + part + b"\xff\xd9", ".j2k"
