# SPDX-License-Identifier: MPL-2.0

"""Uploading an archive: what is sent, and what is read from the answer."""

import io
import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.client.errors import ClientError
from tecken.client.server import Server
from tecken.client.upload import upload_archive, upload_by_url

UPLOADED = {
    "upload": {
        "id": 17,
        "size": 1000,
        "files": [{"key": "v1/xul.pdb/A1/xul.sym", "size": 10, "update": False}],
        "skipped_keys": ["v1/a.pdb/A2/a.sym"],
        "ignored_keys": None,
        "user": "someone@example.com",
    }
}
CREATED = Answer(201, json.dumps(UPLOADED).encode(), {"Content-Type": "application/json"})
AGAIN = Answer(503, headers={"Retry-After": "0"})


def test_the_archive_arrives_as_the_only_file_of_the_form(scripted: ScriptedServer) -> None:
    scripted.script = [CREATED]
    with Server(scripted.url, "abc") as server:
        upload_archive(server, io.BytesIO(b"PK..."), "my symbols.zip")
    (received,) = scripted.received
    assert (received.method, received.path) == ("POST", "/upload/")
    assert received.form() == {"archive": ("my symbols.zip", b"PK...")}


def test_try_is_said_in_the_form(scripted: ScriptedServer) -> None:
    scripted.script = [CREATED]
    with Server(scripted.url, "abc") as server:
        upload_archive(server, io.BytesIO(b"PK..."), "symbols.zip", try_symbols=True)
    assert scripted.received[0].form()["try"] == (None, b"1")


def test_a_url_is_sent_in_place_of_an_archive(scripted: ScriptedServer) -> None:
    scripted.script = [CREATED]
    with Server(scripted.url, "abc") as server:
        uploaded = upload_by_url(server, "https://host/a b.zip?x=1&y=2", try_symbols=True)
    form = parse_qs(scripted.received[0].body.decode())
    assert form == {"url": ["https://host/a b.zip?x=1&y=2"], "try": ["1"]}
    assert uploaded.size == 1000


def test_an_upload_that_is_sent_again_is_whole(scripted: ScriptedServer, tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    path = tmp_path / "symbols.zip"
    path.write_bytes(content)
    scripted.script = [AGAIN, CREATED]
    seen: list[tuple[int, int | None]] = []
    with Server(scripted.url, "abc") as server, path.open("rb") as archive:
        upload_archive(
            server, archive, "symbols.zip", progress=lambda done, total: seen.append((done, total))
        )
    assert [received.form()["archive"][1] for received in scripted.received] == [content] * 2
    assert all(received.headers["Content-Length"] for received in scripted.received)
    assert {total for _, total in seen} == {len(content)}
    assert seen[-1][0] == len(content)


def test_the_answer_says_what_became_of_each_file(scripted: ScriptedServer) -> None:
    scripted.script = [CREATED]
    with Server(scripted.url, "abc") as server:
        uploaded = upload_archive(server, io.BytesIO(b"PK..."), "symbols.zip")
    assert uploaded.stored_keys == ("v1/xul.pdb/A1/xul.sym",)
    assert uploaded.skipped_keys == ("v1/a.pdb/A2/a.sym",)
    assert uploaded.ignored_keys == ()
    assert uploaded.link == f"{scripted.url}/uploads/upload/17"
    assert json.loads(uploaded.answer) == UPLOADED


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"upload": {"id": "x", "files": []}}'])
def test_an_answer_of_something_else_is_an_error(scripted: ScriptedServer, body: bytes) -> None:
    scripted.script = [Answer(200, body)]
    with (
        Server(scripted.url, "abc") as server,
        pytest.raises(ClientError, match="did not answer as a symbol server does"),
    ):
        upload_archive(server, io.BytesIO(b"PK..."), "symbols.zip")
