#!/usr/bin/env python3
"""Measures the structure of the sources: what has one home, how long files and functions are, where includes lead.

    house.py [ROOT] [--list]    prints a line a measure; with --list what it counted, too

A measure that counts places is a pattern, so it finds what is called so, and new code under new names must be added to
it. Tests, what only tests use and generated files do not count.
"""

import argparse
import collections
import pathlib
import re
import statistics

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPS = ("include", "src", "tools", "python")
MOST_LINES_OF_A_FUNCTION = 60

TYPE = re.compile(r"^\s*(?:struct|class|enum class) (\w+)[^;{()]*\{", re.MULTILINE)
# Types that say which numbers of a head lie where, or how a box is read from them.
HEAD_TYPE = re.compile(r"(Raw|Detection|Anchor|Box)?(Head|HeadLevel|RawLevel|RawMap|RawAnchor|BoxFormat)(Output|Layout|Info|Type|Spec)?$|\w*Coding$")
POLICY_FIELD = re.compile(
    r"^\s*(?:const )?[\w:<>]+ (score_threshold|iou_threshold|iou|score|pre_topk|keep_topk|max_det|class_agnostic|"
    r"multi_label|min_box_size)\b[^();\n]*;",
    re.MULTILINE,
)
METADATA_KEY = re.compile(
    r'"(pre_topk|keep_topk|class_agnostic|multi_label|min_box_size|prior_offset|reg_max|end_to_end|pad_side|'
    r'pad_domain|half_padding|allow_scale_up|long_edge|short_edge)"'
)
WIRE = re.compile(r"\b\w+_proto::k\w+|onnx::\w+Proto\b|wire::\w+\(")
MODEL_TYPE = re.compile(
    r'"(yolov5|yolov6|yolov7|yolov8|yolox|rtmdet|ppyoloe|ppyoloep|YOLOv5HeadModule|YOLOv6HeadModule|YOLOv7HeadModule|'
    r'YOLOv8HeadModule|YOLOXHeadModule|RTMDetSepBNHeadModule|PPYOLOEHeadModule)"'
)
# What changes how a computation stands in a graph: simplifying, folding into weights, splitting, casting.
REWRITE = re.compile(
    r"^[\w:]+[\w:<>&* ]* (FoldIntoWeight|Prune\w*|Merge(?:Concats|Siblings)\w*|Fold\w+|"
    r"Split\w+|Rewrite\w*|CastTo\w*|ToHalf\w*|Simplify\w*)\(",
    re.MULTILINE,
)


def is_product(path):
    tests = path.name.endswith("_test.cc") or path.name.startswith("test_") or {"testing", "tests"} & set(path.parts)
    return path.suffix in (".h", ".cc") and not tests


def body_of(text, opening):
    """What stands between the brace at `opening` and its partner."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[opening + 1 : at]
    return text[opening + 1 :]


def types(text):
    for match in TYPE.finditer(text):
        yield match[1], body_of(text, match.end() - 1)


def head_types(path, text):
    return [name for name, _ in types(text) if HEAD_TYPE.fullmatch(name)]


def policies(path, text):
    return [name for name, body in types(text) if len(set(POLICY_FIELD.findall(body))) > 1]


def knowing(pattern, least):
    """The file itself, where it names at least so many different things."""
    return lambda path, text: [path.name] if len(set(pattern.findall(text))) >= least else []


def rewrites(path, text):
    if path.suffix == ".h" or not {"graph", "nn", "export", "targets", "onnx"} & set(path.parts):
        return []
    return sorted(set(REWRITE.findall(text)))


PLACES = {
    "types that describe a head or its coding": head_types,
    "structs with an NMS policy": policies,
    "files that know keys of the metadata": knowing(METADATA_KEY, 2),
    "files that know ONNX's messages": knowing(WIRE, 1),
    "functions that rewrite a graph": rewrites,
    "lists of model types": knowing(MODEL_TYPE, 4),
}


def function_lengths(text):
    """(name, lines) of each function: from a line that ends in `{` at no or one indentation to its brace."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if indent > 2 or not re.search(r"\).*\{$", line) or re.match(r"\s*(\}|namespace|struct|class|enum)", line):
            continue
        end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith(" " * indent + "}")), at)
        start = at
        while start > 0 and lines[start - 1].strip() and not re.search(r"[;{}:]$|^\s*//|^#", lines[start - 1]):
            start -= 1
        name = re.search(r"([\w:~]+)\(", " ".join(lines[start : at + 1]))
        yield (name[1] if name else "?"), end - start + 1


def includes(sources, root):
    """{folder: folders that its files include}, folders being those right below src."""
    arrows = collections.defaultdict(set)
    for path, text in sources.items():
        if path.parts[0] != "src":
            continue
        for header in re.findall(r'#\s*include\s*"(.+?)"', text):
            if (root / "src" / header).is_file() and "/" in header:
                arrows[folder_of(path)].add(folder_of(pathlib.Path("src", header)))
    return {folder: targets - {folder} for folder, targets in arrows.items()}


def folder_of(path):
    return "/".join(path.parts[1:-1])


def on_a_cycle(arrows):
    def reach(start):
        seen, left = set(), list(arrows.get(start, ()))
        while left:
            folder = left.pop()
            if folder not in seen:
                seen.add(folder)
                left += arrows.get(folder, ())
        return seen

    return sorted(folder for folder in arrows if folder in reach(folder))


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=pathlib.Path, nargs="?", default=ROOT)
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    files = [path for top in TOPS for path in sorted((args.root / top).rglob("*"))]
    sources = {path.relative_to(args.root): path.read_text() for path in files if is_product(path.relative_to(args.root))}
    for what, found_in in PLACES.items():
        found = [(path, name) for path, text in sources.items() for name in found_in(path, text)]
        homes = {path.parent for path, _ in found}
        print(f"{len(found):4} in {len(homes):2} folders  {what}")
        for path, name in found if args.list else ():
            print(f"        {path}: {name}")
    lengths = {path: text.count("\n") for path, text in sources.items()}
    print(
        f"{len(lengths):4} files of {statistics.median(lengths.values()):.0f} lines at the median, "
        f"{percentile(lengths.values(), 0.9)} at 90 %, {max(lengths.values())} at most"
    )
    functions = [(path, *found) for path, text in sources.items() for found in function_lengths(text)]
    long = [found for found in functions if found[2] > MOST_LINES_OF_A_FUNCTION]
    print(f"{len(long):4} of {len(functions)} functions are longer than {MOST_LINES_OF_A_FUNCTION} lines")
    for path, name, count in long if args.list else ():
        print(f"        {path}: {name}, {count} lines")
    cycle = on_a_cycle(includes(sources, args.root))
    print(f"{len(cycle):4} folders on a cycle of includes", *cycle)


if __name__ == "__main__":
    main()
