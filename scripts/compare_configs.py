#!/usr/bin/env python3
"""Compares yoloport's reading of every config of the MMYOLO zoo with MMEngine's own.

    scripts/compare_configs.py --python VENV/bin/python --yoloport build/yoloport

VENV must have mmengine, mmyolo and mmdet (only their config files are read; torch is not imported by
them). For each .py under mmyolo/.mim/configs, `yoloport inspect FILE --format python` must give exactly
what Config.fromfile(FILE).to_dict() gives: the same keys in the same order, the same types. Where
MMEngine cannot read a file because a package is missing, yoloport must fail and name that package and
the option that says where its configs are. Exit code 0: all agree.
"""

import argparse
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

root = pathlib.Path(find_spec("mmyolo").origin).parent / ".mim" / "configs"
for file in sorted(root.rglob("*.py")):
    line = {"file": str(file)}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            config = Config.fromfile(str(file), import_custom_modules=False)
        line["repr"] = repr(config.to_dict())
    except ModuleNotFoundError as error:
        line["missing"] = str(error).split()[0]
    except Exception as error:
        line["error"] = repr(error)
    print(json.dumps(line), flush=True)
'''

NUMBERS = {'float': float, 'nan': float('nan'), 'inf': float('inf'), 'set': set}


def parse(text):
    """A literal, as data: no names but those of NUMBERS, and no calls but float() and set()."""
    return eval(text, {'__builtins__': {}}, NUMBERS)


def difference(ours, theirs, path=''):
    """Where two values first differ, or None. Types and the order of keys count."""
    if type(ours) is not type(theirs):
        return f'{path}: {type(ours).__name__} {ours!r}, MMEngine {type(theirs).__name__} {theirs!r}'
    if isinstance(ours, dict):
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
    """What is wrong with one file, or None."""
    if 'error' in line:
        return 'MMEngine: ' + line['error']
    command = [yoloport, 'inspect', line['file'], '--format', 'python']
    run = subprocess.run(command, capture_output=True, text=True)
    if 'missing' in line:
        named = re.search(rf"'{line['missing']}'", run.stderr)
        option = f"--package-path {line['missing']}=" in run.stderr
        if run.returncode == 1 and named and option:
            return None
        return f"expected an error about {line['missing']}, got {run.stderr or 'none'}"
    if run.returncode != 0:
        return run.stderr
    return difference(parse(run.stdout), parse(line['repr']))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--python', required=True, help='a Python with mmengine, mmyolo and mmdet')
    parser.add_argument('--yoloport', required=True, help='the yoloport program')
    arguments = parser.parse_args()
    reference = subprocess.run([arguments.python, '-c', REFERENCE], capture_output=True, text=True)
    if reference.returncode != 0:
        sys.exit(reference.stderr)
    lines = [json.loads(line) for line in reference.stdout.splitlines()]
    failures = 0
    for line in lines:
        problem = check(line, arguments.yoloport)
        if problem:
            failures += 1
            print(f"{pathlib.Path(line['file']).name}: {problem}")
    missing = sum('missing' in line for line in lines)
    print(f'{len(lines)} configs, {missing} of them with a base in a package that is not there: '
          f'{failures} differ')
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
