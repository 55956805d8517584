#!/usr/bin/env python3
"""Measures whole processes of `yoloport detect` beside easydeploy's main_onnxruntime.py.

    bench/detect_throughput.py --python PYTHON --easydeploy FOLDER --raw RAW.onnx --model MODEL.onnx PHOTOS
                               [--type yolov5] [--yoloport build/yoloport-detect] [--repeat 5] [--cores 0,1]
                               [-- OPTIONS OF YOLOPORT]

PYTHON is an interpreter that can run easydeploy's examples (in FOLDER, projects/easydeploy/examples); RAW.onnx has raw
heads, as that script wants them. Both programs find objects in the folder PHOTOS and save annotated pictures. They
take turns, so that what else the machine does hits both; each round gives one ratio, and the median ratio counts.
The processor time of one image is compared with that of its parts measured alone (`yoloport bench --threads 1`, where
the network and the whole pipeline run on one thread each).
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

IMAGES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"}


def run(command, cores, **options):
    """Wall and processor seconds, and megabytes at most, of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
        **options,
    )
    _, errors = process.communicate()
    wall = time.perf_counter() - start
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{errors.decode(errors='replace')}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


def parts_alone(args, cores):
    """Processor milliseconds of the network, and of all stages one after another, on one thread."""
    command = [args.yoloport, "bench", args.model, "--threads", "1", "--images", args.photos, "--json", "-"]
    if cores:
        command = ["taskset", "-c", ",".join(map(str, sorted(cores)))] + command
    row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return row["network"]["cpu_ms"], row["pipeline"]["cpu_ms"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("--python", required=True)
    parser.add_argument("--easydeploy", required=True, type=pathlib.Path)
    parser.add_argument("--raw", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--type", default="yolov5")
    parser.add_argument("--yoloport", default="build/yoloport-detect")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--cores", help="which to use: 0,1")
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    args = parser.parse_args(arguments[:split])
    cores = {int(core) for core in args.cores.split(",")} if args.cores else set()
    photos = [path for path in pathlib.Path(args.photos).iterdir() if path.suffix in IMAGES]
    if not photos:
        sys.exit(f"{args.photos}: no photos")

    script = args.easydeploy.resolve() / "main_onnxruntime.py"
    ratios, ours, theirs, cpus = [], [], [], []
    with tempfile.TemporaryDirectory() as out:
        there = [args.python, str(script), args.photos, args.raw, "--type", args.type, "--out-dir", f"{out}/there"]
        here = [args.yoloport, "detect", args.photos, args.model, "--out-dir", f"{out}/here"] + arguments[split + 1 :]
        for number in range(args.repeat):
            wall_there, cpu_there = run(there, cores)
            wall_here, cpu_here = run(here, cores)
            ratios.append(wall_there / wall_here)
            theirs.append(len(photos) / wall_there)
            ours.append(len(photos) / wall_here)
            cpus.append(cpu_here / len(photos) * 1000)
            print(
                f"round {number + 1}: easydeploy {theirs[-1]:6.1f} images/s {cpu_there / len(photos) * 1000:6.1f} ms cpu, "
                f"yoloport {ours[-1]:6.1f} images/s {cpus[-1]:6.1f} ms cpu, ratio {ratios[-1]:.2f}"
            )
    network, pipeline = parts_alone(args, cores)
    print(f"{len(photos)} photos, medians: easydeploy {statistics.median(theirs):.1f} images/s, "
          f"yoloport {statistics.median(ours):.1f} images/s, ratio {statistics.median(ratios):.2f}")
    print(f"processor time of an image: {statistics.median(cpus):.1f} ms, start of the process included; all stages "
          f"alone {pipeline:.1f} ms, of which the network {network:.1f}; ratio {statistics.median(cpus) / pipeline:.2f}")


if __name__ == "__main__":
    main()
