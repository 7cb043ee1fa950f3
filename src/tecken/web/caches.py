# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Django's caches: Redis where a URL names one, else a folder that the worker processes share."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.cache.backends.filebased import FileBasedCache

from tecken.env import SettingError

_FOLDER_MAX_ENTRIES = 200_000
_WRITES_PER_CULL = 2_000


@dataclass(frozen=True, slots=True)
class RedisRules:
    """How a Redis is asked: time-outs in seconds, and whether its failures are only logged."""

    connect_timeout: int
    timeout: int
    ignore_exceptions: bool


class FolderCache(FileBasedCache):
    """Django's file cache, which counts its files now and then instead of before every write."""

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
    """Return what ``CACHES`` has for a Redis; ``name`` is the variable its URL comes from."""
    if not url.startswith(("redis://", "rediss://", "unix://")) or not _has_good_port(url):
        raise SettingError(name, "must be redis://host:port/number, or rediss:// with TLS")
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


def _has_good_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
