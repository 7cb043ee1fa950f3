# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Names by number: the FILE and INLINE_ORIGIN records of a symbol file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tecken.core.symbols.index import RunMap
from tecken.core.symbols.records import decode_name

_MAX_KEPT_NAMES = 50_000


@dataclass(frozen=True, slots=True)
class NameSearch:
    """``known`` has names by number, ``blocks`` where each other number has to be looked for.

    Another thread may make the table forget its names meanwhile; what is in here stays.
    """

    known: dict[int, str | None]
    blocks: dict[int, int]


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

    @property
    def known(self) -> Mapping[int, str | None]:
        """The names that were kept, by number. They stay, even if this forgets them meanwhile."""
        return self._kept

    def search(self, numbers: Iterable[int]) -> NameSearch:
        """Part numbers into those whose names are known and those that have to be looked for."""
        runs, kept = self._runs, self._kept
        known: dict[int, str | None] = {}
        blocks: dict[int, int] = {}
        for number in numbers:
            if number in kept:
                known[number] = kept[number]
            elif (run := runs.run_of(number)) >= 0:
                blocks[number] = runs.blocks[run]
            else:
                known[number] = None
        return NameSearch(known, blocks)

    def resolve(self, search: NameSearch, texts: Mapping[int, bytes]) -> dict[int, str | None]:
        """Return the name of each number, None where there is no such record.

        ``texts`` has the text of the blocks that the search named.
        """
        read = {number: self._find(number, texts[block]) for number, block in search.blocks.items()}
        self._keep(read)
        return search.known | read

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
