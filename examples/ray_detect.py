#!/usr/bin/env python3
"""Detects in a folder, or a listing, of images with Ray Data: on one machine or on a cluster.

    ray_detect.py INPUT MODEL.onnx OUTPUT [--actors N] [--threads N] [--batch N] [--score-thr X] [--runtime NAME]

INPUT is a folder (with all folders in it), or a .txt file with a path or an address (s3://..., gs://...) a line; OUTPUT
is a folder, or an address, of Parquet files. A row is an image: `image`, `width`, `height`, `error` (null where all is
well), and the lists `labels`, `classes`, `scores` and `boxes` (x1, y1, x2, y2 in its pixels).

Each actor holds one Detector with `--threads` threads. An actor that dies takes nothing along: Ray gives its images to
another one, and a row is written once. INPUT, MODEL and OUTPUT must be where every machine of the cluster sees them.
"""

import argparse
import pathlib

import cv2
import numpy as np
import pyarrow
import pyarrow.fs
import ray

import yoloport

EXTENSIONS = {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff", ".jp2"}

# Stated, since an image, or a batch of them, without detections does not show what its lists would hold.
SCHEMA = pyarrow.schema(
    [
        ("image", pyarrow.string()),
        ("width", pyarrow.int32()),
        ("height", pyarrow.int32()),
        ("error", pyarrow.string()),
        ("labels", pyarrow.list_(pyarrow.int64())),
        ("classes", pyarrow.list_(pyarrow.string())),
        ("scores", pyarrow.list_(pyarrow.float32())),
        ("boxes", pyarrow.list_(pyarrow.list_(pyarrow.float32()))),
    ]
)


def list_images(source):
    """The images of a folder, in order, or those that a .txt file lists."""
    path = pathlib.Path(source)
    if path.suffix == ".txt":
        lines = path.read_text().splitlines()
        return [line for line in lines if line and not line.startswith("#")]
    return sorted(str(file) for file in path.rglob("*") if file.suffix.lower() in EXTENSIONS)


def read_bytes(name):
    if "://" not in name:
        return pathlib.Path(name).read_bytes()
    filesystem, path = pyarrow.fs.FileSystem.from_uri(name)
    with filesystem.open_input_stream(path) as stream:
        return stream.read()


class DetectBatch:
    """What an actor does: made once, then called with batches of paths."""

    def __init__(self, model, options):
        self.detector = yoloport.Detector(model, **options)

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        return pyarrow.Table.from_pylist([self.detect(name) for name in batch["image"].to_pylist()], schema=SCHEMA)

    def detect(self, name):
        row = {"image": name, "width": 0, "height": 0, "labels": [], "classes": [], "scores": [], "boxes": []}
        try:
            image = cv2.imdecode(np.frombuffer(read_bytes(name), np.uint8), cv2.IMREAD_COLOR)
            if image is None:
                raise yoloport.ImageError(f"'{name}': is no image that can be decoded")
            found = self.detector(image)
        except (yoloport.Error, OSError, cv2.error) as error:
            return {**row, "error": str(error)}  # the others are done
        height, width = image.shape[:2]
        return {
            "image": name, "width": width, "height": height, "error": None, "labels": found.labels.tolist(),
            "classes": found.names, "scores": found.scores.tolist(), "boxes": found.boxes.tolist(),
        }  # fmt: skip


def detect(images, model, output, *, actors=2, batch=16, options=None):
    """Writes the rows of `images` (paths or addresses) as Parquet files into `output`."""
    options = {"threads": 1, **(options or {})}
    # Many more blocks than actors, so that no one waits long for the last, and little is lost with an actor.
    blocks = max(1, min(len(images), max(4 * actors, len(images) // (4 * batch))))
    (
        ray.data.from_items([{"image": image} for image in images], override_num_blocks=blocks)
        .map_batches(
            DetectBatch,
            fn_constructor_args=(model, options),
            batch_size=batch,
            batch_format="pyarrow",
            num_cpus=options["threads"],
            compute=ray.data.ActorPoolStrategy(size=actors),
        )
        .write_parquet(output)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("model")
    parser.add_argument("output")
    parser.add_argument("--actors", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="of each actor")
    parser.add_argument("--batch", type=int, default=16, help="images that an actor is given at once")
    parser.add_argument("--score-thr", type=float, default=0.3)
    parser.add_argument("--runtime", default="onnxruntime")
    options = parser.parse_args()
    images = list_images(options.input)
    if not images:
        parser.error(f"{options.input}: no images")
    ray.init(ignore_reinit_error=True)
    detect(
        images,
        str(pathlib.Path(options.model).absolute()),
        options.output if "://" in options.output else str(pathlib.Path(options.output).absolute()),
        actors=options.actors,
        batch=options.batch,
        options={"threads": options.threads, "score_threshold": options.score_thr, "runtime": options.runtime},
    )


if __name__ == "__main__":
    main()
