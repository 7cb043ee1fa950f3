# SPDX-License-Identifier: MPL-2.0

"""Django's caches: Redis where a URL names one, else a folder that the worker processes share."""

import logging
import pickle
import random
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

from tecken.env import SettingError

_FOLDER_MAX_ENTRIES = 200_000
_WRITES_PER_CULL = 2_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RedisRules:
    """How a Redis is asked: time-outs in seconds, and whether its failures are only logged."""

    connect_timeout: int
    timeout: int
    ignore_exceptions: bool


class FolderCache(FileBasedCache):
    """Django's file cache, which counts its files now and then instead of before every write.

    Where the folder cannot be used, or a file in it is damaged, nothing is kept: that is logged, and
    nobody fails for it.
    """

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except (OSError, EOFError, pickle.PickleError, zlib.error) as error:
            logger.warning("A cache could not be read: %r", error)
            return default

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        try:
            super().set(key, value, timeout, version)
        except OSError as error:
            logger.warning("A cache could not be written: %r", error)

    def _cull(self) -> None:
        if random.randrange(_WRITES_PER_CULL) == 0:  # noqa: S311 - no secret
            super()._cull()  # type: ignore[misc]  # the stubs lack it


def folder_cache(folder: Path) -> dict[str, Any]:
    """Return what ``CACHES`` has for a cache in a folder."""
    return {
        "BACKEND": "tecken.web.caches.FolderCache",
        "LOCATION": str(folder),
        "OPTIONS": {"MAX_ENTRIES": _FOLDER_MAX_ENTRIES},
    }


def redis_cache(name: str, url: str, rules: RedisRules) -> dict[str, Any]:
    """Return what ``CACHES`` has for a Redis; ``name`` is the variable its URL comes from.

    Messages never show the URL: it may have a password.
    """
    _check_redis_url(name, url)
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url,
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": rules.connect_timeout,
            "SOCKET_TIMEOUT": rules.timeout,
            "IGNORE_EXCEPTIONS": rules.ignore_exceptions,
            "CONNECTION_POOL_CLASS": "tecken.web.redis.GuardedPool",
        },
    }


def _check_redis_url(name: str, url: str) -> None:
    if not url.startswith(("redis://", "rediss://", "unix://")) or not _names_a_server(url):
        raise SettingError(name, "must be redis://host:port/number, or rediss:// with TLS")
    # The client is large, and a single machine does without.
    from redis import ConnectionPool, RedisError

    try:
        pool = ConnectionPool.from_url(url)
        pool.make_connection()  # which does not connect
    except (ValueError, TypeError, RedisError) as error:
        # Its text names an option of the query; the password stands elsewhere.
        raise SettingError(name, f"has options that Redis clients do not take: {error}") from None
    database = int(pool.connection_kwargs.get("db", 0))
    if database < 0:
        raise SettingError(name, f"has the database number {database}, which is below 0")


def _names_a_server(url: str) -> bool:
    """Say whether there is a host with a good port and, at most, the number of a database.

    The client would take number 0 in place of one that it does not understand.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme == "unix":
        return bool(parts.path.strip("/"))
    database = parts.path.strip("/")
    return bool(parts.hostname) and port != 0 and (not database or database.isdecimal())
