# SPDX-License-Identifier: MPL-2.0

"""The database: whether it can be reached, which version it is, and what has to be done to it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection

from tecken.commands.check.findings import Finding, error, ok, warning
from tecken.commands.django import direct_connection
from tecken.web.databases import close_connections
from tecken.web.migrations import read_migrations

if TYPE_CHECKING:
    import psycopg

_NAME = "DATABASE_URL"
_MAY_CREATE_TABLES = """
SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
"""


def check_database() -> Iterator[Finding]:
    """Look at the database and its migrations."""
    if not connection.settings_dict["NAME"]:
        return  # its URL cannot be used, which has been said
    findings = list(_postgresql() if connection.vendor == "postgresql" else _sqlite())
    yield from findings
    if not any(finding.level == "error" for finding in findings):
        yield from _migrations()


def _postgresql() -> Iterator[Finding]:
    try:
        with direct_connection() as server:
            yield from _server(server)
    except DatabaseError as failure:
        yield error(_NAME, f"the database cannot be used: {failure}")


def _server(server: "psycopg.Connection") -> Iterator[Finding]:
    [least] = connection.features.minimum_database_version or (0,)
    major, minor = divmod(server.info.server_version, 10_000)
    if major < least:
        text = f"is PostgreSQL {major}.{minor}; {least} or newer is needed, use a newer server"
        yield error(_NAME, text)
        return
    if not _one(server, _MAY_CREATE_TABLES):
        text = (
            "its user may not make tables;"
            f" GRANT CREATE ON SCHEMA public TO {server.info.user}, or make it the owner"
        )
        yield error(_NAME, text)
        return
    encrypted = server.pgconn.ssl_in_use
    yield ok(_NAME, f"PostgreSQL {major}.{minor}, {'encrypted' if encrypted else 'not encrypted'}")


def _one(server: "psycopg.Connection", query: str) -> object:
    [value] = server.execute(query.encode()).fetchone() or (None,)
    return value


def _sqlite() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sqlite_version()")
            [version] = cursor.fetchone()
    except DatabaseError as failure:
        yield error(_NAME, f"the database cannot be used: {failure}")
    else:
        file = connection.settings_dict["NAME"]
        yield ok(_NAME, f"SQLite {version} in {file}, for one node alone")
    finally:
        close_connections()


def _migrations() -> Iterator[Finding]:
    try:
        migrations = read_migrations()
    except DatabaseError as failure:
        yield error(_NAME, f"the database cannot be used: {failure}")
        return
    finally:
        close_connections()
    if missing := len(migrations.missing):
        text = f"{missing} migrations are not applied; the next start of the server does it"
        yield warning(_NAME, text)
    if unknown := ", ".join(name for _, name in migrations.unknown):
        text = f"was used by a newer version, which made {unknown}; run that version"
        yield warning(_NAME, text)
