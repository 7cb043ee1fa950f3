# SPDX-License-Identifier: MPL-2.0

"""The rows for the lists fit the tables, and every query that is timed is one that the server takes."""

from pathlib import Path

from benchmarks.list_rows import make_rows
from benchmarks.lists import Asking, measure, superuser
from benchmarks.server import Server


def test_lists_are_asked_with_rows_made_by_the_database(
    migrated_postgres_url: str, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": migrated_postgres_url, "DJANGO_LOGGING_USE_JSON": "True"}
    with Server(tmp_path, settings=settings) as server:
        made = {rows.table: rows.rows for rows in make_rows(migrated_postgres_url, 0.001)}
        assert made["upload_fileupload"] == 10_000
        measure(Asking(server, superuser(server)), 1, is_full=False)
