"""MMYOLO detectors to ONNX, and running them, without torch or mmcv.

    import cv2, yoloport

    yoloport.export("config.py", "checkpoint.pth", output="model.onnx")
    detector = yoloport.Detector("model.onnx")
    found = detector(cv2.imread("photo.jpg"))
    print(found.boxes, found.scores, found.labels, found.names)
    cv2.imwrite("found.jpg", found.plot())
"""

from ._exporter import ExportReport, TensorSummary, __version__
from .detecting import Detections, Detector
from .errors import (
    CheckpointError,
    ConfigError,
    Error,
    FileError,
    ImageError,
    ModelError,
    RuntimeError,
    UsageError,
)
from .exporting import export, finish
from .files import guard_mapped_files
from .inspecting import inspect

__all__ = [
    "CheckpointError",
    "ConfigError",
    "Detections",
    "Detector",
    "Error",
    "ExportReport",
    "FileError",
    "ImageError",
    "ModelError",
    "RuntimeError",
    "TensorSummary",
    "UsageError",
    "__version__",
    "export",
    "finish",
    "guard_mapped_files",
    "inspect",
]
