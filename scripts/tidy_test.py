"""Tests of which sources tidy.py checks, and of what it records."""

import json
import pathlib
import tempfile
import unittest

import tidy

FILES = {
    "src/a/a.h": '#include "b/b.h"\n#include <vector>\n',
    "src/b/b.h": "int b();\n",
    "src/b/other.h": "int other();\n",
    "src/a/a.cc": '#include "a/a.h"\n#include "own.h"\n#include "not/there.h"\n',
    "src/a/own.h": '#if 0\n#include "a.h"\n#endif\n',
    "src/own.h": "int not_the_nearest();\n",
    "include/yoloport/p.h": "int p();\n",
    "example.cc": "#include <yoloport/p.h>\n",
}
FOLDERS = ["src", "include"]


class Digests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for path, text in FILES.items():
            self.write(path, text)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def digest(self, source="src/a/a.cc", settings="version and checks"):
        return tidy.Tree(self.root).digest(source, FOLDERS, settings)

    def test_what_is_included(self):
        tree = tidy.Tree(self.root)
        self.assertEqual(
            tree.included("src/a/a.cc", FOLDERS), ["src/a/a.cc", "src/a/a.h", "src/a/own.h", "src/b/b.h"])
        self.assertEqual(tree.included("example.cc", FOLDERS), ["example.cc", "include/yoloport/p.h"])

    def test_changes_with_all_that_decides(self):
        before = self.digest()
        self.assertNotEqual(self.digest(settings="another version"), before)
        for path in ("src/a/a.cc", "src/a/a.h", "src/a/own.h", "src/b/b.h"):
            self.write(path, FILES[path] + "// changed\n")
            self.assertNotEqual(self.digest(), before, path)
            self.write(path, FILES[path])
        self.assertEqual(self.digest(), before)

    def test_changes_with_a_header_that_appears(self):
        before = self.digest()
        self.write("src/not/there.h", "")
        self.assertNotEqual(self.digest(), before)

    def test_does_not_change_with_anything_else(self):
        before = self.digest()
        for path in ("src/b/other.h", "src/own.h", "include/yoloport/p.h"):
            self.write(path, "// changed\n")
        self.assertEqual(self.digest(), before)

    def test_does_not_depend_on_where_the_tree_is(self):
        before = self.digest()
        with tempfile.TemporaryDirectory() as folder:
            self.root = pathlib.Path(folder)
            for path, text in reversed(FILES.items()):
                self.write(path, text)
            self.assertEqual(self.digest(), before)


class Record(unittest.TestCase):
    def test_is_sorted_by_path_and_reads_back(self):
        passed = {("2" * 32, "src/b.cc"), ("3" * 32, "src/a.cc")}
        text = tidy.write_record(passed)
        self.assertEqual(text, f"{'3' * 32} src/a.cc\n{'2' * 32} src/b.cc\n")
        self.assertEqual(tidy.read_record(text), passed)

    def test_after_a_merge_a_path_has_two_lines(self):
        text = "1 src/a.cc\n2 src/a.cc\n"
        self.assertEqual(tidy.read_record(text), {("1", "src/a.cc"), ("2", "src/a.cc")})

    def test_what_did_not_pass_as_it_is_is_wanted(self):
        digests = {"a.cc": "1", "b.cc": "2", "c.cc": "3"}
        record = {("1", "a.cc"), ("9", "b.cc"), ("3", "b.cc")}
        self.assertEqual(tidy.wanted_of(digests, record), ["b.cc", "c.cc"])

    def test_keeps_what_is_up_to_date_and_takes_what_passed(self):
        digests = {"a.cc": "1", "b.cc": "2", "c.cc": "3", "d.cc": "4"}
        record = {("1", "a.cc"), ("9", "b.cc"), ("4", "d.cc"), ("5", "removed.cc")}
        after = tidy.updated(record, digests, wanted=["b.cc", "c.cc", "d.cc"], passed={"b.cc"})
        self.assertEqual(after, {("1", "a.cc"), ("2", "b.cc")})


class Database(unittest.TestCase):
    def test_sources_and_the_folders_of_their_headers(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            compiler = f"c++ -I{root}/src -isystem {root}/build/deps/x/include -isystem /usr/include/y -c"
            entries = [
                {"directory": f"{root}/build/lint", "file": f"{root}/src/a.cc", "command": f"{compiler} a.cc"},
                {"directory": f"{root}/build/lint", "file": f"{root}/src/a.cc", "command": f"c++ -I {root}/tests a.cc"},
                {"directory": f"{root}/build/lint", "file": "made.cc", "command": f"{compiler} made.cc"},
            ]
            self.assertEqual(
                tidy.read_database(json.dumps(entries), root),
                {"src/a.cc": ["src", "tests"], "build/lint/made.cc": ["src"]})

    def test_what_is_not_covered(self):
        self.assertEqual(tidy.missing_of("python/bindings/arrays.cc"), "nanobind")
        self.assertEqual(tidy.missing_of("src/runtime/tensorrt_log.cc"), "TensorRT")
        self.assertIsNone(tidy.missing_of("src/runtime/tensorrt_stub.cc"))


class Findings(unittest.TestCase):
    def test_one_text_a_finding(self):
        first = "src/a.h:1:2: error: bad [check]\n    1 | bad\n      | ^\nsrc/b.h:3:4: note: here\n"
        second = "src/a.cc:5:6: error: worse [check]\n"
        output = (first + second).replace("src/", "/root of it/src/")
        self.assertEqual(tidy.split_findings(output, "/root of it"), [first, second])

    def test_a_program_that_fails_without_a_word_is_a_failure(self):
        clean, findings = tidy.run("false", "src/a.cc")
        self.assertFalse(clean)
        self.assertEqual(findings, ["src/a.cc: clang-tidy ended with 1\n"])


if __name__ == "__main__":
    unittest.main()
