#!/usr/bin/env python3
"""Makes testdata/parity: very small networks of each MMYOLO family, and what MMYOLO computes.

    python scripts/make_parity_data.py                     # all that the repository holds
    python scripts/make_parity_data.py yolov5_n yolox_nano # these

Run it from the repository's root in an environment with the real MMYOLO (made with mmyolo 0.6.0,
mmdet 3.3.0, mmcv 2.1.0, mmengine 0.10.7, torch 2.1.2 on the CPU) and scikit-learn. The same
versions on the same machine give the same files.

A case is a config of the mmyolo package made narrow, with five classes. Nothing is trained: weights
are random, BatchNorm statistics come from a few drawn pages, and the prediction layers are scaled so
that their outputs look like a trained detector's. Of each case the folder testdata/parity/NAME has

    config.py       the flattened config, as MMEngine writes it into a work directory
    checkpoint.pth  as MMEngine saves it, the weights in float16
    inputs.npz      images: float32 1x3xHxW, normalised; every value fits float16 exactly
    raw.npz         out_0, out_1 ...: float32, the head's raw outputs a level, finest first, as
                    easydeploy's `--model-only` export has them: what the prediction layers give,
                    class scores, box and objectness in one array, nothing decoded
    detections.npz  boxes Kx4 float32 (x1 y1 x2 y2 in input pixels, not clipped), scores K float32,
                    labels K int32; best first: score above 0.25, IoU 0.65 within a class, the best
                    1000 anchors before and 100 detections after

The .npz files are stored, not compressed. Everything is computed in float32 from the rounded
weights and inputs. No decision is close: what must be kept differs from what must not by more than
MARGIN, so that another order of additions gives the same detections. Easydeploy's ONNX of these
cases, run in ONNX Runtime, gives the same labels in the same order; scores differ by 4.5e-5 at most,
raw outputs by 4e-4 and boxes by 2.5e-3 pixels (all in yolov7_tiny; less than half of it elsewhere).
"""
import argparse
import sys
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import mmengine
import mmyolo
import numpy as np
import torch
from mmcv.ops import nms
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.runner.checkpoint import save_checkpoint
from mmyolo.registry import MODELS
from mmyolo.utils import register_all_modules
from random_networks import calibrate
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'demo'))
from make_pages import load_digits, make_page  # noqa: E402

CONFIGS = Path(mmyolo.__file__).parent / '.mim' / 'configs'
CLASSES = ('bolt', 'nut', 'washer', 'gear', 'spring')
PALETTE = [(220, 20, 60), (119, 11, 32), (0, 0, 142), (0, 0, 230), (106, 0, 228)]
SCORE, IOU, PRE_TOPK, KEEP_TOPK = 0.25, 0.65, 1000, 100
MARGIN = 3e-5


@dataclass
class Case:
    base: str  # the config, below the package's configs folder
    widen: float = 0.03125
    deepen: float = None  # None: the config's own
    head: dict = field(default_factory=dict)  # overrides of the head module
    size: tuple = (32, 96)  # height and width of the input, multiples of the largest stride
    half: bool = True  # weights in float16


# To add a network, add a line. The repository holds the data of these,
CASES = {
    'yolov5_n': Case('yolov5/yolov5_n-v61_syncbn_fast_8xb16-300e_coco.py'),
    'yolov5_n_p6': Case('yolov5/yolov5_n-p6-v62_syncbn_fast_8xb16-300e_coco.py', size=(64, 128)),
    'rtmdet_tiny': Case('rtmdet/rtmdet_tiny_syncbn_fast_8xb32-300e_coco.py'),
    'yolov5u_n': Case('yolov5/yolov5u/yolov5u_n_syncbn_fast_8xb16-300e_coco.py',
                      head=dict(reg_max=4)),
    'yolov6_n': Case('yolov6/yolov6_n_syncbn_fast_8xb32-300e_coco.py', deepen=0.2),
    'yolov6_m': Case('yolov6/yolov6_m_syncbn_fast_8xb32-300e_coco.py', deepen=0.2),
    'yolov6_v3_m': Case('yolov6/yolov6_v3_m_syncbn_fast_8xb32-300e_coco.py', 0.0625, deepen=0.2,
                        head=dict(reg_max=4), size=(64, 96)),
    'yolov7_tiny': Case('yolov7/yolov7_tiny_syncbn_fast_8x16b-300e_coco.py', 0.0625),
    'yolov7_l': Case('yolov7/yolov7_l_syncbn_fast_8x16b-300e_coco.py'),
    'yolov8_n': Case('yolov8/yolov8_n_syncbn_fast_8xb16-500e_coco.py', head=dict(reg_max=4)),
    'yolox_tiny': Case('yolox/yolox_tiny_fast_8xb32-300e-rtmdet-hyp_coco.py'),
    'ppyoloe_s': Case('ppyoloe/ppyoloe_s_fast_8xb32-300e_coco.py', 0.0625,
                      head=dict(reg_max=4)),
    'ppyoloe_plus_s': Case('ppyoloe/ppyoloe_plus_s_fast_8xb8-80e_coco.py', 0.0625),
}
# and can make these too, which add little to them.
EXTRA_CASES = {
    'yolov6_v3_n': Case('yolov6/yolov6_v3_n_syncbn_fast_8xb32-300e_coco.py', deepen=0.2),
    'yolox_nano': Case('yolox/yolox_nano_fast_8xb32-300e-rtmdet-hyp_coco.py', 0.0625),
}

# -- the config


def set_everywhere(node, key, value):
    """Sets `key` in every dict below `node` that has it."""
    if isinstance(node, dict):
        if key in node:
            node[key] = value
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        for child in node:
            set_everywhere(child, key, value)


def build_config(case):
    config = Config.fromfile(CONFIGS / case.base)
    model = config.model
    for part in (model.backbone, model.neck, model.bbox_head.head_module):
        part.widen_factor = case.widen
    set_everywhere(model, 'num_classes', len(CLASSES))
    set_everywhere(model, 'init_cfg', None)  # nothing is downloaded
    model.bbox_head.head_module.update(case.head)
    if case.deepen is not None:
        set_everywhere(model, 'deepen_factor', case.deepen)
    config.metainfo = dict(classes=CLASSES, palette=PALETTE)
    config.test_dataloader.dataset.metainfo = config.metainfo
    kept = ('default_scope', 'metainfo', 'model', 'test_dataloader', 'test_pipeline')
    return Config({key: config[key] for key in kept if key in config})


# -- the network


def draw_images(rng, scans, count, size, preprocessor):
    """Cuts of pages, normalised as the config's data_preprocessor does, rounded to float16."""
    cuts = []
    for _ in range(count):
        page, _, _ = make_page(rng, scans, 160, 160, 0.5)
        y, x = rng.integers(160 - size[0]), rng.integers(160 - size[1])
        cuts.append(page[y:y + size[0], x:x + size[1]])
    images = np.stack(cuts).astype(np.float32)
    if preprocessor.get('bgr_to_rgb'):
        images = images[..., ::-1]
    if preprocessor.get('mean') is not None:  # YOLOX takes pixels as they are
        images = (images - np.float32(preprocessor.mean)) / np.float32(preprocessor.std)
    images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return torch.from_numpy(images.astype(np.float16).astype(np.float32))


def randomize(model):
    """Leaves no parameter at a value that hides a mistake, such as a BatchNorm scale of one."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
        elif isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                nn.init.normal_(module.bias, 0, 0.2)
        else:  # implicit layers, learned scales: about what they are
            for parameter in module.parameters(recurse=False):
                parameter.data += 0.2 * torch.randn_like(parameter)


def prediction_layers(model):
    """The last convolutions of the head, as (name, layer); they alone have a bias there."""
    return [(name, layer) for name, layer in model.bbox_head.head_module.named_modules()
            if isinstance(layer, nn.Conv2d) and layer.bias is not None and 'stem' not in name and
            'aux' not in name]


def targets(model, name, channels):
    """What the outputs of a prediction layer shall look like: a kind, mean and spread a channel."""
    # Some classes are likelier, so that boxes of one class overlap and are suppressed.
    classes = [('cls', mean, 1.5) for mean in (2, 1, 0, -1, -1)]
    if 'convs_pred' in name:  # YOLOv5 and v7: box, objectness and classes in one, for each anchor
        one = [('box', 0, 0.2)] * 2 + [('box', 0.5, 0.2)] * 2 + [('obj', 1, 1.5)] + classes
        return one * (channels // len(one))
    if 'cls' in name:
        return classes
    if 'obj' in name:
        return [('obj', 1, 1.5)] * channels
    if channels > 4:  # a distribution over distances
        bins = channels // 4
        rise = 1.0 if bins < 8 else 0.0  # few bins: mostly far ones, or no boxes would overlap
        return [('box', rise * (i % bins), 1.0) for i in range(channels)]
    if type(model.bbox_head).__name__ == 'YOLOXHead':
        return [('box', 0, 0.3)] * 2 + [('box', 1.7, 0.2)] * 2
    return [('box', 3.0, 0.4)] * channels  # distances in strides


@torch.no_grad()
def shape_predictions(model, batch):
    """Scales the prediction layers until their outputs on `batch` have the wanted statistics."""
    layers = prediction_layers(model)
    seen = {}
    hooks = [layer.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out}))
             for name, layer in layers]
    model(batch, mode='tensor')
    for hook in hooks:
        hook.remove()
    for name, layer in layers:
        out = seen[name].transpose(0, 1).flatten(1)
        goal = targets(model, name, len(out))
        mean = torch.tensor([float(g[1]) for g in goal])
        gain = torch.tensor([float(g[2]) for g in goal]) / out.std(1).clamp(min=1e-3)
        layer.weight *= gain[:, None, None, None]
        layer.bias.copy_((layer.bias - out.mean(1)) * gain + mean)


@torch.no_grad()
def shift_classes(model, amount):
    """Makes all classes likelier by `amount` logits."""
    for name, layer in prediction_layers(model):
        kinds = targets(model, name, len(layer.bias))
        layer.bias += amount * torch.tensor([float(kind[0] == 'cls') for kind in kinds])


def round_weights(model):
    """Rounds every floating tensor of the model to float16, in place."""
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half().float())
            assert torch.isfinite(tensor).all()


# -- what MMYOLO computes


@torch.no_grad()
def raw_outputs(model, images):
    """The prediction layers' outputs, one array a level, as easydeploy's --model-only has them."""
    module = model.bbox_head.head_module
    kind = type(model.bbox_head).__name__
    if kind in ('YOLOv5Head', 'YOLOv7Head'):
        stems = getattr(module, 'main_convs_pred', None) or module.convs_pred
        features = model.neck(model.backbone(images))
        return [stem(feature) for stem, feature in zip(stems, features)]
    reg_max = getattr(module, 'reg_max', None)
    if kind in ('PPYOLOEHead', 'YOLOv8Head'):
        module.reg_max = 0  # leaves the distributions as they are
    outputs = model(images, mode='tensor')
    if reg_max is not None:
        module.reg_max = reg_max
    return [torch.cat(level, 1) for level in zip(*outputs)]


@torch.no_grad()
def candidates(model, images):
    """All anchors of the first image, decoded by MMYOLO's own coder: boxes Nx4, scores NxC."""
    head = model.bbox_head
    outputs = model(images, mode='tensor')
    cls_scores, bbox_preds = outputs[:2]
    sizes = [level.shape[2:] for level in cls_scores]
    priors = torch.cat(head.prior_generator.grid_priors(sizes, dtype=torch.float32, device='cpu'))
    strides = torch.cat([
        torch.full((h * w * head.num_base_priors, ), float(stride))
        for (h, w), stride in zip(sizes, head.featmap_strides)
    ])

    def flat(levels, channels):
        return torch.cat([x.permute(0, 2, 3, 1).reshape(1, -1, channels) for x in levels], 1)

    scores = flat(cls_scores, len(CLASSES)).sigmoid()
    if len(outputs) > 2 and outputs[2] is not None:
        scores = scores * flat(outputs[2], 1).sigmoid()
    boxes = head.bbox_coder.decode(priors[None], flat(bbox_preds, 4), strides)
    return boxes[0], scores[0]


def suppress(boxes, scores):
    """NMS of each class apart, with mmcv's own, on the PRE_TOPK anchors with the best class."""
    best = scores.max(1).values.topk(min(PRE_TOPK, len(scores))).indices
    boxes, scores = boxes[best], scores[best]
    found = []
    for label in range(scores.shape[1]):
        likely = scores[:, label] > SCORE
        if likely.any():
            kept, _ = nms(boxes[likely].contiguous(), scores[likely, label].contiguous(), IOU)
            found.append(torch.cat([kept, torch.full((len(kept), 1), float(label))], 1))
    found = torch.cat(found) if found else torch.zeros(0, 6)
    return found[found[:, 4].argsort(descending=True, stable=True)]


def closest_call(boxes, scores, found):
    """The smallest difference that a decision about the detections hangs on."""
    gaps = [(scores - SCORE).abs().min().item()]
    order = scores.max(1).values.sort(descending=True).values
    if len(order) > PRE_TOPK and order[PRE_TOPK] > SCORE:
        gaps.append((order[PRE_TOPK - 1] - order[PRE_TOPK]).item())
    for label in range(scores.shape[1]):
        likely = boxes[scores[:, label] > SCORE].double()
        if len(likely) < 2:
            continue
        corner = torch.maximum(likely[:, None, :2], likely[None, :, :2])
        far = torch.minimum(likely[:, None, 2:], likely[None, :, 2:])
        inter = (far - corner).clamp(min=0).prod(2)
        area = (likely[:, 2:] - likely[:, :2]).prod(1)
        iou = inter / (area[:, None] + area[None, :] - inter)
        gaps.append((iou - IOU).abs().min().item())
    values = found[:, 4].double()
    if len(values) > 1:  # the order, and the cut after KEEP_TOPK
        gaps.append((values[:-1] - values[1:]).min().item() * 10)
    return min(gaps)


# -- files


def save_network(model, config, path, half):
    """A checkpoint as MMEngine's Runner saves it, with its message hub; shared tensors stay so."""
    hub = MessageHub.get_instance(f'parity_{path.parent.name}')
    for step in range(3):
        hub.update_scalar('train/loss', 3.0 - step)
    hub.update_info('epoch', 0)
    meta = dict(
        cfg=config.pretty_text, dataset_meta=dict(classes=CLASSES, palette=PALETTE), seed=0,
        experiment_name=path.parent.name, epoch=1, iter=3, mmengine_version=mmengine.__version__)
    halves, state = {}, OrderedDict()
    for key, value in model.state_dict().items():
        if half and value.is_floating_point():
            value = halves.setdefault(value.data_ptr(), value.half())
        state[key] = value
    save_checkpoint(dict(meta=meta, state_dict=state, message_hub=hub.state_dict()), str(path))


def make_case(name, case, out):
    torch.manual_seed(sum(map(ord, name)))
    rng = np.random.default_rng([7, sum(map(ord, name))])
    scans = load_digits('train')
    config = build_config(case)
    model = MODELS.build(config.model)
    randomize(model)
    preprocessor = config.model.data_preprocessor
    batches = [draw_images(rng, scans, 16, case.size, preprocessor) for _ in range(4)]
    images = draw_images(rng, scans, 1, case.size, preprocessor)
    calibrate(model, batches)
    shape_predictions(model, batches[0])

    # Bring the number of boxes above the threshold near a goal; where a decision is close, try
    # another goal.
    initial = {key: value.clone() for key, value in model.state_dict().items()}
    for goal in range(90, 30, -2):
        model.load_state_dict(initial)
        low, high = -12.0, 12.0
        for _ in range(24):
            middle = (low + high) / 2
            shift_classes(model, middle)
            count = (candidates(model, images)[1] > SCORE).sum().item()
            shift_classes(model, -middle)
            low, high = (low, middle) if count > goal else (middle, high)
        shift_classes(model, high)
        if case.half:
            round_weights(model)
        boxes, scores = candidates(model, images)
        found = suppress(boxes, scores)[:KEEP_TOPK]
        margin = closest_call(boxes, scores, found)
        sane = (boxes[:, 2:] > boxes[:, :2])[scores.max(1).values > SCORE].all()
        if margin > MARGIN and sane:
            break
    else:
        raise RuntimeError(f'{name}: no goal leaves every decision clear (the last: margin '
                           f'{margin:.1e}, all boxes the right way round: {bool(sane)})')

    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    config.dump(folder / 'config.py')
    save_network(model, config, folder / 'checkpoint.pth', case.half)
    raw = raw_outputs(model, images)
    np.savez(folder / 'inputs.npz', images=images.numpy())
    np.savez(folder / 'raw.npz', **{f'out_{i}': x.numpy() for i, x in enumerate(raw)})
    np.savez(folder / 'detections.npz', boxes=found[:, :4].numpy(), scores=found[:, 4].numpy(),
             labels=found[:, 5].numpy().astype(np.int32))
    size = sum(file.stat().st_size for file in folder.iterdir())
    parameters = sum(p.numel() for p in model.parameters())
    above = int((scores > SCORE).sum())
    spread = ' '.join(f'{x.mean():.2f}+-{x.std():.2f}' for x in raw)
    print(f'{name}: {parameters} parameters, {size} bytes, {above} above {SCORE}, '
          f'{len(found)} kept of {len(set(found[:, 5].tolist()))} classes, margin {margin:.1e}, '
          f'raw {spread}', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('names', nargs='*', metavar='NAME', help=', '.join([*CASES, *EXTRA_CASES]))
    parser.add_argument('--out', type=Path, default=ROOT / 'testdata' / 'parity')
    args = parser.parse_args()
    known = {**CASES, **EXTRA_CASES}
    unknown = set(args.names) - set(known)
    if unknown:
        parser.error(f'no such case: {", ".join(sorted(unknown))}')
    torch.set_num_threads(1)
    register_all_modules()
    for name in args.names or CASES:
        make_case(name, known[name], args.out)


if __name__ == '__main__':
    main()
