"""Python's values into the options of the extension modules."""

from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Optional, Union

from ._arguments import shown
from .choices import StrPath


def set_options(options: Any, values: Mapping[str, Any]) -> None:
    """Sets attributes of these names. Raises TypeError that names the one whose value does not fit."""
    for name, value in values.items():
        try:
            setattr(options, name, plain(value))
        except (TypeError, OverflowError):
            raise TypeError(f"{name} cannot be {shown(value)}") from None


def plain(value: Any) -> Any:
    """Numbers and bools of numpy as Python's, also within lists."""
    if isinstance(value, (list, tuple)):
        return type(value)(plain(each) for each in value)
    return value.item() if hasattr(value, "item") and not hasattr(value, "__len__") else value


def override_list(options: Union[Iterable[str], Mapping[str, Any]]) -> List[str]:
    """The changes to a config as --cfg-options takes them."""
    if isinstance(options, Mapping):
        return [f"{key}={value}" for key, value in options.items()]
    return list(options)


def package_folders(folders: Optional[Mapping[str, StrPath]]) -> Dict[str, Path]:
    return {package: Path(folder) for package, folder in (folders or {}).items()}
