#!/usr/bin/env python3
"""MMYOLO's own inference against ours on photos, for every recorded case, with the real MMYOLO.

    photo_parity.py --cases ORACLE/cases --yoloport build/yoloport --out FOLDER PHOTO...

Runs in a Python where mmyolo is installed. The cases have random weights, whose class logits are so large
that hundreds of scores round to exactly 1.0: which of them are "the 100 best" is then chance. So the last
convolutions of the head are first scaled until no logit on the photos is beyond 4, once for all levels of a
branch; where a head gives the distances to a box's sides as they are, 4 is added, so that no box is inside
out. The photos are handed over as PNG, for JPEG decoders differ by a grey level, and OpenCV's own bicubic
resizing is used, not Intel's, which differs by one, too. That network is saved, MMYOLO runs its test pipeline, network and test_cfg on it, and yoloport exports
(--from-test-cfg) and runs the same file. Of MMYOLO's 100 best on a photo at least 98 must be found: label equal,
score within 0.01, IoU at least 0.97. Prints a line a case and exits 1 where more are missing.

With --keep FOLDER nothing is compared: the scaled networks are written as FOLDER/NAME/config.py and checkpoint.pth,
for other comparisons (make raw-demo, TAMED=FOLDER).
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

import cv2
import torch
from compare_detections import match, read_ours, read_record
from mmdet.apis import inference_detector, init_detector
from mmengine.logging import MMLogger
from mmyolo.utils import register_all_modules
from photos import as_png

LARGEST_LOGIT = 4
PLAIN_DISTANCES = ("rtm_reg", "reg_preds")  # of RTMDet, and of YOLOv6 without a distribution
TOLERANCE = argparse.Namespace(score=0.01, iou=0.97)


def predictors(model):
    """The head's last convolutions by branch: {name without level numbers: [convolutions]}."""
    branches = {}
    for name, module in model.bbox_head.head_module.named_modules():
        if not isinstance(module, torch.nn.Conv2d) or re.search(r"^aux_|(\.|^)(conv|fc|proj_conv)$", name):
            continue
        branches.setdefault(re.sub(r"\.\d+", "", name), []).append(module)
    return branches


def tame(model, photos):
    """Scales the head's last convolutions until none gives more than LARGEST_LOGIT on the photos."""
    largest = {}
    hooks = []
    for branch, convs in predictors(model).items():
        for conv in convs:
            keep = lambda _, __, out, branch=branch: largest.update(
                {branch: max(largest.get(branch, 0), out.abs().max().item())}
            )
            hooks.append(conv.register_forward_hook(keep))
    for photo in photos:
        inference_detector(model, str(photo))
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for branch, convs in predictors(model).items():
            for conv in convs:
                conv.weight.mul_(LARGEST_LOGIT / largest[branch])
                conv.bias.mul_(LARGEST_LOGIT / largest[branch])
                if branch in PLAIN_DISTANCES and conv.out_channels == 4:
                    conv.bias.add_(LARGEST_LOGIT)


def mmyolo_detections(model, photo):
    found = inference_detector(model, str(photo)).pred_instances
    rows = {"labels": found.labels, "scores": found.scores, "boxes": found.bboxes}
    return read_record({key: value.tolist() for key, value in rows.items()})


def test_size(cfg):
    """Height and width that the test pipeline resizes to."""
    for step in cfg.test_dataloader.dataset.pipeline:
        if "scale" in step:
            return step["scale"][1], step["scale"][0]
        if "width" in step:  # FixShapeResize
            return step["height"], step["width"]
    return 640, 640


def our_detections(args, config, checkpoint, img_size):
    model, lines = args.out / "photo_parity.onnx", args.out / "photo_parity.jsonl"
    export = [args.yoloport, "export", config, checkpoint, "--from-test-cfg", "--quiet", "--output", model]
    export += ["--img-size", *map(str, img_size)]
    subprocess.run(export, check=True, stderr=subprocess.DEVNULL)
    detect = [args.yoloport, "detect", *args.photos, model, "--json", lines, "--score-thr", "0", "--no-save", "--quiet"]
    subprocess.run(detect, check=True, stdout=subprocess.DEVNULL)
    return read_ours(lines)


def tamed_model(args, case, checkpoint):
    """MMYOLO's model of a case, scaled; its weights are written as `checkpoint`."""
    model = init_detector(str(case / "config.py"), str(case / "checkpoint.pth"), device="cpu")
    model.float()
    tame(model, args.photos)
    torch.save({"meta": {}, "state_dict": model_state(model, case)}, checkpoint)
    return model


def keep(args, case):
    folder = args.keep / case.name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(case / "config.py", folder)
    tamed_model(args, case, folder / "checkpoint.pth")


def compare(args, case):
    """What of MMYOLO's 100 best was found on each photo: [(found, asked)]."""
    checkpoint = args.out / "photo_parity.pth"
    model = tamed_model(args, case, checkpoint)
    ours = our_detections(args, case / "config.py", checkpoint, test_size(model.cfg))
    counts = []
    for photo in args.photos:
        best = sorted(mmyolo_detections(model, photo), key=lambda row: -row["score"])[:100]
        missing, _ = match(best, ours[photo.name], TOLERANCE)
        counts.append((len(best) - len(missing), len(best)))
    return counts


def model_state(model, case):
    """The tamed weights under the keys of the case's own checkpoint."""
    stored = torch.load(case / "checkpoint.pth", map_location="cpu")["state_dict"]
    return {**stored, **{key: value for key, value in model.state_dict().items() if key in stored}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--cases", type=pathlib.Path, required=True)
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", nargs="*", help="names of cases")
    parser.add_argument("--keep", type=pathlib.Path, help="write the scaled networks here and compare nothing")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    cv2.ipp.setUseIPP(False)
    args.photos = [as_png(photo, args.out) for photo in args.photos]
    MMLogger.get_instance("mmengine", log_level="ERROR")
    register_all_modules()
    failed = []
    for case in sorted(args.cases.iterdir()):
        # Instance, rotated and pose heads have no recording of easydeploy's.
        if not (case / "easydeploy_onnxruntime.npz").exists() or (args.only and case.name not in args.only):
            continue
        if args.keep:
            keep(args, case)
            continue
        counts = compare(args, case)
        print(f"{case.name:20}", "  ".join(f"{found:3} of {asked:3}" for found, asked in counts), flush=True)
        if any(found < asked - 2 for found, asked in counts):
            failed.append(case.name)
    print("more than two missing:", ", ".join(failed) if failed else "nowhere")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
