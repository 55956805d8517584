#!/usr/bin/env python3
"""Compares yoloport's reading of zip archives with Python's zipfile, on generated and damaged ones.

    differential_zip.py --dump build/yoloport_dump [--count N] [--seed S]

Where yoloport accepts an archive, zipfile must find the same entries with the same contents. Where
zipfile accepts one and yoloport does not, the reason is counted: yoloport refuses on purpose whatever
lets two readers see different files (docs/checkpoint_format.md). Exit code 0: nothing else.
"""

import io
import pathlib
import random
import zipfile
import zlib

import differential

# What yoloport refuses and zipfile reads over, by what the message says.
ON_PURPOSE = (
    "before the archive", "after the end of the archive", "overlap", "two entries are named",
    "local header", "differ", "one part of several", "belong to no entry", "checksum", "encrypted",
    "it ends at byte", "no ZIP64", "impossible size", "too much for an archive", "compressed by method",
    "cannot hold", "no complete entry", "ends before its directory", "where no ZIP64 record is",
    "does not unpack", "no local header",
)


# What zipfile refuses and yoloport reads over: the version of zip that an entry says it needs; a
# comment that holds the mark of the archive's end, of which zipfile takes the last one; and the two
# length symbols that deflate leaves undefined, which libdeflate takes for the one before them: what
# they unpack to has passed the checksum.
ZIPFILE_ALONE = ("zip file version", "File is not a zip file", "invalid literal/length code")


def generate(rng):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(rng.randrange(0, 6)):
            info = zipfile.ZipInfo(rng.choice(["a", "top/data.pkl", "top/data/", "é", "x" * 50]) + str(i))
            info.compress_type = rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
            info.comment = rng.choice([b"", b"comment"])
            data = rng.randbytes(rng.randrange(0, 200)) * rng.choice([1, 1, 20])
            if rng.random() < 0.3:
                with archive.open(info, "w", force_zip64=rng.random() < 0.5) as entry:
                    entry.write(data)
            else:
                archive.writestr(info, data)
        archive.comment = rng.choice([b"", b"", bytes(30)])
    return out.getvalue()


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 4])):
        at = rng.randrange(len(data))
        how = rng.choice([0, 0, 0, 0, 1, 2, 3])
        if how == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            data[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", bytes(4), b"PK\5\6", b"PK\1\2"])
        elif how == 2:
            del data[at : at + rng.randrange(1, 30)]
        else:
            data[at:at] = rng.randbytes(rng.randrange(1, 30))
        if not data:
            return b"x"
    return bytes(data)


def reference(path):
    """The entries as zipfile sees them, or why it sees none."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = []
            for info in archive.infolist():
                data = archive.read(info)  # compares the checksum
                entries.append([info.filename, len(data), zlib.crc32(data)])
            return entries, ""
    except Exception as error:  # zipfile raises what it likes on damaged files
        return None, f"{type(error).__name__}: {error}"


def names(entries):
    """Names differ in how bytes that are no UTF-8 are shown, and zipfile cuts them at a NUL."""
    return [[name if name.isascii() and "\0" not in name else "?", size, crc] for name, size, crc in entries]


def main():
    arguments = differential.arguments(__doc__)
    rng = random.Random(arguments.seed)
    tally = differential.Tally(arguments.keep)
    with differential.folder() as folder:
        paths = []
        for i in range(arguments.count):
            path = pathlib.Path(folder) / f"{i}.zip"
            path.write_bytes(mutate(rng, generate(rng)))
            paths.append(path)
        for path, ours in zip(paths, differential.ask(arguments.dump, "zip", paths)):
            theirs, why = reference(path)
            error = ours.get("error")
            if error is None and theirs is None:
                if any(part in why for part in ZIPFILE_ALONE):
                    tally.add("zipfile alone refuses", why)
                else:
                    tally.disagree(path, f"accepted, zipfile: {why}")
            elif error is None:
                same = sorted(names(ours["entries"])) == sorted(names(theirs))
                tally.add("both accept") if same else tally.disagree(path, f"{ours['entries']} != {theirs}")
            elif theirs is None:
                tally.add("both refuse")
            elif any(part in error for part in ON_PURPOSE):
                tally.add("refused on purpose", error)
            else:
                tally.disagree(path, f"refused, zipfile reads it: {error}")
    tally.finish()


if __name__ == "__main__":
    main()
