"""What yoloport raises. The texts are those of the program."""

import builtins


class Error(Exception):
    """Whatever yoloport cannot do.

    ``message`` says what was found, where, and what was expected; ``hint`` says what to do and may be empty. ``str()``
    is both.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class ConfigError(Error):
    """The training config: syntax, evaluation, or a key that is missing or not understood."""


class CheckpointError(Error):
    """The checkpoint: container, pickle, or a tensor that is missing or has another shape."""


class ModelError(Error):
    """The network: an architecture that is not known, or an ONNX file that is not what was expected."""


class RuntimeError(Error, builtins.RuntimeError):
    """An inference runtime: not built in or not installed, or it refused the model or the input."""


class ImageError(Error):
    """An image: unreadable, empty or too large, or an array that is none."""


class FileError(Error, OSError):
    """A file or folder: missing, not readable, not writable, disk full."""


class UsageError(Error, ValueError):
    """An option outside its range, or options that make no sense together."""
