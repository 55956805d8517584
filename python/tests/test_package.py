"""The installed package against the program: `make python-test` runs this."""

import builtins
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest
import warnings

import cv2
import numpy as np

import yoloport
from support import DEMO, ROOT, PackageTest, run, tearDownModule  # noqa: F401
from yoloport._speech import in_python


class ExportTest(PackageTest):
    def test_files_of_other_programs(self):
        detector = yoloport.Detector(ROOT / "testdata/detect/brightness.onnx")
        self.assertEqual(detector.notes, [])
        with self.assertRaisesRegex(yoloport.UsageError, " boxes is about"):
            yoloport.Detector(ROOT / "testdata/detect/brightness.onnx", boxes="pixels")
        with self.assertRaisesRegex(yoloport.UsageError, "boxes is pixels or offsets, not 'other'"):
            yoloport.Detector(ROOT / "testdata/detect/brightness.onnx", boxes="other")

    def test_the_file_is_the_programs(self):
        other = self.folder / "program.onnx"
        done = run("export", "demo/config.py", "demo/digits.pth", "--img-size", 320, "--from-test-cfg", "--output", other)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.model.read_bytes(), other.read_bytes())

    def test_options_are_the_programs(self):
        ours, theirs = self.folder / "ours.onnx", self.folder / "theirs.onnx"
        yoloport.export(
            str(DEMO / "config.py"), str(DEMO / "digits.pth"), output=str(ours), img_size=[192, 320], dynamic=["batch"],
            opset=13, input="uint8", input_layout="nhwc", input_color="rgb", half=True, pre_topk=77, keep_topk=33,
            iou_threshold=0.4, score_threshold=0.1, min_box_size=5, class_agnostic=True, runtime_thresholds=True,
            strict=True,
            cfg_options={"default_scope": "mmyolo", "env_cfg.cudnn_benchmark": True},
        )
        options = (
            "--img-size 192 320 --dynamic batch --opset 13 --input uint8 --input-layout nhwc --input-color rgb --half "
            "--pre-topk 77 --keep-topk 33 --iou-threshold 0.4 --score-threshold 0.1 --min-box-size 5 --class-agnostic "
            "--runtime-thresholds --strict --cfg-options default_scope=mmyolo env_cfg.cudnn_benchmark=True"
        )
        done = run("export", "demo/config.py", "demo/digits.pth", "--output", theirs, *options.split())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(ours.read_bytes(), theirs.read_bytes())

    def test_layouts_are_the_programs(self):
        ours, theirs = self.folder / "ours.onnx", self.folder / "theirs.onnx"
        yoloport.export(DEMO / "config.py", DEMO / "digits.pth", output=ours, img_size=320, layout="ultralytics")
        done = run("export", "demo/config.py", "demo/digits.pth", "--output", theirs, "--img-size", 320, "--layout",
                   "ultralytics")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(ours.read_bytes(), theirs.read_bytes())

    def test_the_report_tells_what_was_written(self):
        report = self.report
        self.assertEqual(report.output, self.model)
        self.assertEqual(report.type, "yolov5")
        self.assertEqual(report.detector, "YOLOv5CSPDarknet, YOLOv5PAFPN, YOLOv5Head")
        self.assertEqual([(x.name, x.dtype, x.shape) for x in report.inputs], [("images", "float32", [1, 3, 320, 320])])
        self.assertEqual([x.name for x in report.outputs], ["num_dets", "boxes", "scores", "labels"])
        self.assertEqual(report.bytes, self.model.stat().st_size)
        self.assertIn("iou_threshold 0.65 -> 0.5 (model.test_cfg)", report.notes)
        self.assertGreater(report.parameters, 200_000)

    def test_the_output_has_the_programs_default(self):
        here = os.getcwd()
        try:
            os.chdir(self.folder)
            report = yoloport.export(DEMO / "digits.pth", img_size=320)  # the config is the checkpoint's own
            self.assertEqual(report.output, pathlib.Path("work_dir/digits.onnx"))
            self.assertTrue((self.folder / "work_dir/digits.onnx").exists())
        finally:
            os.chdir(here)

    def test_errors_are_the_programs(self):
        bad = self.folder / "bad.py"
        bad.write_text("model = dict(type='YOLODetector'\n")
        cases = [
            (yoloport.ConfigError, ("export", bad, "demo/digits.pth"), lambda: yoloport.export(bad, "demo/digits.pth")),
            (yoloport.CheckpointError, ("export", "demo/config.py", "README.md"),
             lambda: yoloport.export("demo/config.py", "README.md")),
            (yoloport.FileError, ("export", "demo/config.py", "no.pth"), lambda: yoloport.export("demo/config.py", "no.pth")),
            (yoloport.UsageError, ("export", "demo/config.py"), lambda: yoloport.export("demo/config.py")),
            (yoloport.UsageError, ("export", "demo/digits.pth", "--dynamic", "depth"),
             lambda: yoloport.export("demo/digits.pth", dynamic="depth")),
            (yoloport.UsageError, ("export", "demo/digits.pth", "--backend", "tvn"),
             lambda: yoloport.export("demo/digits.pth", backend="tvn")),
            (yoloport.ModelError, ("inspect", "demo/page1.onnx"), lambda: yoloport.inspect("demo/page1.onnx")),
        ]
        here = os.getcwd()
        os.chdir(ROOT)
        try:
            for kind, arguments, call in cases:
                with self.subTest(arguments=arguments):
                    done = run(*arguments)
                    with self.assertRaises(yoloport.Error) as caught:
                        call()
                    self.assertEqual(f"error: {caught.exception}\n", in_python(done.stderr))
                    if kind is not yoloport.ModelError:
                        self.assertIs(type(caught.exception), kind)
                    self.assertIs(type(caught.exception.message), str)
        finally:
            os.chdir(here)

    def test_errors_are_pythons_own_too(self):
        with self.assertRaises(OSError):
            yoloport.export("no.pth")
        with self.assertRaises(ValueError) as caught:
            yoloport.export("config.py")
        self.assertEqual(caught.exception.message, "the checkpoint is missing")
        self.assertEqual(caught.exception.hint, 'yoloport.export("CONFIG.py", "CHECKPOINT.pth")')
        self.assertTrue(issubclass(yoloport.RuntimeError, builtins.RuntimeError))


class DetectTest(PackageTest):
    def test_arrays_give_what_the_program_finds(self):
        expected = self.program_finds("demo/page1.png")[0]
        found = self.detector(self.page)
        self.expect_equal(found, expected)
        self.assertEqual((found.boxes.dtype, found.scores.dtype, found.labels.dtype), (np.float32, np.float32, np.int64))
        self.assertEqual(found.boxes.shape, (len(found), 4))
        self.assertIs(found.image, self.page)
        self.assertIsNone(found.path)

    def test_lists_and_paths(self):
        expected = self.program_finds("demo/page1.png", "demo/page2.png")
        found = self.detector([str(DEMO / "page1.png"), DEMO / "page2.png", self.page])
        self.assertEqual([each.path for each in found], [str(DEMO / "page1.png"), str(DEMO / "page2.png"), None])
        self.expect_equal(found[0], expected[0])
        self.expect_equal(found[1], expected[1])
        self.expect_equal(found[2], expected[0])
        self.assertEqual(self.detector([]), [])

    def test_arrays_may_lie_as_they_like(self):
        expected = self.detector(self.page)
        large = np.zeros((600, 800, 3), np.uint8)
        large[10 : 10 + self.page.shape[0], 20 : 20 + self.page.shape[1]] = self.page
        views = {
            "a part of a larger one": large[10 : 10 + self.page.shape[0], 20 : 20 + self.page.shape[1]],
            "planes": np.ascontiguousarray(self.page.transpose(2, 0, 1)).transpose(1, 2, 0),
            "channels turned round": np.ascontiguousarray(self.page[:, :, ::-1])[:, :, ::-1],
            "rows turned round": np.ascontiguousarray(self.page[::-1])[::-1],
            "read-only": np.frombuffer(self.page.tobytes(), np.uint8).reshape(self.page.shape),
        }
        for name, view in views.items():
            with self.subTest(name):
                found = self.detector(view)
                np.testing.assert_array_equal(found.boxes, expected.boxes)
                np.testing.assert_array_equal(found.scores, expected.scores)
        grey = cv2.cvtColor(self.page, cv2.COLOR_BGR2GRAY)
        np.testing.assert_array_equal(self.detector(grey).boxes, self.detector(cv2.merge([grey] * 3)).boxes)

    def test_what_is_no_image(self):
        array = "an image is an array of uint8, height x width x 3 (blue, green, red) or height x width (grey), not "
        for image, what in [
            (np.zeros((4, 5), np.float64), "float64 4 x 5"),
            (np.zeros((4, 5, 4), np.uint8), "uint8 4 x 5 x 4"),
            (np.zeros((1, 3, 4, 5), np.uint8), "uint8 1 x 3 x 4 x 5"),
        ]:
            self.expect_error(yoloport.ImageError, array + what, lambda image=image: self.detector(image))
        self.expect_error(
            yoloport.ImageError, "an image of 0x4 pixels cannot be looked at",
            lambda: self.detector(np.zeros((4, 0, 3), np.uint8)),
        )

    def test_files_that_cannot_be_read_are_told_as_the_program_does(self):
        broken = self.folder / "broken.png"
        broken.write_bytes((DEMO / "page1.png").read_bytes()[:2000])
        text = self.folder / "text.jpg"
        text.write_text("no image")
        for path in (broken, text, self.folder / "nothing.png", self.folder):
            with self.subTest(path):
                with self.assertRaises(yoloport.Error) as caught:
                    self.detector(path)
                if path.is_file():  # of others the program has its own ideas
                    done = run("detect", path, self.model, "--no-save", "--quiet")
                    self.assertEqual(f"error: {caught.exception}", done.stderr.splitlines()[0])

    def test_thresholds(self):
        strict = yoloport.Detector(self.model, score_threshold=0.9)
        lenient = yoloport.Detector(self.model, score_threshold=None)
        self.assertEqual(lenient.lowest_score, 0.001)
        self.assertTrue((strict(self.page).scores >= 0.9).all())
        self.assertGreater(len(lenient(self.page)), len(self.detector(self.page)))
        self.expect_error(
            yoloport.UsageError, "the score threshold must be from 0 to 1",
            lambda: yoloport.Detector(self.model, score_threshold=2),
        )

    # Without suppression, in which a box that is left out would make room for others.
    def test_the_least_size_of_boxes_counts_pixels_of_the_image(self):
        model = self.folder / "least.onnx"

        def found_with(size, **more):
            yoloport.export(
                DEMO / "config.py", DEMO / "digits.pth", output=model, img_size=320, from_test_cfg=True, **more,
                cfg_options=[
                    f"model.test_cfg.min_bbox_size={size}", "model.test_cfg.nms.iou_threshold=1",
                    "model.test_cfg.max_per_img=3000",
                ],
            )
            return yoloport.Detector(model, batch=2)([self.page, cv2.resize(self.page, None, fx=0.9, fy=0.9)])

        every = found_with(-1)
        sides = [(each.boxes[:, 2:] - each.boxes[:, :2]).min(axis=1) for each in every]
        size = float(np.median(np.concatenate(sides))) + 0.01
        for more in ({}, {"dynamic": "batch"}, {"model_only": True}):
            with self.subTest(more):
                for all_boxes, side, found in zip(every, sides, found_with(size, **more)):
                    keep = side > size
                    self.assertTrue(0 < keep.sum() < len(keep))
                    np.testing.assert_allclose(found.boxes, all_boxes.boxes[keep], atol=0.01)

    # As a camera that was held upright writes it.
    def write_turned(self):
        quarter = (
            b"Exif\0\0MM\0*\0\0\0\x08" + b"\0\x01" + b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" + b"\0\0\0\0"
        )
        jpeg = cv2.imencode(".jpg", cv2.rotate(self.page, cv2.ROTATE_90_COUNTERCLOCKWISE))[1].tobytes()
        segment = b"\xff\xe1" + (len(quarter) + 2).to_bytes(2, "big") + quarter
        path = self.folder / "turned.jpg"
        path.write_bytes(jpeg[:2] + segment + jpeg[2:])
        return path

    def test_files_are_turned_where_the_config_has_them_turned(self):
        path = self.write_turned()
        found = self.detector(path)
        self.assertEqual(found.image.shape, self.page.shape)
        np.testing.assert_array_equal(found.boxes, self.detector(cv2.imread(str(path))).boxes)
        stored = self.folder / "stored.onnx"
        yoloport.export(
            DEMO / "config.py", DEMO / "digits.pth", output=stored, img_size=320, from_test_cfg=True,
            cfg_options=["test_dataloader.dataset.pipeline.0.color_type=color_ignore_orientation"],
        )
        detector = yoloport.Detector(stored)
        found = detector(path)
        self.assertEqual(found.image.shape[:2], self.page.shape[1::-1])
        expected = detector(cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION))
        np.testing.assert_array_equal(found.boxes, expected.boxes)

    def test_rect(self):
        any_size = self.folder / "any_size.onnx"
        yoloport.export(
            DEMO / "config.py", DEMO / "digits.pth", output=any_size, img_size=320, from_test_cfg=True,
            dynamic=["height", "width"],
        )
        wide = np.ascontiguousarray(self.page[:240])
        path = self.folder / "wide.png"
        cv2.imwrite(str(path), wide)
        done = run("detect", path, any_size, "--rect", "--json", "-", "--no-save", "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_equal(yoloport.Detector(any_size, rect=True)(wide), json.loads(done.stdout)["detections"])
        self.expect_error(
            yoloport.UsageError,
            f"'{self.model}': takes images of 320x320 only\nhint: rect needs a file that was exported with "
            'dynamic="height,width"',
            lambda: yoloport.Detector(self.model, rect=True),
        )

    def test_runtimes_and_devices(self):
        self.assertRegex(self.detector.runtime, r"^ONNX Runtime [\d.]+, float32$")
        self.assertEqual(self.detector.input_size, (320, 320))
        self.assertEqual(self.detector.classes[:3], ["zero", "one", "two"])
        self.assertEqual(self.detector.warnings, [])
        self.expect_error(
            yoloport.UsageError, "there is no runtime 'tvm'; the runtimes are onnxruntime, openvino, tensorrt",
            lambda: yoloport.Detector(self.model, runtime="tvm"),
        )
        self.expect_error(
            yoloport.UsageError, "there is no device 'gpu'; devices are cpu, cuda and cuda:N",
            lambda: yoloport.Detector(self.model, device="gpu"),
        )

    def test_what_is_left_out_is_said_once(self):
        detector = yoloport.Detector(ROOT / "testdata/detect/wrong_answers.onnx")
        self.assertEqual(detector.left_out, "")
        blank = np.zeros((32, 32, 3), np.uint8)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.assertEqual(detector(blank).scores.tolist(), [0.75])
            detector([blank, blank])
        begin = f"'{ROOT / 'testdata/detect/wrong_answers.onnx'}': the network gave "
        self.assertEqual(len(caught), 1)
        self.assertTrue(str(caught[0].message).startswith(begin + "4 scores that are not from 0 to 1, 3 labels "))
        self.assertTrue(detector.left_out.startswith(begin + "12 scores that are not from 0 to 1, 9 labels "))

    def test_names_that_cannot_be_drawn_are_said_once(self):
        detector = yoloport.Detector(ROOT / "testdata/detect/brightness.onnx", class_names=["\u4eba", "bright"])
        found = detector(np.full((32, 32, 3), 204, np.uint8))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found.plot()
            found.plot()
        (warning,) = [str(each.message) for each in caught]
        self.assertTrue(warning.startswith("the class name '\u4eba' cannot be drawn: pictures show ? for "), warning)
        self.assertTrue(warning.endswith("class_names gives the classes other names, one a line"), warning)

    def test_labels_that_are_no_class_are_not_drawn(self):
        found = self.detector(self.page)
        found.labels = found.labels + 2**40
        self.expect_error(
            yoloport.UsageError, f"the label {found.labels[0]} is not a class", lambda: found.plot()
        )

    def test_raw_heads_are_described(self):
        raw = self.folder / "raw.onnx"
        yoloport.export(DEMO / "config.py", DEMO / "digits.pth", output=raw, img_size=320, model_only=True)
        found = yoloport.Detector(raw, class_names=["x"] * 10)(self.page)
        self.assertEqual(set(found.names), {"x"})
        self.expect_error(
            yoloport.UsageError, "resize is letterbox or stretch, not 'crop'",
            lambda: yoloport.Detector(raw, resize="crop"),
        )

    def test_other_threads_run_meanwhile(self):
        ticks = 0
        done = threading.Event()

        def work():
            for _ in range(30):
                self.detector(self.page)
            done.set()

        worker = threading.Thread(target=work)
        worker.start()
        while not done.is_set():
            ticks += 1
            time.sleep(0)
        worker.join()
        self.assertGreater(ticks, 30)

    def test_several_threads_find_the_same(self):
        expected = self.detector(self.page)
        detector = yoloport.Detector(self.model, threads=1, streams=2)
        results = [None] * 4

        def work(number):
            results[number] = [detector(self.page) for _ in range(5)]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for found in sum(results, []):
            np.testing.assert_array_equal(found.boxes, expected.boxes)


class ResultTest(PackageTest):
    def test_plot_is_the_programs_picture(self):
        done = run("detect", "demo/page1.png", self.model, "--out-dir", self.folder / "out", "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        before = self.page.copy()
        picture = self.detector(self.page).plot()
        np.testing.assert_array_equal(picture, cv2.imread(str(self.folder / "out/page1.png")))
        np.testing.assert_array_equal(self.page, before)
        grey = cv2.cvtColor(self.page, cv2.COLOR_BGR2GRAY)
        self.assertEqual(self.detector(grey).plot().shape, self.page.shape)

    def test_plot_of_chosen_rows_on_another_image(self):
        found = self.detector(self.page)
        keep = found.scores > 0.6
        found.boxes, found.scores, found.labels = found.boxes[keep], found.scores[keep], found.labels[keep]
        self.assertTrue(found.plot(np.zeros_like(self.page)).any())
        found.scores = found.scores[1:]
        self.expect_error(yoloport.UsageError, "boxes, scores and labels must be as many as each other", found.plot)

    def test_coco(self):
        found = self.detector(self.page)
        rows = found.to_coco(image_id=7)
        self.assertEqual(len(rows), len(found))
        x1, y1, x2, y2 = found.boxes[0].tolist()
        self.assertEqual(
            rows[0],
            {
                "image_id": 7, "category_id": int(found.labels[0]) + 1, "bbox": [x1, y1, x2 - x1, y2 - y1],
                "score": float(found.scores[0]),
            },
        )
        json.dumps(rows)
        ids = [100 + i for i in range(10)]
        self.assertEqual(found.to_coco(category_ids=ids)[0]["category_id"], 100 + int(found.labels[0]))

    def test_supervision(self):
        found = self.detector(self.page)
        try:
            import supervision  # noqa: F401
        except ImportError:
            with self.assertRaises(yoloport.RuntimeError) as caught:
                found.to_supervision()
            self.assertTrue(str(caught.exception).endswith("\nhint: pip install supervision"))
            return
        detections = found.to_supervision()
        np.testing.assert_array_equal(detections.xyxy, found.boxes)
        np.testing.assert_array_equal(detections.confidence, found.scores)
        np.testing.assert_array_equal(detections.class_id, found.labels)
        self.assertEqual(list(detections["class_name"]), found.names)

    def test_repr(self):
        nothing = self.detector(np.zeros((32, 32, 3), np.uint8))
        self.assertEqual(repr(nothing), "<yoloport.Detections: nothing>")
        self.assertEqual(nothing.boxes.shape, (0, 4))
        self.assertEqual(nothing.to_coco(), [])


class FinishTest(PackageTest):
    def test_the_file_is_the_programs(self):
        raw, ours, theirs = (self.folder / name for name in ("raw.onnx", "ours.onnx", "theirs.onnx"))
        yoloport.export(DEMO / "config.py", DEMO / "digits.pth", output=raw, img_size=320, model_only=True)
        report = yoloport.finish(raw, config=DEMO / "config.py", output=ours, keep_topk=33, class_names=list("abcdefghij"))
        self.assertEqual(report.output, ours)
        (self.folder / "names.txt").write_text("\n".join("abcdefghij"))
        options = ("--keep-topk", 33, "--class-names", self.folder / "names.txt")
        done = run("finish", raw, "--config", "demo/config.py", "--output", theirs, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(ours.read_bytes(), theirs.read_bytes())
        self.assertEqual(yoloport.Detector(ours).classes, list("abcdefghij"))
        with self.assertRaises(yoloport.UsageError):
            yoloport.finish(ours, resize="crop")


class InspectTest(PackageTest):
    def test_is_what_the_program_prints(self):
        for file in (DEMO / "config.py", DEMO / "digits.pth", self.model):
            with self.subTest(file):
                self.assertEqual(yoloport.inspect(file), json.loads(run("inspect", file, "--json").stdout))
        changed = yoloport.inspect(DEMO / "config.py", cfg_options={"model.bbox_head.head_module.num_classes": 3})
        self.assertEqual(changed["model"]["bbox_head"]["head_module"]["num_classes"], 3)


class InstalledTest(PackageTest):
    def test_the_program_is_on_the_path(self):
        program = pathlib.Path(sys.executable).parent / "yoloport"
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(version, f"yoloport {yoloport.__version__}\n")
        done = subprocess.run(
            [program, "export", DEMO / "digits.pth", "--output", self.folder / "p.onnx", "--quiet"], check=False
        )
        self.assertEqual(done.returncode, 0)
        if (pathlib.Path(yoloport.__file__).parent / "bin/yoloport-detect").exists():
            return
        done = subprocess.run([program, "detect", "a.jpg", "b.onnx"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("error: `yoloport detect` is not in this Python package\nhint: "))

    def test_exporting_loads_neither_opencv_nor_a_runtime(self):
        code = (
            "from yoloport import _exporter; text = open('/proc/self/maps').read();"
            "assert 'opencv' not in text and 'libonnxruntime' not in text"
        )
        # The package's __init__ loads both halves; the modules themselves are what is looked at.
        code = code.replace("from yoloport import _exporter", self.load_alone("_exporter"))
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_detecting_loads_core_and_imgproc_only(self):
        code = self.load_alone("_detector") + (
            "; import re; text = open('/proc/self/maps').read();"
            "found = set(re.findall(r'libopencv_(\\w+?)[-.]', text)); assert found == {'core', 'imgproc'}, found"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    @staticmethod
    def load_alone(name):
        folder = pathlib.Path(yoloport.__file__).parent
        (file,) = folder.glob(f"{name}.*.so")
        return (
            "import importlib.util as u, sys, types;"
            f"spec = u.spec_from_file_location({name!r}, {str(file)!r}); module = u.module_from_spec(spec)"
        )

    def test_no_signal_is_handled_unasked(self):
        # Bit N - 1 of SigCgt: whether signal N has a handler. Those from 32 on are the C library's own.
        program = (
            "import signal\n"
            "def handled():\n"
            "    status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
            "    return int(status['SigCgt'], 16) & 0x7FFFFFFF\n"
            "before = handled()\n"
            "import yoloport\n"
            f"yoloport.inspect({str(self.model)!r})\n"
            f"yoloport.Detector({str(self.model)!r})\n"
            "assert handled() == before, (handled(), before)\n"
            "yoloport.guard_mapped_files()\n"
            "assert handled() == before | 1 << (signal.SIGBUS - 1)\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_it_is_typed(self):
        folder = pathlib.Path(yoloport.__file__).parent
        self.assertTrue((folder / "py.typed").exists())
        self.assertIn("def detect(self", (folder / "_detector.pyi").read_text())
        self.assertIn("def export_model(", (folder / "_exporter.pyi").read_text())

    def test_everything_public_is_described(self):
        for name in yoloport.__all__:
            if name != "__version__":
                self.assertTrue(getattr(yoloport, name).__doc__, name)


if __name__ == "__main__":
    unittest.main()
