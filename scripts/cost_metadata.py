"""JSON for cost.py: the metadata of ONNX files and engines, class names and anchors."""

import json

from cost_parts import LARGEST, budget as any_budget, json_string, json_value, message, number, size

RECIPE = {"height": 32, "width": 32, "resize": "letterbox", "shrink": "area", "enlarge": "bilinear",
          "rounding": "truncate", "allow_scale_up": True, "pad_side": "center", "pad_value": [114, 114, 114],
          "rgb": True, "mean": [0, 0, 0], "std": [255, 255, 255], "type": "float", "layout": "nchw"}
DOCUMENT = {"format": 1, "type": "yolov5", "detector": "d", "backend": "onnxruntime", "end_to_end": True, "batch": 1,
            "classes": ["a"], "palette": [], "strides": [[8, 8]], "anchors": [], "prior_offset": 0.5, "reg_max": 0,
            "recipe": RECIPE,
            "thresholds": {"score": 0.25, "iou": 0.65, "pre_topk": 1000, "keep_topk": 100, "class_agnostic": False,
                           "multi_label": True, "runtime": False},
            "config": None, "checkpoint": None, "yoloport_version": "0.1.0"}


def document(random, budget):
    """yoloport's own, with some values replaced by costly ones."""
    parts = {key: json.dumps(value).encode() for key, value in DOCUMENT.items()}
    for key in random.sample(sorted(parts), random.randint(0, 3)):
        parts[key] = json_value(random, budget // 3)
    kind = random.randrange(6)
    if kind == 0:
        parts["classes"] = b"[" + b",".join([json_string(random, random.randint(0, 30))] * size(random, budget // 40)) + b"]"
    elif kind == 1:
        parts["anchors"] = b"[[" + b",".join([b"[1,2]"] * size(random, budget // 6)) + b"]]"
    elif kind == 2:
        parts["palette"] = b"[" + b",".join([b"[1,2,3]"] * size(random, budget // 8)) + b"]"
    elif kind == 3:
        for i in range(size(random, budget // 12)):
            parts[f"x{i}"] = b"0"
    elif kind == 4:
        number_text = random.choice([b"1e999", b"-1e999", b"0." + b"0" * 5000 + b"1", b"1" * 5000, b"1E-400"])
        parts["prior_offset"] = number_text
    return b"{" + b",".join(json.dumps(key).encode() + b":" + value for key, value in parts.items()) + b"}"


def engine(random, budget):
    texts = {key: b'"x"' for key in ("tensorrt", "compute_capability", "gpu", "engine_sha256", "model", "model_sha256",
                                    "command")}
    texts["format"] = b"1"
    pairs = b",".join(b'"%d":"x"' % i for i in range(size(random, budget // 12)))
    texts["metadata"] = random.choice([b"{" + pairs + b"}", json_value(random, budget // 2)])
    if random.random() < 0.5:
        texts[random.choice(sorted(texts))] = json_value(random, budget // 2)
    return b"{" + b",".join(json.dumps(key).encode() + b":" + value for key, value in texts.items()) + b"}"


def journal(random, budget):
    head = b'{"yoloport_resume":1,"model":"0","options":' + json_value(random, budget // 2) + b"}\n"
    lines = [b'{"key":"%d","stamp":"s","width":1,"height":1,"found":[]}\n' % i for i in range(size(random, budget // 60))]
    return random.choice([head, head + b"".join(lines), json_value(random, budget) + b"\n", b"\n" * (budget // 2)])


def inputs(random, count):
    for index in range(count):
        budget = any_budget(random)
        kind = random.randrange(8)
        if kind < 4:
            entry = message(14, message(1, b"yoloport") + message(2, document(random, budget)))
            graph = message(7, message(1, message(4, b"Relu") + message(1, b"x") + message(2, b"y")))
            contents = number(1, 8) + message(8, number(2, 17)) + graph + entry
            command = random.choice([["inspect", "{file}"], ["inspect", "{file}", "--json"],
                                     ["set", "{file}", "--score-threshold", "0.3"],
                                     ["package", "{file}", "--target", "kserve", "--output", "served"],
                                     ["detect", "page.png", "{file}", "--no-save"]])
            yield "model.onnx", contents[:LARGEST], command
        elif kind == 4:
            yield "model.engine.json", engine(random, budget)[:LARGEST], ["detect", "page.png", "model.engine", "--no-save"]
        elif kind == 5:
            contents = random.choice([
                lambda: b"[" + b",".join([json_string(random, 5)] * size(random, budget // 40)) + b"]",
                lambda: json_value(random, budget), lambda: b"a\n" * (budget // 2), lambda: b"\n" * budget,
                lambda: b"x" * budget])()
            yield "names.txt", contents[:LARGEST], ["detect", "page.png", "digits.onnx", "--no-save", "--class-names",
                                                   "{file}"]
        elif kind == 6:
            contents = random.choice([
                lambda: json_value(random, budget), lambda: b"10,13 " * (budget // 6), lambda: b"10,13\n" * (budget // 6),
                lambda: b"[" * budget, lambda: b"[[" + b"(1,2)," * (budget // 6) + b"]]", lambda: b"," * budget,
                lambda: b"0." + b"0" * budget + b"1"])()
            yield "anchors.txt", contents[:LARGEST], ["detect", "page.png", "digits.onnx", "--no-save", "--anchors", "{file}"]
        else:
            yield "out/detections.resume", journal(random, budget)[:LARGEST], [
                "detect", "page.png", "digits.onnx", "--out-dir", "out", "--resume"]
