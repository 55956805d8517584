"""Looking into the files that yoloport reads."""

import json
from pathlib import Path
from typing import Any, Dict, Iterable, Mapping, Optional, Union

from . import _exporter
from .exporting import StrPath, override_list, package_folders


def inspect(
    file: StrPath,
    *,
    cfg_options: Union[Iterable[str], Mapping[str, Any]] = (),
    package_path: Optional[Mapping[str, StrPath]] = None,
) -> Dict[str, Any]:
    """What a config (.py, .json), a checkpoint (.pth, .pt, .safetensors) or a model (.onnx) holds.

    The dict is what ``yoloport inspect --json`` prints: of a config, the config as it evaluates (tuples are lists);
    of a checkpoint, its format, classes and tensors; of a model, its inputs, outputs, thresholds, classes and recipe.
    Nothing in the file is executed. ``cfg_options`` and ``package_path`` are as for ``export``, and for configs only.

    Raises ConfigError, CheckpointError, ModelError or FileError.
    """
    path = Path(file)
    if path.suffix == ".onnx":
        return json.loads(_exporter.inspect_model(path))
    if path.suffix in (".py", ".json"):
        return json.loads(
            _exporter.inspect_config(path, override_list(cfg_options), package_folders(package_path))
        )
    return json.loads(_exporter.inspect_checkpoint(path))
