#!/usr/bin/env python3
"""Finds objects in photos by asking a model server, and draws them.

    client.py PHOTO... [--url http://localhost:8000] [--out FOLDER] [--json FILE]

It speaks the open inference protocol (KServe v2) over HTTP, which Triton, OpenVINO Model Server and
KServe answer, and needs numpy and OpenCV only. How images are prepared, and what the classes are
called, stands in MODEL below: yoloport wrote it from the model's own file.
"""

import argparse
import json
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

import cv2
import numpy as np

MODEL = json.loads(r'''{{model}}''')
RECIPE = MODEL["recipe"]
DTYPES = {"FP32": np.float32, "FP16": np.float16, "UINT8": np.uint8, "INT32": np.int32, "INT64": np.int64}
INTERPOLATIONS = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
    "lanczos": cv2.INTER_LANCZOS4,
}


class Letterbox:
    """An image within the network's input: `pixels`, and how boxes come back."""

    def __init__(self, image):
        self.height, self.width = image.shape[:2]
        self.content, self.scale_x, self.scale_y = image, 1.0, 1.0
        self.room = RECIPE["height"], RECIPE["width"]
        if "turns_by" in MODEL:  # room for an image that is turned any way
            self.room = (max(*self.room, RECIPE["long_edge"]),) * 2
        if RECIPE["resize"] == "stretch":
            self._resize(RECIPE["width"], RECIPE["height"], self._fit_ratio(), RECIPE["shrink"])
        elif RECIPE["rounding"] == "half_up":
            self._rescale()
        else:
            shrink = RECIPE["shrink"]
            if RECIPE["rounding"] == "truncate":
                self._keep_ratio()
                shrink = RECIPE["enlarge"]
            ratio = self._fit_ratio()
            ratio = ratio if RECIPE["allow_scale_up"] else min(ratio, 1.0)
            self._resize(*self._scaled(ratio, round), ratio, shrink)

    def _fit_ratio(self):
        height, width = self.content.shape[:2]
        return min(self.room[0] / height, self.room[1] / width)

    def _edge_ratio(self):
        """As large as fits when the input may be turned."""
        edges = RECIPE.get("short_edge", RECIPE["height"]), RECIPE.get("long_edge", RECIPE["width"])
        into, of = sorted(edges), sorted(self.content.shape[:2])
        return min(into[1] / of[1], into[0] / of[0])

    def _scaled(self, ratio, rounding):
        height, width = self.content.shape[:2]
        return max(1, int(rounding(width * ratio))), max(1, int(rounding(height * ratio)))

    def _keep_ratio(self):
        ratio = self._edge_ratio()
        if ratio != 1:
            self._resize(*self._scaled(ratio, int), ratio, RECIPE["shrink"])

    def _rescale(self):
        half_up = lambda extent: int(extent + 0.5)
        ratio = self._edge_ratio()
        width, height = self._scaled(ratio, half_up)
        if height > self.room[0] or width > self.room[1]:
            ratio = self._fit_ratio()
        self._resize(*self._scaled(ratio, half_up), ratio, RECIPE["shrink"])

    def _resize(self, width, height, ratio, shrink):
        old_height, old_width = self.content.shape[:2]
        if (width, height) == (old_width, old_height):
            return
        interpolation = INTERPOLATIONS[shrink if ratio < 1 else RECIPE["enlarge"]]
        self.content = cv2.resize(self.content, (width, height), interpolation=interpolation)
        self.scale_x *= width / old_width
        self.scale_y *= height / old_height

    def padded_extent(self):
        """Height and width that the content is padded to at least."""
        height, width = self.content.shape[:2]
        if RECIPE.get("pad_to") == "input":
            return max(height, RECIPE["height"]), max(width, RECIPE["width"])
        if RECIPE.get("pad_to") == "square":
            return max(height, width), max(height, width)
        return height, width

    def pad(self, input_height, input_width):
        height, width = self.content.shape[:2]
        centred = RECIPE["pad_side"] == "center"
        columns, rows = input_width - width, input_height - height
        self.left, self.top = (columns // 2, rows // 2) if centred else (0, 0)
        # What boxes are moved back by.
        self.offset = (columns / 2, rows / 2) if RECIPE.get("half_padding") else (self.left, self.top)
        self.pixels = np.empty((input_height, input_width, 3), np.uint8)
        self.pixels[:] = [min(max(round(value), 0), 255) for value in RECIPE["pad_value"]]
        rows, columns = slice(self.top, self.top + height), slice(self.left, self.left + width)
        self.inside = (slice(None), rows, columns)  # of the planes
        self.pixels[rows, columns] = self.content

    def back(self, box):
        """A box in pixels of the photo."""
        x1, y1, x2, y2 = (float(value) for value in box)
        x = lambda at: min(max((at - self.offset[0]) / self.scale_x, 0.0), float(self.width))
        y = lambda at: min(max((at - self.offset[1]) / self.scale_y, 0.0), float(self.height))
        return [x(x1), y(y1), x(x2), y(y2)]


def pad_alike(letterboxes):
    """Pads the images of a request to the size of their input."""
    height, width = RECIPE["height"], RECIPE["width"]
    if "turns_by" in MODEL:
        stride = MODEL["turns_by"]
        extents = [letterbox.padded_extent() for letterbox in letterboxes]
        height, width = (-(-max(sides) // stride) * stride for sides in zip(*extents))
    for letterbox in letterboxes:
        letterbox.pad(height, width)


def least_boxes(letterboxes):
    """Width and height that each image's boxes must exceed, in pixels of the input."""
    given = MODEL["min_box"]
    sizes = np.zeros(given["dims"], DTYPES[given["datatype"]])
    for row, letterbox in zip(sizes, letterboxes):
        row[:] = given["size"] * letterbox.scale_x, given["size"] * letterbox.scale_y
    return sizes


def prepare(letterbox):
    """The network's input for one image: 3 x H x W, or H x W x 3."""
    pixels = letterbox.pixels
    if RECIPE["rgb"]:
        pixels = pixels[:, :, ::-1]
    if RECIPE["layout"] == "nchw":
        pixels = pixels.transpose(2, 0, 1)
    if RECIPE["type"] == "uint8":
        return np.ascontiguousarray(pixels)
    mean, std = (np.asarray(RECIPE[key], np.float32)[:, None, None] for key in ("mean", "std"))
    planes = (pixels.astype(np.float32) - mean) / std
    if RECIPE.get("pad_domain") == "input":
        content = planes[letterbox.inside].copy()
        planes[:] = np.asarray(RECIPE["pad_value"], np.float32)[:, None, None]
        planes[letterbox.inside] = content
    return planes.astype(DTYPES[MODEL["input"]["datatype"]])


def request(args, tensors):
    """Sends one batch, arrays and what MODEL says of each, and returns the outputs by name."""
    binary = args.protocol == "binary"
    inputs, data = [], b""
    for given, values in tensors:
        tensor = {"name": given["name"], "datatype": given["datatype"], "shape": list(values.shape)}
        if binary:
            tensor["parameters"] = {"binary_data_size": values.nbytes}
            data += values.tobytes()
        else:
            tensor["data"] = values.ravel().tolist()
        inputs.append(tensor)
    outputs = [{"name": name, "parameters": {"binary_data": binary}} for name in MODEL["outputs"]]
    header = json.dumps({"inputs": inputs, "outputs": outputs}).encode()
    body = header + data
    headers = {"Content-Type": "application/json"}
    if binary:
        headers = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(header))}
    if args.host:
        headers["Host"] = args.host
    url = f"{args.url.rstrip('/')}/v2/models/{urllib.parse.quote(args.model)}/infer"
    sent = urllib.request.Request(url, data=body, headers=headers)
    with urllib.request.urlopen(sent, timeout=args.timeout) as answer:
        return read_answer(answer.read(), answer.headers.get("Inference-Header-Content-Length"))


def read_answer(body, header_bytes):
    """The outputs of an answer in JSON, those in binary behind it in the order of their entries."""
    at = int(header_bytes) if header_bytes else len(body)
    outputs = {}
    for output in json.loads(body[:at])["outputs"]:
        dtype = DTYPES[output["datatype"]]
        size = output.get("parameters", {}).get("binary_data_size")
        if size is None:
            values = np.asarray(output["data"], dtype)
        else:
            values, at = np.frombuffer(body[at : at + size], dtype), at + size
        outputs[output["name"]] = values.reshape(output["shape"])
    return outputs


def rows_of(outputs, image):
    """Box, score and label of each row of one image of the batch, padding among them."""
    layout = MODEL["layout"]
    if layout == "ultralytics":
        rows = outputs["output0"][image]
        return rows[:, :4], rows[:, 4], rows[:, 5].astype(int)
    if layout == "mmdeploy":
        rows = outputs["dets"][image]
        return rows[:, :4], rows[:, 4], outputs["labels"][image]
    count, boxes, scores, labels = (outputs[name] for name in MODEL["outputs"])
    found = int(count.reshape(len(boxes), -1)[image, 0])
    return boxes[image, :found], scores[image, :found], labels[image, :found]


def detections_of(outputs, image, letterbox, threshold):
    """Best first: label, class, score, and the box in pixels of the photo."""
    found = []
    for box, score, label in zip(*rows_of(outputs, image)):
        if label < 0 or not score > 0 or score < threshold or not np.isfinite(box).all():
            continue
        name = MODEL["classes"][int(label)] if label < len(MODEL["classes"]) else f"class_{int(label)}"
        found.append({"label": int(label), "class": name, "score": float(score), "box": letterbox.back(box)})
    return sorted(found, key=lambda detection: -detection["score"])


def colour_of(label):
    """Blue, green, red."""
    if label < len(MODEL["palette"]):
        return MODEL["palette"][label][::-1]
    return [(37 * label + 80) % 256, (17 * label + 160) % 256, (29 * label + 30) % 256]


def draw(image, detections):
    thickness = max(1, round(max(image.shape[:2]) / 400))
    scale = max(0.4, max(image.shape[:2]) / 1200)
    for detection in reversed(detections):  # the best on top
        x1, y1, x2, y2 = (round(value) for value in detection["box"])
        colour = colour_of(detection["label"])
        cv2.rectangle(image, (x1, y1), (x2, y2), colour, thickness, cv2.LINE_AA)
        text = f"{detection['class']} {detection['score']:.2f}"
        place = (x1, max(y1 - 4, 14))
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), thickness + 2, cv2.LINE_AA)
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thickness, cv2.LINE_AA)


def batches_of(photos):
    """Groups of as many photos as a request brings: the file's own number, or one."""
    size = MODEL["input"]["dims"][0]
    size = 1 if size < 0 else size
    for start in range(0, len(photos), size):
        yield photos[start : start + size], size


def read_photo(path):
    data = np.frombuffer(path.read_bytes(), np.uint8)
    flags = cv2.IMREAD_COLOR
    if RECIPE.get("orientation") == "as_stored":
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(data, flags) if data.size else None
    if image is None:
        raise ValueError(f"{path}: is no image that OpenCV reads")
    return image


def detect(args, group, size):
    """One line of results for each photo of a group."""
    images = [read_photo(photo) for photo in group]
    letterboxes = [Letterbox(image) for image in images]
    pad_alike(letterboxes)
    prepared = [prepare(letterbox) for letterbox in letterboxes]
    prepared += [np.zeros_like(prepared[0])] * (size - len(prepared))  # a batch that is not full
    tensors = [(MODEL["input"], np.stack(prepared))]
    if "min_box" in MODEL:
        tensors.append((MODEL["min_box"], least_boxes(letterboxes)))
    outputs = request(args, tensors)
    for index, (photo, image, letterbox) in enumerate(zip(group, images, letterboxes)):
        found = detections_of(outputs, index, letterbox, args.score_thr)
        if args.out:
            draw(image, found)
            path = args.out / (photo.stem + ".png")
            path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
        yield {"image": str(photo), "width": letterbox.width, "height": letterbox.height, "detections": found}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=pathlib.Path, metavar="PHOTO")
    parser.add_argument("--url", default="http://localhost:8000", help="of the server (%(default)s)")
    parser.add_argument("--host", help="name of the service, where a gateway is asked by its address")
    parser.add_argument("--model", default=MODEL["name"], help="the model's name (%(default)s)")
    parser.add_argument("--score-thr", type=float, default=0.3, help="what scores less is left out (%(default)s)")
    parser.add_argument("--protocol", choices=("binary", "json"), default="binary", help="of tensors (%(default)s)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for an answer (%(default)s)")
    parser.add_argument("--out", type=pathlib.Path, help="folder for pictures with the boxes drawn")
    parser.add_argument("--json", help="file for a line of JSON for each photo; - is the standard output")
    return parser.parse_args()


def main():
    args = parse_arguments()
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
    try:
        results = [result for group in batches_of(args.photos) for result in detect(args, *group)]
    except urllib.error.HTTPError as error:
        sys.exit(f"{args.url}: the server says: {error.code} {error.read(2000).decode(errors='replace')}")
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"client.py: {error}")
    lines = "".join(json.dumps(result) + "\n" for result in results)
    if args.json == "-":
        print(lines, end="")
        return
    if args.json:
        pathlib.Path(args.json).write_text(lines)
    for result in results:
        for found in result["detections"]:
            box = " ".join(f"{value:.1f}" for value in found["box"])
            print(f"{result['image']}: {found['class']!r} {found['score']:.3f} at {box}")


if __name__ == "__main__":
    main()
