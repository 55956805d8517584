#!/usr/bin/env python3
"""Checks the folders that `yoloport package` writes, with Triton's own protobuf and by running them.

    check_package.py --yoloport build/yoloport --out FOLDER [--config CONFIG --checkpoint CHECKPOINT] PHOTO...

Runs in a Python with tritonclient[grpc], onnxruntime, numpy, opencv-python-headless and pyyaml. Exports the
network (the demo's) in fixed and open shapes, for each backend and layout, and packages each file for
every server that takes it. Then

- every config.pbtxt is parsed with tritonclient's ModelConfig and held to the rules of docs/serving.md;
- config.json, inferenceservice.yaml and config_infer.txt are parsed by their formats' parsers and held to theirs;
- every client.py asks a stand-in server, which speaks the KServe v2 protocol and runs the packaged model with
  ONNX Runtime (those for TensorRT need a GPU: only their files are checked), in binary and in JSON, and
  must give the detections of `yoloport detect` with the same file.

Prints a line a package and exits 1 where anything differs.
"""

import argparse
import configparser
import json
import math
import pathlib
import shutil
import subprocess
import sys

import onnxruntime
import yaml
from compare_detections import match, read_ours
from google.protobuf import text_format
from kserve_stand_in import StandIn
from tritonclient.grpc.model_config_pb2 import DataType, ModelConfig

SIZE = ["--img-size", "320"]
# A test pipeline whose input turns with the image.
TURNING_SIZE = ["--img-size", "256", "320", "--dynamic", "height,width"]
TURNING = """_base_ = [{base!r}]
_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='mmdet.Resize', scale=(320, 256), keep_ratio=True),
    {pad}
    dict(type='mmdet.PackDetInputs')]
test_dataloader = dict(dataset=dict(pipeline=_pipeline))
"""
PADDING = {
    "turning": "",
    "turning-pad": "dict(type='mmdet.Pad', size=(320, 256), pad_val=dict(img=114)),",
    "turning-square": "dict(type='mmdet.Pad', pad_to_square=True, pad_val=dict(img=114)),",
}
SHAPES = {
    "fixed": [],
    "batch-of-2": ["--batch-size", "2"],
    "any-batch": ["--dynamic", "batch"],
    "any-size": ["--dynamic", "height,width"],
    "any": ["--dynamic", "batch,height,width"],
}
# More files, of the backend onnxruntime: name -> options.
MORE = {
    "uint8": ["--input", "uint8", "--input-layout", "nhwc", "--dynamic", "batch"],
    "thresholds": ["--runtime-thresholds", "--dynamic", "batch"],
    "half": ["--half"],
    "ultralytics": ["--layout", "ultralytics", "--dynamic", "batch"],
    "mmdeploy": ["--layout", "mmdeploy"],
}
# Files whose optional input Triton takes, and OpenVINO does not.
LEAST_BOX = {
    "least-box": ["--dynamic", "batch"],
    "least-box-of-2": ["--batch-size", "2"],
}
TARGETS = {
    "onnxruntime": ["triton", "ovms", "kserve"],
    "openvino": ["triton", "ovms", "kserve"],
    "tensorrt8": ["triton", "kserve", "deepstream"],
}
TOLERANCE = argparse.Namespace(score=1e-3, iou=0.99)
ORT_TYPES = {"tensor(float)": "TYPE_FP32", "tensor(uint8)": "TYPE_UINT8", "tensor(int64)": "TYPE_INT64",
             "tensor(int32)": "TYPE_INT32"}


def require(condition, what):
    if not condition:
        raise AssertionError(what)


def fits(dims, concrete):
    return len(dims) == len(concrete) and all(d in (-1, c) for d, c in zip(dims, concrete))


def file_tensors(session):
    """{name: (Triton's type, dims)} of a file's inputs and outputs."""
    known = lambda shape: [extent if isinstance(extent, int) else -1 for extent in shape]
    values = session.get_inputs() + session.get_outputs()
    return {value.name: (ORT_TYPES[value.type], known(value.shape)) for value in values}


def inspected_tensors(inspected):
    """The same, by the program's word: of files that ONNX Runtime cannot load."""
    types = {"float32": "TYPE_FP32", "int32": "TYPE_INT32"}
    known = lambda shape: [extent if isinstance(extent, int) else -1 for extent in shape]
    values = inspected["inputs"] + inspected["outputs"]
    return {value["name"]: (types[value["dtype"]], known(value["shape"])) for value in values}


def check_triton(folder, backend, expected):
    """The rules of docs/serving.md; `expected` are the file's own tensors."""
    (model,) = (folder / "models").iterdir()
    config = text_format.Parse((model / "config.pbtxt").read_text(), ModelConfig())
    require(config.name == model.name, "the name is not the folder's")
    require(config.backend == ("tensorrt" if backend == "tensorrt8" else backend), "the backend is another")
    require(backend != "openvino" or config.default_model_filename == "model.onnx", "OpenVINO finds no file")
    require(backend != "openvino" or config.max_batch_size == 0, "OpenVINO would fix the batch")
    if backend == "tensorrt8":
        require((model / "1").is_dir() and (folder / "build_engine.sh").stat().st_mode & 0o100, "no way to an engine")
        if config.max_batch_size:
            require(f"images:{config.max_batch_size}x" in (folder / "build_engine.sh").read_text(), "profile is less")
    else:
        require((model / "1" / "model.onnx").is_file(), "there is no model")
    require(config.HasField("dynamic_batching") == (config.max_batch_size > 0), "batching without a batch")
    tensors = [*config.input, *config.output]
    require(all(len(tensor.dims) > 0 for tensor in tensors), "dims are empty")
    optional = [tensor for tensor in config.input if tensor.optional]
    require(not optional or backend == "onnxruntime" and not config.max_batch_size, "an optional input is refused")
    tensors = [tensor for tensor in tensors if tensor not in optional]
    for tensor in tensors:
        if getattr(tensor, "label_filename", ""):
            require((model / tensor.label_filename).is_file(), "there are no labels")
    told = {t.name: (DataType.Name(t.data_type), list(t.dims)) for t in tensors}
    if config.max_batch_size:
        require(all(dims[0] == -1 for _, dims in expected.values()), "a fixed batch is batched")
        expected = {name: (kind, dims[1:]) for name, (kind, dims) in expected.items()}
    else:
        batches = any(dims[0] == -1 for _, dims in expected.values())
        require(not batches or backend == "openvino" or optional, "an open batch is not batched")
    require(told == expected, f"tensors are {told}, not {expected}")
    (warmup,) = config.model_warmup
    blank = warmup.inputs["images"]
    require(fits(list(config.input[0].dims), list(blank.dims)), "the warm-up does not fit")
    require(blank.data_type == config.input[0].data_type and warmup.batch_size == 1, "the warm-up is of another type")
    return model / "1" / "model.onnx", config


def check_ovms(folder):
    (entry,) = json.loads((folder / "config.json").read_text())["model_config_list"]
    config = entry["config"]
    require(config["base_path"] == "/models/" + config["name"], "base_path is not within the container's folder")
    return folder / config["name"] / "1" / "model.onnx", None


def check_kserve(folder, backend, expected):
    service = yaml.safe_load((folder / "inferenceservice.yaml").read_text())
    model = service["spec"]["predictor"]["model"]
    require(service["kind"] == "InferenceService" and model["protocolVersion"] == "v2", "is no InferenceService of v2")
    require(model["modelFormat"]["name"] == ("tensorrt" if backend == "tensorrt8" else "onnx"), "format")
    path, config = check_triton(folder, backend, expected)
    require(service["metadata"]["name"] == config.name, "the service and its model have two names")
    return path, config


def check_deepstream(folder, document):
    parser = configparser.ConfigParser(comment_prefixes=("#",), interpolation=None)
    parser.read_string((folder / "config_infer.txt").read_text())
    keys = parser["property"]
    recipe = document["recipe"]
    labels = (folder / "labels.txt").read_text().splitlines()
    require(int(keys["num-detected-classes"]) == len(document["classes"]) == len(labels), "classes")
    require(int(keys["cluster-mode"]) == 4 and (folder / keys["onnx-file"]).is_file(), "keys")
    require(int(keys["model-color-format"]) == (0 if recipe["rgb"] else 1), "colours")
    offsets = [float(number) for number in keys.get("offsets", "0;0;0").split(";")]
    for pixel in (0, 1, 255):
        for offset, mean, std in zip(offsets, recipe["mean"], recipe["std"]):
            require(math.isclose(float(keys["net-scale-factor"]) * (pixel - offset), (pixel - mean) / std,
                                 rel_tol=1e-6, abs_tol=1e-6), "normalisation")


def ask(args, folder, port, *options):
    command = [sys.executable, folder / "client.py", *args.photos, "--url", f"http://127.0.0.1:{port}",
               "--json", "-", "--score-thr", "0.3", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = args.out / "client.jsonl"
    lines.write_text(done.stdout)
    return read_ours(lines)


def check_client(args, folder, model, config, expected):
    with StandIn(model, config) as server:
        for protocol in ("binary", "json"):
            pictures = args.out / "pictures"
            found = ask(args, folder, server.port, "--protocol", protocol, "--out", pictures)
            for photo, detections in expected.items():
                missing, more = match(detections, found[photo], TOLERANCE)
                require(not missing and not more, f"{photo}: {len(missing)} missing, {len(more)} more by {protocol}")
                require((pictures / (pathlib.Path(photo).stem + ".png")).is_file(), "no picture")
    return sum(map(len, expected.values()))


def check_file(args, name, backend, options, size=SIZE, config=None, targets=None):
    """Exports one file and checks its packages. Gives the names of those that fail."""
    model = args.out / f"{name}.onnx"
    export = [args.yoloport, "export", config or args.config, args.checkpoint, *size, "--backend", backend, *options]
    subprocess.run([*export, "--quiet", "--output", model], check=True)
    inspected = json.loads(subprocess.check_output([args.yoloport, "inspect", model, "--json"]))
    expected = None
    if backend == "tensorrt8":
        tensors = inspected_tensors(inspected)
    else:
        session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        tensors = file_tensors(session)
        lines = args.out / "ours.jsonl"
        detect = [args.yoloport, "detect", *args.photos, model, "--json", lines, "--no-save", "--quiet"]
        subprocess.run([*detect, "--score-thr", "0.3"], check=True)
        expected = read_ours(lines)
        require(sum(map(len, expected.values())) > 0, "nothing is found on the photos")
    failed = []
    for target in targets or TARGETS[backend]:
        folder = args.out / f"{name}-{target}"
        package = [args.yoloport, "package", model, "--target", target, "--output", folder, "--quiet"]
        try:
            subprocess.run(package, check=True)
            if target == "deepstream":
                check_deepstream(folder, inspected["yoloport"])
                count = 0
            else:
                check = {"triton": check_triton, "kserve": check_kserve}.get(target)
                path, config = check(folder, backend, tensors) if check else check_ovms(folder)
                count = check_client(args, folder, path, config, expected) if expected else 0
            print(f"{name:24} {target:10} ok" + (f", {count} detections twice" if count else ""), flush=True)
        except (AssertionError, subprocess.CalledProcessError, text_format.ParseError) as error:
            print(f"{name:24} {target:10} FAILED: {error} {getattr(error, 'stderr', '')}", flush=True)
            failed.append(f"{name}-{target}")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="made anew")
    parser.add_argument("--config", type=pathlib.Path, default=root / "demo/config.py")
    parser.add_argument("--min-box-size", type=float, default=24, help="one that leaves out something (%(default)s)")
    parser.add_argument("--checkpoint", type=pathlib.Path, default=root / "demo/digits.pth")
    args = parser.parse_args()
    if args.out.exists() and not (args.out / "made-by-check_package").exists():
        sys.exit(f"{args.out} is there and not from an earlier run")
    shutil.rmtree(args.out, ignore_errors=True)
    args.out.mkdir(parents=True)
    (args.out / "made-by-check_package").touch()
    failed = []
    for backend in TARGETS:
        for shape, options in SHAPES.items():
            failed += check_file(args, f"{backend}-{shape}", backend, options)
    for name, options in MORE.items():
        failed += check_file(args, name, "onnxruntime", options)
    for name, options in LEAST_BOX.items():
        options = [*options, "--min-box-size", str(args.min_box_size)]
        failed += check_file(args, name, "onnxruntime", options, targets=["triton", "kserve"])
    for name, padding in PADDING.items():
        config = args.out / (name.replace("-", "_") + ".py")
        config.write_text(TURNING.format(base=str(args.config.resolve()), pad=padding))
        for backend in TARGETS:
            targets = [target for target in TARGETS[backend] if target != "deepstream"]
            failed += check_file(args, f"{name}-{backend}", backend, [], TURNING_SIZE, config, targets)
    failed += check_file(args, "efficientnms", "tensorrt8", ["--layout", "efficientnms"])
    print("failed:", ", ".join(failed) if failed else "none")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
