# SPDX-License-Identifier: MPL-2.0

"""The tier that nodes share, with a real Redis: two nodes, one bucket of somebody else's objects."""

import gzip
import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests.support.locators import make_locator
from tests.support.proxy import Proxy
from tests.support.servers import Server

from tecken.core.errors import MalformedSymbolFileError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.generations import FileGenerations
from tecken.core.storage.base import Content
from tecken.core.storage.digest import Digest
from tecken.core.storage.memory import MemoryBucket
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import StoringRules, store
from tecken.core.symbols.lookup import ReadLog
from tecken.core.table_suppliers import Supplier
from tecken.core.tiers import shared
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeTier
from tecken.core.tiers.shared import SharedTier

KEY = SymbolKey.of_module("libxul.so", "44E4EC8C2F41492B9369D6B9A059577C2")
PLAIN = SymbolKey.of_module("plain.so", "44E4EC8C2F41492B9369D6B9A059577C2")


def text_of(key: SymbolKey, functions: int = 40_000) -> bytes:
    """Some 2.5 MB, whose seekable form has more than one part."""
    lines = [f"MODULE Linux x86_64 {key.debug_id} {key.debug_file}"]
    for number in range(functions):
        lines.append(f"FUNC {number * 16:x} 10 0 function_{number * 2654435761 % 2**32:08x}()")
    return "\n".join(lines).encode() + b"\n"


TEXT = text_of(KEY)
PLAIN_TEXT = TEXT.replace(KEY.debug_file.encode(), PLAIN.debug_file.encode(), 1)


@cache
def gzipped() -> bytes:
    return gzip.compress(TEXT, 1)


@dataclass
class Node:
    """A node: what it reads of storage is counted."""

    supplier: Supplier
    log: ReadLog = field(default_factory=ReadLog)

    def name_at(self, address: int, key: SymbolKey = KEY) -> str:
        [symbol] = self.supplier.table_of(key, self.log).lookup([address], self.log)
        assert symbol is not None
        return symbol.function

    @property
    def streamed(self) -> bool:
        """Whether it read more of the object than blocks."""
        return self.log.storage.stored_bytes > 300_000


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    # Copies of several parts would need symbol files of many MB, and every test makes one.
    monkeypatch.setattr(shared, "PART_BYTES", 100_000)


@pytest.fixture
def source() -> Source:
    bucket = MemoryBucket("theirs")
    bucket.put(f"v1/{KEY}", gzipped(), Content())
    bucket.put(f"v1/{PLAIN}", PLAIN_TEXT, Content())
    return Source("theirs-1", "https://s3.example.com/theirs", bucket, "v1", public=True)


@pytest.fixture
def redis(redis_store_server: Server) -> Iterator[Redis]:
    with Redis(port=redis_store_server.port, protocol=2) as client:
        client.flushall()
        yield client


@pytest.fixture
def proxy(redis: Redis, redis_store_server: Server, make_proxy: Callable[[int], Proxy]) -> Proxy:
    return make_proxy(redis_store_server.port)


NodeMaker = Callable[..., Node]


@pytest.fixture
def make_node(proxy: Proxy, source: Source, tmp_path: Path) -> Iterator[NodeMaker]:
    """Return a function that makes a node with empty caches of its own."""
    clients: list[Redis] = []

    def make(bucket_of: Source = source) -> Node:
        retry = Retry(NoBackoff(), 0)
        clients.append(Redis(port=proxy.port, socket_timeout=0.3, retry=retry, protocol=2))
        folder = tmp_path / f"node{len(clients)}"
        return Node(
            Supplier(
                [bucket_of],
                MemoryTier(10_000_000),
                NodeTier(folder / "tier", 100_000_000),
                make_locator(FileGenerations(folder / "generations"), folder),
                SharedTier(clients[-1], [bucket_of.url]),
            )
        )

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def expected(make_node: NodeMaker) -> str:
    """What is at 0x20, found by a node that put it all into the store."""
    first = make_node()
    name = first.name_at(0x20)
    assert first.streamed
    return name


def test_another_node_does_not_stream_the_object_again(make_node: NodeMaker, expected: str) -> None:
    second = make_node()
    assert second.name_at(0x20) == expected
    assert not second.streamed
    assert second.log.cache.stored_bytes > 300_000


def test_keys_are_as_documented_and_do_not_expire(
    make_node: NodeMaker, redis: Redis, expected: str
) -> None:
    names = sorted(name.decode() for name in redis.scan_iter())
    prefix, _, rest = names[0].partition(":")
    sources, _, module = rest.partition(":")
    assert (prefix, len(sources)) == ("symbol", 8)
    assert module == f"{KEY.debug_file}/{KEY.debug_id}"
    assert {name.removeprefix(names[0]) for name in names} >= {"", ":0", ":1", ":2"}
    assert {redis.ttl(name) for name in names} == {-1}


def test_other_sources_have_other_keys(redis: Redis) -> None:
    urls = ["https://s3.example.com/a", "https://s3.example.com/try/a"]
    names = {SharedTier(redis, some)._name(KEY) for some in (urls, urls[:1], urls[::-1])}
    assert len(names) == 3


def test_plain_text_has_an_index_and_no_copy(make_node: NodeMaker, redis: Redis) -> None:
    name = make_node().name_at(0x20, PLAIN)
    assert len(redis.keys()) == 1
    second = make_node()
    assert second.name_at(0x20, PLAIN) == name
    assert not second.streamed


def test_the_index_of_our_own_object_far_away_is_shared(
    make_node: NodeMaker, source: Source, redis: Redis
) -> None:
    far = replace(source, endpoint_url="https://s3.example.com")
    digest = Digest(len(TEXT), hashlib.md5(TEXT, usedforsecurity=False).hexdigest())
    store(far, KEY, [TEXT], digest, StoringRules(frozenset({"sym"}), {"sym": "text/plain"}))
    first, second = make_node(far), make_node(far)
    assert first.name_at(0x20) == second.name_at(0x20)
    assert [node.log.storage.count for node in (first, second)] == [2, 1]  # index, blocks
    assert len(redis.keys()) == 1


def test_that_an_object_is_damaged_is_shared_for_an_hour(
    make_node: NodeMaker, source: Source, redis: Redis
) -> None:
    source.bucket.put(f"v1/{KEY}", gzip.compress(TEXT, 1)[:-9], Content())
    for node, streamed in ((make_node(), True), (make_node(), False)):
        with pytest.raises(MalformedSymbolFileError, match="ends too early"):
            node.name_at(0x20)
        assert (node.log.storage.stored_bytes > 0) == streamed
    assert 3500 < redis.ttl(min(redis.keys())) <= 3600


@pytest.mark.parametrize("lost", ["", ":0", ":2"])
def test_an_entry_that_lost_a_chunk_is_no_entry(
    make_node: NodeMaker, redis: Redis, expected: str, lost: str
) -> None:
    head = min(redis.keys())
    redis.delete(head + lost.encode())
    second = make_node()
    assert second.name_at(0x20) == expected
    assert second.streamed


@pytest.mark.parametrize("damaged", ["", ":0", ":2"])
@pytest.mark.parametrize("by", [b"", b"nonsense", b"\x93\xa1a\x90\xc4\x01x"])
def test_an_entry_with_a_damaged_chunk_is_no_entry(
    make_node: NodeMaker, redis: Redis, expected: str, damaged: str, by: bytes
) -> None:
    redis.set(min(redis.keys()) + damaged.encode(), by)
    second = make_node()
    assert second.name_at(0x20) == expected
    assert second.streamed


@pytest.mark.usefixtures("expected")
def test_a_store_that_is_wiped_while_it_is_read_is_no_entry(source: Source, redis: Redis) -> None:
    info = source.bucket.head(f"v1/{KEY}")
    written: list[bytes] = []

    def write(part: bytes) -> None:
        redis.flushall()
        written.append(part)

    with pytest.raises(shared.NotSharedError, match="is not there"):
        SharedTier(redis, [source.url]).load(KEY, f"{source.url}:{info.key}:{info.etag}", write)
    assert len(written) == 1


def test_a_replaced_object_is_not_answered_from_the_old_one(
    make_node: NodeMaker, source: Source, expected: str
) -> None:
    source.bucket.put(
        f"v1/{KEY}", gzip.compress(TEXT.replace(expected.encode(), b"new()")), Content()
    )
    for node in (make_node(), make_node()):
        assert node.name_at(0x20) == "new()"


@pytest.mark.parametrize("trouble", [Proxy.refuse, Proxy.pause])
def test_a_store_in_trouble_makes_nobody_fail(
    make_node: NodeMaker, proxy: Proxy, expected: str, trouble: Callable[[Proxy], None]
) -> None:
    trouble(proxy)
    second = make_node()
    assert second.name_at(0x20) == expected
    assert second.streamed


def test_a_store_that_is_cut_in_the_middle_makes_nobody_fail(
    make_node: NodeMaker, proxy: Proxy, expected: str
) -> None:
    proxy.cut_after = 250_000
    second = make_node()
    assert second.name_at(0x20) == expected
    assert second.streamed


def test_a_slow_store_is_given_up(
    make_node: NodeMaker, proxy: Proxy, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The time it may take, which is too long for a test.
    monkeypatch.setattr(shared, "MAX_SECONDS", 0.0)
    second = make_node()
    assert second.name_at(0x20) == expected
    assert second.streamed


def test_a_full_store_keeps_nothing_and_makes_nobody_fail(
    make_node: NodeMaker, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    before = redis.config_get("maxmemory*")
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", 1)
    try:
        with caplog.at_level(logging.INFO, "tecken.core.tiers.shared"):
            first, second = make_node(), make_node()
            assert first.name_at(0x20) == second.name_at(0x20)
    finally:
        redis.config_set("maxmemory", before["maxmemory"])
        redis.config_set("maxmemory-policy", before["maxmemory-policy"])
    assert second.streamed
    assert redis.keys() == []
    assert "Nothing was shared of symbol:" in caplog.text


def test_a_copy_that_is_too_large_is_not_shared(
    make_node: NodeMaker, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limit, which no test can reach.
    monkeypatch.setattr(shared, "MAX_COPY_BYTES", 100_000)
    make_node().name_at(0x20)
    assert redis.keys() == []
