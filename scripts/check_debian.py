#!/usr/bin/env python3
"""Takes the README's two commands, `make demo` and `make test`, in clean, minimal Debian roots.

    check_debian.py [SUITE ...]        (as root; default: bookworm trixie, Debian 12 and 13)

Each root gets a clone of this checkout's last commit and `make`, and nothing else by hand; the commands install and
build what they need from scratch, with this machine's settings of proxies, pip and certificates. Fails where a command
does, and where the compiler warns. The roots and a log of each command are in build/check-debian.
"""

import re
import subprocess
import sys
import time

from clean_root import SOURCE, Root, remove

SUITES = ("bookworm", "trixie")
COMMANDS = ("demo", "test")
WORK = SOURCE / "build/check-debian"
WARNING = re.compile(r"^[^\s:]+:\d+:\d+: warning: .*$", re.MULTILINE)


def clone_into(root):
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{SOURCE}", root.inside("/yoloport")], check=True)
    root.workdir = "/yoloport"


def problem_of(status, output):
    """What is wrong with a command that ended with `status` and printed `output`; empty if nothing is."""
    if status:
        return f"failed with exit code {status}"
    warnings = WARNING.findall(output)
    if warnings:
        return f"{len(warnings)} compiler warnings, the first: {warnings[0]}"
    return ""


def summary_of(output):
    """ctest's closing line, or nothing."""
    return "".join(", " + line for line in re.findall(r"^\d+% tests passed.*$", output, re.MULTILINE))


def try_commands(suite):
    """Takes the commands in a root of `suite`; whether all of them passed."""
    root = Root(WORK / suite, suite)
    try:
        settings = {**root.copy_settings(), "DEBIAN_FRONTEND": "noninteractive"}
        apt = "apt-get -qq update && apt-get -qq install -y --no-install-recommends make >/dev/null"
        root.run("sh", "-c", apt, settings=settings)
        clone_into(root)
        for command in COMMANDS:
            log = WORK / f"{suite}-{command}.log"
            begin = time.monotonic()
            with log.open("wb") as out:
                status = root.run("make", command, settings=settings, check=False, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT).returncode
            output = log.read_text(encoding="utf-8", errors="replace")
            took = f"{suite}: make {command}: {time.monotonic() - begin:.0f} s{summary_of(output)}"
            problem = problem_of(status, output)
            if problem:
                print(*output.splitlines()[-60:], sep="\n")
                print(f"{took}\ncheck-debian: {suite}: make {command}: {problem}; see {log}", flush=True)
                return False
            print(took, flush=True)
    finally:
        root.leave()
    return True


def main():
    remove(WORK)
    WORK.mkdir(parents=True)
    suites = sys.argv[1:] or SUITES
    failed = [suite for suite in suites if not try_commands(suite)]
    if failed:
        sys.exit(f"check-debian: failed in {' and '.join(failed)}")
    for suite in suites:
        remove(WORK / suite)
    print(f"check-debian: both commands pass in {' and '.join(suites)}")


if __name__ == "__main__":
    main()
