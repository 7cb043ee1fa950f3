# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Names by number: the FILE and INLINE_ORIGIN records of a symbol file."""

from collections.abc import Iterable, Mapping

from tecken.core.symbols.index import RunMap
from tecken.core.symbols.records import decode_name

_MAX_KEPT_NAMES = 50_000


class NameTable:
    """Finds names by number in the blocks that the index tells, and keeps those that were read.

    ``record`` is ``b"FILE"`` or ``b"INLINE_ORIGIN"``. A name longer than what its block holds
    (256 KiB) is cut there.
    """

    def __init__(self, record: bytes, runs: RunMap) -> None:
        self._prefix = b"\n" + record + b" %d "
        self._runs = runs
        self._kept: dict[int, str | None] = {}
        self.memory_bytes = 0

    def blocks_of(self, numbers: Iterable[int]) -> dict[int, int]:
        """Return number → block for those numbers that have to be looked for."""
        runs, kept = self._runs, self._kept
        found = ((number, runs.run_of(number)) for number in numbers if number not in kept)
        return {number: runs.blocks[run] for number, run in found if run >= 0}

    def resolve(
        self, numbers: Iterable[int], blocks: Mapping[int, int], texts: Mapping[int, bytes]
    ) -> dict[int, str | None]:
        """Return the name of each number, None where there is no such record.

        ``blocks`` is what ``blocks_of`` returned, ``texts`` has the text of those blocks.
        """
        kept = self._kept
        read = {number: self._find(number, texts[block]) for number, block in blocks.items()}
        names = {number: read[number] if number in read else kept.get(number) for number in numbers}
        self._keep(read)
        return names

    def _find(self, number: int, text: bytes) -> str | None:
        prefix = self._prefix % number
        position = text.rfind(prefix)  # of several definitions the last counts
        if position < 0:
            return None
        start = position + len(prefix)
        end = text.find(b"\n", start)
        return decode_name(text[start : end if end >= 0 else None])

    def _keep(self, read: dict[int, str | None]) -> None:
        if len(self._kept) + len(read) > _MAX_KEPT_NAMES:
            self.forget()
        self._kept.update(read)
        self.memory_bytes += sum(150 + len(name or "") for name in read.values())

    def forget(self) -> None:
        """Drop the names that were kept."""
        self._kept = {}
        self.memory_bytes = 0
