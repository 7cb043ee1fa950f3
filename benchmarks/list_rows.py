# SPDX-License-Identifier: MPL-2.0

"""Rows by the million for the lists of the web app, made by the database itself.

They are spread as those of a server that has run for three years: most uploads are finished, one in
five is of a try build, few people make most of them, and names come in all frequencies.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

PEOPLE = 2_000
_YEARS = "interval '1095 days'"
# Few of a thousand debug files are in most uploads; the others are in few.
_MODULE = "floor(1000 * power(random(), 3))::int"

_ROWS = {
    "accounts_user": (
        PEOPLE,
        """(email, is_active, is_superuser, created_at, has_used_provider, is_blocked)
        SELECT 'person' || n || '@example.com', n % 50 > 0, false, now() - n * interval '1 hour',
            true, false
        FROM generate_series(1, {count}) n""",
    ),
    "upload_upload": (
        1_000_000,
        """(user_id, filename, size, content_hash, bucket_name, bucket_region, bucket_endpoint_url,
            try_symbols, skipped_keys, ignored_keys, download_url, redirect_urls, created_at,
            completed_at)
        SELECT {first_user} + floor({people} * power(random(), 2))::int,
            'target.crashreporter-symbols-' || n || '.zip', (exp(random() * 20))::bigint,
            md5((n / 2)::text), CASE WHEN n % 40 = 0 THEN 'private-symbols' ELSE 'symbols' END, '',
            '', n % 5 = 0, '["v1/skipped/A1/skipped.sym"]', '[]',
            CASE WHEN n % 3 = 0 THEN 'https://queue.taskcluster.net/' || n || '/symbols.zip'
                ELSE '' END,
            '[]', at, CASE WHEN n % 997 = 0 THEN NULL ELSE at + interval '40 seconds' END
        FROM (SELECT n, now() - {years} * (1 - n / {count}.0) AS at
            FROM generate_series(1, {count}) n) rows""",
    ),
    "upload_fileupload": (
        10_000_000,
        """(upload_id, bucket_name, key, update, compressed, size, original_size, debug_file,
            debug_id, code_file, code_id, generator, created_at, completed_at)
        SELECT CASE WHEN n % 100 = 7 THEN NULL ELSE {first_upload} + (n - 1) / 10 END, 'symbols',
            'v1/' || debug_file || '/' || debug_id || '/' || stem || '.sym', n % 10 = 0, true, size,
            size * 6, debug_file, debug_id, stem || '.dll', upper(substr(debug_id, 1, 12)),
            'mozilla/dump_syms 2.3.4', at,
            CASE WHEN n % 4999 = 0 THEN NULL ELSE at + interval '9 seconds' END
        FROM (SELECT n, name AS stem, name || '.pdb' AS debug_file,
                upper(md5(n::text)) || '1' AS debug_id, (exp(random() * 18))::bigint AS size,
                now() - {years} * (1 - n / {count}.0) AS at
            FROM (SELECT n, CASE WHEN n < {count} * 0.04 AND n % 20 = 0 THEN 'old'
                    ELSE 'module' || {module} END AS name
                FROM generate_series(1, {count}) n) numbers) rows""",
    ),
    "download_missingsymbol": (
        5_000_000,
        """(hash, symbol, debugid, filename, code_file, code_id, count, created_at, modified_at)
        SELECT decode(md5(n::text), 'hex'), stem || '.pdb', upper(md5(n::text)) || '1',
            stem || '.sym', stem || '.dll', '', 1 + floor(90 * power(random(), 8))::int,
            at - interval '1 day', at
        FROM (SELECT n, 'missing' || {module} AS stem, now() - interval '90 days' * (1 - n / {count}.0)
                AS at
            FROM generate_series(1, {count}) n) rows""",
    ),
    "microsoft_microsoftdownload": (
        1_000_000,
        """(url, debug_file, debug_id, symbol_file, turn, error, skipped, created_at, completed_at)
        SELECT 'https://msdl.microsoft.com/download/symbols/nt' || n, 'nt' || n || '.pdb',
            upper(md5(n::text)) || '1', 'nt' || n || '.sym', 1,
            CASE WHEN n % 3 = 0 THEN '' ELSE 'Microsoft has no such file (404)' END, n % 30 = 0,
            at, at + interval '2 seconds'
        FROM (SELECT n, now() - interval '30 days' * (1 - n / {count}.0) AS at
            FROM generate_series(1, {count}) n) rows""",
    ),
    "accounts_auditentry": (
        1_000_000,
        """(created_at, action, actor_id, actor_name, subject_id, subject_name, details)
        SELECT now() - {years} * (1 - n / {count}.0), 'signed in', person,
            'person' || person || '@example.com', person, 'person' || person || '@example.com', '{{}}'
        FROM (SELECT n, {first_user} + n % {people} AS person FROM generate_series(1, {count}) n) rows
        """,
    ),
    "upload_uploadscreated": (
        1_095,
        """(date, count, files, skipped, ignored, size, size_avg, created_at, modified_at)
        SELECT current_date - n, 900, 9000, 10, 1, 100000000, 111111, now(), now()
        FROM generate_series(1, {count}) n""",
    ),
}


@dataclass(frozen=True)
class Made:
    """How many rows a table has, and how long they took."""

    table: str
    rows: int
    seconds: float


def make_rows(url: str, scale: float) -> Iterator[Made]:
    """Fill the tables of an empty server, with so much of what is to be; yield what was made."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        for table, (count, statement) in _ROWS.items():
            started = time.perf_counter()
            rows = count if table == "accounts_user" else max(int(count * scale), 1)
            values = {
                "count": rows,
                "people": PEOPLE,
                "years": _YEARS,
                "module": _MODULE,
                "first_user": _first(connection, "accounts_user"),
                "first_upload": _first(connection, "upload_upload"),
            }
            with _without_indexes(connection, table):
                connection.execute(f"INSERT INTO {table} {statement.format(**values)}".encode())
            connection.execute(f"VACUUM ANALYZE {table}".encode())
            yield Made(table, rows, time.perf_counter() - started)


class _without_indexes:  # noqa: N801 - it reads as a statement
    """Take a table's indexes away while it is filled; those of constraints stay."""

    def __init__(self, connection: "psycopg.Connection[tuple[str, ...]]", table: str) -> None:
        self._connection = connection
        self._table = table
        self._definitions: list[str] = []

    def __enter__(self) -> None:
        query = """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s
            AND indexname NOT IN (SELECT conname FROM pg_constraint)"""
        for name, definition in self._connection.execute(query, [self._table]).fetchall():
            self._definitions.append(definition)
            self._connection.execute(f'DROP INDEX "{name}"'.encode())

    def __exit__(self, *_: object) -> None:
        for definition in self._definitions:
            self._connection.execute(definition.encode())


def _first(connection: "psycopg.Connection[tuple[int, ...]]", table: str) -> int:
    query = sql.SQL("SELECT coalesce(min(id), 0) FROM {}").format(sql.Identifier(table))
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]
