# SPDX-License-Identifier: MPL-2.0

"""The caches in Redis: what a caller notices when Redis is silent, gone, full or wiped."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import CacheHandler
from django.core.cache.backends.base import BaseCache
from django_redis import pool
from pytest_django.fixtures import Settings
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from tests.support import servers
from tests.support.logged import logged_by
from tests.support.proxy import Proxy
from tests.support.servers import Server

from tecken.core.concurrency.circuit_breaker import FIRST_PAUSE_SECONDS, CircuitBreaker
from tecken.web.caches import RedisRules, redis_cache
from tecken.web.redis import GuardedPool, NotAskedError, redis_of, warn_of_store

pytestmark = pytest.mark.both_forms

LOGGER = "tecken.web.redis"


class Clock:
    """Time that passes when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proxy(redis_server: Server, make_proxy: Callable[[int], Proxy]) -> Proxy:
    return make_proxy(redis_server.port)


@pytest.fixture
def client(proxy: Proxy, clock: Clock) -> Iterator[Redis]:
    """A client through a guarded pool and the proxy."""
    guarded = GuardedPool(
        host="127.0.0.1", port=proxy.port, socket_timeout=1, breaker=CircuitBreaker(clock)
    )
    with Redis(connection_pool=guarded) as client:
        yield client
    guarded.disconnect()


CacheMaker = Callable[..., BaseCache]


@pytest.fixture
def make_cache() -> Iterator[CacheMaker]:
    """Return a function that opens a cache as the settings do."""

    def make(port: int, *, ignore_exceptions: bool = True) -> BaseCache:
        rules = RedisRules(connect_timeout=1, timeout=1, ignore_exceptions=ignore_exceptions)
        config = redis_cache("REDIS_URL", f"redis://127.0.0.1:{port}/0", rules)
        return CacheHandler({"default": config})["default"]

    yield make
    for opened in pool.ConnectionFactory._pools.values():
        opened.disconnect()
    pool.ConnectionFactory._pools.clear()


def test_a_silent_redis_is_waited_for_once(client: Redis, proxy: Proxy) -> None:
    client.ping()
    proxy.pause()
    with pytest.raises(RedisTimeoutError):
        client.ping()
    for _ in range(1000):
        with pytest.raises(NotAskedError):
            client.ping()


def test_a_redis_that_was_told_to_pause_is_waited_for_once(make_cache: CacheMaker) -> None:
    with servers.redis() as server:
        cache = make_cache(server.port)
        cache.set("a", 1)
        with Redis(port=server.port, protocol=2) as admin:
            admin.client_pause(30_000)
        # Each of these commands would otherwise wait until the pause is over.
        found = [cache.get(f"a{number}", "nothing") for number in range(1000)]
        assert set(found) == {"nothing"}


def test_a_redis_that_is_gone_is_tried_once(client: Redis, proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(RedisConnectionError, match="refused"):
        client.ping()
    with pytest.raises(NotAskedError):
        client.ping()


def test_it_is_asked_again_after_the_pause(client: Redis, proxy: Proxy, clock: Clock) -> None:
    proxy.refuse()
    with pytest.raises(RedisConnectionError):
        client.ping()
    proxy.listen()
    clock.now += FIRST_PAUSE_SECONDS
    assert client.ping()
    assert client.ping()


def test_pipelines_notice_it_too(client: Redis, proxy: Proxy) -> None:
    client.ping()
    proxy.pause()
    for expected in (RedisTimeoutError, NotAskedError):
        with pytest.raises(expected), client.pipeline() as pipeline:
            pipeline.get("a").execute()


def test_a_command_that_is_refused_begins_no_pause(client: Redis) -> None:
    with pytest.raises(ResponseError):
        client.execute_command("NONSENSE")
    assert client.ping()


def test_a_connection_that_was_closed_meanwhile_begins_no_pause(
    client: Redis, proxy: Proxy
) -> None:
    client.ping()
    proxy.cut()
    assert client.ping()


def test_a_pause_is_logged_once(
    client: Redis, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.refuse()
    with caplog.at_level(logging.WARNING, LOGGER):
        for _ in range(3):
            with pytest.raises(RedisConnectionError):
                client.ping()
    assert logged_by(caplog, LOGGER) == [
        f"No answer from Redis at 127.0.0.1:{proxy.port}; next try in 5 s"
    ]


def test_a_cache_without_redis_is_empty_and_takes_everything(
    make_cache: CacheMaker, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    cache = make_cache(proxy.port)
    cache.set("a", 1)
    assert cache.get("a") == 1
    proxy.refuse()
    with caplog.at_level(logging.WARNING, LOGGER):
        for _ in range(5):
            cache.set("a", 2)
            assert cache.get("a", "nothing") == "nothing"
            assert cache.get_many(["a"]) == {}
    ignored = [record for record in caplog.records if record.name == f"{LOGGER}.ignored"]
    [message] = [record.getMessage() for record in ignored]
    assert message.startswith("A cache failed: Redis ConnectionError: ")
    assert not any(record.exc_info for record in ignored)


def test_failures_surface_where_that_is_set(make_cache: CacheMaker, proxy: Proxy) -> None:
    cache = make_cache(proxy.port, ignore_exceptions=False)
    proxy.refuse()
    with pytest.raises(RedisConnectionError):
        cache.get("a")


def test_a_full_redis_still_reads(make_cache: CacheMaker) -> None:
    with servers.redis("--maxmemory-policy", "noeviction") as server:
        cache = make_cache(server.port)
        cache.set("a", 1)
        with Redis(port=server.port, protocol=2) as admin:
            admin.config_set("maxmemory", 1)
        cache.set("b", 2)
        assert cache.get_many(["a", "b"]) == {"a": 1}


@pytest.fixture
def use_store(settings: Settings, make_cache: CacheMaker) -> Callable[[int], None]:
    """Return a function that makes the Redis of a port the store."""

    def use(port: int) -> None:
        rules = RedisRules(connect_timeout=1, timeout=1, ignore_exceptions=True)
        store = redis_cache("REDIS_STORE_URL", f"redis://127.0.0.1:{port}/0", rules)
        settings.CACHES = {**settings.CACHES, "store": store}

    return use


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"], []),
        (["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lfu"], []),
        (["--maxmemory", "64mb"], ["maxmemory-policy is noeviction"]),
        (["--maxmemory-policy", "allkeys-lru"], ["maxmemory is 0"]),
        ([], ["maxmemory is 0", "maxmemory-policy is noeviction"]),
        (
            ["--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru"],
            ["maxmemory-policy is volatile-lru"],
        ),
    ],
)
def test_a_store_that_does_not_evict_is_warned_of(
    options: list[str],
    said: list[str],
    use_store: Callable[[int], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with servers.redis(*options) as server, caplog.at_level(logging.WARNING, LOGGER):
        use_store(server.port)
        warn_of_store()
    messages = logged_by(caplog, LOGGER)
    assert len(messages) == len(said)
    for message, part in zip(messages, said, strict=True):
        assert message.startswith("REDIS_STORE_URL: ")
        assert part in message
        assert "set it to" in message


def test_a_store_that_cannot_be_asked_is_warned_of(
    use_store: Callable[[int], None], proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.refuse()
    use_store(proxy.port)
    with caplog.at_level(logging.WARNING, LOGGER):
        warn_of_store()
    assert "could not be checked" in caplog.text


def test_a_cache_in_a_folder_has_no_redis(settings: Settings, tmp_path: Path) -> None:
    settings.CACHES = {"store": {"BACKEND": "tecken.web.caches.FolderCache", "LOCATION": tmp_path}}
    assert redis_of("store") is None
