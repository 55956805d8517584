"""Every public function with its types: `mypy --strict` and pyright must find nothing to say here."""

from pathlib import Path
from typing import Dict, List

import numpy as np
import numpy.typing as npt

import yoloport
from yoloport.choices import Backend


def make(config: Path, checkpoint: str, backend: Backend) -> yoloport.ExportReport:
    report = yoloport.export(
        config,
        checkpoint,
        output="model.onnx",
        backend=backend,
        img_size=(384, 640),
        dynamic=["batch"],
        cfg_options={"model.a.b": 3},
        package_path={"mmdet": config},
    )
    yoloport.finish("raw.onnx", config=config, type="yolov5", mean=[0, 0, 0])
    yoloport.set_thresholds(report.output, score_threshold=0.4)
    files: List[Path] = list(yoloport.package(report.output, "triton", output="served").files)
    shapes: List[List[int]] = [list(each.shape) for each in report.inputs]
    content: Dict[str, object] = yoloport.inspect(report.output)
    print(files, shapes, content, yoloport.__version__, report.notes)
    return report


def detect(image: npt.NDArray[np.uint8], files: List[Path], names: List[str]) -> float:
    detector = yoloport.Detector("model.onnx", score_threshold=0.5, runtime="openvino", img_size=640)
    found: yoloport.Detections = detector(image)
    same: yoloport.Detections = detector("photo.jpg", iou_threshold=0.6)
    several: List[yoloport.Detections] = detector(files)
    others: List[yoloport.Detections] = detector(names)
    total = 0.0
    for each in detector.stream([image, *files], score_threshold=0.7):
        for one in each:
            total += one.score * one.box[0]
        if each.error is not None:
            print(each.error.message, each.error.hint, each.path)
    first: yoloport.Detection = found[0]
    best: yoloport.Detections = found[found.scores > 0.5][:3]
    boxes: npt.NDArray[np.float32] = best.boxes
    boxes = found[np.argsort(found.labels)].boxes
    picture: npt.NDArray[np.uint8] = found.plot()
    found.save("found.jpg")
    print(first.name, boxes, picture, same == found, len(several), others, best.to_coco(7))
    return total


def caught() -> str:
    try:
        yoloport.Detector("missing.onnx")
    except yoloport.RuntimeError as error:
        return error.hint
    except (yoloport.FileError, yoloport.MissingPackageError) as error:
        return error.message
    return ""
