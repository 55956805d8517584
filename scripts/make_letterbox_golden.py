#!/usr/bin/env python3
"""Records what MMYOLO's test pipelines make of images: testdata/letterbox/golden.txt.

Needs the real thing (mmyolo 0.6.0 with mmdet and mmcv). src/image/prepare_test.cc makes the same images
from the same formula and must arrive at the same pixels.

A line: PIPELINE INPUT_W INPUT_H IMAGE_W IMAGE_H LEFT TOP SCALE_X SCALE_Y CRC32, the checksum being that of
the prepared 8-bit image, rows of blue, green, red.

OpenCV's wheels resize bicubically through Intel's IPP where the processor has AVX, which differs from OpenCV's
own code by one grey level in some four per cent of the values. Debian's OpenCV has no IPP, and so it is off here.
"""

import os
import pathlib
import zlib

os.environ["OPENCV_IPP"] = "disabled"  # read when cv2 is imported

import numpy as np
from mmyolo.registry import TRANSFORMS
from mmyolo.utils import register_all_modules

register_all_modules(init_default_scope=True)

PAD = dict(img=114)


def keep_ratio(scale, up):
    return [
        dict(type="YOLOv5KeepRatioResize", scale=scale),
        dict(type="LetterResize", scale=scale, allow_scale_up=up, pad_val=PAD),
    ]


PIPELINES = {
    "yolov5": lambda scale: keep_ratio(scale, False),
    "yolov8": lambda scale: keep_ratio(scale, True),
    "twice": lambda scale: [
        dict(type="YOLOv5KeepRatioResize", scale=(scale[0] * 2, scale[1] * 2)),
        dict(type="LetterResize", scale=scale, allow_scale_up=False, pad_val=PAD),
    ],
    "letter": lambda scale: [dict(type="LetterResize", scale=scale, allow_scale_up=True, pad_val=PAD)],
    "letter_down": lambda scale: [dict(type="LetterResize", scale=scale, allow_scale_up=False, pad_val=PAD)],
    "rtmdet": lambda scale: [
        dict(type="mmdet.Resize", scale=scale, keep_ratio=True),
        dict(type="mmdet.Pad", size=scale, pad_val=dict(img=(114, 114, 114))),
    ],
    "ppyoloe": lambda scale: [
        dict(type="mmdet.FixShapeResize", width=scale[0], height=scale[1], keep_ratio=False,
             interpolation="bicubic"),
    ],
    "stretch": lambda scale: [dict(type="mmdet.Resize", scale=scale, keep_ratio=False)],
}

SIZES = [
    (640, 480), (640, 427), (427, 640), (640, 640), (1920, 1080), (1000, 750), (333, 500), (501, 377),
    (100, 80), (37, 53), (320, 320), (1280, 1280), (1, 1), (1, 30), (30, 1), (7, 2000), (2000, 7), (900, 2),
    (639, 641), (1279, 719), (64, 48), (2, 2), (1707, 961), (612, 612), (1023, 1025),
]
SCALES = [(640, 640), (320, 320), (416, 416), (640, 384), (192, 128), (128, 192)]


def image(width, height):
    """Smooth ramps, stripes and hash-like noise, in integers only."""
    y, x, c = np.ogrid[:height, :width, :3]
    smooth = (x * 5 + y * 3 + c * 40) // 4
    noise = (x * x * 7 + y * y * 13 + x * y * (c + 3) + (x ^ y) * 31) >> 3
    stripe = ((x // 9 + y // 5) % 3 == c) * 90
    return ((smooth + stripe + noise % 61) % 256).astype(np.uint8)


def record(name, scale, size):
    data = dict(img=image(*size))
    try:
        for config in PIPELINES[name](scale):
            data = TRANSFORMS.build(config)(data)
    except Exception:  # an extent became 0, where MMYOLO fails
        return None
    out = data["img"]
    if out.shape != (scale[1], scale[0], 3):  # mmdet.Resize turned the input by 90 degrees
        return None
    top, left = (int(data["pad_param"][i]) for i in (0, 2)) if "pad_param" in data else (0, 0)
    scale_x, scale_y = (repr(float(value)) for value in data["scale_factor"])
    crc = zlib.crc32(np.ascontiguousarray(out).tobytes())
    return f"{name} {scale[0]} {scale[1]} {size[0]} {size[1]} {left} {top} {scale_x} {scale_y} {crc}"


def main():
    lines = [record(name, scale, size) for name in PIPELINES for scale in SCALES for size in SIZES]
    path = pathlib.Path(__file__).parent.parent / "testdata/letterbox/golden.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [line for line in lines if line]
    path.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} cases")


if __name__ == "__main__":
    main()
