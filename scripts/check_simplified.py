#!/usr/bin/env python3
"""No node that a simplifier could remove: exports models in every variant and runs onnxsim and onnxslim on them.

    check_simplified.py --models FOLDER --yoloport build/yoloport --out FOLDER [--only NAME...] [--variant NAME...]

FOLDER of models holds NAME.py and NAME.pth (bench/make_models.py makes them). Needs onnx and one of onnxsim and
onnxslim or both. Prints a line a file, and what was removed; exits with 1 where anything was.
"""

import argparse
import collections
import pathlib
import subprocess
import sys

import onnx

VARIANTS = {
    "end-to-end": [],
    "raw": ["--model-only"],
    "openvino": ["--backend", "openvino"],
    "tensorrt8": ["--backend", "tensorrt8"],
    "tensorrt7": ["--backend", "tensorrt7"],
    "ncnn": ["--backend", "ncnn"],
    "batch": ["--dynamic", "batch"],
    "size": ["--dynamic", "height,width"],
    "all": ["--dynamic", "batch,height,width"],
    "thresholds": ["--runtime-thresholds"],
    "agnostic": ["--class-agnostic"],
    "uint8": ["--input", "uint8"],
    "half": ["--half"],
}


def operators(model):
    return collections.Counter(node.op_type for node in model.graph.node)


def with_onnxsim(model):
    import onnxsim

    return onnxsim.simplify(model)[0]


def with_onnxslim(model):
    import onnxslim

    return onnxslim.slim(model)


def simplifiers():
    found = {}
    for name, simplify in {"onnxsim": with_onnxsim, "onnxslim": with_onnxslim}.items():
        try:
            __import__(name)
            found[name] = simplify
        except ImportError:
            print(f"{name} is not installed: left out", file=sys.stderr)
    return found or sys.exit("neither onnxsim nor onnxslim is installed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--yoloport", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--variant", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    tools = simplifiers()
    removed = 0
    for checkpoint in sorted(args.models.glob("*.pth")):
        if args.only and checkpoint.stem not in args.only:
            continue
        for variant in args.variant:
            target = args.out / f"{checkpoint.stem}.{variant}.onnx"
            command = [args.yoloport, "export", checkpoint.with_suffix(".py"), checkpoint, "--output", target]
            subprocess.run([*command, "--quiet", *VARIANTS[variant]], check=True)
            before = operators(onnx.load(target))
            for tool, simplify in tools.items():
                after = operators(simplify(onnx.load(target)))
                less = before - after
                removed += sum(less.values()) > 0 and after.total() < before.total()
                note = f"less {dict(less)}, more {dict(after - before)}" if before != after else "the same"
                print(f"{target.name}, {tool}: {before.total()} -> {after.total()} nodes, {note}", flush=True)
            target.unlink()
    sys.exit(1 if removed else 0)


if __name__ == "__main__":
    main()
