#!/usr/bin/env python3
"""Raw-head files in the DNN module of several OpenCV versions, and in ONNX's reference evaluator.

    check_opencv.py --yoloport build/yoloport --out FOLDER [--opencv VERSION]... CASES...

Each case is a folder with config.py and checkpoint.pth, or a folder of such folders. Each is exported with the raw heads
in every variant below. ONNX Runtime's answers on noise of a fixed seed are what the others are compared with: the
largest difference, as a share of the output's largest magnitude.

--opencv names versions of the package opencv-python-headless, or "newest". Each gets an environment of its own in
FOLDER/env-VERSION, made by this Python and pip, and so does the evaluator with ONNX Runtime: FOLDER/env-reference.
Prints a table and exits 1 where anything is further off than TOLERANCE or is not loaded.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys

DEFAULT_VERSIONS = ["4.8", "4.10", "4.13", "newest"]
# The small networks' random weights enlarge the last bits of a float: up to 1e-4, without the Winograd convolutions that
# lose some more. A value that is wrong, such as HardSigmoid's alpha, makes more than 1e-2.
TOLERANCE = 5e-4
VARIANTS = {
    "plain": [],
    "opset 17": ["--opset", "17"],
    "uint8": ["--input", "uint8"],
    "uint8 nhwc": ["--input", "uint8", "--input-layout", "nhwc"],
    "half": ["--half"],
    "channels last": ["--backend", "ncnn"],
}
# ONNX Runtime rounds maps to float16, OpenCV 4 computes in float32, OpenCV 5 in float16 throughout: 11 bits, enlarged
# likewise.
TOLERANCES = collections.defaultdict(lambda: TOLERANCE, {"half": 0.1})

REFERENCE = '''
import json, sys
import numpy, onnx, onnxruntime
from onnx.reference import ReferenceEvaluator
onnxruntime.set_default_logger_severity(3)
answers = {}
for path in json.load(sys.stdin):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    noise = numpy.random.default_rng(1)
    kinds = {"tensor(uint8)": numpy.uint8, "tensor(float16)": numpy.float16, "tensor(float)": numpy.float32}
    kind = kinds[entry.type]
    x = noise.integers(0, 256, entry.shape) if kind == numpy.uint8 else noise.standard_normal(entry.shape)
    x = x.astype(kind)
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, {entry.name: x})
    numpy.savez(path + ".npz", x=x, **dict(zip(names, outputs)))
    try:
        found = ReferenceEvaluator(path).run(names, {entry.name: x})
    except Exception as error:
        answers[path] = str(error)
        continue
    answers[path] = "ok"
    numpy.savez(path + ".found.npz", **dict(zip(names, found)))
json.dump(answers, sys.stdout)
'''

OPENCV = '''
import json, sys
import cv2, numpy
answers = {"version": cv2.__version__}
for path in json.load(sys.stdin):
    recorded = numpy.load(path + ".npz")
    names = [name for name in recorded.files if name != "x"]
    x = recorded["x"]
    try:
        net = cv2.dnn.readNetFromONNX(path)
        if hasattr(net, "enableWinograd"):
            net.enableWinograd(False)
        net.setInput(x.astype(numpy.float32) if x.dtype == numpy.float16 else x)
        found = net.forward(names)
    except Exception as error:
        answers[path] = str(error)
        continue
    answers[path] = "ok"
    numpy.savez(path + ".found.npz", **dict(zip(names, found)))
json.dump(answers, sys.stdout)
'''

COMPARE = '''
import json, sys
import numpy
worst = {}
for path in json.load(sys.stdin):
    expected, found = numpy.load(path + ".npz"), numpy.load(path + ".found.npz")
    worst[path] = 0
    for name in expected.files:
        if name == "x":
            continue
        a, b = (numpy.asarray(side[name], numpy.float64) for side in (expected, found))
        if not numpy.isfinite(a).all():
            worst[path] = "not finite in ONNX Runtime"
            break
        if a.shape != b.shape:
            worst[path] = f"{b.shape} for {a.shape}"
            break
        difference = numpy.abs(a - b).max() / numpy.abs(a).max()
        worst[path] = max(worst[path], float(difference) if numpy.isfinite(difference) else 1e9)
json.dump(worst, sys.stdout)
'''


def environment(folder, packages):
    """The Python of an environment with these packages, made where it is not there."""
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        (folder / "complete").touch()
    return python


def opencv_environment(out, version):
    if version == "newest":
        packages = ["opencv-python-headless"]
    else:
        packages = [f"opencv-python-headless=={version}.*"]
        if tuple(map(int, version.split(".")[:2])) < (4, 10):
            packages.append("numpy<2")  # what those wheels were built with
    return environment(out / f"env-{version}", packages)


def run(python, script, paths):
    """Runs a script that takes paths of models as JSON and answers with JSON."""
    done = subprocess.run(
        [python, "-c", script], input=json.dumps([str(path) for path in paths]), stdout=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        sys.exit(f"{python} failed")
    return json.loads(done.stdout)


def cases_in(folders):
    """Each case by a name of its own."""
    cases = {}
    for folder in map(pathlib.Path, folders):
        within = [folder] if (folder / "config.py").exists() else sorted(folder.iterdir())
        for case in within:
            if (case / "config.py").exists() and (case / "checkpoint.pth").exists():
                name = case.name if case.name not in cases else f"{case.name}-{case.resolve().parent.name}"
                cases[name] = case
    return cases


def export(yoloport, case, options, path):
    sources = [case / "config.py", case / "checkpoint.pth"]
    command = [yoloport, "export", *sources, "--model-only", "--img-size", "128", "192", "--output", path, *options]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def export_all(args):
    """The models, by case and variant; cases that yoloport refuses are told and left out."""
    models = {}
    for name, case in cases_in(args.cases).items():
        for variant, options in VARIANTS.items():
            path = args.out / f"{name}.{variant.replace(' ', '_')}.onnx"
            error = export(args.yoloport, case, options, path)
            if error:
                print(f"{name}: not exported: {error.splitlines()[0]}")
                break
            models[name, variant] = str(path)
    return models


def compare(runner, python, reference, script, models):
    """What the script's Python finds, by case and variant: a difference, or why there is none."""
    answers = run(python, script, models.values())
    version = answers.pop("version", runner)
    loaded = [path for path, answer in answers.items() if answer == "ok"]
    answers |= run(reference, COMPARE, loaded)
    return version, {key: answers[path] for key, path in models.items()}


def table(results, models):
    """Prints the differences, a line for each case and variant; True where all is well."""
    well = True
    versions = list(results)
    print(f"{'case':22} {'variant':14}" + "".join(f"{version:>12}" for version in versions))
    for case, variant in models:
        cells = []
        for version in versions:
            answer = results[version].get((case, variant))
            # Random weights give numbers past float16's range.
            if answer is None or (variant == "half" and answer == "not finite in ONNX Runtime"):
                cells.append("-")
                continue
            good = not isinstance(answer, str) and answer <= TOLERANCES[variant]
            well = well and good
            cells.append(f"{answer:.1e}" if good else ("WRONG" if not isinstance(answer, str) else "ERROR"))
            if not good:
                print(f"{case} ({variant}) in {version}: {answer}", file=sys.stderr)
        print(f"{case:22} {variant:14}" + "".join(f"{cell:>12}" for cell in cells))
    return well


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--opencv", action="append", metavar="VERSION", help=", ".join(DEFAULT_VERSIONS))
    parser.add_argument("cases", nargs="+")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    args.out = args.out.resolve()
    reference = environment(args.out / "env-reference", ["numpy", "onnx", "onnxruntime"])
    models = export_all(args)
    found = compare("reference", reference, reference, REFERENCE, models)[1]
    # The evaluator's Sigmoid of float16 is NaN where numpy's exp() of float16 overflows.
    results = {"reference": {key: answer for key, answer in found.items() if key[1] != "half"}}
    for version in args.opencv or DEFAULT_VERSIONS:
        python = opencv_environment(args.out, version)
        name, found = compare(version, python, reference, OPENCV, models)
        results[name] = found
    sys.exit(0 if table(results, models) else 1)


if __name__ == "__main__":
    main()
