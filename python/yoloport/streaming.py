"""Many images at once: from an iterable to the results of the extension module's stream."""

import atexit
import collections
import os
import threading
import weakref
from typing import Any, Callable, Deque, Iterable, Iterator, Optional, Tuple, Union

from . import _detector
from .choices import StrPath
from .images import ImageLike, Pixels, as_array, decode_with_cv2, require_image

# Arrays of a result, the image's pixels, its path, its error.
Result = Tuple[Tuple[Any, Any, Any], Optional[Pixels], Optional[str], Any]

_open: "weakref.WeakSet[_detector.ImageStream]" = weakref.WeakSet()
_lock = threading.Lock()


@atexit.register
def _close_all() -> None:
    # Their threads call Python, which must not end before them.
    with _lock:
        streams = list(_open)
    for stream in streams:
        stream.close()


class _Feed:
    """Gives the stream one image after the other, and remembers what it gave."""

    def __init__(self, images: Iterable[ImageLike]) -> None:
        self._images = enumerate(images)
        self.taken: Deque[Tuple[Optional[Pixels], Optional[str]]] = collections.deque()

    def next(self) -> Union[Pixels, StrPath, None]:
        """Called in threads of the stream, by one at a time. None: no more."""
        for index, image in self._images:
            require_image(image, f"images[{index}]")
            if isinstance(image, (str, os.PathLike)):
                path = os.fspath(image)
                self.taken.append((None, path))
                return path
            pixels = as_array(image)
            self.taken.append((pixels, None))
            return pixels
        return None


def results(
    detector: _detector.Detector,
    images: Iterable[ImageLike],
    thresholds: _detector.Thresholds,
    at_end: Callable[[], None],
) -> Iterator[Result]:
    """In the order of the images; a few of them are read ahead. ``at_end`` is called also where the caller stops."""
    feed = _Feed(images)
    stream = _detector.ImageStream(detector, feed.next, decode_with_cv2, thresholds)
    with _lock:
        _open.add(stream)
    try:
        while True:
            result: Any = stream.next()
            if result is None:
                return
            given, path = feed.taken.popleft()
            arrays, pixels, error = result
            yield arrays, given if pixels is None else pixels, path, error
    finally:
        stream.close()
        at_end()
