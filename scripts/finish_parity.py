#!/usr/bin/env python3
"""MMYOLO's own inference against `yoloport finish` on networks with modules that yoloport does not know.

    finish_parity.py --yoloport build/yoloport --easydeploy MMYOLO/projects/easydeploy --photos FOLDER [--out FOLDER]

Runs in a Python where mmyolo is installed. Each network below is one of MMYOLO's, with modules of
finish_parity_modules.py in its place: random weights, BatchNorm calibrated on the photos, and the head's last
convolutions scaled so that logits have a deviation of 1.2 and some 80 scores of the median photo are above 0.25. Two raw files
are made of it: by easydeploy's own exporter (--model-only: one output a level), and by torch.onnx of backbone, neck
and head (one output a part of a level). `yoloport finish --config ... --from-test-cfg` completes each, and `yoloport
detect` runs it; MMYOLO runs its test pipeline, network and test_cfg on the same photos. Each of MMYOLO's detections
of at least 0.25 must have a partner of its own: label equal, IoU at least 0.95, score within 0.02. So must each of
ours. Of a photo with more the 100 best count, for each program stops at 300. The photos are handed over as PNG, for JPEG decoders differ by a grey level.

Prints a line a file and exits 1 where a detection has no partner.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import cv2
import mmyolo
import torch
from compare_detections import match, read_ours, read_record
from mmdet.apis import inference_detector, init_detector
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmyolo.utils import register_all_modules
from photos import as_png
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
CONFIGS = pathlib.Path(mmyolo.__file__).parent / ".mim" / "configs"
TOLERANCE = argparse.Namespace(score=0.02, iou=0.95)
THRESHOLD, NEAR = 0.25, 0.02
SPREAD, BOXES, MOST = 1.2, 80, 100
# Boxes that are not given as distributions: none is inside out or a thousandth of a pixel high.
LARGEST_BOX, DISTANCE = 2, 4



def own_attention(model):
    model.backbone.plugins = [dict(cfg=dict(type="GlobalContext"), stages=(False, True, True, False))]
    model.backbone.init_cfg = None


def own_neck(model):
    channels = [64, 128, 256]
    model.neck = dict(type="GatedNeck", in_channels=channels, out_channels=channels)


def own_both(model):
    own_attention(model)
    own_neck(model)


# A config of MMYOLO's, and what becomes of its model.
NETWORKS = {
    "rtmdet_own_attention": ("rtmdet/rtmdet_tiny_syncbn_fast_8xb32-300e_coco.py", own_attention),
    "yolov5_own_neck": ("yolov5/yolov5_n-v61_syncbn_fast_8xb16-300e_coco.py", own_neck),
    "yolov8_own_both": ("yolov8/yolov8_n_syncbn_fast_8xb16-500e_coco.py", own_both),
}


def write_config(base, change, path):
    cfg = Config.fromfile(CONFIGS / base)
    change(cfg.model)
    cfg.custom_imports = dict(imports=["finish_parity_modules"])
    cfg.load_from = None
    cfg.dump(path)


def calibrate(model, photos):
    """Takes BatchNorm's statistics from the photos."""
    norms = [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all
        norm.train()
    for photo in photos:
        inference_detector(model, str(photo))
    for norm in norms:
        norm.eval()


def parts_of(head):
    """Of the head's last convolutions, the channels of classes, boxes and objectness: {part: [(convolution, channels)]}."""
    module = head.head_module
    kind = type(head).__name__
    if kind == "RTMDetHead":
        named = {"classes": module.rtm_cls, "boxes": module.rtm_reg}
    elif kind == "YOLOv8Head":
        named = {"classes": [s[-1] for s in module.cls_preds], "boxes": [s[-1] for s in module.reg_preds]}
    else:  # with anchors: 4 numbers of the box, objectness, classes
        width, anchors = module.num_out_attrib, range(module.num_base_priors)
        at = lambda first, last: [a * width + i for a in anchors for i in range(first, last)]
        channels = {"boxes": at(0, 4), "objectness": at(4, 5), "classes": at(5, width)}
        return {part: [(conv, torch.tensor(c)) for conv in module.convs_pred] for part, c in channels.items()}
    return {part: [(conv, torch.arange(conv.out_channels)) for conv in convs] for part, convs in named.items()}


def outputs_of(model, parts, photos):
    """What these channels give on the photos: {part: [levels x photos, channels x cells]}."""
    given = {part: [] for part in parts}
    hooks = []
    for part, convs in parts.items():
        for conv, channels in convs:
            keep = lambda _, __, out, part=part, channels=channels: given[part].append(out[0, channels].flatten(1))
            hooks.append(conv.register_forward_hook(keep))
    for photo in photos:
        inference_detector(model, str(photo))
    for hook in hooks:
        hook.remove()
    return given


def scale(convs, factor, offset):
    with torch.no_grad():
        for conv, channels in convs:
            conv.weight[channels] *= factor
            conv.bias[channels] = conv.bias[channels] * factor + offset


def spread(model, photos):
    parts = parts_of(model.bbox_head)
    given = outputs_of(model, parts, photos)
    for part, convs in parts.items():
        values = torch.cat([level.flatten() for level in given[part]])
        factor = SPREAD / values.std().item()
        plain = part == "boxes" and convs[0][1].numel() == 4
        if part == "boxes" and ("objectness" in parts or plain):
            factor = min(factor, LARGEST_BOX / (values - values.mean()).abs().max().item())
        scale(convs, factor, (DISTANCE if plain else 0) - values.mean().item() * factor)
    given = outputs_of(model, parts, photos)
    levels = list(zip(given["classes"], given.get("objectness", given["classes"])))
    low, high = -20.0, 20.0
    for _ in range(40):
        offset = (low + high) / 2
        counts = [0] * len(photos)
        for i, (classes, objects) in enumerate(levels):
            scores = (classes + offset).sigmoid()
            if "objectness" in given:
                scores *= objects.sigmoid().repeat_interleave(classes.shape[0] // objects.shape[0], 0)
            counts[i * len(photos) // len(levels)] += (scores > THRESHOLD).sum().item()
        low, high = (low, offset) if statistics.median(counts) > BOXES else (offset, high)
    scale(parts["classes"], 1, low)


def make_network(name, photos, folder):
    """The network in MMYOLO, and its config and checkpoint as files."""
    base, change = NETWORKS[name]
    config, checkpoint = folder / f"{name}.py", folder / f"{name}.pth"
    write_config(base, change, config)
    torch.manual_seed(0)
    model = init_detector(str(config), None, device="cpu", palette="coco")
    calibrate(model, photos)
    spread(model, photos)
    torch.save({"meta": {}, "state_dict": model.state_dict()}, checkpoint)
    return model, config, checkpoint


def run(command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(word) for word in command)}\n{done.stdout}{done.stderr}")


def easydeploys_file(args, config, checkpoint, folder):
    script = args.easydeploy / "tools" / "export_onnx.py"
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    command = [sys.executable, script, config, checkpoint, "--model-only", "--device", "cpu", "--work-dir", folder]
    run(command, env=environment)
    return folder / checkpoint.with_suffix(".onnx").name


class Parts(nn.Module):
    """Backbone, neck and head, whose outputs are a list for each part."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images):
        parts = self.model.bbox_head(self.model.extract_feat(images))
        return [level for part in parts for level in part]


def torchs_file(model, name, folder):
    path = folder / f"{name}_parts.onnx"
    torch.onnx.export(Parts(model), torch.zeros(1, 3, 640, 640), path, input_names=["images"], opset_version=17)
    return path


def our_detections(args, raw, config, photos, folder):
    finished, lines = folder / f"{raw.stem}_finished.onnx", folder / f"{raw.stem}.jsonl"
    run([args.yoloport, "finish", raw, "--config", config, "--from-test-cfg", "--output", finished, "--quiet"])
    threshold = ["--score-thr", THRESHOLD - NEAR]
    run([args.yoloport, "detect", *photos, finished, *threshold, "--json", lines, "--no-save", "--quiet"])
    return read_ours(lines)


def mmyolos_detections(model, photos):
    found = {}
    for photo in photos:
        instances = inference_detector(model, str(photo)).pred_instances
        rows = {"labels": instances.labels, "scores": instances.scores, "boxes": instances.bboxes}
        found[photo.name] = read_record({key: value.tolist() for key, value in rows.items()})
    return found


def compare(name, theirs, ours):
    """Whether each detection above the threshold has a partner; one a little below it may be one."""
    above = lambda rows, threshold: [row for row in rows if row["score"] >= threshold]
    best = lambda rows: sorted(above(rows, THRESHOLD), key=lambda row: -row["score"])[:MOST]
    matched = asked = more = 0
    for photo, references in theirs.items():
        wanted = best(references)
        missing, _ = match(wanted, ours[photo], TOLERANCE)
        left, _ = match(best(ours[photo]), above(references, THRESHOLD - NEAR), TOLERANCE)
        asked += len(wanted)
        matched += len(wanted) - len(missing)
        more += len(left)
    print(f"{name:32} {matched} of {asked} matched, {more} more of ours", flush=True)
    return asked > 0 and matched == asked and more == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--easydeploy", type=pathlib.Path, required=True, help="MMYOLO's projects/easydeploy")
    parser.add_argument("--photos", type=pathlib.Path, required=True, help="folder")
    parser.add_argument("--out", type=pathlib.Path, help="keep the files here")
    parser.add_argument("--only", nargs="*", help="names of networks")
    args = parser.parse_args()
    cv2.ipp.setUseIPP(False)
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
    MMLogger.get_instance("mmengine", log_level="ERROR")
    register_all_modules()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.out or pathlib.Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        kinds = (".jpg", ".jpeg", ".png")
        photos = [as_png(p, folder) for p in sorted(args.photos.iterdir()) if p.suffix.lower() in kinds]
        equal = True
        for name in args.only or NETWORKS:
            model, config, checkpoint = make_network(name, photos, folder)
            theirs = mmyolos_detections(model, photos)
            raw = easydeploys_file(args, config, checkpoint, folder)
            equal &= compare(f"{name}, easydeploy", theirs, our_detections(args, raw, config, photos, folder))
            raw = torchs_file(model, name, folder)
            equal &= compare(f"{name}, torch.onnx", theirs, our_detections(args, raw, config, photos, folder))
    sys.exit(not equal)


if __name__ == "__main__":
    main()
