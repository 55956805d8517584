#!/usr/bin/env python3
"""Compares detections of `yoloport detect --json` with recorded ones of MMYOLO.

    compare_detections.py OURS.jsonl REFERENCE [--min-score 0.26] [--score 0.01] [--iou 0.98] [--best N] [--allow N]

OURS has one line an image. REFERENCE is MMYOLO's record: JSON of {image: {boxes, scores, labels}} or of
{image: [{label, score, bbox}]}, JSON lines of our own form, or an .npz with IMAGE_boxes, IMAGE_scores and
IMAGE_labels. Each recorded detection must have a partner of
its own - label equal, score and box near - and ours above --min-score must have one too. --best N looks
at the N best recorded detections only, and not for more of ours; --allow N lets so many of them be missing.
Prints a line an image and exits 1 where something is missing or too much.
"""

import argparse
import ast
import json
import math
import pathlib
import struct
import sys
import zipfile


def read_ours(path):
    lines = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines() if line.strip()]
    return {pathlib.Path(line["image"]).name: line["detections"] for line in lines}


def read_npy(data):
    """The rows of a one- or two-dimensional array in numpy's format."""
    header_size = struct.unpack_from("<H", data, 8)[0]
    header = ast.literal_eval(data[10 : 10 + header_size].decode())
    shape, code = header["shape"], {"<f4": "f", "<f8": "d", "<i4": "i", "<i8": "q"}[header["descr"]]
    values = struct.unpack_from(f"<{math.prod(shape)}{code}", data, 10 + header_size)
    if len(shape) == 1:
        return list(values)
    return [list(values[i : i + shape[1]]) for i in range(0, len(values), shape[1])]


def read_npz(path):
    with zipfile.ZipFile(path) as archive:
        arrays = {name.removesuffix(".npy"): read_npy(archive.read(name)) for name in archive.namelist()}
    images = [name.removesuffix("_boxes") for name in arrays if name.endswith("_boxes")]
    keys = ("boxes", "scores", "labels")
    return {image: read_record({key: arrays[f"{image}_{key}"] for key in keys}) for image in images}


def read_reference(path):
    if str(path).endswith(".npz"):
        return read_npz(path)
    text = pathlib.Path(path).read_text()
    try:
        record = json.loads(text)
    except json.JSONDecodeError:
        return read_ours(path)
    if "image" in record:
        return read_ours(path)
    return {name: read_record(detections) for name, detections in record.items()}


def read_record(detections):
    if isinstance(detections, dict):
        rows = zip(detections["labels"], detections["scores"], detections.get("boxes", detections.get("bboxes")))
        return [{"label": label, "score": score, "box": box} for label, score, box in rows]
    return [{"label": d["label"], "score": d["score"], "box": d.get("box", d.get("bbox"))} for d in detections]


def iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])
    return width * height / (area(a) + area(b) - width * height)


def overlap(a, b):
    """The IoU; of a box without area, which has none, whether the corners are within a pixel."""
    if (a[2] - a[0]) * (a[3] - a[1]) > 0:
        return iou(a, b)
    return float(all(abs(x - y) <= 1 for x, y in zip(a, b)))


def match(references, ours, args):
    """The references without a partner, and ours that are left over."""
    left = list(ours)
    missing = []
    for reference in references:
        fits = [
            (overlap(reference["box"], other["box"]), index)
            for index, other in enumerate(left)
            if other["label"] == reference["label"] and abs(other["score"] - reference["score"]) <= args.score
        ]
        best, index = max(fits, default=(0, -1))
        if best >= args.iou:
            left.pop(index)
        else:
            missing.append(reference)
    return missing, left


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours")
    parser.add_argument("reference")
    parser.add_argument("--min-score", type=float, default=0.26)
    parser.add_argument("--score", type=float, default=0.01)
    parser.add_argument("--iou", type=float, default=0.98)
    parser.add_argument("--best", type=int)
    parser.add_argument("--allow", type=int, default=0)
    args = parser.parse_args()
    ours = read_ours(args.ours)
    failed = False
    for name, references in read_reference(args.reference).items():
        references = sorted(references, key=lambda detection: -detection["score"])[: args.best]
        missing, left = match(references, ours.get(name, []), args)
        more = [] if args.best else [d for d in left if d["score"] > args.min_score]
        print(f"{name}: {len(references) - len(missing)} of {len(references)} matched, {len(more)} more of ours")
        for what, detections in (("missing", missing), ("more", more)):
            for detection in detections[:5]:
                print(f"  {what}: label {detection['label']} score {detection['score']:.4f} box {detection['box']}")
        failed = failed or len(missing) > args.allow or bool(more)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
