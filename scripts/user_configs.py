#!/usr/bin/env python3
"""Configs that users wrote, exported and compared with the real MMYOLO.

    user_configs.py --yoloport build/yoloport --configs FOLDER [--list FILE] [--jobs N]

Runs in a Python with the real MMYOLO, mmdet and onnxruntime. Each .py below FOLDER that MMEngine reads as a detector's
config is built by MMYOLO, with random weights; what MMYOLO cannot build by itself - modules of the user's own, bases
that are missing - is left out and counted. The checkpoint that MMYOLO saves of it is exported by `yoloport export
--model-only` from the user's config file - where its bases are not to be found, from the checkpoint's own config - and
run in ONNX Runtime. Raw outputs must be within 1e-4 of the largest magnitude of what MMYOLO gives in float64, or, as
random weights of large networks blow up float32's last bits, within twice MMYOLO's own float32 outputs' distance.

Prints a table in Markdown: file, family, result, the worst difference, MMYOLO's own in float32; then what was left out,
by reason. Exit code 1: something differs or was refused. FOLDER stays out of the repository: its files are other
people's.
"""

import argparse
import collections
import contextlib
import copy
import io
import multiprocessing
import pathlib
import re
import subprocess
import sys
import tempfile

TOLERANCE = 1e-4
LARGEST_NOISE = 1e-2  # of MMYOLO's own float32: above it nothing is compared
SIZE = (96, 128)


def prepare():
    """Once a process: torch is slow to import and greedy for threads."""
    import torch
    from mmyolo.utils import register_all_modules

    torch.set_num_threads(1)
    register_all_modules()


class LeftOut(Exception):
    """MMYOLO itself does not build it."""


def first_line(text):
    return next((line for line in str(text).strip().splitlines() if line.strip()), "")[:160]


def read(path):
    """MMEngine's reading of a config, quiet."""
    from mmengine.config import Config

    with contextlib.redirect_stdout(io.StringIO()):
        config = Config.fromfile(str(path), import_custom_modules=False)
    if "model" not in config or "bbox_head" not in config.model:
        raise LeftOut("no detector in it")
    return config


def without(node, key):
    """A copy without `key` anywhere."""
    if isinstance(node, dict):
        return type(node)({name: without(value, key) for name, value in node.items() if name != key})
    if isinstance(node, (list, tuple)):
        return type(node)(without(item, key) for item in node)
    return node


def build(config):
    from mmengine.registry import init_default_scope
    from mmyolo.registry import MODELS

    model = without(copy.deepcopy(config.model), "init_cfg")
    model.train_cfg = None
    init_default_scope("mmyolo")
    with contextlib.redirect_stdout(io.StringIO()):
        return MODELS.build(model)


def randomize(model, images):
    from block_parity import randomize as of_blocks

    of_blocks(model, images)


def strides(model):
    return [stride if isinstance(stride, int) else stride[0] for stride in model.bbox_head.prior_generator.strides]


def channels_of(config):
    backbone = config.model.backbone
    return backbone.get("input_channels", backbone.get("in_channels", 3))


def export(yoloport, arguments, file):
    command = [yoloport, "export", *arguments, "--model-only", "--quiet", "--img-size", *map(str, file[1]), "--output",
               file[0]]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def compare(path, yoloport):
    """Family, result in words, worst difference and MMYOLO's own (or None)."""
    import torch
    from block_parity import raw_outputs

    try:
        config = read(path)
    except LeftOut:
        raise
    except Exception as error:
        raise LeftOut(f"MMEngine: {type(error).__name__}: {re.sub('[^ ]*/', '', first_line(error))}") from None
    torch.manual_seed(0)
    try:
        model = build(config)
        largest = max(strides(model))
        size = tuple(-(-side // largest) * largest for side in SIZE)
        images = torch.rand(4, channels_of(config), *size)
        randomize(model, images)
        state = copy.deepcopy(model.state_dict())
        single = [level.numpy() for level in raw_outputs(model, images[:1])]
        exact = [level.numpy() for level in raw_outputs(model.double(), images[:1].double())]
    except Exception as error:
        raise LeftOut(f"MMYOLO: {type(error).__name__}: {first_line(error)}") from None
    family = ", ".join(type(part).__name__ for part in (model.backbone, model.neck, model.bbox_head))
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, file = pathlib.Path(folder) / "checkpoint.pth", pathlib.Path(folder) / "raw.onnx"
        torch.save(dict(meta=dict(cfg=config.pretty_text), state_dict=state), checkpoint)
        result = export(yoloport, [path, checkpoint], (file, size))
        how = "its own file"
        if result.returncode != 0 and "leave the config file out" in result.stderr:
            result, how = export(yoloport, [checkpoint], (file, size)), "the checkpoint's config"
        if result.returncode != 0:
            return family, first_line(result.stderr), None, None
        return family, how, difference(run_onnx(file, images[:1].numpy()), exact), difference(single, exact)


def run_onnx(file, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.run(None, {"images": images})


def difference(actual, expected):
    if [level.shape for level in actual] != [level.shape for level in expected]:
        return float("inf")
    return max(float(abs(one - other).max() / abs(one).max()) for one, other in zip(expected, actual))


def run(task):
    path, yoloport = task
    try:
        return path, *compare(path, yoloport)
    except LeftOut as error:
        return path, None, str(error), None, None
    except Exception as error:  # the others go on
        return path, "?", f"{type(error).__name__}: {first_line(error)}", None, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--configs", type=pathlib.Path, required=True)
    parser.add_argument("--list", type=pathlib.Path, help="paths below FOLDER, one a line, instead of all")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    files = sorted(args.configs.rglob("*.py"))
    if args.list:
        files = [args.configs / line for line in args.list.read_text().split("\n") if line]
    tasks = [(path, args.yoloport.absolute()) for path in files]
    failed, compared, left_out = 0, 0, collections.Counter()
    print("| file | backbone, neck, head | result | worst difference | MMYOLO's own |\n| --- | --- | --- | --- | --- |")
    with multiprocessing.get_context("spawn").Pool(args.jobs, prepare) as pool:
        for path, family, result, worst, own in pool.imap(run, tasks):
            if family is None:
                left_out[result] += 1
                continue
            compared += 1
            is_good = worst is not None and own <= LARGEST_NOISE and worst <= max(TOLERANCE, 2 * own)
            failed += not is_good
            shown = "- | -" if worst is None else f"{worst:.1e} | {own:.1e}"
            print(f"| {path.relative_to(args.configs)} | {family} | {'' if is_good else '**'}{result}"
                  f"{'' if is_good else '**'} | {shown} |", flush=True)
    print(f"\n{compared} compared, {failed} refused or different, {sum(left_out.values())} left out:\n")
    for reason, count in left_out.most_common():
        print(f"- {count}: {reason}")
    return failed > 0


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    sys.exit(main())
