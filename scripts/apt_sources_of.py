#!/usr/bin/env python3
"""Prints apt sources (deb822) for another Debian release, taken from this machine's own.

    apt_sources_of.py SUITE [ETC_APT]

Every source of this machine's own release, in sources.list or sources.list.d and in either form,
comes out with SUITE instead; its servers, options and keys stay. Those of updates, security and
other origins are left out.
"""

import pathlib
import re
import sys


def own_suites():
    release = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    values = dict(re.findall(r'^(\w+)="?(.*?)"?$', release, re.MULTILINE))
    if values.get("ID") != "debian":
        sys.exit(f"this machine runs {values.get('ID')}, not debian")
    return {values.get("VERSION_CODENAME"), "stable", "oldstable"}


def one_line_entries(text):
    """`deb [option=value ...] uri suite component ...` as field dictionaries."""
    for line in text.splitlines():
        match = re.match(r"deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line.strip())
        if match:
            options, uri, suite, components = match.groups()
            fields = {"URIs": uri, "Suites": suite, "Components": components.strip()}
            for name, value in re.findall(r"(\S+?)=(\S+)", options or ""):
                fields["Architectures" if name == "arch" else name.title()] = value.replace(",", " ")
            yield fields


def stanzas(text):
    """The paragraphs of a deb822 file as field dictionaries; continuation lines stay as they are."""
    text = re.sub(r"^#.*\n?", "", text, flags=re.MULTILINE)
    for paragraph in re.split(r"\n\s*\n", text):
        fields = {
            name.title().replace("Uris", "URIs"): value.lstrip(" \t").rstrip()
            for name, value in re.findall(r"^([\w-]+):(.*(?:\n[ \t].*)*)", paragraph, re.MULTILINE)
        }
        types = fields.pop("Types", "").split()
        if "deb" in types and fields.get("Enabled", "yes").lower() != "no":
            yield fields


def main():
    suite = sys.argv[1]
    etc = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "/etc/apt")
    entries = []
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if path.is_file() and path.suffix in (".list", ".sources"):
            read = stanzas if path.suffix == ".sources" else one_line_entries
            entries += read(path.read_text(encoding="utf-8"))

    own = own_suites()
    found = False
    for fields in entries:
        components = fields.get("Components", "").split()
        if own & set(fields.get("Suites", "").split()) and "main" in components:
            fields.update(Types="deb", Suites=suite, Components="main", Targets="Packages")
            print("\n".join(f"{name}: {value}" for name, value in fields.items()), end="\n\n")
            found = True
    if not found:
        sys.exit(f"no source in {etc} is of {' or '.join(sorted(own))} with the component main")


if __name__ == "__main__":
    main()
