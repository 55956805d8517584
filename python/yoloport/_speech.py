"""The library's texts in Python's words: arguments in place of flags of the command line."""

import re
from typing import Dict, Match

# Flags whose argument has another name, or none at all. The others are called as the flag, with _ for -.
_RENAMED = {"score-thr": "score_threshold", "iou-thr": "iou_threshold", "max-per-img": "keep_topk"}
_TRUE = (
    "class-agnostic", "from-test-cfg", "half", "legacy", "model-only", "multi-label", "rect", "runtime-thresholds",
    "strict",
)  # fmt: skip
_TEXT = (
    "backend", "boxes", "device", "dynamic", "input", "input-color", "input-layout", "layout", "precision", "resize",
    "runtime", "target", "type",
)  # fmt: skip
_OTHER = (
    "anchors", "batch", "batch-size", "bins", "cfg-options", "class-names", "config", "img-size", "iou-threshold",
    "keep-topk", "max-batch", "mean", "min-box-size", "name", "num-classes", "opset", "output", "outputs",
    "package-path", "pre-topk", "score-threshold", "std", "storage-uri", "streams", "strides", "threads", "work-dir",
)  # fmt: skip
FLAGS = (*_RENAMED, *_TRUE, *_TEXT, *_OTHER, "bgr", "rgb", "no-class-agnostic")

# Words that may follow one of _TEXT as its value.
_VALUES = (
    r"onnxruntime|openvino|tensorrt[78]?|ncnn|rknn|ultralytics|mmdeploy|efficientnms|mmyolo|uint8|float32|n[ch][wh][wc]|"
    r"bgr|rgb|batch,height,width|height,width|batch|yolov[5678]|yolox|ppyoloep?|rtmdet|pixels|offsets|letterbox|stretch|"
    r"triton|ovms|kserve|deepstream|cpu|cuda(?::\d)?|f32|auto|bf16|\{\}"
)

_COMMANDS: Dict[str, str] = {
    "yoloport export CONFIG.py CHECKPOINT.pth": 'yoloport.export("CONFIG.py", "CHECKPOINT.pth")',
    "yoloport export": "yoloport.export()",
    "yoloport finish": "yoloport.finish()",
    "yoloport set": "yoloport.set_thresholds()",
    "yoloport package": "yoloport.package()",
    "yoloport inspect": "yoloport.inspect()",
    "yoloport detect": "yoloport.Detector",
}

_QUOTED = re.compile(r"(?<!\w)'[^'\n]*'(?!\w)")
_COMMAND = re.compile("|".join(_COMMANDS))
_FLAG = re.compile(
    r"(?<![\w-])--(?P<flag>" + "|".join(sorted(FLAGS, key=len, reverse=True)) + r")(?![\w-])"
    r"(?:"
    r" (?P<size>\d+ \d+)\b"
    r"| (?P<changed>[\d.e-]+ ->)"
    r"|[ =](?P<number>-?\d+(?:\.\d+)?)(?![\w.]|\.\d)"
    r"| (?P<pair>[\w.]+=[A-Z]+)\b"
    r"| (?P<text>" + _VALUES + r")(?![\w-]|,\w)"
    r"| (?P<file>FILE|DIR|FOLDER)\b"
    r"|(?P<place>:)"
    r"|(?P<needs> (?:needs|is|are|cannot|must|gives?|holds|says?|or|and)\b)"
    r")?"
)


def _argument(match: Match[str]) -> str:
    flag = match["flag"]
    name = _RENAMED.get(flag, flag.replace("-", "_"))
    if flag in ("bgr", "rgb"):
        return f"rgb={flag == 'rgb'}" + _rest(match)
    if flag == "no-class-agnostic":
        return "class_agnostic=False" + _rest(match)
    if flag in _TRUE:
        return f"{name}=True" + _rest(match)
    if match["size"]:
        return f"{name}=({match['size'].replace(' ', ', ')})"
    if match["changed"]:
        return f"{name} {match['changed']}"
    if match["number"]:
        return f"{name}={match['number']}"
    if match["pair"]:
        key, value = match["pair"].split("=")
        return f'{name}={{"{key}": {value}}}'
    if match["text"] and flag in _TEXT:
        return f'{name}="{match["text"]}"'
    return name + _rest(match)


def _rest(match: Match[str]) -> str:
    """What the pattern took after the flag that is no value of it; the names of files go."""
    return "" if match["file"] else match[0][2 + len(match["flag"]) :]


def _spoken(text: str) -> str:
    return _FLAG.sub(_argument, _COMMAND.sub(lambda match: _COMMANDS[match[0]], text))


def _line_in_python(line: str) -> str:
    if line[:1].isspace():  # of a file that is shown
        return line
    parts = []
    at = 0
    for quoted in _QUOTED.finditer(line):
        parts += [_spoken(line[at : quoted.start()]), quoted[0]]
        at = quoted.end()
    return "".join([*parts, _spoken(line[at:])])


def in_python(text: str) -> str:
    """The text with arguments of this package where it names flags of ``yoloport``. What stands in quotes, such as names
    of files, and indented lines, which are a file's, stay as they are."""
    return "\n".join(map(_line_in_python, text.split("\n")))
