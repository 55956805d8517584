"""Types of the arguments that take one of a few strings: for type checkers and annotations of your own."""

import os
from typing import Literal, Union

StrPath = Union[str, os.PathLike[str]]

Backend = Literal[
    "onnxruntime", "openvino", "tensorrt8", "tensorrt7", "torchscript", "tvm", "coreml", "ncnn", "horizonx3", "rknn",
    "ax620a", "pplnn",
]  # fmt: skip
"""Of export() and finish(): the program that the file is for."""

Layout = Literal["mmyolo", "ultralytics", "mmdeploy", "efficientnms"]
"""Of export() and finish(): whose outputs the file has."""

DynamicAxes = Literal["", "batch", "height,width", "batch,height,width"]
DynamicAxis = Literal["batch", "height", "width"]
"""Of export(): what the file takes any number of."""

InputType = Literal["float32", "uint8"]
InputLayout = Literal["", "nchw", "nhwc"]
InputColor = Literal["", "bgr", "rgb"]
"""Of export() and finish(): what the file takes."""

ModelType = Literal["yolov5", "yolox", "yolov6", "ppyoloe", "ppyoloep", "yolov7", "rtmdet", "yolov8"]
"""Of finish() and Detector: the family of a network whose file does not say it."""

Resize = Literal["letterbox", "stretch"]
BoxUnit = Literal["pixels", "offsets"]

Runtime = Literal["onnxruntime", "openvino", "tensorrt"]
Precision = Literal["f32", "auto", "bf16"]
"""Of Detector."""

PackageTarget = Literal["triton", "ovms", "kserve", "deepstream"]
"""Of package(): the model server."""
