# SPDX-License-Identifier: MPL-2.0

"""Archives on their way to a server: what a kill leaves, and a disk that becomes full."""

import http.client
import os
import random
import signal
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import TECKEN, ServerMaker, StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

FILE_LIMIT_KIB = 4096
HELLO = {f"hello.pdb/{HELLO_ID}/hello.sym": hello()}
HEAD = b'--spool-boundary\r\nContent-Disposition: form-data; name="half.zip"; filename="half.zip"\r\n\r\n'


def spools(server: StartedServer) -> list[str]:
    return [path.name for path in (server.data_dir / "tmp" / "uploads").glob("*")]


def send_half(server: StartedServer, token: str) -> http.client.HTTPConnection:
    """Send the beginning of an archive, and wait until it has arrived."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    connection.putrequest("POST", "/upload/")
    connection.putheader("Auth-Token", token)
    connection.putheader("Content-Type", "multipart/form-data; boundary=spool-boundary")
    connection.putheader("Content-Length", "2000000")
    connection.endheaders(HEAD + bytes(1_000_000))
    wait_until(lambda: spools(server) != [], "the archive was spooled")
    return connection


@EMBEDDED_ONLY
def test_a_spool_is_named_by_its_archive_and_goes_with_its_client(
    make_server: ServerMaker,
) -> None:
    server = make_server()
    with closing(send_half(server, server.token("upload_symbols"))):
        (name,) = spools(server)
        assert "-half.zip-" in name
    wait_until(lambda: spools(server) == [], "the spool was gone")


@EMBEDDED_ONLY
def test_what_a_killed_server_left_is_gone_when_it_is_back(make_server: ServerMaker) -> None:
    server = make_server()
    with closing(send_half(server, server.token("upload_symbols"))):
        server.stop(signal.SIGKILL)
        assert len(spools(server)) == 1
    server.start()
    assert spools(server) == []


@EMBEDDED_ONLY
def test_what_a_killed_worker_left_is_gone_and_the_others_go_on(make_server: ServerMaker) -> None:
    server = make_server(workers=2)
    token = server.token("upload_symbols")
    with closing(send_half(server, token)), closing(send_half(server, token)):
        wait_until(lambda: len(spools(server)) == 2, "both were spooled")
        holders = {worker: count for worker in workers(server) if (count := held(worker))}
        victim, lost = next(iter(holders.items()))
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(spools(server)) == 2 - lost, "the victim's were swept")


def workers(server: StartedServer) -> list[int]:
    assert server.process is not None
    main = server.process.pid
    return [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split()]


def held(process: int) -> int:
    """Return how many spools a process has open."""
    targets = [os.readlink(entry) for entry in Path(f"/proc/{process}/fd").iterdir()]
    return sum("half.zip" in target for target in targets)


@EMBEDDED_ONLY
def test_a_full_disk_is_answered_503_and_loses_nothing(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    """No file may grow over some MiB, which the system reports much as it does a full disk."""
    limited = tmp_path / "limited"
    limited.write_text(f'#!/bin/bash\nulimit -f {FILE_LIMIT_KIB}\nexec {TECKEN} "$@"\n')
    limited.chmod(0o755)
    server = make_server()
    server.stop(signal.SIGKILL)
    server.program = (limited,)
    server.start()
    token = server.token("upload_symbols")
    assert server.upload(write_zip(tmp_path / "hello.zip", HELLO), token).status_code == 201
    before = server.objects.versions()

    for chunked in (False, True):
        answer = upload_large(server, token, tmp_path / "large.zip", chunked=chunked)
        assert answer.status_code == 503, answer.text
        assert answer.headers["Retry-After"] == "5"
        assert "uploads: File too large" in answer.json()["error"]
        assert spools(server) == []

    assert server.objects.versions() == before
    assert server.upload(tmp_path / "hello.zip", token).json()["upload"]["files"] == []
    assert server.rows("SELECT count(*) FROM upload_upload") == [(2,)]


def upload_large(
    server: StartedServer, token: str, archive: Path, *, chunked: bool
) -> requests.Response:
    with zipfile.ZipFile(archive, "w") as zipped:
        data = random.Random(1).randbytes(3 * FILE_LIMIT_KIB * 1024)
        zipped.writestr(f"large.pdb/{HELLO_ID}/large.pd_", data)
    body = HEAD + archive.read_bytes() + b"\r\n--spool-boundary--\r\n"
    return requests.post(
        f"{server.url}/upload/",
        data=chunks(body) if chunked else body,
        headers={
            "Auth-Token": token,
            "Content-Type": "multipart/form-data; boundary=spool-boundary",
        },
        timeout=60,
    )


def chunks(body: bytes) -> Iterator[bytes]:
    for at in range(0, len(body), 65_536):
        yield body[at : at + 65_536]
