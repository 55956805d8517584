#!/usr/bin/env python3
"""Runs clang-tidy on every source that has not passed as it is now; fails unless all of them pass.

    tidy.py [--all] [--read-only]     (--all: on every source; --read-only: leaves the record alone)

scripts/tidy_record.txt has a line for each source that passed: a digest and the path. The digest covers the source, the
project's headers that it includes, .clang-tidy and the pinned version of clang-tidy. A line may become outdated but
never wrong, so a merge may take the lines of both sides. The digest does not cover the libraries' headers and the
compiler's flags: use --all after changing those.

The flags are GCC's, from build/lint/compile_commands.json. For a source that this configuration does not compile,
clang-tidy takes the flags of the source with the most similar path.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import check_includes

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = ROOT / "scripts/tidy_record.txt"
DATABASE = "build/lint"
PROGRAM = ROOT / "build/deps/clang-tidy/clang_tidy/data/bin/clang-tidy"

# Sources that include what `make lint` does not install. Checked all the same where the configuration compiles them.
NOT_COVERED = {
    r"python/bindings/": "nanobind",
    r"src/runtime/tensorrt(_builder|_context|_cuda|_log)?\.cc": "TensorRT",
    r"tests/tensorrt_plugins_test\.cc": "TensorRT",
}


def read_database(text, root):
    """source -> the folders of the tree that its headers come from. Paths are relative to `root`."""
    sources = {}
    for entry in json.loads(text):
        def inside(path, at=entry["directory"]):
            return os.path.relpath(os.path.realpath(os.path.join(at, path)), root)

        found = sources.setdefault(inside(entry["file"]), [])
        options = "\0".join(shlex.split(entry["command"]))
        for folder in map(inside, re.findall(r"\0(?:-I|-isystem)\0?([^\0]+)", options)):
            if not folder.startswith(("..", "build/deps/")) and folder not in found:
                found.append(folder)
    return sources


class Tree:
    """The sources of a tree and what they include, each file read once."""

    def __init__(self, root):
        self.root = root
        self.files = {}

    def read(self, path):
        """The digest of a file and its includes, or None where there is no such file."""
        if path not in self.files:
            try:
                text = (self.root / path).read_bytes()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                self.files[path] = None
            else:
                includes = list(check_includes.read_includes(text.decode("utf-8", "replace")))
                self.files[path] = hashlib.sha256(text).hexdigest(), includes
        return self.files[path]

    def included(self, source, folders):
        """The source and all that it includes from the tree, sorted. Whatever #if says."""
        found, queue = {source}, [source]
        while queue:
            path = queue.pop()
            for _, header, quoted in self.read(path)[1]:
                own = [os.path.dirname(path)] if quoted else []
                candidates = (os.path.normpath(os.path.join(folder, header)) for folder in own + folders)
                target = next((candidate for candidate in candidates if self.read(candidate)), None)
                if target and target not in found:
                    found.add(target)
                    queue.append(target)
        return sorted(found)

    def digest(self, source, folders, settings):
        """Of all that decides whether `source` passes; `settings` is what is the same for every source."""
        parts = [f"{self.read(path)[0]} {path}" for path in self.included(source, folders)]
        return hashlib.sha256("\n".join([settings, source, *parts]).encode()).hexdigest()[:32]


def read_record(text):
    """The set of (digest, path) that passed. After a merge a path may have several lines."""
    return {tuple(line.split(" ", 1)) for line in text.splitlines() if " " in line}


def write_record(passed):
    return "".join(f"{digest} {path}\n" for digest, path in sorted(passed, key=lambda line: line[::-1]))


def wanted_of(digests, record):
    """The sources that are not known to pass as they are."""
    return [path for path, digest in digests.items() if (digest, path) not in record]


def updated(record, digests, wanted, passed):
    """The record after a run on `wanted`. A source that is not covered here keeps its line while that is up to date: it
    passed on another machine."""
    kept = {(digest, path) for path, digest in digests.items() if path not in wanted and (digest, path) in record}
    return kept | {(digests[path], path) for path in passed}


def missing_of(path):
    """What `make lint` does not install but a source includes, or None."""
    return next((name for pattern, name in NOT_COVERED.items() if re.match(pattern, path)), None)


def split_findings(output, root):
    """clang-tidy's output as one text a finding, with its notes and lines of source."""
    output = output.replace(f"{root}/", "")
    starts = [match.start() for match in re.finditer(r"^\S.*?: (?:error|warning): ", output, re.MULTILINE)]
    return [output[begin:end] for begin, end in zip(starts, [*starts[1:], len(output)])]


def run(program, source):
    """Whether a source passes, and what was found."""
    command = [program, "--quiet", "-p", DATABASE, source]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode == 0:
        return True, []
    findings = split_findings(done.stdout, ROOT)
    return False, findings or [f"{source}: clang-tidy ended with {done.returncode}\n{done.stdout}{done.stderr}"]


def check(sources, program):
    """Runs clang-tidy on sources, as many at a time as there are cores; returns those that pass. A finding in a header
    is printed once."""
    passed, printed = set(), set()
    jobs = len(os.sched_getaffinity(0))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = {pool.submit(run, program, source): source for source in sources}
        try:
            for done in concurrent.futures.as_completed(runs):
                clean, findings = done.result()
                if clean:
                    passed.add(runs[done])
                for finding in findings:
                    if finding not in printed:
                        printed.add(finding)
                        print(finding, end="", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return passed


def digests_of_tree(compiled):
    """source -> digest, as they are now. `compiled`: what read_database() gave."""
    pin = (ROOT / "scripts/wheels/clang-tidy.txt").read_text(encoding="utf-8")
    version = re.search(r"^clang-tidy==\S+", pin, re.MULTILINE)[0]
    settings = version + "\n" + (ROOT / ".clang-tidy").read_text(encoding="utf-8")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.cc"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    tree = Tree(ROOT)
    there = [path for path in sorted({*listed, *compiled}) if tree.read(path)]
    return {path: tree.digest(path, compiled.get(path, ["src", "include"]), settings) for path in there}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="check sources that are in the record, too")
    parser.add_argument("--read-only", action="store_true", help="leave the record alone")
    options = parser.parse_args()
    subprocess.run([ROOT / "scripts/setup_wheel.sh", "clang-tidy"], check=True)

    compiled = read_database((ROOT / DATABASE / "compile_commands.json").read_text(encoding="utf-8"), ROOT)
    digests = digests_of_tree(compiled)
    skipped = {path: missing_of(path) for path in digests if path not in compiled and missing_of(path)}
    covered = {path: digest for path, digest in digests.items() if path not in skipped}
    old = RECORD.read_text(encoding="utf-8") if RECORD.is_file() else ""
    record = read_record(old)
    wanted = list(covered) if options.all else wanted_of(covered, record)
    passed = check(wanted, PROGRAM)
    after = digests_of_tree(compiled)
    passed = {path for path in passed if after.get(path) == digests[path]}  # not edited meanwhile
    failed = [path for path in wanted if path not in passed]

    new = write_record(updated(record, digests, wanted, passed))
    if new != old and options.read_only:
        print(f"tidy: {RECORD.relative_to(ROOT)} is outdated; 'make lint' updates it")
    elif new != old:
        RECORD.write_text(new, encoding="utf-8")
        print(f"tidy: {RECORD.relative_to(ROOT)} is updated, commit it with the sources")
    for missing in sorted(set(skipped.values())):
        paths = " ".join(path for path, name in skipped.items() if name == missing)
        print(f"tidy: not covered without {missing}: {paths}")
    others = "; the others passed before" if len(wanted) < len(covered) else ""
    print(f"tidy: {len(wanted)} of {len(covered)} sources checked{others}")
    if failed:
        print(f"tidy: {len(failed)} failed: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
