#!/usr/bin/env python3
"""Makes demo/page1.png, demo/page2.png and demo/expected.json: what MMYOLO itself detects on them.

The detections are MMYOLO's PyTorch inference of demo/digits.pth with demo/config.py, its own test
pipeline and test_cfg; those with a score of 0.25 and more, best first, unrounded, one line a page.
Run it from the repository's root in an environment with the real MMYOLO (see demo/train.py):

    python demo/reference.py            # pages and detections
    python demo/reference.py --keep     # detections on the pages that are there
"""
import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from mmdet.apis import inference_detector, init_detector
from mmyolo.utils import register_all_modules

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from make_pages import load_digits, make_page  # noqa: E402

# name: (seed, width, height, pixels in a page unit, style)
PAGES = {
    'page1.png': (106, 640, 480, 2.0, 'form'),
    'page2.png': (105, 480, 640, 2.0, 'squared'),
}
SCORE = 0.25


def draw_pages():
    scans = load_digits('heldout')
    for name, (seed, width, height, scale, style) in PAGES.items():
        image, _, _ = make_page(np.random.default_rng(seed), scans, width, height, scale, style)
        cv2.imwrite(str(HERE / name), image, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def detect(model, path):
    found = inference_detector(model, str(path)).pred_instances.cpu()
    found = found[found.scores >= SCORE]
    found = found[found.scores.argsort(descending=True, stable=True)]
    classes = model.dataset_meta['classes']
    return [
        dict(label=int(label), **{'class': classes[int(label)]}, score=float(score),
             box=[float(v) for v in box])
        for box, score, label in zip(found.bboxes, found.scores, found.labels)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--keep', action='store_true', help='do not draw the pages again')
    args = parser.parse_args()
    if not args.keep:
        draw_pages()
    torch.set_num_threads(1)
    register_all_modules()
    model = init_detector(str(HERE / 'config.py'), str(HERE / 'digits.pth'), device='cpu')
    with open(HERE / 'expected.json', 'w') as file:
        for name in PAGES:
            height, width = cv2.imread(str(HERE / name)).shape[:2]
            detections = detect(model, HERE / name)
            line = dict(image=name, width=width, height=height, detections=detections)
            file.write(json.dumps(line) + '\n')
            print(f'{name}: {len(detections)} detections')


if __name__ == '__main__':
    main()
