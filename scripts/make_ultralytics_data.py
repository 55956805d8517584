#!/usr/bin/env python3
"""Makes testdata/ultralytics: very small networks of Ultralytics and YOLOv5's repository, and what these compute.

    python scripts/make_ultralytics_data.py --yolov5 REPOSITORY            # all of them
    python scripts/make_ultralytics_data.py --yolov5 REPOSITORY yolo11     # this one

Runs in a Python that has ultralytics, and what make_parity_data.py and the repository import. A folder has what its
program saves of the network (checkpoint.pth: the whole module, in float16, deflated), an image (inputs.npz), what the last
convolutions of the head give for it (raw.npz: classes, then boxes), and the detections of the program's own decoding and
non_max_suppression() with one label a box, or of its head where that gives one box an object (detections.npz). The
blocks are those of the family that gave the name, in fewer layers; weights are random. Weights make way for others until
every decision about the detections is clear.
"""

import argparse
import pathlib
import sys
import zipfile

import numpy as np
import torch
from make_parity_data import CLASSES, MARGIN, ROOT, draw_images, load_digits, randomize, round_weights
from foreign_models import calibrate

SIZE = (32, 96)  # height and width of the input
SCORE, IOU = 0.25, 0.65  # those that parity_test.cc exports with
WANTED = 25  # positions above SCORE
RGB = {"bgr_to_rgb": True, "mean": [0, 0, 0], "std": [255, 255, 255]}


def ultralytics(backbone, head, **more):
    layers = {"backbone": [[-1, 1, *layer] for layer in backbone], "head": [[f, 1, *layer] for f, *layer in head]}
    return {"nc": len(CLASSES), "reg_max": 4, "depth_multiple": 1.0, "width_multiple": 1.0, **layers, **more}


CONV = [["Conv", [8, 3, 2]], ["Conv", [8, 3, 2]]]  # to stride 4
P3_P4 = [[-1, "nn.Upsample", [None, 2, "nearest"]], [[-1, 3], "Concat", [1]]]
# Layers up to number 3 are at stride 8, then at 16.
NETWORKS = {
    "yolov8": ultralytics(
        [*CONV, ["Conv", [16, 3, 2]], ["C2f", [16, True]], ["Conv", [16, 3, 2]], ["SPPF", [16, 5]]],
        [*P3_P4, [-1, "C2f", [16]], [[8, 5], "Detect", ["nc"]]],
    ),
    "yolo11": ultralytics(
        [*CONV, ["Conv", [16, 3, 2]], ["C3k2", [16, False, 0.25]], ["Conv", [16, 3, 2]], ["C3k2", [16, True]],
         ["C2PSA", [16]]],
        [*P3_P4, [-1, "C3k2", [16, False]], [[9, 6], "Detect", ["nc"]]],
    ),
    "yolo12": ultralytics(
        [*CONV, ["Conv", [16, 3, 2]], ["C3k2", [16, False, 0.25]], ["Conv", [64, 3, 2]],
         ["A2C2f", [64, True, 4, True, 1.2]]],
        [*P3_P4, [-1, "A2C2f", [64, False, -1]], [-1, "Conv", [16, 1]], [[9, 5], "Detect", ["nc"]]],
    ),
    "yolo26": ultralytics(
        [*CONV, ["Conv", [16, 3, 2]], ["C3k2", [16, False, 0.25]], ["Conv", [16, 3, 2]], ["SPPF", [16, 5, 3, True]],
         ["C2PSA", [16]]],
        [*P3_P4, [-1, "C3k2", [16, True, 0.5, True]], [[9, 6], "Detect", ["nc"]]],
        reg_max=1,
        end2end=True,
    ),
    "yolov5u": ultralytics(
        [["Conv", [8, 6, 2, 2]], CONV[1], ["Conv", [16, 3, 2]], ["C3", [16]], ["Conv", [16, 3, 2]], ["SPPF", [16, 5]]],
        [*P3_P4, [-1, "C3", [16, False]], [[8, 5], "Detect", ["nc"]]],
    ),
    "yolov9": ultralytics(
        [*CONV, ["ADown", [16]], ["RepNCSPELAN4", [16, 16, 8, 1]], ["AConv", [16]], ["SPPELAN", [16, 8]]],
        [*P3_P4, [-1, "ELAN1", [16, 16, 8]], [[8, 5], "Detect", ["nc"]]],
    ),
    "yolov10": ultralytics(
        [*CONV, ["SCDown", [16, 3, 2]], ["C2f", [16, True]], ["SCDown", [16, 3, 2]], ["C2fCIB", [16, True, True]],
         ["PSA", [16]]],
        [*P3_P4, [-1, "C2fCIB", [16, True]], [[9, 6], "Detect", ["nc"]]],  # v10Detect has large distributions
        end2end=True,
    ),
}
NETWORKS["yolov8_fused"] = NETWORKS["yolov8"]
NETWORKS["yolo26_fused"] = NETWORKS["yolo26"]
ANCHORS = [[30, 36, 46, 30], [50, 61, 62, 45]]
YOLOV5 = {
    "yolov5": ([["Conv", [8, 6, 2, 2]], CONV[1], ["Conv", [16, 3, 2]], ["C3", [16]], ["Conv", [16, 3, 2]],
                ["SPPF", [16, 5]]], "C3"),
    "yolov5_focus": ([["Focus", [8, 3]], CONV[1], ["Conv", [16, 3, 2]], ["C3", [16]], ["Conv", [16, 3, 2]],
                      ["SPP", [16, [5, 9, 13]]]], "C3"),
}


def yolov5_config(name):
    backbone, block = YOLOV5[name]
    head = [*P3_P4, [-1, block, [16, False]], [[8, 5], "Detect", ["nc", "anchors"]]]
    config = ultralytics(backbone, head, anchors=ANCHORS)
    config.pop("reg_max")
    return config


def build(name):
    if name in YOLOV5:
        from models.yolo import DetectionModel

        return DetectionModel(yolov5_config(name))
    from ultralytics.nn.tasks import DetectionModel

    return DetectionModel(dict(NETWORKS[name]), verbose=False)


def branches(head):
    """The last convolutions: (of classes, of boxes); the same twice where one gives both."""
    if hasattr(head, "m"):
        return list(head.m), list(head.m)
    prefix = "one2one_" if getattr(head, "one2one_cv2", None) is not None else ""
    last = lambda kind: [level[-1] for level in getattr(head, prefix + kind)]
    return last("cv3"), last("cv2")


def outputs_of(model, convs, images):
    outputs = []
    hooks = [conv.register_forward_hook(lambda _, __, out: outputs.append(out.detach().clone())) for conv in convs]
    model(images)
    for hook in hooks:
        hook.remove()
    return outputs[: len(convs)]


def spread(convs, outputs, channels, mean, deviation):
    """Scales and shifts channels (a slice, or all) of the convolutions of all levels together."""
    values = torch.cat([out[:, channels].flatten(2) for out in outputs], 2)
    scale = deviation / values.std()
    for conv in convs:
        conv.weight[channels] *= scale
        conv.bias[channels] = (conv.bias[channels] - values.mean()) * scale + mean


def shape(model, images):
    head = model.model[-1]
    classes, boxes = branches(head)
    outputs = outputs_of(model, boxes, images)
    if hasattr(head, "m"):
        for anchor in range(head.na):
            first = anchor * head.no
            spread(boxes, outputs, slice(first, first + 4), 0.3, 0.4)
            spread(boxes, outputs, slice(first + 4, first + 5), 1.5, 1)
            spread(boxes, outputs, slice(first + 5, first + head.no), -1, 1.5)
    else:
        plain = head.reg_max == 1
        spread(boxes, outputs, slice(None), 2.5 if plain else 0, 0.3 if plain else 1)
        for conv in boxes:  # far bins are likelier, or no boxes would overlap
            conv.bias += torch.arange(head.reg_max).repeat(4) * (4 / head.reg_max)
        spread(classes, outputs_of(model, classes, images), slice(None), 0, 1.5)
    shift = shift_for(model, images)
    for conv in classes:
        logits = conv.bias.view(head.na, -1)[:, 5:] if hasattr(head, "m") else conv.bias
        logits += shift


def decoded(model, images):
    """Corners N x 4 and scores N x C of the first image, by the program's own head."""
    from ultralytics.utils.ops import xywh2xyxy

    head = model.model[-1]
    if hasattr(head, "m"):
        rows = model(images)[0][0]
        return xywh2xyxy(rows[:, :4]), rows[:, 5:] * rows[:, 4:5]
    seen = []
    hook = head.register_forward_pre_hook(lambda _, inputs: seen.extend(inputs[0]))
    model(images)
    hook.remove()
    if getattr(head, "one2one_cv2", None) is not None:
        head.end2end = True
        rows = head._inference(head.forward_head(seen, **head.one2one))[0].T
        return rows[:, :4], rows[:, 4:]
    rows = head._inference(head.forward_head(seen, **head.one2many))[0].T
    return xywh2xyxy(rows[:, :4]), rows[:, 4:]


def shift_for(model, images):
    """What is to be added to class logits for WANTED positions to be above SCORE."""
    best = decoded(model, images)[1].amax(1).clamp(1e-6, 1 - 1e-6).logit().sort(descending=True).values
    return float(torch.tensor(SCORE).logit() - (best[WANTED - 1] + best[WANTED]) / 2)


def detections(model, images):
    """x1 y1 x2 y2 score label, by the program's own functions."""
    from ultralytics.utils.nms import non_max_suppression

    head = model.model[-1]
    boxes, scores = decoded(model, images)
    if getattr(head, "one2one_cv2", None) is not None:
        rows = head.postprocess(torch.cat([boxes, scores], 1)[None])[0]
        return rows[rows[:, 4] > SCORE]
    if hasattr(head, "m"):
        from utils.general import non_max_suppression as of_repository

        return of_repository(model(images)[0], SCORE, IOU)[0]
    from ultralytics.utils.ops import xyxy2xywh

    return non_max_suppression(torch.cat([xyxy2xywh(boxes), scores], 1).T[None], SCORE, IOU)[0]


def closest_call(model, images):
    """The smallest difference that a decision hangs on: threshold, best class, overlap."""
    boxes, scores = decoded(model, images)
    gaps = [(scores - SCORE).abs().min().item()]
    likely = scores.amax(1) > SCORE
    best = scores[likely].topk(2, 1)
    gaps.append((best.values[:, 0] - best.values[:, 1]).min().item())
    boxes, labels = boxes[likely].double(), best.indices[:, 0]
    size = (torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - torch.maximum(boxes[:, None, :2], boxes[None, :, :2]))
    inter = size.clamp(min=0).prod(2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    same = (labels[:, None] == labels[None, :]) & ~torch.eye(len(labels), dtype=bool)
    iou = (inter / (area[:, None] + area[None, :] - inter))[same]
    if len(iou):
        gaps.append((iou - IOU).abs().min().item())
    overlap = (iou > IOU).any() or getattr(model.model[-1], "one2one_cv2", None) is not None
    return min(gaps) if overlap and (boxes[:, 2:] > boxes[:, :2]).all() else 0.0


def noise(model, images):
    """How far float32 is from double precision, of the largest magnitude."""
    classes, boxes = branches(model.model[-1])
    single = [out.double() for out in outputs_of(model, classes + boxes, images)]
    double = outputs_of(model.double(), classes + boxes, images.double())
    model.float()
    return max(((a - b).abs().max() / b.abs().max()).item() for a, b in zip(single, double))


def make_network(name, batch, images):
    seed = sum(map(ord, name))
    while True:
        torch.manual_seed(seed)
        model = build(name).eval()
        randomize(model)
        for module in model.modules():
            if type(module).__name__ == "DFL":
                module.conv.weight.copy_(torch.arange(module.c1).view(1, -1, 1, 1))
        calibrate(model, batch)
        if name.endswith("_fused"):
            model.end2end = True
            model.fuse(verbose=False)
        shape(model, images)
        round_weights(model)
        found = detections(model, images)
        if closest_call(model, images) > MARGIN and noise(model, images) < 1e-6 and len(found) > 5:
            return model
        seed += 1


def save(model, name, path):
    """As its trainer strips a checkpoint."""
    model.names = dict(enumerate(CLASSES)) if name not in YOLOV5 else list(CLASSES)
    if name in YOLOV5:
        torch.save({"epoch": -1, "model": model.half(), "ema": None, "opt": {"imgsz": 96}}, path)
        return
    model.task = "detect"
    args = {"task": "detect", "imgsz": 96, "model": f"{name}.yaml"}
    torch.save({"epoch": -1, "model": model.half(), "ema": None, "train_args": args, "version": "8.4"}, path)


def pack(path):
    """The same archive, deflated: half the size."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)


def make_case(name, out):
    rng = np.random.default_rng([11, sum(map(ord, name))])
    scans = load_digits("train")
    batch = draw_images(rng, scans, 16, SIZE, Preprocessor(RGB))
    images = draw_images(rng, scans, 1, SIZE, Preprocessor(RGB))
    model = make_network(name, batch, images)
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    classes, boxes = branches(model.model[-1])
    raw = outputs_of(model, classes, images)
    if classes != boxes:
        raw = [torch.cat(both, 1) for both in zip(raw, outputs_of(model, boxes, images))]
    found = detections(model, images)
    np.savez(folder / "inputs.npz", images=images.numpy())
    np.savez(folder / "raw.npz", **{f"out_{i}": x.numpy() for i, x in enumerate(raw)})
    labels = found[:, 5].numpy().astype(np.int32)
    np.savez(folder / "detections.npz", boxes=found[:, :4].numpy(), scores=found[:, 4].numpy(), labels=labels)
    save(model, name, folder / "checkpoint.pth")
    if name != "yolov8":  # one as it is saved
        pack(folder / "checkpoint.pth")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{name}: {size} bytes, {len(found)} detections of {len(set(labels))} classes", flush=True)


class Preprocessor(dict):
    """As draw_images() reads the data_preprocessor of a config."""

    __getattr__ = dict.__getitem__


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*NETWORKS, *YOLOV5]))
    parser.add_argument("--yolov5", type=pathlib.Path, required=True, help="the repository")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "testdata" / "ultralytics")
    args = parser.parse_args()
    sys.path.insert(0, str(args.yolov5))
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    for name in args.names or [*NETWORKS, *YOLOV5]:
        make_case(name, args.out)


if __name__ == "__main__":
    main()
