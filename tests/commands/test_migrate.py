# SPDX-License-Identifier: MPL-2.0

"""Migrations on PostgreSQL: nodes that start together, and a database that cannot be used."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from tests.support import servers
from tests.support.started_server import StartedServer, wait_until

NODES = 4


def test_nodes_that_start_together_migrate_once(postgres_url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(NODES) as pool:
        running = [
            pool.submit(
                create_token, tmp_path / f"node{number}", postgres_url, f"{number}@example.com"
            )
            for number in range(NODES)
        ]
        ended = [future.result() for future in running]
    assert [done.returncode for done in ended] == [0] * NODES, ended
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute("SELECT app, name FROM django_migrations").fetchall()
        people = connection.execute("SELECT count(*) FROM accounts_user").fetchone()
    assert len(rows) == len(set(rows)) > 0
    assert people == (NODES,)


def create_token(
    folder: Path, url: str, email: str = "a@example.com"
) -> "subprocess.CompletedProcess[str]":
    """Be a node with a folder of its own, which migrates the database first."""
    folder.mkdir()
    node = StartedServer(folder, {"DATABASE_URL": url})
    return node.command("createtoken", "--permission", "upload_symbols", email)


def undo_the_last(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Forget the migrations that add indexes to the table of files."""
    done = connection.execute(
        "DELETE FROM django_migrations WHERE app = 'upload' AND name >= '0017_more_indexes'"
    )
    assert done.rowcount >= 1


def is_valid(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    found = connection.execute(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'fileupload_underived'::regclass"
    )
    return found.fetchone() == (True,)


def test_uploads_go_on_while_an_index_is_built(
    make_migrated_database: Callable[[], str], tmp_path: Path
) -> None:
    url = make_migrated_database()
    write = "UPDATE upload_fileupload SET size = size"
    building = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'"
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("DROP INDEX fileupload_underived")
        undo_the_last(other)
        with ThreadPoolExecutor(1) as pool, psycopg.connect(url) as slow:
            slow.execute(write)
            node = pool.submit(create_token, tmp_path / "node", url)

            def is_building() -> bool:
                assert not node.done(), node.result()
                return other.execute(building).fetchone() is not None

            wait_until(is_building, "the index is built")
            other.execute("SET lock_timeout = '5s'")
            other.execute(write)  # it would wait behind an index that locks the table
            slow.commit()
            done = node.result()
        assert done.returncode == 0, done.stderr
        assert is_valid(other)


@pytest.mark.parametrize("interrupted", [True, False])
def test_an_index_that_is_there_stays_unless_its_building_was_interrupted(
    make_migrated_database: Callable[[], str], tmp_path: Path, interrupted: bool
) -> None:
    url = make_migrated_database()
    number = "SELECT 'fileupload_underived'::regclass::oid"
    with psycopg.connect(url, autocommit=True) as connection:
        before = connection.execute(number).fetchone()
        undo_the_last(connection)
        if interrupted:
            connection.execute(
                "UPDATE pg_index SET indisvalid = false"
                " WHERE indexrelid = 'fileupload_underived'::regclass"
            )
        done = create_token(tmp_path / "node", url)
        assert done.returncode == 0, done.stderr
        assert is_valid(connection)
        assert (connection.execute(number).fetchone() == before) is not interrupted


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    [port] = servers.free_ports(1)
    url = f"postgresql://tecken:secret@127.0.0.1:{port}/tecken"
    for command in (["serve", "--port", "0"], ["superuser", "a@example.com"]):
        done = StartedServer(tmp_path, {"DATABASE_URL": url}).command(*command)
        assert done.returncode == 1
        assert done.stderr.startswith("Error: DATABASE_URL: the database cannot be used: ")
        assert done.stderr.count("\n") == 1
        assert "secret" not in done.stderr


def test_a_migration_that_was_killed_before_it_filled_the_groups_is_ended_by_the_next(
    migrated_postgres_url: str, tmp_path: Path
) -> None:
    held = "SELECT group_id, permission_id FROM auth_group_permissions ORDER BY 1, 2"
    with psycopg.connect(migrated_postgres_url, autocommit=True) as connection:
        whole = connection.execute(held).fetchall()
        connection.execute("DELETE FROM auth_group_permissions WHERE id % 2 = 0")
        assert connection.execute(held).fetchall() != whole
        done = create_token(tmp_path / "node", migrated_postgres_url)
        assert done.returncode == 0, done.stderr
        assert connection.execute(held).fetchall() == whole
