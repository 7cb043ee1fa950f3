# SPDX-License-Identifier: MPL-2.0

"""The database that is read: that of Mozilla's Tecken, as its migrations make it.

Its tables are those of Django's users and groups, and ``tokens_token``, ``upload_upload`` and
``upload_fileupload`` (migrations of August 2026; older ones lack some columns, which read as null).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
import psycopg
from psycopg.rows import dict_row

BATCH_ROWS = 1000

Row = Mapping[str, Any]
_Connection = psycopg.Connection[dict[str, Any]]


@dataclass(frozen=True)
class Source:
    """One consistent view of the database."""

    connection: _Connection

    def all(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query that has few."""
        return self.connection.execute(query.encode()).fetchall()

    def batches(self, table: str, columns: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of a table by their ids, some at a time; a column it lacks is null."""
        found = self.connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND table_schema = ANY (current_schemas(false))",
            [table],
        )
        there = {row["column_name"] for row in found}
        if "id" not in there:
            raise click.ClickException(f"DATABASE_URL: there is no table {table}")
        names = ", ".join(f'"{name}"' if name in there else f'NULL AS "{name}"' for name in columns)
        with self.connection.cursor(f"read_{table}") as cursor:
            cursor.execute(f'SELECT {names} FROM "{table}" ORDER BY id'.encode())  # noqa: S608
            while rows := cursor.fetchmany(BATCH_ROWS):
                yield rows


@contextmanager
def opened(url: str) -> Iterator[Source]:
    """Open the database to be read. Raises ClickException, without the password of the URL."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise click.ClickException("DATABASE_URL is not postgresql://user:password@host/name")
    try:
        connection = psycopg.connect(url, row_factory=dict_row, connect_timeout=10)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise click.ClickException(f"DATABASE_URL: it cannot be opened: {reason}") from None
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        try:
            yield Source(connection)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise click.ClickException(f"DATABASE_URL: it cannot be read: {reason}") from error
