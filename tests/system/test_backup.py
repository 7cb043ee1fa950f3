# SPDX-License-Identifier: MPL-2.0

"""``tecken backup`` and ``tecken restore`` beside a server, and a bucket that was only copied."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

KEY = f"s.pdb/{HELLO_ID}/s.sym"
OTHER_KEY = f"s.pdb/{HELLO_ID}/s.pdb"


@dataclass(frozen=True)
class Seen:
    """What clients see of a server's symbols."""

    etag: str
    inflated_etag: str
    function: str | None

    @classmethod
    def of(cls, server: StartedServer) -> "Seen":
        packed = get(server, KEY, "gzip")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.raw.read()).decode() == hello("s.pdb")
        plain = get(server, KEY, "identity")
        assert "Content-Encoding" not in plain.headers
        assert plain.text == hello("s.pdb")
        etags = packed.headers["ETag"], plain.headers["ETag"]
        return cls(*etags, server.function_in("s.pdb"))


def get(server: StartedServer, key: str, encoding: str, **headers: str) -> requests.Response:
    return requests.get(
        f"{server.url}/{key}",
        headers={"Accept-Encoding": encoding, **headers},
        stream=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backup")


@pytest.fixture(scope="module")
def token_and_seen(folder: Path) -> tuple[str, Seen]:
    """Upload to a server, make a backup beside it and be refused to restore it, then end it."""
    server = StartedServer(folder / "data", workers=1)
    server.begin()
    try:
        token = server.token("upload_symbols")
        archive = write_zip(folder / "a.zip", {KEY: hello("s.pdb"), OTHER_KEY: "a pdb"})
        assert server.upload(archive, token).status_code == 201
        for _ in range(2):
            made = server.command("backup", str(folder / "backups"), "--keep", "1")
            assert made.returncode == 0, made.stderr
        assert "0 files were copied" in made.stdout
        refused = server.command("restore", str(folder / "backups"), "--replace")
        seen = Seen.of(server)
    finally:
        server.stop()
    assert refused.returncode == 1
    assert "which a server, a worker or a backup uses: end it first" in refused.stderr
    assert len(list((folder / "backups").iterdir())) == 1
    return token, seen


@pytest.fixture
def restored(folder: Path, token_and_seen: tuple[str, Seen]) -> Iterator[StartedServer]:
    shutil.rmtree(folder / "data")
    server = StartedServer(folder / "data", workers=1)
    server.data_dir.mkdir()
    done = server.command("restore", str(folder / "backups"))
    assert done.returncode == 0, done.stderr
    server.start()
    yield server
    server.stop()


def test_what_was_destroyed_is_restored(
    restored: StartedServer, folder: Path, token_and_seen: tuple[str, Seen]
) -> None:
    token, seen = token_and_seen
    assert Seen.of(restored) == seen
    assert seen.function is not None
    again = restored.upload(folder / "a.zip", token).json()["upload"]
    assert sorted(again["skipped_keys"]) == sorted([KEY, OTHER_KEY])
    assert restored.rows("SELECT count(*) FROM upload_upload") == [(2,)]
    assert restored.trouble() == []


def test_a_bucket_that_was_copied_with_other_times_is_served_as_before(
    folder: Path, token_and_seen: tuple[str, Seen]
) -> None:
    _, seen = token_and_seen
    server = StartedServer(folder / "copied", workers=1)
    [backup] = (folder / "backups").iterdir()
    (server.data_dir / "buckets").mkdir(parents=True)
    subprocess.run(
        ["/bin/cp", "-r", backup / "buckets" / "symbols", server.data_dir / "buckets"], check=True
    )
    for path in server.data_dir.rglob("*"):
        os.utime(path)
    server.start()
    try:
        assert Seen.of(server) == seen
        for etag in (seen.etag, seen.inflated_etag):
            encoding = "gzip" if etag == seen.etag else "identity"
            answer = get(server, KEY, encoding, **{"If-None-Match": etag})
            assert answer.status_code == 304
    finally:
        server.stop()
