# SPDX-License-Identifier: MPL-2.0

"""Migrations on PostgreSQL: nodes that start together, and a database that cannot be used."""

import subprocess
import sys
from pathlib import Path

import psycopg
from tests.support import servers
from tests.support.started_server import StartedServer

NODES = 4


def test_nodes_that_start_together_migrate_once(postgres_url: str, tmp_path: Path) -> None:
    nodes = [
        StartedServer(tmp_path / f"node{number}", {"DATABASE_URL": postgres_url})
        for number in range(NODES)
    ]
    command = [Path(sys.executable).parent / "tecken", "createtoken", "--permission"]
    command += ["upload_symbols"]
    running = []
    for number, node in enumerate(nodes):
        node.data_dir.mkdir()
        running.append(
            subprocess.Popen(
                [*command, f"person{number}@example.com"],
                env=node.environment,
                cwd=node.data_dir,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * NODES, said
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute("SELECT app, name FROM django_migrations").fetchall()
        people = connection.execute("SELECT count(*) FROM accounts_user").fetchone()
    assert len(rows) == len(set(rows)) > 0
    assert people == (NODES,)


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    [port] = servers.free_ports(1)
    url = f"postgresql://tecken:secret@127.0.0.1:{port}/tecken"
    for command in (["serve", "--port", "0"], ["superuser", "a@example.com"]):
        done = StartedServer(tmp_path, {"DATABASE_URL": url}).command(*command)
        assert done.returncode == 1
        assert done.stderr.startswith("Error: DATABASE_URL: the database cannot be used: ")
        assert done.stderr.count("\n") == 1
        assert "secret" not in done.stderr
