#!/usr/bin/env python3
"""yoloport beside MMYOLO's easydeploy: export time and memory, latency of what was exported, node counts.

    side_by_side.py --models FOLDER --yoloport build/yoloport --easydeploy MMYOLO_SOURCES --mmyolo-python PYTHON
                    --photo PHOTO --out FOLDER [--runtime onnxruntime openvino openvino-bf16] [--only NAME...]

FOLDER holds NAME.py and NAME.pth (make_models.py makes them). PYTHON has mmyolo, onnx and onnxsim;
MMYOLO_SOURCES is a checkout that holds projects/easydeploy. The Python that runs this has numpy, opencv,
onnxruntime and, for the OpenVINO rows, openvino.

All times are ratios of what ran in turns: each round runs every file of a model a few times, and a ratio is
the median over the rounds. Prints tables in Markdown and writes results.json.
"""

import argparse
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

ROUNDS = 15
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
        self.files = {}

    def ours(self, what, options):
        target = self.args.out / f"{self.name}.{what}.ours.onnx"
        cost = run([self.args.yoloport, "export", *self.source, "--output", target, "--quiet", *options])
        self.files["ours", what] = target
        return cost

    def easydeploys(self, what, options):
        folder = self.args.out / "easydeploy"
        script = self.args.easydeploy / "projects/easydeploy/tools/export_onnx.py"
        command = [self.args.mmyolo_python, script, *self.source, "--device", "cpu", "--work-dir", folder, *options]
        cost = run(command, env={**os.environ, "PYTHONPATH": str(self.args.easydeploy)})
        target = self.args.out / f"{self.name}.{what}.easydeploy.onnx"
        shutil.move(folder / f"{self.name}.onnx", target)
        self.files["easydeploy", what] = target
        return cost

    def cost(self):
        """Export of the end-to-end file, the latter's size, and what `cp` of it takes."""
        theirs = self.easydeploys("e2e", [])
        times, peaks = zip(*(self.ours("e2e", []) for _ in range(7)))
        written = self.files["ours", "e2e"]
        copies = [run(["cp", written, written.with_suffix(".copy")])[0] for _ in range(7)]
        written.with_suffix(".copy").unlink()
        ours = statistics.median(times)
        return {
            "seconds": ours, "peak": max(peaks), "easydeploy_seconds": theirs[0], "easydeploy_peak": theirs[1],
            "times_faster": theirs[0] / ours, "file": written.stat().st_size, "times_cp": ours / statistics.median(copies),
        }

    def simplified(self):
        """The files whose latencies are compared: easydeploy's are simplified by onnxsim."""
        self.easydeploys("e2e", ["--simplify"])
        self.easydeploys("raw", ["--simplify", "--model-only"])
        self.ours("raw", ["--model-only"])
        return self.files


def onnxruntime_runner(path, threads):
    import onnxruntime

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


def latencies(files, runtime, image, threads):
    """Milliseconds of each file in each round."""
    runners = {key: RUNNERS[runtime](path, threads) for key, path in files.items()}
    repeats = {}
    for key, runner in runners.items():
        runner(image)
        begin = time.perf_counter()
        runner(image)
        repeats[key] = max(3, int(SECONDS_A_FILE / (time.perf_counter() - begin)))
    result = {key: [] for key in runners}
    for _ in range(ROUNDS):
        for key, runner in runners.items():
            times = []
            for _ in range(repeats[key]):
                begin = time.perf_counter()
                runner(image)
                times.append(time.perf_counter() - begin)
            result[key].append(1000 * statistics.median(times))
    return result


def ratio(times, upper, lower):
    return statistics.median(a / b for a, b in zip(times[upper], times[lower]))


def compare(files, runtime, image, threads):
    times = latencies(files, runtime, image, threads)
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


def prepare(photo, size=640):
    """A 1 x 3 x size x size image in 0..1; what exactly is in it does not matter to the time."""
    image = cv2.resize(cv2.imread(str(photo)), (size, size))
    return np.ascontiguousarray(image[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32) / 255)


def table(title, rows, columns):
    lines = [f"\n{title}\n", "| model | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(text(row) for text in columns.values()) + " |")
    print("\n".join(lines), flush=True)


def print_tables(results, runtimes):
    table("Export, end to end, 640 x 640", {name: row["export"] for name, row in results.items()}, {
        "yoloport": lambda r: f"{r['seconds']:.3f} s, {r['peak'] / 1e6:.0f} MB",
        "easydeploy": lambda r: f"{r['easydeploy_seconds']:.1f} s, {r['easydeploy_peak'] / 1e6:.0f} MB",
        "times faster": lambda r: f"{r['times_faster']:.0f}",
        "file": lambda r: f"{r['file'] / 1e6:.1f} MB",
        "peak / file": lambda r: f"{r['peak'] / r['file']:.2f}",
        "time / cp": lambda r: f"{r['times_cp']:.2f}",
    })
    for runtime in runtimes:
        table(f"Latency in {runtime}, ms", {name: row[runtime] for name, row in results.items()}, {
            "end to end": lambda r: f"{r['ours_ms']:.1f}",
            "easydeploy": lambda r: f"{r['easydeploy_ms']:.1f}",
            "ratio": lambda r: f"{r['e2e_to_easydeploy']:.3f}",
            "raw": lambda r: f"{r['ours_raw_ms']:.1f}",
            "easydeploy raw": lambda r: f"{r['easydeploy_raw_ms']:.1f}",
            "raw ratio": lambda r: f"{r['raw_to_easydeploy']:.3f}",
            "end to end / raw": lambda r: f"{r['e2e_to_own_raw']:.3f}",
        })
    table("Nodes, end to end", {name: row["nodes"] for name, row in results.items()}, {
        "yoloport": lambda r: str(r["ours"]), "easydeploy, simplified": lambda r: str(r["easydeploy"]),
    })


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("models", "yoloport", "easydeploy", "photo", "out"):
        parser.add_argument("--" + option, type=lambda path: pathlib.Path(path).absolute(), required=True)
    parser.add_argument("--mmyolo-python", required=True)
    parser.add_argument("--runtime", nargs="*", default=["onnxruntime"], choices=RUNNERS)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    image = prepare(args.photo)
    results = {}
    for source in sorted(args.models.glob("*.pth")):
        name = source.stem
        if args.only and name not in args.only:
            continue
        exporters = Exporters(args, name)
        row = {"export": exporters.cost()}
        files = exporters.simplified()
        row["nodes"] = {who: nodes(args.mmyolo_python, files[who, "e2e"]) for who in ("ours", "easydeploy")}
        for runtime in args.runtime:
            row[runtime] = compare(files, runtime, image, args.threads)
        results[name] = row
        (args.out / "results.json").write_text(json.dumps(results, indent=1))
        print(name, json.dumps(row), file=sys.stderr, flush=True)
    print_tables(results, args.runtime)


if __name__ == "__main__":
    main()
