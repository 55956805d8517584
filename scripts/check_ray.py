#!/usr/bin/env python3
"""Runs examples/ray_detect.py on a real local Ray and compares its rows with the program's JSON.

    check_ray.py [--yoloport build/yoloport] [--images 200] [--actors 2]

Takes a Python with yoloport, ray[data] and opencv-python-headless. The images are parts of the demo's pages. Three runs:
with the program, with Ray, and with Ray while an actor is killed (SIGKILL) half-way. Each of the latter must have every
image once, with the program's detections; the killed actor must have died with work on its hands.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples"))
# Actors import the example by its name, too.
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "examples"), os.environ.get("PYTHONPATH", "")])

import cv2
import numpy as np
import pyarrow.parquet
import ray
import ray_detect

import yoloport


def make_images(folder, count):
    """Windows of the demo's pages, no two the same, as PNG, and one without anything."""
    pages = [cv2.imread(str(ROOT / "demo" / name)) for name in ("page1.png", "page2.png")]
    for number in range(count):
        page = pages[number % 2]
        top, left = number // 2 % 20 * 8, number % 19 * 8
        image = page[top : top + 320, left : left + 320] if number else np.zeros((64, 48, 3), np.uint8)
        name = folder / f"{number % 7}" / f"{number:04}.png"
        name.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(name), image)


def rows_of_program(program, folder, model, out):
    start = time.perf_counter()
    arguments = [folder, model, "--recursive", "--no-save", "--json", out, "--quiet"]
    subprocess.run([program, "detect", *map(str, arguments)], check=True)
    seconds = time.perf_counter() - start
    rows = {}
    for line in out.read_text().splitlines():
        result = json.loads(line)
        rows[result["image"]] = (
            result["width"],
            result["height"],
            [each["label"] for each in result["detections"]],
            [each["class"] for each in result["detections"]],
            np.float32([each["score"] for each in result["detections"]]).tolist(),
            np.float32([each["box"] for each in result["detections"]]).tolist(),
        )
    return rows, seconds


def check(expected, output):
    """Every image once, as the program has it."""
    table = [row for file in sorted(output.rglob("*.parquet")) for row in pyarrow.parquet.read_table(file).to_pylist()]
    names = [row["image"] for row in table]
    assert len(names) == len(set(names)), "an image is there twice"
    assert set(names) == set(expected), "images are missing"
    for row in table:
        assert row["error"] is None, row["error"]
        got = tuple(row[key] for key in ("width", "height", "labels", "classes", "scores", "boxes"))
        assert got == expected[row["image"]], (row["image"], got, expected[row["image"]])


class SlowBatch(ray_detect.DetectBatch):
    """Leaves its process number where the killer finds it, and takes so long that it is killed at work."""

    def __init__(self, model, options, marks):
        super().__init__(model, options)
        self.marks = pathlib.Path(marks)

    def __call__(self, batch):
        mark = self.marks / str(os.getpid())
        with mark.open("a") as log:
            log.write("begin\n")
        time.sleep(0.3)
        result = super().__call__(batch)
        with mark.open("a") as log:
            log.write("end\n")
        return result


def kill_one(marks, killed):
    """Kills the actor that first has two batches behind it and is at the third."""
    while not killed:
        for mark in marks.iterdir():
            if mark.read_text().split() == ["begin", "end", "begin", "end", "begin"]:
                os.kill(int(mark.name), signal.SIGKILL)
                killed.append(int(mark.name))
                return
        time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yoloport", default=str(ROOT / "build" / "yoloport"))
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--actors", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        make_images(folder / "in", options.images)
        model = str(folder / "digits.onnx")
        yoloport.export(
            ROOT / "demo/config.py", ROOT / "demo/digits.pth", output=model, img_size=320, from_test_cfg=True
        )
        expected, seconds = rows_of_program(options.yoloport, folder / "in", model, folder / "rows.jsonl")
        found = sum(len(row[2]) for row in expected.values())
        assert len(expected) == options.images and found > options.images
        print(f"program: {len(expected)} images, {found} detections, {seconds:.1f} s")

        ray.init(num_cpus=max(options.actors, os.cpu_count()), include_dashboard=False, log_to_driver=False)
        images = ray_detect.list_images(folder / "in")
        start = time.perf_counter()
        ray_detect.detect(images, model, str(folder / "out"), actors=options.actors)
        check(expected, folder / "out")
        print(f"Ray, {options.actors} actors: the same rows, {time.perf_counter() - start:.1f} s")

        marks = folder / "marks"
        marks.mkdir()
        killed = []
        killer = threading.Thread(target=kill_one, args=(marks, killed), daemon=True)
        killer.start()
        ray_detect.DetectBatch, original = slow_factory(str(marks)), ray_detect.DetectBatch
        start = time.perf_counter()
        ray_detect.detect(images, model, str(folder / "killed"), actors=options.actors, batch=8)
        ray_detect.DetectBatch = original
        assert killed, "no actor was killed"
        actors = sorted(int(mark.name) for mark in marks.iterdir())
        assert len(actors) > options.actors, "no actor took the place of the killed one"
        check(expected, folder / "killed")
        print(f"Ray, actor {killed[0]} killed at its third batch, replaced: the same rows, "
              f"{time.perf_counter() - start:.1f} s")  # fmt: skip


def slow_factory(marks):
    class Slow(SlowBatch):
        def __init__(self, model, options):
            super().__init__(model, options, marks)

    return Slow


if __name__ == "__main__":
    main()
