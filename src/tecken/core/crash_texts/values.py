# SPDX-License-Identifier: MPL-2.0

"""Values of JSON that a stranger wrote: what is not of the wanted type reads as nothing."""

import re
from collections.abc import Iterator

_HEX = re.compile(r"(?:0x)?[0-9A-Fa-f]{1,16}\Z")
_MAX = 1 << 64


def mapping(value: object) -> dict[str, object]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def array(value: object) -> list[object]:
    """Return an array, or an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> Iterator[dict[str, object]]:
    """Yield the elements of an array as objects."""
    return map(mapping, array(value))


def text(value: object) -> str | None:
    """Return a text that is not empty."""
    return value if isinstance(value, str) and value else None


def number(value: object) -> int | None:
    """Return a whole number that an address can be, also one in hexadecimal digits."""
    if isinstance(value, str) and _HEX.match(value):
        return int(value, 16)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < _MAX else None  # type: ignore[operator, return-value]


def item(values: object, index: object) -> object:
    """Return an element of an array, or None where there is none."""
    elements = array(values)
    if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(elements):
        return elements[index]
    return None
