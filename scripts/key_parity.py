#!/usr/bin/env python3
"""MMYOLO's inference against ours for each key of a config outside `model` that changes what is found.

    key_parity.py --network CONFIG CHECKPOINT --yoloport build/yoloport --out FOLDER PHOTO... [--only KEY...]

Runs in a Python where mmyolo and Pillow are installed. Each variant below changes one key of the trained network's
config. MMYOLO runs it on the photos, yoloport exports it (--from-test-cfg) and runs the file: end to end and, with
the same options, as raw heads. The photos, half of them turned upright, are handed over as PNG, for JPEG decoders
differ by a gray level; those about EXIF as JPEG, with each orientation in turn. Each of MMYOLO's detections above
0.25 must have a partner of its own among ours - label equal, score within 0.02, IoU at least 0.95 - and each of ours
one among MMYOLO's; a partner may score 0.02 less than 0.25. Prints a line a variant and exits 1 where one is missing.
"""

import argparse
import copy
import json
import pathlib
import subprocess
import sys

import cv2
import onnx
from compare_detections import match, read_ours, read_record
from mmdet.apis import inference_detector, init_detector
from mmengine.config import Config, ConfigDict
from mmengine.logging import MMLogger
from mmyolo.utils import register_all_modules
from PIL import Image

MIN_SCORE = 0.25
TOLERANCE = argparse.Namespace(score=0.02, iou=0.95)
WITHOUT_PADDING = ("img_id", "img_path", "ori_shape", "img_shape", "scale_factor")
SQUARE = ("--img-size", "640", "640")
WIDE = ("--img-size", "384", "640")
ANY_SIZE = (*WIDE, "--dynamic", "height,width")
ANY_SQUARE = (*SQUARE, "--dynamic", "height,width")


def nms(**changes):
    return lambda cfg: cfg.model.test_cfg.nms.update(changes)


def replaced_nms(**arguments):
    return lambda cfg: setattr(cfg.model.test_cfg, "nms", ConfigDict(arguments))


def test_cfg(**changes):
    return lambda cfg: cfg.model.test_cfg.update(changes)


def without(*keys):
    return lambda cfg: [cfg.model.test_cfg.pop(key) for key in keys]


def load(**changes):
    return lambda cfg: pipeline_of(cfg)[0].update(changes)


def letter(**changes):
    return lambda cfg: pipeline_of(cfg)[2].update(changes)


def keep_ratio(**changes):
    return lambda cfg: pipeline_of(cfg)[1].update(changes)


def preprocessor(**changes):
    return lambda cfg: cfg.model.data_preprocessor.update(changes)


def resizing(*transforms):
    """These in place of YOLOv5KeepRatioResize and LetterResize."""

    def change(cfg):
        pipeline = pipeline_of(cfg)
        pipeline[1:3] = copy.deepcopy(list(transforms))
        if not any(transform["type"] == "LetterResize" for transform in transforms):
            pipeline[-1]["meta_keys"] = WITHOUT_PADDING

    return change


def all_of(*changes):
    return lambda cfg: [change(cfg) for change in changes]


def pipeline_of(cfg):
    return cfg.test_dataloader.dataset.pipeline


def in_a_concat(cfg):
    """The data set as the first of two: its pipeline counts, not the other's."""
    first = cfg.test_dataloader.dataset
    first.lazy_init = True  # its annotations are nobody's business here
    second = copy.deepcopy(first)
    for transform in second.pipeline[1:3]:
        transform["scale"] = (320, 320)
    cfg.test_dataloader.dataset = ConfigDict(type="ConcatDataset", datasets=[first, second])


def resize(scale, **more):
    return {"type": "mmdet.Resize", "scale": scale, "keep_ratio": True, **more}


def pad(**arguments):
    return {"type": "mmdet.Pad", **arguments}


KEEP_RATIO = {"type": "YOLOv5KeepRatioResize", "scale": (640, 640)}
LETTER = {"type": "LetterResize", "scale": (640, 640), "pad_val": {"img": 114}}
GRAY = {"img": (114, 114, 114)}
WHOLE_SQUARES = preprocessor(pad_size_divisor=640, pad_value=114 / 255)
WHOLE_STRIDES = preprocessor(pad_size_divisor=32, pad_value=114 / 255)

# name: change of the config, options of the export, whether the photos are JPEG with EXIF. Those whose name ends in
# ", rect" run with detect --rect.
VARIANTS = {
    "as it is": (lambda cfg: None, SQUARE, False),
    "nms.iou_thr": (replaced_nms(type="nms", iou_thr=0.3), SQUARE, False),
    "nms.iou_threshold": (nms(iou_threshold=0.3), SQUARE, False),
    # With as many boxes as split_thr MMYOLO's classes no longer suppress each other, which export notes.
    "nms.class_agnostic": (nms(class_agnostic=True, split_thr=100000), SQUARE, False),
    "nms.score_threshold": (nms(score_threshold=0.4), SQUARE, False),
    "nms.max_num": (nms(max_num=4), SQUARE, False),
    "nms.split_thr": (nms(split_thr=50), SQUARE, False),
    "nms=None": (lambda cfg: cfg.model.test_cfg.update(nms=None, score_thr=0.25), SQUARE, False),
    "min_bbox_size=0": (test_cfg(min_bbox_size=0), SQUARE, False),
    "min_bbox_size=30": (test_cfg(min_bbox_size=30), SQUARE, False),
    "min_bbox_size=30, dynamic": (test_cfg(min_bbox_size=30), (*SQUARE, "--dynamic", "batch,height,width"), False),
    "multi_label": (test_cfg(multi_label=False), SQUARE, False),
    "score_thr": (without("score_thr"), SQUARE, False),
    "nms_pre": (without("nms_pre"), SQUARE, False),
    "max_per_img": (test_cfg(max_per_img=3), SQUARE, False),
    "yolox_style": (test_cfg(yolox_style=True), SQUARE, False),
    "color_ignore_orientation": (load(color_type="color_ignore_orientation"), SQUARE, True),
    "unchanged": (load(color_type="unchanged"), SQUARE, True),
    "color, with EXIF": (load(color_type="color"), SQUARE, True),
    "imdecode_backend=pillow": (load(imdecode_backend="pillow"), SQUARE, True),
    "to_float32": (load(to_float32=True), SQUARE, False),
    "pad_val": (letter(pad_val=dict(img=(0, 128, 255))), SQUARE, False),
    "pad_val, a float": (letter(pad_val=dict(img=114.0)), SQUARE, False),
    "allow_scale_up": (letter(allow_scale_up=True), SQUARE, False),
    "half_pad_param": (letter(half_pad_param=True), SQUARE, False),
    "LetterResize alone": (resizing(LETTER), SQUARE, False),
    "LetterResize, interpolation": (resizing({**LETTER, "interpolation": "area"}), SQUARE, False),
    "LetterResize, stretch_only": (resizing({**LETTER, "stretch_only": True}), SQUARE, False),
    "LetterResize of another scale": (keep_ratio(scale=(512, 512)), SQUARE, False),
    "KeepRatioResize larger than LetterResize": (keep_ratio(scale=(1000, 1000)), SQUARE, False),
    "KeepRatioResize larger, upright": (keep_ratio(scale=(1333, 800)), SQUARE, False),
    "ConcatDataset": (in_a_concat, SQUARE, False),
    "KeepRatioResize alone": (all_of(resizing(KEEP_RATIO), preprocessor(pad_size_divisor=640)), SQUARE, False),
    "KeepRatioResize, scale of one number": (keep_ratio(scale=640), SQUARE, False),
    "Resize": (all_of(resizing(resize((640, 640))), preprocessor(pad_size_divisor=640)), SQUARE, False),
    "Resize, interpolation": (
        all_of(resizing(resize((640, 640), interpolation="bicubic")), preprocessor(pad_size_divisor=640)),
        SQUARE,
        False,
    ),
    "pad_value": (
        all_of(resizing(resize((640, 640))), preprocessor(pad_size_divisor=640, pad_value=0.4)),
        SQUARE,
        False,
    ),
    "Pad": (resizing(resize((640, 640)), pad(size=(640, 640), pad_val=dict(img=114))), SQUARE, False),
    "Pad smaller than Resize": (
        all_of(resizing(resize((640, 640)), pad(size=(320, 320), pad_val=GRAY)), WHOLE_SQUARES),
        SQUARE,
        False,
    ),
    "Pad beside pad_value": (
        all_of(resizing(resize((640, 640)), pad(size=(640, 640), pad_val=GRAY)), preprocessor(pad_value=0.9)),
        SQUARE,
        False,
    ),
    "pad_to_square": (resizing(resize((640, 640)), pad(pad_to_square=True, pad_val=GRAY)), SQUARE, False),
    "FixShapeResize": (
        resizing({"type": "mmdet.FixShapeResize", "width": 640, "height": 640, "keep_ratio": False}),
        SQUARE,
        False,
    ),
    "long and short edge, square": (
        resizing(resize((640, 384)), pad(size=(640, 640), pad_val=GRAY)),
        SQUARE,
        False,
    ),
    "long and short edge, any size": (
        all_of(resizing(resize((640, 384))), preprocessor(pad_size_divisor=32)),
        ANY_SIZE,
        False,
    ),
    "Pad of one size, any size": (
        all_of(resizing(resize((640, 384)), pad(size=(640, 384), pad_val=GRAY)), WHOLE_STRIDES),
        ANY_SIZE,
        False,
    ),
    "Pad of a square, any size": (
        all_of(resizing(resize((640, 384)), pad(size=(640, 640), pad_val=GRAY)), WHOLE_STRIDES),
        ANY_SQUARE,
        False,
    ),
    "pad_to_square, any size": (
        all_of(resizing(resize((640, 384)), pad(pad_to_square=True, pad_val=GRAY)), WHOLE_STRIDES),
        ANY_SIZE,
        False,
    ),
    "KeepRatioResize in a larger LetterResize, any size": (
        resizing({**KEEP_RATIO, "scale": (640, 384)}, LETTER),
        ANY_SQUARE,
        False,
    ),
    "size_divisor, any size": (resizing(resize((640, 384)), pad(size_divisor=32, pad_val=GRAY)), ANY_SIZE, False),
    "multiples of 32, rect": (
        all_of(resizing(resize((640, 640))), preprocessor(pad_size_divisor=32)),
        ANY_SQUARE,
        False,
    ),
    "size_divisor, rect": (resizing(resize((640, 640)), pad(size_divisor=32, pad_val=GRAY)), ANY_SQUARE, False),
    "use_mini_pad, rect": (letter(use_mini_pad=True), ANY_SQUARE, False),
    "a scale of mmdet's, any size": (
        resizing(resize((1333, 800)), pad(size_divisor=32, pad_val=GRAY)),
        ("--img-size", "800", "1344", "--dynamic", "height,width"),
        False,
    ),
    "mmcv.Resize": (
        all_of(load(type="mmcv.LoadImageFromFile"), resizing({**resize((640, 640)), "type": "mmcv.Resize"}), WHOLE_SQUARES),
        SQUARE,
        False,
    ),
    "DetDataPreprocessor": (preprocessor(type="mmdet.DetDataPreprocessor"), SQUARE, False),
    "batch_augments": (
        preprocessor(batch_augments=[dict(type="YOLOXBatchSyncRandomResize", random_size_range=(480, 800))]),
        SQUARE,
        False,
    ),
    "bgr_to_rgb": (preprocessor(bgr_to_rgb=False), SQUARE, False),
    "bbox_coder": (
        lambda cfg: cfg.model.bbox_head.update(bbox_coder=dict(type="YOLOv5BBoxCoder", use_box_type=False)),
        SQUARE,
        False,
    ),
}


def as_pngs(photos, folder):
    """Copies as PNG, every other one turned upright."""
    copies = []
    for number, photo in enumerate(photos):
        image = cv2.imread(str(photo))
        upright = image.shape[0] > image.shape[1]
        if upright != bool(number % 2):
            image = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
        copies.append(folder / (photo.stem + ".png"))
        cv2.imwrite(str(copies[-1]), image)
    return copies


def with_exif(photos, folder):
    """Copies as JPEG, with each of EXIF's eight orientations in turn."""
    orientation_tag = 0x0112
    copies = []
    for number, photo in enumerate(photos):
        exif = Image.Exif()
        exif[orientation_tag] = 1 + number % 8
        copies.append(folder / (photo.stem + "_exif.jpg"))
        Image.open(photo).convert("RGB").save(copies[-1], exif=exif, quality=95)
    return copies


def mmyolo_detections(config, checkpoint, photos):
    model = init_detector(str(config), str(checkpoint), device="cpu")
    found = {}
    for photo in photos:
        rows = inference_detector(model, str(photo)).pred_instances
        rows = {"labels": rows.labels, "scores": rows.scores, "boxes": rows.bboxes}
        found[photo.name] = read_record({key: value.tolist() for key, value in rows.items()})
    return found


def file_threshold(model):
    metadata = {entry.key: entry.value for entry in onnx.load(str(model)).metadata_props}
    return json.loads(metadata["yoloport"])["thresholds"]["score"]


def our_detections(args, config, options, photos, rect):
    model, lines = args.out / "key_parity.onnx", args.out / "key_parity.jsonl"
    export = [args.yoloport, "export", config, args.network[1], "--from-test-cfg", "--quiet", "--output", model]
    subprocess.run([*export, *options], check=True, stderr=subprocess.DEVNULL)
    detect = [args.yoloport, "detect", *photos, model, "--json", lines, "--no-save", "--quiet"]
    detect += ["--rect"] if rect else []
    # An end-to-end file applies its own threshold, too; for raw heads detect needs to be told.
    threshold = file_threshold(model) if "--model-only" in options else 0
    subprocess.run([*detect, "--score-thr", str(threshold)], check=True, stdout=subprocess.DEVNULL)
    return read_ours(lines)


def unmatched(wanted, offered):
    """Those of `wanted` above MIN_SCORE that have no partner."""
    best = [row for row in wanted if row["score"] > MIN_SCORE]
    offered = [row for row in offered if row["score"] > MIN_SCORE - TOLERANCE.score]
    return len(best), match(best, offered, TOLERANCE)[0]


def compare(args, name):
    change, options, has_exif = VARIANTS[name]
    photos = args.exif_photos if has_exif else args.png_photos
    cfg = Config.fromfile(args.network[0])
    change(cfg)
    config = args.out / "key_parity.py"
    cfg.dump(str(config))
    theirs = mmyolo_detections(config, args.network[1], photos)
    failed = False
    for what, more in (("end to end", ()), ("raw heads", ("--model-only",))):
        ours = our_detections(args, config, (*options, *more), photos, name.endswith(", rect"))
        total = missing = surplus = 0
        for photo in photos:
            count, left = unmatched(theirs[photo.name], ours[photo.name])
            total, missing = total + count, missing + len(left)
            extra = unmatched(ours[photo.name], theirs[photo.name])[1]
            surplus += len(extra)
            for sign, rows in (("-", left), ("+", extra)):
                for row in rows if args.verbose else ():
                    print(f"    {sign} {photo.name} {json.dumps(row)}")
        failed = failed or missing > 0 or surplus > 0
        print(f"{name:38} {what:10}  {total - missing:4} of {total:4}  {surplus:3} more", flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--network", nargs=2, type=pathlib.Path, required=True)
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", nargs="*", help="names of variants")
    parser.add_argument("--verbose", action="store_true", help="print what has no partner")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    cv2.ipp.setUseIPP(False)
    args.png_photos = as_pngs(args.photos, args.out)
    args.exif_photos = with_exif(args.photos, args.out)
    MMLogger.get_instance("mmengine", log_level="ERROR")
    register_all_modules()
    failed = [name for name in args.only or VARIANTS if compare(args, name)]
    print("differences:", ", ".join(failed) if failed else "none")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
