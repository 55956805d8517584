#!/usr/bin/env python3
"""Checks that includes point down, as the table of folders in docs/architecture.md says, and that folders are namespaces.

    check_includes.py [ROOT]       prints each violation as file:line: message; exits 1 if there is one
    check_includes.py --self-test  checks the check itself

The project's own headers are included with quotes and their path from src/ or include/, libraries
with angle brackets. A folder may include itself, the folders in its row's last column, and what those
may include. Libraries with one home in the project are in LIBRARY_HOMES.
"""

import fnmatch
import pathlib
import re
import sys
import tempfile

TABLE = "docs/architecture.md"
TESTING = "src/testing"  # what tests of any folder may include
PUBLIC = "include/yoloport"

# Which folders may include a library. Libraries that are not here may be included anywhere but in
# the public headers.
LIBRARY_HOMES = [
    # header, folders, may tests elsewhere include it too
    (r"opencv2/", ["src/image", "src/video", "src/tasks/detect/host"], True),
    (r"(core/)?onnxruntime|openvino/|NvInfer|cuda", ["src/runtime"], False),
    (r"onnx/|google/protobuf/", ["src/onnx/write"], True),
    (r"CLI/", ["tools/yoloport"], False),
    (r"nanobind/", ["python/bindings"], False),
    (r"(gtest|gmock)/", [], True),
]

# Arrows that no edit of the table may allow, not even through a folder between; * stands for any name. What exports
# loads neither OpenCV nor a runtime, and what detects knows nothing of configs and networks.
FORBIDDEN = {
    "src/export": ["src/image", "src/video", "src/runtime", "src/tasks/*/host"],
    "src/detect": ["src/config", "src/checkpoint", "src/formats", "src/graph", "src/models", "src/nn", "src/sources"],
    "src/targets": ["src/runtime"],
}


def read_table(text):
    """folder -> the set of folders it may include, from the table whose last column says so."""
    allowed = {}
    in_table = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|"):
            in_table = False
        elif cells[-1].replace("`", "").lower() == "may include":
            in_table = True
        elif in_table and (match := re.match(r"`((?:src|include|tools|python)/[\w/-]*)`", cells[0])):
            folder = match[1].rstrip("/")
            folder = PUBLIC if folder == "include" else folder
            allowed[folder] = read_cell(cells[-1].replace("`", ""), allowed)
    for _ in allowed:  # what those may include: as many rounds as there are folders suffice
        for folder, names in allowed.items():
            names.update(*(allowed.get(name, set()) for name in set(names)))
    return {folder: names | {folder} for folder, names in allowed.items()}


def read_cell(cell, above):
    if cell in ("std", ""):
        return set()
    if cell == "all above":
        return set(above)
    if cell == "the public API only":
        return {PUBLIC}
    return {PUBLIC if name == "include" else f"src/{name}" for name in re.split(r"[,\s]+", cell)}


def forbidden_arrows(allowed):
    """(folder, folder) of each arrow that FORBIDDEN names, with folders of the table."""
    for folder, patterns in FORBIDDEN.items():
        for target in allowed:
            if any(fnmatch.fnmatch(target, pattern) or fnmatch.fnmatch(target, pattern + "/*") for pattern in patterns):
                yield folder, target


def folder_of(path, allowed):
    """The folder of the table that `path` lies in: the innermost, as a folder may have folders with rows of their own."""
    return max((folder for folder in allowed if path.startswith(folder + "/")), key=len, default=None)


def violation(path, header, quoted, allowed, root):
    """What is wrong with `path` including `header`, or None."""
    folder = folder_of(path, allowed)
    name = path.rsplit("/", 1)[1]
    # Tests, and what several of them share.
    is_test = name.endswith("_test.cc") or name.startswith("test_") or folder == TESTING
    if not quoted:
        if folder == PUBLIC and not re.fullmatch(r"\w+|std(def|int)\.h", header):  # C's, for the C interface
            return f"public headers include the standard library only, not <{header}>"
        for pattern, homes, tests_too in LIBRARY_HOMES:
            if re.match(pattern, header) and folder not in homes and not (is_test and tests_too):
                home = f"only {', '.join(homes)} may" if homes else "only tests may"
                return f"{folder} may not include <{header}>; {home}"
        return None
    if "/" not in header and folder.startswith(("tools/", "python/")) and (root / folder / header).is_file():
        return None  # the program's own few headers
    for base in ("src", "include"):
        target = folder_of(f"{base}/{header}", allowed)
        if target and (root / base / header).is_file():
            if target in allowed[folder] or (is_test and target == TESTING):
                return None
            names = ", ".join(sorted(allowed[folder] - {folder})) or "the standard library"
            return f'{folder} may not include "{header}"; {TABLE} allows {names}'
    return f'"{header}" is not in src/ or include/; write the path from there, and libraries as <...>'


def read_includes(text):
    """(line number, header, whether it is in quotes) per include of a source."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r'\s*#\s*include\s*(?:"(.+?)"|<(.+?)>)', line):
            yield number, match[1] or match[2], bool(match[1])


# Folders whose namespace has another name: `export` is a keyword, `testing` GoogleTest's.
OTHER_NAMESPACES = {"src/export": "exporting", TESTING: "test_support"}


def namespace_of(path):
    """The namespace of what the file declares, below yoloport."""
    folder = path.rsplit("/", 1)[0]
    for other, name in OTHER_NAMESPACES.items():
        if folder == other or folder.startswith(other + "/"):
            return name
    return folder.removeprefix("src/").replace("/", "::")


def wrong_namespaces(path, text):
    """(line number, what is wrong) for each block that is neither the folder's nor the public API's.

    A header may declare classes of other folders: a block of `class X;` alone.
    """
    own = "yoloport::" + namespace_of(path)
    for match in re.finditer(r"^namespace (yoloport[\w:]*) \{\n((?:.*\n)*?)(?=\}|namespace|.*\{)", text, re.MULTILINE):
        name, body = match[1], match[2]
        only_classes = all(re.fullmatch(r"(class|struct) \w+;|", line) for line in body.splitlines())
        is_declaration = only_classes and body.strip() and text[match.end()] == "}"
        if name != "yoloport" and name != own and not name.startswith(own + "::") and not is_declaration:
            yield text.count("\n", 0, match.start()) + 1, f"namespace {name}; its folder's is {own}"


def check(root):
    table = root / TABLE
    allowed = read_table(table.read_text(encoding="utf-8")) if table.is_file() else {}
    if not allowed:
        return [f"{TABLE}: has no table of folders whose last column is 'may include'"]
    found = [
        f"{TABLE}: lets {folder} include {target}, in however many steps"
        for folder, target in forbidden_arrows(allowed)
        if target in allowed.get(folder, ())
    ]
    for top in ("include", "src", "tools", "python"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cc"):
                continue
            path = file.relative_to(root).as_posix()
            if folder_of(path, allowed) is None:
                found.append(f"{path}:1: its folder is not in the table of {TABLE}")
                continue
            text = file.read_text(encoding="utf-8")
            for number, header, quoted in read_includes(text):
                if wrong := violation(path, header, quoted, allowed, root):
                    found.append(f"{path}:{number}: {wrong}")
            if top == "src":
                found += [f"{path}:{number}: {wrong}" for number, wrong in wrong_namespaces(path, text)]
    return found


SELF_TEST_TABLE = """
| folder | what | may include |
| --- | --- | --- |
| `include/yoloport/` | the public API | std |
| `src/base/` | base | include |
| `src/tensor/` | tensors | base |
| `src/image/` | images | base |
| `src/graph/` | graphs | tensor |
| `src/onnx/wire/` | a format | tensor |
| `src/onnx/write/` | files | graph, onnx/wire |
| `src/onnx/write/read/` | files to graphs | onnx/write |
| `src/joins/` | joins | all above |
| `src/testing/` | for tests | graph |
| `tools/yoloport/` | the program | the public API only |
| `testdata/ docs/` | other things | |
"""

SELF_TEST_FILES = {  # file -> (include, the violation's text or None) per line
    "include/yoloport/error.h": [("<string>", None), ("<fmt/format.h>", "standard library only")],
    "include/yoloport/export.h": [
        ('"yoloport/error.h"', None),
        ('"base/text.h"', 'include/yoloport may not include "base/text.h"'),
    ],
    "src/base/text.h": [
        ('"yoloport/error.h"', None),
        ("<fmt/format.h>", None),
        ('"graph/graph.h"', 'src/base may not include "graph/graph.h"'),
    ],
    "src/tensor/tensor.h": [
        ('"base/text.h"', None),
        ("<onnx/onnx_pb.h>", "src/tensor may not include <onnx/onnx_pb.h>; only src/onnx/write may"),
    ],
    "src/graph/graph.h": [('"base/text.h"', None), ('"tensor.h"', "is not in src/ or include/")],
    "src/graph/graph_test.cc": [
        ("<gtest/gtest.h>", None),
        ("<opencv2/core.hpp>", None),
        ('"graph/graph.h"', None),
        ('"image/image.h"', 'src/graph may not include "image/image.h"'),
        ('"testing/run.h"', None),
    ],
    "src/testing/run.h": [("<gtest/gtest.h>", None), ('"graph/graph.h"', None)],
    "src/graph/fold.cc": [('"testing/run.h"', 'src/graph may not include "testing/run.h"')],
    "src/joins/fold.cc": [('"testing/run.h"', 'src/joins may not include "testing/run.h"')],
    "src/image/image.h": [("<opencv2/core.hpp>", None)],
    "src/joins/export.cc": [
        ('"graph/graph.h"', None),
        ('"image/image.h"', None),
        ("<opencv2/core.hpp>", "only src/image, src/video, src/tasks/detect/host may"),
        ("<onnxruntime_cxx_api.h>", "only src/runtime may"),
        ("<gtest/gtest.h>", "only tests may"),
    ],
    "src/other/other.h": [("", "its folder is not in the table")],
    "tools/yoloport/main.cc": [
        ('"yoloport/export.h"', None),
        ('"main.cc"', None),
        ('"base/text.h"', 'tools/yoloport may not include "base/text.h"'),
        ('"testing/run.h"', 'tools/yoloport may not include "testing/run.h"'),
    ],
    "src/onnx/wire/wire.h": [
        ('"tensor/tensor.h"', None),
        ('"onnx/wire/wire.h"', None),
        ('"onnx/write/writer.h"', 'src/onnx/wire may not include "onnx/write/writer.h"'),
        ('"graph/graph.h"', 'src/onnx/wire may not include "graph/graph.h"'),
        ("<onnx/onnx_pb.h>", "src/onnx/wire may not include <onnx/onnx_pb.h>; only src/onnx/write may"),
    ],
    "src/onnx/write/writer.h": [
        ('"onnx/wire/wire.h"', None),
        ("<onnx/onnx_pb.h>", None),
        ('"onnx/write/read/reader.h"', 'src/onnx/write may not include "onnx/write/read/reader.h"'),
    ],
    "src/onnx/write/read/reader.h": [('"onnx/wire/wire.h"', None), ('"onnx/write/writer.h"', None)],
    "src/onnx/write/read/deep/deep.h": [('"onnx/write/writer.h"', None)],
    "src/graph/test_graphs.cc": [("<gtest/gtest.h>", None)],
}


def found_in(table, files):
    """What the check says of a project of this table and these files (path -> includes)."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        assert "has no table" in check(root)[0]
        texts = {path: "".join(f"#include {include}\n" for include in includes) for path, includes in files.items()}
        for path, text in {TABLE: table, **texts}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return check(root)


def test_rules():
    found = found_in(SELF_TEST_TABLE, {path: [include for include, _ in lines] for path, lines in SELF_TEST_FILES.items()})
    for path, lines in SELF_TEST_FILES.items():
        for number, (include, expected) in enumerate(lines, 1):
            here = [text for text in found if text.startswith(f"{path}:{number}:")]
            if expected is None:
                assert not here, f"wrongly reported: {here}"
            else:
                assert len(here) == 1 and expected in here[0], f"{path} {include}: {here}"
    return len(found)


def test_arrows():
    """Of the project's own table: each forbidden arrow is seen in a source, and in a table that allows it."""
    table = (pathlib.Path(__file__).resolve().parent.parent / TABLE).read_text(encoding="utf-8")
    allowed = read_table(table)
    arrows = list(forbidden_arrows(allowed))
    for folder, patterns in FORBIDDEN.items():
        for pattern in patterns:
            matching = [target for source, target in arrows if source == folder and fnmatch.fnmatch(target, pattern + "*")]
            assert matching, f"{folder} -> {pattern}: the table has no such folder"
    outside = [folder for folder in allowed if folder.startswith(("src/", "tools/", "python/")) and folder != TESTING]
    for folder, target in arrows + [(folder, TESTING) for folder in outside]:
        header = target.removeprefix("src/") + "/x.h"
        found = found_in(table, {f"{folder}/x.cc": [f'"{header}"'], f"{target}/x.h": []})
        assert len(found) == 1 and f'{folder} may not include "{header}"' in found[0], f"{folder} -> {target}: {found}"
    for folder, target in arrows:
        row = re.search(rf"^\| `{folder}/` .*(?= \|$)", table, re.MULTILINE)
        wider = table.replace(row[0], f"{row[0]}, {target.removeprefix('src/')}")
        assert any(f"lets {folder} include {target}," in text for text in found_in(wider, {})), f"{folder} -> {target}"
    return len(arrows) + len(outside)


def test_namespaces():
    cases = {
        "src/graph/passes/a.h": [
            ("namespace yoloport::graph::passes {\nint x();\n}\n", None),
            ("namespace yoloport::graph::passes::inner {\nint x();\n}\n", None),
            ("namespace yoloport {\nint x();\n}\n", None),  # what the public API declares
            ("namespace yoloport::base {\nclass MappedFile;\n}\n", None),
            ("namespace yoloport::base {\nclass MappedFile;\nint x();\n}\n", "graph::passes"),
            ("namespace yoloport::graph {\nint x();\n}\n", "graph::passes"),
            ("namespace yoloport::base {\nnamespace {\nint x;\n}\n}\n", "graph::passes"),
        ],
        "src/export/a.cc": [
            ("namespace yoloport::exporting {\nint x();\n}\n", None),
            ("namespace yoloport::graph {\nint x() { return 1; }\n}\n", "exporting"),
        ],
        "src/testing/files/a.cc": [("namespace yoloport::test_support {\nint x();\n}\n", None)],
    }
    count = 0
    for path, texts in cases.items():
        for text, expected in texts:
            found = [wrong for _, wrong in wrong_namespaces(path, text)]
            if expected is None:
                assert not found, f"{path}: {text}: {found}"
            else:
                assert len(found) == 1 and found[0].endswith("yoloport::" + expected), f"{path}: {text}: {found}"
            count += 1
    return count


def self_test():
    print(f"{test_namespaces()} namespaces looked at")
    print(f"{test_rules()} violations found, as many as were made; {test_arrows()} forbidden arrows seen")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit(0)
    repository = pathlib.Path(__file__).resolve().parent.parent
    violations = check(pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else repository)
    print("\n".join(violations) or "includes point down")
    sys.exit(1 if violations else 0)
