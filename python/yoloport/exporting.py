"""A training config and a checkpoint to an ONNX file."""

from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

from . import _exporter
from ._arguments import check, pair
from ._options import override_list, package_folders, set_options
from .choices import (
    Backend,
    DynamicAxes,
    DynamicAxis,
    InputColor,
    InputLayout,
    InputType,
    Layout,
    StrPath,
)
from .errors import UsageError


def export(
    config: StrPath,
    checkpoint: Optional[StrPath] = None,
    *,
    output: Optional[StrPath] = None,
    work_dir: StrPath = "./work_dir",
    img_size: Union[int, Sequence[int], None] = None,
    batch_size: int = 1,
    opset: int = 11,
    backend: Backend = "onnxruntime",
    layout: Layout = "mmyolo",
    dynamic: Union[DynamicAxes, Iterable[DynamicAxis]] = (),
    input: InputType = "float32",
    input_layout: InputLayout = "",
    input_color: InputColor = "",
    half: bool = False,
    model_only: bool = False,
    pre_topk: int = 1000,
    keep_topk: int = 100,
    iou_threshold: float = 0.65,
    score_threshold: float = 0.25,
    min_box_size: float = -1,
    from_test_cfg: bool = False,
    class_agnostic: bool = False,
    runtime_thresholds: bool = False,
    cfg_options: Union[Mapping[str, Any], Iterable[str]] = (),
    package_path: Optional[Mapping[str, StrPath]] = None,
    legacy: bool = False,
    strict: bool = False,
) -> _exporter.ExportReport:
    """Writes an ONNX file from a config and a checkpoint, as ``yoloport export`` does.

    Nothing in either file is executed. The arguments have the names and defaults of the command line's options.

    Files:

    config: the training config (.py). ``export(checkpoint)`` takes the config that the checkpoint carries, or none where
        the checkpoint describes its network itself.
    checkpoint: .pth of MMYOLO or MMDetection, .pt of Ultralytics or YOLOv5, or .safetensors.
    output: the file to write. None: WORK_DIR/CHECKPOINT.onnx. It appears whole or not at all.
    work_dir: the folder of the file where ``output`` is not given; created where needed.

    What the file takes:

    img_size: height and width in pixels, or one number for both: multiples of the network's largest stride. None: the
        size that the config tests at, or 640 x 640 where it states none.
    batch_size: images in one run.
    dynamic: what to leave open: "batch", "height,width" or "batch,height,width", or a list of the axes.
    input: "float32", the image normalized; or "uint8", the bytes of the resized and padded image.
    input_layout, input_color: of a "uint8" input: "nchw" (the default) or "nhwc", as images lie in memory; "bgr" (the
        default), as OpenCV reads them, or "rgb".

    What it is written for:

    backend: the program that runs or compiles the file. "onnxruntime", "openvino", "tensorrt8" and "tensorrt7" get a
        file that ends with detections, the others one that ends with raw heads.
    layout: the outputs: "mmyolo" (num_dets, boxes, scores, labels), or "ultralytics", "mmdeploy", "efficientnms" for
        programs that expect theirs.
    opset: the version of ONNX operators, 11 to 17.
    half: store and compute in float16; decoding and NMS stay in float32.
    model_only: end with the raw heads: no decoding, no NMS.

    Which detections it gives:

    score_threshold: detections that score this or less are dropped.
    iou_threshold: of two boxes of a class that overlap more than this, the one with the lower score is dropped.
    pre_topk: candidates an image that enter NMS.
    keep_topk: detections an image that come out.
    min_box_size: boxes that are not wider and higher than this are dropped, in pixels of the original image.
    class_agnostic: drop overlapping boxes of different classes, too.
    from_test_cfg: take all of these from the config's model.test_cfg, as MMYOLO does when it evaluates.
    runtime_thresholds: make score_threshold, iou_threshold and class_agnostic optional inputs of the file, so that
        each call can set them.

    How files are read:

    cfg_options: changes to the config, as {"model.a.b": value} or ["model.a.b=value"].
    package_path: the folders with the configs of packages that _base_ reaches into, as {"mmdet": folder}.
    legacy: the checkpoint is of YOLOX 0.1.0, which normalized RGB; no file says so.
    strict: refuse weights that are NaN or infinite, negative variances, and weights that the network does not have.

    Raises ConfigError, CheckpointError, ModelError, FileError or UsageError. Other Python threads run meanwhile.
    """
    values = dict(locals())
    check(export, values)
    options = _exporter.ExportOptions()
    if checkpoint is None:
        config, checkpoint = "", config
        if Path(checkpoint).suffix == ".py":
            raise UsageError("the checkpoint is missing", 'yoloport.export("CONFIG.py", "CHECKPOINT.pth")')
    height, width = (None, None) if img_size is None else pair("img_size", img_size)
    options.set_dynamic_axes(dynamic if isinstance(dynamic, str) else ",".join(dynamic))
    direct = (*OPTIONS, "opset", "half", "legacy", "model_only")
    set_options(
        options,
        {
            **{name: values[name] for name in direct},
            "config": Path(config) if config else "",  # Path("") would be "."
            "checkpoint": Path(checkpoint),
            "output": Path(output) if output else Path(work_dir) / Path(checkpoint).with_suffix(".onnx").name,
            "height": height,
            "width": width,
            "batch": batch_size,
            "cfg_options": override_list(cfg_options),
            "packages": package_folders(package_path),
        },
    )
    return _exporter.export_model(options)


# What finish() has, too, under the same names as the library's.
OPTIONS = (
    "backend", "layout", "input", "input_layout", "input_color", "pre_topk", "keep_topk", "iou_threshold",
    "score_threshold", "min_box_size", "from_test_cfg", "class_agnostic", "runtime_thresholds", "strict",
)  # fmt: skip
