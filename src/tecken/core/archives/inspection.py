# SPDX-License-Identifier: MPL-2.0

"""The first pass over an uploaded archive: everything that can refuse it, before anything is stored.

Every member is inflated once, ignored ones too, so a damaged archive is known as one.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tecken.core.errors import ArchiveRefusedError
from tecken.core.identifiers import SymbolKey, is_full_debug_id
from tecken.core.native.kinds import features
from tecken.core.storage.digest import Digest
from tecken.core.symbols.records import SymbolFileHead, parse_head

_HEAD_BYTES = 16 * 1024  # as far as parse_head looks
_BORDER_BYTES = 7  # one less than the beginnings of records that are looked for
_NO_HEAD = SymbolFileHead(None, None, None, None)


@dataclass(frozen=True, slots=True)
class InspectionRules:
    """What is refused: texts that nothing may contain, and whether a wrong MODULE line is."""

    snippets: tuple[str, ...]
    verify_module: bool


@dataclass(frozen=True, slots=True)
class InspectedMember:
    """A member that may be stored; ``head`` and ``has`` (see ``ALL_PARTS``) are empty unless it is a ``.sym`` file."""

    digest: Digest
    head: SymbolFileHead
    warning: str | None
    has: tuple[str, ...] = ()


def refuse_names(names: Iterable[str], snippets: Iterable[str]) -> None:
    """Refuse names that contain what nothing may contain. Raises ArchiveRefusedError."""
    snippets = tuple(snippets)
    for name in names:
        for snippet in snippets:
            if snippet in name:
                raise _snippet_error(snippet)


class Inspection:
    """Reads a file once, and checks what passes; ``key`` is None for one that is not stored.

    ``chunks`` are its ``size`` bytes. Iterate over it to have the bytes as well, of which nothing may be kept until ``finish`` has said
    that the member is acceptable.
    """

    def __init__(
        self, chunks: Iterable[bytes], size: int, key: SymbolKey | None, rules: InspectionRules
    ) -> None:
        self._size = size
        self._key = key
        self._rules = rules
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._beginning = b""
        self._is_symbol_file = key is not None and key.symbol_file.lower().endswith(".sym")
        self._records = _RecordKinds()
        self._chunks = self._checked(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def finish(self) -> InspectedMember:
        """Read what nobody has read yet, and return what the member is.

        Raises ArchiveRefusedError (as iterating does) for a damaged member, a forbidden snippet, and
        a MODULE line with another debug id than the key's, where that is a full one. Shorter ids
        only give a warning: real archives have such files.
        """
        deque(self._chunks, maxlen=0)
        digest = Digest(self._size, self._md5.hexdigest())
        if self._key is None or not self._is_symbol_file:
            return InspectedMember(digest, _NO_HEAD, None)
        head = parse_head(self._beginning)
        warning = _check_module(head, self._key, self._rules)
        return InspectedMember(digest, head, warning, self._records.parts)

    def _checked(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in _without_snippets(chunks, self._rules.snippets):
            self._md5.update(chunk)
            if len(self._beginning) < _HEAD_BYTES:
                self._beginning += chunk[:_HEAD_BYTES]
            if self._is_symbol_file:
                self._records.look_at(chunk)
            yield chunk


class _RecordKinds:
    """Which kinds of records a symbol file has. Only those that have not been seen yet are looked for."""

    def __init__(self) -> None:
        self._sought = [b"\nFILE ", b"\nFUNC ", b"\nPUBLIC ", b"\nSTACK "]
        self._tail = b""

    def look_at(self, chunk: bytes) -> None:
        border = self._tail + chunk[:_BORDER_BYTES]
        self._sought = [
            record for record in self._sought if record not in chunk and record not in border
        ]
        self._tail = (self._tail + chunk[-_BORDER_BYTES:])[-_BORDER_BYTES:]

    @property
    def parts(self) -> tuple[str, ...]:
        """What the file has, in the order of ALL_PARTS: lines refer to FILE records."""
        return features(
            lines=b"\nFILE " not in self._sought,
            symbols=b"\nFUNC " not in self._sought or b"\nPUBLIC " not in self._sought,
            unwind=b"\nSTACK " not in self._sought,
        )


def _without_snippets(chunks: Iterable[bytes], snippets: Iterable[str]) -> Iterator[bytes]:
    """Pass chunks on, refusing a snippet in one or across the border of several."""
    sought = [(snippet, snippet.encode()) for snippet in snippets]
    overlap = max((len(needle) for _, needle in sought), default=1) - 1
    tail = b""
    for chunk in chunks:
        border = tail + chunk[:overlap]
        for snippet, needle in sought:
            if needle in chunk or needle in border:
                raise _snippet_error(snippet)
        tail = (tail + chunk[-overlap:])[-overlap:] if overlap else b""
        yield chunk


def _snippet_error(snippet: str) -> ArchiveRefusedError:
    return ArchiveRefusedError(
        f"Content of archive file contains the snippet '{snippet}' which is not allowed"
    )


def _check_module(head: SymbolFileHead, key: SymbolKey, rules: InspectionRules) -> str | None:
    if head.module is None:
        return f"{key} has no MODULE line"
    if head.module.debug_id.upper() == key.debug_id:
        return None
    message = f"The MODULE line of {key} has the debug id {head.module.debug_id}"
    if rules.verify_module and is_full_debug_id(key.debug_id):
        raise ArchiveRefusedError(message)
    return message
