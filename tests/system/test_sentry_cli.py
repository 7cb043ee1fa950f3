# SPDX-License-Identifier: MPL-2.0

"""sentry-cli uploads debug files: the real program, which is killed, and so is what it talks to."""

import re
import signal
import subprocess
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
import requests
from tests.support.forms import EMBEDDED_ONLY
from tests.support.native_files import DEBUG_ID, PROGRAM, PROGRAM_DEBUG
from tests.support.sentry_cli import SENTRY_CLI, begin, environment, upload
from tests.support.started_server import ServerMaker, StartedServer, wait_until
from tests.support.started_worker import background_of

MIB = 1024 * 1024
CHUNK_BYTES = 8 * MIB
CHUNKS = 8  # and a part of one, which sentry-cli sends in three requests
SOURCE_ID = "000102030405060708090A0B0C0D0E0F0"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A folder of a build: a program, its debug file, and a symbol file whose source is there."""
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "crash").write_bytes(PROGRAM)
    (folder / "crash.debug").write_bytes(PROGRAM_DEBUG)
    (folder / "main.c").write_text("int main(void) { return 0; }\n")
    (folder / "prog.sym").write_text(
        f"MODULE Linux x86_64 {SOURCE_ID} prog\nFILE 0 {folder}/main.c\n"
        "FUNC 1000 10 0 main\n1000 10 1 0\n"
    )
    return folder


def test_what_sentry_cli_uploads_is_found(make_server: ServerMaker, build: Path) -> None:
    server = make_server()
    token = server.token("upload_symbols")
    with background_of(server):
        status, said = upload(server, token, build, "--include-sources", "--wait")
        wait_until(
            lambda: not any("/.parts/" in key for key in server.objects.versions()),
            "what the files came in is removed",
        )
    assert (status, said.count("       OK ")) == (0, 4), said
    info = subprocess.run(
        [SENTRY_CLI, "info"],
        env=environment(server, token, build),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert info.returncode == 0, info.stderr
    assert re.search(r"User: \S+@\S+\n  Scopes:\n    - upload_symbols\n", info.stdout), info.stdout
    assert "x86_64 sources" in said
    assert server.rows("SELECT filename FROM upload_upload") == [("crash and 3 others",)]
    kinds = server.rows("SELECT DISTINCT kind FROM upload_fileupload ORDER BY kind")
    assert kinds == [("breakpad",), ("elf",), ("sourcebundle",)]
    modules = [["crash", DEBUG_ID], ["prog", SOURCE_ID]]
    job = {"memoryMap": modules, "stacks": [[[0, 0x10D], [1, 0x1001]]]}
    answer = requests.post(f"{server.url}/symbolicate/v5", json=job, timeout=60).json()
    [frames] = answer["results"][0]["stacks"]
    assert [frame["function"] for frame in frames] == ["outer", "main"]
    status, said = upload(server, token, build, "--wait")
    assert (status, "Nothing to upload, all files are on the server" in said) == (0, True), said


@EMBEDDED_ONLY
def test_sentry_cli_shows_our_messages(make_server: ServerMaker, build: Path) -> None:
    server = make_server(DJANGO_DISALLOWED_SYMBOLS_SNIPPETS="main.c")
    token = server.token("upload_symbols")
    stranger = server.token("view_all_uploads", email="stranger@example.com")
    for wrong, message in (("f" * 32, "API Token not matched"), (stranger, "Forbidden")):
        status, said = upload(server, wrong, build)
        assert (status, message in said) == (1, True), said
    with background_of(server):
        status, said = upload(server, token, build, "--wait")
    assert status == 1
    assert "ERROR prog.sym" in said
    assert "contains the snippet 'main.c' which is not allowed" in said
    assert said.count("       OK ") == 2


def test_who_is_killed_goes_on_and_sends_nothing_twice(
    make_server: ServerMaker, tmp_path: Path
) -> None:
    folder = tmp_path / "build"
    folder.mkdir()
    # What deflates fast, as this is not about zlib; no chunk is like another.
    chunks = [Random(number).randbytes(4096) * (CHUNK_BYTES // 4096) for number in range(CHUNKS)]
    (folder / "crash").write_bytes(PROGRAM_DEBUG + b"".join(chunks))
    server = make_server(DJANGO_TASK_LEASE_SECONDS="3")
    port = str(urlsplit(server.url).port)
    token = server.token("upload_symbols")
    with begin(server, token, folder) as client:
        wait_until(lambda: kept(server) >= 4, "some chunks were kept")
        client.kill()
    after_client = kept(server)
    assert 4 <= after_client <= CHUNKS
    with background_of(server) as worker, begin(server, token, folder, "--wait") as client:
        wait_until(lambda: states(server) == ["assembling"], "the file is assembled")
        (worker or server).stop(signal.SIGKILL)
        if worker is None:
            server.start("--port", port)
        else:
            worker.start("--concurrency", "1")
        client.communicate(timeout=120)  # which may have waited, or not
        status, said = upload(server, token, folder, "--wait")
    assert status == 0, said
    assert states(server) == ["ok"]
    assert len(PROGRAM_DEBUG) + CHUNKS * CHUNK_BYTES in map(
        len, map(server.objects.read, natives(server))
    )
    # Of what was sent but not answered when the client was killed, two requests may have come twice.
    taken = re.findall(r"POST /api/0/organizations/any/chunk-upload/ 200 ", server.log())
    assert 3 <= len(taken) <= 5
    assert kept(server) == 0


def kept(server: StartedServer) -> int:
    """How many chunks the server keeps."""
    return int(str(server.rows("SELECT count(*) FROM upload_uploadchunk")[0][0]))


def states(server: StartedServer) -> list[object]:
    return [state for (state,) in server.rows("SELECT state FROM upload_chunkedfile")]


def natives(server: StartedServer) -> list[str]:
    return [key for key in server.objects.versions() if "/.native/" in key]
