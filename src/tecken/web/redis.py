# SPDX-License-Identifier: MPL-2.0

"""Redis: connections that give up for a while, and what the shared cache of symbolication must be set to."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.cache import caches
from django_redis import get_redis_connection
from django_redis.cache import RedisCache
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import Connection, ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.web.metrics import REDIS_PAUSES

logger = logging.getLogger(__name__)


class NotAskedError(RedisConnectionError):
    """Redis did not answer a moment ago, so it was not asked now."""


class GuardedPool(ConnectionPool):
    """A pool whose connections are not used for a while after one of them failed.

    A client that gets no answer closes its connection before it gives it back: that is how the pool
    knows. An answer that is an error (``OOM command not allowed``) leaves the connection open.
    """

    def __init__(self, *, breaker: CircuitBreaker | None = None, **options: Any) -> None:
        # Retries would be paid in time-outs; a connection that was closed meanwhile is noticed
        # before a command is sent.
        super().__init__(**{"retry": Retry(NoBackoff(), 0), "protocol": 2, **options})
        self._breaker = breaker or CircuitBreaker()

    def get_connection(
        self, command_name: str | None = None, *keys: Any, **options: Any
    ) -> Connection:
        if not self._breaker.may_ask():
            raise NotAskedError("it did not answer a moment ago")
        return super().get_connection()

    def release(self, connection: Any) -> None:
        if connection.is_connected:
            self._breaker.worked()
        else:
            pause = self._breaker.failed()
            if pause is not None:
                REDIS_PAUSES.add()
                logger.warning(
                    "No answer from Redis at %s; next try in %g s", self._address(), pause
                )
        super().release(connection)

    def _address(self) -> str:
        options = self.connection_kwargs
        return str(options.get("path") or f"{options.get('host')}:{options.get('port')}")


class IgnoredFilter(logging.Filter):
    """Makes one line of an exception that a cache ignored, and none of a command that was not sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args, record.exc_info = "A cache failed: %s", (error,), None
        return not isinstance(getattr(error, "__cause__", None), NotAskedError)


logging.getLogger(f"{__name__}.ignored").addFilter(IgnoredFilter())


def redis_of(cache: str) -> Redis | None:
    """Return a client of the Redis behind a cache, or None when that cache is a folder."""
    if not isinstance(caches[cache], RedisCache):
        return None
    client: Redis = get_redis_connection(cache)
    return client


def patient(client: Redis) -> Redis:
    """Return a client of the same Redis that goes on asking, for threads that nobody waits for."""
    guarded = client.connection_pool
    pool = ConnectionPool(guarded.connection_class, **guarded.connection_kwargs)
    return Redis(connection_pool=pool)


def warn_of_store() -> None:
    """Log what the Redis of the shared cache must be set to, if there is one and it does not evict."""
    store = redis_of("store")
    if store is None:
        return
    try:
        memory = store.info("memory")
    except RedisError as error:
        logger.warning("The settings of REDIS_STORE_URL could not be checked: %s", error)
        return
    for failure in store_warnings(memory):
        logger.warning("REDIS_STORE_URL: %s", failure)


def store_warnings(memory: Mapping[str, Any]) -> Iterator[str]:
    """Yield what must be set in the Redis of the shared cache; ``memory`` is what its INFO says."""
    if not memory["maxmemory"]:
        yield "maxmemory is 0, so it grows without end; set it to the bytes that the shared cache may take"
    policy = memory["maxmemory_policy"]
    if not policy.startswith("allkeys-"):
        yield (
            f"maxmemory-policy is {policy}, so nothing new is kept once it is full;"
            " set it to allkeys-lru"
        )
