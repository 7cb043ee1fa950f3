# SPDX-License-Identifier: MPL-2.0

"""A large upload that is interrupted goes on where it was: on a node that comes back, or on another."""

import re
import signal
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from urllib.parse import urlsplit
from zipfile import ZIP_STORED, ZipFile

import pytest
import requests
from tests.support.forms import Form
from tests.support.started_nodes import two_nodes
from tests.support.started_server import ServerMaker, StartedClient, StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID

MIB = 1024 * 1024
SIZE = 20 * MIB
KEY = f"large.pdb/{HELLO_ID}/large.pd_"
DATA = Random(7).randbytes(SIZE)


@pytest.fixture
def nodes(scale_out: Form, tmp_path: Path) -> Iterator[list[StartedServer]]:
    """Two nodes; no task has to run."""
    with two_nodes(scale_out, tmp_path, workers=1) as started:
        yield started


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "large.zip"
    with ZipFile(path, "w", ZIP_STORED) as made:
        made.writestr(KEY, DATA)
    return path


def uploading(
    server: StartedServer, token: str, archive: Path, *options: str
) -> AbstractContextManager[StartedClient]:
    arguments = ("upload", str(archive), "--chunk-bytes", str(MIB), "--no-check", *options)
    state = str(archive.parent / "state")
    return server.client(*arguments, TECKEN_TOKEN=token, XDG_STATE_HOME=state)


def kept(server: StartedServer) -> int:
    """How many bytes the server keeps of the only upload that is not complete."""
    rows = server.rows('SELECT "offset" FROM upload_resumableupload')
    return int(str(rows[0][0])) if rows else 0


def parts(server: StartedServer) -> list[str]:
    return [key for key in server.objects.versions() if "/.parts/" in key]


def taken(server: StartedServer) -> int:
    """How many chunks have been answered."""
    return len(re.findall(r" PATCH /upload/resumable/\w+ 204 ", server.log()))


def test_client_and_server_are_killed_and_nothing_is_sent_twice(
    make_server: ServerMaker, archive: Path
) -> None:
    server = make_server()
    port = str(urlsplit(server.url).port)
    token = server.token("upload_symbols")
    with uploading(server, token, archive) as client:
        wait_until(lambda: kept(server) >= 5 * MIB, "some chunks were kept")
        client.process.kill()
    after_client = kept(server)
    assert 5 * MIB <= after_client < SIZE
    with uploading(server, token, archive, "--retries", "20") as client:
        wait_until(lambda: kept(server) >= after_client + 5 * MIB, "some more chunks were kept")
        server.stop(signal.SIGKILL)
        after_server = kept(server)
        assert after_client < after_server < SIZE
        server.start("--port", port)
        status, printed, told = client.end()
    assert status == 0, told
    assert f"stored v1/{KEY}" in printed
    assert "trying again" in told
    assert server.objects.read(f"v1/{KEY}") == DATA
    # The part that was stored, and not yet counted, when the server was killed is swept an hour later.
    assert len(parts(server)) <= 1
    assert server.rows("SELECT count(*) FROM upload_upload") == [(1,)]
    # Of what was sent but not answered when each was killed, one chunk may have come twice.
    assert archive.stat().st_size // MIB - 1 <= taken(server) <= archive.stat().st_size // MIB + 1
    assert list((archive.parent / "state").rglob("*.json")) == []


def test_each_part_may_go_to_another_node(nodes: list[StartedServer], archive: Path) -> None:
    token = nodes[0].token("upload_symbols")
    headers = {"Auth-Token": token, "Tus-Resumable": "1.0.0"}
    name = b64encode(b"large.zip").decode()
    data = archive.read_bytes()
    begun = requests.post(
        f"{nodes[0].url}/upload/resumable/",
        headers={
            **headers,
            "Upload-Length": str(len(data)),
            "Upload-Metadata": f"filename {name}",
        },
        timeout=60,
    )
    assert begun.status_code == 201, begun.text
    path = begun.headers["Location"]
    step = 9 * MIB  # more than goes to S3 in one request of several
    for number, start in enumerate(range(0, len(data), step)):
        node = nodes[number % 2]
        asked = requests.head(f"{node.url}{path}", headers=headers, timeout=60)
        assert asked.headers["Upload-Offset"] == str(start)
        answer = requests.patch(
            f"{node.url}{path}",
            data[start : start + step],
            headers={
                **headers,
                "Upload-Offset": str(start),
                "Content-Type": "application/offset+octet-stream",
            },
            timeout=60,
        )
        assert answer.status_code == 204, answer.text
    assert requests.get(f"{nodes[0].url}{path}", headers=headers, timeout=60).json()["upload"]
    assert nodes[0].objects.read(f"v1/{KEY}") == DATA
    assert parts(nodes[0]) == []
