#!/usr/bin/env python3
"""Plants the faults of scripts/mutations.toml one at a time and tells which test catches each.

    mutations.py [--tree FOLDER] [--report FILE] [--quick] [NAME...]
    mutations.py --check        plants nothing; exits 1 where the text of a fault does not stand once in its file

Works in a copy of the source tree (build/mutations, made and updated as needed), so that the tree itself stays as it
is. A fault's own test program is built and run first, then the graph listings; where both pass, all are built and the
whole suite runs up to the first test that fails, unless --quick says that this is not to be waited for. A fault whose
text no longer stands in its file, that does not compile or that no test catches makes the exit code 1. With --report
what was found is kept in FILE, one fault a line, and faults that were caught there are not planted again. NAME: parts
of the names of the faults to plant; default: all.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
LISTINGS = "yoloport_listings_test"  # quick, and sees most changes of a graph
FAILED = re.compile(r"^\[  FAILED  \] ([\w./]+)", re.MULTILINE)
CTEST_FAILED = re.compile(r"^\s*\d+ - (.+) \((?:Failed|SEGFAULT|Subprocess aborted|Timeout|Not Run)", re.MULTILINE)


def update_copy(tree):
    """Makes `tree` hold what the source tree holds; files that did not change keep their times."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    names = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()}
    for name in names:
        source, copy = ROOT / name, tree / name
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    for folder in ("src", "tools", "tests", "testdata"):
        for copy in (tree / folder).rglob("*"):
            if copy.is_file() and str(copy.relative_to(tree)) not in names:
                copy.unlink()
    (tree / "build").mkdir(exist_ok=True)
    if not (tree / "build/deps").exists():
        (tree / "build/deps").symlink_to(ROOT / "build/deps")


def run(command, tree):
    return subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def build(tree, jobs, *targets):
    command = ["cmake", "--build", "build", "--parallel", str(jobs)]
    return run(command + (["--target", *targets] if targets else []), tree)


def failing_in(program, tree, jobs):
    """The first test of one program that fails, None where all pass, or what is wrong with the fault itself."""
    built = build(tree, jobs, program)
    if built.returncode != 0:
        return "DOES NOT BUILD: " + next((line for line in built.stdout.splitlines() if "error:" in line), "?")
    done = run([f"build/{program}", "--gtest_fail_fast", "--gtest_brief=1"], tree)
    if done.returncode == 0:
        return None
    found = FAILED.search(done.stdout)
    return found.group(1) if found else f"{program} (ended with {done.returncode})"


def failing_in_suite(tree, jobs):
    """The same for all programs."""
    if build(tree, jobs).returncode != 0:
        return "DOES NOT BUILD: the rest"
    # The test that faults can be planted fails for each that is: it says nothing of what they do.
    command = ["ctest", "--test-dir", "build", "--stop-on-failure", "--exclude-regex", "^mutations[.]"]
    done = run([*command, "--parallel", str(jobs)], tree)
    if done.returncode == 0:
        return None
    found = CTEST_FAILED.search(done.stdout)
    return found.group(1) if found else "ctest"


def failing_test(fault, tree, jobs, quick):
    for program in (f"yoloport_{fault['first']}_test", LISTINGS):
        found = failing_in(program, tree, jobs)
        if found:
            return found
    return None if quick else failing_in_suite(tree, jobs)


def problem_of(fault, tree):
    path = tree / fault["file"]
    if not path.is_file():
        return f"NOT PLANTED: there is no {fault['file']}"
    count = path.read_text().count(fault["old"])
    return None if count == 1 else f"NOT PLANTED: its text stands {count} times in {fault['file']}"


def check(faults):
    problems = [f"{fault['name']}: {problem}" for fault in faults if (problem := problem_of(fault, ROOT))]
    print("\n".join(problems) if problems else f"{len(faults)} faults can be planted")
    sys.exit(bool(problems))


def plant(fault, tree, jobs, quick):
    if problem := problem_of(fault, tree):
        return problem
    path = tree / fault["file"]
    text = path.read_text()
    path.write_text(text.replace(fault["old"], fault["new"]))
    try:
        return failing_test(fault, tree, jobs, quick)
    finally:
        path.write_text(text)


def read_report(path):
    if path is None or not path.exists():
        return {}
    return {row["name"]: row for row in map(json.loads, path.read_text().splitlines())}


def is_caught(row):
    return row["test"] is not None and not row["test"].startswith(("NOT PLANTED", "DOES NOT BUILD"))


def print_table(rows):
    print("\n| fault | file | caught by |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {row['name']} | `{row['file']}` | {row['test'] or 'SURVIVED'} |")
    print(f"\n{sum(map(is_caught, rows))} of {len(rows)} faults caught")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--tree", type=pathlib.Path, default=ROOT / "build/mutations")
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="leave out the whole suite")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="only look whether each fault can be planted")
    parser.add_argument("--cmake-args", default="", help="more options of CMake")
    args = parser.parse_args()
    faults = tomllib.loads((ROOT / "scripts/mutations.toml").read_text())["fault"]
    if args.check:
        check(faults)
    if args.names:
        faults = [fault for fault in faults if any(name in fault["name"] for name in args.names)]
    known = read_report(args.report)
    args.tree.mkdir(parents=True, exist_ok=True)
    update_copy(args.tree)
    configured = run(["cmake", "--preset", "release", "-DYOLOPORT_BUILD_TESTS=ON", *args.cmake_args.split()], args.tree)
    if configured.returncode != 0:
        sys.exit(configured.stdout)
    rows = []
    for fault in faults:
        row = known.get(fault["name"])
        if row is None or not is_caught(row):
            start = time.monotonic()
            row = {"name": fault["name"], "file": fault["file"], "test": plant(fault, args.tree, args.jobs, args.quick)}
            print(f"{time.monotonic() - start:5.0f} s  {row['name']}: {row['test'] or 'SURVIVED'}", flush=True)
            if args.report:
                with args.report.open("a") as report:
                    report.write(json.dumps(row) + "\n")
        rows.append(row)
    print_table(rows)
    sys.exit(not all(map(is_caught, rows)))


if __name__ == "__main__":
    main()
