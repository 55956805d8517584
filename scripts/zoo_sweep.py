#!/usr/bin/env python3
"""Exports every plain detection config of the MMYOLO zoo, from checkpoints made up for the purpose.

    VENV/bin/python scripts/zoo_sweep.py --oracle DIR --configs DIR --yoloport build/yoloport

The Python must have torch, onnx and onnxruntime; mmyolo itself is not imported. --oracle is the folder
of zoo.json.gz (every state_dict key of each config with its shape), --configs that of the mmyolo
package's configs (mmyolo/.mim/configs). For each config a checkpoint with these keys and random weights
is written, `yoloport export` is run on it with and without --model-only, and both files are checked with
onnx.checker and run once in ONNX Runtime: names, types and shapes of the outputs, nothing infinite,
detections ordered and padded. The checkpoint and the files are removed before the next config.

Prints one row a config and `N passed, N failed`. Exit code 0: all passed.
"""

import argparse
import concurrent.futures
import gzip
import json
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

KEEP_TOPK = 100

# Lists of a head module whose layers end in a level's raw outputs, one channel a row of their last
# weight; and channels that come without one: YOLOv6's box is always 4, whatever its distribution.
RAW_OUTPUTS = {
    "YOLOv5Head": (["convs_pred"], 0),
    "YOLOv6Head": (["cls_preds"], 4),
    "YOLOv7Head": (["convs_pred", "main_convs_pred"], 0),
    "YOLOv8Head": (["cls_preds", "reg_preds"], 0),
    "YOLOXHead": (["multi_level_conv_cls", "multi_level_conv_reg", "multi_level_conv_obj"], 0),
    "RTMDetHead": (["rtm_cls", "rtm_reg"], 0),
    "PPYOLOEHead": (["cls_preds", "reg_preds"], 0),
}


class Failure(Exception):
    pass


def raw_channels(head, keys):
    """The channels of each level's raw output."""
    lists, channels = RAW_OUTPUTS[head]
    last = {}  # (list, level) -> rows of the last convolution, keys being in the order of layers
    for key, (_, shape) in keys.items():
        match = re.match(r"bbox_head\.head_module\.(\w+)\.(\d+)\.(?:.+\.)?weight$", key)
        if match and match[1] in lists and len(shape) == 4:
            last[match[1], int(match[2])] = shape[0]
    levels = 1 + max(level for _, level in last)
    return [channels + sum(rows for (_, at), rows in last.items() if at == level) for level in range(levels)]


def random_state(keys, seed):
    """Weights that keep a signal's size about the same through any depth."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    state = {}
    for key, (dtype, shape) in keys.items():
        name = key.rsplit(".", 1)[-1]
        if name == "num_batches_tracked":
            tensor = torch.tensor(1000)
        elif name == "running_var":
            tensor = torch.ones(shape)
        elif name == "weight" and len(shape) == 4:
            fan_in = max(1, shape[1] * shape[2] * shape[3])
            tensor = torch.empty(shape).uniform_(-1, 1, generator=generator) * (3 / fan_in) ** 0.5
        elif name in ("weight", "alpha"):
            tensor = torch.empty(shape).uniform_(0.8, 1.2, generator=generator)
        else:  # biases, running means, implicit layers
            tensor = torch.empty(shape).uniform_(-0.1, 0.1, generator=generator)
        state[key] = tensor.to(getattr(torch, dtype))
    return state


def export(settings, config, checkpoint, output, *options):
    """Runs yoloport and returns the seconds it took."""
    height, width = settings.img_size
    command = [settings.yoloport, "export", config, checkpoint, "--output", output, "--quiet"]
    command += ["--img-size", str(height), str(width), "--batch-size", str(settings.batch_size)]
    command += ["--keep-topk", str(KEEP_TOPK), *options]
    command += [text for path in settings.package_path for text in ("--package-path", path)]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"export {' '.join(options)}: exit code {done.returncode}\n{done.stderr.strip()}")
    return time.monotonic() - start


def run(settings, file):
    """Checks the file and runs it; gives its outputs by name, in order, and its number of nodes."""
    import numpy
    import onnx
    import onnxruntime

    onnx.checker.check_model(file, full_check=True)
    nodes = len(onnx.load(file).graph.node)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    images = numpy.random.default_rng(0).random((settings.batch_size, 3, *settings.img_size), numpy.float32)
    values = session.run(None, {"images": images})
    return dict(zip([output.name for output in session.get_outputs()], values)), nodes


def require_outputs(outputs, expected):
    """`expected`: name -> (element type, shape), in order."""
    import numpy

    found = {name: (str(value.dtype), value.shape) for name, value in outputs.items()}
    if list(found.items()) != list(expected.items()):
        raise Failure(f"outputs are {found}\nbut should be {expected}")
    for name, value in outputs.items():
        if not numpy.isfinite(value).all():
            raise Failure(f"{name} holds what is no finite number")


def check_raw(settings, outputs, channels):
    height, width = settings.img_size
    expected = {}
    for level, count in enumerate(channels):
        stride = 8 << level
        shape = (settings.batch_size, count, height // stride, width // stride)
        expected[f"output{level}"] = ("float32", shape)
    require_outputs(outputs, expected)


def check_detections(settings, outputs):
    """Returns the number of detections of all images."""
    images, keep = settings.batch_size, KEEP_TOPK
    expected = {"num_dets": ("int64", (images, 1)), "boxes": ("float32", (images, keep, 4))}
    expected |= {"scores": ("float32", (images, keep)), "labels": ("int32", (images, keep))}
    require_outputs(outputs, expected)
    for image, count in enumerate(outputs["num_dets"][:, 0]):
        boxes, scores, labels = (outputs[name][image] for name in ("boxes", "scores", "labels"))
        if (scores[1:] > scores[:-1]).any():
            raise Failure("scores do not fall")
        if (labels[:count] < 0).any() or (scores[:count] <= 0.25).any():
            raise Failure("a detection has no label, or a score that is not above the threshold")
        if (labels[count:] != -1).any() or scores[count:].any() or boxes[count:].any():
            raise Failure("rows after the last detection are not 0, 0, -1")
    return int(outputs["num_dets"].sum())


def sweep_one(settings, name, entry):
    """Returns the columns of a row and the text of what went wrong, "" for nothing."""
    import torch

    torch.set_num_threads(1)
    row = {"params": entry["params"]}
    with tempfile.TemporaryDirectory(prefix="zoo_sweep_", dir=settings.work_dir) as folder:
        checkpoint, raw, whole = (os.path.join(folder, file) for file in ("made.pth", "raw.onnx", "whole.onnx"))
        try:
            config = os.path.join(settings.configs, name)
            torch.save({"meta": {}, "state_dict": random_state(entry["keys"], seed=0)}, checkpoint)
            row["seconds"] = export(settings, config, checkpoint, whole)
            outputs, row["nodes"] = run(settings, whole)
            found = check_detections(settings, outputs)
            os.remove(whole)
            export(settings, config, checkpoint, raw, "--model-only")
            outputs, row["raw_nodes"] = run(settings, raw)
            check_raw(settings, outputs, raw_channels(entry["head"], entry["keys"]))
            levels = "+".join(str(value.shape[1]) for value in outputs.values())
            row["result"] = f"ok, {found} detections, raw channels {levels}"
        except Failure as failure:
            return row, str(failure)
        except Exception as error:  # the checker's, the runtime's: each has its own
            return row, f"{type(error).__name__}: {error}"
    return row, ""


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--oracle", required=True, type=pathlib.Path, help="folder of zoo.json.gz")
    parser.add_argument("--configs", required=True, type=pathlib.Path, help="mmyolo/.mim/configs")
    parser.add_argument("--yoloport", default="build/yoloport")
    parser.add_argument("--only", default="", help="regular expression found in a config's name")
    parser.add_argument("--jobs", type=int, default=1, help="each takes up to about 3 GB of memory")
    parser.add_argument("--img-size", type=int, nargs=2, default=[192, 256], metavar=("H", "W"))
    parser.add_argument("--batch-size", type=int, default=2)
    parser.add_argument("--package-path", action="append", default=[], metavar="PKG=DIR")
    parser.add_argument("--work-dir", help="for what is removed again; default the system's")
    return parser.parse_args()


def cell(value, form):
    return format(value, form) if value is not None else format("-", form.split(".")[0].rstrip("d"))


def print_row(name, row, failure, width):
    seconds, params = row.get("seconds"), row["params"] / 1e6
    print(f"{name:{width}} {params:9.2f} {cell(row.get('nodes'), '6d')} {cell(row.get('raw_nodes'), '6d')} "
          f"{cell(seconds, '7.2f')}  {row['result'] if not failure else 'FAILED'}")
    for line in failure.splitlines():
        print("    " + line)
    sys.stdout.flush()


def main():
    settings = parse_arguments()
    with gzip.open(settings.oracle / "zoo.json.gz", "rt", encoding="utf-8") as file:
        zoo = json.load(file)
    # Names are paths below "configs/", the folder that --configs is.
    plain = {name.removeprefix("configs/"): entry for name, entry in zoo.items() if entry["head"] in RAW_OUTPUTS}
    chosen = {name: entry for name, entry in plain.items() if re.search(settings.only, name)}
    if not chosen:
        sys.exit(f"no config of {len(plain)} matches {settings.only!r}")
    width = max(len(name) for name in chosen)
    print(f"{'config':{width}} M params  nodes    raw seconds  result", flush=True)
    failed = 0
    context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    with concurrent.futures.ProcessPoolExecutor(settings.jobs, mp_context=context) as pool:
        futures = [pool.submit(sweep_one, settings, name, entry) for name, entry in chosen.items()]
        for name, future in zip(chosen, futures):
            row, failure = future.result()
            failed += bool(failure)
            print_row(name, row, failure, width)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
