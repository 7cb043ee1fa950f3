# SPDX-License-Identifier: MPL-2.0

"""Refusals that a real client sees from a real server, with and without a declared length."""

import gzip
import hashlib
import json
import signal
import socket
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner
from tests.support.started_server import StartedServer, wait_until
from tests.upload.examples import NAME, TEXT, zipped

from tecken.commands.upload import command
from tecken.edge.limits import MEMORY_BODY_BYTES

LIMIT = 1_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    folder = tmp_path_factory.mktemp("server") / "data"
    server = StartedServer(folder, {"DJANGO_UPLOAD_MAX_ARCHIVE_BYTES": str(LIMIT)})
    server.start()
    yield server
    server.stop(signal.SIGTERM)


@pytest.fixture(scope="module")
def token(server: StartedServer) -> str:
    return server.token("upload_symbols")


def multipart(archive: bytes) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="a.zip"; filename="a.zip"\r\n\r\n'
    return head + archive + b"\r\n--b--\r\n"


def random_md5(seed: int) -> str:
    return hashlib.md5(str(seed).encode(), usedforsecurity=False).hexdigest()


def send(server: StartedServer, token: str, archive: bytes, *, chunked: bool) -> requests.Response:
    body = multipart(archive)
    chunks = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    return requests.post(
        f"{server.url}/upload/",
        data=chunks if chunked else body,
        headers={"Auth-Token": token, "Content-Type": "multipart/form-data; boundary=b"},
        timeout=60,
    )


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [LIMIT + 1, 50 * LIMIT])
def test_a_client_that_sends_too_much_reads_why_it_is_refused(
    server: StartedServer, token: str, size: int, chunked: bool
) -> None:
    response = send(server, token, b"x" * size, chunked=chunked)
    assert response.status_code == 413
    assert response.json() == {
        "error": f"The archive is too large: at most {LIMIT} bytes are allowed"
    }


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_without_permission_reads_why_it_is_refused(
    server: StartedServer, chunked: bool
) -> None:
    response = send(server, "0" * 32, b"x" * 20 * LIMIT, chunked=chunked)
    assert response.status_code == 403
    assert response.json() == {"error": "API Token not matched"}


@pytest.mark.parametrize("chunked", [False, True])
def test_an_archive_is_taken_with_and_without_a_length(
    server: StartedServer, token: str, chunked: bool
) -> None:
    response = send(server, token, zipped({NAME: TEXT}), chunked=chunked)
    assert response.status_code == 201


def test_a_question_about_many_files_comes_compressed_and_in_chunks(
    server: StartedServer, token: str
) -> None:
    send(server, token, zipped({NAME: TEXT}), chunked=False)
    md5 = hashlib.md5(TEXT, usedforsecurity=False).hexdigest()
    files = [{"key": NAME, "size": len(TEXT), "md5": md5}]
    files += [
        {**files[0], "key": f"a.pdb/{n:032X}1/a.sym", "md5": random_md5(n)} for n in range(3_000)
    ]
    body = gzip.compress(json.dumps({"files": files}).encode())
    assert len(body) > MEMORY_BODY_BYTES
    answer = requests.post(
        f"{server.url}/upload/check",
        data=iter([body[:1000], body[1000:]]),
        headers={"Auth-Token": token, "Content-Encoding": "gzip"},
        timeout=60,
    )
    assert answer.json() == {"missing": list(range(1, 3_001)), "present": [0]}


def test_the_client_sends_what_is_missing_and_nothing_twice(
    server: StartedServer, token: str, tmp_path: Path
) -> None:
    for name in ("one.so", "two.so"):
        text = f"MODULE Linux x86_64 AB12 {name}\nPUBLIC 10 0 main\n"
        (tmp_path / f"{name}.sym").write_text(text)
    environment = {"TECKEN_URL": server.url, "TECKEN_TOKEN": token}

    def upload(path: Path) -> list[str]:
        result = CliRunner().invoke(command, [str(path)], env=environment)
        assert result.exit_code == 0, result.output
        return [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]

    assert "stored v1/one.so/AB12/one.so.sym" in upload(tmp_path / "one.so.sym")
    of_both = upload(tmp_path)
    assert of_both[:2] == ["present one.so/AB12/one.so.sym", "stored v1/two.so/AB12/two.so.sym"]
    assert upload(tmp_path) == [
        "present one.so/AB12/one.so.sym",
        "present two.so/AB12/two.so.sym",
    ]


def test_a_part_that_breaks_off_is_sent_again(server: StartedServer, token: str) -> None:
    archive = zipped({NAME: TEXT}) + bytes(3 * MEMORY_BODY_BYTES)  # which is no zip any more
    headers = {"Auth-Token": token, "Tus-Resumable": "1.0.0"}
    name = b64encode(b"a.zip").decode()
    begun = requests.post(
        f"{server.url}/upload/resumable/",
        headers={
            **headers,
            "Upload-Length": str(len(archive)),
            "Upload-Metadata": f"filename {name}",
        },
        timeout=60,
    )
    url = f"{server.url}{begun.headers['Location']}"
    headers |= {"Content-Type": "application/offset+octet-stream"}

    def offset() -> int:
        return int(requests.head(url, headers=headers, timeout=60).headers["Upload-Offset"])

    def patch(data: bytes, start: int) -> requests.Response:
        chunks = iter([data])  # its length is not declared
        sent = {**headers, "Upload-Offset": str(start)}
        return requests.patch(url, chunks, headers=sent, timeout=60)

    part = archive[: 2 * MEMORY_BODY_BYTES]
    lines = [f"PATCH {begun.headers['Location']} HTTP/1.1", f"Host: {server.url[7:]}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Upload-Offset: 0", f"Content-Length: {len(part)}", "", ""]
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 60) as connection:
        connection.sendall("\r\n".join(lines).encode() + part[:-1])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert offset() == 0
    assert patch(part, 0).status_code == 204
    assert patch(archive, len(part)).status_code == 413
    assert patch(part, 0).status_code == 409
    assert offset() == len(part)
    refused = patch(archive[len(part) :], len(part))
    whole = send(server, token, archive, chunked=False)
    assert (refused.status_code, refused.json()) == (
        400,
        whole.json(),
    )


def test_nothing_of_an_upload_stays_in_the_folder_of_spools(
    server: StartedServer, token: str
) -> None:
    send(server, token, zipped({NAME: TEXT}), chunked=False)
    send(server, token, b"no zip", chunked=False)
    spools: Path = server.data_dir / "tmp" / "uploads"
    assert list(spools.iterdir()) == []


def test_an_upload_that_runs_is_told_of(server: StartedServer, token: str) -> None:
    def running() -> float:
        text = requests.get(f"{server.url}/metrics", timeout=60).text
        [line] = (line for line in text.splitlines() if line.startswith("tecken_upload_running "))
        return float(line.split()[1])

    seen: list[float] = []

    def slowly() -> Iterator[bytes]:
        body = multipart(zipped({NAME: TEXT}))
        yield body[:-10]
        wait_until(lambda: running() == 1, "one upload runs")
        seen.append(running())
        yield body[-10:]

    headers = {"Auth-Token": token, "Content-Type": "multipart/form-data; boundary=b"}
    answer = requests.post(f"{server.url}/upload/", data=slowly(), headers=headers, timeout=60)
    assert (answer.status_code, seen) == (201, [1.0])
    wait_until(lambda: running() == 0, "it has ended")
