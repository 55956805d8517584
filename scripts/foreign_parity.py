#!/usr/bin/env python3
"""Files of other programs in `yoloport detect` against those programs themselves, on photos.

    foreign_parity.py --yoloport build/yoloport --photos FOLDER --out FOLDER [--ultralytics NAME_OR_FILE.pt ...]
        [--variants "onnx,onnx dynamic,onnx nms,openvino"] [--yolox REPOSITORY [--yolox-names yolox-nano ...]]
        [--yolov5 REPOSITORY [--yolov5-names yolov5n ...]]
        [--easydeploy MMYOLO_REPOSITORY CONFIG CHECKPOINT TYPE]

Runs in a Python where torch, onnxruntime and what is asked for are installed (ultralytics; mmyolo; what YOLOX imports);
nothing of these programs is part of yoloport. Networks are those of the names with random weights, or trained ones;
foreign_models.py makes the files by the programs' own exporters and runs the programs' own code on them. Each detection
must have a partner of its own: label equal, score within 0.01, IoU at least 0.98; none may be left over. Photos are
handed over as PNG, for JPEG decoders differ by a grey level. Prints a line a file and exits 1 where anything differs.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import foreign_models
from compare_detections import match, read_ours
from photos import as_png

TOLERANCE = argparse.Namespace(score=0.01, iou=0.98)


def ours(args, model, options):
    if model.is_dir():
        model = next(model.glob("*.xml"))
    lines = args.out / "ours.jsonl"
    command = [args.yoloport, "detect", *args.photos, model, "--json", lines, "--no-save"]
    done = subprocess.run(
        [*map(str, command), "--score-thr", str(foreign_models.CONFIDENCE), *options], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{model}: {done.stderr}")
    return read_ours(lines), done.stderr.strip()


def compare(args, name, model, theirs, options=()):
    """Whether a detection of either side has no partner; prints a line."""
    expected = theirs()
    actual, notes = ours(args, model, options)
    without = []
    for photo in expected:
        missing, more = match(expected[photo], actual[photo], TOLERANCE)
        without += [("missing", photo, each) for each in missing] + [("more", photo, each) for each in more]
    count = sum(map(len, expected.values()))
    print(f"{name:34} {count:5} detections, {len(without)} without a partner", flush=True)
    if args.verbose:
        print("   ", notes)
    for what, photo, each in without[:6]:
        print(f"    {what} in {photo}: {json.dumps(each)}")
    return count == 0 or bool(without)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yoloport", type=pathlib.Path, required=True)
    parser.add_argument("--photos", type=pathlib.Path, required=True, help="a folder")
    parser.add_argument("--count", type=int, default=6, help="the first so many photos")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--ultralytics", nargs="+", default=[])
    parser.add_argument("--variants", default="onnx,onnx dynamic,onnx nms,openvino,openvino dynamic")
    parser.add_argument("--size", type=int, nargs=2, default=(320, 448), help="height and width, of random networks")
    parser.add_argument("--yolox", type=pathlib.Path)
    parser.add_argument("--yolox-names", nargs="+", default=["yolox-nano", "yolox-s"])
    parser.add_argument("--yolov5", type=pathlib.Path)
    parser.add_argument("--yolov5-names", nargs="+", default=["yolov5n"])
    parser.add_argument("--easydeploy", nargs=4, metavar=("REPOSITORY", "CONFIG", "CHECKPOINT", "TYPE"))
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    args.out = args.out.resolve()
    args.out.mkdir(parents=True, exist_ok=True)
    photos = sorted(path for path in args.photos.iterdir() if path.suffix == ".jpg")[: args.count]
    args.photos = [as_png(photo, args.out) for photo in photos]
    jobs = []
    if args.ultralytics:
        variants = args.variants.split(",")
        files = foreign_models.ultralytics_files(args.ultralytics, args.photos, args.out, args.size, variants)
        jobs.append((files, []))
    if args.yolox:
        files = foreign_models.yolox_files(args.yolox.resolve(), args.yolox_names, args.photos, args.out)
        jobs.append((files, ["--num-classes", "80"]))  # with --dynamic the file does not say
    if args.yolov5:
        place = args.yolov5.resolve()
        files = foreign_models.yolov5_files(place, args.yolov5_names, args.photos, args.size, args.out)
        # With any size, the file does not say which.
        jobs.append((files, ["--img-size", *map(str, args.size)]))
    if args.easydeploy:
        repository, *network, kind = args.easydeploy
        files = foreign_models.easydeploy_files(pathlib.Path(repository).resolve(), *network, args.photos, args.out)
        jobs.append((files, ["--type", kind]))
    failed = [name for files, options in jobs for name, *file in files if compare(args, name, *file, options)]
    print("differing:", ", ".join(failed) if failed else "none")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
