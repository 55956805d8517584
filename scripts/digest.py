#!/usr/bin/env python3
"""What the program gives today, as one list of checksums to compare with tomorrow's.

    digest.py make --yoloport build/yoloport --cases CASES [--real REAL] > before.txt
    digest.py compare before.txt after.txt

`make` prints a line "NAME SHA256" for each of these, sorted:

    export/CASE/BACKEND/VARIANT/FILE   every file of an export of every folder in CASES (config.py and checkpoint.pth),
                                       for every backend and variant; where one is refused, the message ("refused")
    inspect/CASE/...                   what `inspect` says of the config, the checkpoint and the plain file
    package/TARGET/FILE                the demo's network packaged for each server
    detect/RUNTIME/VARIANT             `detect`'s JSON on the photos in REAL, with the trained network there

CASES: testdata/parity, or a folder of recorded cases (see tests/parity/parity_test.cc). REAL: a folder with photos,
yolov5n_coco.py and yolov5n_coco.pth. The same program gives the same list, whatever folders it works in. `compare`
names what is new, gone and changed, and ends with 1 where there is anything.
"""

import argparse
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
BACKENDS = "onnxruntime openvino tensorrt8 tensorrt7 ncnn horizonx3 rknn ax620a coreml pplnn torchscript tvm".split()
VARIANTS = {
    "plain": "",
    "model-only": "--model-only",
    "batch": "--batch 2",
    "opset": "--opset 17",
    "dynamic": "--dynamic batch,height,width",
    "dynamic-batch": "--dynamic batch",
    "runtime-thresholds": "--runtime-thresholds",
    "agnostic": "--class-agnostic",
    "few": "--pre-topk 50 --keep-topk 10 --iou-threshold 0.4 --score-threshold 0.1",
    "test-cfg": "--from-test-cfg",
    "uint8": "--input uint8",
    "uint8-nhwc-rgb": "--input uint8 --input-layout nhwc --input-color rgb",
    "half": "--half",
    "ultralytics": "--layout ultralytics",
    "mmdeploy": "--layout mmdeploy",
    "efficientnms": "--layout efficientnms",
}
PACKAGES = {
    "triton": "onnxruntime",
    "kserve": "onnxruntime",
    "ovms": "openvino",
    "deepstream": "tensorrt8",
}
DETECTIONS = {
    "plain": "",
    "model-only": "--model-only",
    "dynamic": "--dynamic batch,height,width",
    "uint8": "--input uint8",
    "half": "--half",
    "ultralytics": "--layout ultralytics",
}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def hashes_of(folder):
    """Of each file below a folder, by its path there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()) for path in files}


class Digest:
    def __init__(self, args, scratch):
        self.program = args.yoloport.resolve()
        self.cases = sorted(case for case in args.cases.resolve().iterdir() if (case / "checkpoint.pth").exists())
        self.real = args.real and args.real.resolve()
        self.scratch = scratch

    def run(self, folder, *arguments):
        """Exit code and what was printed, without the names of folders that differ from run to run."""
        done = subprocess.run(
            [self.program, *map(str, arguments)], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        return done.returncode, done.stdout.replace(str(self.scratch).encode(), b"OUT")

    def files_of(self, name, folder, *arguments):
        """The files that a command fills a new folder with, or its refusal. It stands as OUT in the arguments."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as out:
            given = [str(argument).replace("OUT", out) for argument in arguments]
            code, printed = self.run(folder, *given)
            if code != 0:
                return {f"{name}/refused": sha256(printed.replace(out.encode(), b"OUT"))}
            return {f"{name}/{file}": value for file, value in hashes_of(pathlib.Path(out)).items()}

    def export(self, case, backend, variant):
        return self.files_of(
            f"export/{case.name}/{backend}/{variant}", case, "export", "config.py", "checkpoint.pth", "--quiet",
            "--img-size", "128", "192", "--backend", backend, *VARIANTS[variant].split(), "--output", "OUT/model.onnx",
        )  # fmt: skip

    def inspect(self, case):
        result = {}
        for file in ("config.py", "checkpoint.pth"):
            result[f"inspect/{case.name}/{file}"] = sha256(self.run(case, "inspect", file)[1])
        with tempfile.TemporaryDirectory(dir=self.scratch) as out:
            options = ("--quiet", "--img-size", "128", "--output", f"{out}/model.onnx")
            if self.run(case, "export", "config.py", "checkpoint.pth", *options)[0] == 0:
                for form in ((), ("--json",)):
                    said = self.run(pathlib.Path(out), "inspect", "model.onnx", *form)[1]
                    result[f"inspect/{case.name}/model.onnx{''.join(form)}"] = sha256(said)
        return result

    def package(self, target):
        model = self.scratch / f"{target}.onnx"
        layout = "efficientnms" if target == "deepstream" else "mmyolo"
        self.run(
            ROOT / "demo", "export", "config.py", "digits.pth", "--quiet", "--img-size", "320", "--dynamic", "batch",
            "--backend", PACKAGES[target], "--layout", layout, "--output", model,
        )  # fmt: skip
        return self.files_of(
            f"package/{target}", self.scratch, "package", model.name, "--quiet", "--target", target, "--output", "OUT/p"
        )

    def detect(self, runtime, variant):
        model = self.scratch / f"{runtime}-{variant}.onnx"
        self.run(
            self.real, "export", "yolov5n_coco.py", "yolov5n_coco.pth", "--quiet", *DETECTIONS[variant].split(),
            "--output", model,
        )  # fmt: skip
        photos = sorted(path.name for path in self.real.glob("*.jpg"))
        _, lines = self.run(
            self.real, "detect", *photos, model, "--runtime", runtime, "--json", "-", "--no-save", "--quiet"
        )
        return {f"detect/{runtime}/{variant}": sha256(lines)}

    def jobs(self):
        for case in self.cases:
            yield self.inspect, case
            for backend in BACKENDS:
                for variant in VARIANTS:
                    yield self.export, case, backend, variant
        for target in PACKAGES:
            yield self.package, target
        for runtime in ("onnxruntime", "openvino") if self.real else ():
            for variant in DETECTIONS:
                yield self.detect, runtime, variant


def make(args):
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(args.jobs) as pool:
        digest = Digest(args, pathlib.Path(scratch))
        rows = {}
        for part in pool.map(lambda job: job[0](*job[1:]), digest.jobs()):
            rows.update(part)
    print("\n".join(f"{name} {value}" for name, value in sorted(rows.items())))


def read(path):
    return dict(line.rsplit(" ", 1) for line in path.read_text().splitlines())


def compare(args):
    before, after = read(args.before), read(args.after)
    told = [f"gone {name}" for name in before if name not in after]
    told += [f"new {name}" for name in after if name not in before]
    told += [f"changed {name}" for name in before if name in after and before[name] != after[name]]
    print("\n".join([*sorted(told), f"{len(told)} of {len(before.keys() | after.keys())} differ"]))
    sys.exit(bool(told))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make")
    making.add_argument("--yoloport", type=pathlib.Path, default=ROOT / "build/yoloport")
    making.add_argument("--cases", type=pathlib.Path, default=ROOT / "testdata/parity")
    making.add_argument("--real", type=pathlib.Path)
    making.add_argument("--jobs", type=int, default=2)
    making.set_defaults(do=make)
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=pathlib.Path)
    comparing.add_argument("after", type=pathlib.Path)
    comparing.set_defaults(do=compare)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    main()
