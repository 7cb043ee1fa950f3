# SPDX-License-Identifier: MPL-2.0

"""Names by number: the FILE and INLINE_ORIGIN records of a symbol file."""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import RLock

from tecken.core.symbols.index import RunMap
from tecken.core.symbols.records import decode_name

_MAX_KEPT_NAMES = 50_000
_MAX_KEPT_BYTES = 32 * 1024 * 1024  # as many have 20 MB in optimised C++
_MAX_SEARCHED = 200  # of one block: to find all of its records costs as much


@dataclass(slots=True)
class NameSearch:
    """``names`` has those that are known, by number; ``blocks`` says where the other numbers are looked for.

    Another thread may make the table forget its names meanwhile; what is in here stays. ``read_bytes``
    is what the names take in memory that were read.
    """

    names: dict[int, str | None] = field(default_factory=dict)
    blocks: dict[int, list[int]] = field(default_factory=dict)
    read_bytes: int = 0

    def take_read_bytes(self) -> int:
        """Return ``read_bytes``, and begin to count again."""
        size, self.read_bytes = self.read_bytes, 0
        return size


class NameTable:
    """Finds names by number in the blocks that the index tells, and keeps those that were read.

    ``record`` is ``b"FILE"`` or ``b"INLINE_ORIGIN"``. A name longer than what its block holds
    (256 KiB) is cut there.
    """

    def __init__(self, record: bytes, runs: RunMap) -> None:
        self._prefix = b"\n" + record + b" %d "
        self._any = re.compile(b"\n" + record + rb" (0|[1-9][0-9]{0,9}) ")
        self._runs = runs
        self._kept: dict[int, str | None] = {}
        self.memory_bytes = 0
        self._keeping = RLock()  # threads that add to one number lose what others add

    @property
    def known(self) -> Mapping[int, str | None]:
        """The names that were kept, by number. They stay, even if this forgets them meanwhile."""
        return self._kept

    def search(self, numbers: Iterable[int]) -> NameSearch:
        """Part numbers into those whose names are known and those that have to be looked for."""
        runs, kept = self._runs, self._kept
        search = NameSearch()
        for number in numbers:
            if number in kept:
                search.names[number] = kept[number]
            elif (run := runs.run_of(number)) >= 0:
                search.blocks.setdefault(runs.blocks[run], []).append(number)
            else:
                search.names[number] = None
        return search

    def resolve(self, search: NameSearch, texts: Mapping[int, bytes]) -> None:
        """Add the names that stand in some of the blocks to a search, None where there is no such record.

        ``texts`` has the text of each block.
        """
        read: dict[int, str | None] = {}
        for block in search.blocks.keys() & texts.keys():
            read |= self._find_all(search.blocks[block], texts[block])
        search.names |= read
        search.read_bytes += self._keep(read)

    def _find_all(self, numbers: Iterable[int], text: bytes) -> dict[int, str | None]:
        """Find numbers in a block: a few one by one, of many the positions of all records first."""
        wanted = [*numbers]
        if len(wanted) <= _MAX_SEARCHED:
            ends = {number: self._end_of_last(number, text) for number in wanted}
        else:
            ends = {int(record[1]): record.end() for record in self._any.finditer(text)}
        return {number: _name_at(ends.get(number, -1), text) for number in wanted}

    def _end_of_last(self, number: int, text: bytes) -> int:
        """Return where the name begins behind a number; of several definitions the last counts."""
        prefix = self._prefix % number
        position = text.rfind(prefix)
        return position + len(prefix) if position >= 0 else -1

    def _keep(self, read: Mapping[int, str | None]) -> int:
        """Keep names; return about what those take in bytes that were not kept yet."""
        with self._keeping:
            new = {number: name for number, name in read.items() if number not in self._kept}
            size = sum(map(sys.getsizeof, new.values())) + 100 * len(new)
            too_many = len(self._kept) + len(new) > _MAX_KEPT_NAMES
            if too_many or self.memory_bytes + size > _MAX_KEPT_BYTES:
                self.forget()
            self._kept.update(new)
            self.memory_bytes += size
        return size

    def forget(self) -> None:
        """Drop the names that were kept."""
        with self._keeping:
            self._kept = {}
            self.memory_bytes = 0


def _name_at(start: int, text: bytes) -> str | None:
    """Return the name that stands there up to the end of the line; None at -1."""
    if start < 0:
        return None
    end = text.find(b"\n", start)
    return decode_name(text[start : end if end >= 0 else None])
