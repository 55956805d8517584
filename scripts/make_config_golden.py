#!/usr/bin/env python3
"""Writes what MMEngine makes of each config in testdata/config, to hold yoloport against.

    VENV/bin/python scripts/make_config_golden.py

VENV needs mmengine 0.10.7 and nothing else. For NAME.py (or NAME.json) it writes NAME.expected.json, what
Config::ToJson(2) gives, and NAME.expected.txt, what Config::ToPython(-1) gives (tuples kept).
"""

import json
import pathlib

from mmengine.config import Config


def plain(value):
    """A value as JSON has it: keys that are no strings as Python's text, sets as lists."""
    if isinstance(value, dict):
        return {k if isinstance(k, str) else repr(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    return value


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / 'testdata' / 'config'
    files = [f for f in [*folder.glob('*.py'), *folder.glob('*.json')] if '.expected' not in f.name]
    for file in sorted(files):
        config = Config.fromfile(file, import_custom_modules=False).to_dict()
        document = json.dumps(plain(config), indent=2, ensure_ascii=False)
        file.with_suffix('.expected.json').write_text(document + '\n', encoding='utf-8')
        file.with_suffix('.expected.txt').write_text(repr(config) + '\n', encoding='utf-8')
        print(file.name)


if __name__ == '__main__':
    main()
