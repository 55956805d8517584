"""Types: what the annotations say is what the library takes, and type checkers agree."""

import pathlib
import subprocess
import sys
import tempfile
import typing
import unittest

from yoloport import _detector, _exporter, choices

TESTS = pathlib.Path(__file__).resolve().parent


class LiteralTest(unittest.TestCase):
    def test_literals_are_what_the_library_knows(self):
        for literal, known in (
            (choices.Backend, _exporter.export_backends()),
            (choices.Layout, _exporter.export_layouts()),
            (choices.PackageTarget, _exporter.package_targets()),
            (choices.Runtime, _detector.runtimes()),
            (choices.ModelType, _detector.model_types()),
        ):
            with self.subTest(str(literal)):
                self.assertEqual(sorted(typing.get_args(literal)), sorted(known))


@unittest.skipIf(subprocess.run([sys.executable, "-m", "mypy", "--version"], capture_output=True).returncode, "no mypy")
class MypyTest(unittest.TestCase):
    def lines(self, name):
        with tempfile.TemporaryDirectory() as cache:
            command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--cache-dir", cache, str(TESTS / name)]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cache)
        return [line for line in done.stdout.splitlines() if ": error: " in line]

    def test_right_programs_pass(self):
        self.assertEqual(self.lines("typed_program.py"), [])

    def test_mistakes_are_found(self):
        source = (TESTS / "typed_mistakes.py").read_text().splitlines()
        expected = [number for number, line in enumerate(source, 1) if line.endswith("# mistake")]
        found = sorted({int(line.split(":")[1]) for line in self.lines("typed_mistakes.py")})
        self.assertEqual(found, expected)


if __name__ == "__main__":
    unittest.main()
