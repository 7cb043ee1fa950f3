# SPDX-License-Identifier: MPL-2.0
"""What other users of the machine can read of a server's files."""

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.servers import Server, redis_url
from tests.support.started_server import StartedServer
from tests.support.started_worker import StartedWorker
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

EMAIL = "kept@example.com"


@pytest.fixture
def stopped_server(tmp_path: Path) -> StartedServer:
    server = StartedServer(tmp_path / "data", workers=1)
    server.data_dir.mkdir()
    return server


def modes_in(folder: Path) -> dict[str, int]:
    found = [folder, *folder.glob("*.sqlite3*"), folder / "secret_key"]
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in found}


def wal_bytes(server: StartedServer) -> int:
    return (server.data_dir / "tecken.sqlite3-wal").stat().st_size


def test_a_start_takes_the_data_folder_from_others_but_no_bucket_outside_of_it(
    stopped_server: StartedServer, tmp_path: Path
) -> None:
    server, bucket = stopped_server, tmp_path / "bucket"
    bucket.mkdir()
    server.settings = {"DJANGO_SYMBOL_URLS": bucket.as_uri()}
    token = server.token("upload_symbols")  # makes everything
    server.data_dir.chmod(0o755)
    for path in (*server.data_dir.glob("tecken.sqlite3*"), server.data_dir / "secret_key"):
        path.chmod(0o644)
    server.start()
    try:
        archive = write_zip(tmp_path / "a.zip", {f"s.pdb/{HELLO_ID}/s.sym": hello("s.pdb")})
        assert server.upload(archive, token).status_code == 201
        found = modes_in(server.data_dir)
        stored = bucket / "v1" / "s.pdb" / HELLO_ID / "s.sym"
    finally:
        server.stop()
    assert found.pop("data") == 0o700
    assert {"secret_key", "tecken.sqlite3", "tecken.sqlite3-wal"} <= found.keys()
    assert {name: mode for name, mode in found.items() if mode != 0o600} == {}
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    assert stored.stat().st_mode == ordinary.stat().st_mode


def test_a_worker_that_ends_leaves_the_database_in_one_file(
    stopped_server: StartedServer, redis_server: Server, tmp_path: Path
) -> None:
    server = stopped_server
    server.settings = {"REDIS_URL": redis_url(redis_server, database=9)}
    worker = StartedWorker(server)
    worker.start()
    # The last connection that is closed would do it, so one of them stays open.
    with closing(sqlite3.connect(server.data_dir / "tecken.sqlite3")) as open_until_the_end:
        open_until_the_end.execute("SELECT * FROM accounts_user").fetchall()
        try:
            server.token("upload_symbols", email=EMAIL)
            assert wal_bytes(server) > 0
        finally:
            worker.stop()
        assert wal_bytes(server) == 0
        copy = shutil.copy(server.data_dir / "tecken.sqlite3", tmp_path)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT email FROM accounts_user").fetchall() == [(EMAIL,)]
