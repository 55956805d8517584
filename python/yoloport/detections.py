"""What was found in an image."""

import sys
import warnings
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Union,
    overload,
)

import numpy as np
import numpy.typing as npt

from . import _detector, images
from ._arguments import check
from ._speech import in_python
from .choices import StrPath
from .errors import Error, ImageError, MissingPackageError, UsageError

if TYPE_CHECKING:
    import pandas

Index = Union[int, "np.integer[Any]"]
Rows = Union[slice, Sequence[int], Sequence[bool], "npt.NDArray[np.bool_]", "npt.NDArray[np.integer[Any]]"]


class Detection(NamedTuple):
    """One object that was found.

    box: x1, y1, x2, y2 in pixels of the image.
    score: from 0 to 1.
    label: the number of its class, from 0.
    name: the name of its class.
    """

    box: Tuple[float, float, float, float]
    score: float
    label: int
    name: str


class Classes:
    """What a detector says of its classes, which its results share."""

    __slots__ = ("names", "palette", "has_warned")

    def __init__(self, names: Sequence[str] = (), palette: Sequence[Sequence[int]] = ()) -> None:
        self.names = list(names)
        self.palette = list(palette)
        self.has_warned = False

    def name(self, label: int) -> str:
        return self.names[label] if 0 <= label < len(self.names) else f"class_{label}"

    def drawing_warning(self) -> str:
        """The first time; then nothing."""
        text = "" if self.has_warned else in_python(_detector.drawing_warning(self.names))
        self.has_warned = self.has_warned or bool(text)
        return text


class Detections:
    """What was found in one image, best first.

    boxes: float32, N x 4: x1, y1, x2, y2 in pixels of the image.
    scores: float32, N, from 0 to 1.
    labels: int64, N: numbers of classes, from 0.
    names: the N names of these classes.
    image: the image as an array of uint8, blue first.
    path: where the image was read from; None where it was given as an array.
    error: why the image could not be processed, in a list or a stream; then nothing was found. Otherwise None.

    ``found[0]`` is one Detection, and so is each item of a loop. A slice, a list of indices, an array of indices or of
    bools gives Detections: ``found[found.scores > 0.5]``. Detections are equal when boxes, scores, labels and names
    are. They can be pickled, image included.
    """

    __slots__ = ("boxes", "scores", "labels", "path", "error", "_image", "_classes")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        boxes: npt.ArrayLike,
        scores: npt.ArrayLike,
        labels: npt.ArrayLike,
        *,
        classes: Union[Sequence[str], Classes] = (),
        image: Optional[images.Pixels] = None,
        path: Optional[str] = None,
        error: Optional[Error] = None,
    ) -> None:
        """Of arrays of your own, such as boxes of another detector to draw; ``classes`` has the names by label."""
        self.boxes: npt.NDArray[np.float32] = np.asarray(boxes, np.float32).reshape(-1, 4)
        self.scores: npt.NDArray[np.float32] = np.asarray(scores, np.float32)
        self.labels: npt.NDArray[np.int64] = np.asarray(labels, np.int64)
        self.path = path
        self.error = error
        self._image = image
        self._classes = classes if isinstance(classes, Classes) else Classes(classes)
        if not self.boxes.shape[:1] == self.scores.shape == self.labels.shape:
            raise UsageError("boxes, scores and labels must be as many as each other")

    @property
    def names(self) -> List[str]:
        return [self._classes.name(label) for label in self.labels.tolist()]

    @property
    def image(self) -> images.Pixels:
        if self._image is not None:
            return self._image
        raise self.error or ImageError("these detections have no image", "give one: plot(image)")

    @image.setter
    def image(self, image: images.Pixels) -> None:
        self._image = image

    def __len__(self) -> int:
        return len(self.scores)

    def __iter__(self) -> Iterator[Detection]:
        rows = zip(self.boxes.tolist(), self.scores.tolist(), self.labels.tolist())
        for box, score, label in rows:
            yield Detection((box[0], box[1], box[2], box[3]), score, label, self._classes.name(label))

    @overload
    def __getitem__(self, index: Index) -> Detection: ...
    @overload
    def __getitem__(self, index: Rows) -> "Detections": ...

    def __getitem__(self, index: Union[Index, Rows]) -> Union[Detection, "Detections"]:
        if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
            x1, y1, x2, y2 = self.boxes[index].tolist()
            label = int(self.labels[index])
            return Detection((x1, y1, x2, y2), float(self.scores[index]), label, self._classes.name(label))
        if isinstance(index, slice):
            rows: Any = index
        else:
            rows = np.asarray(index)
            rows = rows.astype(np.int64) if rows.size == 0 and rows.dtype != np.bool_ else rows
            if rows.ndim != 1 or rows.dtype.kind not in "biu":
                raise TypeError("an index of Detections is an int, a slice, or a list or array of ints or bools")
        return Detections(
            self.boxes[rows],
            self.scores[rows],
            self.labels[rows],
            classes=self._classes,
            image=self._image,
            path=self.path,
            error=self.error,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Detections):
            return NotImplemented
        return (
            np.array_equal(self.boxes, other.boxes)
            and np.array_equal(self.scores, other.scores)
            and np.array_equal(self.labels, other.labels)
            and self.names == other.names
        )

    def __repr__(self) -> str:
        if self.error is not None:
            return f"<yoloport.Detections: {type(self.error).__name__}: {self.error.message}>"
        counts: Dict[str, int] = {}
        for name in self.names:
            counts[name] = counts.get(name, 0) + 1
        found = ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))
        return f"<yoloport.Detections: {found or 'nothing'}>"

    def plot(self, image: Optional[images.ImageLike] = None) -> images.Pixels:
        """A copy of the image with boxes and names drawn on it, as ``yoloport detect`` draws them; blue first.

        image: another image to draw on.
        """
        if image is not None:
            images.require_image(image, "image")
        onto = self.image if image is None else images.load(image, True)[0]
        warning = self._classes.drawing_warning()
        if warning:
            warn(warning)
        return _detector.draw(
            onto,
            np.ascontiguousarray(self.boxes, np.float32),
            np.ascontiguousarray(self.scores, np.float32),
            np.ascontiguousarray(self.labels, np.int64),
            self._classes.names,
            self._classes.palette,
        )

    def save(self, path: StrPath) -> None:
        """Writes what plot() draws: .jpg, or with the package cv2 also .png, .webp, .bmp or .tif.

        The file appears whole or not at all. Raises ImageError, FileError or MissingPackageError.
        """
        check(Detections.save, locals())
        images.write(self.plot(), Path(path))

    def show(self, title: str = "yoloport") -> None:
        """Shows what plot() draws in a window until a key is pressed.

        Needs a display and the package opencv-python: opencv-python-headless has no windows. Raises RuntimeError where no
        window can be opened.
        """
        check(Detections.show, locals())
        images.show(self.plot(), title)

    def to_coco(self, image_id: int = 0, category_ids: Optional[Sequence[int]] = None) -> List[Dict[str, Any]]:
        """COCO results: a dict for each detection, with image_id, category_id, bbox (x, y, width, height) and score.

        image_id: the id of the image.
        category_ids: the id of each class, by label. None: ids count from 1, as ``yoloport detect --format coco``
            writes them.
        """
        check(Detections.to_coco, locals())
        most = int(self.labels.max()) if len(self) else -1
        if category_ids is not None and most >= len(category_ids):
            raise UsageError(
                f"category_ids has {len(category_ids)} ids, and there are detections of the label {most}",
                "give an id for each class of the detector",
            )
        return [
            {
                "image_id": int(image_id),
                "category_id": label + 1 if category_ids is None else int(category_ids[label]),
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "score": score,
            }
            for (x1, y1, x2, y2), score, label in zip(
                self.boxes.tolist(), self.scores.tolist(), self.labels.tolist()
            )
        ]

    def to_pandas(self) -> "pandas.DataFrame":
        """A DataFrame with the columns x1, y1, x2, y2, score, label and name.

        Raises MissingPackageError, which is an ImportError, where pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise MissingPackageError(
                f"to_pandas() needs the Python package pandas: {error}", "pip install pandas"
            ) from None
        columns = dict(zip(("x1", "y1", "x2", "y2"), self.boxes.T.copy()))
        return pandas.DataFrame({**columns, "score": self.scores, "label": self.labels, "name": self.names})

    def to_supervision(self) -> Any:
        """The same as ``supervision.Detections``, with the names under "class_name".

        Raises MissingPackageError, which is an ImportError, where supervision is not installed.
        """
        try:
            import supervision
        except ImportError as error:
            raise MissingPackageError(
                f"to_supervision() needs the Python package supervision: {error}", "pip install supervision"
            ) from None
        return supervision.Detections(
            xyxy=self.boxes.copy(),
            confidence=self.scores.copy(),
            class_id=self.labels.copy(),
            data={"class_name": np.array(self.names, dtype=str)},
        )


def warn(text: str) -> None:
    """Python's warning, for the line of the caller's that is outside this package."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__package__") == __package__:
        level, frame = level + 1, frame.f_back
    warnings.warn(text, UserWarning, stacklevel=level)
