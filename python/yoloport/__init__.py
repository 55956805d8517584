"""Detectors of MMYOLO and MMDetection to ONNX, and running them, without torch or mmcv.

    import yoloport

    yoloport.export("config.py", "checkpoint.pth", output="model.onnx")
    detector = yoloport.Detector("model.onnx")
    found = detector("photo.jpg")
    for one in found:
        print(one.name, one.score, one.box)
    found.save("found.jpg")

``from yoloport import *`` leaves out yoloport.RuntimeError, whose name is that of a builtin.
"""

from ._exporter import ExportReport, PackageReport, TensorSummary
from ._exporter import version as _version
from .changing import set_thresholds
from .detecting import Detector
from .detections import Detection, Detections
from .errors import (
    CheckpointError,
    ConfigError,
    Error,
    FileError,
    ImageError,
    MissingPackageError,
    ModelError,
    UsageError,
)
from .errors import RuntimeError as RuntimeError
from .exporting import export
from .files import guard_mapped_files
from .finishing import finish
from .inspecting import inspect
from .packaging import package

__version__: str = _version()

__all__ = [
    "CheckpointError",
    "ConfigError",
    "Detection",
    "Detections",
    "Detector",
    "Error",
    "ExportReport",
    "FileError",
    "ImageError",
    "MissingPackageError",
    "ModelError",
    "PackageReport",
    "TensorSummary",
    "UsageError",
    "__version__",
    "export",
    "finish",
    "guard_mapped_files",
    "inspect",
    "package",
    "set_thresholds",
]
