"""YOLOX, YOLOv6 and YOLOv7 as their repositories have them, with random weights and saved as they save them, and what
their own code makes of images. For scripts that compare with them; each repository in a process of its own, for the
modules of two have the same names.
"""

import contextlib
import copy
import io
import pathlib
import sys

import torch
from mmdet_parity import DEVIATION, randomize
from random_networks import calibrate
from torch import nn

NORM_BIAS = 2.0  # of BatchNorm: where activations are nearly straight, depth amplifies last bits less
SCORE = 0.25


@contextlib.contextmanager
def silent():
    with contextlib.redirect_stdout(io.StringIO()):
        yield


class Repository:
    """What a script needs of one of them. `folder`: the repository's files."""

    is_half = True  # checkpoints hold float16
    PREPROCESSOR = dict(bgr_to_rgb=True, mean=[0, 0, 0], std=[255, 255, 255])  # as MMDetection states it
    LOW = 0.05  # the score above which detections() gives them
    IOU, MOST = 0.45, 300  # above which boxes suppress each other, and how many are left, in its inference

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        sys.path.insert(0, str(self.folder))

    def has(self, name):
        """Whether this release has the network."""
        return True

    def tidy(self, model):
        """Sets back what random numbers may not touch."""

    def finish(self, model, name):
        """What is done to a network of that name before it is saved."""

    def train_step(self, model, images):
        """A forward with which BatchNorm sees the images."""
        model(images)

    def save(self, model, path):
        torch.save({"epoch": -1, "model": copy.deepcopy(model).half(), "ema": None}, path)

    def tensor(self, image):
        """A batch of one image, H x W x 3 in BGR, as the network takes it."""
        return torch.from_numpy(image[..., ::-1].transpose(2, 0, 1)[None].copy()).float() / 255

    def prepare(self, model, images, pairs=80, class_goals=None):
        """Random weights, norms that saw the images, and predictions like a trained detector's."""
        randomize(model, norm_bias=NORM_BIAS)
        self.tidy(model)
        flipped = torch.cat([images, images.flip(3), images.flip(2)])
        with silent():
            calibrate(model, [flipped], lambda model, batch: self.train_step(model, batch))
        self.shape_predictions(model, images, class_goals)
        self.shift_classes(model, images, pairs)
        if self.is_half:
            model.half().float()

    def shift_classes(self, model, images, pairs):
        """Makes classes likelier or less so, until so many pairs are above SCORE."""
        with silent():
            amount = self.shift_for(model, images, pairs)
        for _, layer, goals in self.predictions(model):
            for channel, goal in enumerate(goals):
                if goal == "cls":
                    layer.bias[channel] += amount

    def shape_predictions(self, model, images, class_goals):
        for _, layer, goals in self.predictions(model):
            seen = []
            hook = layer.register_forward_hook(lambda layer, _, out: seen.append(out))
            with silent():
                self.raw(model, images)
            hook.remove()
            out = seen[0].transpose(0, 1).flatten(1)
            classes = [i for i, goal in enumerate(goals) if goal == "cls"]
            plain = [(0, DEVIATION) if goal == "cls" else goal for goal in goals]
            if class_goals:
                for at, channel in enumerate(classes):
                    plain[channel] = class_goals[at % len(class_goals)]
            mean, deviation = torch.tensor(plain, dtype=torch.float32).T
            gain = deviation / out.std(1).clamp(min=1e-3)
            layer.weight *= gain[:, None, None, None]
            layer.bias.copy_((layer.bias - out.mean(1)) * gain + mean)

    def shift_for(self, model, images, pairs):
        """The amount of logits by which classes must be likelier for so many pairs above SCORE."""
        classes, objects = self.logits(model, images)
        low, high = -20.0, 20.0
        for _ in range(40):
            middle = (low + high) / 2
            scores = (classes + middle).sigmoid() * (objects.sigmoid() if objects is not None else 1)
            low, high = (low, middle) if (scores > SCORE).sum().item() > pairs else (middle, high)
        return high


class Yolox(Repository):
    name = "YOLOX"
    is_half = False
    PREPROCESSOR = {}
    IOU, MOST = 0.65, 1000
    NAMES = ("nano", "tiny", "s", "m", "l", "x")

    def build(self, name, classes=80, width=None, depth=None):
        from yolox.exp import get_exp

        exp = get_exp(None, "yolox-" + name)
        exp.num_classes = classes
        exp.width, exp.depth = width or exp.width, depth or exp.depth
        return exp.get_model().eval()

    def train_step(self, model, images):
        model.training = model.head.training = False  # or a loss is wanted
        model(images)

    def save(self, model, path):
        state = dict(start_epoch=300, model=model.state_dict(), optimizer={}, best_ap=0.0, curr_ap=None)
        torch.save(state, path)

    def tensor(self, image):
        return torch.from_numpy(image.transpose(2, 0, 1)[None].copy()).float()

    def predictions(self, model):
        """Name, layer and goals (mean and deviation, or "cls") of each layer that predicts."""
        boxes = [(0, 0.3)] * 2 + [(1.7, 0.2)] * 2
        head = model.head
        for i in range(len(head.strides)):
            yield f"reg{i}", head.reg_preds[i], boxes
            yield f"obj{i}", head.obj_preds[i], [(1, DEVIATION)]
            yield f"cls{i}", head.cls_preds[i], ["cls"] * head.num_classes

    def raw(self, model, images):
        """A level's classes, box and objectness, nothing decoded."""
        levels = []
        for i, x in enumerate(model.backbone(images)):
            head = model.head
            x = head.stems[i](x)
            reg = head.reg_convs[i](x)
            cls = head.cls_preds[i](head.cls_convs[i](x))
            levels.append(torch.cat([cls, head.reg_preds[i](reg), head.obj_preds[i](reg)], 1))
        return levels

    def logits(self, model, images):
        flat = torch.cat([level.flatten(2) for level in self.raw(model, images)], 2)
        return flat[:, :-5], flat[:, -1:]

    def decoded(self, model, images):
        return centers(model(images)[0])

    def prepared(self, image):
        """A batch of a whole image, as its inference prepares it."""
        from yolox.data.data_augment import ValTransform

        return torch.from_numpy(ValTransform()(image, None, (640, 640))[0][None])

    def detect(self, model, image):
        """Rows of a whole image, as tools/demo.py makes them, in it."""
        ratio = min(640 / side for side in image.shape[:2])
        rows = self.detections(model, self.prepared(image))
        return clipped([(label, score, [side / ratio for side in box]) for label, score, box in rows], image)

    def detections(self, model, images):
        """Rows of label, score and corners, by its own decoding and suppression."""
        from yolox.utils import postprocess

        found = postprocess(model(images), model.head.num_classes, self.LOW, self.IOU)[0]
        return [(int(row[6]), float(row[4] * row[5]), row[:4].tolist()) for row in found]


def centers(rows):
    """Corners and scores of all positions, of rows of center, size, objectness and classes."""
    half = rows[:, 2:4] / 2
    return torch.cat([rows[:, :2] - half, rows[:, :2] + half], 1), rows[:, 4:5] * rows[:, 5:]


def clipped(rows, image):
    """Boxes cut at the image's edges, as `yoloport detect` cuts them."""
    sides = image.shape[1::-1] * 2
    return [
        (label, score, [min(max(at, 0), side) for at, side in zip(box, sides)]) for label, score, box in rows
    ]


def sixes(found):
    """Rows of what is a tensor of corners, score and label."""
    return [(int(row[5]), float(row[4]), row[:4].tolist()) for row in found]


class Yolov6(Repository):
    name = "YOLOv6"
    MOST = 1000
    # Configs, and what of them changes; "deploy" has merged branches.
    NAMES = ("yolov6n", "yolov6s", "yolov6m", "yolov6l", "yolov6n6", "yolov6s6", "yolov6m6", "yolov6l6",
             "mbla/yolov6s_mbla", "mbla/yolov6m_mbla", "base/yolov6s_base", "yolov6n deploy", "yolov6m deploy",
             "yolov6n fuse_ab", "yolov6n distill_ns", "qarepvgg/yolov6s_qa", "repopt/yolov6s_opt")  # fmt: skip

    def has(self, name):
        return (self.folder / "configs" / (name.split()[0] + ".py")).exists()

    def build(self, name, classes=80, width=None, depth=None):
        from yolov6.models.yolo import build_model
        from yolov6.utils.config import Config

        config, *extra = name.split()
        config = Config.fromfile(str(self.folder / "configs" / (config + ".py")))
        if not hasattr(config, "training_mode"):
            config.training_mode = "repvgg"
        config.model.width_multiple = width or config.model.width_multiple
        config.model.depth_multiple = depth or config.model.depth_multiple
        if "distill_ns" in extra:
            config.model.head.use_dfl, config.model.head.reg_max = True, 16
        kinds = {kind: True for kind in ("fuse_ab", "distill_ns") if kind in extra}  # not of all releases
        model = build_model(config, classes, "cpu", **kinds)
        return model.eval()

    def finish(self, model, name):
        if "deploy" not in name:
            return
        from yolov6.utils.torch_utils import fuse_model

        fuse_model(model)
        for layer in model.modules():
            if hasattr(layer, "switch_to_deploy"):
                layer.switch_to_deploy()
        model.half().float()

    def tidy(self, model):
        head = model.detect
        head.proj.copy_(torch.arange(head.reg_max + 1.0))
        head.proj_conv.weight.copy_(head.proj.view_as(head.proj_conv.weight))

    def predictions(self, model):
        head = model.detect
        for i in range(head.nl):
            bins = head.reg_preds[i].out_channels // 4
            yield f"reg{i}", head.reg_preds[i], [(3.0, 0.4) if bins == 1 else (0, DEVIATION)] * (4 * bins)
            yield f"cls{i}", head.cls_preds[i], ["cls"] * head.nc

    def raw(self, model, images):
        head = model.detect
        levels = []
        for i, x in enumerate(model.neck(model.backbone(images))):
            x = head.stems[i](x)
            cls = head.cls_preds[i](head.cls_convs[i](x))
            reg = head.reg_preds[i](head.reg_convs[i](x))
            if reg.shape[1] > 4:
                bins = reg.shape[1] // 4
                reg = reg.reshape(len(reg), 4, bins, *reg.shape[2:]).softmax(2)
                reg = (reg * torch.arange(bins).to(reg)[None, None, :, None, None]).sum(2)
            levels.append(torch.cat([cls, reg], 1))
        return levels

    def logits(self, model, images):
        return torch.cat([level.flatten(2)[:, :-4] for level in self.raw(model, images)], 2), None

    def decoded(self, model, images):
        return centers(model(images)[0][0])

    def prepared(self, image):
        from yolov6.core.inferer import Inferer

        return Inferer.process_image(image, [640, 640], 32, False)[0][None]

    def detect(self, model, image):
        """As tools/infer.py, but for the rounding of corners."""
        from yolov6.core.inferer import Inferer
        from yolov6.utils.nms import non_max_suppression

        images = self.prepared(image)
        found = non_max_suppression(model(images)[0], 0.25, self.IOU, max_det=self.MOST)[0]
        found[:, :4] = Inferer.rescale(images.shape[2:], found[:, :4], image.shape)
        return sixes(found)

    def detections(self, model, images):
        from yolov6.utils.nms import non_max_suppression

        return sixes(non_max_suppression(model(images)[0], self.LOW, self.IOU, max_det=self.MOST)[0])


class Yolov7(Repository):
    name = "YOLOv7"
    # Configs below cfg/, widths of the large ones, and what of them changes.
    NAMES = ("training/yolov7-tiny", "training/yolov7", "training/yolov7x 0.5", "training/yolov7-w6 0.5",
             "training/yolov7-e6 0.25", "training/yolov7-d6 0.25", "training/yolov7-e6e 0.25", "deploy/yolov7-tiny",
             "deploy/yolov7-tiny-silu", "deploy/yolov7 0.5", "deploy/yolov7-w6 0.25", "training/yolov7 0.5 fuse",
             "training/yolov7-w6 0.25 fuse", "training/yolov7-tiny one")  # fmt: skip

    def build(self, name, classes=80, width=None, depth=None):
        import yaml
        from models.yolo import Model

        config, *extra = name.split()
        config = yaml.safe_load((self.folder / "cfg" / (config + ".yaml")).read_text())
        config["nc"] = 1 if "one" in extra else classes
        config["depth_multiple"] = depth or config["depth_multiple"]
        for each in [str(width)] if width else extra:
            if each[0].isdigit():
                config["width_multiple"] = float(each)
        with silent():
            return Model(config).eval()

    def finish(self, model, name):
        if "fuse" in name:
            with silent():
                model.fuse()
            model.half().float()

    def predictions(self, model):
        head = model.model[-1]
        box = [(0, 0.6)] * 2 + [(0, 0.5)] * 2 + [(1, DEVIATION)]
        for i in range(head.nl):
            yield f"m{i}", head.m[i], (box + ["cls"] * head.nc) * head.na

    def raw(self, model, images):
        head = model.model[-1]
        levels = model(images)[1][: head.nl]
        if head.nc == 1:  # whose class its suppression does not read
            for level in levels:
                level[..., 5] = 100
        return [level.permute(0, 1, 4, 2, 3).flatten(1, 2) for level in levels]

    def logits(self, model, images):
        flat = model(images)[0]  # decoded: probabilities
        return flat[..., 5:].logit(eps=1e-6), flat[..., 4:5].logit(eps=1e-6)

    def decoded(self, model, images):
        rows = model(images)[0][0]
        boxes, scores = centers(rows)
        return boxes, scores if scores.shape[1] > 1 else rows[:, 4:5]

    def prepared(self, image):
        from utils.datasets import letterbox

        return self.tensor(letterbox(image, 640, stride=32)[0])

    def detect(self, model, image):
        """As detect.py, but for the rounding of corners."""
        from utils.general import non_max_suppression, scale_coords

        images = self.prepared(image)
        found = non_max_suppression(model(images)[0].clone(), 0.25, self.IOU)[0]
        found[:, :4] = scale_coords(images.shape[2:], found[:, :4], image.shape)
        return sixes(found)

    def detections(self, model, images):
        from utils.general import non_max_suppression

        return sixes(non_max_suppression(model(images)[0].clone(), self.LOW, self.IOU)[0])


REPOSITORIES = {each.name.lower(): each for each in (Yolox, Yolov6, Yolov7)}
