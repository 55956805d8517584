"""What the scripts differential_*.py have in common."""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def parser(doc):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", required=True, help="the program yoloport_dump, built with the tests")
    parser.add_argument("--count", type=int, default=1000, help="inputs to try")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for inputs that disagree")
    return parser


def arguments(doc):
    return parser(doc).parse_args()


def ask(dump, kind, paths):
    """yoloport's answer for each path. Ends the script when the program ends otherwise than well."""
    run = subprocess.run([dump, kind], input="\n".join(map(str, paths)) + "\n", capture_output=True, text=True)
    lines = run.stdout.split("\n")[:-1]  # splitlines() would split at U+2028, too
    if run.returncode != 0 or len(lines) != len(paths):
        at = paths[len(lines)] if len(lines) < len(paths) else "?"
        sys.exit(f"yoloport_dump ended with {run.returncode} at {at}: {run.stderr[-2000:]}")
    return [json.loads(line) for line in lines]


def kind_of(message):
    """A message without its names and numbers, to count by."""
    message = re.sub(r"'(\\'|[^'])*'", "'..'", message.splitlines()[0])
    return re.sub(r"\d+", "N", message)[:110]


class Tally:
    """Counts of what both sides said, and the inputs on which they disagree."""

    def __init__(self, keep):
        self.counts = collections.Counter()
        self.disagreements = 0
        self.keep = keep

    def add(self, verdict, why=""):
        self.counts[(verdict, kind_of(why) if why else "")] += 1

    def disagree(self, path, what):
        self.disagreements += 1
        self.counts[("DISAGREEMENT", kind_of(what))] += 1
        if self.disagreements <= 10:
            print(f"{path}: {what}")
        if self.keep:
            self.keep.mkdir(parents=True, exist_ok=True)
            (self.keep / path.name).write_bytes(path.read_bytes())

    def finish(self):
        for (verdict, why), count in sorted(self.counts.items()):
            print(f"{count:7}  {verdict}" + (f": {why}" if why else ""))
        print(f"{self.disagreements} disagreements")
        sys.exit(1 if self.disagreements else 0)


def folder():
    return tempfile.TemporaryDirectory(prefix="yoloport-")
