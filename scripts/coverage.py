#!/usr/bin/env python3
"""Prints how many lines and branches of each folder of src/ the tests ran, from a build with gcov's counters.

    coverage.py BUILD [--files FOLDER]    BUILD: that of the preset coverage, after its tests

Lines and branches of a header count once, run in whichever file includes it. Branches that only an exception takes do
not count, and neither do tests themselves.
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


def is_product(name):
    is_test = name.name.endswith("_test.cc") or name.name.startswith("test_") or "testing" in name.parts
    return not is_test and name.parts[0] == "src"


def reports(build):
    """What gcov says of each source, for each object that it is part of."""
    data = sorted(build.resolve().rglob("*.gcda"))
    if not data:
        sys.exit(f"{build} has no counters: build with the preset coverage and run the tests")
    with tempfile.TemporaryDirectory() as folder:
        command = ["gcov", "--json-format", "--branch-probabilities", *map(str, data)]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for path in pathlib.Path(folder).glob("*.gcov.json.gz"):
            with gzip.open(path) as file:
                report = json.load(file)
            for source in report["files"]:
                name = pathlib.Path(report["current_working_directory"], source["file"]).resolve()
                if name.is_relative_to(ROOT) and is_product(name.relative_to(ROOT)):
                    yield name.relative_to(ROOT), source["lines"]


def counts_of(build):
    """{source: ({line: times run}, {(line, number): times taken})}"""
    counts = collections.defaultdict(lambda: (collections.Counter(), collections.Counter()))
    for name, lines in reports(build):
        ran, taken = counts[name]
        for line in lines:
            ran[line["line_number"]] += line["count"]
            branches = [branch for branch in line["branches"] if not branch["throw"]]
            for number, branch in enumerate(branches if len(branches) > 1 else []):
                taken[line["line_number"], number] += branch["count"]
    return counts


def share(counter):
    run = sum(count > 0 for count in counter.values())
    return run, len(counter)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--files", help="list the files of this folder, as src/config, too")
    arguments = parser.parse_args()
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    for source, counters in sorted(counts_of(arguments.build).items()):
        figures = [*share(counters[0]), *share(counters[1])]
        folders[source.parent] = [a + b for a, b in zip(folders[source.parent], figures)]
        if arguments.files and source.parent == pathlib.Path(arguments.files) and figures[1]:
            missed = [number for number, count in sorted(counters[0].items()) if count == 0]
            print(f"{100 * figures[0] / figures[1]:6.1f} %  {source}  missed: {missed}")
    print("   lines             branches")
    for folder, (run, lines, taken, branches) in sorted(folders.items()):
        print(
            f"{100 * run / max(lines, 1):6.1f} % of {lines:5}  {100 * taken / max(branches, 1):6.1f} % of {branches:5}  {folder}"
        )


if __name__ == "__main__":
    main()
