"""Boxes from the raw heads of a yoloport file, with numpy alone: to copy into programs for devices.

    session = onnxruntime.InferenceSession("raw.onnx")
    head = read_head(session.get_modelmeta().custom_metadata_map)
    outputs = session.run(None, {"images": images})
    boxes, scores, labels = suppress(*decode(head, outputs))

docs/raw_heads.md says what the numbers are.
"""

import json

import numpy as np

ANCHORS, CENTER_SIZE = ("yolov5", "yolov7"), ("yolox",)
CHANNELS_LAST = ("ncnn", "horizonx3", "torchscript")


def read_head(metadata):
    """What decoding needs, from the metadata of a file."""
    return json.loads(metadata["yoloport"])


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


def decode_level(head, output, stride, anchors):
    """One output (channels first, for one image) to boxes and scores of its anchors: P x 4, P x classes."""
    classes, kind = len(head["classes"]), head["type"]
    height, width = output.shape[1:]
    y, x = np.divmod(np.arange(height * width), width)
    grid, stride = np.stack([x, y], 1).astype(np.float32), np.float32(stride)
    if kind in ANCHORS:  # of each anchor: box, objectness, classes
        rows = output.reshape(len(anchors), 5 + classes, -1).transpose(0, 2, 1)
        center = (2 * sigmoid(rows[..., :2]) - 0.5 + grid) * stride
        size = (2 * sigmoid(rows[..., 2:4])) ** 2 * np.float32(anchors)[:, None]
        boxes = np.concatenate([center - size / 2, center + size / 2], -1).reshape(-1, 4)
        return boxes, (sigmoid(rows[..., 4:5]) * sigmoid(rows[..., 5:])).reshape(-1, classes)
    rows = output.reshape(len(output), -1).T  # classes, box, objectness
    scores, numbers = sigmoid(rows[:, :classes]), rows[:, classes:]
    priors = (grid + np.float32(head["prior_offset"])) * stride
    if kind in CENTER_SIZE:
        center, size = priors + numbers[:, :2] * stride, np.exp(numbers[:, 2:4]) * stride
        return np.concatenate([center - size / 2, center + size / 2], -1), scores * sigmoid(numbers[:, 4:5])
    bins = head["reg_max"] + 1
    sides = numbers.reshape(len(numbers), 4, bins)  # left, top, right, bottom
    if bins > 1:
        shares = np.exp(sides - sides.max(-1, keepdims=True))
        sides = (shares / shares.sum(-1, keepdims=True)) @ np.arange(bins, dtype=np.float32)
    sides = sides.reshape(-1, 4) * np.tile(stride, 2)
    return np.concatenate([priors - sides[:, :2], priors + sides[:, 2:]], -1), scores


def decode(head, outputs, score_threshold=0.25):
    """The outputs of a file for one image: boxes N x 4 (pixels of the input), scores N, labels N."""
    boxes, scores = [], []
    for i, output in enumerate(outputs):
        output = output[0].transpose(2, 0, 1) if head["backend"] in CHANNELS_LAST else output[0]
        anchors = head["anchors"][i] if head["anchors"] else None
        level = decode_level(head, np.float32(output), head["strides"][i], anchors)
        boxes.append(level[0])
        scores.append(level[1])
    boxes, scores = np.concatenate(boxes), np.concatenate(scores)
    if head.get("clips_boxes"):
        boxes = boxes.clip(0, np.tile([head["recipe"]["width"], head["recipe"]["height"]], 2))
    rows, labels = np.nonzero(scores > score_threshold)
    return boxes[rows], scores[rows, labels], labels


def iou(box, others):
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.prod(np.maximum(high - low, 0), 1)
    areas = np.prod(others[:, 2:] - others[:, :2], 1)
    return both / (np.prod(box[2:] - box[:2]) + areas - both)


def suppress(boxes, scores, labels, iou_threshold=0.65, keep=100):
    """Non-maximum suppression, each class by itself; the best come first."""
    kept = []
    for i in np.argsort(-scores, kind="stable"):
        rivals = [k for k in kept if labels[k] == labels[i]]
        if len(kept) < keep and not (iou(boxes[i], boxes[rivals]) > iou_threshold).any():
            kept.append(i)
    return boxes[kept], scores[kept], labels[kept]
