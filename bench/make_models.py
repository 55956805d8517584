#!/usr/bin/env python3
"""Makes full-width MMYOLO models to measure with: make_models.py --photo PHOTO --out FOLDER [NAME...]

Runs in a Python where mmyolo is installed. A model is built from the zoo's config with random weights; its
BatchNorm statistics are those of the photo; the head's last convolutions are scaled so that no logit is
beyond 4, and the class logits shifted until MMYOLO itself finds as many objects above 0.25 in the photo as
are wanted: 50 to 150 give post-processing about as much to do as a trained network does, 500 to 1000 as much
as a crowd. Writes NAME.py and NAME.pth.
"""

import argparse
import pathlib
import re

import mmyolo
import torch
from mmdet.apis import inference_detector, init_detector
from mmengine.config import Config
from mmyolo.registry import MODELS
from mmyolo.utils import register_all_modules

CONFIGS = {
    "yolov5_n": "yolov5/yolov5_n-v61_syncbn_fast_8xb16-300e_coco.py",
    "rtmdet_tiny": "rtmdet/rtmdet_tiny_syncbn_fast_8xb32-300e_coco.py",
    "yolov8_s": "yolov8/yolov8_s_syncbn_fast_8xb16-500e_coco.py",
    "ppyoloe_plus_s": "ppyoloe/ppyoloe_plus_s_fast_8xb8-80e_coco.py",
    "yolox_s": "yolox/yolox_s_fast_8xb8-300e_coco.py",
    "yolov6_s": "yolov6/yolov6_s_syncbn_fast_8xb32-400e_coco.py",
    "yolov7_l": "yolov7/yolov7_l_syncbn_fast_8x16b-300e_coco.py",
    "yolov5_x": "yolov5/yolov5_x-v61_syncbn_fast_8xb16-300e_coco.py",
}
LARGEST_LOGIT = 4


def build(path, seed):
    cfg = Config.fromfile(path)
    torch.manual_seed(seed)
    model = MODELS.build(cfg.model)
    return cfg, model


def calibrate(model, cfg, checkpoint, config, photo, wanted):
    """Saves `model` with the BatchNorm statistics of the photo and a head that finds something."""
    torch.save({"meta": {}, "state_dict": model.state_dict()}, checkpoint)
    test = {"model.test_cfg.score_thr": 0.25, "model.test_cfg.max_per_img": 10 * wanted[1]}
    model = init_detector(str(config), str(checkpoint), device="cpu", cfg_options=test)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
            module.train()
    inference_detector(model, str(photo))
    model.eval()
    convs = predictors(model)
    scale(model, convs, photo)
    shift(model, convs, photo, len(cfg.get("class_names", range(80))), wanted)
    return model


def predictors(model):
    """The last convolutions of the head, by branch."""
    branches = {}
    for name, module in model.bbox_head.head_module.named_modules():
        if isinstance(module, torch.nn.Conv2d) and not re.search(r"^aux_|(\.|^)(conv|fc|proj_conv)$", name):
            branches.setdefault(re.sub(r"\.\d+", "", name), []).append(module)
    return branches


def scale(model, branches, photo):
    largest = dict.fromkeys(branches, 1e-6)
    hooks = []
    for branch, convs in branches.items():

        def keep(_, __, out, branch=branch):
            largest[branch] = max(largest[branch], out.abs().max().item())

        hooks += [conv.register_forward_hook(keep) for conv in convs]
    inference_detector(model, str(photo))
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for branch, convs in branches.items():
            for conv in convs:
                conv.weight.mul_(LARGEST_LOGIT / largest[branch])
                conv.bias.mul_(LARGEST_LOGIT / largest[branch])


def class_channels(branch, conv, classes):
    """Which of the output channels are class logits."""
    channels = torch.arange(conv.out_channels)
    if "cls" in branch:
        return channels >= 0
    if conv.out_channels == 3 * (5 + classes):  # YOLOv5, YOLOv7: x y w h objectness classes, for each anchor
        return channels % (5 + classes) >= 5
    return channels < 0


def shift(model, branches, photo, classes, wanted):
    """Moves the class logits until the number of detections is wanted."""
    low, high, at = -10.0, 10.0, 0.0
    for _ in range(12):
        middle = (low + high) / 2
        with torch.no_grad():
            for branch, convs in branches.items():
                for conv in convs:
                    conv.bias[class_channels(branch, conv, classes)] += middle - at
        at = middle
        found = len(inference_detector(model, str(photo)).pred_instances)
        print(f"  class logits {at:+.3f}: {found} detections")
        if found < wanted[0]:
            low = middle
        elif found > wanted[1]:
            high = middle
        else:
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(CONFIGS))
    parser.add_argument("--photo", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--found", nargs=2, type=int, default=(50, 150), metavar=("LOW", "HIGH"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    register_all_modules()
    configs = pathlib.Path(mmyolo.__file__).parent / ".mim" / "configs"
    for seed, name in enumerate(args.names):
        print(name, flush=True)
        config, checkpoint = args.out / f"{name}.py", args.out / f"{name}.pth"
        cfg, model = build(configs / CONFIGS[name], seed)
        cfg.dump(str(config))
        model = calibrate(model, cfg, checkpoint, config, args.photo, args.found)
        meta = {"cfg": cfg.pretty_text, "dataset_meta": model.dataset_meta, "epoch": 1}
        torch.save({"meta": meta, "state_dict": model.state_dict()}, checkpoint)


if __name__ == "__main__":
    main()
