"""ONNX Runtime's library, from the Python package onnxruntime (or onnxruntime-gpu)."""

import ctypes
import functools
import importlib.util
from pathlib import Path

from .errors import RuntimeError


def library() -> Path:
    """Where the library is. Does not import the package, whose Python part is not needed."""
    spec = importlib.util.find_spec("onnxruntime")
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        for file in sorted(Path(folder, "capi").glob("libonnxruntime.so.*")):
            return file
    what = f"no libonnxruntime.so in {folders[0]}/capi" if folders else "the Python package onnxruntime is not there"
    raise RuntimeError(
        f"the runtime onnxruntime cannot be loaded: {what}",
        "pip install onnxruntime, or onnxruntime-gpu for the device cuda",
    )


@functools.lru_cache(maxsize=None)
def load() -> None:
    """Puts the library into this process, where the extension module finds it by its name."""
    file = library()
    try:
        ctypes.CDLL(str(file))
    except OSError as error:
        raise RuntimeError(
            f"the runtime onnxruntime cannot be loaded: {error}", "pip install --force-reinstall onnxruntime"
        ) from None
