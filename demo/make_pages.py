#!/usr/bin/env python3
"""Makes cluttered pages with handwritten digits, and COCO annotations of them.

The digits are scans: the 8x8 images of scikit-learn's `load_digits`, enlarged smoothly. The pages
are drawn: ledgers, forms, squared notebooks, loose notes and blackboards, with printed words,
letters, arithmetic signs, doodles and stains that are not to be found.

Every fifth scan (by its index in `load_digits`) is kept for held-out pages; training pages never
show it. The same seed gives the same pages.

    python demo/make_pages.py --split heldout --count 8 --seed 1 --out work_dirs/pages

Needs numpy, opencv-python and scikit-learn.
"""
import argparse
import json
import math
from pathlib import Path

import cv2
import numpy as np

CLASSES = ('zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine')
STYLES = ('ledger', 'form', 'squared', 'notes', 'blackboard')
STYLE_WEIGHTS = (0.26, 0.22, 0.22, 0.18, 0.12)
# (width, height, scale): the scale is the number of pixels in one unit of the page, as if the same
# paper were scanned more finely. Digits are 18 to 60 units high.
SIZES = {
    'train': ((320, 320, 1.0), ),
    'heldout': ((320, 320, 1.0), (640, 480, 2.0), (480, 640, 2.0)),
}

# Colours are BGR.
PAPERS = ((246, 248, 250), (222, 238, 245), (205, 228, 240), (238, 240, 232), (168, 196, 214),
          (244, 238, 228), (226, 232, 236))
BOARDS = ((58, 74, 46), (48, 52, 50), (78, 60, 38))
INKS = ((40, 30, 25), (120, 50, 25), (160, 70, 30), (35, 35, 170), (60, 95, 30), (75, 75, 80),
        (110, 40, 90))
CHALKS = ((240, 240, 240), (150, 225, 245), (235, 205, 160), (190, 180, 245))
RULES = ((215, 180, 140), (200, 195, 190), (170, 200, 165), (190, 165, 195))
MARGIN = (140, 130, 225)
PRINT = ((60, 55, 50), (120, 110, 100), (130, 90, 60), (70, 70, 150))

WORDS = ('Invoice', 'Total', 'Date', 'Name', 'Ref.', 'Amount', 'Paid', 'Carried fwd', 'Balance',
         'Unit', 'Qty', 'Item', 'Signed', 'Parcel', 'Weight', 'Account', 'Meter', 'Reading', 'Page',
         'Remarks', 'Checked by', 'Batch', 'Route', 'Postage', 'Received', 'Stamp here')
LETTERS = 'ACDEFGHJKLMNPRTUVWXYacdehkmnprtuvwx'  # none that is a digit to the eye
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX,
         cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX)


def load_digits(split):
    """The scans of one split as a list of ten lists of 8x8 float arrays in 0..1."""
    from sklearn.datasets import load_digits as sklearn_digits
    data = sklearn_digits()
    by_class = [[] for _ in CLASSES]
    for index, (image, label) in enumerate(zip(data.images, data.target)):
        if (index % 5 == 0) == (split == 'heldout'):
            by_class[label].append(image.astype(np.float32) / 16)
    return by_class


def pick(rng, items):
    return items[int(rng.integers(len(items)))]


class Page:
    """A page under construction: pixels as float BGR, and the boxes of the digits on it.

    Positions and lengths are in page units. Everything goes through `at`, which turns the page by
    a small angle, as a hand lays paper on a scanner.
    """

    def __init__(self, rng, width, height, scale, style):
        self.rng, self.scale, self.style = rng, scale, style
        self.pixel_width, self.pixel_height = width, height
        self.width, self.height = width / scale, height / scale
        self.angle = math.radians(rng.normal(0, 1.2))
        self.dark = style == 'blackboard'
        self.image = self._background()
        self.inks = [pick(rng, CHALKS if self.dark else INKS) for _ in range(2)]
        self.taken = []  # boxes x1 y1 x2 y2 in pixels that digits must not overlap
        self.boxes, self.labels = [], []

    # -- geometry and primitive strokes

    def at(self, x, y):
        """Page units to pixels."""
        cx, cy = self.width / 2, self.height / 2
        c, s = math.cos(self.angle), math.sin(self.angle)
        return ((cx + (x - cx) * c - (y - cy) * s) * self.scale,
                (cy + (x - cx) * s + (y - cy) * c) * self.scale)

    def stroke(self, points, colour, width, closed=False, opacity=1.0):
        """An anti-aliased line of `width` units through `points`."""
        pixels = np.array([self.at(x, y) for x, y in points])
        fixed = np.round(pixels * 16).astype(np.int32)[None]
        thickness = max(1, round(width * self.scale))
        if opacity >= 1:
            cv2.polylines(self.image, fixed, closed, colour, thickness, cv2.LINE_AA, 4)
            return
        mask = np.zeros(self.image.shape[:2], np.uint8)
        cv2.polylines(mask, fixed, closed, 255, thickness, cv2.LINE_AA, 4)
        self.blend(mask.astype(np.float32) * (opacity / 255), colour)

    def blend(self, alpha, colour, x=0, y=0):
        """Puts `colour` on the page with the opacity `alpha` (pixels); x, y: its top left pixel."""
        h, w = alpha.shape
        x1, y1 = max(x, 0), max(y, 0)
        x2, y2 = min(x + w, self.pixel_width), min(y + h, self.pixel_height)
        if x1 >= x2 or y1 >= y2:
            return
        alpha = alpha[y1 - y:y2 - y, x1 - x:x2 - x, None]
        region = self.image[y1:y2, x1:x2]
        region += alpha * (np.array(colour, np.float32) - region)

    def text(self, words, x, y, height, colour, font=None, bold=False):
        """Printed text, its left baseline at x, y."""
        font = pick(self.rng, FONTS) if font is None else font
        size = height * self.scale / 22
        px, py = self.at(x, y)
        thickness = max(1, round(size * (2.4 if bold else 1.3)))
        cv2.putText(self.image, words, (round(px), round(py)), font, size, colour, thickness,
                    cv2.LINE_AA)
        (w, _), _ = cv2.getTextSize(words, font, size, thickness)
        self.taken.append((px - 2, py - height * self.scale, px + w + 2, py + 3 * self.scale))

    # -- paper

    def _noise(self, cell, amplitude):
        """Smooth noise: random values every `cell` units, enlarged."""
        shape = (max(2, round(self.height / cell)), max(2, round(self.width / cell)))
        coarse = self.rng.normal(0, amplitude, shape).astype(np.float32)
        return cv2.resize(coarse, (self.pixel_width, self.pixel_height),
                          interpolation=cv2.INTER_CUBIC)

    def _background(self):
        rng = self.rng
        colour = np.array(pick(rng, BOARDS if self.dark else PAPERS), np.float32)
        colour = colour + rng.normal(0, 4, 3)
        shade = self._noise(90, 5) + self._noise(14, 1.6) + self._noise(3, 1.3)
        slope_x, slope_y = rng.normal(0, 6, 2)
        shade += np.linspace(-slope_x, slope_x, self.pixel_width, dtype=np.float32)[None, :]
        shade += np.linspace(-slope_y, slope_y, self.pixel_height, dtype=np.float32)[:, None]
        if self.dark:  # the wiped remains of earlier chalk
            shade += np.clip(self._noise(30, 12), 0, None)
        return np.ascontiguousarray((colour + shade[..., None]).astype(np.float32))

    def stain(self):
        """A coffee ring or a blot, see-through."""
        rng, s = self.rng, self.scale
        cx, cy = rng.uniform(0, self.width) * s, rng.uniform(0, self.height) * s
        radius = rng.uniform(20, 60) * s
        ys, xs = np.mgrid[0:self.pixel_height, 0:self.pixel_width].astype(np.float32)
        distance = np.hypot(xs - cx, (ys - cy) * rng.uniform(0.9, 1.1)) + self._noise(25, 2.5) * s
        ring = np.exp(-((distance - radius) / (rng.uniform(1.5, 3.5) * s))**2)
        inside = 1 / (1 + np.exp(np.clip((distance - radius) / (2 * s), -30, 30)))
        alpha = rng.uniform(0.12, 0.4) * ring * (1 + self._noise(30, 0.4)) + 0.1 * inside
        colour = (70, 105, 145) if not self.dark else (120, 130, 125)
        self.blend(np.clip(alpha, 0, 0.6), colour)

    # -- digits

    def digit(self, scans, label, x, y, height, ink):
        """Writes a digit with its centre at x, y. Returns whether there was room for it."""
        rng = self.rng
        side = height * self.scale
        alpha = draw_digit(rng, pick(rng, scans[label]), side, math.degrees(self.angle))
        ys, xs = np.nonzero(alpha > 0.35)
        if not len(xs):
            return False
        px, py = self.at(x, y)
        left, top = round(px - alpha.shape[1] / 2), round(py - alpha.shape[0] / 2)
        box = (left + xs.min(), top + ys.min(), left + xs.max() + 1, top + ys.max() + 1)
        if box[0] < 1 or box[1] < 1 or box[2] > self.pixel_width - 1 or \
                box[3] > self.pixel_height - 1:
            return False
        gap = 0.5 * self.scale
        if any(box[0] < t[2] + gap and t[0] < box[2] + gap and box[1] < t[3] + gap and
               t[1] < box[3] + gap for t in self.taken):
            return False
        grain = 0.85 + 0.15 * rng.random(alpha.shape, dtype=np.float32)
        if self.dark:
            grain = 0.62 + 0.38 * rng.random(alpha.shape, dtype=np.float32)
        self.blend(alpha * grain * rng.uniform(0.75, 1.0), ink, left, top)
        self.taken.append(box)
        self.boxes.append([float(v) for v in box])
        self.labels.append(label)
        return True

    def number(self, scans, x, y, height, length, ink, pitch=None):
        """A run of digits whose first is centred at x, y."""
        for i in range(length):
            step = (pitch or height * self.rng.uniform(0.78, 0.95))
            self.digit(scans, int(self.rng.integers(10)), x, y + self.rng.normal(0, height * 0.03),
                       height * self.rng.uniform(0.9, 1.1), ink)
            x += step

    def finish(self):
        """The page as uint8 BGR."""
        image = self.image
        if self.rng.random() < 0.4:
            image = cv2.GaussianBlur(image, (0, 0), self.rng.uniform(0.3, 0.6) * self.scale)
        image = image * self.rng.uniform(0.88, 1.04)
        return np.clip(np.round(image), 0, 255).astype(np.uint8)


def draw_digit(rng, scan, side, tilt):
    """The opacity of one digit about `side` pixels high, turned and slanted at random."""
    pad = 2
    padded = np.pad(scan, pad)
    grid = padded.shape[0]
    size = int(math.ceil(side * 1.6))
    factor = side / 8
    turn = math.radians(rng.normal(0, 7) + tilt)
    slant = rng.normal(0, 0.1)
    stretch = rng.uniform(0.85, 1.15)
    c, s = math.cos(turn), math.sin(turn)
    forward = np.array([[c, -s], [s, c]]) @ np.array([[1, slant], [0, 1]]) @ np.diag(
        [factor * stretch, factor])
    middle = (grid - 1) / 2
    offset = np.array([size / 2, size / 2]) - forward @ [middle + 0.5, middle + 0.5]
    # Enlarged before it is turned, so that the cubic kernel sees the scan's own grid.
    fine = 12
    big = cv2.resize(padded, None, fx=fine, fy=fine, interpolation=cv2.INTER_CUBIC)
    matrix = np.hstack([forward / fine, offset[:, None]])
    soft = cv2.warpAffine(big, matrix, (size, size), flags=cv2.INTER_LINEAR)
    low = rng.uniform(0.22, 0.34)
    edge = np.clip((soft - low) / 0.38, 0, 1)
    return edge * edge * (3 - 2 * edge)


# -- layouts: each rules the page and writes digits on it


def ledger(page, scans):
    rng = page.rng
    rule, pitch = pick(rng, RULES), rng.uniform(30, 56)
    top = rng.uniform(30, 50)
    columns = np.cumsum(rng.uniform(70, 130, 6)) + rng.uniform(10, 40)
    if rng.random() < 0.5:  # a printed heading
        page.text(pick(rng, WORDS), rng.uniform(12, 80), top - 12, rng.uniform(11, 16),
                  pick(rng, PRINT))
    y, rows = top, []
    while y < page.height + 20:
        page.stroke([(-20, y), (page.width + 20, y)], rule, 1)
        rows.append(y)
        y += pitch
    for x in columns:
        page.stroke([(x, top), (x, page.height + 20)], MARGIN, 1)
    height = min(pitch * rng.uniform(0.6, 0.85), 46)
    for y in rows[1:]:
        if rng.random() < 0.4:
            page.text(pick(rng, WORDS), rng.uniform(6, 14), y - 5, rng.uniform(9, 12),
                      pick(rng, PRINT))
        for x in columns:
            if rng.random() < 0.62:
                length = int(rng.integers(1, 4))
                page.number(scans, x + height * rng.uniform(0.5, 0.7), y - pitch * 0.5,
                            height, length, pick(rng, page.inks))


def form(page, scans):
    rng = page.rng
    frame = pick(rng, PRINT)
    y = rng.uniform(12, 30)
    while y < page.height - 30:
        side = rng.uniform(28, 58)
        page.text(pick(rng, WORDS), rng.uniform(8, 30), y + 9, rng.uniform(10, 13), frame)
        y += 14
        x = rng.uniform(8, 40)
        while x < page.width - side:
            cells = int(rng.integers(1, 7))
            ink = pick(rng, page.inks)
            for _ in range(cells):
                if x + side > page.width - 4:
                    break
                page.stroke([(x, y), (x + side, y), (x + side, y + side), (x, y + side)], frame,
                            rng.choice([1.0, 1.5]), closed=True)
                if rng.random() < 0.68:
                    page.digit(scans, int(rng.integers(10)), x + side / 2 + rng.normal(0, 2),
                               y + side / 2 + rng.normal(0, 2), side * rng.uniform(0.6, 0.85), ink)
                x += side
            x += rng.uniform(14, 60)
        y += side + rng.uniform(8, 22)


def squared(page, scans):
    rng = page.rng
    rule, pitch = pick(rng, RULES), rng.uniform(12, 22)
    for x in np.arange(-20, page.width + 20, pitch):
        page.stroke([(x, -20), (x, page.height + 20)], rule, 1, opacity=0.6)
    for y in np.arange(-20, page.height + 20, pitch):
        page.stroke([(-20, y), (page.width + 20, y)], rule, 1, opacity=0.6)
    for _ in range(int(rng.integers(2, 5)) * max(1, round(page.width * page.height / 1e5))):
        column_sum(page, scans, rng.uniform(20, page.width - 90), rng.uniform(24, page.height - 90))
    scatter(page, scans, int(rng.integers(0, 6)))


def column_sum(page, scans, x, y):
    """Numbers one above the other, a sign, a line and a result."""
    rng = page.rng
    ink, height = pick(rng, page.inks), rng.uniform(20, 38)
    lengths = rng.integers(1, 5, 3)
    widest = int(lengths.max())
    pitch = height * rng.uniform(0.85, 1.0)
    for row, length in enumerate(lengths):
        line_y = y + row * height * 1.2 + (height * 0.2 if row == 2 else 0)
        page.number(scans, x + (widest - length) * pitch, line_y, height, int(length), ink, pitch)
    line_y = y + height * 1.83
    page.stroke([(x - pitch, line_y), (x + widest * pitch, line_y + rng.normal(0, 1))], ink, 1.6)
    sign(page, x - pitch * 1.3, y + height * 1.2, height * 0.3, ink)


def notes(page, scans):
    rng = page.rng
    if rng.random() < 0.6:
        rule, pitch = pick(rng, RULES), rng.uniform(24, 40)
        for y in np.arange(rng.uniform(10, 40), page.height + 20, pitch):
            page.stroke([(-20, y), (page.width + 20, y)], rule, 1)
        if rng.random() < 0.5:
            x = rng.uniform(20, 50)
            page.stroke([(x, -20), (x, page.height + 20)], MARGIN, 1)
    scatter(page, scans, int(rng.integers(8, 26) * page.width * page.height / 1e5))


def blackboard(page, scans):
    rng = page.rng
    for _ in range(int(rng.integers(1, 4)) * max(1, round(page.width * page.height / 1e5))):
        column_sum(page, scans, rng.uniform(20, page.width - 90), rng.uniform(24, page.height - 90))
    scatter(page, scans, int(rng.integers(4, 14) * page.width * page.height / 1e5))


def scatter(page, scans, count):
    rng = page.rng
    for _ in range(count):
        height = math.exp(rng.uniform(math.log(18), math.log(60)))
        page.number(scans, rng.uniform(10, page.width - 10), rng.uniform(10, page.height - 10),
                    height, int(rng.choice([1, 1, 1, 2, 3])), pick(rng, page.inks))


LAYOUTS = dict(ledger=ledger, form=form, squared=squared, notes=notes, blackboard=blackboard)

# -- clutter


def sign(page, x, y, r, ink):
    """A plus, minus, times or equals sign."""
    kind = int(page.rng.integers(4))
    lines = (((-r, 0), (r, 0)), ((0, -r), (0, r)), ((-r, -r), (r, r)), ((-r, r), (r, -r)),
             ((-r, -r / 2), (r, -r / 2)), ((-r, r / 2), (r, r / 2)))
    for i in ((0, 1), (0, ), (2, 3), (4, 5))[kind]:
        page.stroke([(x + dx, y + dy) for dx, dy in lines[i]], ink, 1.8)


def clutter(page, count):
    """Things that are not digits. They reserve their place, or hardly touch what is under them."""
    rng = page.rng
    for _ in range(count):
        x, y = rng.uniform(5, page.width - 5), rng.uniform(5, page.height - 5)
        r = rng.uniform(8, 26)
        colour = pick(rng, page.inks if rng.random() < 0.6 or page.dark else PRINT)
        width = rng.uniform(1, 3)
        kind = rng.choice(['letter', 'letter', 'word', 'doodle', 'star', 'arrow', 'polygon', 'tick',
                           'sign', 'scribble', 'underline'])
        px, py = page.at(x, y)
        reach = (r + 2) * page.scale
        box = (px - reach, py - reach, px + reach, py + reach)
        if any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3]
               for t in page.taken):
            continue
        if kind == 'letter':
            page.text(pick(rng, LETTERS), x - r * 0.6, y + r * 0.6, r * 1.2, colour,
                      bold=rng.random() < 0.5)
            continue
        if kind == 'word':
            page.text(pick(rng, WORDS), x, y, rng.uniform(9, 18), colour)
            continue
        if kind == 'doodle':
            t = np.linspace(0, rng.uniform(2, 5) * math.pi, 60)
            a, b = rng.uniform(0.7, 2.3, 2)
            points = [(x + r * math.sin(a * v + 0.5), y + r * 0.6 * math.cos(b * v)) for v in t]
            page.stroke(points, colour, width)
        elif kind == 'scribble':  # a crossing out
            points = [(x + r * (2 * i / 9 - 1), y + r * 0.5 * (-1)**i * rng.uniform(0.6, 1))
                      for i in range(10)]
            page.stroke(points, colour, width)
        elif kind == 'star':
            points = [(x + r * math.cos(i * 4 * math.pi / 5 - math.pi / 2),
                       y + r * math.sin(i * 4 * math.pi / 5 - math.pi / 2)) for i in range(5)]
            page.stroke(points, colour, width, closed=True)
        elif kind == 'polygon':
            sides = int(rng.integers(3, 6))
            turn = rng.uniform(0, math.pi)
            points = [(x + r * math.cos(turn + i * 2 * math.pi / sides),
                       y + r * math.sin(turn + i * 2 * math.pi / sides)) for i in range(sides)]
            page.stroke(points, colour, width, closed=True)
        elif kind == 'arrow':
            turn = rng.uniform(0, 2 * math.pi)
            c, s = math.cos(turn), math.sin(turn)
            for line in (((-r, 0), (r, 0)), ((r * 0.5, -r * 0.3), (r, 0), (r * 0.5, r * 0.3))):
                page.stroke([(x + u * c - v * s, y + u * s + v * c) for u, v in line], colour,
                            width)
        elif kind == 'tick':
            page.stroke([(x - r * 0.6, y), (x - r * 0.2, y + r * 0.5), (x + r * 0.7, y - r * 0.7)],
                        colour, width)
        elif kind == 'sign':
            sign(page, x, y, r * 0.5, colour)
        else:
            page.stroke([(x - r, y), (x + r, y + rng.normal(0, 2))], colour, width)
        page.taken.append(box)


def make_page(rng, scans, width, height, scale, style=None):
    """One page: (uint8 BGR image, boxes x1 y1 x2 y2 in pixels, labels)."""
    style = style or str(rng.choice(STYLES, p=STYLE_WEIGHTS))
    page = Page(rng, width, height, scale, style)
    area = page.width * page.height / 1e5
    if rng.random() < 0.5:
        clutter(page, int(rng.integers(2, 6) * area) + 1)
    LAYOUTS[style](page, scans)
    clutter(page, int(rng.integers(4, 16) * area) + 1)
    for _ in range(int(rng.choice([0, 0, 1, 2]))):
        page.stain()
    return page.finish(), page.boxes, page.labels


def make_set(folder, split, count, seed, suffix='.jpg'):
    """Writes `count` pages into `folder` and their COCO annotations to `folder`.json."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    scans = load_digits(split)
    images, annotations = [], []
    for index in range(count):
        rng = np.random.default_rng([seed, index, split == 'heldout'])
        width, height, scale = SIZES[split][index % len(SIZES[split])]
        image, boxes, labels = make_page(rng, scans, width, height, scale)
        name = f'{index:05d}{suffix}'
        if not cv2.imwrite(str(folder / name), image, [cv2.IMWRITE_JPEG_QUALITY, 92]):
            raise OSError(f'cannot write {folder / name}')
        images.append(dict(id=index, file_name=name, width=width, height=height))
        for (x1, y1, x2, y2), label in zip(boxes, labels):
            annotations.append(
                dict(id=len(annotations) + 1, image_id=index, category_id=label, iscrowd=0,
                     bbox=[x1, y1, x2 - x1, y2 - y1], area=(x2 - x1) * (y2 - y1)))
    categories = [dict(id=i, name=name) for i, name in enumerate(CLASSES)]
    with open(f'{folder}.json', 'w') as file:
        json.dump(dict(images=images, annotations=annotations, categories=categories), file)
    return len(annotations)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--split', choices=sorted(SIZES), default='heldout')
    parser.add_argument('--count', type=int, default=8)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--suffix', default='.png', help='.png or .jpg')
    parser.add_argument('--out', default='work_dirs/pages', help='folder; OUT.json lies beside')
    args = parser.parse_args()
    digits = make_set(args.out, args.split, args.count, args.seed, args.suffix)
    print(f'{args.count} pages with {digits} digits in {args.out}')


if __name__ == '__main__':
    main()
