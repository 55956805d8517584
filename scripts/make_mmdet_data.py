#!/usr/bin/env python3
"""Makes testdata/mmdet and testdata/parity/mmdet_*: very small networks of MMDetection, and what it computes.

    python scripts/make_mmdet_data.py                # all of them
    python scripts/make_mmdet_data.py mmdet/yolox_s  # this one

Runs in the environment of make_parity_data.py, which says what is in a folder and how weights are made. Here raw.npz
has distances in strides, and the boxes of an RTMDet in detections.npz are cut at the edges of the input before NMS, as
its coder does. In testdata/parity, where tests scale prediction layers themselves, are those whose raw outputs are what
these layers give, with neither an exponential nor a geometric mean behind them.
"""

import argparse
import pathlib

import mmdet_parity as parity
import numpy as np
import torch
from make_parity_data import (
    CLASSES,
    KEEP_TOPK,
    MARGIN,
    PALETTE,
    ROOT,
    SCORE,
    closest_call,
    draw_images,
    load_digits,
    round_weights,
    save_network,
    suppress,
)
from mmdet.utils import register_all_modules
from mmengine.config import Config
from random_networks import calibrate, strip

SIZE = (32, 96)  # height and width of the input
BATCHES = 4
# Some classes are likelier, so that boxes of one class overlap and are suppressed.
CLASS_GOALS = [(mean, 1.5) for mean in (2, 1, 0, -1, -1)]
GOALS = range(90, 30, -2)  # pairs above SCORE


def rtmdet(**head):
    return parity.narrow(0.03125, 0.1, [8, 16, 32], stacked_convs=1, **head)


def yolox():
    return dict(
        backbone=dict(widen_factor=0.03125, deepen_factor=0.1),
        neck=dict(in_channels=[8, 16, 32], out_channels=8, num_csp_blocks=1),
        bbox_head=dict(in_channels=8, feat_channels=8),
    )


PLAIN = {**parity.PLAIN, "norm_cfg": dict(type="GN", num_groups=2)}
# The base, and what of its model changes.
CASES = {
    "mmdet/rtmdet_head": (parity.RTMDET, rtmdet(**PLAIN, with_objectness=True, pred_kernel_size=3)),
    "mmdet/rtmdet_l": (parity.RTMDET, rtmdet()),
    "parity/mmdet_rtmdet_nano": (parity.RTMDET, parity.depthwise(rtmdet(share_conv=False, exp_on_reg=False))),
    "mmdet/rtmdet_objectness": (parity.RTMDET, rtmdet(exp_on_reg=False, with_objectness=True)),
    "parity/mmdet_yolox_nano": (parity.YOLOX, parity.depthwise(yolox())),
    "mmdet/yolox_s": (parity.YOLOX, yolox()),
}


def build_config(base, changes):
    config = Config.fromfile(parity.CONFIGS / base)
    config.merge_from_dict(dict(model=changes))
    parity.drop_none(config.model.bbox_head)
    strip(config, "init_cfg")
    config.model.bbox_head.num_classes = len(CLASSES)
    config.metainfo = dict(classes=CLASSES, palette=PALETTE)
    config.test_dataloader.dataset.metainfo = config.metainfo
    kept = ("default_scope", "metainfo", "model", "test_dataloader", "test_pipeline")
    return Config({key: config[key] for key in kept if key in config})


def candidates(model, images):
    """All positions of the first image, decoded by MMDetection's own code: boxes Nx4, scores NxC."""
    head = model.bbox_head
    outputs = [list(part) for part in model(images, mode="tensor")]
    sizes = [level.shape[2:] for level in outputs[0]]
    flat = [torch.cat([x[0].flatten(1).T for x in part]) for part in outputs]
    scores = flat[0].sigmoid()
    if type(head).__name__ == "YOLOXHead":
        priors = torch.cat(head.prior_generator.grid_priors(sizes, device="cpu", with_stride=True))
        return head._bbox_decode(priors, flat[1][None])[0], scores * flat[2].sigmoid()
    priors = torch.cat(head.prior_generator.grid_priors(sizes, device="cpu"))
    return head.bbox_coder.decode(priors, flat[1], max_shape=images.shape[2:]), scores


def shifted(model, images, initial):
    """Shifts the classes until every decision about the detections is clear: scores, detections; or nothing."""
    for goal in GOALS:
        model.load_state_dict(initial)
        parity.shift_classes(model, parity.shift_for(model, images, goal))
        if not all(tensor.half().isfinite().all() for tensor in model.state_dict().values()):
            return None
        round_weights(model)
        boxes, scores = candidates(model, images)
        found = suppress(boxes, scores)[:KEEP_TOPK]
        sane = (boxes[:, 2:] > boxes[:, :2])[scores.max(1).values > SCORE].all()
        if closest_call(boxes, scores, found) > MARGIN and sane:
            return scores, found
    return None


def make_network(config, batches, images, seed):
    """(network, scores, detections); random weights that amplify the last bits of floats make way for others."""
    while True:
        torch.manual_seed(seed)
        model = parity.build(config)
        parity.randomize(model)
        calibrate(model, batches)
        parity.shape_predictions(model, batches[0], CLASS_GOALS)
        state = {key: value.clone() for key, value in model.state_dict().items()}
        outcome = shifted(model, images, state)
        if outcome and parity.noise(model, images) < parity.NOISE:
            return model, *outcome
        seed += 1


def make_case(name, base, changes, out):
    seed = sum(map(ord, name))
    rng = np.random.default_rng([7, seed])
    scans = load_digits("train")
    config = build_config(base, changes)
    preprocessor = config.model.data_preprocessor
    batches = [draw_images(rng, scans, 16, SIZE, preprocessor) for _ in range(BATCHES)]
    images = draw_images(rng, scans, 1, SIZE, preprocessor)
    model, scores, found = make_network(config, batches, images, seed)

    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    config.dump(folder / "config.py")
    save_network(model, config, folder / "checkpoint.pth", half=True)
    raw = parity.raw_outputs(model, images)
    np.savez(folder / "inputs.npz", images=images.numpy())
    np.savez(folder / "raw.npz", **{f"out_{i}": x.numpy() for i, x in enumerate(raw)})
    labels = found[:, 5].numpy().astype(np.int32)
    np.savez(folder / "detections.npz", boxes=found[:, :4].numpy(), scores=found[:, 4].numpy(), labels=labels)
    size = sum(file.stat().st_size for file in folder.iterdir())
    above = int((scores > SCORE).sum())
    print(f"{name}: {size} bytes, {above} above {SCORE}, {len(found)} kept of {len(set(labels))} classes", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "testdata")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    register_all_modules()
    for name in args.names or CASES:
        make_case(name, *CASES[name], args.out)


if __name__ == "__main__":
    main()
