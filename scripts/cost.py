#!/usr/bin/env python3
"""Makes files that cost as much as a megabyte can, gives them to yoloport, and fails where one costs more than
docs/security.md promises: 2 seconds of processor time (5 for pictures), and 64 MB, twice the file and half a GiB.

    scripts/cost.py --yoloport build/yoloport [--count 5000] [--seed 1] [--kinds config,onnx] [--keep FOLDER]

Each kind of file has a grammar in cost_KIND.py, whose `inputs(random, count)` yields (name, contents, command); in a
command `{file}` stands for the name and `{folder}` for where it is. Commands run in a folder that holds config.py,
digits.pth, digits.onnx, page.png, model.engine and testdata. The same seed and count give the same files. Needs
nothing but Python and the demo's files.
"""

import argparse
import collections
import concurrent.futures
import importlib
import multiprocessing
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

KINDS = ("config", "checkpoint", "safetensors", "onnx", "metadata", "lists", "images")
SECONDS = 2.0
PICTURE_SECONDS = 5.0
HALF_GIB = 512 << 10  # KiB
BASE = 64_000         # KiB
DETECT_BASE = 256_000  # with the libraries that detect loads
STACK = 128 << 10     # bytes; limits must not depend on a large stack
WALL_SECONDS = 60

Result = collections.namedtuple("Result", "kind index seconds kib code text size")


def limits_of_child(stack):
    def apply():
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if stack:
            resource.setrlimit(resource.RLIMIT_STACK, (stack, stack))
        signal.alarm(WALL_SECONDS)
    return apply


def run(program, command, folder, stack):
    """Exit code (negative: a signal), stderr, processor seconds and KiB. Runs in a small process of its own: a
    child's peak of memory begins at its parent's."""
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen([program, *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=errors, preexec_fn=limits_of_child(stack))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        text = errors.read(300).decode(errors="replace")
    return child.returncode, text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


class Folder:
    """Where commands run; cleaned after each."""

    def __init__(self, program, source):
        self.holder = tempfile.TemporaryDirectory(prefix="yoloport-cost-")
        self.path = pathlib.Path(self.holder.name)
        for name, contents in (("config.py", source / "demo/config.py"), ("digits.pth", source / "demo/digits.pth"),
                               ("page.png", source / "demo/page1.png")):
            shutil.copy(contents, self.path / name)
        (self.path / "model.engine").write_bytes(b"ftrt")
        (self.path / "testdata").symlink_to(source / "testdata")
        subprocess.run([program, "export", "config.py", "digits.pth", "--img-size", "64", "--output", "digits.onnx"],
                       cwd=self.path, check=True, stdout=subprocess.DEVNULL)
        self.fixed = {each.name: each.stat().st_mtime_ns for each in self.path.iterdir()}

    def write(self, name, contents):
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_bytes(contents)

    def clean(self):
        """Removes what is new; returns what is wrong with the rest."""
        wrong = []
        for each in self.path.iterdir():
            if each.name not in self.fixed:
                if ".tmp-" in each.name:
                    wrong.append(f"left {each.name}")
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        for name, stamp in self.fixed.items():
            if not (self.path / name).exists() or (self.path / name).stat().st_mtime_ns != stamp:
                wrong.append(f"changed {name}")
        return wrong


def measure(worker, arguments, seconds):
    """What run() gives. Processor time grows where other programs compute or the system is short of memory, never
    shrinks: what is above `seconds` is measured twice more, and the least of the times counts."""
    code, text, least, kib = worker.submit(run, *arguments).result()
    for _ in range(2):
        if least <= seconds:
            break
        least = min(least, worker.submit(run, *arguments).result()[2])
    return code, text, least, kib


def problems(result, is_picture, is_detect):
    seconds = PICTURE_SECONDS if is_picture else SECONDS
    kib = (DETECT_BASE if is_detect else BASE) + 2 * result.size // 1024 + HALF_GIB
    found = []
    if result.code not in (0, 1, 2):
        found.append(f"ended with {result.code}")
    if result.seconds > seconds:
        found.append(f"took {result.seconds:.1f} s of {seconds:.0f}")
    if result.kib > kib:
        found.append(f"took {result.kib // 1024} MiB of {kib // 1024}")
    return found


def show(results):
    print(f"{'kind':12}{'files':>7}{'done':>7}{'refused':>9}{'slowest':>10}{'largest':>10}")
    by_kind = collections.defaultdict(list)
    for result in results:
        by_kind[result.kind].append(result)
    for kind, of_kind in by_kind.items():
        done = sum(result.code == 0 for result in of_kind)
        print(f"{kind:12}{len(of_kind):7}{done:7}{len(of_kind) - done:9}{max(r.seconds for r in of_kind):8.2f} s"
              f"{max(r.kib for r in of_kind) // 1024:6} MiB")
    for what, key in (("slowest", lambda r: -r.seconds), ("largest", lambda r: -r.kib)):
        print(f"\n{what}:")
        for result in sorted(results, key=key)[:8]:
            line = result.text.splitlines()[0][:90] if result.text else "done"
            print(f"  {result.kind}-{result.index}: {result.seconds:.2f} s, {result.kib // 1024} MiB, "
                  f"{result.size} bytes: {line}")


def modules(kinds):
    here = pathlib.Path(__file__).parent
    sys.path.insert(0, str(here))
    return {kind: importlib.import_module(f"cost_{kind}") for kind in kinds if (here / f"cost_{kind}.py").exists()}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yoloport", required=True, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=5000, help="files in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--only", type=int, help="of each kind the file of this number alone")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the files that cost too much")
    return parser.parse_args()


def main():
    options = parse()
    program = str(options.yoloport.resolve())
    grammars = modules(options.kinds.split(","))
    folder = Folder(program, pathlib.Path(__file__).resolve().parent.parent)
    results, failures = [], 0
    begin = time.monotonic()
    small = multiprocessing.get_context("spawn")  # a worker begins without what this process holds
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=small) as worker:
        for kind, grammar in grammars.items():
            count = -(-options.count // len(grammars))
            inputs = grammar.inputs(random.Random(f"{options.seed} {kind}"), count)
            for index, (name, contents, command) in enumerate(inputs):
                if options.only is not None and index != options.only:
                    continue
                folder.write(name, contents)
                command = [part.replace("{file}", name).replace("{folder}", ".") for part in command]
                is_detect = command[0] in ("detect", "bench")
                arguments = (program, command, folder.path, 0 if is_detect else STACK)
                limit = PICTURE_SECONDS if kind == "images" else SECONDS
                code, text, seconds, kib = measure(worker, arguments, limit)
                result = Result(kind, index, seconds, kib, code, text, len(contents))
                results.append(result)
                found = problems(result, kind == "images", is_detect) + folder.clean()
                if not found:
                    continue
                failures += 1
                print(f"{kind}-{index}: {' '.join(command)}: {', '.join(found)}: {text.strip()[:200]}", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{kind}-{index}-{pathlib.Path(name).name}").write_bytes(contents)
    show(results)
    print(f"\n{len(results)} files in {time.monotonic() - begin:.0f} s, {failures} cost too much")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
