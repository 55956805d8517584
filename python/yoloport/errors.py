"""What yoloport raises."""

import builtins
from typing import Dict, Type

from ._speech import in_python


class Error(Exception):
    """The base class of all errors of yoloport.

    ``message`` says what is wrong, where, and what was expected; ``hint`` says what to do and may be empty. ``str()``
    gives both.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class ConfigError(Error):
    """A training config: its syntax, its evaluation, or a key that is missing or not understood."""


class CheckpointError(Error):
    """A checkpoint: its container, its pickle, or a tensor that is missing or has another shape."""


class ModelError(Error):
    """A network: an unknown architecture, or an ONNX file that is not what was expected."""


class RuntimeError(Error, builtins.RuntimeError):
    """An inference runtime: not built in, not installed, or it refused the model or the input. Or no display."""


class MissingPackageError(RuntimeError, ImportError):
    """A Python package that a function needs is not installed."""


class ImageError(Error):
    """An image: damaged, empty, too large, or an array of another shape or type."""


class FileError(Error, OSError):
    """A file or folder: missing, not readable, not writable, disk full."""


class UsageError(Error, ValueError):
    """An argument outside its range, or arguments that contradict each other."""


_CLASSES: Dict[str, Type[Error]] = {
    each.__name__: each
    for each in (Error, ConfigError, CheckpointError, ModelError, RuntimeError, ImageError, FileError, UsageError)
}


def _from_library(name: str, message: str, hint: str) -> Error:
    """The exception for an error of the library, which the extension modules call this for."""
    return _CLASSES[name](in_python(message), in_python(hint))
