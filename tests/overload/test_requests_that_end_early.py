# SPDX-License-Identifier: MPL-2.0

"""Requests that end before they are complete: 400 for who still listens, and nothing is stored.

A file part whose client died before ``try=1`` once landed in the regular bucket.
"""

import json
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from benchmarks.hostile_clients import Target
from benchmarks.hostile_kinds import head
from benchmarks.polite import ask, connect, upload_form
from tests.support.nginx import started_nginx
from tests.support.overload import read_all, target_of
from tests.support.started_server import ServerMaker, StartedServer
from tests.support.symbol_texts import HELLO_ID, hello

TIMES = 6
REGULAR = "regular.pdb"


def members(debug_file: str) -> dict[str, str]:
    name = debug_file.removesuffix(".pdb")
    return {f"{debug_file}/{HELLO_ID}/{name}.sym": hello(debug_file)}


def cut_upload(target: Target, *, chunked: bool) -> tuple[bytes, bytes]:
    """Return the head of an upload to Try, and what of its body comes before it says so."""
    body, headers = upload_form(members("try.pdb"), **{"try": "1"})
    headers["Auth-Token"] = target.token
    part = body[: body.index(b'name="try"')]
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
        part = b"%x\r\n%s\r\n" % (len(part), part)
    else:
        headers["Content-Length"] = str(len(body))
    return head(target, "POST", "/upload/", headers), part


def die(connection: socket.socket) -> bytes:
    return b""


def half_close(connection: socket.socket) -> bytes:
    connection.shutdown(socket.SHUT_WR)
    return read_all(connection)


Ending = Callable[[socket.socket], bytes]


def assert_nothing_was_stored(server: StartedServer, target: Target) -> None:
    """Upload something after it, so that what was under way has come to its end as well."""
    body, headers = upload_form(members(REGULAR))
    headers["Auth-Token"] = target.token
    for _ in range(4):
        answer, content = ask(target, "POST", "/upload/", body, headers, timeout=60)
        assert answer.status == 201, content
    stored = {key for key in server.objects.versions() if "try.pdb" in key}
    assert stored == set()
    kept = server.rows("SELECT count(*) FROM upload_upload")
    assert kept == [(4,)]


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
@pytest.mark.parametrize("ending", [die, half_close])
def test_an_upload_that_ends_early_stores_nothing(
    make_server: ServerMaker, ending: Ending, chunked: bool
) -> None:
    server = make_server()
    target = target_of(server, server.token("upload_symbols"))
    for _ in range(TIMES):
        with closing(socket.create_connection((target.address, target.port), 30)) as connection:
            connection.sendall(b"".join(cut_upload(target, chunked=chunked)))
            answer = ending(connection)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer
    assert_nothing_was_stored(server, target)


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_nor_does_one_that_came_through_nginx(
    make_server: ServerMaker, chunked: bool, tmp_path: Path
) -> None:
    server = make_server()
    target = target_of(server, server.token("upload_symbols"))
    folder = tmp_path / "nginx"
    folder.mkdir()
    with started_nginx(folder, "localhost", f"127.0.0.1:{target.port}") as front:
        tls = Target("127.0.0.1", front.https_port, certificate=str(front.certificate))
        for _ in range(TIMES):
            with closing(connect(tls, 30)) as connection:
                connection.connect()
                connection.send(b"".join(cut_upload(target, chunked=chunked)))
        assert_nothing_was_stored(server, target)


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_who_half_closes_in_a_body_is_told_400(make_server: ServerMaker, chunked: bool) -> None:
    target = target_of(make_server())
    headers = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": "1000"}
    body = json.dumps({"memoryMap": [], "stacks": [[]]}).encode()
    sent = b"%x\r\n%s\r\n" % (len(body), body) if chunked else body
    with closing(socket.create_connection((target.address, target.port), 30)) as connection:
        connection.sendall(head(target, "POST", "/symbolicate/v5", headers) + sent)
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 400"), answer
    assert b'"error"' in answer
