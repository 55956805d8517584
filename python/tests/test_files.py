"""Thresholds of files, and folders for model servers."""

import unittest

import yoloport
from support import DEMO, PackageTest, run, tearDownModule  # noqa: F401


class SetThresholdsTest(PackageTest):
    def test_the_file_is_the_programs(self):
        ours, theirs = self.folder / "ours.onnx", self.folder / "theirs.onnx"
        before = self.model.read_bytes()
        yoloport.set_thresholds(self.model, output=ours, score_threshold=0.4, iou_threshold=0.3, keep_topk=7)
        options = ("--score-threshold", 0.4, "--iou-threshold", 0.3, "--keep-topk", 7)
        done = run("set", self.model, "--output", theirs, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(ours.read_bytes(), theirs.read_bytes())
        self.assertEqual(self.model.read_bytes(), before)
        self.assertEqual(yoloport.Detector(ours).lowest_score, 0.4)
        self.assertEqual(yoloport.set_thresholds(str(ours), score_threshold=0.1), {"score_threshold": (0.4, 0.1)})
        self.assertEqual(yoloport.Detector(ours).lowest_score, 0.1)

    def test_errors(self):
        self.expect_error(
            yoloport.UsageError, "nothing is to be changed\nhint: give score_threshold, iou_threshold or keep_topk",
            lambda: yoloport.set_thresholds(self.model),
        )
        with self.assertRaises(yoloport.UsageError):
            yoloport.set_thresholds(self.model, score_threshold=2)
        with self.assertRaises(yoloport.FileError):
            yoloport.set_thresholds("missing.onnx", score_threshold=0.5)


class PackageFolderTest(PackageTest):
    def test_the_folder_is_the_programs(self):
        for target in ("triton", "ovms", "kserve"):
            with self.subTest(target):
                ours, theirs = self.folder / f"{target}-ours", self.folder / f"{target}-theirs"
                model = self.folder / f"{target}.onnx"
                backend = "openvino" if target == "ovms" else "onnxruntime"
                yoloport.export(DEMO / "config.py", DEMO / "digits.pth", output=model, img_size=320, backend=backend)
                report = yoloport.package(model, target, output=ours, name="digits", max_batch=4)
                done = run(
                    "package", model, "--target", target, "--output", theirs, "--name", "digits", "--max-batch", 4
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual((report.folder, report.name), (ours, "digits"))
                self.assertEqual(
                    sorted(str(file) for file in report.files),
                    sorted(str(file.relative_to(theirs)) for file in theirs.rglob("*") if file.is_file()),
                )
                for file in report.files:
                    # What is said of the folder holds its name.
                    ours_text = (ours / file).read_bytes().replace(b"-ours", b"-theirs")
                    self.assertEqual(ours_text, (theirs / file).read_bytes(), file)

    def test_errors(self):
        with self.assertRaises(yoloport.UsageError) as caught:
            yoloport.package(self.model, "torchserve", output=self.folder / "x")
        self.assertEqual(
            caught.exception.message.replace('"', "'"), "unknown target 'torchserve'"
        )
        self.assertFalse((self.folder / "x").exists())


if __name__ == "__main__":
    unittest.main()
