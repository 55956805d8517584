#!/usr/bin/env python3
"""Takes the steps of the Dockerfile without Docker, in roots made by debootstrap, and tries what comes out.

    check_docker.py [FOLDER]        (as root; FOLDER: where the roots are made, default build/check-docker)

Understands what the Dockerfile uses: FROM debian:12-slim [AS name], RUN, COPY [--from=stage], WORKDIR, USER and
ENTRYPOINT; another instruction is an error. Unlike in Docker, no layer is kept, and RUN sees this machine's settings of
proxies, pip and certificates. The image, the last root, must export and detect the demo as its user, and hold no
compiler and no headers.
"""

import fnmatch
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from clean_root import SETTINGS_FOLDER, SOURCE, Root, remove

BASES = {"debian:12-slim": "bookworm"}


def instructions(text):
    """(instruction, rest) of a Dockerfile, with continued lines joined."""
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def build_context(folder):
    """What COPY sees of the source tree; .dockerignore names entries of its top folder."""
    ignored = (SOURCE / ".dockerignore").read_text(encoding="utf-8").split()
    folder.mkdir(parents=True)
    for entry in SOURCE.iterdir():
        if not any(fnmatch.fnmatch(entry.name, pattern) for pattern in ignored):
            subprocess.run(["cp", "-a", entry, folder], check=True)
    return folder


def build(work, stages):
    """Takes the steps; gives the last root. `stages` has all, for whoever cleans up."""
    context = build_context(work / "context")
    root = None
    for instruction, rest in instructions((SOURCE / "Dockerfile").read_text(encoding="utf-8")):
        print(f"check-docker: {instruction} {' '.join(rest.split())}", flush=True)
        words = shlex.split(rest)
        if instruction == "FROM":
            if root:
                root.leave()
            name = words[2] if len(words) == 3 else "image"
            stages[name] = root = Root(work / name, BASES[words[0]])
            settings = root.copy_settings()
        elif instruction == "RUN":
            root.run("sh", "-c", rest, settings={**settings, "DEBIAN_FRONTEND": "noninteractive"})
        elif instruction == "COPY":
            from_stage = words[0].removeprefix("--from=") if words[0].startswith("--from=") else None
            origin = stages[from_stage].folder if from_stage else context
            *sources, target = words[1:] if from_stage else words
            root.copy(sources, target, origin)
        elif instruction == "WORKDIR":
            root.workdir = rest
            root.inside(rest).mkdir(parents=True, exist_ok=True)
        elif instruction == "USER":
            root.user = rest
        elif instruction == "ENTRYPOINT":
            root.entrypoint = json.loads(rest)
        else:
            sys.exit(f"check-docker: {instruction} is not understood here")
    return root


def check(image):
    """The image does the demo, as `docker run` would, and holds what runs only."""
    demo = "/usr/share/yoloport/demo"
    entry = image.entrypoint
    image.run(*entry, "--version")
    image.run(*entry, "export", f"{demo}/config.py", f"{demo}/digits.pth", "--img-size", "320", "--from-test-cfg", "--quiet")
    for runtime in ("onnxruntime", "openvino"):
        image.run(*entry, "detect", f"{demo}/page1.png", f"{demo}/page2.png", "work_dir/digits.onnx", "--quiet",
                  "--runtime", runtime, "--score-thr", "0.2", "--json", f"{runtime}.jsonl")
        print(f"{runtime}:", flush=True)
        subprocess.run([SOURCE / "scripts/compare_detections.py", image.inside(f"/work/{runtime}.jsonl"),
                        SOURCE / "demo/expected.json", "--min-score", "0.26"], check=True)
    for unwanted in ("usr/include/yoloport", "usr/bin/c++", "usr/bin/gcc", "usr/bin/cmake", "usr/bin/python3", "src"):
        if (image.folder / unwanted).exists():
            sys.exit(f"check-docker: /{unwanted} is in the image, which needs it not to run")


def main():
    work = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else SOURCE / "build/check-docker").resolve()
    remove(work)
    stages = {}
    try:
        image = build(work, stages)
        shutil.rmtree(image.inside(SETTINGS_FOLDER), ignore_errors=True)
        check(image)
        image.leave()
        size = subprocess.run(["du", "-sm", image.folder], check=True, capture_output=True, text=True).stdout.split()[0]
        print(f"check-docker: the image runs the demo; it is {size} MiB")
    finally:
        for root in stages.values():
            root.leave()
    remove(work)


if __name__ == "__main__":
    main()
