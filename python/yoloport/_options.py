"""Python's values into the options of the extension modules."""

from typing import Any, Mapping, Sequence, Tuple, Union

from .errors import UsageError


def set_options(options: Any, values: Mapping[str, Any]) -> None:
    """Sets attributes of these names. Raises TypeError that names the one whose value is of a wrong type."""
    for name, value in values.items():
        try:
            setattr(options, name, value)
        except TypeError:
            raise TypeError(f"{name} cannot be {value!r}") from None


def height_and_width(size: Union[int, Sequence[int]]) -> Tuple[int, int]:
    """Of img_size."""
    sides = [size] if isinstance(size, int) else list(size)
    if len(sides) not in (1, 2):
        raise UsageError("img_size is height and width, or one number for both")
    return sides[0], sides[-1]
