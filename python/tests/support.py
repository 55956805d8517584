"""What the tests of the package share. YOLOPORT names the program that results are compared with."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import cv2
import numpy as np

import yoloport
from yoloport import errors

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("YOLOPORT", str(ROOT / "build" / "yoloport"))
DEMO = ROOT / "demo"


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT, check=False)


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.model = cls.folder / "digits.onnx"
        cls.report = yoloport.export(
            DEMO / "config.py", DEMO / "digits.pth", output=cls.model, from_test_cfg=True
        )
        cls.detector = yoloport.Detector(cls.model)
        cls.page = cv2.imread(str(DEMO / "page1.png"))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def expect_error(self, kind, text, call):
        with self.assertRaises(kind) as caught:
            call()
        self.assertEqual(str(caught.exception), text)

    def program_finds(self, *arguments):
        done = run("detect", *arguments, self.model, "--no-save", "--json", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line)["detections"] for line in done.stdout.splitlines()]

    def expect_equal(self, found, expected):
        self.assertGreater(len(expected), 3)
        self.assertEqual(found.labels.tolist(), [each["label"] for each in expected])
        self.assertEqual(found.names, [each["class"] for each in expected])
        # The program writes 32-bit floats so that they read back the same.
        np.testing.assert_array_equal(found.scores, np.float32([each["score"] for each in expected]))
        np.testing.assert_array_equal(found.boxes, np.float32([each["box"] for each in expected]))


# What the library's errors said in all tests of this process: no flag of the command line may be left.
messages = []
_from_library = errors._from_library


def _recorded(*arguments):
    error = _from_library(*arguments)
    messages.append(str(error))
    return error


errors._from_library = _recorded


def tearDownModule():
    flags = [message for message in messages if " --" in message]
    if flags:
        raise AssertionError(f"flags of the command line in messages: {flags}")
