# SPDX-License-Identifier: MPL-2.0

"""``tecken upload`` sends a large zip in chunks, and goes on after an interruption."""

import json
import os
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from click.testing import CliRunner, Result
from tests.support.scripted_server import Answer, Received, ScriptedServer

from tecken.commands.upload import command
from tecken.commands.upload_requests import EXIT_REFUSED

JSON = {"Content-Type": "application/json"}
PATH = "/upload/resumable/5f"
STORED = {"id": 1, "size": 2, "files": [{"key": "v1/a"}]}


class Parts(ScriptedServer):
    """Keeps the parts of one upload. ``answers`` come first; ``knows``: of such uploads at all."""

    def __init__(self, *, knows: bool = True) -> None:
        super().__init__()
        self.knows = knows
        self.size = 0
        self.kept = b""
        self.exists = False
        self.next: list[Answer] = []

    def _answer_to(self, received: Received) -> Answer:
        self.received.append(received)
        if received.path == "/upload/":
            return Answer(201, json.dumps({"upload": STORED}).encode(), JSON)
        if not self.knows:
            return Answer(404, b'{"error": "Not Found"}', JSON)
        if self.next and received.method == "PATCH":
            return self.next.pop(0)
        if received.method == "POST":
            self.size, self.kept, self.exists = int(received.headers["Upload-Length"]), b"", True
            return self.state(201)
        if not self.exists:
            return Answer(404, b'{"error": "gone"}', JSON)
        if received.method == "PATCH":
            if int(received.headers["Upload-Offset"]) != len(self.kept):
                return Answer(409, b'{"error": "another offset"}', JSON)
            self.kept += received.body
            return Answer(204)
        return self.state(200)

    def state(self, status: int) -> Answer:
        upload = STORED if self.size == len(self.kept) else None
        state = {"url": PATH, "offset": len(self.kept), "size": self.size, "upload": upload}
        return Answer(status, json.dumps(state).encode(), JSON)

    def methods(self) -> list[str]:
        return [received.method for received in self.received if received.path != "/upload/check"]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "a.zip"
    with ZipFile(path, "w", ZIP_STORED) as made:
        made.writestr("a.pdb/AB/a.pd_", bytes(range(256)) * 4)
    return path


def upload(server: Parts, archive: Path, *options: str) -> Result:
    fixed = ["--url", server.url, "--retries", "0", "--no-check", "--chunk-bytes", "200"]
    return CliRunner().invoke(
        command, [*fixed, str(archive), *options], env={"TECKEN_TOKEN": "0" * 32}
    )


def states(archive: Path) -> list[Path]:
    return list((archive.parent / "state").rglob("*.json"))


def test_a_large_zip_is_sent_in_chunks(archive: Path) -> None:
    with Parts() as server:
        result = upload(server, archive, "--try", "--bucket", "other", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"upload": STORED}), result.output
    assert server.kept == archive.read_bytes()
    assert server.methods() == ["POST", *["PATCH"] * 6, "GET"]
    begun, first = server.received[0], server.received[1]
    assert begun.headers["Upload-Metadata"] == "filename YS56aXA=,try MQ==,bucket_name b3RoZXI="
    assert first.headers["Tus-Resumable"] == "1.0.0"
    assert first.headers["Content-Type"] == "application/offset+octet-stream"
    assert states(archive) == []


@pytest.mark.parametrize("chunk_bytes", ["0", "10000"])
def test_a_small_zip_is_sent_at_once(archive: Path, chunk_bytes: str) -> None:
    with Parts() as server:
        assert upload(server, archive, "--chunk-bytes", chunk_bytes).exit_code == 0
    assert [received.path for received in server.received] == ["/upload/"]


def test_an_older_server_gets_it_at_once(archive: Path) -> None:
    with Parts(knows=False) as server:
        assert upload(server, archive).exit_code == 0
    assert [received.path for received in server.received] == ["/upload/resumable/", "/upload/"]


def test_the_next_run_goes_on(archive: Path) -> None:
    with Parts() as server:
        server.next = [Answer(204), Answer(503, b"", JSON)]
        server.kept = b""
        assert upload(server, archive).exit_code == 1
        assert len(states(archive)) == 1
        server.received.clear()
        server.kept = archive.read_bytes()[:200]
        assert upload(server, archive).exit_code == 0
    assert server.methods() == ["GET", *["PATCH"] * 5, "GET"]
    assert server.kept == archive.read_bytes()
    assert states(archive) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda archive: archive.write_bytes(archive.read_bytes() + b"\0" * 10),
        lambda archive: archive.rename(archive.with_name("b.zip")),
    ],
    ids=["content", "name"],
)
def test_another_archive_is_begun_anew(archive: Path, change) -> None:
    with Parts() as server:
        server.next = [Answer(503, b"", JSON)]
        upload(server, archive)
        server.received.clear()
        change(archive)
        [changed] = archive.parent.glob("*.zip")
        assert upload(server, changed).exit_code == 0
    assert server.methods()[0] == "POST"


def test_one_that_has_expired_is_begun_anew(archive: Path) -> None:
    with Parts() as server:
        server.next = [Answer(503, b"", JSON)]
        upload(server, archive)
        server.exists = False
        server.received.clear()
        assert upload(server, archive).exit_code == 0
    assert server.methods()[:2] == ["GET", "POST"]
    assert server.kept == archive.read_bytes()


def test_a_server_that_forgets_at_once_is_not_asked_for_ever(archive: Path) -> None:
    with Parts() as server:
        server.next = [Answer(410, b'{"error": "lost"}', JSON)] * 9
        result = upload(server, archive)
    assert (result.exit_code, server.methods()) == (1, ["POST", "PATCH"] * 2)
    assert "does not keep what was sent of a.zip" in result.stderr


def test_after_a_conflict_it_goes_on_where_the_server_is(archive: Path) -> None:
    with Parts() as server:
        server.next = [Answer(204)]  # but nothing was kept
        assert upload(server, archive).exit_code == 0
    assert server.kept == archive.read_bytes()


def test_it_waits_for_another_that_stores_the_same(archive: Path) -> None:
    with Parts() as server:
        server.next = [Answer(409, b'{"error": "stores it now"}', JSON)]
        result = upload(server, archive)
    assert (result.exit_code, server.kept) == (0, archive.read_bytes())
    assert "the server is still storing it; looking again in 1 s" in result.stderr


def test_what_is_refused_is_not_gone_on_with(archive: Path) -> None:
    with Parts() as server:
        server.next = [Answer(400, b'{"error": "no zip"}', JSON)]
        result = upload(server, archive)
    assert (result.exit_code, states(archive)) == (EXIT_REFUSED, [])
    assert "no zip" in result.stderr


def test_a_state_that_is_damaged_or_cannot_be_kept_costs_nothing_else(archive: Path) -> None:
    with Parts() as server:
        server.next = [Answer(503, b"", JSON)]
        upload(server, archive)
        [state] = states(archive)
        state.write_bytes(b"\xff{")
        old = state.with_name("old.json")
        old.write_text("{}")
        os.utime(old, (0, 0))
        assert upload(server, archive).exit_code == 0
        assert not old.exists()
        state.parent.rmdir()
        state.parent.write_text("no folder")
        assert upload(server, archive).exit_code == 0
