"""The examples of docs/python.md, one after the other in one namespace, as a reader would run them."""

import contextlib
import io
import os
import re
import tempfile
import unittest

from support import DEMO, ROOT, tearDownModule  # noqa: F401


class DocsTest(unittest.TestCase):
    def test_the_examples_run(self):
        page = ROOT / "docs" / "python.md"
        blocks = list(re.finditer(r"^```python\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL))
        self.assertGreater(len(blocks), 5)
        namespace = {}
        here = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(DEMO, os.path.join(folder, "demo"))
            os.chdir(folder)
            try:
                for block in blocks:
                    line = block.string.count("\n", 0, block.start(1))
                    with contextlib.redirect_stdout(io.StringIO()):
                        exec(compile("\n" * line + block[1], str(page), "exec"), namespace)
                made = {"digits.onnx", "found.jpg", "strict.onnx", "served", "page1_found.jpg", "page2_found.jpg"}
                self.assertLessEqual(made, set(os.listdir(folder)))
            finally:
                os.chdir(here)


if __name__ == "__main__":
    unittest.main()
