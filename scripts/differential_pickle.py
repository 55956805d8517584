#!/usr/bin/env python3
"""Compares yoloport's reading of checkpoints with torch.load(weights_only=True), on generated and
mutated ones. Run it with a Python that has torch:

    VENV/bin/python scripts/differential_pickle.py --dump build/yoloport_dump [--count N] [--seed S]

Where torch accepts a file whose state_dict is a dict of tensors, yoloport must find the same keys,
types, shapes and bytes. Where torch refuses, yoloport refuses or finds whatever is not what torch
refused (an unknown class beside the weights, say): that is counted, not compared. Refusals of what
torch accepts must be among ON_PURPOSE. Exit code 0: nothing else.
"""

import collections
import hashlib
import io
import pathlib
import random
import warnings
import zipfile

import torch

import differential

warnings.filterwarnings("ignore")

# What yoloport refuses and torch reads, by what the message says, and why.
ON_PURPOSE = {
    "elements of": "a storage must have exactly the bytes that its id states; torch takes more",
    "is said to hold both": "one storage under two element types or lengths",
    "stands twice": "the same key twice: Python's dict keeps the last",
    "nested more than": "deeper than Python's own pickler writes",
    "not a string": "keys that are no strings",
    "no weights": "no tensor where weights should be",
    "no state_dict": "no tensor where weights should be",
    "shape": "a shape that overflows, a view past its storage, more dimensions than 16",
    "stride": "as above",
    "offset": "as above",
    "is not in the archive": "a storage that only an empty tensor names",
    "its description": "arguments that torch ignores",
    "no well-formed id": "as above",
    "is no pickle of protocol": "protocols 0 and 1, or no PROTO",
    "PROTO": "a protocol that is said and not kept to",
    "UTF-8": "text that is none",
    "one element type": "as above",
    "STOP": "as above",
    "is no list": "as above",
    "appends to": "APPEND to what torch's unpickler calls .append of",
    "sets items of": "as above",
    "sets the state of": "as above",
    "memo entry": "a memo index past the pickle's length",
    "has a name": "as above",
    "checksum": "torch 2.1 does not compare checksums",
    "differ": "a local header or descriptor unlike the directory",
    "local header": "as above",
    "no ZIP64 record": "as above",
    "overlaps": "two entries that claim the same bytes, or an entry and the directory",
    "after the end of the archive": "bytes that belong to nothing",
    "but it ends at byte": "a directory that is not where the archive's end says",
    "' has -": "a storage of less than no elements",
    "before the archive": "bytes that two readers may take for different archives",
    "ends before its directory": "an end record whose comment goes on past the file; zipfile refuses it, too",
    "one part of several": "an archive of several disks",
    "the arguments are": "REDUCE with a list or dict, which torch unpacks all the same",
    "facts on the machine": "a legacy file without the dict that torch never looks at",
    "no format that yoloport knows": "a legacy file that does not begin with PROTO",
    "FRAME": "a frame longer than the pickle; torch ignores frames",
}

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.int16, torch.int32,
          torch.int64, torch.uint8, torch.bool]


def tensor(rng):
    dtype = rng.choice(DTYPES)
    shape = [rng.randrange(0, 4) if rng.random() < 0.1 else rng.randrange(1, 4) for _ in range(rng.randrange(0, 5))]
    value = (torch.randn(shape) * 10).to(dtype)
    how = rng.randrange(6)
    if how == 0 and value.dim() >= 2:
        return value.transpose(0, 1)
    if how == 1 and value.dim() >= 1:
        return value[rng.randrange(max(1, value.shape[0])) :]
    if how == 2:
        return value.expand(rng.randrange(1, 4), *value.shape)
    if how == 3 and value.is_floating_point():
        return torch.nn.Parameter(value)
    return value


def generate(rng):
    """(file, is it a legacy one)"""
    torch.manual_seed(rng.randrange(1 << 30))
    state = collections.OrderedDict() if rng.random() < 0.7 else {}
    last = None
    for i in range(rng.randrange(1, 5)):
        last = last if last is not None and rng.random() < 0.2 else tensor(rng)
        state[rng.choice(["conv.weight", "bn", "module.x", "é", "a" * 300]) + str(i)] = last
    saved = {"state_dict": state, "meta": {"epoch": rng.randrange(300), "x": [1, (2.5, None), "t", True, -3, 1 << 70]}}
    if rng.random() < 0.3:
        saved["optimizer"] = {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 0.1}]}
    legacy = rng.random() < 0.25
    out = io.BytesIO()
    torch.save(saved, out, _use_new_zipfile_serialization=not legacy, pickle_protocol=2)
    return out.getvalue(), legacy


def mutate_bytes(rng, data):
    data = bytearray(data)
    opcodes = b"()]}tsaeuRbQ\x85\x86\x87\x88\x89N.0h\x81K\x8a"
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        at = rng.randrange(len(data))
        how = rng.randrange(6)
        if how == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            data[at] = rng.choice(opcodes)
        elif how == 2:
            del data[at : at + rng.choice([1, 1, 2, 5])]
        elif how == 3:
            data[at:at] = bytes([rng.choice(opcodes)])
        elif how == 4:
            data[at] = rng.choice([0, 1, 2, 0x7F, 0x80, 0xFF])
        else:
            other = rng.randrange(len(data))
            size = rng.randrange(1, 12)
            data[at : at + size] = data[other : other + size]
        if not data:
            return b"\x80"
    return bytes(data)


def mutate(rng, data, legacy):
    if legacy or rng.random() < 0.1:
        return mutate_bytes(rng, data)
    out = io.BytesIO()  # damage to the pickle that its checksum does not tell
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.endswith("data.pkl"):
                content = mutate_bytes(rng, content)
            target.writestr(zipfile.ZipInfo(info.filename), content)
    return out.getvalue()


def describe(value):
    dense = value.detach().contiguous()
    raw = dense.reshape(-1).view(torch.uint8) if dense.dim() else dense.reshape(1).view(torch.uint8)
    data = raw.numpy().tobytes() if dense.numel() else b""
    return [str(dense.dtype).removeprefix("torch."), list(dense.shape), hashlib.sha256(data).hexdigest()]


def reference(path):
    """(tensors by key, "") or (None, why there is nothing to compare), and whether torch accepted."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except BaseException as error:  # torch raises what it likes
        return None, f"{type(error).__name__}: {error}", False
    state = loaded.get("state_dict") if isinstance(loaded, dict) else None
    if not isinstance(state, dict) or not state or not all(isinstance(v, torch.Tensor) for v in state.values()):
        return None, "no dict of tensors", True
    if not all(isinstance(key, str) for key in state):
        return None, "keys that are no strings", True
    try:
        return {key.removeprefix("module."): describe(value) for key, value in state.items()}, "", True
    except BaseException as error:
        return None, f"a tensor that cannot be read: {error}", True


def main():
    arguments = differential.arguments(__doc__)
    rng = random.Random(arguments.seed)
    tally = differential.Tally(arguments.keep)
    with differential.folder() as folder:
        paths = []
        for i in range(arguments.count):
            path = pathlib.Path(folder) / f"{i}.pth"
            path.write_bytes(mutate(rng, *generate(rng)))
            paths.append(path)
        for path, ours in zip(paths, differential.ask(arguments.dump, "checkpoint", paths)):
            theirs, why, accepted = reference(path)
            error = ours.get("error")
            if theirs is None:
                verdict = "torch accepts, nothing to compare" if accepted else "torch refuses"
                tally.add(f"{verdict}, yoloport {'refuses' if error else 'reads'}")
            elif error is None:
                found = {key: rest for key, *rest in ours["tensors"]}
                if found == theirs:
                    tally.add("equal")
                else:
                    differ = [key for key in found.keys() | theirs.keys() if found.get(key) != theirs.get(key)]
                    tally.disagree(path, f"{differ[0][:40]!r}: {found.get(differ[0])}, torch {theirs.get(differ[0])}")
            elif any(part in error for part in ON_PURPOSE):
                tally.add("refused on purpose", error.split(": ", 1)[-1])
            else:
                tally.disagree(path, f"refused, torch reads it: {error.split(': ', 1)[-1]}")
    tally.finish()


if __name__ == "__main__":
    main()
