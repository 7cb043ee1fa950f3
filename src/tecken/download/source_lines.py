# SPDX-License-Identifier: MPL-2.0

"""The lines around one, of a source in a source bundle: what a stack shows of a frame."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from tecken.core.dialects.ids import id_forms
from tecken.core.dialects.keys import original_keys
from tecken.core.dialects.paths import canonical_path
from tecken.core.dialects.requests import Wanted
from tecken.core.errors import ObjectChangedError, ObjectNotFoundError
from tecken.core.locating.locator import Found
from tecken.download.parts_of_files import source_chunks
from tecken.download.selectors import FileSearch

_AROUND: Final = 5  # lines on each side
_MAX_LINE_BYTES: Final = 500
_MAX_READ_BYTES: Final = 8 * 1024 * 1024  # of one file; what lies behind is not shown


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines from ``first`` on (from 1), which is None where there are none.

    ``has_sources``: there is a bundle of the module.
    """

    has_sources: bool
    first: int | None = None
    lines: tuple[str, ...] = ()


def lines_around(some_id: str, path: str, line: int) -> Lines:
    """Return the lines around one; ``some_id`` is the debug id or build id of a module, ``path`` as its symbols have it.

    A line has 500 bytes at most, and a file is read up to 8 MiB. Raises StorageError.
    """
    keys = original_keys(id_forms(some_id), Wanted.SOURCEBUNDLE)
    found = FileSearch(keys, with_try=True).first(keys)
    if found is None:
        return Lines(has_sources=False)
    try:
        first, lines = _read(found, canonical_path(path), line) if path else (None, ())
    except (ObjectChangedError, ObjectNotFoundError):
        return Lines(has_sources=False)  # until the next request
    return Lines(True, first, lines)


def _read(found: Found, path: str, line: int) -> tuple[int | None, tuple[str, ...]]:
    chunks = source_chunks(found, path)
    if chunks is None:
        return None, ()
    with closing(chunks):
        return _lines_of(chunks, line)


def _lines_of(chunks: Iterable[bytes], line: int) -> tuple[int | None, tuple[str, ...]]:
    first, last = max(1, line - _AROUND), line + _AROUND
    lines: list[bytes] = []
    number, rest, read = 1, b"", 0
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for text in whole:
            if number >= first:
                lines.append(text)
            number += 1
            if number > last:
                return first, _texts(lines)
        read += len(chunk)
        # A line without end is kept as far as it is shown, and no further.
        rest = rest[:_MAX_LINE_BYTES]
        if read > _MAX_READ_BYTES:
            return None, ()
    if number >= first and rest:
        lines.append(rest)
    return (first, _texts(lines)) if number >= line and lines else (None, ())


def _texts(lines: list[bytes]) -> tuple[str, ...]:
    return tuple(
        line[:_MAX_LINE_BYTES].decode(errors="replace").rstrip("\r").replace("\0", "�")
        for line in lines
    )
