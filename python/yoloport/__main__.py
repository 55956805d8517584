"""The program `yoloport`, which is in this package."""

import os
import sys
from pathlib import Path

from . import _onnxruntime
from .errors import Error

BIN = Path(__file__).resolve().parent / "bin"
OF_DETECT = ("detect", "bench", "build-engine")  # commands of the program yoloport-detect


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in OF_DETECT:
        if not (BIN / "yoloport-detect").exists():
            sys.exit(
                f"error: `yoloport {sys.argv[1]}` is not in this Python package\n"
                "hint: use yoloport.Detector, or see docs/python.md for a package that has it"
            )
        try:
            os.environ.setdefault("YOLOPORT_ONNXRUNTIME", str(_onnxruntime.library()))
        except Error:
            pass  # another runtime may be asked for; the program says so where it is not
    os.execv(BIN / "yoloport", ["yoloport", *sys.argv[1:]])


if __name__ == "__main__":
    main()
