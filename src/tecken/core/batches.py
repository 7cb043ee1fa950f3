# SPDX-License-Identifier: MPL-2.0

"""Take many things some at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of ``size`` items, the last one perhaps shorter; none is empty."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
