"""Wrong types of arguments as TypeErrors that name the argument, by the annotations of the functions."""

import collections.abc
import functools
import operator
import os
import os
from typing import Any, Callable, Dict, List, Literal, Mapping, Tuple, Union, get_args, get_origin, get_type_hints

from .errors import UsageError

_NAMES = {int: "an int", float: "a number", str: "a str", bool: "True or False", type(None): "None", object: "anything"}
_CONTAINERS = {
    collections.abc.Sequence: "a list",
    collections.abc.Iterable: "a list",
    collections.abc.Mapping: "a dict",
    tuple: "a tuple",
}


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")  # numpy's bool_ is not a bool


def _converts(value: Any, convert: Callable[[Any], Any]) -> bool:
    if _is_flag(value) or isinstance(value, (str, bytes)):
        return False
    try:
        convert(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_scalar_of(value: Any, kind: Any) -> bool:
    if kind is bool:
        return _is_flag(value)
    if kind is int:
        return _converts(value, operator.index)
    if kind is float:
        return _converts(value, float)
    return isinstance(value, kind)


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin is Union:
        return any(_fits(value, each) for each in arguments)
    if origin is Literal:
        return isinstance(value, str)  # which ones there are, the library says
    if origin is os.PathLike:
        return isinstance(value, os.PathLike)
    if origin is None:
        return _is_scalar_of(value, hint)
    if isinstance(value, (str, bytes)):
        return False
    if origin is collections.abc.Mapping:
        return isinstance(value, collections.abc.Mapping) and all(
            _fits(key, arguments[0]) and _fits(each, arguments[1]) for key, each in value.items()
        )
    if not isinstance(value, collections.abc.Iterable):
        return False
    if origin is tuple:
        return isinstance(value, tuple) and len(value) == len(arguments) and all(map(_fits, value, arguments))
    if isinstance(value, collections.abc.Iterator):
        return True  # looking would use it up
    return all(_fits(each, arguments[0]) for each in value)


def _kinds(hint: Any) -> List[str]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union:
        return [kind for each in arguments for kind in _kinds(each)]
    if origin is Literal:
        return ["a str"]
    if origin is os.PathLike:
        return ["a path"]
    if origin is None:
        return [_NAMES.get(hint, str(hint))]
    if origin is collections.abc.Mapping:
        return [_CONTAINERS[origin]]
    elements = " and ".join(dict.fromkeys(_plural(each) for each in arguments))
    return [f"{_CONTAINERS[origin]} of {elements}"]


def _plural(hint: Any) -> str:
    kind = " or ".join(_kinds(hint))
    for article in ("an ", "a "):
        if kind.startswith(article):
            word, _, rest = kind[len(article) :].partition(" ")
            return f"{word if word in ('str', 'int') else word + 's'}{' ' + rest if rest else ''}"
    return kind


def described(hint: Any) -> str:
    """What a type takes, for a message: "an int, a list of int or None"."""
    kinds = list(dict.fromkeys(_kinds(hint)))
    if "a path" in kinds and "a str" in kinds:  # a str is a path
        kinds.remove("a str")
    if "None" in kinds:
        kinds.append(kinds.pop(kinds.index("None")))
    return kinds[0] if len(kinds) == 1 else ", ".join(kinds[:-1]) + " or " + kinds[-1]


def shown(value: Any) -> str:
    """A value for a message."""
    if value is None or isinstance(value, (bool, int, float, str)):
        text = repr(value)
        return text if len(text) <= 40 else text[:40] + "..."
    name = type(value).__name__.replace("ndarray", "numpy array")
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


@functools.lru_cache(maxsize=None)
def _hints(function: Callable[..., Any]) -> Dict[str, Any]:
    return get_type_hints(function)


def check(function: Callable[..., Any], values: Mapping[str, Any]) -> None:
    """Raises TypeError where one of the values does not fit the annotation of the function's parameter of that name."""
    for name, hint in _hints(function).items():
        if name in values and not _fits(values[name], hint):
            raise TypeError(f"{name} must be {described(hint)}, not {shown(values[name])}")


def pair(name: str, size: Any) -> Tuple[int, int]:
    """Height and width of a size that is one number for both, or two."""
    sides = [size] if _converts(size, operator.index) else list(size)
    if len(sides) not in (1, 2):
        raise UsageError(f"{name} is height and width, or one number for both")
    return int(sides[0]), int(sides[-1])
