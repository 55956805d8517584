#!/usr/bin/env python3
"""Files with --layout ultralytics in the real Ultralytics package against `yoloport detect`.

    check_ultralytics.py --yoloport build/yoloport --out FOLDER [--trained CONFIG CHECKPOINT]...
        [--random CONFIG CHECKPOINT]... PHOTO...

Runs in a Python where ultralytics, onnxruntime and torch are installed; nothing of Ultralytics is part of yoloport.
Each network is exported twice, with fixed shapes and with all open, and `YOLO("m.onnx").predict(photo)` must give the
detections of `yoloport detect` with the same file: each has a partner of its own with the same label, a score within
0.01 and an IoU of at least 0.98, and none is left over. Photos are handed over as PNG, for JPEG decoders differ by a
grey level.

Where dynamic sizes let Ultralytics choose, it pads photos to the next multiple of the stride only; rect=False
keeps it from that. For a trained network the script also says how far the ordinary file (MMYOLO's own
preparation of images) is from Ultralytics. Networks of random weights are tamed first: the last convolutions of the
head are scaled until no output on the photos is beyond 4, and distances to a box's sides get 4 added so that no
box is inside out. Prints a line a case and exits 1 where anything differs.
"""

import argparse
import json
import os
import pathlib
import pickle
import subprocess
import sys
import types

os.environ.setdefault("YOLO_AUTOINSTALL", "False")
import cv2
import numpy as np
import onnxruntime
import torch
from compare_detections import match, read_ours
from photos import as_png
from ultralytics import YOLO

CONFIDENCE = 0.25
LARGEST_OUTPUT = 4
PLAIN_DISTANCES = "rtm_reg"  # of RTMDet: not passed through exp or a distribution
TOLERANCE = argparse.Namespace(score=0.01, iou=0.98)
VARIANTS = {"fixed": [], "dynamic": ["--dynamic", "batch,height,width"]}


class Placeholder:
    """Stands for objects of classes that are not installed here, such as MMEngine's."""

    def __init__(self, *_, **__):
        pass

    def __setstate__(self, state):
        pass


class TolerantUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return super().find_class(module, name)
        except (ImportError, AttributeError):
            return Placeholder


def read_state(checkpoint):
    tolerant = types.ModuleType("tolerant_pickle")
    tolerant.Unpickler, tolerant.load = TolerantUnpickler, pickle.load
    return torch.load(checkpoint, map_location="cpu", weights_only=False, pickle_module=tolerant)["state_dict"]


def export(args, config, checkpoint, model, *options):
    subprocess.run([args.yoloport, "export", config, checkpoint, "--quiet", "--output", model, *options], check=True)
    return model


def largest_output(args, config, checkpoint):
    """Of the raw heads, on the photos stretched to the input."""
    raw = export(args, config, checkpoint, args.out / "raw.onnx", "--model-only", "--input", "uint8")
    session = onnxruntime.InferenceSession(str(raw), providers=["CPUExecutionProvider"])
    largest = 0
    for photo in args.photos:
        pixels = cv2.resize(cv2.imread(str(photo)), session.get_inputs()[0].shape[:1:-1])
        outputs = session.run(None, {"images": pixels.transpose(2, 0, 1)[None]})
        largest = max(largest, *(float(np.abs(output).max()) for output in outputs))
    return largest


def tame(args, config, checkpoint):
    """A copy of the checkpoint whose raw heads give at most LARGEST_OUTPUT."""
    state = read_state(checkpoint)
    factor = LARGEST_OUTPUT / largest_output(args, config, checkpoint)
    for key in [key for key in state if key.startswith("bbox_head.") and key.endswith(".bias")]:
        weight = key.removesuffix("bias") + "weight"
        if state[weight].ndim != 4:
            continue
        state[weight] = state[weight].float() * factor
        state[key] = state[key].float() * factor + (LARGEST_OUTPUT if PLAIN_DISTANCES in key else 0)
    tamed = args.out / "tamed.pth"
    torch.save({"state_dict": state}, tamed)
    return tamed


def ours(args, model):
    lines = args.out / "ours.jsonl"
    detect = [args.yoloport, "detect", *args.photos, model, "--json", lines, "--no-save", "--quiet"]
    subprocess.run([*detect, "--score-thr", str(CONFIDENCE)], check=True, stdout=subprocess.DEVNULL)
    return read_ours(lines)


def theirs(args, model, **options):
    found = YOLO(str(model)).predict([str(p) for p in args.photos], conf=CONFIDENCE, verbose=False, **options)
    detections = {}
    for photo, result in zip(args.photos, found):
        boxes = result.boxes
        rows = zip(boxes.cls.tolist(), boxes.conf.tolist(), boxes.xyxy.tolist())
        detections[photo.name] = [{"label": int(c), "score": s, "box": box} for c, s, box in rows]
    return detections


def compare(expected, actual):
    """Detections, and how many have no partner on either side."""
    without = 0
    for photo in expected:
        missing, more = match(expected[photo], actual[photo], TOLERANCE)
        without += len(missing) + len(more)
    return sum(map(len, expected.values())), without


def check(args, config, checkpoint, trained):
    name = pathlib.Path(config).stem
    if not trained:
        checkpoint = tame(args, config, checkpoint)
    failed = False
    for variant, options in VARIANTS.items():
        model = export(args, config, checkpoint, args.out / f"{name}.onnx", "--layout", "ultralytics", *options)
        found = theirs(args, model, rect=False, batch=len(args.photos) if options else 1)
        count, without = compare(ours(args, model), found)
        print(f"{name:24} {variant:8} {count:4} detections, {without} without a partner", flush=True)
        failed = failed or without > 0 or count == 0
    if trained:
        model = export(args, config, checkpoint, args.out / f"{name}.onnx")
        count, without = compare(ours(args, model), found)
        print(f"{name:24} {'mmyolo':8} {count:4} detections, {without} without a partner (for information)")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    for kind in ("--trained", "--random"):
        parser.add_argument(kind, nargs=2, action="append", default=[], metavar=("CONFIG", "CHECKPOINT"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    args.photos = [as_png(photo, args.out) for photo in args.photos]
    failed = [config for config, checkpoint in args.trained if check(args, config, checkpoint, True)]
    failed += [config for config, checkpoint in args.random if check(args, config, checkpoint, False)]
    print("differing:", ", ".join(failed) if failed else "none")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
