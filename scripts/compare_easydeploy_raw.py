#!/usr/bin/env python3
"""easydeploy's own demo against `yoloport detect --type` on raw-head files that easydeploy itself wrote.

    compare_easydeploy_raw.py --easydeploy MMYOLO/projects/easydeploy --yoloport build/yoloport --out FOLDER
        --network TYPE CONFIG CHECKPOINT [--network ...] [--cases FOLDER] PHOTO...

Runs in a Python where mmyolo, onnxruntime and opencv are installed. easydeploy's exporter writes each network with
--model-only, without any metadata. Its main_onnxruntime.py runs on the file as it is; what its suppression leaves and
the corners that it draws are recorded. yoloport runs the same file, prepared as the demo does where that is not what
the network was trained with (docs/detect.md, "Beside easydeploy's demo"): blue first, and RTMDet's std. Each
detection must have a partner of its own: label equal, corners within a pixel - the demo rounds outwards to whole
ones - and score within 0.01; near the threshold either may leave one out.

--cases has a folder for each of several networks, as `photo_parity.py --keep` writes them; the type is in the name.
Those of random weights find boxes everywhere: of each photo, what is no better than the 100th best is left out. The
photos are handed over as PNG, for JPEG decoders differ by a grey level. Prints a line a photo and exits 1 where
anything differs.
"""

import argparse
import contextlib
import importlib
import io
import json
import pathlib
import subprocess
import sys

import cv2
from photos import as_png

SCORE, PIXELS = 0.01, 1.0
THRESHOLD, MOST = 0.3, 100
# The first that a case's name begins with is its type.
TYPES = {
    "ppyoloe_plus": "ppyoloep",
    "ppyoloe": "ppyoloe",
    "rtmdet": "rtmdet",
    "yolov5": "yolov5",
    "yolov6": "yolov6",
    "yolov7": "yolov7",
    "yolov8": "yolov8",
    "yolox": "yolox",
}
AS_THE_DEMO = {"rtmdet": ["--std", "57.375", "57.12", "58.3955"]}


def export(args, config, checkpoint, folder):
    """The file that easydeploy writes."""
    script = args.easydeploy / "tools" / "export_onnx.py"
    command = [sys.executable, script, config, checkpoint, "--model-only", "--device", "cpu", "--work-dir", folder]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"easydeploy does not export {checkpoint}:\n{run.stderr}")
    return folder / pathlib.Path(checkpoint).with_suffix(".onnx").name


class Demo:
    """main_onnxruntime.py, told to forget nothing."""

    def __init__(self, examples):
        sys.path.insert(0, str(examples))
        self.script = importlib.import_module("main_onnxruntime")
        self.corners, self.scores, self.labels = [], [], []
        suppress, draw = self.script.non_max_suppression, cv2.rectangle

        def recording_suppress(*arguments):
            boxes, self.scores, self.labels = suppress(*arguments)
            return boxes, self.scores, self.labels

        def recording_draw(image, top_left, bottom_right, *style):
            self.corners.append([*top_left, *bottom_right])
            return draw(image, top_left, bottom_right, *style)

        self.script.non_max_suppression = recording_suppress
        cv2.rectangle = recording_draw

    def detect(self, photo, model, kind, threshold, folder):
        self.corners, self.scores, self.labels = [], [], []
        sys.argv = ["main_onnxruntime.py", str(photo), str(model), "--type", kind, "--score-thr", str(threshold)]
        sys.argv += ["--out-dir", str(folder)]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self.script.main()
        assert len(self.corners) == len(self.scores), "the demo draws what its suppression leaves"
        return [
            {"label": int(label), "score": float(score), "box": box}
            for label, score, box in zip(self.labels, self.scores, self.corners)
        ]


def ours(args, photo, model, kind, threshold):
    command = [args.yoloport, "detect", photo, model, "--type", kind, "--bgr", *AS_THE_DEMO.get(kind, [])]
    command += ["--score-thr", str(threshold), "--json", "-", "--no-save", "--quiet"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(run.stdout)["detections"]


def is_same(one, other):
    corners = max(abs(a - b) for a, b in zip(one["box"], other["box"]))
    return one["label"] == other["label"] and abs(one["score"] - other["score"]) <= SCORE and corners <= PIXELS


def without_partner(detections, others, threshold):
    """Those that have none among `others`, each of which is partner to one; best first."""
    free = list(others)
    lonely = []
    for detection in sorted(detections, key=lambda each: -each["score"]):
        partner = next((other for other in free if is_same(detection, other)), None)
        if partner is not None:
            free.remove(partner)
        elif detection["score"] > threshold + SCORE:
            lonely.append(detection)
    return lonely


def compare(args, demo, name, kind, model):
    """How many detections differ."""
    differing = 0
    for photo in args.photos:
        threshold = THRESHOLD
        best = sorted((each["score"] for each in ours(args, photo, model, kind, threshold)), reverse=True)
        if len(best) > MOST:
            threshold = best[MOST]
        theirs = demo.detect(photo, model, kind, threshold, args.out / "drawn")
        found = ours(args, photo, model, kind, threshold)
        missing = without_partner(theirs, found, threshold)
        extra = without_partner(found, theirs, threshold)
        print(f"{name} {photo.name}: {len(theirs)} of the demo, {len(missing)} missing, {len(extra)} more")
        for what, lonely in (("missing", missing), ("more", extra)):
            for each in lonely[:3]:
                print(f"  {what}: class {each['label']}, score {each['score']:.4f}, box {each['box']}")
        differing += len(missing) + len(extra)
        if not theirs:
            print("  nothing was compared")
            differing += 1
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--easydeploy", required=True, type=pathlib.Path)
    parser.add_argument("--yoloport", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--network", nargs=3, action="append", default=[], metavar=("TYPE", "CONFIG", "CHECKPOINT"))
    parser.add_argument("--cases", type=pathlib.Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    args.photos = [as_png(photo, args.out) for photo in args.photos]

    networks = [(pathlib.Path(config).stem, kind, config, checkpoint) for kind, config, checkpoint in args.network]
    for folder in sorted(args.cases.iterdir()) if args.cases else []:
        kind = next((kind for prefix, kind in TYPES.items() if folder.name.startswith(prefix)), None)
        if kind is None:
            sys.exit(f"{folder}: its name says no type; it must begin with one of {', '.join(TYPES)}")
        networks.append((folder.name, kind, folder / "config.py", folder / "checkpoint.pth"))
    if not networks:
        sys.exit("no networks: give --network or --cases")

    demo = Demo((args.easydeploy / "examples").resolve())
    differing = 0
    for name, kind, config, checkpoint in networks:
        model = export(args, str(config), str(checkpoint), args.out / name)
        differing += compare(args, demo, name, kind, model)
    print(f"{len(networks)} networks, {differing} detections differ")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
