#!/usr/bin/env python3
"""Makes testdata/original: very small networks of the repositories of YOLOX, YOLOv6 and YOLOv7, and what these compute.

    python scripts/make_original_data.py yolox YOLOX              # all of one repository, of which YOLOX is a folder
    python scripts/make_original_data.py yolov7 yolov7 yolov7_w6  # this one

Runs in the environment of original_parity.py with that of make_parity_data.py, which says what is in a folder and how
weights are made. Here there is no config.py, a position stands for its best class, and the detections are those of the
repository's own decoding and suppression. Weights are float16 in files of YOLOX, too, and archives are packed.
"""

import argparse
import copy
import pathlib
import zipfile

import numpy as np
import torch
from make_parity_data import (
    CLASSES,
    IOU,
    KEEP_TOPK,
    MARGIN,
    ROOT,
    SCORE,
    closest_call,
    draw_images,
    load_digits,
    round_weights,
)
from mmdet_parity import NOISE
from mmengine.config import ConfigDict
from original_networks import REPOSITORIES, silent
from original_parity import noise

# Some classes are likelier, so that boxes of one class overlap and are suppressed.
CLASS_GOALS = [(mean, 1.5) for mean in (2, 1, 0, -1, -1)]
GOALS = range(90, 30, -2)  # pairs above SCORE
# The repository, its name of a network, what of that changes, and the size of the input.
CASES = {
    "yolox_nano": ("yolox", "nano", dict(width=0.03125), (32, 96)),
    "yolox_s": ("yolox", "s", dict(width=0.03125), (32, 96)),
    "yolov6_n": ("yolov6", "yolov6n", dict(width=0.03125, depth=0.1), (32, 96)),
    "yolov6_m_deploy": ("yolov6", "yolov6m deploy", dict(width=0.03125, depth=0.1), (32, 96)),
    "yolov7_l": ("yolov7", "training/yolov7", dict(width=0.03125), (32, 96)),
    "yolov7_tiny_deploy": ("yolov7", "deploy/yolov7-tiny", dict(width=0.03125), (32, 96)),
    "yolov7_w6": ("yolov7", "training/yolov7-w6", dict(width=0.03125), (64, 128)),
}


def best_only(scores):
    """The scores with zeros for all but the best class of a position."""
    best = scores.max(1, keepdim=True).values
    return torch.where(scores == best, scores, torch.zeros(()))


def outcome(repository, model, images):
    """The detections, where every decision about them is clear."""
    with silent():
        boxes, scores = repository.decoded(model, images)
        found = repository.detections(model, images)[:KEEP_TOPK]
    found = torch.tensor([[*box, score, label] for label, score, box in found]).view(-1, 6)
    second = scores.sort(1).values[:, -2:].diff(dim=1) if scores.shape[1] > 1 else torch.ones(())
    likely = scores.max(1).values > SCORE
    clear = second[likely].min() > MARGIN and (boxes[:, 2:] > boxes[:, :2])[likely].all()
    return found if clear and closest_call(boxes, best_only(scores), found) > MARGIN else None


def make_network(repository, name, changes, batch, images, seed):
    """(network, detections); random weights that amplify the last bits of floats make way for others."""
    while True:
        torch.manual_seed(seed)
        model = repository.build(name, classes=len(CLASSES), **changes)
        repository.prepare(model, batch, class_goals=CLASS_GOALS)
        initial = copy.deepcopy(model)
        for goal in GOALS:
            model = copy.deepcopy(initial)
            repository.shift_classes(model, images, goal)
            repository.finish(model, name)
            round_weights(model)
            found = outcome(repository, model, images)
            if found is not None and len(found) > 5 and noise(repository, model, images)[0] < NOISE:
                return model, found
        seed += 1


def deflate(path):
    """Packs the entries of the archive, a third of which are the names of classes and weights."""
    with zipfile.ZipFile(path) as archive:
        entries = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def make_case(repository, case, name, changes, size, out):
    seed = sum(map(ord, case))
    rng = np.random.default_rng([7, seed])
    scans = load_digits("train")
    preprocessor = ConfigDict(repository.PREPROCESSOR)
    batch = draw_images(rng, scans, 16, size, preprocessor)
    images = draw_images(rng, scans, 1, size, preprocessor)
    repository.LOW, repository.IOU, repository.MOST = SCORE, IOU, 1000
    model, found = make_network(repository, name, changes, batch, images, seed)
    folder = out / case
    folder.mkdir(parents=True, exist_ok=True)
    repository.save(model.half(), folder / "checkpoint.pth")
    deflate(folder / "checkpoint.pth")
    model.float()
    with silent():
        raw = repository.raw(model, images)
    np.savez(folder / "inputs.npz", images=images.numpy())
    np.savez(folder / "raw.npz", **{f"out_{i}": x.numpy() for i, x in enumerate(raw)})
    labels = found[:, 5].numpy().astype(np.int32)
    np.savez(folder / "detections.npz", boxes=found[:, :4].numpy(), scores=found[:, 4].numpy(), labels=labels)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{case}: {size} bytes, {len(found)} detections of {len(set(labels))} classes", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", choices=REPOSITORIES)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "testdata" / "original")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    repository = REPOSITORIES[args.repository](args.folder)
    for case, (of, *rest) in CASES.items():
        if of == args.repository and case in (args.names or CASES):
            make_case(repository, case, *rest, args.out)


if __name__ == "__main__":
    main()
