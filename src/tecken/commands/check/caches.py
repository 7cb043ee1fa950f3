# SPDX-License-Identifier: MPL-2.0

"""Redis, as the default cache and as the shared cache of symbolication."""

from collections.abc import Iterator

from django.conf import settings
from redis.exceptions import RedisError

from tecken.commands.check.findings import Finding, error, ok, warning
from tecken.web.redis import redis_of, store_warnings

# BITFIELD_RO, by which generations are read, came with it.
_LEAST_VERSION = (6, 0)


def check_caches() -> Iterator[Finding]:
    """Look at each Redis that a URL names."""
    seen: dict[str, str] = {}  # the names of variables by the identity of their server
    for name, cache in (("REDIS_URL", "default"), ("REDIS_STORE_URL", "store")):
        if not settings.CACHES[cache]:
            continue  # its URL cannot be used, which has been said
        redis = redis_of(cache)
        if redis is None:
            yield ok(name, f"is not set; the cache is {settings.CACHES[cache]['LOCATION']}")
            continue
        try:
            server, memory = redis.info("server"), redis.info("memory")
        except RedisError as failure:
            yield error(name, f"Redis cannot be used: {failure}")
            continue
        other = seen.setdefault(server["run_id"], name)
        if other != name:
            text = f"is the same server as {other}, which must keep what this drops; use another"
            yield error(name, text)
        yield from _version(name, server["redis_version"])
        yield from _memory(cache, memory)


def _version(name: str, version: str) -> Iterator[Finding]:
    if tuple(map(int, version.split(".")[:2])) < _LEAST_VERSION:
        least = ".".join(map(str, _LEAST_VERSION))
        yield error(name, f"is Redis {version}; {least} or newer is needed, use a newer server")
    else:
        yield ok(name, f"Redis {version}")


def _memory(cache: str, memory: dict[str, object]) -> Iterator[Finding]:
    if cache == "store":
        for failure in store_warnings(memory):
            yield error("REDIS_STORE_URL", failure)
    elif str(memory["maxmemory_policy"]).startswith("allkeys-"):
        text = (
            f"maxmemory-policy is {memory['maxmemory_policy']}, which drops word of tasks as well;"
            " set it to noeviction or volatile-lru"
        )
        yield warning("REDIS_URL", text)
