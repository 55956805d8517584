"""A training config and a checkpoint to an ONNX file."""

import os
from pathlib import Path
from typing import Any, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from . import _exporter
from ._options import height_and_width, set_options
from .errors import UsageError

StrPath = Union[str, "os.PathLike[str]"]


def export(
    config: StrPath,
    checkpoint: Optional[StrPath] = None,
    *,
    output: Optional[StrPath] = None,
    work_dir: StrPath = "./work_dir",
    img_size: Union[int, Sequence[int], None] = None,
    batch_size: int = 1,
    opset: int = 11,
    backend: str = "onnxruntime",
    layout: str = "mmyolo",
    dynamic: Union[str, Iterable[str]] = (),
    input: str = "float32",
    input_layout: str = "",
    input_color: str = "",
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
    cfg_options: Union[Iterable[str], Mapping[str, Any]] = (),
    package_path: Optional[Mapping[str, StrPath]] = None,
    legacy: bool = False,
    strict: bool = False,
) -> _exporter.ExportReport:
    """Writes an ONNX file from a config and a checkpoint, as ``yoloport export`` does.

    The options have the names and the defaults of the command line's; ``yoloport export --help`` describes them.

    config: the training config (.py). ``export(checkpoint)`` takes the one that the checkpoint carries,
        or none where the checkpoint describes its network itself.
    checkpoint: .pth of MMYOLO or MMDetection, .pt of Ultralytics or YOLOv5, or .safetensors.
    output: the file; without it, WORK_DIR/CHECKPOINT.onnx. It appears whole or not at all.
    img_size: height and width in pixels, or one number for both. None: the size that the config tests at, or 640 x 640.
    layout: of the detections: "mmyolo", or "ultralytics", "mmdeploy", "efficientnms" for programs that want theirs.
    dynamic: axes to leave open: "batch", "height,width" or "batch,height,width"; or a list of them.
    cfg_options: changes to the config, as {"model.a.b": value} or ["model.a.b=value"].
    package_path: where the configs of packages lie that _base_ reaches into, as {"mmdet": folder}.

    Raises ConfigError, CheckpointError, ModelError, FileError or UsageError. Other Python threads run meanwhile.
    """
    options = _exporter.ExportOptions()
    if checkpoint is None:
        config, checkpoint = "", config
        if Path(checkpoint).suffix == ".py":
            raise UsageError("the checkpoint is missing", "yoloport export CONFIG.py CHECKPOINT.pth")
    height, width = (None, None) if img_size is None else height_and_width(img_size)
    options.set_dynamic_axes(dynamic if isinstance(dynamic, str) else ",".join(dynamic))
    set_options(
        options,
        {
            "config": config or "",  # Path() would be "."
            "checkpoint": Path(checkpoint),
            "output": Path(output) if output else Path(work_dir) / Path(checkpoint).with_suffix(".onnx").name,
            "height": height,
            "width": width,
            "batch": batch_size,
            "opset": opset,
            "backend": backend,
            "layout": layout,
            "input": input,
            "input_layout": input_layout,
            "input_color": input_color,
            "half": half,
            "model_only": model_only,
            "pre_topk": pre_topk,
            "keep_topk": keep_topk,
            "iou_threshold": iou_threshold,
            "score_threshold": score_threshold,
            "min_box_size": min_box_size,
            "from_test_cfg": from_test_cfg,
            "class_agnostic": class_agnostic,
            "runtime_thresholds": runtime_thresholds,
            "cfg_options": override_list(cfg_options),
            "packages": package_folders(package_path),
            "legacy": legacy,
            "strict": strict,
        },
    )
    return _exporter.export_model(options)


def finish(
    model: StrPath,
    *,
    config: Optional[StrPath] = None,
    type: str = "",
    output: Optional[StrPath] = None,
    outputs: Sequence[str] = (),
    img_size: Union[int, Sequence[int], None] = None,
    backend: str = "onnxruntime",
    layout: str = "mmyolo",
    input: str = "float32",
    input_layout: str = "",
    input_color: str = "",
    pre_topk: int = 1000,
    keep_topk: int = 100,
    iou_threshold: float = 0.65,
    score_threshold: float = 0.25,
    min_box_size: float = -1,
    from_test_cfg: bool = False,
    class_agnostic: bool = False,
    runtime_thresholds: bool = False,
    cfg_options: Union[Iterable[str], Mapping[str, Any]] = (),
    package_path: Optional[Mapping[str, StrPath]] = None,
    strict: bool = False,
    num_classes: int = 0,
    class_names: Optional[Sequence[str]] = None,
    strides: Sequence[int] = (),
    anchors: Optional[Sequence[Sequence[Tuple[float, float]]]] = None,
    bins: int = 0,
    mean: Optional[Sequence[float]] = None,
    std: Optional[Sequence[float]] = None,
    rgb: Optional[bool] = None,
    resize: str = "",
) -> _exporter.ExportReport:
    """Adds decoding, NMS and metadata to an ONNX file that ends with raw heads, as ``yoloport finish`` does.

    model: the file, of any program. It is not changed.
    config: the training config (.py), of which the head, preprocessing, thresholds and classes are read.
    type: without a config, whose heads they are: "yolov5", "rtmdet" ...
    output: the file; without it, MODEL_finished.onnx beside the model.
    outputs: names of the values that are the raw heads; without them, all outputs of the file.
    img_size: usual height and width where the file takes any.

    The rest is as for export() and Detector(); docs/finish.md says more. Raises what export() does.
    """
    options, file = _exporter.FinishOptions(), _exporter.ExportOptions()
    beside = Path(model).with_name(Path(model).stem + "_finished.onnx")
    values = {
        "config": config or "",
        "output": Path(output) if output else beside,
        "backend": backend,
        "layout": layout,
        "input": input,
        "input_layout": input_layout,
        "input_color": input_color,
        "pre_topk": pre_topk,
        "keep_topk": keep_topk,
        "iou_threshold": iou_threshold,
        "score_threshold": score_threshold,
        "min_box_size": min_box_size,
        "from_test_cfg": from_test_cfg,
        "class_agnostic": class_agnostic,
        "runtime_thresholds": runtime_thresholds,
        "cfg_options": override_list(cfg_options),
        "packages": package_folders(package_path),
        "strict": strict,
    }
    if img_size is not None:
        values["height"], values["width"] = height_and_width(img_size)
    set_options(file, values)
    set_options(
        options,
        {
            "model": Path(model),
            "outputs": list(outputs),
            "file": file,
            "type": type,
            "num_classes": num_classes,
            "class_names": list(class_names or []),
            "strides": list(strides),
            "anchors": [[tuple(anchor) for anchor in level] for level in anchors or []],
            "bins": bins,
            "mean": mean,
            "std": std,
            "rgb": rgb,
        },
    )
    if resize:
        options.set_resize(resize)
    return _exporter.finish_model(options)


def override_list(options: Union[Iterable[str], Mapping[str, Any]]) -> List[str]:
    """The changes to a config as --cfg-options takes them."""
    if isinstance(options, Mapping):
        return [f"{key}={value}" for key, value in options.items()]
    return list(options)


def package_folders(folders: Optional[Mapping[str, StrPath]]) -> "dict[str, Path]":
    return {package: Path(folder) for package, folder in (folders or {}).items()}
