#!/usr/bin/env python3
"""Compares yoloport's reading of configs with MMEngine's own.

    scripts/compare_configs.py --python VENV/bin/python --yoloport build/yoloport [FOLDER ...]

VENV must have mmengine. Each .py below each FOLDER is read by both; without a FOLDER, the configs of the
packages mmyolo and mmdet in VENV (only files are read; torch is not imported by them). `yoloport inspect
FILE --format python` must give what Config.fromfile(FILE).to_dict() gives: the same keys in the same order,
the same types. What yoloport calls unknown may be anything. Where MMEngine cannot read a file because a
package is missing, yoloport must fail and name that package and the option that says where its configs are,
or find them. What else MMEngine refuses is not compared. Refusals are listed by reason. Exit code 0: nothing
differs, and yoloport refuses no config that MMEngine reads.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

# Runs under the other Python: one line of JSON a file, {"file", "repr" or "missing" or "error"}.
REFERENCE = r'''
import contextlib, io, json, pathlib, sys
from importlib.util import find_spec
from mmengine.config import Config

def plain(value):
    """Data as it is; other objects (modules, functions, classes) as a call that says what they are."""
    if isinstance(value, dict):
        return '{' + ', '.join(f'{plain(k)}: {plain(v)}' for k, v in value.items()) + '}'
    if type(value) in (list, tuple):
        inner = ', '.join(map(plain, value)) + (',' if type(value) is tuple and value else '')
        return f'[{inner}]' if type(value) is list else f'({inner})'
    if value is None or type(value) in (bool, int, float, str, set, range, type(Ellipsis)):
        return repr(value)
    return f'other({type(value).__name__!r})'

folders = [pathlib.Path(folder) for folder in sys.argv[1:]]
if not folders:
    folders = [pathlib.Path(find_spec(p).origin).parent / ".mim" / "configs" for p in ("mmyolo", "mmdet")]
for file in sorted(file for folder in folders for file in folder.rglob("*.py")):
    line = {"file": str(file)}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            config = Config.fromfile(str(file), import_custom_modules=False)
        line["repr"] = plain(config.to_dict())
    except ModuleNotFoundError as error:
        line["missing"] = str(error).split()[0]
    except Exception as error:
        line["error"] = repr(error)
    print(json.dumps(line), flush=True)
'''


class Unknown:
    """A value that yoloport does not know, or (of MMEngine's) one that is no data."""

    def __init__(self, why):
        self.why = why


NAMES = {'float': float, 'nan': float('nan'), 'inf': float('inf'), 'set': set, 'range': range,
         'Ellipsis': Ellipsis, 'unknown': Unknown, 'other': Unknown}


# Packages whose distribution has another name, which is the one that MMEngine misses.
IMPORTED_AS = {'mmsegmentation': 'mmseg'}


def parse(text):
    """A literal, as data: no names but those of NAMES."""
    return eval(text, {'__builtins__': {}}, NAMES)


def difference(ours, theirs, path=''):
    """Where two values first differ, or None. Types and the order of keys count."""
    if isinstance(ours, Unknown):
        return None
    if type(ours) is not type(theirs):
        return f'{path}: {type(ours).__name__} {ours!r}, MMEngine {type(theirs).__name__} {theirs!r}'
    if isinstance(ours, dict):
        if not path:  # of imports and definitions it is up to MMEngine which of them are keys
            ours = {k: v for k, v in ours.items() if k in theirs or not isinstance(v, Unknown)}
            theirs = {k: v for k, v in theirs.items() if k in ours or not isinstance(v, Unknown)}
        if list(ours) != list(theirs):
            return f'{path}: keys {list(ours)}, MMEngine {list(theirs)}'
        pairs = [(f'{path}.{key}', ours[key], theirs[key]) for key in ours]
    elif isinstance(ours, (list, tuple)):
        if len(ours) != len(theirs):
            return f'{path}: {len(ours)} elements, MMEngine {len(theirs)}'
        pairs = [(f'{path}[{i}]', a, b) for i, (a, b) in enumerate(zip(ours, theirs))]
    else:
        return None if repr(ours) == repr(theirs) else f'{path}: {ours!r}, MMEngine {theirs!r}'
    for inner, a, b in pairs:
        found = difference(a, b, inner)
        if found:
            return found
    return None


def check(line, yoloport):
    """What is wrong with one file, or None; and why it was refused, or None."""
    command = [yoloport, 'inspect', line['file'], '--format', 'python']
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return 'takes more than a minute', None
    if run.returncode not in (0, 1):
        return f'exit code {run.returncode}: {run.stderr}', None
    refusal = run.stderr.splitlines()[0] if run.returncode else None
    if 'missing' in line:
        package = IMPORTED_AS.get(line['missing'], line['missing'])
        named = f"'{package}'" in run.stderr and f"--package-path {package}=" in run.stderr
        return (None if run.returncode == 0 or named else f'does not name the package: {run.stderr}'), refusal
    if 'error' in line:
        return None, refusal
    if run.returncode:
        return 'MMEngine reads it: ' + run.stderr, refusal
    return difference(parse(run.stdout), parse(line['repr'])), None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('folders', nargs='*', metavar='FOLDER', help='folders of configs')
    parser.add_argument('--python', required=True, help='a Python with mmengine')
    parser.add_argument('--yoloport', required=True, help='the yoloport program')
    arguments = parser.parse_args()
    reference = subprocess.run([arguments.python, '-c', REFERENCE, *arguments.folders],
                               capture_output=True, text=True)
    if reference.returncode != 0:
        sys.exit(reference.stderr)
    lines = [json.loads(line) for line in reference.stdout.splitlines()]
    failures = 0
    refusals = collections.Counter()
    for line in lines:
        problem, refusal = check(line, arguments.yoloport)
        if refusal:
            reason = re.sub(r"'[^']*'", "'...'", re.sub(r'^.*?:\d+:\d+: ', '', refusal))
            refusals[reason, 'MMEngine: ' + ('reads' if 'repr' in line else 'refuses')] += 1
        if problem:
            failures += 1
            print(f"{pathlib.Path(line['file']).name}: {problem}")
    for (reason, theirs), count in refusals.most_common():
        print(f'{count} refused ({theirs}): {reason}')
    known = sum('repr' in line for line in lines)
    print(f'{len(lines)} configs, {known} of them read by MMEngine: {failures} differ')
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
