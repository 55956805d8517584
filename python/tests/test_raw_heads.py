"""The decoder of examples/raw_heads that is there to be copied, against end-to-end files."""

import importlib.util
import pathlib

import numpy as np
import onnxruntime
import pytest

import yoloport

ROOT = pathlib.Path(__file__).parents[2]
CASES = sorted(path.name for path in (ROOT / "testdata" / "parity").iterdir())
SIZE = (128, 192)


def load_example():
    spec = importlib.util.spec_from_file_location("decode", ROOT / "examples" / "raw_heads" / "decode.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def has(boxes, scores, labels, box, score, label):
    same = (labels == label) & (np.abs(scores - score) < 1e-4) & (np.abs(boxes - box).max(1) < 0.05)
    return same.any()


@pytest.mark.parametrize("backend", ["onnxruntime", "ncnn"])
@pytest.mark.parametrize("case", CASES)
def test_finds_what_an_end_to_end_file_finds(tmp_path, case, backend):
    decode = load_example()
    files = [ROOT / "testdata" / "parity" / case / name for name in ("config.py", "checkpoint.pth")]
    options = {"img_size": SIZE}
    yoloport.export(*files, output=tmp_path / "whole.onnx", **options)
    yoloport.export(*files, output=tmp_path / "raw.onnx", model_only=True, backend=backend, **options)
    images = np.random.default_rng(0).normal(0, 1, (1, 3, *SIZE)).astype(np.float32)
    count, *rows = onnxruntime.InferenceSession(tmp_path / "whole.onnx").run(None, {"images": images})
    session = onnxruntime.InferenceSession(tmp_path / "raw.onnx")
    head = decode.read_head(session.get_modelmeta().custom_metadata_map)
    candidates = decode.decode(head, session.run(None, {"images": images}))
    assert count[0, 0] > 0
    for box, score, label in zip(*(part[0, : count[0, 0]] for part in rows)):
        assert has(*candidates, box, score, label)


def test_suppresses_lesser_boxes_of_a_class():
    boxes = np.float32([[0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10], [50, 50, 60, 60]])
    scores, labels = np.float32([0.8, 0.9, 0.7, 0.6]), np.array([0, 0, 1, 0])
    kept = load_example().suppress(boxes, scores, labels, 0.5)
    assert kept[1].tolist() == [np.float32(0.9), np.float32(0.7), np.float32(0.6)]
    assert kept[2].tolist() == [0, 1, 0]
