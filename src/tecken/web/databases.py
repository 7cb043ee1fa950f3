# SPDX-License-Identifier: MPL-2.0

"""The database that ``DATABASE_URL`` names, as Django's settings want it."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tecken.env import SettingError
from tecken.web.data_dir import keep_others_out, sqlite_files
from tecken.web.database_limits import limited_connections

_FORMS = "sqlite:////folder/file, sqlite:///file or postgresql://user:password@host:port/name"
# How long a request waits for a connection before it is answered with 503.
_POOL_TIMEOUT_SECONDS = 5
# How long the pool itself tries again; after that the next request makes it try at once.
_RECONNECT_SECONDS = 2
_KEEPALIVE_SECONDS = 10
# For who still reads or writes, when the server ends.
_CHECKPOINT_WAIT_MILLISECONDS = 2_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionRules:
    """``max_connections`` of a process, each closed when unused for ``max_idle_seconds``.

    ``connect_timeout`` and ``timeout`` are how many seconds PostgreSQL may take to let somebody in,
    and to answer a query.
    """

    max_connections: int
    max_idle_seconds: int
    connect_timeout: int
    timeout: int
    require_tls: bool


def database_config(url: str, rules: ConnectionRules, *, test_file: Path) -> dict[str, Any]:
    """Return what ``DATABASES`` has for a URL. Messages never show it: it may have a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its text may be a part of a password that has a slash
        raise SettingError("DATABASE_URL", f"is not a URL; it must be {_FORMS}") from None
    if parts.scheme == "sqlite":
        return _sqlite(url, rules, test_file)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name or "/" in name:
        raise SettingError("DATABASE_URL", f"must be {_FORMS}")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if rules.require_tls:
        options.setdefault("sslmode", "require")
    options = {**_timeouts(rules), **options}
    options["pool"] = {
        "connection_class": limited_connections(rules.timeout),
        "min_size": 0,
        "max_size": rules.max_connections,
        "max_idle": rules.max_idle_seconds,
        "timeout": _POOL_TIMEOUT_SECONDS,
        "reconnect_timeout": _RECONNECT_SECONDS,
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        # Each request checks the connection it is given, so a restart of the database costs none.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def close_connections() -> None:
    """Close all connections of this thread to the database, pools and their threads included."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()  # type: ignore[attr-defined]


def log_queries(connection: BaseDatabaseWrapper, **_details: object) -> None:
    """Let a connection that was just made log its queries, which it else does with DEBUG alone."""
    connection.force_debug_cursor = True


def keep_sqlite_private(connection: BaseDatabaseWrapper, **_details: object) -> None:
    """Take the files of a connection that was just made, which made them, from other users."""
    if connection.vendor == "sqlite":
        for path in sqlite_files(connection.settings_dict["NAME"]):
            keep_others_out(path)


def checkpoint_database(alias: str = "default") -> None:
    """Write what SQLite keeps in its ``-wal`` into the file itself, so that a copy of it is a backup.

    Done when nobody uses the database any more: workers that are ended do not. Where somebody does,
    or it fails, that is logged, and nothing is lost: the next connection reads both files. With
    PostgreSQL there is nothing to do. Source: https://sqlite.org/pragma.html#pragma_wal_checkpoint
    """
    connection = connections[alias]
    if connection.vendor != "sqlite":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout={_CHECKPOINT_WAIT_MILLISECONDS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy = cursor.fetchone()[0]
    except DatabaseError as error:
        logger.warning("The database could not be written into one file: %s", error)
    else:
        if is_busy:
            logger.warning("The database is in use, so not all of it is in one file")
    finally:
        connection.close()


def _timeouts(rules: ConnectionRules) -> dict[str, Any]:
    """Return what notices a machine that is gone without a word: also where no limit holds."""
    return {
        "connect_timeout": rules.connect_timeout,
        "keepalives_idle": _KEEPALIVE_SECONDS,
        "keepalives_interval": _KEEPALIVE_SECONDS,
        "keepalives_count": 3,
        "tcp_user_timeout": rules.timeout * 1000,
    }


def _sqlite(url: str, rules: ConnectionRules, test_file: Path) -> dict[str, Any]:
    path = url.partition("://")[2]
    if not path.startswith("/") or not path.strip("/"):
        raise SettingError("DATABASE_URL", f"must be {_FORMS}")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(path.removeprefix("/")).resolve()),
        "CONN_MAX_AGE": rules.max_idle_seconds,
        "OPTIONS": {
            # Readers do not wait for a writer; writers queue from the start of their transaction,
            # instead of failing in the middle of it.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
        },
        # A file, because the threads of a server under test share it.
        "TEST": {"NAME": str(test_file)},
    }
