"""What Detections can do."""

import operator
import pickle
import sys
import unittest
from unittest import mock

import cv2
import numpy as np

import yoloport
from support import PackageTest, run, tearDownModule  # noqa: F401


class DetectionsTest(PackageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.found = cls.detector(cls.page)

    def test_one_detection(self):
        first = self.found[0]
        self.assertIsInstance(first, yoloport.Detection)
        self.assertEqual(first.box, tuple(self.found.boxes[0].tolist()))
        self.assertEqual(first.score, float(self.found.scores[0]))
        self.assertEqual(first.label, int(self.found.labels[0]))
        self.assertEqual(first.name, self.found.names[0])
        self.assertEqual(self.found[-1], list(self.found)[-1])
        self.assertEqual(self.found[np.int64(1)], list(self.found)[1])
        self.assertIs(type(first.label), int)
        self.assertRaises(IndexError, operator.getitem, self.found, len(self.found))

    def test_several_detections(self):
        count = len(self.found)
        self.assertGreater(count, 5)
        half = self.found.scores > np.median(self.found.scores)
        cases = [
            (slice(1, 4), [1, 2, 3]),
            ([0, 2], [0, 2]),
            (np.array([2, 0]), [2, 0]),
            (half, np.flatnonzero(half).tolist()),
            (half.tolist(), np.flatnonzero(half).tolist()),
            ([], []),
            (slice(None, None, -1), list(range(count))[::-1]),
        ]
        for index, rows in cases:
            with self.subTest(str(index)):
                part = self.found[index]
                self.assertIsInstance(part, yoloport.Detections)
                self.assertEqual(list(part), [list(self.found)[row] for row in rows])
                self.assertIs(part.image, self.found.image)
                self.assertEqual(part.boxes.shape, (len(rows), 4))
        self.assertRaises(IndexError, operator.getitem, self.found, np.array([True, False]))
        for index in ("0", None, 0.5, np.zeros((2, 2), int), (0, 1.5), True):
            with self.subTest(str(index)):
                self.expect_error(
                    TypeError, "an index of Detections is an int, a slice, or a list or array of ints or bools",
                    lambda index=index: self.found[index],
                )

    def test_equality(self):
        again = self.detector(self.page)
        self.assertEqual(again, self.found)
        again.scores[0] += 0.001
        self.assertNotEqual(again, self.found)
        self.assertNotEqual(self.found[1:], self.found)
        self.assertNotEqual(self.found, list(self.found))
        renamed = yoloport.Detections(self.found.boxes, self.found.scores, self.found.labels, classes=["x"] * 10)
        self.assertNotEqual(renamed, self.found)
        self.assertRaises(TypeError, hash, self.found)

    def test_pickle(self):
        again = pickle.loads(pickle.dumps(self.found))
        self.assertEqual(again, self.found)
        np.testing.assert_array_equal(again.image, self.page)
        np.testing.assert_array_equal(again.plot(), self.found.plot())
        with self.assertRaises(yoloport.FileError) as caught:
            self.detector("missing.png")
        error = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((type(error), str(error)), (yoloport.FileError, str(caught.exception)))

    def test_made_of_arrays(self):
        found = yoloport.Detections([[1, 2, 30, 40]], [0.5], [1], classes=["a", "b"])
        self.assertEqual(list(found), [yoloport.Detection((1, 2, 30, 40), 0.5, 1, "b")])
        self.assertTrue(found.plot(np.zeros((50, 50, 3), np.uint8)).any())
        self.expect_error(
            yoloport.ImageError, "these detections have no image\nhint: give one: plot(image)", found.plot
        )
        self.assertEqual(yoloport.Detections([], [], []).boxes.shape, (0, 4))
        self.expect_error(
            yoloport.UsageError, "boxes, scores and labels must be as many as each other",
            lambda: yoloport.Detections([[1, 2, 3, 4]], [0.5, 0.5], [1]),
        )

    def test_save_is_the_programs_picture(self):
        page = self.folder / "page.jpg"
        cv2.imwrite(str(page), self.page)
        done = run("detect", page, self.model, "--out-dir", self.folder / "out", "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.detector(page).save(self.folder / "ours.jpg")
        self.assertEqual((self.folder / "ours.jpg").read_bytes(), (self.folder / "out/page.jpg").read_bytes())

    def test_save_as_other_formats(self):
        self.found.save(self.folder / "ours.png")
        np.testing.assert_array_equal(cv2.imread(str(self.folder / "ours.png")), self.found.plot())
        self.expect_error(
            yoloport.ImageError,
            "'a.gif': pictures cannot be written as '.gif'\nhint: use .jpg, .png, .webp, .bmp or .tif",
            lambda: self.found.save("a.gif"),
        )
        for name in ("no/a.jpg", "no/a.png"):
            with self.assertRaises(yoloport.FileError):
                self.found.save(self.folder / name)
        self.expect_error(TypeError, "path must be a path, not None", lambda: self.found.save(None))

    def test_show(self):
        with mock.patch.multiple(
            cv2, imshow=mock.DEFAULT, waitKey=mock.Mock(side_effect=[-1, 32]),
            getWindowProperty=mock.Mock(return_value=1), destroyWindow=mock.DEFAULT,
        ) as mocks:
            self.found.show("digits")
        ((title, picture), _) = mocks["imshow"].call_args
        self.assertEqual(title, "digits")
        np.testing.assert_array_equal(picture, self.found.plot())
        with mock.patch.object(cv2, "imshow", side_effect=cv2.error("no windows")):
            with self.assertRaisesRegex(yoloport.RuntimeError, "^show\\(\\) cannot open a window: "):
                self.found.show()

    def test_pandas(self):
        with mock.patch.dict(sys.modules, {"pandas": None}):
            with self.assertRaises(ImportError) as caught:
                self.found.to_pandas()
        self.assertIsInstance(caught.exception, yoloport.MissingPackageError)
        self.assertTrue(str(caught.exception).startswith("to_pandas() needs the Python package pandas: "))
        self.assertTrue(str(caught.exception).endswith("\nhint: pip install pandas"))
        try:
            import pandas  # noqa: F401
        except ImportError:
            self.skipTest("pandas is not installed")
        table = self.found.to_pandas()
        self.assertEqual(list(table.columns), ["x1", "y1", "x2", "y2", "score", "label", "name"])
        np.testing.assert_array_equal(table[["x1", "y1", "x2", "y2"]].to_numpy(), self.found.boxes)
        self.assertEqual(table["name"].tolist(), self.found.names)

    def test_coco_needs_an_id_for_each_class(self):
        most = int(self.found.labels.max())
        self.expect_error(
            yoloport.UsageError,
            f"category_ids has 2 ids, and there are detections of the label {most}\n"
            "hint: give an id for each class of the detector",
            lambda: self.found.to_coco(category_ids=[1, 2]),
        )
        self.expect_error(
            TypeError, "category_ids must be a list of int or None, not 'abc'",
            lambda: self.found.to_coco(category_ids="abc"),
        )
        self.expect_error(TypeError, "image_id must be an int, not 'a'", lambda: self.found.to_coco("a"))
        ids = self.found.to_coco(category_ids=np.arange(10) + 5)
        self.assertIs(type(ids[0]["category_id"]), int)


if __name__ == "__main__":
    unittest.main()
