"""Running a detector."""

import collections.abc
import os
import threading
from pathlib import Path
from typing import Iterable, Iterator, List, Literal, Optional, Sequence, Tuple, Union, overload

from . import _detector, _onnxruntime, streaming
from ._arguments import check, pair, shown
from ._options import set_options
from ._speech import in_python
from .choices import BoxUnit, ModelType, Precision, Resize, Runtime, StrPath
from .detections import Classes, Detections, warn
from .errors import Error, UsageError
from .images import ImageLike, is_image, load, require_image

_SCORE = 0.3  # as for ``yoloport detect``
_MANY = 8  # images for which opening the model once more pays off


class Detector:
    """A detector loaded from a file: an ONNX file of yoloport, end to end or ending with raw heads, one of another
    program (docs/foreign_files.md), or an OpenVINO model of one of these, model.xml.

        detector = yoloport.Detector("model.onnx")
        found = detector("photo.jpg")                     # one image: Detections
        several = detector(["a.jpg", array, pil_image])   # a list: a list of Detections
        for found in detector.stream(files):              # any number of images, a few in memory
            print(found.path, found)

    The file says how images are prepared and what the classes are called. A Detector may be called from several
    threads at once; while it works, other Python threads run.
    """

    __slots__ = (
        "_native", "_many", "_lock", "_path", "_identity", "_is_tuned", "_thresholds", "_no_thresholds",
        "_classes", "_has_warned", "__weakref__",
    )  # fmt: skip

    def __init__(
        self,
        model: StrPath,
        *,
        runtime: Runtime = "onnxruntime",
        device: str = "",
        score_threshold: Optional[float] = _SCORE,
        iou_threshold: Optional[float] = None,
        class_agnostic: Optional[bool] = None,
        precision: Precision = "f32",
        threads: int = 0,
        streams: int = 1,
        batch: int = 1,
        rect: bool = False,
        pre_topk: Optional[int] = None,
        keep_topk: Optional[int] = None,
        multi_label: Optional[bool] = None,
        type: Union[ModelType, Literal[""]] = "",
        class_names: Optional[Sequence[str]] = None,
        num_classes: int = 0,
        img_size: Union[int, Sequence[int], None] = None,
        anchors: Optional[Sequence[Sequence[Sequence[float]]]] = None,
        strides: Sequence[int] = (),
        bins: int = 0,
        mean: Optional[Sequence[float]] = None,
        std: Optional[Sequence[float]] = None,
        rgb: Optional[bool] = None,
        resize: Optional[Resize] = None,
        boxes: Optional[BoxUnit] = None,
    ) -> None:
        """Loads a model.

        model: the file.
        runtime: what runs the network: "onnxruntime" (the Python package onnxruntime), or "openvino" or "tensorrt"
            where this package was built with them.
        device: "cpu", "cuda" or "cuda:N". Empty: the CPU, or with the runtime "tensorrt" the first GPU.
        score_threshold: the lowest score that is found, from 0 to 1. None: the file's own threshold. What an end-to-end
            file drops by itself is not found in any case: see ``lowest_score``.
        iou_threshold: boxes of a class that overlap more than this (intersection over union, 0 to 1) are duplicates.
            For raw heads, files of other programs that leave NMS to the caller, and files that were exported with
            runtime_thresholds=True; other files have a fixed one, and giving one raises UsageError.
        class_agnostic: whether boxes of different classes are duplicates, too. For the same files.
        precision: what the network computes in: "f32"; "auto", what the runtime finds fastest; or "bf16" with OpenVINO.
        threads: threads of one run of the network. 0: all cores, shared by the streams.
        streams: how many runs go at once when the detector is called from several threads. Lists and stream() choose
            their own number where threads and streams are left at their defaults.
        batch: how many images of a list or stream go through the network in one run, where the file takes any number.
        rect: make the input only as large as the images need, where the file takes any height and width: faster for
            images that are not square.
        pre_topk, keep_topk: boxes an image that enter NMS, and that come out of it. For raw heads and files of other
            programs that leave NMS to the caller.
        multi_label: whether a box can be found once for each class that scores enough. For the same files.

        The other arguments describe a file that does not describe itself:

        type: the family of the network: "yolov5", "rtmdet" ...
        class_names: names by label.
        num_classes: how many classes there are, where no names are given.
        img_size: height and width in pixels, or one number for both, of a file that takes any size.
        anchors: of yolov5 and yolov7: for each level, finest first, [(width, height), ...] in pixels.
        strides: of the levels, in pixels.
        bins: of distributions of box sides (yolov6, yolov8, ppyoloe).
        mean, std: three numbers each, in the order of the network's channels: the input is (pixel - mean) / std.
        rgb: whether the network's channels are red, green, blue; False: blue, green, red.
        resize: "letterbox" keeps the aspect ratio and pads, "stretch" does not.
        boxes: of YOLOX's own exporter: whether its file gives boxes in "pixels" or "offsets".

        Raises FileError, ModelError, RuntimeError or UsageError.
        """
        values = dict(locals())
        check(Detector.__init__, values)
        if boxes not in (None, "pixels", "offsets"):
            raise UsageError(f"boxes is pixels or offsets, not '{boxes}'")
        description = _detector.ModelDescription()
        height, width = (0, 0) if img_size is None else pair("img_size", img_size)
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
                "decoded": None if boxes is None else boxes == "pixels",
            },
        )
        if resize is not None:
            description.set_resize(resize)
        options = _detector.DetectorOptions()
        direct = (
            "runtime", "device", "score_threshold", "iou_threshold", "class_agnostic", "precision", "threads",
            "streams", "batch", "rect", "pre_topk", "keep_topk", "multi_label",
        )  # fmt: skip
        set_options(options, {**{name: values[name] for name in direct}, "model": description})
        if runtime in ("onnxruntime", "tensorrt") and Path(model).suffix.lower() != ".xml":
            _onnxruntime.load()
        self._path = Path(model)
        self._identity = _identity(self._path)
        self._native = _detector.Detector(self._path, options)
        self._many: Optional[_detector.Detector] = None
        self._lock = threading.Lock()
        self._is_tuned = (threads, streams) != (0, 1) or runtime == "tensorrt" or device not in ("", "cpu")
        self._no_thresholds = _detector.Thresholds()
        self._thresholds = (score_threshold, iou_threshold, class_agnostic)
        self._classes = Classes(self._native.classes, self._native.palette)
        self._has_warned = False
        if score_threshold != _SCORE:
            self._warn_of_low_threshold(score_threshold)

    @overload  # a str is a sequence, too; the first that fits counts
    def __call__(  # type: ignore[overload-overlap]
        self,
        images: ImageLike,
        *,
        score_threshold: Optional[float] = None,
        iou_threshold: Optional[float] = None,
        class_agnostic: Optional[bool] = None,
    ) -> Detections: ...
    @overload
    def __call__(
        self,
        images: Sequence[ImageLike],
        *,
        score_threshold: Optional[float] = None,
        iou_threshold: Optional[float] = None,
        class_agnostic: Optional[bool] = None,
    ) -> List[Detections]: ...

    def __call__(
        self,
        images: Union[ImageLike, Sequence[ImageLike]],
        *,
        score_threshold: Optional[float] = None,
        iou_threshold: Optional[float] = None,
        class_agnostic: Optional[bool] = None,
    ) -> Union[Detections, List[Detections]]:
        """Finds objects in an image, or in each of a list of images.

        images: one image or a list. An image is

            - an array of uint8, height x width x 3 with blue first, as cv2.imread gives it, or height x width (gray);
            - a PIL image of 8 bits a channel, taken as it is: EXIF does not turn it. Pass the PIL image itself: an array
              made of it has red first, which cannot be seen, and wrong colors cost detections;
            - the path of a file. JPEG needs nothing else, other formats the package cv2.

            Several images of a list are processed at once. One that cannot be processed does not stop the others: its
            Detections have an ``error`` and nothing else, and a warning says so.
        score_threshold: the lowest score in this call. None: the detector's.
        iou_threshold, class_agnostic: in this call, for files that take them: see Detector(). None: the detector's.

        Raises ImageError, FileError or RuntimeError for one image; UsageError for thresholds; TypeError.
        """
        thresholds = self._thresholds_of(score_threshold, iou_threshold, class_agnostic)
        if isinstance(images, (list, tuple)):
            for index, image in enumerate(images):
                require_image(image, f"images[{index}]")
            return list(self._results(self._native_for(len(images)), images, thresholds))
        if not is_image(images) and isinstance(images, collections.abc.Iterator):
            raise TypeError(f"images must be an image or a list of images, not {shown(images)}\nhint: use stream()")
        require_image(images, "images")
        pixels, path = load(images, self._native.turns_images)
        arrays = self._native.detect(pixels, thresholds)
        self._warn_of_left_out()
        return Detections(*arrays, classes=self._classes, image=pixels, path=path)

    def stream(
        self,
        images: Iterable[ImageLike],
        *,
        score_threshold: Optional[float] = None,
        iou_threshold: Optional[float] = None,
        class_agnostic: Optional[bool] = None,
    ) -> Iterator[Detections]:
        """Finds objects in images one after the other, several at once, and gives each image's Detections in order.

            for found in tqdm.tqdm(detector.stream(files), total=len(files)):
                found.save(folder / Path(found.path).name)

        images: any iterable, also one without an end. It is read ahead by a few images, in other threads, so that only
            these are in memory.

        The arguments and what becomes of an image that cannot be processed are as for a call with a list.
        """
        thresholds = self._thresholds_of(score_threshold, iou_threshold, class_agnostic)
        if is_image(images) or not isinstance(images, collections.abc.Iterable):
            raise TypeError(f"images must be an iterable of images, not {shown(images)}")
        return self._results(self._native_for(_MANY), images, thresholds)

    def _native_for(self, count: int) -> _detector.Detector:
        """One that has several runs of one thread for many images: the detector's own has one of several threads."""
        if self._is_tuned or count < _MANY:
            return self._native
        with self._lock:
            if self._many is None and _identity(self._path) == self._identity is not None:
                self._many = self._native.for_throughput()
        return self._many or self._native

    def _results(
        self, native: _detector.Detector, images: Iterable[ImageLike], thresholds: _detector.Thresholds
    ) -> Iterator[Detections]:
        for arrays, pixels, path, error in streaming.results(native, images, thresholds, self._warn_of_left_out):
            if error is not None and not isinstance(error, Error):
                raise error
            if error is not None:
                warn(f"an image was skipped: {error.message}")
            yield Detections(*arrays, classes=self._classes, image=pixels, path=path, error=error)

    def _thresholds_of(
        self, score_threshold: Optional[float], iou_threshold: Optional[float], class_agnostic: Optional[bool]
    ) -> _detector.Thresholds:
        if score_threshold is iou_threshold is class_agnostic is None:
            return self._no_thresholds
        values = {
            "score_threshold": score_threshold, "iou_threshold": iou_threshold, "class_agnostic": class_agnostic,
        }  # fmt: skip
        check(Detector._thresholds_of, values)
        thresholds = _detector.Thresholds()
        set_options(thresholds, values)
        self._native.check_thresholds(thresholds)
        self._warn_of_low_threshold(score_threshold)
        return thresholds

    def _warn_of_low_threshold(self, score_threshold: Optional[float]) -> None:
        if score_threshold is not None and score_threshold < self.lowest_score:
            warn(
                f"score_threshold={score_threshold:g} finds no more than {self.lowest_score:g}: the file itself drops "
                "what scores less\nhint: yoloport.set_thresholds() changes the file; a file that was exported with "
                "runtime_thresholds=True takes any threshold"
            )

    def _warn_of_left_out(self) -> None:
        if not self._has_warned and self._native.left_out:
            self._has_warned = True
            warn(self.left_out)

    @property
    def classes(self) -> List[str]:
        """Names by label; empty for a file that does not say them."""
        return list(self._classes.names)

    @property
    def score_threshold(self) -> Optional[float]:
        """As given when the detector was made. A call may have another one."""
        return self._thresholds[0]

    @property
    def iou_threshold(self) -> Optional[float]:
        """As given when the detector was made; None: the file's. A call may have another one."""
        return self._thresholds[1]

    @property
    def class_agnostic(self) -> Optional[bool]:
        """As given when the detector was made; None: the file's. A call may have another one."""
        return self._thresholds[2]

    @property
    def lowest_score(self) -> float:
        """The threshold that is fixed in an end-to-end file: lower scores are not found, whatever ``score_threshold``
        says. 0 where there is none, or none is known."""
        return self._native.lowest_score

    @property
    def runtime(self) -> str:
        """What runs the network, and what it computes in: "ONNX Runtime 1.32.0, float32"."""
        return self._native.runtime

    @property
    def input_size(self) -> Tuple[int, int]:
        """Height and width of the network's input, in pixels."""
        return self._native.height, self._native.width

    @property
    def notes(self) -> List[str]:
        """What another program's file was taken for, and what it does not say; empty for yoloport's own files."""
        return [in_python(text) for text in self._native.notes]

    @property
    def warnings(self) -> List[str]:
        """What a user of this file should know; usually empty."""
        return [in_python(text) for text in self._native.warnings]

    @property
    def left_out(self) -> str:
        """What was left out so far because it cannot be a detection, with its number: scores that are not from 0 to 1,
        labels of no class, boxes that are NaN, infinite or far outside the image. Empty: nothing. The first time, a
        warning says so, too."""
        return in_python(self._native.left_out)

    def __repr__(self) -> str:
        return f"<yoloport.Detector: {len(self._classes.names)} classes, {self._native.runtime}>"


def _identity(path: Path) -> Optional[Tuple[int, int, int, int]]:
    """Of the file as it is now; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
