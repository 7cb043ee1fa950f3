# SPDX-License-Identifier: MPL-2.0

"""A private server, with clients that know URLs and passwords, and no token of ours."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import pytest
import requests
from tests.support.forms import Form
from tests.support.native_files import BUILD_ID, PROGRAM, PROGRAM_DEBUG
from tests.support.started_nodes import two_nodes
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

KEY = f"hello.pdb/{HELLO_ID}/hello.sym"
TEXT = hello("hello.pdb")
JOB = json.dumps({"memoryMap": [["hello.pdb", HELLO_ID]], "stacks": [[[0, 0x1020]]]})


def curl(*options: str) -> str:
    """What curl writes, and after it the status."""
    program = shutil.which("curl")
    assert program, "curl is not installed: apt-get install curl"
    command = [program, "-sS", "--max-time", "60", "-L", "-w", "%{http_code}", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def private(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server for all tests of this file, with one file."""
    folder = tmp_path_factory.mktemp("private")
    server = StartedServer(folder / "data", {"DJANGO_READ_REQUIRES_LOGIN": "true"}, workers=1)
    form(server)
    server.start()
    archive = write_zip(folder / "symbols.zip", {KEY: TEXT})
    assert server.upload(archive, server.token("upload_symbols")).status_code == 201
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def reader(private: StartedServer) -> str:
    """The token of one who may read."""
    return private.token(email="reader@example.com")


def test_clients_read_with_what_they_can_send(private: StartedServer, reader: str) -> None:
    origin = private.url.removeprefix("http://")
    in_path, with_password = f"http://{origin}/t/{reader}", f"http://any:{reader}@{origin}"
    ways = (
        (in_path,),
        (with_password,),
        (private.url, "-H", f"Auth-Token: {reader}"),
        (private.url, "-H", f"Authorization: Bearer {reader}"),
    )
    for base, *options in ways:
        assert curl("--compressed", *options, f"{base}/{KEY}") == f"{TEXT}200"
        answer = curl("--data", JOB, *options, f"{base}/symbolicate/v5")
        assert '"function":"main"' in answer
    for strange in (private.url, f"{private.url}/t/{'f' * 32}", f"http://any:x@{origin}"):
        assert curl(f"{strange}/{KEY}").endswith("403")
        assert curl(f"{strange}/hello.pdb/{HELLO_ID}/hello.pdb").endswith("404")
        assert curl("--data", JOB, f"{strange}/symbolicate/v5").endswith("403")
    assert reader not in private.log()
    assert f"GET /t/***/{KEY} 302" in private.log()
    downloaded = private.command("download", f"hello.pdb/{HELLO_ID}", TECKEN_TOKEN=reader)
    assert downloaded.returncode == 0, downloaded.stderr


def test_debuggers_send_a_token(private: StartedServer, reader: str, tmp_path: Path) -> None:
    archive = tmp_path / "native.zip"
    with ZipFile(archive, "w") as made:
        made.writestr("crash", PROGRAM)
        made.writestr("crash.debug", PROGRAM_DEBUG)
    assert private.upload(archive, private.token("upload_symbols")).status_code == 201
    program = tmp_path / "crash"
    program.write_bytes(PROGRAM)
    program.chmod(0o755)
    origin = private.url.removeprefix("http://")
    headers = tmp_path / "headers"
    headers.write_text(f"Authorization: Bearer {reader}\n")

    def run(url: str, *command: str | Path, **more: str) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "DEBUGINFOD_URLS": url,
            "DEBUGINFOD_CACHE_PATH": mkdtemp(dir=tmp_path),
            **more,
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    find = ("debuginfod-find", "debuginfo", BUILD_ID)
    in_file = {"DEBUGINFOD_HEADERS_FILE": str(headers)}
    with_password, in_path = f"http://any:{reader}@{origin}", f"{private.url}/t/{reader}"
    for url, more in ((with_password, {}), (in_path, {}), (private.url, in_file)):
        assert Path(run(url, *find, **more).strip()).read_bytes() == PROGRAM_DEBUG
    gdb = ("gdb", "-nx", "-q", "-batch", "-iex", "set debuginfod enabled on")
    assert "_start () at crash.c:6" in run(with_password, *gdb, "-ex", "run", "-ex", "bt", program)
    for url in (with_password, in_path):
        found = run(url, "llvm-debuginfod-find-19", "--debuginfo", BUILD_ID).strip()
        assert Path(found).read_bytes() == PROGRAM_DEBUG
    assert "No such file" in run(private.url, *find)
    assert reader not in private.log()


def test_a_url_of_the_bucket_ends_soon(private: StartedServer, reader: str) -> None:
    answer = requests.get(
        f"{private.url}/{KEY}", headers={"Auth-Token": reader}, allow_redirects=False, timeout=60
    )
    location = urlsplit(answer.headers["Location"])
    if private.s3_objects is None:
        assert location.path.startswith("/_files/")
        assert requests.get(f"{private.url}{location.path}", timeout=60).status_code == 403
    else:
        assert parse_qs(location.query)["X-Amz-Expires"] == ["300"]
        assert requests.get(answer.headers["Location"], timeout=60).text == TEXT


@pytest.fixture
def private_nodes(scale_out: Form, tmp_path: Path) -> Iterator[list[StartedServer]]:
    with two_nodes(scale_out, tmp_path, DJANGO_READ_REQUIRES_LOGIN="true") as started:
        yield started


def test_a_token_that_is_deleted_reads_no_more_on_any_node(
    private_nodes: list[StartedServer],
) -> None:
    nodes = private_nodes
    token = nodes[0].token(email="reader@example.com")

    def statuses() -> set[int]:
        url = f"missing.pdb/{HELLO_ID}/missing.sym"
        return {
            requests.get(f"{node.url}/t/{token}/{url}", timeout=60).status_code for node in nodes
        }

    assert statuses() == {404}
    deleted = nodes[0].command("tokens", "revoke", token[:8])
    assert deleted.returncode == 0, deleted.stderr
    deleted_at = last_asked = time.monotonic()

    def refused() -> bool:
        nonlocal last_asked
        began = time.monotonic()
        if statuses() == {403}:
            return True
        last_asked = began
        return False

    wait_until(refused, "the token is refused")
    # When a request began that was still answered: however slow the machine, five seconds are over then.
    assert last_asked - deleted_at < 6
