#!/usr/bin/env python3
"""Prints how many lines of each folder of src/ the tests ran, from a build with gcov's counters.

    coverage.py BUILD [--files FOLDER]    BUILD: that of the preset coverage, after its tests

Lines of a header count once, run in whichever file includes it. Tests themselves do not count.
"""

import argparse
import collections
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def lines_of(build):
    """{source: {line: times run}}"""
    ran = collections.defaultdict(lambda: collections.defaultdict(int))
    data = sorted(build.resolve().rglob("*.gcda"))
    if not data:
        sys.exit(f"{build} has no counters: build with the preset coverage and run the tests")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcov", "--json-format", *map(str, data)], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for path in pathlib.Path(folder).glob("*.gcov.json.gz"):
            with gzip.open(path) as file:
                report = json.load(file)
            for source in report["files"]:
                name = pathlib.Path(report["current_working_directory"], source["file"]).resolve()
                if name.is_relative_to(ROOT / "src") and not name.name.endswith("_test.cc") and not name.name.startswith("test_"):
                    for line in source["lines"]:
                        ran[name.relative_to(ROOT)][line["line_number"]] += line["count"]
    return ran


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--files", help="list the files of this folder, as src/config, too")
    arguments = parser.parse_args()
    folders = collections.defaultdict(lambda: [0, 0])
    for source, lines in sorted(lines_of(arguments.build).items()):
        run = sum(count > 0 for count in lines.values())
        folders[source.parent][0] += run
        folders[source.parent][1] += len(lines)
        if arguments.files and source.parent == pathlib.Path(arguments.files):
            missed = [number for number, count in sorted(lines.items()) if count == 0]
            print(f"{100 * run / len(lines):6.1f} %  {source}  missed: {missed}")
    for folder, (run, lines) in sorted(folders.items()):
        print(f"{100 * run / lines:6.1f} %  {run:5} of {lines:5}  {folder}")


if __name__ == "__main__":
    main()
