# SPDX-License-Identifier: MPL-2.0

"""Addresses at which a lookup may go wrong: where something begins or ends, and one beside it."""

import random
from collections.abc import Iterable, Sequence

from tests.reference.breakpad import Function, SymbolText


def interesting_addresses(text: SymbolText) -> list[int]:
    """Return the interesting addresses of a whole file, sorted."""
    edges = {public.address for public in text.publics}
    for function in text.functions:
        edges |= function_edges(function)
    return beside(edges)


def function_edges(function: Function) -> set[int]:
    """Return where the function, its line records and its INLINE ranges begin and end."""
    edges = {function.address, function.address + function.size}
    for line in function.lines:
        edges |= {line.address, line.address + line.size}
    for inline in function.inlines:
        for start, size in inline.ranges:
            edges |= {start, start + size}
    return edges


def beside(edges: Iterable[int]) -> list[int]:
    """Return the edges and their neighbours, as far as they are addresses."""
    near = {edge + step for edge in edges for step in (-1, 0, 1)}
    return sorted(address for address in near if 0 <= address < 2**64)


def sample(text: SymbolText, some: Sequence[Function], *, count: int, seed: int) -> list[int]:
    """Pick ``count`` addresses of a big file: edges in some functions, symbol starts, random ones."""
    rng = random.Random(seed)
    edges = beside(set().union(*map(function_edges, some)))
    starts = beside(text.starts)
    chosen = set(rng.sample(edges, min(len(edges), count // 2)))
    chosen |= set(rng.sample(starts, min(len(starts), count // 8)))
    while len(chosen) < count:
        function = rng.choice(some)
        chosen.add(function.address + rng.randrange(function.size + 16))
    return sorted(chosen)
