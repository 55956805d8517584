"""Arguments of wrong types, and the words of messages."""

import inspect
import pathlib
import re
import unittest

import numpy as np

import yoloport
from support import DEMO, ROOT, PackageTest, tearDownModule  # noqa: F401
from yoloport import _speech

# Literals of C++ that end within a line. Those of tests and of what is not in the package do not matter.
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*--[a-z](?:[^"\\\n]|\\.)*)"')
FLAG = re.compile(r"(?:^|[\s`(])--([a-z][a-z-]+)")

# Flags of commands that are not in the package (build-engine, bench, detect's files) or of other programs.
OF_OTHERS = {
    "conf-thres", "decode", "device", "fp", "int", "iou-thres", "max-det", "max-shape", "min-shape", "onnx", "opt-shape",
    "protocol", "saveEngine", "timeout", "timing-cache", "upgrade", "url", "workspace", "scores", "nms", "end",
}  # fmt: skip


class TypeTest(PackageTest):
    def test_wrong_types_name_the_argument(self):
        model, config, checkpoint = self.model, DEMO / "config.py", DEMO / "digits.pth"
        cases = [
            (lambda: yoloport.export("a.pth", opset="seventeen"), "opset must be an int, not 'seventeen'"),
            (lambda: yoloport.export("a.pth", opset=11.5), "opset must be an int, not 11.5"),
            (lambda: yoloport.export("a.pth", opset=True), "opset must be an int, not True"),
            (lambda: yoloport.export("a.pth", dynamic=True), "dynamic must be a str or a list of str, not True"),
            (lambda: yoloport.export("a.pth", dynamic=[1]), "dynamic must be a str or a list of str, not a list"),
            (lambda: yoloport.export("a.pth", half="yes"), "half must be True or False, not 'yes'"),
            (lambda: yoloport.export("a.pth", backend=None), "backend must be a str, not None"),
            (lambda: yoloport.export("a.pth", iou_threshold="a"), "iou_threshold must be a number, not 'a'"),
            (lambda: yoloport.export("a.pth", img_size="640"), "img_size must be an int, a list of int or None, not '640'"),
            (lambda: yoloport.export(None), "config must be a path, not None"),
            (lambda: yoloport.export("a.pth", cfg_options="a=1"), "cfg_options must be a dict or a list of str, not 'a=1'"),
            (lambda: yoloport.export("a.pth", package_path=["mmdet"]), "package_path must be a dict or None, not a list"),
            (lambda: yoloport.finish("a.onnx", outputs="a"), "outputs must be a list of str, not 'a'"),
            (lambda: yoloport.finish("a.onnx", mean="a"), "mean must be a list of numbers or None, not 'a'"),
            (lambda: yoloport.finish(7), "model must be a path, not 7"),
            (lambda: yoloport.Detector(None), "model must be a path, not None"),
            (lambda: yoloport.Detector(model, batch="2"), "batch must be an int, not '2'"),
            (lambda: yoloport.Detector(model, class_names="abc"), "class_names must be a list of str or None, not 'abc'"),
            (lambda: yoloport.Detector(model, anchors=[1]),
             "anchors must be a list of lists of lists of numbers or None, not a list"),
            (lambda: self.detector(self.page, score_threshold="high"),
             "score_threshold must be a number or None, not 'high'"),
            (lambda: yoloport.inspect(None), "file must be a path, not None"),
            (lambda: yoloport.set_thresholds(model, keep_topk=0.5), "keep_topk must be an int or None, not 0.5"),
            (lambda: yoloport.package(model, "triton", output=None), "output must be a path, not None"),
        ]
        for call, text in cases:
            with self.subTest(text):
                self.expect_error(TypeError, text, call)

    def test_numbers_of_numpy_are_numbers(self):
        ours, theirs = self.folder / "ours.onnx", self.folder / "theirs.onnx"
        files = (DEMO / "config.py", DEMO / "digits.pth")
        yoloport.export(
            *files, output=ours, img_size=np.array([192, 320]), opset=np.int64(13), half=np.bool_(True),
            score_threshold=np.float32(0.5), keep_topk=np.int32(7), dynamic=(axis for axis in ["batch"]),
        )
        yoloport.export(
            *files, output=theirs, img_size=(192, 320), opset=13, half=True, score_threshold=0.5, keep_topk=7,
            dynamic="batch",
        )
        self.assertEqual(ours.read_bytes(), theirs.read_bytes())
        found = yoloport.Detector(ours, score_threshold=np.float32(0.5), batch=np.int64(2))(self.page)
        self.assertEqual(found, yoloport.Detector(theirs, score_threshold=0.5)(self.page))

    def test_a_size_has_one_or_two_sides(self):
        self.expect_error(
            yoloport.UsageError, "img_size is height and width, or one number for both",
            lambda: yoloport.export("a.pth", img_size=(1, 2, 3)),
        )

    def test_every_argument_is_described(self):
        for function in (
            yoloport.export, yoloport.finish, yoloport.set_thresholds, yoloport.package, yoloport.inspect,
            yoloport.Detector.__init__, yoloport.Detector.__call__, yoloport.Detections.to_coco,
        ):
            text = function.__doc__ or ""
            for name in inspect.signature(function).parameters:
                if name not in ("self", "file"):
                    with self.subTest(function=function.__qualname__, name=name):
                        self.assertRegex(text, rf"\b{name}\b")

    def test_a_star_import_shadows_no_builtin(self):
        import builtins

        self.assertEqual([name for name in yoloport.__all__ if hasattr(builtins, name)], [])
        for name in yoloport.__all__:
            self.assertTrue(hasattr(yoloport, name), name)


class SpeechTest(unittest.TestCase):
    def test_flags_become_arguments(self):
        cases = {
            "give one with --output": "give one with output",
            "export with --half, and": "export with half=True, and",
            "leave --model-only out, and": "leave model_only=True out, and",
            "exported with --dynamic height,width, it": 'exported with dynamic="height,width", it',
            "export it with --backend tensorrt8 --layout efficientnms": 'export it with backend="tensorrt8" '
            'layout="efficientnms"',
            "at --img-size 800 1344, not 1 2": "at img_size=(800, 1344), not 1 2",
            "--iou-threshold 0.65 -> 0.5 (model.test_cfg)": "iou_threshold 0.65 -> 0.5 (model.test_cfg)",
            "so --score-thr 0.1 finds": "so score_threshold=0.1 finds",
            "with --package-path mmdet=DIR": 'with package_path={"mmdet": DIR}',
            "--class-names FILE gives the classes": "class_names gives the classes",
            "give --type, one of yolov5": "give type, one of yolov5",
            "(--mean and --bgr for others)": "(mean and rgb=False for others)",
            "--cfg-options:1:5: brackets": "cfg_options:1:5: brackets",
            "change it with yoloport set": "change it with yoloport.set_thresholds()",
            "'a --half.onnx': is --half": "'a --half.onnx': is half=True",
            "the file's --type is 'x'": "the file's type is 'x'",
            "a.py:1:2: bad\n    x = '--half'  # --half\n        ^": "a.py:1:2: bad\n    x = '--half'  # --half\n        ^",
            "build with --fp16, by trtexec --onnx=a": "build with --fp16, by trtexec --onnx=a",
        }
        for text, expected in cases.items():
            with self.subTest(text):
                self.assertEqual(_speech.in_python(text), expected)

    def test_every_flag_in_the_library_is_known(self):
        unknown = set()
        for file in sorted((ROOT / "src").rglob("*.cc")):
            if file.name.endswith("_test.cc") or "testing" in file.parts:
                continue
            for text in LITERAL.findall(file.read_text()):
                unknown |= {flag for flag in FLAG.findall(text) if flag not in _speech.FLAGS and flag not in OF_OTHERS}
        self.assertEqual(unknown, set())


if __name__ == "__main__":
    unittest.main()
