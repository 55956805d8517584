"""Thresholds of a file that was exported before."""

from pathlib import Path
from typing import Dict, Optional, Tuple

from . import _exporter
from ._arguments import check
from ._options import set_options
from .choices import StrPath


def set_thresholds(
    model: StrPath,
    *,
    output: Optional[StrPath] = None,
    score_threshold: Optional[float] = None,
    iou_threshold: Optional[float] = None,
    keep_topk: Optional[int] = None,
) -> Dict[str, Tuple[float, float]]:
    """Changes the thresholds of an end-to-end ONNX file that yoloport wrote, as ``yoloport set`` does.

    The result is what an export with these thresholds gives; nothing else changes. What is None stays as it is.

    model: the file, of any backend.
    output: the file to write. None: the model itself is replaced. It appears whole or not at all.
    score_threshold: detections that score this or less are dropped.
    iou_threshold: of two boxes of a class that overlap more than this, the one with the lower score is dropped.
    keep_topk: detections an image that come out: the outputs get as many rows.

    Gives what each threshold that was asked for was and is: {"score_threshold": (0.25, 0.4)}.

    Raises ModelError, FileError or UsageError.
    """
    values = dict(locals())
    check(set_thresholds, values)
    options = _exporter.SetOptions()
    direct = ("score_threshold", "iou_threshold", "keep_topk")
    set_options(
        options,
        {
            **{name: values[name] for name in direct},
            "model": Path(model),
            "output": Path(output) if output else "",
        },
    )
    return {name: (before, after) for name, before, after in _exporter.set_thresholds(options)}
