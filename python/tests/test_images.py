"""What is taken as an image."""

import subprocess
import sys
import unittest

import cv2
import numpy as np

import yoloport
from support import DEMO, PackageTest, tearDownModule  # noqa: F401

try:
    import PIL.Image
except ImportError:
    PIL = None


class ImagesTest(PackageTest):
    @unittest.skipIf(PIL is None, "Pillow is not installed")
    def test_pil_images_have_red_first(self):
        # Colors that matter: of gray ones the order of channels could not be seen.
        tinted = self.page.copy()
        tinted[:, :, 0] //= 3
        expected = self.detector(tinted)
        image = PIL.Image.fromarray(tinted[:, :, ::-1])
        found = self.detector(image)
        self.assertEqual(found, expected)
        self.assertNotEqual(self.detector(np.asarray(image)), expected)
        np.testing.assert_array_equal(found.image, tinted)
        self.assertIsNone(found.path)
        self.assertEqual(self.detector([image, tinted]), [expected, expected])
        self.assertEqual(self.detector(image.convert("RGBA")), expected)

    @unittest.skipIf(PIL is None, "Pillow is not installed")
    def test_pil_images_of_other_modes(self):
        gray = cv2.cvtColor(self.page, cv2.COLOR_BGR2GRAY)
        self.assertEqual(self.detector(PIL.Image.fromarray(gray)), self.detector(gray))
        palette = PIL.Image.fromarray(gray).convert("P")
        self.assertEqual(self.detector(palette), self.detector(gray))
        self.expect_error(
            yoloport.ImageError,
            "a PIL image of the mode F does not have 8 bits a channel\n"
            'hint: convert it to the mode "L" or "RGB" first, scaled to 0 to 255',
            lambda: self.detector(PIL.Image.fromarray(gray.astype(np.float32))),
        )

    def test_jpeg_needs_no_cv2(self):
        file = self.folder / "page.jpg"
        cv2.imwrite(str(file), self.page)
        expected = self.program_finds(file)[0]
        self.expect_equal(self.detector(file), expected)
        self.expect_equal(self.detector([file])[0], expected)
        code = (
            "import sys; sys.modules['cv2'] = None\n"
            "import yoloport\n"
            f"detector = yoloport.Detector({str(self.model)!r})\n"
            f"assert len(detector({str(file)!r})) == {len(expected)}\n"
            "try:\n"
            f"    detector({str(DEMO / 'page1.png')!r})\n"
            "except ImportError as error:\n"
            "    assert 'reading PNG files needs the Python package cv2' in str(error), error\n"
            "else:\n"
            "    raise AssertionError\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_a_file_that_cv2_could_not_read(self):
        self.expect_error(
            TypeError,
            "images must be a numpy array, a PIL image or a path, not None\nhint: cv2.imread gives None for a file that "
            "it cannot read; give the path itself, and the error says why",
            lambda: self.detector(cv2.imread("missing.png")),
        )

    def test_what_is_no_image_is_named(self):
        what = " must be a numpy array, a PIL image or a path, not "
        self.expect_error(TypeError, f"images{what}3", lambda: self.detector(3))
        self.expect_error(TypeError, f"images{what}a dict", lambda: self.detector({}))
        self.expect_error(TypeError, f"images[1]{what}a list", lambda: self.detector([self.page, [self.page]]))
        self.expect_error(
            TypeError, "images must be an image or a list of images, not a generator\nhint: use stream()",
            lambda: self.detector(image for image in [self.page]),
        )
        for images, shown in ((None, "None"), (self.page, "a numpy array"), ("a.jpg", "'a.jpg'")):
            self.expect_error(
                TypeError, f"images must be an iterable of images, not {shown}",
                lambda images=images: self.detector.stream(images),
            )


if __name__ == "__main__":
    unittest.main()
