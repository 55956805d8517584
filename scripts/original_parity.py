#!/usr/bin/env python3
"""The repositories of YOLOX, YOLOv6 and YOLOv7 compared with what yoloport makes of their checkpoints.

    original_parity.py yolox YOLOX --yoloport build/yoloport [--only REGEX] [--size H W] PHOTO
    original_parity.py yolov6 YOLOv6 --yoloport build/yoloport PHOTO
    original_parity.py yolov7 yolov7 --yoloport build/yoloport PHOTO
    original_parity.py yolov7 yolov7 --yoloport build/yoloport --detect PHOTO ...

The second argument is a folder with the repository's files. Runs in the environment of mmdet_parity.py, with what the
repositories import beside it (loguru, tabulate, thop, pandas, seaborn, psutil). Nothing is trained: weights are random,
norms see the photo, and the prediction layers are scaled until class logits have a deviation of 1.2, boxes have sizes,
and some 80 pairs of position and class score above 0.25. Networks are saved as the repository's training saves them.

Without an option each network gets the photo at --size. Printed are the largest difference of raw outputs (`export
--model-only`) of the largest magnitude of the repository's in double precision, which must be within 1e-4, and how
many of the detections above 0.25 of its own decoding and suppression are found (`export --from-test-cfg`): label equal,
score within 1e-4, corners within 0.05 pixels; neither may have one that the other has not. Tolerances grow as in
mmdet_parity.py. With --detect whole images are compared: the repository's own inference, boxes before they are rounded,
and `yoloport detect`. Exits 1 where something differs.
"""

import argparse
import copy
import pathlib
import re
import sys
import tempfile

import cv2
import torch
from mmdet_parity import NOISE, QUIET, RAW, SCORE, TRIES, compare_lists, difference, onnx_outputs, run
from original_networks import REPOSITORIES, silent


def noise(repository, model, images):
    """How far raw outputs are from those in double precision, and these."""
    with silent():
        double = repository.raw(copy.deepcopy(model).double(), images.double())
        return difference(double, repository.raw(model, images)), double


def make_network(repository, name, images):
    """(network, times the tolerances, raw outputs in double precision)."""
    torch.manual_seed(sum(map(ord, name)))
    for _ in range(TRIES):
        model = repository.build(name)
        repository.prepare(model, images)
        repository.finish(model, name)
        error, double = noise(repository, model, images)
        if error < NOISE:
            break
    return model, max(1.0, error / QUIET), double


def thresholds(repository):
    """Options for what its detections() does."""
    options = dict(score_threshold=repository.LOW, iou_threshold=repository.IOU, keep_topk=repository.MOST)
    words = [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), str(value))]
    return [*words, "--pre-topk", "30000"]


def compare_network(args, repository, name, folder):
    image = cv2.resize(cv2.imread(str(args.photos[0])), args.size[::-1])
    images = repository.tensor(image)
    model, times, expected = make_network(repository, name, images)
    checkpoint, raw, full = folder / "checkpoint.pth", folder / "raw.onnx", folder / "full.onnx"
    repository.save(model, checkpoint)
    common = ["export", checkpoint, "--quiet", "--img-size", *map(str, args.size)]
    run(args, *common, "--model-only", "--output", raw)
    run(args, *common, *thresholds(repository), "--output", full)
    worst = difference(expected, [torch.from_numpy(each) for each in onnx_outputs(raw, images).values()])
    with silent():
        theirs = repository.detections(model, images)
    ours = {key: values[0] for key, values in onnx_outputs(full, images).items()}
    count = int(ours["num_dets"][0])
    ours = list(zip(ours["labels"][:count], ours["scores"][:count], ours["boxes"][:count]))
    return worst, times, sum(row[1] > SCORE for row in theirs), *compare_lists(theirs, ours, times)


def report(name, raw, times, asked, missing, too_many):
    found = f"{asked - missing:3} of {asked:3}, {too_many} too many, {times:.1f} times the tolerances"
    print(f"{name:40}  raw {raw:.1e}  {found}", flush=True)
    return raw > RAW or missing > 0 or too_many > 0 or asked == 0


def compare_photos(args, repository, name, folder):
    from compare_detections import read_ours
    from photos import as_png

    failed = False
    photos = [as_png(photo, folder) for photo in args.photos]
    first = repository.prepared(cv2.imread(str(photos[0])))
    model, times, _ = make_network(repository, name, first)
    repository.save(model, folder / "checkpoint.pth")
    lines = folder / "found.jsonl"
    for photo in photos:
        image = cv2.imread(str(photo))
        side = map(str, repository.prepared(image).shape[2:])  # the repositories pad as little as they can
        options = ["--score-threshold", "0.2", *thresholds(repository)[2:], "--img-size", *side, "--quiet"]
        run(args, "export", folder / "checkpoint.pth", *options, "--output", folder / "m.onnx")
        run(args, "detect", photo, folder / "m.onnx", "--json", lines, "--no-save", "--quiet", "--score-thr", "0")
        with silent():
            theirs = repository.detect(model, image)
        mine = [(each["label"], each["score"], each["box"]) for each in read_ours(lines)[photo.name]]
        asked = sum(row[1] > SCORE for row in theirs)
        failed |= report(f"{name} {photo.name}", 0.0, times, asked, *compare_lists(theirs, mine, times))
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", choices=REPOSITORIES)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("photos", nargs="+", type=pathlib.Path, metavar="PHOTO")
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="", help="names of networks")
    parser.add_argument("--size", nargs=2, type=int, default=(256, 320), help="multiples of 64")
    parser.add_argument("--detect", action="store_true", help="compare whole images")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    repository = REPOSITORIES[args.repository](args.folder)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in repository.NAMES:
            if not re.search(args.only, name) or not repository.has(name):
                continue
            try:
                if args.detect:
                    failed += compare_photos(args, repository, name, pathlib.Path(folder))
                else:
                    failed += report(name, *compare_network(args, repository, name, pathlib.Path(folder)))
            except RuntimeError as error:
                print(f"{name:40}  {str(error).splitlines()[0]}", flush=True)
                failed += 1
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
