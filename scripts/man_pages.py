#!/usr/bin/env python3
"""Makes manual pages of what the program and its commands say with --help.

    man_pages.py PROGRAM FOLDER

PROGRAM is yoloport as built. FOLDER gets yoloport.1.gz and yoloport-COMMAND.1.gz for each of its commands; what
else is there is removed. The same program gives the same files.
"""

import gzip
import pathlib
import re
import shutil
import subprocess
import sys

COLUMN = 30  # where CLI11 begins the help of an option
HEADINGS = {"Positionals": "ARGUMENTS", "Subcommands": "COMMANDS"}


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)


def read_entries(lines):
    """(name, help) of each option or command of a section; help may begin on the line below the name."""
    entries = []
    for line in lines:
        if line.startswith(" " * COLUMN) and entries:
            name, said = entries[-1]
            entries[-1] = (name, f"{said} {line.strip()}".strip())
        elif len(line) > COLUMN and line[COLUMN - 1] == " ":
            entries.append((line[:COLUMN].strip(), line[COLUMN:].strip()))
        else:
            entries.append((line.strip(), ""))
    return entries


def read_help(text):
    """Of a help text: description, usage, [(heading, entries)], footer."""
    description, rest = re.fullmatch(r"(.*?)^Usage: (.*)", text, re.DOTALL | re.MULTILINE).groups()
    usage, *blocks = re.split(r"\n\s*\n", rest.strip())
    sections, footer = [], []
    for block in blocks:
        first, *lines = block.split("\n")
        if first.endswith(":") and lines and lines[0].startswith("  "):
            sections.append((first[:-1], read_entries(lines)))
        else:
            footer += [first, *lines]
    return description.strip(), usage, sections, footer


def paragraphs(text):
    """Indented lines, which are examples, stay as they are; others are filled."""
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [escape(line) for line in paragraph.split("\n")]
        yield ".PP"
        if paragraph.startswith(" "):
            yield from [".nf", *lines, ".fi"]
        else:
            yield from lines


def ask(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def page(name, said, others, version):
    """The lines of the page of the command `name`, whose help text is `said`."""
    description, usage, sections, footer = read_help(said)
    first, _, more = description.partition("\n")
    brief = first.rstrip(".")
    if brief[1].islower():
        brief = brief[0].lower() + brief[1:]
    yield f'.TH {escape(name.upper())} 1 "" "{version}" "User Commands"'
    yield from [".SH NAME", f"{escape(name)} \\- {escape(brief)}"]
    yield from [".SH SYNOPSIS", escape(usage)]
    yield from [".SH DESCRIPTION", *list(paragraphs(more.strip("\n") or first))[1:]]
    for heading, entries in sections:
        yield f".SH {escape(HEADINGS.get(heading, heading).upper())}"
        for entry, text in entries:
            is_command = heading == "Subcommands"
            yield from [".TP", ".B " + escape(f"yoloport-{entry}(1)" if is_command else entry)]
            yield escape(text) if text else "\\&"
    if footer:
        yield from [".SH NOTES", *map(escape, footer)]
    yield ".SH SEE ALSO"
    for other in others:
        yield f".BR {escape(other)} (1)" + ("," if other != others[-1] else "")


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    texts = {"yoloport": ask(program, "--help")}
    sections = dict(read_help(texts["yoloport"])[2])
    for command, _ in sections["Subcommands"]:
        texts[f"yoloport-{command}"] = ask(program, command, "--help")
    version = ask(program, "--version").strip()

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, said in texts.items():
        others = [other for other in texts if other != name]
        text = "\n".join(page(name, said, others, version)) + "\n"
        (folder / f"{name}.1.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
