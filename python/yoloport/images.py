"""What a detector takes as an image: arrays, PIL images, and files."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from . import _detector
from ._arguments import shown
from .choices import StrPath
from .errors import FileError, ImageError, MissingPackageError, RuntimeError

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

Pixels = npt.NDArray[np.uint8]
ImageLike = Union[Pixels, StrPath, "PilImage"]

_GRAY = ("1", "L", "LA")  # modes of PIL
_COLOR = ("RGB", "RGBA", "RGBX", "RGBa", "La", "P", "PA", "CMYK", "YCbCr", "HSV", "LAB")


def _is_pil(image: Any) -> bool:
    module = sys.modules.get("PIL.Image")  # who has such an image has loaded it
    return module is not None and isinstance(image, module.Image)


def is_path(image: Any) -> bool:
    return isinstance(image, (str, os.PathLike))


def is_image(image: Any) -> bool:
    return isinstance(image, np.ndarray) or is_path(image) or _is_pil(image)


def require_image(image: Any, name: str) -> None:
    """Raises TypeError that names the argument."""
    if is_image(image):
        return
    hint = ""
    if image is None:
        hint = "\nhint: cv2.imread gives None for a file that it cannot read; give the path itself, and the error says why"
    elif type(image).__module__.partition(".")[0] == "torch":
        hint = "\nhint: give an array of uint8, height x width x 3, blue first"
    raise TypeError(f"{name} must be a numpy array, a PIL image or a path, not {shown(image)}{hint}")


def _from_pil(image: Any) -> Pixels:
    if image.mode in _GRAY:
        return np.asarray(image.convert("L"), np.uint8)
    if image.mode not in _COLOR:
        raise ImageError(
            f"a PIL image of the mode {image.mode} does not have 8 bits a channel",
            'convert it to the mode "L" or "RGB" first, scaled to 0 to 255',
        )
    return np.ascontiguousarray(np.asarray(image.convert("RGB"), np.uint8)[:, :, ::-1])


def as_array(image: Any) -> Pixels:
    """Of what is in memory."""
    if isinstance(image, np.ndarray):
        return image
    return _from_pil(image)


def load(image: Any, upright: bool) -> Tuple[Pixels, Optional[str]]:
    """Pixels and path of what is_image()."""
    if is_path(image):
        return _detector.read_image(Path(image), upright, decode_with_cv2), os.fspath(image)
    return as_array(image), None


def decode_with_cv2(path: Any, encoded: bytes, kind: str, upright: bool) -> Pixels:
    """What the extension module calls for formats that it does not decode itself."""
    cv2 = _cv2(f"'{path}': reading {kind} files", "or give the image as an array")
    flags = cv2.IMREAD_COLOR if upright else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    except cv2.error:
        image = None
    if image is None:
        raise ImageError(f"'{path}': is a damaged {kind} or one that cannot be decoded")
    pixels: Pixels = image
    return pixels


def write(image: Pixels, path: Path) -> None:
    """The file appears whole or not at all. JPEG is written by the extension module, all else by cv2."""
    if path.suffix.lower() in (".jpg", ".jpeg") or not _detector.can_write_image(path):
        _detector.write_image(image, path)
        return
    cv2 = _cv2(f"'{path}': writing {path.suffix} files", "or save as .jpg")
    done, encoded = cv2.imencode(path.suffix.lower(), image)
    if not done:
        raise ImageError(f"'{path}': cannot be encoded")
    part = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        part.write_bytes(encoded.tobytes())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FileError(f"'{path}': cannot be written: {error.strerror}") from None


def show(image: Pixels, title: str) -> None:
    """In a window, until a key is pressed or it is closed."""
    cv2 = _cv2("show()", "or use plot() or save()")
    try:
        cv2.imshow(title, image)
        while cv2.waitKey(100) < 0 and cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1:
            pass
        cv2.destroyWindow(title)
    except cv2.error:
        raise RuntimeError(
            "show() cannot open a window: there is no display, or this cv2 has no windows",
            "use plot() or save(); opencv-python has windows, opencv-python-headless does not",
        ) from None


def _cv2(what: str, otherwise: str) -> Any:
    try:
        import cv2
    except ImportError as error:
        raise MissingPackageError(
            f"{what} needs the Python package cv2: {error}", f"pip install opencv-python-headless, {otherwise}"
        ) from None
    return cv2
