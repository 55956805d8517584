"""A training config and a checkpoint to an ONNX file."""

import os
from pathlib import Path
from typing import Any, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from . import _exporter
from .errors import UsageError

StrPath = Union[str, "os.PathLike[str]"]


def export(
    config: StrPath,
    checkpoint: Optional[StrPath] = None,
    *,
    output: Optional[StrPath] = None,
    work_dir: StrPath = "./work_dir",
    img_size: Union[int, Sequence[int]] = (640, 640),
    batch_size: int = 1,
    opset: int = 11,
    backend: str = "onnxruntime",
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
    from_test_cfg: bool = False,
    class_agnostic: bool = False,
    runtime_thresholds: bool = False,
    cfg_options: Union[Iterable[str], Mapping[str, Any]] = (),
    package_path: Optional[Mapping[str, StrPath]] = None,
    strict: bool = False,
) -> _exporter.ExportReport:
    """Writes an ONNX file from a config and a checkpoint, as ``yoloport export`` does.

    The options have the names and the defaults of the command line's; ``yoloport export --help`` describes them.

    config: the training config (.py). ``export(checkpoint)`` takes the one that the checkpoint carries.
    checkpoint: .pth of MMYOLO, or .safetensors.
    output: the file; without it, WORK_DIR/CHECKPOINT.onnx. It appears whole or not at all.
    img_size: height and width in pixels, or one number for both.
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
    options.config = Path(config) if config else Path()
    options.checkpoint = Path(checkpoint)
    options.output = Path(output) if output else Path(work_dir) / Path(checkpoint).with_suffix(".onnx").name
    options.height, options.width = _height_and_width(img_size)
    options.batch = batch_size
    options.opset = opset
    options.backend = backend
    options.set_dynamic_axes(dynamic if isinstance(dynamic, str) else ",".join(dynamic))
    options.input = input
    options.input_layout = input_layout
    options.input_color = input_color
    options.half = half
    options.model_only = model_only
    options.pre_topk = pre_topk
    options.keep_topk = keep_topk
    options.iou_threshold = iou_threshold
    options.score_threshold = score_threshold
    options.from_test_cfg = from_test_cfg
    options.class_agnostic = class_agnostic
    options.runtime_thresholds = runtime_thresholds
    options.cfg_options = override_list(cfg_options)
    options.packages = package_folders(package_path)
    options.strict = strict
    return _exporter.export_model(options)


def override_list(options: Union[Iterable[str], Mapping[str, Any]]) -> List[str]:
    """The changes to a config as --cfg-options takes them."""
    if isinstance(options, Mapping):
        return [f"{key}={value}" for key, value in options.items()]
    return list(options)


def package_folders(folders: Optional[Mapping[str, StrPath]]) -> "dict[str, Path]":
    return {package: Path(folder) for package, folder in (folders or {}).items()}


def _height_and_width(size: Union[int, Sequence[int]]) -> Tuple[int, int]:
    if isinstance(size, int):
        return size, size
    if len(size) not in (1, 2):
        raise UsageError("img_size is height and width, or one number for both")
    return size[0], size[-1]
