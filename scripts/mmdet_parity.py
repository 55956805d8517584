#!/usr/bin/env python3
"""MMDetection's RTMDet and YOLOX compared with what yoloport makes of their configs and checkpoints.

    mmdet_parity.py --yoloport build/yoloport [--only REGEX] [--mmpretrain FOLDER] [--size H W] PHOTO
    mmdet_parity.py --yoloport build/yoloport --detect PHOTO ...

Runs in a Python with the real MMDetection 3 and onnxruntime. The networks are all RTMDet and YOLOX configs of the
mmdet package, also those that its trackers hold, and those of VARIANTS. Nothing is trained: weights are random, norms
see the photo, and the prediction layers are scaled until class logits have a deviation of 1.2, boxes have sizes, and
some 80 pairs of position and class score above 0.25.

Without an option each network gets the photo at --size. Printed are the largest difference of raw outputs (`export
--model-only`) of the largest magnitude of MMDetection's in double precision, which must be within 1e-4, and how many
of the detections above 0.25 of MMDetection's own `predict_by_feat` on the same outputs are found (`export
--from-test-cfg`): label equal, score within 1e-4, corners within 0.05 pixels; neither may have one that the other has
not. A network of random weights that amplify the last bits of floats, as those of many a YOLOX do, gets larger
tolerances: as many times as its own raw outputs are further from those in double precision than QUIET. With --detect
whole images are compared: MMDetection's `inference_detector` with its test pipeline, its boxes cut at the image's
edges as `detect` does, and `yoloport detect`. Photos are handed over as PNG, for JPEG decoders differ by a gray level.
--mmpretrain is the folder of MMPretrain and of what it imports, for backbones of it. Exits 1 where something differs.
"""

import argparse
import copy
import importlib
import logging
import pathlib
import re
import subprocess
import sys
import tempfile

import cv2
import mmdet
import numpy as np
import torch
from mmdet.registry import MODELS
from mmdet.utils import register_all_modules
from mmengine.config import Config, ConfigDict
from mmengine.dataset import Compose
from mmengine.logging import MMLogger
from mmengine.model import revert_sync_batchnorm
from random_networks import calibrate, strip
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

CONFIGS = pathlib.Path(mmdet.__file__).parent / ".mim" / "configs"
SCORE, PAIRS, DEVIATION = 0.25, 80, 1.2
RAW, SCORE_NEAR, CORNER_NEAR = 1e-4, 1e-4, 0.05
NOISE, TRIES = 2e-5, 12  # of weights that amplify the last bits of floats others are tried
NORM_BIAS = 2.0  # of BatchNorm: where activations are nearly straight, depth amplifies last bits less
QUIET = 5e-6  # networks that differ by more from double precision get tolerances that are as many times larger

RTMDET = "rtmdet/rtmdet_l_8xb32-300e_coco.py"
YOLOX = "yolox/yolox_s_8xb8-300e_coco.py"


def narrow(widen, deepen, channels, **head):
    """An RTMDet of other widths."""
    return dict(
        backbone=dict(widen_factor=widen, deepen_factor=deepen),
        neck=dict(in_channels=channels, out_channels=channels[0], num_csp_blocks=1),
        bbox_head=dict(in_channels=channels[0], feat_channels=channels[0], **head),
    )


def depthwise(model):
    for part in ("backbone", "neck", "bbox_head"):
        model[part]["use_depthwise"] = True
    return model


BN = dict(type="BN")
GN = dict(type="GN", num_groups=4)
PLAIN = dict(type="RTMDetHead", norm_cfg=BN)
for key in ("exp_on_reg", "share_conv"):  # of RTMDetSepBNHead alone
    PLAIN[key] = None

# Configs of other projects and heads that no config of the package has: base, and what of its model changes.
VARIANTS = {
    # As MMPose's projects have them, for persons and hands.
    "rtmdet_nano_320 (person, hand)": (
        RTMDET,
        depthwise(narrow(0.25, 0.33, [64, 128, 256], share_conv=False, exp_on_reg=False, num_classes=1)),
    ),
    "rtmdet_m_640 (person)": (RTMDET, narrow(0.75, 0.67, [192, 384, 768], num_classes=1)),
    "RTMDetHead": (RTMDET, narrow(0.25, 0.33, [64, 128, 256], with_objectness=False, **PLAIN)),
    "RTMDetHead, with_objectness": (RTMDET, narrow(0.25, 0.33, [64, 128, 256], with_objectness=True, **PLAIN)),
    "RTMDetHead, GN, 3 x 3 predictions": (
        RTMDET,
        narrow(0.25, 0.33, [64, 128, 256], **{**PLAIN, "norm_cfg": GN}, pred_kernel_size=3),
    ),
    "RTMDetSepBNHead, with_objectness": (RTMDET, narrow(0.25, 0.33, [64, 128, 256], with_objectness=True)),
    "RTMDetSepBNHead, no share_conv": (RTMDET, narrow(0.25, 0.33, [64, 128, 256], share_conv=False)),
    "RTMDet on ResNet-18": (
        RTMDET,
        dict(
            backbone=dict(_delete_=True, type="ResNet", depth=18, out_indices=(1, 2, 3)),
            neck=dict(in_channels=[128, 256, 512], num_csp_blocks=1),
        ),
    ),
    "YOLOX, widths of no multiple of 8": (
        YOLOX,
        dict(
            backbone=dict(widen_factor=0.33),
            neck=dict(in_channels=[84, 168, 337], out_channels=84),
            bbox_head=dict(in_channels=84, feat_channels=84),
        ),
    ),
    "YOLOX, two levels, arch_ovewrite": (
        YOLOX,
        dict(
            backbone=dict(
                widen_factor=1,
                out_indices=(1, 2),
                arch_ovewrite=[[16, 24, 1, True, False], [24, 40, 4, False, True]],
            ),
            neck=dict(in_channels=[24, 40], out_channels=24),
            bbox_head=dict(in_channels=24, feat_channels=24, strides=(4, 8)),
        ),
    ),
}

# -- the network


def detector_config(config):
    """The config of the detector, which a tracker holds."""
    return config.model.get("detector", config.model)


def drop_none(node):
    """merge_from_dict() cannot take a key away: what is None goes."""
    for key in [key for key, value in node.items() if value is None and key in ("exp_on_reg", "share_conv")]:
        node.pop(key)


def build(config):
    """MMDetection's detector."""
    model = copy.deepcopy(detector_config(config))
    strip(model, "init_cfg")  # nothing is downloaded
    strip(model, "pretrained")
    model.train_cfg = None
    model.pop("data_preprocessor", None)
    return revert_sync_batchnorm(MODELS.build(ConfigDict(model)))


def randomize(model, norm_bias=0.0):
    """Leaves no parameter at a value that hides a mistake, such as a norm's scale of one."""
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.dim() >= 2 and isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(parameter)
            elif isinstance(module, (_BatchNorm, nn.GroupNorm, nn.LayerNorm)) and name == "weight":
                nn.init.uniform_(parameter, 0.5, 1.5)
            else:
                parameter.data += 0.2 * torch.randn_like(parameter)
            if isinstance(module, _BatchNorm) and name == "bias":
                parameter.data += norm_bias


def kind_of(name):
    """Of a prediction layer: cls, reg or obj; else nothing."""
    found = re.search(r"(?:^|\.)(?:rtm|multi_level_conv)_(cls|reg|obj)", name)
    return found[1] if found else None


def predict(model, images):
    """What the prediction layers give: {name: (layer, [outputs])}, and the head's own outputs."""
    seen = {}
    hooks = []
    for name, layer in model.bbox_head.named_modules():
        if isinstance(layer, nn.Conv2d) and kind_of(name):
            keep = lambda layer, _, out, name=name: seen.setdefault(name, (layer, []))[1].append(out)
            hooks.append(layer.register_forward_hook(keep))
    outputs = model(images, mode="tensor")
    for hook in hooks:
        hook.remove()
    return seen, outputs


def box_goals(head, channels):
    """Mean and deviation of box channels."""
    if type(head).__name__ == "YOLOXHead":
        return [(0, 0.3)] * 2 + [(1.7, 0.2)] * 2
    plain = type(head).__name__ == "RTMDetHead"
    return [(1.1, 0.15) if plain or head.exp_on_reg else (3.0, 0.4)] * channels


def shape_predictions(model, images, class_goals=None):
    """Scales the prediction layers until what they give on `images` looks like a trained detector's."""
    for name, (layer, outs) in predict(model, images)[0].items():
        out = torch.cat([out.transpose(0, 1).flatten(1) for out in outs], 1)
        kind = kind_of(name)
        if kind == "reg":
            goals = box_goals(model.bbox_head, len(out))
        elif kind == "obj":
            goals = [(1, DEVIATION)] * len(out)
        else:
            goals = class_goals or [(0, DEVIATION)] * len(out)
        mean, deviation = torch.tensor(goals, dtype=torch.float32).T
        gain = deviation / out.std(1).clamp(min=1e-3)
        layer.weight *= gain[:, None, None, None]
        layer.bias.copy_((layer.bias - out.mean(1)) * gain + mean)


def scores_of(model, images):
    """(logits of classes, factor of objectness) of all positions of the first image, before a shift."""
    seen, _ = predict(model, images)
    flat = lambda kind: [
        out[:1].flatten(2) for name, (_, outs) in seen.items() if kind_of(name) == kind for out in outs
    ]
    classes, objects = torch.cat(flat("cls"), 2), flat("obj")
    return classes, torch.cat(objects, 2).sigmoid() if objects else None


def shift_classes(model, amount):
    for name, layer in model.bbox_head.named_modules():
        if isinstance(layer, nn.Conv2d) and kind_of(name) == "cls":
            layer.bias += amount


def shift_for(model, images, pairs):
    """The amount of logits by which classes must be likelier for so many pairs above SCORE."""
    classes, objects = scores_of(model, images)
    is_mean = type(model.bbox_head).__name__ != "YOLOXHead"
    low, high = -20.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        scores = (classes + middle).sigmoid()
        if objects is not None:
            scores = (scores * objects).sqrt() if is_mean else scores * objects
        low, high = (low, middle) if (scores > SCORE).sum().item() > pairs else (middle, high)
    return high


def prepare(model, images, batches):
    with torch.no_grad():
        randomize(model, norm_bias=NORM_BIAS)
        calibrate(model, batches)
        shape_predictions(model, images)
        shift_classes(model, shift_for(model, images, PAIRS))


def raw_outputs(model, images):
    """A level's classes, box and objectness in one array, nothing decoded; distances in strides."""
    outputs = [list(part) for part in model(images, mode="tensor")]
    if type(model.bbox_head).__name__ != "YOLOXHead":
        strides = model.bbox_head.prior_generator.strides
        outputs[1] = [level / stride[0] for level, stride in zip(outputs[1], strides)]
    return [torch.cat(level, 1) for level in zip(*outputs)]


def difference(expected, actual):
    """The largest of all levels, of the largest magnitude that is expected."""
    return max(float((a - b).abs().max() / a.abs().max()) for a, b in zip(expected, actual, strict=True))


def noise(model, images):
    """How far raw outputs are from those in double precision."""
    return difference(raw_outputs(copy.deepcopy(model).double(), images.double()), raw_outputs(model, images))


def save(model, config, path):
    """A checkpoint as MMEngine saves it; a tracker's weights have a prefix."""
    prefix = "detector." if "detector" in config.model else ""
    state = {prefix + key: value for key, value in model.state_dict().items()}
    torch.save(dict(meta={}, state_dict=state), path)


# -- comparing


def run(args, *command):
    done = subprocess.run([args.yoloport, *command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())


def onnx_outputs(file, images):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return dict(zip((each.name for each in session.get_outputs()), session.run(None, {"images": images.numpy()})))


def unmatched(expected, actual, times):
    """The rows (label, score, box) of `expected` without a partner of their own; `times` the tolerances."""
    missing = []
    actual = list(actual)
    for label, score, box in expected:
        for i, (other, other_score, other_box) in enumerate(actual):
            near = max(abs(a - b) for a, b in zip(box, other_box)) <= CORNER_NEAR * times
            if label == other and abs(score - other_score) <= SCORE_NEAR * times and near:
                del actual[i]
                break
        else:
            missing.append((label, score, box))
    return missing


def compare_lists(expected, actual, times=1.0):
    """How many above SCORE one has and the other has not; those at the threshold itself may differ."""
    clear = lambda rows: [row for row in rows if row[1] > SCORE + SCORE_NEAR * times]
    near = lambda rows: [row for row in rows if row[1] > SCORE - SCORE_NEAR * times]
    return len(unmatched(clear(expected), near(actual), times)), len(unmatched(clear(actual), near(expected), times))


def rows_of(found):
    return list(zip(found.labels.tolist(), found.scores.tolist(), found.bboxes.tolist()))


def photo_tensor(photo, size, preprocessor):
    """The photo at `size` (height, width), normalized as the config does."""
    image = cv2.resize(cv2.imread(str(photo)), size[::-1]).astype(np.float32)
    if preprocessor.get("bgr_to_rgb"):
        image = image[..., ::-1]
    if preprocessor.get("mean") is not None:
        image = (image - np.float32(preprocessor.mean)) / np.float32(preprocessor.std)
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)[None]))


def compare_network(args, config_file, config, folder):
    """(difference of raw outputs, times the tolerances, detections of MMDetection, those not found, too many)."""
    model = build(config)
    images = photo_tensor(args.photos[0], args.size, config.model.get("data_preprocessor", {}))
    flipped = torch.cat([images, images.flip(3), images.flip(2)])
    prepare(model, images, [flipped])
    checkpoint, raw, full = folder / "checkpoint.pth", folder / "raw.onnx", folder / "full.onnx"
    save(model, config, checkpoint)
    common = ["export", config_file, checkpoint, "--quiet", "--img-size", *map(str, args.size)]
    run(args, *common, "--model-only", "--output", raw)
    run(args, *common, "--from-test-cfg", "--output", full)
    with torch.no_grad():
        expected = raw_outputs(copy.deepcopy(model).double(), images.double())
        actual = list(onnx_outputs(raw, images).values())
        times = max(1.0, difference(expected, raw_outputs(model, images)) / QUIET)
        worst = difference(expected, map(torch.from_numpy, actual))
        meta = dict(img_shape=tuple(args.size), scale_factor=(1.0, 1.0), ori_shape=tuple(args.size))
        found = model.bbox_head.predict_by_feat(*model(images, mode="tensor"), batch_img_metas=[meta])[0]
    ours = {name: values[0] for name, values in onnx_outputs(full, images).items()}
    count = int(ours["num_dets"][0])
    ours = list(zip(ours["labels"][:count], ours["scores"][:count], ours["boxes"][:count]))
    theirs = rows_of(found)
    return worst, times, sum(row[1] > SCORE for row in theirs), *compare_lists(theirs, ours, times)


def package_configs():
    for folder in ("rtmdet", "yolox", "bytetrack", "ocsort", "strongsort"):
        for path in sorted((CONFIGS / folder).glob("*.py")):
            if not re.search(r"-ins_|_tta\.py$", path.name):
                yield str(path.relative_to(CONFIGS)), path


def networks(folder):
    """(name, config file, config) of all."""
    for name, path in package_configs():
        try:
            yield name, path, Config.fromfile(path, import_custom_modules=False)
        except FileNotFoundError as error:  # one of the package's own has a wrong _base_
            print(f"{name:86}  MMEngine: {str(error)[:60]}", flush=True)
    for name, (base, changes) in VARIANTS.items():
        config = Config.fromfile(CONFIGS / base)
        config.merge_from_dict(dict(model=copy.deepcopy(changes)))
        drop_none(config.model.bbox_head)
        path = folder / (re.sub(r"\W+", "_", name) + ".py")
        config.dump(path)
        yield name, path, config


def compare_networks(args, folder):
    failed = 0
    for name, path, config in networks(folder):
        if not re.search(args.only, name):
            continue
        torch.manual_seed(sum(map(ord, name)))
        try:
            raw, times, asked, missing, too_many = compare_network(args, path, config, folder)
        except (RuntimeError, KeyError, ImportError) as error:
            print(f"{name:86}  {str(error).splitlines()[0]}", flush=True)
            failed += 1
            continue
        found = f"{asked - missing:3} of {asked:3}, {too_many} too many, {times:.1f} times the tolerances"
        print(f"{name:86}  raw {raw:.1e}  {found}", flush=True)
        failed += raw > RAW or missing > 0 or too_many > 0 or asked == 0
    return failed


# -- whole images


def compare_photos(args, folder):
    from mmdet.apis import inference_detector, init_detector

    from compare_detections import read_ours
    from photos import as_png

    photos = [as_png(photo, folder) for photo in args.photos]
    failed = 0
    for name, path in package_configs():
        if not re.search(args.only or r"rtmdet_tiny|yolox_(s|tiny|nano)_", name):
            continue
        torch.manual_seed(sum(map(ord, name)))
        config = Config.fromfile(path)
        strip(config, "init_cfg")
        model = revert_sync_batchnorm(init_detector(config, device="cpu", palette="random"))
        pipeline = Compose(copy.deepcopy(config.test_dataloader.dataset.pipeline))
        batch = [pipeline(dict(img_path=str(photo), img_id=0)) for photo in photos]
        images = model.data_preprocessor(
            dict(inputs=[each["inputs"] for each in batch], data_samples=[each["data_samples"] for each in batch])
        )["inputs"]
        for _ in range(TRIES):
            prepare(model, images, [torch.cat([images, images.flip(3)])])
            if noise(model, images) < NOISE:
                break
        times = max(1.0, noise(model, images) / QUIET)
        save(model, config, folder / "checkpoint.pth")
        side = str(images.shape[-1])
        files = [folder / "checkpoint.pth", "--quiet", "--output", folder / "m.onnx"]
        run(args, "export", path, *files, "--from-test-cfg", "--img-size", side, side)
        lines = folder / "found.jsonl"
        files = [*photos, folder / "m.onnx", "--json", lines, "--no-save", "--quiet"]
        run(args, "detect", *files, "--score-thr", "0")
        ours = read_ours(lines)
        for photo in photos:
            height, width = cv2.imread(str(photo)).shape[:2]
            found = inference_detector(model, str(photo)).pred_instances
            found.bboxes = found.bboxes.clamp(min=0).minimum(torch.tensor([width, height, width, height]))
            theirs = rows_of(found)
            mine = [(each["label"], each["score"], each["box"]) for each in ours[photo.name]]
            asked = sum(row[1] > SCORE for row in theirs)
            missing, too_many = compare_lists(theirs, mine, times)
            print(
                f"{name:40} {photo.name:20} {asked - missing:3} of {asked:3}, {too_many} too many, "
                f"{times:.1f} times the tolerances",
                flush=True,
            )
            failed += missing > 0 or too_many > 0 or asked == 0
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="*", type=pathlib.Path, metavar="PHOTO")
    parser.add_argument("--yoloport", type=pathlib.Path)
    parser.add_argument("--only", default="", help="names of networks")
    parser.add_argument("--size", nargs=2, type=int, default=(256, 320), help="multiples of 64")
    parser.add_argument("--mmpretrain", type=pathlib.Path)
    parser.add_argument("--detect", action="store_true", help="compare whole images")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    if args.mmpretrain:
        sys.path.insert(0, str(args.mmpretrain))
        importlib.import_module("mmpretrain.models.backbones")
    MMLogger.get_instance("mmengine", log_level=logging.ERROR)
    register_all_modules()
    if not args.photos or not args.yoloport:
        parser.error("needs a photo and --yoloport")
    with tempfile.TemporaryDirectory() as folder:
        compare = compare_photos if args.detect else compare_networks
        sys.exit(compare(args, pathlib.Path(folder)) > 0)


if __name__ == "__main__":
    main()
