# SPDX-License-Identifier: MPL-2.0

"""What ``RedisGenerations`` promises, with a real Redis behind a proxy that misbehaves."""

import logging
import secrets
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests.support import servers
from tests.support.proxy import Proxy
from tests.support.servers import Server
from tests.support.started_server import wait_until

from tecken.core.locating.generations import Generation, RedisGenerations, still_holds

KEY = "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
OTHER = "other.pdb/44E4EC8C2F41492B9369D6B9A059577C2/other.sym"

ClientMaker = Callable[[int], Redis]


@pytest.fixture
def connect() -> Iterator[ClientMaker]:
    clients = []

    def make(port: int) -> Redis:
        retry = Retry(NoBackoff(), 0)
        clients.append(Redis(port=port, socket_timeout=0.5, retry=retry, protocol=2))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def redis(redis_server: Server, connect: ClientMaker) -> Iterator[Redis]:
    """A direct way to an empty server, whatever the proxy does."""
    client = connect(redis_server.port)
    client.flushall()
    yield client
    client.config_set("maxmemory", 0)
    client.flushall()


@pytest.fixture
def proxy(redis: Redis, redis_server: Server, make_proxy: Callable[[int], Proxy]) -> Proxy:
    return make_proxy(redis_server.port)


@pytest.fixture
def node(proxy: Proxy, connect: ClientMaker) -> RedisGenerations:
    """A node that reaches Redis through the proxy."""
    return RedisGenerations(connect(proxy.port), connect(proxy.port), repair_seconds=0.01)


@pytest.fixture
def other_node(redis: Redis) -> RedisGenerations:
    """A node that always reaches Redis."""
    return RedisGenerations(redis, redis)


def holds(before: Sequence[Generation], after: Sequence[Generation]) -> bool:
    return still_holds(before[0], after[0])


class EarlierNode:
    """A node of the version that has 65,536 counters, one for each key."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def raise_(self, key: str) -> None:
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.set("tecken:generations", secrets.token_bytes(4), nx=True)
            pipeline.bitfield("tecken:generations").incrby("u32", self._place(key), 1).execute()
            pipeline.execute()

    def read(self, key: str) -> list[int]:
        items = [("u32", self._place(key))]
        read: list[int] = self._redis.bitfield_ro("tecken:generations", "u32", "#0", items)
        return read

    def _place(self, key: str) -> str:
        return f"#{zlib.crc32(key.encode()) % 65_536 + 1}"


def test_nodes_of_an_earlier_version_see_our_uploads_and_we_see_theirs(
    node: RedisGenerations, redis: Redis
) -> None:
    earlier = EarlierNode(redis)
    earlier.raise_(OTHER)  # the value has their size
    for _ in range(3):
        ours, theirs = node.read([KEY, OTHER]), earlier.read(KEY)
        earlier.raise_(KEY)
        assert not holds(ours, node.read([KEY]))
        assert still_holds(ours[1], node.read([OTHER])[0])
        ours, theirs = node.read([KEY, OTHER]), earlier.read(KEY)
        node.raise_([KEY])
        assert earlier.read(KEY) != theirs
        assert not holds(ours, node.read([KEY]))
        assert still_holds(ours[1], node.read([OTHER])[0])


def test_large_uploads_outdate_few_other_keys_and_let_others_ask_meanwhile(
    node: RedisGenerations, other_node: RedisGenerations, connect: ClientMaker, redis_server: Server
) -> None:
    asking, asked, stop = connect(redis_server.port), [], threading.Event()

    def ask() -> None:
        while not stop.is_set():
            asking.ping()
            asked.append(1)

    others = [f"o{n}.pdb/ABC{n:X}/o{n}.sym" for n in range(10_000)]
    before = other_node.read(others)
    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for upload in range(2):
            keys = [f"m{n}.so/{upload:016X}{n:016X}0/m{n}.so.sym" for n in range(20_000)]
            node.raise_(keys)
            assert not holds(other_node.read(keys[-1:]), before)
    finally:
        stop.set()
        thread.join()
    after = other_node.read(others)
    held = [still_holds(*pair) for pair in zip(before, after, strict=True)]
    assert held.count(False) < 0.001 * len(others)  # test_generations.py has twenty
    # An upload's keys are raised in 40 commands; others get their turn after each.
    assert len(asked) > 2 * 10


def test_a_raise_is_seen_by_every_node_and_for_its_key_alone(
    node: RedisGenerations, other_node: RedisGenerations
) -> None:
    before = node.read([KEY, OTHER])
    other_node.raise_([KEY])
    after = node.read([KEY, OTHER])
    assert not still_holds(before[0], after[0])
    assert still_holds(before[1], after[1])
    assert other_node.read([KEY, OTHER]) == after


def test_a_raise_before_anybody_has_read_is_not_lost(
    node: RedisGenerations, other_node: RedisGenerations
) -> None:
    node.raise_([KEY])
    before = other_node.read([KEY])
    node.raise_([KEY])
    assert not holds(before, other_node.read([KEY]))


def test_a_request_reads_all_of_its_keys_with_one_command(
    node: RedisGenerations, redis: Redis
) -> None:
    node.read([KEY])
    before = redis.info("stats")["total_commands_processed"]
    node.read([f"m{number}.so/AB/m{number}.so.sym" for number in range(100)])
    # Asking for the count is a command too.
    assert redis.info("stats")["total_commands_processed"] == before + 2


def test_a_wiped_redis_outdates_everything(
    node: RedisGenerations, other_node: RedisGenerations, redis: Redis
) -> None:
    other_node.raise_([KEY])
    before = node.read([KEY, OTHER])
    redis.flushall()
    after = node.read([KEY, OTHER])
    assert not any(still_holds(*pair) for pair in zip(before, after, strict=True))
    assert other_node.read([KEY, OTHER]) == after


@pytest.mark.parametrize("trouble", [Proxy.refuse, Proxy.pause])
def test_a_reader_without_redis_gets_numbers_that_redis_never_has(
    node: RedisGenerations, proxy: Proxy, trouble: Callable[[Proxy], None]
) -> None:
    before = node.read([KEY, OTHER])
    trouble(proxy)
    without = node.read([KEY, OTHER])
    assert all(epoch < 0 for epoch, *_ in without)
    assert all(epoch > 0 for epoch, *_ in before)
    assert not holds(before, without)


def test_a_reader_without_redis_gets_another_number_every_30_seconds(
    node: RedisGenerations, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.refuse()
    # The clock: the wait is what is tested, and it is too long to be waited for.
    read = []
    for now in (3000.0, 3029.9, 3030.0):
        monkeypatch.setattr("tecken.core.locating.generations.time.time", lambda now=now: now)
        read += node.read([KEY])
    assert still_holds(read[0], read[1])
    assert not still_holds(read[1], read[2])


@pytest.mark.parametrize(
    ("trouble", "end"), [(Proxy.refuse, Proxy.listen), (Proxy.pause, Proxy.resume)]
)
def test_a_raise_without_redis_succeeds_and_is_made_good(
    node: RedisGenerations,
    other_node: RedisGenerations,
    proxy: Proxy,
    trouble: Callable[[Proxy], None],
    end: Callable[[Proxy], None],
) -> None:
    before = other_node.read([KEY])
    trouble(proxy)
    node.raise_([KEY])
    end(proxy)
    wait_until(
        lambda: not holds(before, other_node.read([KEY])), "the raise has been made good", 20
    )


def test_a_full_redis_still_takes_a_raise(
    node: RedisGenerations, other_node: RedisGenerations, redis: Redis
) -> None:
    before = other_node.read([KEY])
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", 1)
    node.raise_([KEY])
    assert not holds(before, other_node.read([KEY]))


def test_what_went_wrong_is_logged(
    node: RedisGenerations, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.refuse()
    with caplog.at_level(logging.WARNING):
        node.raise_([KEY])
    assert "Generations could not be raised" in caplog.text


def test_a_restarted_redis_outdates_everything() -> None:
    """A restart without persistence is a wipe, through connections that were open before."""
    with servers.redis() as server, Redis(port=server.port, protocol=2) as client:
        node = RedisGenerations(client, client)
        node.raise_([KEY])
        before = node.read([KEY])
        server.stop()
        server.start()
        assert not holds(before, node.read([KEY]))
