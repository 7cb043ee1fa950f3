# SPDX-License-Identifier: MPL-2.0

"""Objects that go while many threads look symbols up in them, with two sources that are real."""

import gzip
import hashlib
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from tests.support.locators import Cache, make_locator
from tests.support.servers import S3

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.generations import FileGenerations
from tecken.core.storage.base import Content
from tecken.core.storage.digest import Digest
from tecken.core.storage.memory import MemoryBucket
from tecken.core.storage.s3_options import S3Options
from tecken.core.storage.sources import Source, open_source
from tecken.core.storage.storing import StoringRules, store
from tecken.core.symbolicate import Job, symbolicate
from tecken.core.symbols import keeping
from tecken.core.table_suppliers import Supplier
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeTier
from tecken.core.tiers.written_back import WrittenBack

THREADS = 8
KEYS = [SymbolKey.of_module(f"m{number}.pdb", "ABC") for number in range(6)]
MODULES = [(key.debug_file, key.debug_id) for key in KEYS]
RULES = StoringRules(frozenset({"sym"}), {"sym": "text/plain"})


@cache
def text(name: str) -> bytes:
    """A file of several blocks."""
    records = (f"FUNC {n:x}0 10 0 {name}{n}\n{n:x}0 10 {n} 1\n" for n in range(1, 6_000))
    return ("FILE 1 a.c\n" + "".join(records)).encode()


@cache
def packed(key: SymbolKey, data: bytes) -> list[tuple[str, bytes, Content]]:
    """The objects that an upload makes."""
    bucket = MemoryBucket("packed")
    digest = Digest(len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
    store(Source("packed", "", bucket, "v1", public=False), key, [data], digest, RULES)
    objects = []
    for listed in bucket.list():
        with bucket.open(listed.key) as reader:
            objects.append((listed.key, reader.read(), reader.info.content))
    return objects


def upload(source: Source, key: SymbolKey, data: bytes) -> None:
    for made in packed(key, data):
        source.bucket.put(*made)


def put_foreign(source: Source, key: SymbolKey, data: bytes) -> None:
    source.bucket.put(source.object_key(key), gzip.compress(data, 1), Content())


@pytest.fixture(params=["folders", "S3"])
def two_sources(
    request: pytest.FixtureRequest, tmp_path: Path, make_bucket: Callable[..., str], s3: S3
) -> list[Source]:
    if request.param == "folders":
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
        return [open_source((tmp_path / name).as_uri(), "v1") for name in ("first", "second")]
    options = S3Options(s3.access_key, s3.secret_key)
    return [open_source(f"{s3.endpoint}/{make_bucket()}", "v1", options) for _ in range(2)]


@dataclass
class Node:
    """Some processes of a node; ``block`` is the next block that nobody has read yet."""

    folder: Path
    sources: list[Source]
    processes: int
    block: int = 0

    def __post_init__(self) -> None:
        cache = Cache()
        self.suppliers = [
            Supplier(
                self.sources,
                MemoryTier(100_000_000),
                NodeTier(self.folder / "node", 100_000_000),
                make_locator(FileGenerations(self.folder / "generations"), self.folder, cache),
                written=WrittenBack({source.name: source for source in self.sources}),
            )
            for _ in range(self.processes)
        ]

    def ask_at_once(self, address: int) -> Counter[str]:
        """Have threads ask for an address of all modules; count what they are told."""
        barrier = threading.Barrier(THREADS)

        def ask(thread: int) -> list[str]:
            supplier = self.suppliers[thread % self.processes]
            jobs = [Job(MODULES, [[(index, address) for index in range(len(MODULES))]])]
            barrier.wait(60)
            found = symbolicate(jobs, supplier, supplier.modules_at_once)
            return [
                _said(found[module].symbols.get(address), found[module].error) for module in MODULES
            ]

        with ThreadPoolExecutor(THREADS) as pool:
            return Counter(said for each in pool.map(ask, range(THREADS)) for said in each)


def _said(symbol: object, error: object) -> str:
    if error is not None:
        return str(error.name)
    return str(getattr(symbol, "function", None)).rstrip("0123456789")


@pytest.fixture
def _small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    # Objects of more than one stretch are large; a read that nobody did before must ask the bucket.
    monkeypatch.setattr(keeping, "STRETCH_BLOCKS", 1)


@pytest.mark.usefixtures("_small_stretches")
@pytest.mark.parametrize("processes", [1, 4])
@pytest.mark.parametrize("put", [upload, put_foreign])
def test_what_goes_from_one_source_is_found_in_the_next_by_every_thread(
    two_sources: list[Source],
    tmp_path: Path,
    put: Callable[[Source, SymbolKey, bytes], None],
    processes: int,
) -> None:
    first, second = two_sources
    for key in KEYS:
        put(second, key, text("second"))
    for _ in range(2):
        for key in KEYS:
            put(first, key, text("first"))
        shutil.rmtree(tmp_path / "node", ignore_errors=True)
        node = Node(tmp_path, two_sources, processes)
        assert node.ask_at_once(0x10) == {"first": THREADS * len(KEYS)}
        for key in KEYS:
            first.bucket.delete(first.object_key(key))
        told = node.ask_at_once(0x5FF00 - 0x10)  # in another block
        # A copy on the node, and what is in memory, may still be used for a moment.
        assert set(told) <= {"first", "second"}
        assert told.total() == THREADS * len(KEYS)


@pytest.mark.usefixtures("_small_stretches")
def test_what_goes_while_it_is_asked_for_is_found_in_the_next(
    two_sources: list[Source], tmp_path: Path
) -> None:
    first, second = two_sources
    for key in KEYS:
        upload(second, key, text("second"))
    for number in range(6):
        for key in KEYS:
            upload(first, key, text("first"))
        shutil.rmtree(tmp_path / "node", ignore_errors=True)
        node = Node(tmp_path, two_sources, 1)
        node.ask_at_once(0x10)
        deleting = threading.Thread(
            target=lambda: [first.bucket.delete(first.object_key(key)) for key in KEYS]
        )
        deleting.start()
        told = node.ask_at_once(0x1000 * (1 + number) + 0x20)
        deleting.join()
        assert set(told) <= {"first", "second"}


@pytest.mark.usefixtures("_small_stretches")
def test_what_goes_from_all_sources_is_not_found_by_any_thread(
    two_sources: list[Source], tmp_path: Path
) -> None:
    first, second = two_sources
    for key in KEYS:
        upload(first, key, text("first"))
        upload(second, key, text("second"))
    node = Node(tmp_path, two_sources, 2)
    node.ask_at_once(0x10)
    for key in KEYS:
        first.bucket.delete(first.object_key(key))
        second.bucket.delete(second.object_key(key))
    assert node.ask_at_once(0x5FF00 - 0x10) == {"not_found": THREADS * len(KEYS)}
