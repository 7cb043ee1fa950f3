# SPDX-License-Identifier: MPL-2.0

"""A server whose disk is full, to the last byte: what only reads goes on."""

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from tests.support.full_disk import command_on_tmpfs, needs_tmpfs
from tests.support.started_server import TECKEN, StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

DISK_MEGABYTES = 64
KEY = f"hello.pdb/{HELLO_ID}/hello.sym"
NEW_ID = "1" * 33


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StartedServer]:
    data_dir = tmp_path / "data"
    started = StartedServer(
        data_dir,
        {"DJANGO_LOCAL_PROVIDER": "false", "DJANGO_UPLOAD_MIN_FREE_BYTES": "0"},
        tuple(command_on_tmpfs(data_dir, DISK_MEGABYTES, str(TECKEN))),
    )
    started.start()
    yield started
    started.stop(signal.SIGKILL)


def beside(server: StartedServer, *program: str) -> list[str]:
    """Return a command that runs another with the disk that the server has."""
    assert server.process is not None
    enter = ["nsenter", "--target", str(server.process.pid), "--user", "--mount"]
    return [*enter, "--preserve-credentials", *program]


def fill(server: StartedServer, filler: Path) -> None:
    command = beside(server, "dd", "if=/dev/zero", f"of={filler}", "bs=4096")
    assert b"No space left" in subprocess.run(command, capture_output=True, check=False).stderr


@needs_tmpfs
def test_what_only_reads_goes_on_and_what_writes_is_told_503(
    server: StartedServer, tmp_path: Path
) -> None:
    inside = replace(server, program=tuple(beside(server, str(TECKEN))))
    token = inside.token("upload_symbols")
    unused = inside.token("view_all_uploads")
    archive = write_zip(tmp_path / "hello.zip", {KEY: hello()})
    assert server.upload(archive, token).status_code == 201
    filler = server.data_dir / "filler"
    fill(server, filler)

    for _ in range(3):
        # Its last use is noted, or would be.
        uploads = requests.get(
            f"{server.url}/api/uploads/", headers={"Auth-Token": unused}, timeout=30
        )
        assert uploads.status_code == 200, uploads.text
        assert requests.get(f"{server.url}/{KEY}", timeout=30).text == hello()
        assert (
            requests.get(f"{server.url}/missing.pdb/{NEW_ID}/missing.sym", timeout=30).status_code
            == 404
        )
        assert server.function_in("hello.pdb") == "main"

    new = write_zip(tmp_path / "new.zip", {f"new.pdb/{NEW_ID}/new.sym": hello("new.pdb", NEW_ID)})
    refused = server.upload(new, token)
    assert refused.status_code == 503, refused.text
    assert refused.headers["Retry-After"]

    subprocess.run(beside(server, "rm", str(filler)), check=True)
    assert server.upload(new, token).status_code == 201
    used = requests.get(f"{server.url}/api/uploads/", headers={"Auth-Token": unused}, timeout=30)
    assert used.status_code == 200
    assert server.process is not None
    assert server.process.poll() is None
