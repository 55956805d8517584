"""Lists, streams and thresholds of one call."""

import itertools
import subprocess
import sys
import threading
import unittest
import warnings

import cv2
import numpy as np

import yoloport
from support import DEMO, ROOT, PackageTest, tearDownModule  # noqa: F401

BLANK = np.zeros((32, 32, 3), np.uint8)


class ListTest(PackageTest):
    def setUp(self):
        self.broken = self.folder / "broken.jpg"
        encoded = cv2.imencode(".jpg", self.page)[1].tobytes()
        self.broken.write_bytes(encoded[: len(encoded) // 2])

    def test_in_the_order_of_the_images(self):
        brightness = yoloport.Detector(ROOT / "testdata/detect/brightness.onnx", score_threshold=None)
        # An image's best score is its mean gray level; the file's own threshold is 0.25.
        images = [np.full((32, 32, 3), level, np.uint8) for level in range(70, 250, 3)]
        for found in (brightness(images), list(brightness.stream(iter(images)))):
            self.assertEqual(len(found), len(images))
            for image, each in zip(images, found):
                self.assertIs(each.image, image)
                self.assertAlmostEqual(each.scores[0], image[0, 0, 0] / 255, 5)

    def test_an_image_that_cannot_be_processed_does_not_lose_the_list(self):
        files = [DEMO / "page1.png", self.broken, "missing.jpg", np.zeros((4, 5), np.float32), DEMO / "page2.png"]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = self.detector(files)
        self.assertEqual(found[0], self.detector(files[0]))
        self.assertEqual(found[4], self.detector(files[4]))
        kinds = [type(each.error) for each in found]
        self.assertEqual(
            kinds, [type(None), yoloport.ImageError, yoloport.FileError, yoloport.ImageError, type(None)]
        )
        self.assertEqual(found[1].error.message, f"'{self.broken}': is incomplete: it ends in the middle of the picture")
        self.assertEqual([len(each) for each in found[1:4]], [0, 0, 0])
        self.assertEqual(found[1].path, str(self.broken))
        self.assertEqual(repr(found[1]), f"<yoloport.Detections: ImageError: {found[1].error.message}>")
        with self.assertRaises(yoloport.ImageError):
            found[1].image
        with self.assertRaises(yoloport.FileError):
            found[2].plot()
        self.assertEqual([str(each.message) for each in caught][0], f"an image was skipped: {found[1].error.message}")
        self.assertEqual(len(caught), 3)
        self.assertEqual(caught[0].filename, __file__)

    def test_a_stream_reads_only_a_few_images_ahead(self):
        taken = []

        def images():
            for number in itertools.count():
                taken.append(number)
                yield BLANK

        stream = self.detector.stream(images())
        for _ in range(3):
            next(stream)
        self.assertLess(len(taken), 60)
        stream.close()
        count = len(taken)
        next(self.detector.stream([BLANK]))
        self.assertEqual(len(taken), count)

    def test_errors_of_the_iterable_come_after_what_it_gave(self):
        def images():
            yield self.page
            raise KeyError("mine")

        stream = self.detector.stream(images())
        self.assertGreater(len(next(stream)), 3)
        self.assertRaises(KeyError, next, stream)
        stream = self.detector.stream(iter([self.page, None]))
        next(stream)
        with self.assertRaisesRegex(TypeError, r"^images\[1\] must be "):
            next(stream)

    def test_a_file_that_was_replaced_does_not_matter(self):
        model = self.folder / "replaced.onnx"
        model.write_bytes(self.model.read_bytes())
        detector = yoloport.Detector(model)
        model.write_bytes(b"another")
        self.assertEqual(detector([self.page] * 9), [self.detector(self.page)] * 9)

    def test_what_is_left_out_of_lists_is_counted_with_the_rest(self):
        detector = yoloport.Detector(ROOT / "testdata/detect/wrong_answers.onnx")
        with self.assertWarns(UserWarning):
            detector(BLANK)
        detector([BLANK] * 9)
        self.assertIn("gave 40 scores that are not from 0 to 1, 30 labels ", detector.left_out)

    def test_streams_of_several_threads(self):
        expected = self.detector(self.page)
        results = []

        def work():
            results.extend(self.detector.stream([self.page] * 8))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [expected] * 24)

    def test_a_program_may_end_in_the_middle_of_a_stream(self):
        code = (
            "import itertools, numpy, yoloport\n"
            f"detector = yoloport.Detector({str(self.model)!r})\n"
            "stream = detector.stream(itertools.repeat(numpy.zeros((32, 32, 3), numpy.uint8)))\n"
            "next(stream)\n"
            "print('done')\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "done\n", ""))

    def test_a_list_can_be_interrupted(self):
        code = (
            "import numpy, os, signal, threading, yoloport\n"
            f"detector = yoloport.Detector({str(self.model)!r})\n"
            "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "try:\n"
            "    detector([numpy.zeros((320, 320, 3), numpy.uint8)] * 1000000)\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted')\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "interrupted\n", ""))


class ThresholdTest(PackageTest):
    def test_of_one_call(self):
        every = yoloport.Detector(self.model, score_threshold=None)(self.page)
        for threshold in (0.05, 0.6, 0.9):
            expected = every[every.scores >= np.float32(threshold)]
            self.assertEqual(self.detector(self.page, score_threshold=threshold), expected)
            self.assertEqual(self.detector([self.page], score_threshold=threshold), [expected])
            self.assertEqual(list(self.detector.stream([self.page], score_threshold=threshold)), [expected])
        self.assertEqual(self.detector(self.page), every[every.scores >= np.float32(0.3)])
        self.assertEqual(self.detector.score_threshold, 0.3)

    def test_below_the_files_own_there_is_a_warning(self):
        model = self.folder / "high.onnx"
        yoloport.export(DEMO / "config.py", DEMO / "digits.pth", output=model, img_size=320, score_threshold=0.5)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            detector = yoloport.Detector(model)  # the default does not count
            detector(self.page, score_threshold=0.5)
        text = (
            "score_threshold=0.1 finds no more than 0.5: the file itself drops what scores less\n"
            "hint: yoloport.set_thresholds() changes the file; a file that was exported with runtime_thresholds=True "
            "takes any threshold"
        )
        for call in (
            lambda: yoloport.Detector(model, score_threshold=0.1),
            lambda: detector(self.page, score_threshold=0.1),
            lambda: detector.stream([self.page], score_threshold=0.1),
        ):
            with self.assertWarns(UserWarning) as caught:
                call()
            self.assertEqual(str(caught.warning), text)
            self.assertEqual(caught.filename, __file__)

    def test_iou_is_taken_where_the_file_takes_it(self):
        error = (
            f"'{self.model}': the IoU threshold is fixed in this file\nhint: export with runtime_thresholds=True, or "
            "change it with yoloport.set_thresholds()"
        )
        self.expect_error(yoloport.UsageError, error, lambda: self.detector(self.page, iou_threshold=0.9))
        self.expect_error(yoloport.UsageError, error, lambda: self.detector.stream([], iou_threshold=0.9))
        with self.assertRaises(yoloport.UsageError):
            self.detector(self.page, class_agnostic=True)
        for more in ({"runtime_thresholds": True}, {"model_only": True}):
            with self.subTest(more):
                model = self.folder / "open.onnx"
                yoloport.export(
                    DEMO / "config.py", DEMO / "digits.pth", output=model, img_size=320, from_test_cfg=True, **more
                )
                detector = yoloport.Detector(model)
                usual = detector(self.page)
                for given in ({"iou_threshold": 0.95}, {"class_agnostic": True, "iou_threshold": 0.01}):
                    expected = yoloport.Detector(model, **given)(self.page)
                    self.assertNotEqual(expected, usual)
                    self.assertEqual(detector(self.page, **given), expected)
                    self.assertEqual(detector([self.page, self.page], **given), [expected, expected])
                low = detector(self.page, score_threshold=0.01)
                self.assertEqual(low, yoloport.Detector(model, score_threshold=0.01)(self.page))
                self.assertGreater(len(low), len(usual))
                self.assertEqual(detector(self.page), usual)

    def test_out_of_range(self):
        for name, what in (("score_threshold", "score"), ("iou_threshold", "IoU")):
            for value in (-0.1, 1.1, float("nan")):
                self.expect_error(
                    yoloport.UsageError, f"the {what} threshold must be from 0 to 1",
                    lambda name=name, value=value: self.detector(self.page, **{name: value}),
                )

    def test_attributes_that_do_nothing_do_not_exist(self):
        for name in ("score_threshold", "conf", "classes", "rect", "batch"):
            with self.subTest(name), self.assertRaises(AttributeError):
                setattr(self.detector, name, 0.6)
        with self.assertRaises(AttributeError):
            self.detector(self.page).confidence = 1


if __name__ == "__main__":
    unittest.main()
