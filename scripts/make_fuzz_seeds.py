#!/usr/bin/env python3
"""Makes the inputs that fuzzing starts from, out of this repository's own files.

    make_fuzz_seeds.py FOLDER [--to-commit]

writes FOLDER/TARGET/NAME for each target of fuzz/, none larger than 64 KiB. With --to-commit only what
is small and not simply a file of the repository: that is what testdata/fuzz holds and ctest runs, together
with every input that ever made a target fail (named after what was wrong). Files of the repository that
are seeds as they are, ctest runs where they lie (SEEDS in fuzz/CMakeLists.txt).
"""

import argparse
import json
import pathlib
import pickle
import struct
import zipfile
import zlib

from cost_parts import message, number

ROOT = pathlib.Path(__file__).resolve().parent.parent


def checkpoints():
    yield from sorted((ROOT / "testdata/checkpoint").glob("*.pth"))
    yield from sorted((ROOT / "testdata/parity").glob("*/checkpoint.pth"))


def safetensors():
    header = {
        "__metadata__": {"config": "a = 1\n"},
        "a.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "a.bias": {"dtype": "BF16", "shape": [2], "data_offsets": [24, 28]},
    }
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(28)


def pickles_in(paths):
    """(name, bytes) of the pickles in those that are archives."""
    for path in paths:
        if not zipfile.is_zipfile(path):
            continue
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith("data.pkl"):
                    yield f"{path.parent.name}-{path.stem}", archive.read(name)


def pickles():
    """(name, bytes) of the pickles in checkpoints, and of each protocol."""
    yield from pickles_in(checkpoints())
    values = {"a": [1, -2, 3.5, None, True, 10**30], "b": ("x", b"y", {1, 2}), "c": frozenset("z")}
    for protocol in range(2, 6):
        yield f"values{protocol}", pickle.dumps([values, values], protocol)

def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(12) for _ in range(4)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def images():
    yield "a.png", png()
    yield "a.ppm", b"P6\n# a comment\n4 4\n255\n" + bytes(48)
    yield "a.pgm", b"P2 2 2 255 1 2 3 4\n"
    bmp = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54 + 48, 0, 0, 54, 40, 4, -4, 1, 24, 0, 48, 0, 0, 0, 0)
    yield "a.bmp", bmp + bytes(48)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 4, 4, 3) + bytes(9)
    scan = b"\xff\xda" + struct.pack(">H", 12) + bytes(10) + b"\x11\xff\x00\x22\xff\xd0\x33"
    yield "a.jpg", b"\xff\xd8" + frame + scan + scan + b"\xff\xd9"
    for kind, rest in ((b"VP8X", bytes(12)), (b"VP8L", b"\x2f" + bytes(11)), (b"VP8 ", bytes(14))):
        body = b"WEBP" + kind + struct.pack("<I", len(rest)) + rest
        yield f"{kind.decode().strip()}.webp", b"RIFF" + struct.pack("<I", len(body)) + body
    entries = struct.pack("<HHHIIHHII", 2, 256, 3, 1, 4, 257, 4, 1, 4)
    yield "a.tif", b"II*\0" + struct.pack("<I", 8) + entries
    yield "b.tif", b"MM\0*" + struct.pack(">I", 8) + struct.pack(">HHHIHHHHIHH", 2, 256, 3, 1, 4, 0, 257, 3, 1, 4, 0)
    yield "a.j2k", b"\xff\x4f\xff\x51" + struct.pack(">HHIIII", 41, 0, 4, 4, 0, 0)
    yield "a.jp2", b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">I4sII", 22, b"ihdr", 4, 4) + bytes(6)


def raw_heads():
    """(name, bytes) of the outputs of each type for an input of 64 x 64 and 3 classes; see raw_heads.cc."""
    classes, sides = 3, (8, 4, 2)
    channels = {
        "anchors": 3 * (classes + 5),
        "objectness": classes + 5,
        "distances": classes + 4,
        "distributions16": classes + 4 * 16,
        "distributions17": classes + 4 * 17,
    }
    types = ("anchors", "objectness", "distances", "distributions17", "distributions17", "anchors", "distances",
             "distributions16")  # fmt: skip
    values = struct.pack("<8f", -3, 2, 0.5, -7, 1e30, float("nan"), 4, -1e-3)
    for number, kind in enumerate(types):
        for layout in ("channels_first", "channels_last"):
            # Type, classes, no other strides or bins; thresholds, pre-topk, keep-topk, flags.
            header = struct.pack("10B", number, classes, 0, 8, 8, 60, 160, 40, 20, number % 8)
            extents = b""
            for side in sides:
                shape = (channels[kind], side, side)
                if layout == "channels_last":
                    shape = (side, side, channels[kind])
                extents += struct.pack("4B", *shape, 0)
            yield f"{number}-{kind}-{layout}", header + bytes([len(sides)]) + extents + values


def metadata():
    """The JSON document in an ONNX file, found by where it begins and its braces."""
    data = (ROOT / "testdata/detect/brightness.onnx").read_bytes()
    text = data[data.index(b'{"format":') :].decode("utf-8", "replace")
    document, _ = json.JSONDecoder().raw_decode(text)
    return json.dumps(document).encode()


def onnx_of_others():
    """(name, bytes) of files with what yoloport does not write: graphs in nodes, elements in fields of their own ..."""

    def tensor(name, kind, shape, *rest):
        return b"".join(number(1, each) for each in shape) + number(2, kind) + message(8, name) + b"".join(rest)

    def value(name, *extents):
        dims = b"".join(message(1, number(1, each) if isinstance(each, int) else message(2, each)) for each in extents)
        return message(1, name) + message(2, message(1, number(1, 1) + message(2, dims)))

    def node(kind, inputs, outputs, *rest):
        names = b"".join(message(1, each) for each in inputs) + b"".join(message(2, each) for each in outputs)
        return message(1, names + message(4, kind) + b"".join(rest))

    def model(*graph):
        return number(1, 8) + message(7, b"".join(graph)) + message(8, number(2, 13))

    weights = [
        message(5, tensor(b"f", 1, [2], message(4, struct.pack("<2f", 1, -1)))),
        message(5, tensor(b"i", 7, [2, 1], number(7, 5) + number(7, 1 << 40))),
        message(5, tensor(b"h", 10, [2], message(5, b"\x80\x78\x00"))),
        message(5, tensor(b"s", 8, [1], message(6, b"text"))),
        message(5, tensor(b"x", 1, [1], message(9, bytes(4)))),
    ]
    inner = message(1, message(1, b"y") + message(2, b"z") + message(4, b"Relu")) + message(12, value(b"z"))
    branch = message(5, message(1, b"then_branch") + message(6, inner) + number(20, 5))
    yield "weights", model(*weights, message(11, value(b"x", 1)), message(12, value(b"f", b"n")))
    yield "if", model(message(11, value(b"x", b"n", 3)), node(b"Relu", [b"x", b""], [b"y", b""]),
                      node(b"If", [b"x"], [b"z"], branch, message(6, b"doc")), message(13, value(b"y", 2)),
                      message(12, value(b"z", 2)))  # fmt: skip


def files():
    """(target, path) of the repository's own files that are inputs as they are."""
    for path in checkpoints():
        yield "checkpoint", path
        if zipfile.is_zipfile(path):
            yield "zip_directory", path
    for folder in ("testdata/config", "testdata/config/bad", "demo"):
        for path in sorted((ROOT / folder).glob("*.py")):
            yield "config", path
    yield "onnx_structure", ROOT / "testdata/detect/brightness.onnx"
    for path in sorted((ROOT / "testdata/detect").glob("*.onnx")):
        yield "onnx_reader", path


def made():
    """(target, name, bytes)"""
    yield "checkpoint", "a.safetensors", safetensors()
    for name, data in pickles():
        yield "unpickler", name, data
        yield "tensors", name, data
    for name, data in pickles_in(sorted((ROOT / "testdata/ultralytics").glob("*/checkpoint.pth"))):
        yield "whole_network", name, data
    yield "overrides", "a", b"model.a=2\nmodel.b.0.c=[1,2]\nx.y=(1,'a')\nmodel.d=None\n"
    yield "overrides", "b", b"model={'a':1}\nmodel.b.-1=\"x\"\nz=1e-3\n"
    yield "metadata", "brightness", metadata()
    for name, data in onnx_of_others():
        yield "onnx_reader", name, data
    for name, data in images():
        yield "image_header", name, data
    for name, data in raw_heads():
        yield "raw_heads", name, data
    for mode in range(8):
        head = struct.pack("<4H7B", 31 + mode, 17, 64, 48, mode % 2, mode % 5, mode // 2, mode % 3, mode % 2, mode // 4, mode % 2)
        yield "image_prepare", f"mode{mode}", head + bytes(range(256))


def seeds(to_commit):
    """(target, name, bytes)"""
    largest = 3000 if to_commit else 65536
    for target, name, data in made():
        if len(data) <= largest:
            yield target, name, data
    if to_commit:
        return
    for target, path in files():
        if path.stat().st_size <= largest:
            yield target, f"{path.parent.name}-{path.name}", path.read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--to-commit", action="store_true")
    arguments = parser.parse_args()
    written = 0
    for target, name, data in seeds(arguments.to_commit):
        path = arguments.folder / target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        written += 1
    print(f"{written} inputs in {arguments.folder}")


if __name__ == "__main__":
    main()
