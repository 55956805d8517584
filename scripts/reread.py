#!/usr/bin/env python3
"""Reads ONNX files into a graph, writes them again, and compares what both compute in ONNX Runtime.

    reread.py FOLDER --reread build/yoloport_reread [--own]

Needs a Python with onnxruntime and numpy. Takes every *.onnx below FOLDER, whoever wrote it. Each is read and written;
what was written is read and written once more, which must give the same bytes. Then ONNX Runtime runs the file and its
copy on the same random inputs: all outputs must be equal to the last bit. Files that ONNX Runtime does not run, such as
those with plugins of TensorRT, are only read and written; they are counted apart. With --own all files are
yoloport's, whose copies must have the same bytes.

Prints a line a file and exits with 1 where one differs or is not read.
"""

import argparse
import filecmp
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnxruntime

TYPES = {
    "tensor(float)": numpy.float32,
    "tensor(float16)": numpy.float16,
    "tensor(double)": numpy.float64,
    "tensor(uint8)": numpy.uint8,
    "tensor(int32)": numpy.int32,
    "tensor(int64)": numpy.int64,
    "tensor(bool)": numpy.bool_,
}
ANY_EXTENT = {0: 1, 1: 3}  # by axis; of others 64


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # sums in the same order each time
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def random_inputs(model):
    random = numpy.random.default_rng(1)
    inputs = {}
    for each in model.get_inputs():
        shape = [n if isinstance(n, int) else ANY_EXTENT.get(axis, 64) for axis, n in enumerate(each.shape)]
        inputs[each.name] = (random.random(shape) * 255 / 256).astype(TYPES[each.type])
    return inputs


def same(a, b):
    if isinstance(a, (list, dict)):
        return str(a) == str(b)
    nan = a.dtype.kind == "f"
    return a.dtype == b.dtype and numpy.array_equal(a, b, equal_nan=nan)


def compare(path, copy):
    """What happened, and whether it is as it must be."""
    try:
        first = session(path)
    except Exception as error:  # of many types, which onnxruntime does not export
        return f"not run: {str(error).splitlines()[0][:100]}", True
    second = session(copy)
    inputs = random_inputs(first)
    try:
        expected = first.run(None, inputs)
    except Exception as error:
        return f"not run: {str(error).splitlines()[0][:100]}", True
    names = [each.name for each in first.get_outputs()]
    if names != [each.name for each in second.get_outputs()]:
        return "OTHER OUTPUTS", False
    for name, a, b in zip(names, expected, second.run(None, inputs)):
        if not same(a, b):
            return f"OTHER NUMBERS in {name}", False
    return f"{len(names)} outputs equal", True


def check(program, path, out, own):
    copy, again = out / "copy.onnx", out / "again.onnx"
    for source, target in ((path, copy), (copy, again)):
        run = subprocess.run([program, source, target], capture_output=True, text=True)
        if run.returncode != 0:
            return "NOT READ: " + run.stderr.strip().replace("\n", "; "), False
    if not filecmp.cmp(copy, again, shallow=False):
        return "OTHER BYTES when read again", False
    if filecmp.cmp(path, copy, shallow=False):
        return "same bytes", True
    if own:
        return "OTHER BYTES", False
    return compare(path, copy)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--reread", required=True, help="the program yoloport_reread")
    parser.add_argument("--own", action="store_true", help="copies must have the same bytes")
    args = parser.parse_args()
    counts = {}
    failed = 0
    for path in sorted(args.folder.rglob("*.onnx")):
        with tempfile.TemporaryDirectory() as out:
            result, good = check(args.reread, path, pathlib.Path(out), args.own)
        print(f"{path.relative_to(args.folder)}: {result}", flush=True)
        failed += not good
        kind = "failed" if not good else "not run" if result.startswith("not run") else "same"
        counts[kind] = counts.get(kind, 0) + 1
    print(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "no files")
    return 1 if failed or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
