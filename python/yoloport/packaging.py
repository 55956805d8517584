"""A folder for a model server."""

from pathlib import Path

from . import _exporter
from ._arguments import check
from ._options import set_options
from .choices import PackageTarget, StrPath


def package(
    model: StrPath,
    target: PackageTarget,
    *,
    output: StrPath,
    name: str = "",
    max_batch: int = 8,
    storage_uri: str = "",
) -> _exporter.PackageReport:
    """Makes a folder that a model server takes as it is, with a client script, as ``yoloport package`` does.

    model: an end-to-end ONNX file that yoloport wrote.
    target: the server: "triton", "ovms", "kserve" or "deepstream"; docs/serving.md describes them.
    output: the folder to make. If it exists, it must be empty. On an error there is none.
    name: what the server calls the model. Empty: the file's name.
    max_batch: how many images the server may join, where the file takes any number.
    storage_uri: of "kserve": where the cluster finds the folder ``models`` of the package. Empty: pvc://models.

    The report has ``folder``, ``name``, ``files`` and ``notes``: what is left to do.

    Raises ModelError, FileError or UsageError.
    """
    values = dict(locals())
    check(package, values)
    options = _exporter.PackageOptions()
    direct = ("target", "name", "max_batch", "storage_uri")
    set_options(
        options, {**{each: values[each] for each in direct}, "model": Path(model), "output": Path(output)}
    )
    return _exporter.make_package(options)
