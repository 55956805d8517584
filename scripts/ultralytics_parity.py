#!/usr/bin/env python3
"""Checkpoints of Ultralytics and of YOLOv5's repository: those programs against `yoloport export` and `detect`.

    ultralytics_parity.py --yoloport build/yoloport --photos FOLDER --out FOLDER [--ultralytics NAME_OR_FILE.pt ...]
        [--yolov5 REPOSITORY [--yolov5-names yolov5n ...]] [--size H W] [--count 6]

Runs in a Python that has ultralytics, torch, onnxruntime and what the repository imports; nothing of these programs is
part of yoloport. Networks are those of the names with random weights, shaped by foreign_models.py as a trained
network's, and saved by the program itself in float16; or trained ones, as they are. NAME+fused stands for a network
whose norms were merged by the program's own fuse() before it was saved.

Norms have a bias of 1: where activations are nearly straight, depth amplifies the last bits of floats less. What the
program itself gives in single precision must be within 2e-5 of what it gives in double precision, on every photo.

Of each network: the largest difference of its raw outputs (`export --model-only`) of the largest magnitude, on one
photo, which must be within 1e-4; detections on the photos, by predict(rect=False), and by predict(rect=True) beside
`detect --rect` on a file that takes any size. Each detection must have a partner of its own: label equal, score within
0.01, IoU at least 0.98 - or, for what is cut to a sliver at the edge of the photo, corners within 0.2 pixels; none may
be left over on either side. Where one of two classes of a box is best by less than 1e-4, as happens with random
weights, either will do; such ties are counted. Photos are handed over as PNG, for JPEG decoders differ by a gray
level. Prints a line a network and exits 1 where anything differs.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import foreign_models
import numpy as np
import onnxruntime
import torch
from compare_detections import match, read_ours
from photos import as_png

TOLERANCE = argparse.Namespace(score=0.01, iou=0.98)
RAW, SLIVER, TIE = 1e-4, 0.2, 1e-4
NOISE, NORM_BIAS = 2e-5, 1.0
MOST = 2000  # detections of a photo, more than there are: which is the last of some depends on the last bits of scores


def run(*command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr}")


class Ultralytics:
    """A checkpoint of the package, and what the package makes of it."""

    def __init__(self, name, args):
        self.name = pathlib.Path(name).stem if name.endswith(".pt") else name
        network, _, fused = name.partition("+")
        self.file = pathlib.Path(name) if name.endswith(".pt") else args.out / f"{name}.pt"
        if name.endswith(".pt"):
            return
        yolo = foreign_models.ultralytics_network(network, args.photos, args.size, NORM_BIAS)
        if fused:
            yolo.model.fuse(verbose=False)
        yolo.ckpt_path = str(self.file)
        yolo.save(str(self.file))
        noise = self.noise(foreign_models.stretched(args.photos, *args.size))
        if noise > NOISE:
            raise SystemExit(f"{name}: its own float32 differs by {noise:.1e} from double precision")

    def network(self):
        from ultralytics.nn.tasks import load_checkpoint

        return load_checkpoint(str(self.file))[0].eval()

    def noise(self, images):
        single, double = self.raw(images), self.raw(images.double())
        return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(single, double))

    def raw(self, images):
        """What the head's last convolutions give, level by level: classes, then boxes."""
        model = self.network().to(images.dtype)
        head = model.model[-1]
        seen = []
        hook = head.register_forward_pre_hook(lambda _, inputs: seen.extend(inputs[0]))
        with torch.no_grad():
            model(images)
            hook.remove()
            end2end = getattr(head, "one2one_cv2", None) is not None
            boxes, classes = (head.one2one_cv2, head.one2one_cv3) if end2end else (head.cv2, head.cv3)
            return [torch.cat([classes[i](x), boxes[i](x)], 1).numpy() for i, x in enumerate(seen)]

    def detections(self, photos, size, rect):
        from ultralytics import YOLO

        found = {}
        yolo = YOLO(str(self.file), task="detect")
        options = {"nms": False} if self.end2end() else {}  # else version 8.4 takes the other branches and suppresses
        for photo in photos:
            boxes = yolo.predict(
                str(photo), conf=foreign_models.CONFIDENCE, iou=0.7, imgsz=list(size), rect=rect,
                max_det=MOST, verbose=False, **options
            )[0].boxes
            rows = zip(boxes.cls.tolist(), boxes.conf.tolist(), boxes.xyxy.tolist())
            found[photo.name] = [{"label": int(label), "score": score, "box": box} for label, score, box in rows]
        return found

    def end2end(self):
        return getattr(self.network().model[-1], "one2one_cv2", None) is not None


class Yolov5:
    """A checkpoint of the repository, and what the repository makes of it (detect.py)."""

    def __init__(self, name, args):
        sys.path.insert(0, str(args.yolov5))
        self.name = f"{name} of its repository"
        network, _, fused = name.partition("+")
        path = foreign_models.yolov5_network(args.yolov5, network, args.photos, args.size, args.out)
        model = torch.load(path, weights_only=False)["model"]
        if fused:
            model.fuse()
        self.file = args.out / f"{name}_repository.pt"
        torch.save({"epoch": -1, "model": model.half(), "ema": None}, self.file)  # as its strip_optimizer() leaves it

    def network(self):
        from models.experimental import attempt_load

        return attempt_load(self.file)

    def raw(self, images):
        model = self.network()
        outputs = []
        hooks = [conv.register_forward_hook(lambda _, __, out: outputs.append(out.clone())) for conv in model.model[-1].m]
        with torch.no_grad():
            model(images)
        for hook in hooks:
            hook.remove()
        return [out.numpy() for out in outputs]

    def detections(self, photos, size, rect):
        import cv2
        from utils.augmentations import letterbox
        from utils.general import non_max_suppression

        model = self.network()
        found = {}
        for photo in photos:
            image = cv2.imread(str(photo))
            pixels = letterbox(image, size, stride=32, auto=rect)[0][..., ::-1].transpose(2, 0, 1)
            with torch.no_grad():
                rows = model(torch.from_numpy(np.ascontiguousarray(pixels))[None].float() / 255)[0]
            kept = non_max_suppression(rows, foreign_models.CONFIDENCE, 0.45, max_det=MOST)[0]
            boxes = foreign_models.moved_back(kept[:, :4], image.shape[:2], pixels.shape[1:]).tolist()
            found[photo.name] = [
                {"label": int(row[5]), "score": float(row[4]), "box": box} for row, box in zip(kept, boxes)
            ]
        return found


def pair_off(missing, more):
    """Takes slivers and ties away from both lists; gives the number of ties."""
    ties = 0
    for one in list(missing):
        for other in more:
            apart = max(abs(a - b) for a, b in zip(one["box"], other["box"]))
            is_tie = one["label"] != other["label"] and abs(one["score"] - other["score"]) < TIE
            if apart < SLIVER and (is_tie or (one["label"] == other["label"] and abs(one["score"] - other["score"]) < 0.01)):
                ties += is_tie
                missing.remove(one)
                more.remove(other)
                break
    return ties


def compare_raw(args, case):
    file = args.out / "raw.onnx"
    run(args.yoloport, "export", case.file, "--model-only", "--img-size", *args.size, "--output", file)
    images = foreign_models.stretched(args.photos[:1], *args.size)
    expected = case.raw(images)
    actual = onnxruntime.InferenceSession(str(file)).run(None, {"images": images.numpy()})
    if len(expected) != len(actual):
        raise SystemExit(f"{case.name}: {len(actual)} outputs, expected {len(expected)}")
    return max(float(np.abs(a - e).max() / np.abs(e).max()) for a, e in zip(actual, expected))


def compare_detections(args, case, rect):
    file = args.out / "file.onnx"
    dynamic = ["--dynamic", "height,width"] if rect else []
    run(args.yoloport, "export", case.file, "--img-size", *args.size, "--from-test-cfg", "--output", file, *dynamic)
    run(args.yoloport, "set", file, "--keep-topk", MOST)
    lines = args.out / "ours.jsonl"
    options = ["--score-thr", foreign_models.CONFIDENCE, *(["--rect"] if rect else [])]
    run(args.yoloport, "detect", *args.pngs, file, "--json", lines, "--no-save", *options)
    expected, actual = case.detections(args.pngs, args.size, rect), read_ours(lines)
    without, ties = [], 0
    for photo in expected:
        missing, more = map(list, match(expected[photo], actual[photo], TOLERANCE))
        ties += pair_off(missing, more)
        without += [("missing", photo, each) for each in missing] + [("more", photo, each) for each in more]
    for what, photo, each in without[: args.shown]:
        print(f"    {what} in {photo}: {json.dumps(each)}")
    return sum(map(len, expected.values())), len(without), ties


def compare(args, case):
    """Whether anything differs; prints a line."""
    raw = compare_raw(args, case)
    line, differs = f"{case.name:24} raw {raw:.1e}", raw > RAW
    for rect in (False, True):
        count, left, ties = compare_detections(args, case, rect)
        line += f"  rect={rect}: {count} detections, {left} without a partner, {ties} ties"
        differs |= left > 0 or count == 0
    print(line, flush=True)
    return differs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--photos", type=pathlib.Path, required=True, help="a folder")
    parser.add_argument("--count", type=int, default=6, help="the first so many photos")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--ultralytics", nargs="+", default=[])
    parser.add_argument("--yolov5", type=pathlib.Path)
    parser.add_argument("--yolov5-names", nargs="+", default=["yolov5n", "yolov5s"])
    parser.add_argument("--size", type=int, nargs=2, default=(384, 512), help="height and width")
    parser.add_argument("--shown", type=int, default=6, help="so many detections without a partner are shown")
    args = parser.parse_args()
    args.out = args.out.resolve()
    args.yoloport = args.yoloport.resolve()
    args.out.mkdir(parents=True, exist_ok=True)
    args.photos = sorted(path.resolve() for path in args.photos.iterdir() if path.suffix == ".jpg")[: args.count]
    args.pngs = [as_png(photo, args.out) for photo in args.photos]
    differs = False
    for name in args.ultralytics:
        differs |= bool(compare(args, Ultralytics(name, args)))
    for name in args.yolov5_names if args.yolov5 else []:
        differs |= bool(compare(args, Yolov5(name, args)))
    sys.exit(differs)


if __name__ == "__main__":
    main()
