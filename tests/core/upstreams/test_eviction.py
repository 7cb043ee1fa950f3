# SPDX-License-Identifier: MPL-2.0

"""The cache of other servers' files stays within its bound, and that costs little, however many files there are."""

import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tecken.core.storage.base import ListedObject
from tecken.core.upstreams.eviction import StoredBytes, evict

NOW = datetime.now(UTC)
FOLDER = "kept/server-0123abcd"


class ListedBucket:
    """A bucket that says what it has, and forgets what is deleted. No real one is as quick with so many objects."""

    def __init__(self, ages: Sequence[int], size: int = 10) -> None:
        self.ages = ages
        self.size = size
        self.gone: set[int] = set()
        self.listings = 0

    def list(self, prefix: str = "") -> Iterator[ListedObject]:
        assert prefix == "kept/"
        self.listings += 1
        yield ListedObject("kept/else/file", 10**9, "x", NOW - timedelta(days=999))
        for number, seconds in enumerate(self.ages):
            if number not in self.gone:
                modified = NOW - timedelta(seconds=seconds)
                yield ListedObject(f"{FOLDER}/{number}", self.size, "x", modified)

    def delete_all(self, keys: Sequence[str]) -> None:
        assert len(keys) <= 1000
        self.gone.update(int(key.rpartition("/")[2]) for key in keys)


def test_the_oldest_go_until_a_tenth_is_free() -> None:
    bucket = ListedBucket([10, 1000, 100, 10_000])
    assert evict(bucket, "kept/", 30) == (2, 20)
    assert bucket.gone == {1, 3}


def test_nothing_goes_within_the_bound_and_one_listing_says_so() -> None:
    bucket = ListedBucket([1, 2, 3])
    assert evict(bucket, "kept/", 30) == (0, 30)
    assert (bucket.gone, bucket.listings) == (set(), 1)


def test_of_files_of_one_age_no_more_go_than_have_to() -> None:
    bucket = ListedBucket([500] * 1000)
    assert evict(bucket, "kept/", 9_990) == (101, 8_990)
    assert len(bucket.gone) == 101


def test_a_dry_run_only_counts() -> None:
    bucket = ListedBucket(range(1, 2000))
    count, left = evict(bucket, "kept/", 10_000, dry_run=True)
    assert (count, left, bucket.gone) == (1099, 9000, set())


def test_of_very_many_files_the_oldest_go() -> None:
    bucket = ListedBucket(range(200_000))
    assert evict(bucket, "kept/", 1_990_000) == (20_900, 1_791_000)
    assert min(bucket.gone) >= 175_000  # what came first, but for one part in a hundred of its age
    assert bucket.listings == 2


def test_many_files_take_no_memory() -> None:
    bucket = ListedBucket(range(10_000))
    tracemalloc.start()
    evict(bucket, "kept/", 99_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1024 * 1024  # a list of them would have four times as much


def test_it_is_looked_after_a_twentieth_of_the_bound_was_stored(tmp_path: Path) -> None:
    processes = [StoredBytes(tmp_path / "cache" / "stored") for _ in range(2)]
    looks = [processes[number % 2].add(10, 1000) for number in range(11)]
    assert looks == [False] * 4 + [True] + [False] * 4 + [True, False]
    (tmp_path / "cache" / "stored").write_bytes(b"junk")
    assert not processes[0].add(10, 1000)


def test_without_a_folder_nobody_looks(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not StoredBytes(tmp_path / "file" / "stored").add(10**9, 1000)
