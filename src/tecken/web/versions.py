# SPDX-License-Identifier: MPL-2.0

"""The versions of the server, of its packages, and of the services it uses."""

import platform
import re
import sqlite3
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from tecken.web.build_info import build_info
from tecken.web.redis import redis_of

Version = tuple[str, str]


def versions() -> Iterator[Version]:
    """Yield names and versions; "" for a service that does not say."""
    info = build_info()
    yield "tecken", info["version"]
    yield "commit", info["commit"]
    yield "build", info["build"]
    yield "python", platform.python_version()
    yield from _services()
    yield from _packages()


def _services() -> Iterator[Version]:
    if connection.vendor == "postgresql":
        yield "postgresql", _postgresql_version()
    else:
        yield "sqlite", sqlite3.sqlite_version
    for name in ("default", "store"):
        redis = redis_of(name)
        if redis is None:
            continue
        try:
            info = redis.info("server")
            yield f"redis {name}", str(info.get("valkey_version") or info.get("redis_version", ""))
        except RedisError:
            yield f"redis {name}", ""


def _postgresql_version() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            [(found,)] = cursor.fetchall()
    except DatabaseError:
        return ""
    return str(found)


def _packages() -> Iterator[Version]:
    """Yield the packages that the product itself names, by name."""
    names = {re.match(r"[A-Za-z0-9_-]+", line) for line in requires("tecken") or ()}
    for name in sorted(found[0] for found in names if found):
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, ""
