# SPDX-License-Identifier: MPL-2.0

"""How answers are compared with those of Sentry's ``symbolic``.

Function, offset, file, line and inlined calls are the same, except for these differences:

- **Beyond the end of a FUNC** ``symbolic`` finds nothing. We name the symbol with the greatest start
  at or below the address, as SPEC 3.3 says and as the original service did; it has no file and line.
- **Inlined calls without a line record.** Where no line record covers the address ``symbolic`` leaves
  the innermost call out; we give it, too, without file and line. In real files this is a matter of
  single addresses (python3.13 has one at 0x46d4f, and three from 0x5c929 on with 5 calls).
- **Paths.** ``symbolic`` resolves ``./`` and ``..`` in a path; we give paths as recorded. Compared
  are resolved paths.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from symbolic.symcache import SymCache

from tecken.core.symbols.lookup import Symbol

SAME, BEYOND, NO_LINE = "the same", "beyond a FUNC", "calls without a line record"


@dataclass(frozen=True)
class Frame:
    """One function of an answer, where it begins if it is the real one, and its place."""

    function: str | None
    file: str | None
    line: int | None


def compare_one(symcache: SymCache, address: int, answer: Symbol | None) -> str:
    """Say how an answer differs, by the names above. Raises AssertionError for any other difference."""
    found = symcache.lookup(address)  # type: ignore[no-untyped-call]
    if not found and answer and is_beyond(answer):
        return BEYOND
    theirs = [Frame(frame.symbol, resolved(frame.full_path), frame.line or None) for frame in found]
    ours = frames_of(answer)
    if answer and answer.inlines and ours[0].file is None and len(theirs) < len(ours):
        assert ours[1:] == theirs, hex(address)
        return NO_LINE
    assert ours == theirs, hex(address)
    if answer:
        assert found[-1].sym_addr == address - answer.function_offset
    return SAME


def frames_of(answer: Symbol | None) -> Sequence[Frame]:
    """Return the functions of an answer, innermost first, as ``symbolic`` does."""
    if answer is None:
        return []
    calls = [Frame(call.function, resolved(call.file), call.line) for call in answer.inlines]
    return [*calls, Frame(answer.function, resolved(answer.file), answer.line)]


def is_beyond(answer: Symbol) -> bool:
    """Say whether the address lies behind the end of its FUNC."""
    return answer.function_size is not None and answer.function_offset >= answer.function_size


@cache
def resolved(path: str | None) -> str | None:
    """Resolve ``./`` and ``..`` in a path, but for those of Windows."""
    if path is None or path[1:2] == ":":
        return path
    return posixpath.normpath(path)
