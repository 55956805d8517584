"""Running a detector."""

import os
import warnings
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union, overload

import numpy as np
import numpy.typing as npt

from . import _detector, _onnxruntime
from ._options import height_and_width, set_options
from .errors import ImageError, RuntimeError, UsageError

StrPath = Union[str, "os.PathLike[str]"]
ImageLike = Union[npt.NDArray[np.uint8], StrPath]


class Detections:
    """What was found in one image, best first.

    boxes: float32, N x 4: x1, y1, x2, y2 in pixels of the image.
    scores: float32, N, from 0 to 1.
    labels: int64, N: numbers of classes, from 0.
    names: the N names of these classes.
    image: the image that was looked at, as an array.
    path: where it was read from; None where it was given as an array.
    """

    __slots__ = ("boxes", "scores", "labels", "image", "path", "_detector")

    def __init__(
        self,
        detector: "Detector",
        image: npt.NDArray[np.uint8],
        path: Optional[str],
        arrays: Tuple[Any, Any, Any],
    ) -> None:
        self.boxes: npt.NDArray[np.float32] = arrays[0]
        self.scores: npt.NDArray[np.float32] = arrays[1]
        self.labels: npt.NDArray[np.int64] = arrays[2]
        self.image = image
        self.path = path
        self._detector = detector

    @property
    def names(self) -> List[str]:
        classes = self._detector.classes
        return [classes[label] if label < len(classes) else f"class_{label}" for label in self.labels.tolist()]

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        counts: Dict[str, int] = {}
        for name in self.names:
            counts[name] = counts.get(name, 0) + 1
        found = ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))
        return f"<yoloport.Detections: {found or 'nothing'}>"

    def plot(self, image: Optional[npt.NDArray[np.uint8]] = None) -> npt.NDArray[np.uint8]:
        """A copy of the image - or of another one - with boxes and names drawn on it, as ``yoloport detect`` does."""
        onto = self.image if image is None else image
        self._detector._warn_of_drawing()
        # The arrays may have been filtered by the caller.
        return self._detector._native.draw(
            onto,
            np.ascontiguousarray(self.boxes, np.float32),
            np.ascontiguousarray(self.scores, np.float32),
            np.ascontiguousarray(self.labels, np.int64),
        )

    def to_coco(self, image_id: int = 0, category_ids: Optional[Sequence[int]] = None) -> List[Dict[str, Any]]:
        """COCO results: a dict for each detection, with image_id, category_id, bbox (x, y, width, height) and score.

        ``category_ids`` gives the id of each class by its label; without it, ids count from 1, as in the files of
        ``yoloport detect --format coco``.
        """
        return [
            {
                "image_id": image_id,
                "category_id": label + 1 if category_ids is None else category_ids[label],
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "score": score,
            }
            for (x1, y1, x2, y2), score, label in zip(
                self.boxes.tolist(), self.scores.tolist(), self.labels.tolist()
            )
        ]

    def to_supervision(self) -> Any:
        """The same as ``supervision.Detections``, with the names under "class_name". Needs the package supervision."""
        try:
            import supervision
        except ImportError as error:
            raise RuntimeError(
                f"to_supervision() needs the Python package supervision: {error}", "pip install supervision"
            ) from None
        return supervision.Detections(
            xyxy=self.boxes.copy(),
            confidence=self.scores.copy(),
            class_id=self.labels.copy(),
            data={"class_name": np.array(self.names, dtype=str)},
        )


class Detector:
    """A detector loaded from an ONNX file: of yoloport, end to end or ending with raw heads, or of another program
    (docs/foreign_files.md); or from an OpenVINO model of one, model.xml.

        detector = yoloport.Detector("model.onnx")
        found = detector(cv2.imread("photo.jpg"))     # one image: Detections
        several = detector(["a.jpg", "b.jpg", array]) # a list: a list of Detections

    The file says itself how images are prepared and what the classes are called. May be called from several threads
    at once; while it works, other Python threads run.
    """

    def __init__(
        self,
        model: StrPath,
        *,
        runtime: str = "onnxruntime",
        device: str = "",
        score_threshold: Optional[float] = 0.3,
        iou_threshold: Optional[float] = None,
        class_agnostic: Optional[bool] = None,
        precision: str = "f32",
        threads: int = 0,
        streams: int = 1,
        batch: int = 1,
        rect: bool = False,
        pre_topk: Optional[int] = None,
        keep_topk: Optional[int] = None,
        multi_label: Optional[bool] = None,
        type: str = "",
        class_names: Optional[Sequence[str]] = None,
        num_classes: int = 0,
        img_size: Union[int, Sequence[int], None] = None,
        anchors: Optional[Sequence[Sequence[Tuple[float, float]]]] = None,
        strides: Sequence[int] = (),
        bins: int = 0,
        mean: Optional[Sequence[float]] = None,
        std: Optional[Sequence[float]] = None,
        rgb: Optional[bool] = None,
        resize: Optional[str] = None,
        boxes: Optional[str] = None,
    ) -> None:
        """Loads a model.

        runtime: "onnxruntime", which is the Python package onnxruntime; or openvino, tensorrt where built in.
        device: "cpu", "cuda" or "cuda:N"; empty: where the runtime runs if nobody says.
        score_threshold: the least score, 0.3 as for ``yoloport detect``; None: the file's own threshold alone.
        iou_threshold, class_agnostic: of raw heads, rows of other programs, and files exported with runtime_thresholds.
        precision: what the network computes in: "f32" or "auto".
        threads: of one run of the network; 0: the cores there are, shared by the streams.
        streams: how many runs go at once, when the detector is called from several threads.
        batch: images of a list that go into one run, where the file takes any number.
        rect: inputs only as large as the images need, where the file takes any height and width.
        pre_topk, keep_topk, multi_label: of raw heads and rows of other programs; docs/nms.md.

        The others describe files that do not describe themselves, as the options of the same names of ``yoloport
        detect`` do: docs/detect.md, docs/foreign_files.md.

        Raises FileError, ModelError, RuntimeError or UsageError.
        """
        description = _detector.ModelDescription()
        height, width = (0, 0) if img_size is None else height_and_width(img_size)
        set_options(
            description,
            {
                "type": type,
                "class_names": list(class_names or []),
                "num_classes": num_classes,
                "height": height,
                "width": width,
                "anchors": [[tuple(anchor) for anchor in level] for level in anchors or []],
                "strides": list(strides),
                "bins": bins,
                "mean": mean,
                "std": std,
                "rgb": rgb,
            },
        )
        if boxes is not None:
            if boxes not in ("pixels", "offsets"):
                raise UsageError(f"boxes is pixels or offsets, not '{boxes}'")
            description.decoded = boxes == "pixels"
        if resize is not None:
            description.set_resize(resize)
        options = _detector.DetectorOptions()
        set_options(
            options,
            {
                "runtime": runtime,
                "device": device,
                "score_threshold": score_threshold,
                "iou_threshold": iou_threshold,
                "class_agnostic": class_agnostic,
                "precision": precision,
                "threads": threads,
                "streams": streams,
                "batch": batch,
                "rect": rect,
                "pre_topk": pre_topk,
                "keep_topk": keep_topk,
                "multi_label": multi_label,
                "model": description,
            },
        )
        if runtime in ("onnxruntime", "tensorrt") and Path(model).suffix.lower() != ".xml":
            _onnxruntime.load()
        self._native = _detector.Detector(Path(model), options)
        self._has_warned = False
        self._has_warned_of_drawing = False
        self.classes: List[str] = self._native.classes
        """Names by label; empty for a file that does not say them."""

    @overload
    def __call__(self, images: ImageLike) -> Detections: ...
    @overload
    def __call__(self, images: Sequence[ImageLike]) -> List[Detections]: ...

    def __call__(self, images):  # type: ignore[no-untyped-def]
        """Finds objects in an image, or in each of a list of them.

        An image is an array of uint8, height x width x 3 with blue first, as OpenCV gives it, or height x width; or
        the path of a file, which is read by the package cv2. A list goes through the network ``batch`` images at a
        time.

        Raises ImageError or FileError, and RuntimeError when the runtime fails.
        """
        if isinstance(images, (list, tuple)):
            loaded = [self._load(image) for image in images]
            found = self._native.detect_many([array for array, _ in loaded])
            self._warn_of_left_out()
            return [Detections(self, array, path, each) for (array, path), each in zip(loaded, found)]
        array, path = self._load(images)
        one = self._native.detect(array)
        self._warn_of_left_out()
        return Detections(self, array, path, one)

    def _warn_of_drawing(self) -> None:
        if not self._has_warned_of_drawing and self._native.drawing_warning:
            self._has_warned_of_drawing = True
            warnings.warn(self._native.drawing_warning, UserWarning, stacklevel=3)

    def _warn_of_left_out(self) -> None:
        if not self._has_warned and self._native.left_out:
            self._has_warned = True
            warnings.warn(self._native.left_out, UserWarning, stacklevel=3)

    @property
    def lowest_score(self) -> float:
        """The threshold that is fixed in an end-to-end file: what scores at or below it is not found, whatever
        ``score_threshold`` says. 0 where there is none, or none is known."""
        return self._native.lowest_score

    @property
    def runtime(self) -> str:
        """What runs the network, and how it computes: "ONNX Runtime 1.32.0, float32"."""
        return self._native.runtime

    @property
    def input_size(self) -> Tuple[int, int]:
        """Height and width of the network's input, in pixels."""
        return self._native.height, self._native.width

    @property
    def notes(self) -> List[str]:
        """What a file that another program made was taken for, and what it does not say; nothing for yoloport's own."""
        return self._native.notes

    @property
    def warnings(self) -> List[str]:
        """What is to be known about the file; usually nothing."""
        return self._native.warnings

    def _load(self, image: Any) -> Tuple[Any, Optional[str]]:
        if isinstance(image, (str, os.PathLike)):
            return _read(Path(image), self._native.turns_images), os.fspath(image)
        if not isinstance(image, np.ndarray):
            raise ImageError(
                f"an image is a numpy array or a path, not {_article(image)}",
                "for a PIL image give np.array(image)[:, :, ::-1]",
            )
        return image, None

    @property
    def left_out(self) -> str:
        """What can be no detection and was left out so far - scores that are not from 0 to 1, labels of no class, boxes
        that are NaN, infinite or far outside the image - with its number; empty: nothing. The first time, a warning
        says so, too."""
        return self._native.left_out

    def __repr__(self) -> str:
        return f"<yoloport.Detector: {len(self.classes)} classes, {self._native.runtime}>"


def _article(thing: Any) -> str:
    name = type(thing).__name__
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def _read(path: Path, turns_images: bool) -> npt.NDArray[np.uint8]:
    encoded, kind = _detector.read_encoded(path)
    try:
        import cv2
    except ImportError as error:
        raise RuntimeError(
            f"'{path}': reading files needs the Python package cv2: {error}",
            "pip install opencv-python-headless, or give the image as an array",
        ) from None
    flags = cv2.IMREAD_COLOR if turns_images else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    except cv2.error:
        image = None
    if image is None:
        raise ImageError(f"'{path}': is a damaged {kind} or one that cannot be decoded")
    return image
