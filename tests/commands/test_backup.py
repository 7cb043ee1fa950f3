# SPDX-License-Identifier: MPL-2.0

"""``tecken backup`` and ``tecken restore``: what they refuse, and what they say."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.started_server import StartedServer


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a server that was used."""
    server = StartedServer(tmp_path_factory.mktemp("used") / "data")
    server.give_database()
    server.token("upload_symbols")
    return server.data_dir


@pytest.fixture
def server(data: Path, tmp_path: Path) -> StartedServer:
    """One that is not started, and has data."""
    return StartedServer(Path(shutil.copytree(data, tmp_path / "data")))


def words(done: "subprocess.CompletedProcess[str]") -> str:
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_tools_for_what_is_elsewhere_are_named(tmp_path: Path, command: str) -> None:
    server = StartedServer(tmp_path / "data")
    server.data_dir.mkdir()
    bucket = "https://s3.example.com/symbols"
    done = server.command(
        *(command, str(tmp_path / "backups")),
        DATABASE_URL="postgresql://tecken:hunter2@db.example.com/tecken",
        DJANGO_SYMBOL_URLS=bucket,
    )
    assert done.returncode == 2
    assert "`pg_dump --format=custom" in done.stderr
    assert "`pg_restore --no-owner" in done.stderr
    assert f"{bucket} is a bucket of an S3 server" in done.stderr
    assert "hunter2" not in done.stderr
    assert not (tmp_path / "backups").exists()


def test_a_source_that_is_only_read_is_no_part_of_a_backup(
    server: StartedServer, tmp_path: Path
) -> None:
    own, other = (tmp_path / "symbols").as_uri(), "https://s3.example.com/symbols?access=public"
    (tmp_path / "symbols").mkdir()
    (tmp_path / "symbols" / "by-hand").write_text("kept")
    done = server.command(
        *("backup", str(tmp_path / "backups")),
        DJANGO_SYMBOL_URLS=f"{own},{other}",
        DJANGO_SECRET_KEY="a setting",
    )
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path}/symbols: 1 files, 4 B" in done.stdout
    assert "Not in it: https://s3.example.com/symbols?…, where no upload goes" in done.stdout
    assert "Not in it: the secret key, which is a setting (DJANGO_SECRET_KEY)" in done.stdout


def test_a_folder_with_data_is_refused_unless_told(server: StartedServer, tmp_path: Path) -> None:
    backups = str(tmp_path / "backups")
    assert server.command("backup", backups).returncode == 0
    server.token("upload_symbols", email="later@example.com")
    refused = server.command("restore", backups)
    assert refused.returncode == 1
    assert f"there is data already: {server.data_dir}/tecken.sqlite3; --replace" in refused.stderr
    done = server.command("restore", backups, "--replace")
    assert done.returncode == 0, done.stderr
    assert "What was there is in" in done.stdout
    assert server.rows("SELECT email FROM accounts_user") == [("builder@example.com",)]


def test_a_backup_that_is_not_whole_changes_nothing(server: StartedServer, tmp_path: Path) -> None:
    server.command("backup", str(tmp_path / "backups"))
    [backup] = (tmp_path / "backups").iterdir()
    (backup / "secret_key").write_text("another")
    key = (server.data_dir / "secret_key").read_text()
    done = server.command("restore", str(backup), "--replace")
    assert done.returncode == 1
    assert "secret_key is missing, or not as it was written" in words(done)
    assert (server.data_dir / "secret_key").read_text() == key
    assert not list(server.data_dir.glob("*.replaced-*"))


def test_what_is_no_backup_is_named(server: StartedServer, tmp_path: Path) -> None:
    done = server.command("restore", str(tmp_path / "nothing"), "--replace")
    assert done.returncode == 1
    assert f"Error: {tmp_path}/nothing is no backup, and has none in it" in words(done)


def test_a_backup_into_the_bucket_itself_is_refused(server: StartedServer) -> None:
    folder = server.data_dir / "buckets" / "symbols" / "backups"
    done = server.command("backup", str(folder))
    assert done.returncode == 1
    assert "is in a bucket that it would save" in done.stderr
    assert not folder.exists()
