# SPDX-License-Identifier: MPL-2.0

"""Keep the cache of other servers' files within its bound: what has been there longest goes.

There may be millions of files, so no list of them is ever held: one pass adds up their bytes by age, and a second one,
only if there are too many, deletes what is older than the age that follows from that. Ages are told apart by one part in
a hundred, which is as good as exact here. When to look is told by ``StoredBytes``, so that the passes cost no more than
in proportion to what was fetched.
"""

import fcntl
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tecken.core.storage.base import Bucket, ListedObject

_KEPT_PART = 0.9  # of the bound, so that the next object does not need all of this again
_LOOK_PART = 20  # it is looked again once this part of the bound was stored
_DELETED_AT_ONCE = 500
_STEPS = 64  # of age between a moment and twice that
_OF_A_SERVER = re.compile(r"[a-z0-9-]+-[0-9a-f]{8}/.")  # nothing else goes, whatever bucket this is


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """What the processes of a node have stored since it was looked last, in a file of the node."""

    path: Path

    def add(self, size: int, max_bytes: int) -> bool:
        """Add some, and say whether to look now; then the count begins anew.

        Where the file cannot be used it is looked once a day alone.
        """
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                before = file.read(20)
                stored = size + (int(before) if before.isdigit() else 0)
                is_time = stored >= max_bytes / _LOOK_PART
                file.truncate(0)
                file.write(b"0" if is_time else b"%d" % stored)
            return is_time
        return False


def evict(bucket: Bucket, prefix: str, max_bytes: int, *, dry_run: bool = False) -> tuple[int, int]:
    """Delete the oldest objects below ``prefix`` when all take more than ``max_bytes``.

    Return how many went, and the bytes that are left. Indexes are objects, too: one that went before its object is
    made anew when it is needed. Raises StorageError.
    """
    age_of = _Age(datetime.now(UTC))
    sizes: Counter[int] = Counter()
    for listed in _listed(bucket, prefix):
        sizes[age_of(listed)] += listed.size
    left = sizes.total()
    if left <= max_bytes:
        return 0, left
    surplus = left - int(max_bytes * _KEPT_PART)
    youngest = _youngest_that_goes(sizes, surplus)
    of_youngest = surplus - sum(size for age, size in sizes.items() if age > youngest)
    count, batch = 0, list[str]()
    for listed in _listed(bucket, prefix):
        age = age_of(listed)
        if age < youngest or (age == youngest and of_youngest <= 0):
            continue
        if age == youngest:
            of_youngest -= listed.size
        left, count = left - listed.size, count + 1
        batch.append(listed.key)
        if len(batch) >= _DELETED_AT_ONCE:
            _delete(bucket, batch, dry_run=dry_run)
    _delete(bucket, batch, dry_run=dry_run)
    return count, left


@dataclass(frozen=True, slots=True)
class _Age:
    """Tells how old an object is, as a step of a scale that gets coarser with the age."""

    now: datetime

    def __call__(self, listed: ListedObject) -> int:
        milliseconds = max(0.0, (self.now - listed.last_modified).total_seconds() * 1000)
        return int(_STEPS * math.log2(1 + milliseconds))


def _youngest_that_goes(sizes: Counter[int], surplus: int) -> int:
    """Return down to which age objects go: all that are older have less than the surplus."""
    for age in sorted(sizes, reverse=True):
        surplus -= sizes[age]
        if surplus <= 0:
            return age
    return 0


def _listed(bucket: Bucket, prefix: str) -> Iterator[ListedObject]:
    return (each for each in bucket.list(prefix) if _OF_A_SERVER.match(each.key, len(prefix)))


def _delete(bucket: Bucket, keys: list[str], *, dry_run: bool) -> None:
    """Delete a batch, and begin a new one."""
    if keys and not dry_run:
        bucket.delete_all(keys)
    keys.clear()
