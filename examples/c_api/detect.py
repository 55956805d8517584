#!/usr/bin/env python3
"""The C interface from another language, here Python's ctypes: detect.py LIBRARY MODEL PHOTO

LIBRARY is the installed libyoloport-c.so. Prints a line for each object: class, score and box in pixels. (For Python
itself there is the package yoloport.)
"""

import ctypes
import os
import sys


class Detection(ctypes.Structure):
    _fields_ = [("label", ctypes.c_int32), ("score", ctypes.c_float), *((name, ctypes.c_float) for name in ("x1", "y1", "x2", "y2"))]


class Detections(ctypes.Structure):
    _fields_ = [("count", ctypes.c_size_t), ("items", ctypes.POINTER(Detection))]


def load(path):
    library = ctypes.CDLL(path)
    library.yoloport_last_error.restype = ctypes.c_char_p
    library.yoloport_open.restype = ctypes.c_void_p
    library.yoloport_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    library.yoloport_class_name.restype = ctypes.c_char_p
    library.yoloport_class_name.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.yoloport_detect_file.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(Detections)]
    library.yoloport_free_detections.argtypes = [ctypes.POINTER(Detections)]
    library.yoloport_close.argtypes = [ctypes.c_void_p]
    library.yoloport_close.restype = None
    return library


def main():
    library = load(sys.argv[1])
    detector = library.yoloport_open(os.fsencode(sys.argv[2]), None)
    found = Detections()
    if not detector or library.yoloport_detect_file(detector, os.fsencode(sys.argv[3]), ctypes.byref(found)) != 0:
        sys.exit("error: " + library.yoloport_last_error().decode())
    for d in found.items[: found.count]:
        name = library.yoloport_class_name(detector, d.label).decode()
        print(f"{name} {d.score:.6f} {d.x1:.3f} {d.y1:.3f} {d.x2:.3f} {d.y2:.3f}")
    library.yoloport_free_detections(ctypes.byref(found))
    library.yoloport_close(detector)


if __name__ == "__main__":
    main()
