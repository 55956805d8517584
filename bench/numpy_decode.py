#!/usr/bin/env python3
"""Times a numpy decoder and NMS of one YOLOv8 output, beside yoloport_bench's: the same scene.

Needs numpy. The decoder does what easydeploy's demo does: all logits through the sigmoid, the best class of each
cell, softmax of the survivors' distributions, greedy suppression class by class.
"""

import time

import numpy as np

CLASSES, BINS, OBJECTS = 80, 16, 100
SCORE, IOU = 0.25, 0.65


def make_scene():
    rng = np.random.default_rng(1)
    levels = [rng.normal(-7, 1, (1, CLASSES + 4 * BINS, side, side)).astype(np.float32) for side in (80, 40, 20)]
    fine = levels[0][0]
    for number in range(OBJECTS):
        x, y = 4 + 8 * (number % 10), 4 + 8 * (number // 10)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                fine[number % CLASSES, y + dy, x + dx] = 2 - abs(dx) - abs(dy)
                for side, reach in enumerate((2 + dx, 2 + dy, 2 - dx, 2 - dy)):
                    fine[CLASSES + side * BINS + reach, y + dy, x + dx] = 4
    return levels


def decode(levels):
    boxes, scores, labels = [], [], []
    for level in levels:
        feature = np.ascontiguousarray(level[0].transpose(1, 2, 0))
        stride = 640 // feature.shape[0]
        classes = 1 / (1 + np.exp(-feature[..., :CLASSES]))
        best = classes.max(-1)
        row, column = np.where(best > SCORE)
        if not row.size:
            continue
        logits = feature[row, column, CLASSES:].reshape(-1, 4, BINS)
        weights = np.exp(logits - logits.max(-1, keepdims=True))
        sides = weights @ np.arange(BINS, dtype=np.float32) / weights.sum(-1)
        x, y = column + 0.5, row + 0.5
        corners = (x - sides[:, 0], y - sides[:, 1], x + sides[:, 2], y + sides[:, 3])
        boxes.append(np.stack(corners, -1) * stride)
        scores.append(best[row, column])
        labels.append(classes.argmax(-1)[row, column])
    return np.concatenate(boxes), np.concatenate(scores), np.concatenate(labels)


def suppress(boxes, scores, labels):
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    for label in np.unique(labels):
        order = np.flatnonzero(labels == label)
        order = order[np.argsort(-scores[order], kind="stable")]
        while order.size:
            best, rest = order[0], order[1:]
            kept.append(best)
            size = np.minimum(boxes[best, 2:], boxes[rest, 2:]) - np.maximum(boxes[best, :2], boxes[rest, :2])
            both = size.clip(0).prod(-1)
            order = rest[both / (areas[best] + areas[rest] - both) <= IOU]
    return kept


def main():
    levels = make_scene()
    times = []
    for _ in range(50):
        start = time.process_time()
        boxes, scores, labels = decode(levels)
        kept = suppress(boxes, scores, labels)
        times.append(time.process_time() - start)
    print(f"numpy       {sorted(times)[len(times) // 2] * 1e3:.2f} ms, {len(boxes)} candidates, {len(kept)} detections")


if __name__ == "__main__":
    main()
