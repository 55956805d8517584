"""Looking into the files that yoloport reads."""

import json
from pathlib import Path
from typing import Any, Dict, Iterable, Mapping, Optional, Union

from . import _exporter
from ._arguments import check
from ._options import override_list, package_folders
from .choices import StrPath


def inspect(
    file: StrPath,
    *,
    cfg_options: Union[Mapping[str, Any], Iterable[str]] = (),
    package_path: Optional[Mapping[str, StrPath]] = None,
) -> Dict[str, Any]:
    """What a config (.py, .json), a checkpoint (.pth, .pt, .safetensors) or a model (.onnx) holds.

    Nothing in the file is executed. The dict is what ``yoloport inspect --json`` prints: of a config, the config as it
    evaluates (tuples are lists); of a checkpoint, its format, classes and tensors; of a model, its inputs, outputs,
    thresholds, classes and preprocessing.

    cfg_options, package_path: of configs, as for export().

    Raises ConfigError, CheckpointError, ModelError or FileError.
    """
    check(inspect, locals())
    path = Path(file)
    if path.suffix == ".onnx":
        text = _exporter.inspect_model(path)
    elif path.suffix in (".py", ".json"):
        text = _exporter.inspect_config(path, override_list(cfg_options), package_folders(package_path))
    else:
        text = _exporter.inspect_checkpoint(path)
    result: Dict[str, Any] = json.loads(text)
    return result
