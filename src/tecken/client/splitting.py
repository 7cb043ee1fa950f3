# SPDX-License-Identifier: MPL-2.0

"""Put files into as many zips as it takes to keep each below a size."""

import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from tecken.client.layout import Member, write_zip

MAX_MEMBERS = 20_000  # what a server takes in one archive unless it is told otherwise
_USUAL_RATIO = 4  # of a symbol file; 5 to 6 are common


@dataclass(frozen=True, slots=True)
class Pack:
    """A zip of some files, open until the next one is asked for.

    One that is ``too_large`` has a single file, which no splitting makes smaller.
    """

    members: Sequence[Member]
    archive: BinaryIO
    size: int
    too_large: bool


def iter_packs(members: Iterable[Member], max_bytes: int) -> Iterator[Pack]:
    """Yield zips of at most ``max_bytes``, each made when it is asked for, in a nameless file.

    How well files compress is guessed first; a zip that turns out too large is made again as two.
    Raises DamagedGzipError.
    """
    waiting = deque(_groups(members, max_bytes))
    while waiting:
        group = waiting.popleft()
        with tempfile.TemporaryFile(suffix=".zip") as archive:
            write_zip(group, archive)
            size = archive.seek(0, 2)
            if size > max_bytes and len(group) > 1:
                middle = len(group) // 2
                waiting.extendleft((group[middle:], group[:middle]))
                continue
            archive.seek(0)
            yield Pack(group, archive, size, too_large=size > max_bytes)


def _groups(members: Iterable[Member], max_bytes: int) -> Iterator[list[Member]]:
    group: list[Member] = []
    expected = 0
    for member in members:
        size = _expected_bytes(member)
        if group and (expected + size > max_bytes or len(group) == MAX_MEMBERS):
            yield group
            group, expected = [], 0
        group.append(member)
        expected += size
    if group:
        yield group


def _expected_bytes(member: Member) -> int:
    size = member.path.stat().st_size
    is_text = member.path.name.lower().endswith(".sym") and not member.gzipped
    return size // _USUAL_RATIO if is_text else size
