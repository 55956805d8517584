#!/usr/bin/env python3
"""yoloport beside MMYOLO's easydeploy: export time and memory, latency of what was exported, node counts.

    side_by_side.py --models FOLDER --yoloport build/yoloport --easydeploy MMYOLO_SOURCES --mmyolo-python PYTHON
                    --photo PHOTO --out FOLDER [--runtime onnxruntime openvino openvino-bf16] [--only NAME...]

FOLDER holds NAME.py and NAME.pth (make_models.py makes them). PYTHON has mmyolo, onnx and onnxsim;
MMYOLO_SOURCES is a checkout that holds projects/easydeploy. The Python that runs this has numpy, opencv,
onnxruntime and, for the OpenVINO rows, openvino.

All ratios are of what ran in turns: each round runs every file of a model a few times, in a session made for that
round (equal sessions differ by some percent, by where their memory lies), and a ratio is the median over the
rounds. In OpenVINO ours is the file for the backend openvino. Writes results.json, of which report.py makes
tables and a plot. What is in it already is not measured again, so that an interrupted run can be taken up, or
a runtime added.
"""

import argparse
import functools
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import cv2
import numpy as np
import onnxruntime

SECONDS_A_FILE = 0.4  # of one round


# Runs its arguments and prints seconds and peak memory in bytes. A process of its own, since a child's peak
# begins at its parent's: ours is large.
MEASURE = """
import resource, subprocess, sys, time
begin = time.perf_counter()
process = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds = time.perf_counter() - begin
sys.stderr.buffer.write(process.stderr if process.returncode else b"")
print(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
sys.exit(process.returncode)
"""


def run(command, **options):
    """Wall time in seconds and peak memory in bytes of a command that must succeed."""
    measure = [sys.executable, "-S", "-c", MEASURE, *map(str, command)]
    process = subprocess.run(measure, capture_output=True, text=True, **options)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}:\n{process.stderr}")
    seconds, peak = process.stdout.split()
    return float(seconds), int(peak)


class Exporters:
    """Both exporters on one model: files by (who, what), and what it cost."""

    def __init__(self, args, name):
        self.args, self.name = args, name
        self.source = [args.models / f"{name}.py", args.models / f"{name}.pth"]

    def target(self, who, what):
        return self.args.out / f"{self.name}.{what}.{who}.onnx"

    def ours(self, what, options):
        return run([self.args.yoloport, "export", *self.source, "--output", self.target("ours", what), "--quiet",
                    *options])

    def easydeploys(self, what, options):
        folder = self.args.out / "easydeploy"
        script = self.args.easydeploy / "projects/easydeploy/tools/export_onnx.py"
        command = [self.args.mmyolo_python, script, *self.source, "--device", "cpu", "--work-dir", folder, *options]
        cost = run(command, env={**os.environ, "PYTHONPATH": str(self.args.easydeploy)})
        shutil.move(folder / f"{self.name}.onnx", self.target("easydeploy", what))
        return cost

    def cost(self):
        """Export of the end-to-end file, the latter's size, and what `cp` of it takes."""
        theirs = self.easydeploys("e2e", [])
        times, peaks = zip(*(self.ours("e2e", []) for _ in range(7)))
        written = self.target("ours", "e2e")
        copies = [run(["cp", written, written.with_suffix(".copy")])[0] for _ in range(7)]
        written.with_suffix(".copy").unlink()
        ours = statistics.median(times)
        return {
            "seconds": ours, "peak": max(peaks), "easydeploy_seconds": theirs[0], "easydeploy_peak": theirs[1],
            "times_faster": theirs[0] / ours, "file": written.stat().st_size,
            "times_cp": ours / statistics.median(copies),
        }

    def nodes(self):
        """Makes the files whose latencies are compared, easydeploy's simplified by onnxsim, and counts their nodes."""
        self.easydeploys("e2e", ["--simplify"])
        self.easydeploys("raw", ["--simplify", "--model-only"])
        self.ours("raw", ["--model-only"])
        self.ours("e2e-openvino", ["--backend", "openvino"])
        return {who: nodes(self.args.mmyolo_python, self.target(who, "e2e")) for who in ("ours", "easydeploy")}

    def files(self, runtime):
        files = {(who, what): self.target(who, what) for who in ("ours", "easydeploy") for what in ("e2e", "raw")}
        if runtime.startswith("openvino"):  # easydeploy has one file for both runtimes
            files["ours", "e2e"] = self.target("ours", "e2e-openvino")
        return files

    @functools.cached_property
    def image(self):
        session = onnxruntime.InferenceSession(self.target("ours", "e2e"), providers=["CPUExecutionProvider"])
        return prepare(self.args.photo, json.loads(session.get_modelmeta().custom_metadata_map["yoloport"])["recipe"])

    def found(self):
        """How many detections each file gives in the image: its post-processing has that much to do."""
        return {
            who: int(onnxruntime_runner(self.target(who, "e2e"), self.args.threads)(self.image)[0].sum())
            for who in ("ours", "easydeploy")
        }


def onnxruntime_runner(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda image: session.run(None, {name: image})


def openvino_runner(path, threads, precision):
    import openvino

    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
    request = openvino.Core().compile_model(str(path), "CPU", settings).create_infer_request()
    return lambda image: request.infer([image], share_inputs=True, share_outputs=True)


RUNNERS = {
    "onnxruntime": onnxruntime_runner,
    "openvino": lambda path, threads: openvino_runner(path, threads, "f32"),
    "openvino-bf16": lambda path, threads: openvino_runner(path, threads, "bf16"),
}


def latencies(exporters, runtime, args):
    """Milliseconds of each file in each round."""
    files, image = exporters.files(runtime), exporters.image
    result = {key: [] for key in files}
    for _ in range(args.rounds):
        for key, path in files.items():
            runner = RUNNERS[runtime](path, args.threads)
            runner(image)
            times = []
            while sum(times) < SECONDS_A_FILE or len(times) < 3:
                begin = time.perf_counter()
                runner(image)
                times.append(time.perf_counter() - begin)
            result[key].append(1000 * statistics.median(times))
    return result


def ratio(times, upper, lower):
    return statistics.median(a / b for a, b in zip(times[upper], times[lower]))


def compare(exporters, runtime, args):
    times = latencies(exporters, runtime, args)
    ours, theirs = ("ours", "e2e"), ("easydeploy", "e2e")
    return {
        "ours_ms": statistics.median(times[ours]),
        "easydeploy_ms": statistics.median(times[theirs]),
        "ours_raw_ms": statistics.median(times["ours", "raw"]),
        "easydeploy_raw_ms": statistics.median(times["easydeploy", "raw"]),
        "e2e_to_own_raw": ratio(times, ours, ("ours", "raw")),
        "raw_to_easydeploy": ratio(times, ("ours", "raw"), ("easydeploy", "raw")),
        "e2e_to_easydeploy": ratio(times, ours, theirs),
    }


def nodes(python, path):
    script = "import onnx, sys; print(len(onnx.load(sys.argv[1], load_external_data=False).graph.node))"
    return int(subprocess.run([python, "-c", script, path], capture_output=True, check=True, text=True).stdout)


def prepare(photo, recipe):
    """The photo as 1 x 3 x H x W in the middle of the pad colour, in the colours and the range that the model wants."""
    height, width = recipe["height"], recipe["width"]
    image = cv2.imread(str(photo))
    scale = min(height / image.shape[0], width / image.shape[1])
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = (height - image.shape[0]) // 2, (width - image.shape[1]) // 2
    canvas = np.full((height, width, 3), 114, np.float32)
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    canvas = canvas[:, :, ::-1] if recipe["rgb"] else canvas
    normalised = (canvas - np.float32(recipe["mean"])) / np.float32(recipe["std"])
    return np.ascontiguousarray(normalised.transpose(2, 0, 1)[None])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("models", "yoloport", "easydeploy", "photo", "out"):
        parser.add_argument("--" + option, type=lambda path: pathlib.Path(path).absolute(), required=True)
    parser.add_argument("--mmyolo-python", required=True)
    parser.add_argument("--runtime", nargs="*", default=[], choices=RUNNERS)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    results_file = args.out / "results.json"
    results = json.loads(results_file.read_text()) if results_file.exists() else {}
    for source in sorted(args.models.glob("*.pth")):
        name = source.stem
        if args.only and name not in args.only:
            continue
        exporters = Exporters(args, name)
        row = results.setdefault(name, {})
        measures = {"export": exporters.cost, "nodes": exporters.nodes, "found": exporters.found} | {
            runtime: functools.partial(compare, exporters, runtime, args) for runtime in args.runtime
        }
        for key, measure in measures.items():
            if key not in row:
                row[key] = measure()
                results_file.write_text(json.dumps(results, indent=1))
        print(name, json.dumps(row), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
