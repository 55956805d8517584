"""Decoding, NMS and metadata for an ONNX file that another program wrote."""

from pathlib import Path
from typing import Any, Iterable, Literal, Mapping, Optional, Sequence, Union

from . import _exporter
from ._arguments import check, pair
from ._options import override_list, package_folders, set_options
from .choices import Backend, InputColor, InputLayout, InputType, Layout, ModelType, Resize, StrPath
from .exporting import OPTIONS


def finish(
    model: StrPath,
    *,
    config: Optional[StrPath] = None,
    type: Union[ModelType, Literal[""]] = "",
    output: Optional[StrPath] = None,
    outputs: Sequence[str] = (),
    img_size: Union[int, Sequence[int], None] = None,
    backend: Backend = "onnxruntime",
    layout: Layout = "mmyolo",
    input: InputType = "float32",
    input_layout: InputLayout = "",
    input_color: InputColor = "",
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
    strict: bool = False,
    num_classes: int = 0,
    class_names: Optional[Sequence[str]] = None,
    strides: Sequence[int] = (),
    anchors: Optional[Sequence[Sequence[Sequence[float]]]] = None,
    bins: int = 0,
    mean: Optional[Sequence[float]] = None,
    std: Optional[Sequence[float]] = None,
    rgb: Optional[bool] = None,
    resize: Union[Resize, Literal[""]] = "",
) -> _exporter.ExportReport:
    """Adds decoding, NMS and metadata to an ONNX file that ends with raw heads, as ``yoloport finish`` does.

    model: the file, of any program. It is not changed.
    config: the training config (.py): its head, preprocessing, thresholds and classes are read.
    type: without a config, the family of the network: "yolov5", "rtmdet" ...
    output: the file to write. None: MODEL_finished.onnx beside the model.
    outputs: names of the values that are the raw heads. Empty: all outputs of the file.
    img_size: the usual height and width, where the file takes any.

    These are as for export(): backend, layout, input, input_layout, input_color, pre_topk, keep_topk, iou_threshold,
    score_threshold, min_box_size, from_test_cfg, class_agnostic, runtime_thresholds, cfg_options, package_path, strict.

    These say what the config does not, or something else, as for Detector(): num_classes, class_names, strides,
    anchors, bins, mean, std, rgb, resize.

    docs/finish.md says more. Raises ConfigError, ModelError, FileError or UsageError.
    """
    values = dict(locals())
    check(finish, values)
    options, file = _exporter.FinishOptions(), _exporter.ExportOptions()
    beside = Path(model).with_name(Path(model).stem + "_finished.onnx")
    of_file = {
        **{name: values[name] for name in OPTIONS},
        "config": Path(config) if config else "",
        "output": Path(output) if output else beside,
        "cfg_options": override_list(cfg_options),
        "packages": package_folders(package_path),
    }
    if img_size is not None:
        of_file["height"], of_file["width"] = pair("img_size", img_size)
    set_options(file, of_file)
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
